#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/arrow_abi.h"
#include "data/type.h"

namespace leat::component {

/// Arrow's format string of a type, "" when batches do not carry it. `narrow`: decimals of up to 18 digits as 64 bits.
std::string ArrowFormat(const data::Type& type, bool narrow = false);
inline bool IsVariable(data::TypeId id) { return id == data::TypeId::kString || id == data::TypeId::kBinary; }

/// The buffers of one column, in Arrow's order: validity, then offsets (variable types), then data.
struct ColumnData {
  std::vector<uint8_t> validity;
  std::vector<int32_t> offsets;
  std::string bytes;
  int64_t rows = 0;
  int64_t nulls = 0;
};

/// Owns what one Arrow array points to; deleted by its release callback.
struct ArrayData {
  ColumnData data;
  const void* buffers[3] = {nullptr, nullptr, nullptr};
  std::vector<ArrowArray> children;
  std::vector<ArrowArray*> child_pointers;
};

/// The same for a schema.
struct SchemaData {
  std::string format, name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema*> child_pointers;
};

ArrowArray MakeArray(std::unique_ptr<ArrayData> owned, int64_t length, int64_t nulls, int64_t buffers);
ArrowSchema MakeSchema(std::unique_ptr<SchemaData> owned);

}  // namespace leat::component
