#include "component/text_cell.h"

#include <cmath>

#include "component/source.h"
#include "data/exact_text.h"
#include "data/text_bytes.h"

namespace leat::component {
namespace {

using data::TypeId;

constexpr size_t kShownBytes = 100;

template <typename T>
bool Put(ColumnBatch& batch, size_t column, int64_t row, bool good, T value) {
  batch.Values<T>(column)[row] = good ? value : T{};
  if (!good) batch.SetNull(column, row);
  return good;
}

/// Asked of every NULL: without a look at the format.
bool IsText(const data::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kDecimal: return false;
    default: return true;
  }
}

}  // namespace

bool PutText(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, std::string_view text) {
  int64_t whole = 0;
  int32_t narrow = 0;
  double real = 0;
  bool truth = false;
  switch (type.id) {
    case TypeId::kBoolean: {
      const bool good = data::ParseExact(text, truth);
      return Put(batch, column, row, good, truth);
    }
    case TypeId::kInt: {
      const bool good = data::ParseExact(text, narrow);
      return Put(batch, column, row, good, narrow);
    }
    case TypeId::kLong: {
      const bool good = data::ParseExact(text, whole);
      return Put(batch, column, row, good, whole);
    }
    case TypeId::kFloat: {
      float single = 0;
      const bool good = data::ParseExact(text, single);
      return Put(batch, column, row, good, single);
    }
    case TypeId::kDouble: {
      const bool good = data::ParseExact(text, real);
      return Put(batch, column, row, good, real);
    }
    case TypeId::kDate: {
      const bool good = data::ParseExactDate(text, narrow);
      return Put(batch, column, row, good, narrow);
    }
    case TypeId::kTime: {
      const bool good = data::ParseExactTime(text, whole);
      return Put(batch, column, row, good, whole);
    }
    case TypeId::kTimestamp: {
      const bool good = data::ParseExactTimestamp(text, whole);
      return Put(batch, column, row, good, whole);
    }
    case TypeId::kTimestampTz: {
      const bool good = data::ParseExactTimestampTz(text, whole);
      return Put(batch, column, row, good, whole);
    }
    case TypeId::kDecimal: {
      if (type.precision <= 18) {
        const bool good = data::ParseExactDecimal(text, type.precision, type.scale, whole);
        return Put(batch, column, row, good, whole);
      }
      data::Int128 wide;
      const bool good = data::ParseExactDecimal(text, type.precision, type.scale, wide);
      return Put(batch, column, row, good, WideDecimal{wide.low, wide.high});
    }
    default: batch.AppendText(column, text); return true;
  }
}

bool PutUtcText(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, std::string_view text) {
  if (type.id != TypeId::kTimestampTz) return PutText(batch, column, row, type, text);
  int64_t micros = 0;
  const bool good = data::ParseExactTimestamp(text, micros);
  return Put(batch, column, row, good, micros);
}

bool PutReal(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, double value) {
  if (type.id == TypeId::kDouble) return Put(batch, column, row, true, value);
  const auto narrow = static_cast<float>(value);
  return Put(batch, column, row, static_cast<double>(narrow) == value || std::isnan(value), narrow);
}

std::string NotExactly(std::string_view text, const data::Type& type) {
  return "'" + data::ReadableText(text, kShownBytes) + (text.size() > kShownBytes ? "…" : "") + "' is not exactly a " +
         data::TypeName(type);
}

std::string RefusedCell(const std::string& column, std::string_view text, const std::string& declared,
                        const data::Type& type) {
  return RefusedRow(
      "cast", column,
      fmt::format("'{}' of {} is not exactly a {}", text.substr(0, kShownBytes), declared, data::TypeName(type)));
}

std::string HexText(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (const char c : bytes) {
    hex += kDigits[static_cast<unsigned char>(c) >> 4];
    hex += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

void PutNull(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type) {
  if (IsText(type)) {
    batch.AppendNullText(column);
  } else {
    batch.SetNull(column, row);
  }
}

}  // namespace leat::component
