#include "components/source/postgres/row_decoder.h"

#include <array>
#include <cstring>
#include <type_traits>

#include "base/json_quoted.h"
#include "component/row_columns.h"
#include "component/source.h"
#include "components/source/postgres/cell.h"
#include "data/text_bytes.h"

namespace leat::components::postgres {
namespace {

using component::ColumnBatch;
using data::TypeId;

constexpr std::string_view kSignature("PGCOPY\n\377\r\n\0", 11);
constexpr size_t kHeaderBytes = kSignature.size() + 8;
constexpr size_t kShownBytes = 100;

/// Bytes of each value, 0 where they vary.
size_t SizeOf(Wire wire) {
  switch (wire) {
    case Wire::kBool: return 1;
    case Wire::kInt2: return 2;
    case Wire::kInt4:
    case Wire::kUInt4:
    case Wire::kFloat4:
    case Wire::kDate: return 4;
    case Wire::kInt8:
    case Wire::kFloat8:
    case Wire::kTime:
    case Wire::kTimestamp: return 8;
    case Wire::kUuid: return 16;
    default: return 0;
  }
}

bool IsVariable(const data::Type& type) { return type.id == TypeId::kString || type.id == TypeId::kBinary; }

int64_t WholeNumber(Wire wire, std::string_view bytes) {
  switch (wire) {
    case Wire::kInt2: return static_cast<int16_t>(ReadUInt16(bytes.data()));
    case Wire::kInt4: return ReadInt32(bytes.data());
    case Wire::kUInt4: return ReadUInt32(bytes.data());
    default: return ReadInt64(bytes.data());
  }
}

/// Gives the value to `put` as its column keeps it; false when it is not exactly of the type. What was put then does not count.
template <typename Put>
bool DecodeValue(Wire wire, const data::Type& type, std::string_view bytes, bool check_utf8, const Put& put) {
  switch (wire) {
    case Wire::kBool: put(bytes[0]); return true;
    case Wire::kInt2:
    case Wire::kInt4:
    case Wire::kUInt4:
    case Wire::kInt8: {
      const int64_t number = WholeNumber(wire, bytes);
      if (type.id == TypeId::kLong) {
        put(number);
        return true;
      }
      put(static_cast<int32_t>(number));
      return number >= INT32_MIN && number <= INT32_MAX;
    }
    case Wire::kFloat4: {
      const uint32_t bits = ReadUInt32(bytes.data());
      if (type.id == TypeId::kFloat) {
        put(bits);
        return true;
      }
      float number;
      std::memcpy(&number, &bits, sizeof number);
      put(static_cast<double>(number));
      return true;
    }
    case Wire::kFloat8: put(ReadUInt64(bytes.data())); return true;
    case Wire::kNumeric: {
      const bool decimal = type.id == TypeId::kDecimal;
      data::Int128 number;
      if (!ReadNumeric(bytes, decimal ? type.precision : 38, decimal ? type.scale : 0, number)) return false;
      if (decimal && type.precision > 18) {
        put(component::WideDecimal{number.low, number.high});
        return true;
      }
      const auto whole = static_cast<int64_t>(number.low);
      if (number.high != (whole < 0 ? -1 : 0)) return false;
      if (type.id == TypeId::kInt) {
        put(static_cast<int32_t>(whole));
        return whole >= INT32_MIN && whole <= INT32_MAX;
      }
      put(whole);
      return true;
    }
    case Wire::kDate: {
      int32_t days = 0;
      if (!ReadDate(bytes, days)) return false;
      put(days);
      return true;
    }
    case Wire::kTime: {
      int64_t micros = 0;
      if (!ReadTime(bytes, micros)) return false;
      put(micros);
      return true;
    }
    case Wire::kTimestamp: {
      int64_t micros = 0;
      if (!ReadTimestamp(bytes, micros)) return false;
      put(micros);
      return true;
    }
    case Wire::kJsonb: bytes.remove_prefix(1); [[fallthrough]];
    case Wire::kText:
      if (check_utf8 && !data::IsUtf8(bytes)) return false;
      put(bytes);
      return true;
    case Wire::kBytes: put(bytes); return true;
    case Wire::kUuid: {
      std::array<char, 36> text{};
      UuidText(bytes, text.data());
      put(std::string_view(text.data(), text.size()));
      return true;
    }
    case Wire::kArray: break;
  }
  return false;
}

}  // namespace

Result<RowDecoder> RowDecoder::Make(std::vector<ColumnPlan> plans, bool check_utf8) {
  std::vector<component::ArrowBatchBuilder::Column> columns;
  for (size_t i = 0; i < plans.size(); ++i) columns.push_back({"k" + std::to_string(i), plans[i].type});
  component::AddRowColumns(columns);
  LEAT_ASSIGN(ColumnBatch batch, ColumnBatch::Make(std::move(columns)));
  return RowDecoder(std::move(plans), std::move(batch), check_utf8);
}

RowDecoder::RowDecoder(std::vector<ColumnPlan> plans, ColumnBatch batch, bool check_utf8)
    : plans_(std::move(plans)), batch_(std::move(batch)), check_utf8_(check_utf8), fields_(plans_.size()) {
  values_.resize(plans_.size());
  for (size_t i = 0; i < plans_.size(); ++i) values_[i] = batch_.Values<char>(i);
}

void RowDecoder::StartCopy() {
  header_read_ = ended_ = false;
  rest_.clear();
}

bool RowDecoder::Decode(std::string_view& bytes, std::string& wrong) {
  std::string joined;
  if (!rest_.empty()) {
    joined = std::move(rest_) + std::string(bytes);
    rest_.clear();
    bytes = {};
  }
  std::string_view all = joined.empty() ? bytes : std::string_view(joined);
  size_t at = 0;
  if (!header_read_) {
    const bool whole = all.size() >= kHeaderBytes;
    if (all.substr(0, kSignature.size()) != kSignature.substr(0, all.size())) {
      wrong = "it does not begin like a binary COPY";
      return false;
    }
    const size_t extension = whole ? ReadUInt32(all.data() + kSignature.size() + 4) : 0;
    header_read_ = whole && all.size() >= kHeaderBytes + extension;
    if (header_read_) at = kHeaderBytes + extension;
  }
  while (header_read_ && at < all.size() && !full()) {
    size_t used = 0;
    if (!DecodeRow(all.substr(at), used, wrong)) return false;
    if (used == 0) break;
    at += used;
  }
  all.remove_prefix(at);
  if (joined.empty() && full()) {
    bytes = all;  // the next batch goes on there
  } else {
    rest_ = std::string(all);
    bytes = {};
  }
  return true;
}

/// One row from the front; `used` stays 0 when its end is not there yet.
bool RowDecoder::DecodeRow(std::string_view bytes, size_t& used, std::string& wrong) {
  if (bytes.size() < 2) return true;
  const auto count = static_cast<int16_t>(ReadUInt16(bytes.data()));
  if (count == -1) {
    ended_ = true;
    used = 2;
    return true;
  }
  if (ended_ || static_cast<size_t>(count) != plans_.size()) {
    wrong = fmt::format("a row of {} columns, {} were asked for", count, plans_.size());
    return false;
  }
  size_t at = 2;
  for (std::string_view& field : fields_) {
    if (bytes.size() < at + 4) return true;
    const int32_t size = ReadInt32(bytes.data() + at);
    at += 4;
    if (size < 0) {
      field = {};
      continue;
    }
    if (bytes.size() - at < static_cast<size_t>(size)) return true;
    field = bytes.substr(at, static_cast<size_t>(size));
    at += static_cast<size_t>(size);
  }
  bad_.clear();
  for (size_t i = 0; i < fields_.size(); ++i) {
    const std::string_view field = fields_[i];
    const size_t expected = SizeOf(plans_[i].wire);
    const bool null = field.data() == nullptr;
    if (!null && expected != 0 && field.size() != expected) {
      wrong = fmt::format("column {} has {} bytes instead of {}", plans_[i].name, field.size(), expected);
      return false;
    }
    if (!null && DecodeCell(i, field)) continue;
    if (!null) Refuse(i, field);
    if (plans_[i].wire == Wire::kArray) {
      batch_.AppendNullList(i);
    } else if (IsVariable(*plans_[i].type)) {
      batch_.AppendNullText(i);
    } else {
      batch_.SetNull(i, rows_);
    }
  }
  component::PutVerdict(batch_, plans_.size(), rows_, bad_, bad_.empty() ? "" : RowAsJson());
  ++rows_;
  batch_bytes_ += at;
  used = at;
  return true;
}

bool RowDecoder::DecodeCell(size_t column, std::string_view bytes) {
  const ColumnPlan& plan = plans_[column];
  if (plan.wire == Wire::kArray) return DecodeArray(column, bytes);
  const auto put = [&](auto value) {
    using Value = decltype(value);
    if constexpr (std::is_same_v<Value, std::string_view>) {
      batch_.AppendText(column, value);
    } else {
      static_cast<Value*>(values_[column])[rows_] = value;
    }
  };
  return DecodeValue(plan.wire, *plan.type, bytes, check_utf8_, put);
}

bool RowDecoder::DecodeArray(size_t column, std::string_view bytes) {
  const ColumnPlan& plan = plans_[column];
  const data::Type& type = *plan.type->fields[0].type;
  const size_t expected = SizeOf(plan.element);
  ArrayReader array;
  // A list knows neither a second dimension nor where it begins.
  if (!array.Open(bytes) || array.sizes().size() > 1 || !array.begins_at_one()) return false;
  const auto put = [&](auto value) {
    if constexpr (std::is_same_v<decltype(value), std::string_view>) {
      batch_.AppendElementText(column, value);
    } else {
      batch_.AppendElement(column, value);
    }
  };
  bool fits = true;
  std::string_view value;
  while (fits && array.Next(value)) {
    if (value.data() == nullptr) {
      batch_.AppendNullElement(column);
    } else {
      fits = (expected == 0 || value.size() == expected) && DecodeValue(plan.element, type, value, check_utf8_, put);
    }
  }
  if (fits && !array.broken()) {
    batch_.EndList(column);
    return true;
  }
  batch_.AbandonList(column);
  return false;
}

void RowDecoder::Refuse(size_t column, std::string_view bytes) {
  if (!bad_.empty()) return;
  const ColumnPlan& plan = plans_[column];
  std::string shown = plan.wire == Wire::kArray ? ArrayJson(plan.element, bytes)
                      : plan.wire == Wire::kText || plan.wire == Wire::kJsonb
                          ? data::ReadableText(bytes.substr(0, kShownBytes))
                          : CellText(plan.wire, bytes);
  if (shown.size() > kShownBytes) shown = shown.substr(0, kShownBytes) + "…";
  ArrayReader array;
  if (plan.wire == Wire::kArray && array.Open(bytes) && !array.begins_at_one())
    shown += " (whose first index is not 1)";
  bad_ = component::RefusedRow("cast", plan.name, shown + " is not exactly a " + data::TypeName(*plan.type));
}

std::string RowDecoder::RowAsJson() const {
  std::string json = "{";
  for (size_t i = 0; i < plans_.size(); ++i) {
    json += (i == 0 ? "" : ", ") + JsonQuoted(plans_[i].name) + ": ";
    if (fields_[i].data() == nullptr) {
      json += "null";
    } else if (check_utf8_ && plans_[i].wire == Wire::kText) {
      json += JsonQuoted(data::ReadableText(fields_[i], fields_[i].size()));
    } else if (plans_[i].wire == Wire::kArray) {
      json += ArrayJson(plans_[i].element, fields_[i]);
    } else {
      json += CellJson(plans_[i].wire, fields_[i]);
    }
  }
  return json + "}";
}

void RowDecoder::Take(ArrowArray* array, ArrowSchema* schema) {
  batch_.Take(rows_, array, schema);
  for (size_t i = 0; i < plans_.size(); ++i) values_[i] = batch_.Values<char>(i);
  rows_ = 0;
  batch_bytes_ = 0;
}

}  // namespace leat::components::postgres
