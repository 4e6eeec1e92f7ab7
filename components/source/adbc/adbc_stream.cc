#include "components/source/adbc/adbc_stream.h"

#include <limits>

#include "base/hex.h"
#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/text_cell.h"

namespace leat::components::adbc {
namespace {

using component::ColumnBatch;
using data::TypeId;
using Kind = ArrowType::Kind;

constexpr int64_t kFixedBytes = 8;  // what a value without a length counts for the budget

/// A whole number, a day, a time or a moment where the lake's type is made of the same; none where it is not exactly one.
bool PutWhole(ColumnBatch& batch, size_t column, int64_t row, TypeId id, std::optional<int64_t> whole) {
  const bool narrow = id == TypeId::kInt || id == TypeId::kDate;
  bool good = whole.has_value();
  if (good && narrow)
    good = *whole >= std::numeric_limits<int32_t>::min() && *whole <= std::numeric_limits<int32_t>::max();
  if (narrow) {
    batch.Values<int32_t>(column)[row] = good ? static_cast<int32_t>(*whole) : 0;
  } else {
    batch.Values<int64_t>(column)[row] = good ? *whole : 0;
  }
  if (!good) batch.SetNull(column, row);
  return good;
}

/// True where Whole() of such a value is what the lake's type keeps.
bool IsSameWhole(const ArrowType& type, TypeId id) {
  switch (type.kind) {
    case Kind::kSigned:
    case Kind::kUnsigned: return id == TypeId::kInt || id == TypeId::kLong;
    case Kind::kDate: return id == TypeId::kDate;
    case Kind::kTime: return id == TypeId::kTime;
    case Kind::kTimestamp: return id == (type.zoned ? TypeId::kTimestampTz : TypeId::kTimestamp);
    default: return false;
  }
}

bool IsReal(const ArrowType& type) {
  return type.kind == Kind::kHalf || type.kind == Kind::kFloat || type.kind == Kind::kDouble;
}

}  // namespace

AdbcStream::AdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, ColumnBatch batch,
                       const component::SourceContext& context)
    : StatementStream(reading, std::move(batch), context),
      reading_(std::move(reading)),
      connection_(std::move(connection)) {}

Status AdbcStream::Begin(const std::string& sql) {
  array_ = nullptr;
  at_ = 0;
  LEAT_ASSIGN(answer_, connection_->Execute(sql, reading_->what));
  return Ok();
}

Result<bool> AdbcStream::PutRow(int64_t row, int64_t& bytes) {
  while (array_ == nullptr || at_ == array_->length) {
    at_ = 0;
    LEAT_ASSIGN(array_, answer_->Next());
    if (array_ == nullptr) {
      Drop();
      return false;
    }
  }
  bytes = Put(row);
  ++at_;
  return true;
}

void AdbcStream::Drop() { answer_.reset(); }

Result<std::vector<component::TextRow>> AdbcStream::Ask(const std::string& sql) {
  return connection_->Query(sql, reading_->what);
}

ArrowValue AdbcStream::ValueOf(size_t column) const {
  return ArrowValue(answer_->columns()[column], *array_->children[column], at_ + array_->offset);
}

/// What the row weighs for the budget.
int64_t AdbcStream::Put(int64_t row) {
  const size_t width = reading_->columns.size();
  int64_t bytes = 0;
  std::string bad;
  for (size_t i = 0; i < width; ++i) {
    const Column& column = reading_->columns[i];
    const ArrowValue value = ValueOf(i);
    bytes += !value.IsNull() && (value.type().is_text() || value.type().is_binary())
                 ? static_cast<int64_t>(value.Bytes().size())
                 : kFixedBytes;
    if (value.IsNull() || (column.marked && value.Bytes().empty())) {
      component::PutNull(batch_, i, row, *column.type);
    } else if (!(column.marked ? PutMarked(i, row, value.Bytes()) : PutValue(i, row, value)) && bad.empty()) {
      const std::string text = value.Text().substr(column.marked ? 1 : 0);
      bad = component::RefusedCell(column.name, text, column.type_name, *column.type);
    }
  }
  component::PutVerdict(batch_, width, row, bad, bad.empty() ? "" : RowAsJson());
  return bytes;
}

/// False where the value is not exactly one of the type: NULL stands there then.
bool AdbcStream::PutValue(size_t i, int64_t row, const ArrowValue& value) {
  const data::Type& type = *reading_->columns[i].type;
  if (IsSameWhole(value.type(), type.id)) return PutWhole(batch_, i, row, type.id, value.Whole());
  if (IsReal(value.type()) && (type.id == TypeId::kDouble || type.id == TypeId::kFloat))
    return component::PutReal(batch_, i, row, type, value.Real());
  if (value.type().is_text() || (value.type().is_binary() && type.id == TypeId::kBinary))
    return component::PutText(batch_, i, row, type, value.Bytes());
  return component::PutText(batch_, i, row, type, value.Text());
}

bool AdbcStream::PutMarked(size_t i, int64_t row, std::string_view text) {
  const data::Type& type = *reading_->columns[i].type;
  const bool blob = text[0] == 'x';
  text.remove_prefix(1);
  if (type.id == TypeId::kBinary) {
    batch_.AppendText(i, blob ? FromHex(text).value_or("") : text);
    return true;
  }
  if (blob) {
    component::PutNull(batch_, i, row, type);
    return false;
  }
  if (type.id == TypeId::kBoolean) text = text == "0" ? "false" : text == "1" ? "true" : text;
  return component::PutText(batch_, i, row, type, text);
}

std::string AdbcStream::RowAsJson() const {
  std::string json = "{";
  for (size_t i = 0; i < reading_->columns.size(); ++i) {
    const Column& column = reading_->columns[i];
    const ArrowValue value = ValueOf(i);
    json += (i == 0 ? "" : ", ") + JsonQuoted(column.name) + ": ";
    if (!column.marked) {
      json += value.IsNull() || value.type().is_nested() ? value.Json() : JsonQuoted(value.Text());
    } else {
      json += value.Bytes().empty() ? "null" : JsonQuoted(value.Bytes().substr(1));
    }
  }
  return json + "}";
}

}  // namespace leat::components::adbc
