#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "data/avro_schema.h"

namespace leat::data {

/// Avro's binary encoding. Written from the Avro specification (1.12); no code generation.

/// Appends values in Avro's binary encoding.
class AvroEncoder {
 public:
  void Long(int64_t value);
  void Bool(bool value) { out_ += value ? '\1' : '\0'; }
  void Float(float value);
  void Double(double value);
  /// Length, then bytes: "bytes" and "string".
  void Bytes(std::string_view bytes);
  /// Bytes alone: "fixed".
  void Raw(std::string_view bytes) { out_ += bytes; }

  const std::string& bytes() const { return out_; }

 private:
  std::string out_;
};

/// Reads Avro's binary encoding. After a failure all reads give zeros, failed() stays true and position() is where it was.
class AvroDecoder {
 public:
  explicit AvroDecoder(std::string_view bytes) : bytes_(bytes) {}

  int64_t Long();
  /// A long of 32 bits: others are failures.
  int32_t Int();
  bool Bool();
  float Float();
  double Double();
  std::string_view Raw(int64_t count);
  std::string_view Bytes() {
    const int64_t count = Long();
    return Raw(count);
  }
  /// Says what is wrong with the bytes before position(); the first that says it counts. 0.
  int64_t Fail(const char* what);

  bool failed() const { return what_ != nullptr; }
  const char* what() const { return what_; }
  bool at_end() const { return at_ >= bytes_.size(); }
  size_t position() const { return at_; }
  size_t left() const { return failed() ? 0 : bytes_.size() - at_; }
  /// Values inside of values: schemas that hold themselves could go on for ever. False, and failed, when it is too deep.
  bool Enter();
  void Leave() { --depth_; }

 private:
  std::string_view bytes_;
  size_t at_ = 0;
  int depth_ = 0;
  const char* what_ = nullptr;
};

/// Calls `each` for every item of an array or map (of a map it reads the key, too) until the last or a failure. `least_bytes`: of
/// an item: a count that the bytes behind it cannot hold is a failure.
void EachAvroItem(AvroDecoder& in, size_t least_bytes, const std::function<void()>& each);
/// The branch that a union's value is of; null after a failure.
const AvroSchema* TakeAvroBranch(AvroDecoder& in, const AvroSchema& a_union);
/// Goes over one value.
void SkipAvro(AvroDecoder& in, const AvroSchema& schema);

/// One decoded value; unions are resolved to their branch. A record's `items` are in the order of the schema's fields; a map's
/// `items` are pairs of items (key, value). kLong stands for int, long and enum, kBytes for bytes and string.
struct AvroValue {
  AvroKind kind = AvroKind::kNull;
  int64_t number = 0;  ///< kLong, kBoolean
  double real = 0;     ///< kFloat, kDouble
  std::string bytes;   ///< kBytes, kFixed
  std::vector<AvroValue> items;

  bool is_null() const { return kind == AvroKind::kNull; }
};

void DecodeAvro(AvroDecoder& in, const AvroSchema& schema, AvroValue& out);

}  // namespace leat::data
