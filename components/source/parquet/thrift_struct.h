#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::components::parquet {

/// Types of Thrift's compact protocol, as a field's header says them.
enum class ThriftType : uint8_t {
  kTrue = 1,
  kFalse = 2,
  kI32 = 5,
  kI64 = 6,
  kBinary = 8,
  kList = 9,
  kStruct = 12,
};

/// One struct of Thrift's compact protocol, its fields as the bytes that they are: what is not touched is written as it was read.
/// What was set is not read again.
class ThriftStruct {
 public:
  /// The struct at the beginning of `bytes`, which must outlive it; nullopt for what is none. `used`: its length.
  static std::optional<ThriftStruct> Read(std::string_view bytes, size_t* used = nullptr);

  bool Has(int16_t id) const { return Find(id) != nullptr; }
  std::optional<int64_t> Number(int16_t id) const;  ///< of kI32 and kI64
  std::optional<ThriftStruct> Struct(int16_t id) const;
  /// The items of a list of structs, each as its bytes; nullopt where there is no such list.
  std::optional<std::vector<std::string_view>> Structs(int16_t id) const;

  void SetFlag(int16_t id, bool value) { Set(id, value ? ThriftType::kTrue : ThriftType::kFalse, ""); }
  void SetI32(int16_t id, int32_t value);
  void SetText(int16_t id, std::string_view text);
  void SetStruct(int16_t id, const ThriftStruct& value) { Set(id, ThriftType::kStruct, value.Write()); }
  void SetStructs(int16_t id, const std::vector<std::string>& items);
  void Erase(int16_t id);

  std::string Write() const;

 private:
  struct Field {
    int16_t id = 0;
    uint8_t type = 0;
    std::string_view bytes;
    std::optional<std::string> changed{};
  };
  const Field* Find(int16_t id) const;
  void Set(int16_t id, ThriftType type, std::string bytes);

  std::vector<Field> fields_;  ///< by id
};

}  // namespace leat::components::parquet
