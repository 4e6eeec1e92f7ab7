#include "component/column_batch.h"

#include <algorithm>
#include <cstring>

#include "component/arrow_parts.h"

namespace leat::component {
namespace {

using data::TypeId;

size_t WidthOf(const data::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return 1;
    case TypeId::kInt:
    case TypeId::kFloat:
    case TypeId::kDate: return 4;
    case TypeId::kDecimal: return type.precision <= 18 ? 8 : 16;
    default: return 8;
  }
}

/// What one Arrow array of a ColumnBatch points to.
struct BatchColumn : ArrayData {
  std::unique_ptr<char[]> fixed;
  std::unique_ptr<int32_t[]> offsets;
  std::string text;
  std::unique_ptr<uint8_t[]> validity;
};

void ReleaseColumn(ArrowArray* array) {
  delete static_cast<BatchColumn*>(array->private_data);
  array->release = nullptr;
}

/// Arrow keeps booleans as bits.
std::unique_ptr<char[]> PackBits(const char* bytes, int64_t rows) {
  auto bits = std::make_unique<char[]>(static_cast<size_t>(rows / 8 + 1));
  for (int64_t begin = 0; begin < rows; begin += 8) {
    unsigned byte = 0;
    for (int64_t row = begin; row < std::min(begin + 8, rows); ++row)
      byte |= bytes[row] != 0 ? 1U << (row - begin) : 0U;
    bits[static_cast<size_t>(begin / 8)] = static_cast<char>(byte);
  }
  return bits;
}

/// Null for what is no list of values that batches carry.
const data::Type* ElementOf(const data::Type& type) {
  if (type.id != TypeId::kList || !BatchCarries(*type.fields[0].type)) return nullptr;
  return type.fields[0].type.get();
}

}  // namespace

bool BatchCarries(const data::Type& type) { return !ArrowFormat(type).empty(); }

Result<ColumnBatch> ColumnBatch::Make(std::vector<ArrowBatchBuilder::Column> columns) {
  for (const auto& column : columns) {
    if (!BatchCarries(*column.type) && ElementOf(*column.type) == nullptr) {
      return MakeError("DATA-103", ErrorKind::kUnsupported, "column {}: {} cannot be handed over in batches",
                       column.name, data::TypeName(*column.type))
          .WithHint("declare another `data_type` of the column");
    }
  }
  ColumnBatch batch;
  batch.columns_ = std::move(columns);
  batch.parts_.resize(batch.columns_.size());
  for (size_t i = 0; i < batch.columns_.size(); ++i) batch.Prepare(i);
  return batch;
}

void ColumnBatch::Prepare(size_t column) {
  Part& part = parts_[column];
  const data::Type& type = *columns_[column].type;
  part.validity.reset();
  part.filled = part.nulls = 0;
  const bool list = type.id == TypeId::kList;
  if (list) {
    part.elements = std::make_unique<ColumnData>();
    if (IsVariable(ElementOf(type)->id)) part.elements->offsets.push_back(0);
  }
  if (list || IsVariable(type.id)) {
    part.offsets = std::make_unique_for_overwrite<int32_t[]>(kRows + 1);
    part.offsets[0] = 0;
    part.text = std::string();
    part.text.reserve(part.usual_text);
  } else {
    part.fixed = std::make_unique_for_overwrite<char[]>(kRows * WidthOf(type));
  }
}

void ColumnBatch::AppendText(size_t column, std::string_view text) {
  Part& part = parts_[column];
  part.text.append(text);
  part.offsets[++part.filled] = static_cast<int32_t>(part.text.size());
}

void ColumnBatch::SetNull(size_t column, int64_t row) {
  Part& part = parts_[column];
  if (!part.validity) {
    part.validity = std::make_unique<uint8_t[]>(kRows / 8);
    std::memset(part.validity.get(), 0xFF, kRows / 8);
  }
  uint8_t& byte = part.validity[row / 8];
  auto bit = static_cast<uint8_t>(1U << (row % 8));
  part.nulls += (byte & bit) != 0;
  byte = static_cast<uint8_t>(byte & ~bit);
}

void ColumnBatch::MarkElement(ColumnData& elements, bool valid) {
  if (elements.rows % 8 == 0) elements.validity.push_back(0);
  if (valid) elements.validity.back() = static_cast<uint8_t>(elements.validity.back() | (1U << (elements.rows % 8)));
  elements.nulls += valid ? 0 : 1;
  ++elements.rows;
}

void ColumnBatch::AppendElementText(size_t column, std::string_view text) {
  ColumnData& elements = *parts_[column].elements;
  elements.bytes.append(text);
  elements.offsets.push_back(static_cast<int32_t>(elements.bytes.size()));
  MarkElement(elements, true);
}

void ColumnBatch::AppendNullElement(size_t column) {
  ColumnData& elements = *parts_[column].elements;
  const data::Type& type = *ElementOf(*columns_[column].type);
  if (IsVariable(type.id)) {
    elements.offsets.push_back(elements.offsets.back());
  } else {
    elements.bytes.append(WidthOf(type), '\0');
  }
  MarkElement(elements, false);
}

void ColumnBatch::EndList(size_t column) {
  Part& part = parts_[column];
  part.offsets[++part.filled] = static_cast<int32_t>(part.elements->rows);
}

void ColumnBatch::AbandonList(size_t column) {
  Part& part = parts_[column];
  ColumnData& elements = *part.elements;
  const data::Type& type = *ElementOf(*columns_[column].type);
  const auto kept = static_cast<size_t>(part.offsets[part.filled]);
  for (size_t i = kept; i < static_cast<size_t>(elements.rows); ++i) {
    elements.nulls -= (elements.validity[i / 8] >> (i % 8) & 1) == 0 ? 1 : 0;
    elements.validity[i / 8] = static_cast<uint8_t>(elements.validity[i / 8] & ~(1U << (i % 8)));
  }
  elements.rows = static_cast<int64_t>(kept);
  elements.validity.resize((kept + 7) / 8);
  if (IsVariable(type.id)) {
    elements.offsets.resize(kept + 1);
    elements.bytes.resize(static_cast<size_t>(elements.offsets.back()));
  } else {
    elements.bytes.resize(kept * WidthOf(type));
  }
}

void ColumnBatch::TakeList(size_t column, int64_t rows, ArrayData& parent, SchemaData& parent_schema) {
  Part& part = parts_[column];
  const data::Type& type = *ElementOf(*columns_[column].type);
  const bool variable = IsVariable(type.id);
  auto elements = std::make_unique<ArrayData>();
  elements->data = std::move(*part.elements);
  ColumnData& data = elements->data;
  if (type.id == TypeId::kBoolean) {
    const auto bits = PackBits(data.bytes.data(), data.rows);
    data.bytes.assign(bits.get(), static_cast<size_t>(data.rows / 8 + 1));
  }
  elements->buffers[0] = data.validity.data();
  elements->buffers[1] = variable ? static_cast<const void*>(data.offsets.data()) : data.bytes.data();
  elements->buffers[2] = variable ? data.bytes.data() : nullptr;
  const int64_t count = data.rows, nulls = data.nulls;
  auto list = std::make_unique<ArrayData>();
  list->children.push_back(MakeArray(std::move(elements), count, nulls, variable ? 3 : 2));
  list->data.offsets.assign(part.offsets.get(), part.offsets.get() + rows + 1);
  if (part.validity) list->data.validity.assign(part.validity.get(), part.validity.get() + kRows / 8);
  list->buffers[0] = part.validity ? list->data.validity.data() : nullptr;
  list->buffers[1] = list->data.offsets.data();
  parent.children.push_back(MakeArray(std::move(list), rows, part.nulls, 2));
  auto element_schema = std::make_unique<SchemaData>();
  element_schema->format = ArrowFormat(type, true);
  element_schema->name = "element";
  auto list_schema = std::make_unique<SchemaData>();
  list_schema->format = "+l";
  list_schema->name = columns_[column].name;
  list_schema->children.push_back(MakeSchema(std::move(element_schema)));
  parent_schema.children.push_back(MakeSchema(std::move(list_schema)));
}

void ColumnBatch::Take(int64_t rows, ArrowArray* array, ArrowSchema* schema) {
  auto parent = std::make_unique<ArrayData>();
  auto parent_schema = std::make_unique<SchemaData>();
  parent_schema->format = "+s";
  for (size_t i = 0; i < columns_.size(); ++i) {
    Part& part = parts_[i];
    if (columns_[i].type->id == TypeId::kList) {
      TakeList(i, rows, *parent, *parent_schema);
      Prepare(i);
      continue;
    }
    auto owned = std::make_unique<BatchColumn>();
    const data::Type& type = *columns_[i].type;
    bool variable = IsVariable(type.id);
    owned->validity = std::move(part.validity);
    if (variable) {
      part.usual_text = part.text.size() + part.text.size() / 8;
      owned->offsets = std::move(part.offsets);
      owned->text = std::move(part.text);
    } else {
      owned->fixed = type.id == TypeId::kBoolean ? PackBits(part.fixed.get(), rows) : std::move(part.fixed);
    }
    owned->buffers[0] = owned->validity.get();
    owned->buffers[1] = variable ? static_cast<const void*>(owned->offsets.get()) : owned->fixed.get();
    owned->buffers[2] = variable ? owned->text.data() : nullptr;
    ArrowArray child{};
    child.length = rows;
    child.null_count = part.nulls;
    child.n_buffers = variable ? 3 : 2;
    child.buffers = owned->buffers;
    child.release = &ReleaseColumn;
    child.private_data = owned.release();
    parent->children.push_back(child);
    auto child_schema = std::make_unique<SchemaData>();
    child_schema->format = ArrowFormat(type, true);
    child_schema->name = columns_[i].name;
    parent_schema->children.push_back(MakeSchema(std::move(child_schema)));
    Prepare(i);
  }
  *array = MakeArray(std::move(parent), rows, 0, 1);
  *schema = MakeSchema(std::move(parent_schema));
}

}  // namespace leat::component
