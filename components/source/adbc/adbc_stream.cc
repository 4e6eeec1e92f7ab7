#include "components/source/adbc/adbc_stream.h"

#include <cmath>
#include <limits>

#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/text_cell.h"

namespace leat::components::adbc {
namespace {

using component::ColumnBatch;
using data::TypeId;
using Kind = ArrowType::Kind;

constexpr size_t kShownBytes = 100;
constexpr int64_t kFixedBytes = 8;  // what a value without a length counts for the budget

int HexDigit(char c) { return c <= '9' ? c - '0' : (c | 32) - 'a' + 10; }

std::string FromHex(std::string_view digits) {
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2)
    bytes += static_cast<char>(HexDigit(digits[i]) * 16 + HexDigit(digits[i + 1]));
  return bytes;
}

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

bool PutReal(ColumnBatch& batch, size_t column, int64_t row, TypeId id, double value) {
  if (id == TypeId::kDouble) {
    batch.Values<double>(column)[row] = value;
    return true;
  }
  const auto narrow = static_cast<float>(value);
  batch.Values<float>(column)[row] = narrow;
  if (static_cast<double>(narrow) == value || std::isnan(value)) return true;
  batch.SetNull(column, row);
  return false;
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

std::optional<std::string> Reading::Take() {
  std::lock_guard lock(mutex);
  if (conditions.empty()) return std::nullopt;
  std::string next = std::move(conditions.front());
  conditions.pop_front();
  return next;
}

AdbcStream::AdbcStream(std::shared_ptr<Reading> reading, std::shared_ptr<Connection> connection, ColumnBatch batch,
                       const component::SourceContext& context)
    : reading_(std::move(reading)), connection_(std::move(connection)), batch_(std::move(batch)), context_(context) {}

/// Goes on to the next batch of the driver's that has rows, or to none.
Status AdbcStream::NextArray() {
  begun_ = true;
  at_ = 0;
  for (;;) {
    if (answer_ == nullptr) {
      const std::optional<std::string> condition = reading_->Take();
      array_ = nullptr;
      if (!condition) return Ok();
      began_ = std::chrono::steady_clock::now();
      LEAT_ASSIGN(answer_, connection_->Execute(reading_->select + *condition, reading_->what));
    }
    LEAT_ASSIGN(array_, answer_->Next());
    if (array_ != nullptr) return Ok();
    answer_.reset();
    Note();
  }
}

Result<bool> AdbcStream::Next(ArrowArray* array, ArrowSchema* schema) {
  if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
  if (!begun_) LEAT_TRY(NextArray());
  int64_t rows = 0;
  bytes_ = 0;
  while (rows < ColumnBatch::kRows && array_ != nullptr) {
    Put(rows++);
    if (++at_ == array_->length) LEAT_TRY(NextArray());
  }
  if (rows == 0 && !first_) return false;
  first_ = false;
  rows_ += rows;
  cost_.rows += rows;
  cost_.bytes += bytes_;
  if (context_.budget != nullptr && bytes_ > 0) LEAT_TRY(context_.budget->Spend(bytes_, context_.cancel));
  batch_.Take(rows, array, schema);
  return true;
}

void AdbcStream::Note() {
  if (context_.budget == nullptr) return;
  cost_.time = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began_);
  context_.budget->Note(cost_);
  cost_ = {};
}

ArrowValue AdbcStream::ValueOf(size_t column) const {
  return ArrowValue(answer_->columns()[column], *array_->children[column], at_ + array_->offset);
}

void AdbcStream::Put(int64_t row) {
  const size_t width = reading_->columns.size();
  std::string bad;
  for (size_t i = 0; i < width; ++i) {
    const Column& column = reading_->columns[i];
    const ArrowValue value = ValueOf(i);
    bytes_ += !value.IsNull() && (value.type().is_text() || value.type().is_binary())
                  ? static_cast<int64_t>(value.Bytes().size())
                  : kFixedBytes;
    if (value.IsNull() || (column.marked && value.Bytes().empty())) {
      component::PutNull(batch_, i, row, *column.type);
    } else if (!(column.marked ? PutMarked(i, row, value.Bytes()) : PutValue(i, row, value)) && bad.empty()) {
      bad = component::RefusedRow(
          "cast", column.name,
          fmt::format("'{}' of {} is not exactly a {}", value.Text().substr(column.marked ? 1 : 0, kShownBytes),
                      column.type_name, data::TypeName(*column.type)));
    }
  }
  component::PutVerdict(batch_, width, row, bad, bad.empty() ? "" : RowAsJson());
}

/// False where the value is not exactly one of the type: NULL stands there then.
bool AdbcStream::PutValue(size_t i, int64_t row, const ArrowValue& value) {
  const data::Type& type = *reading_->columns[i].type;
  if (IsSameWhole(value.type(), type.id)) return PutWhole(batch_, i, row, type.id, value.Whole());
  if (IsReal(value.type()) && (type.id == TypeId::kDouble || type.id == TypeId::kFloat))
    return PutReal(batch_, i, row, type.id, value.Real());
  if (value.type().is_text() || (value.type().is_binary() && type.id == TypeId::kBinary))
    return component::PutText(batch_, i, row, type, value.Bytes());
  return component::PutText(batch_, i, row, type, value.Text());
}

bool AdbcStream::PutMarked(size_t i, int64_t row, std::string_view text) {
  const data::Type& type = *reading_->columns[i].type;
  const bool blob = text[0] == 'x';
  text.remove_prefix(1);
  if (type.id == TypeId::kBinary) {
    batch_.AppendText(i, blob ? FromHex(text) : text);
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
