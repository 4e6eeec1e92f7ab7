#include "component/arrow_batch.h"

#include "component/arrow_parts.h"

namespace leat::component {
namespace {

using data::TypeId;

void SetBit(std::vector<uint8_t>& bits, int64_t at, bool on) {
  if (at % 8 == 0) bits.push_back(0);
  if (on) bits.back() = static_cast<uint8_t>(bits.back() | (1U << (at % 8)));
}

}  // namespace

struct ArrowBatchBuilder::State {
  std::vector<Column> columns;
  std::vector<ColumnData> data;
};

Result<ArrowBatchBuilder> ArrowBatchBuilder::Make(std::vector<Column> columns) {
  for (const Column& column : columns) {
    if (ArrowFormat(*column.type).empty()) {
      return MakeError("DATA-103", ErrorKind::kUnsupported, "column {}: {} cannot be handed over in batches",
                       column.name, data::TypeName(*column.type))
          .WithHint("declare another `data_type` of the column");
    }
  }
  auto state = std::make_unique<State>();
  state->data.resize(columns.size());
  state->columns = std::move(columns);
  return ArrowBatchBuilder(std::move(state));
}

ArrowBatchBuilder::ArrowBatchBuilder(std::unique_ptr<State> state) : state_(std::move(state)) {}
ArrowBatchBuilder::ArrowBatchBuilder(ArrowBatchBuilder&&) noexcept = default;
ArrowBatchBuilder& ArrowBatchBuilder::operator=(ArrowBatchBuilder&&) noexcept = default;
ArrowBatchBuilder::~ArrowBatchBuilder() = default;

int64_t ArrowBatchBuilder::rows() const { return state_->data.empty() ? 0 : state_->data[0].rows; }

void ArrowBatchBuilder::Append(size_t column, const data::Value& value) {
  const data::Type& type = *state_->columns[column].type;
  ColumnData& data = state_->data[column];
  bool null = std::holds_alternative<std::monostate>(value);
  SetBit(data.validity, data.rows, !null);
  data.nulls += null;
  auto raw = [&](const auto& number) { data.bytes.append(reinterpret_cast<const char*>(&number), sizeof number); };
  if (IsVariable(type.id)) {
    if (data.rows == 0) data.offsets.push_back(0);
    if (!null) data.bytes += std::get<std::string>(value);
    data.offsets.push_back(static_cast<int32_t>(data.bytes.size()));
  } else {
    switch (type.id) {
      case TypeId::kBoolean:
        if (data.rows % 8 == 0) data.bytes += '\0';
        if (!null && std::get<bool>(value))
          data.bytes.back() = static_cast<char>(data.bytes.back() | (1 << (data.rows % 8)));
        break;
      case TypeId::kInt:
      case TypeId::kDate: raw(null ? int32_t{0} : std::get<int32_t>(value)); break;
      case TypeId::kFloat: raw(null ? 0.0F : std::get<float>(value)); break;
      case TypeId::kDouble: raw(null ? 0.0 : std::get<double>(value)); break;
      case TypeId::kDecimal: {
        data::Int128 number = null ? data::Int128{} : std::get<data::Int128>(value);
        raw(number.low);
        raw(number.high);
        break;
      }
      default: raw(null ? int64_t{0} : std::get<int64_t>(value)); break;
    }
  }
  ++data.rows;
}

void ArrowBatchBuilder::Take(ArrowArray* array, ArrowSchema* schema) {
  int64_t length = rows();
  auto parent = std::make_unique<ArrayData>();
  auto parent_schema = std::make_unique<SchemaData>();
  parent_schema->format = "+s";
  for (size_t i = 0; i < state_->columns.size(); ++i) {
    const Column& column = state_->columns[i];
    auto child = std::make_unique<ArrayData>();
    child->data = std::move(state_->data[i]);
    state_->data[i] = ColumnData{};
    bool variable = IsVariable(column.type->id);
    if (variable && child->data.offsets.empty()) child->data.offsets.push_back(0);
    child->buffers[0] = child->data.validity.data();
    child->buffers[1] = variable ? static_cast<const void*>(child->data.offsets.data()) : child->data.bytes.data();
    child->buffers[2] = variable ? child->data.bytes.data() : nullptr;
    int64_t nulls = child->data.nulls;
    parent->children.push_back(MakeArray(std::move(child), length, nulls, variable ? 3 : 2));
    auto child_schema = std::make_unique<SchemaData>();
    child_schema->format = ArrowFormat(*column.type);
    child_schema->name = column.name;
    parent_schema->children.push_back(MakeSchema(std::move(child_schema)));
  }
  *array = MakeArray(std::move(parent), length, 0, 1);
  *schema = MakeSchema(std::move(parent_schema));
}

}  // namespace leat::component
