#include "component/leaf.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/json_quoted.h"
#include "component/text_cell.h"
#include "data/exact_text.h"
#include "data/int128.h"
#include "data/shown_value.h"
#include "data/text_bytes.h"

namespace leat::component {
namespace {

using data::TypeId;
using Form = Leaf::Form;

constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kNanos = 1'000'000'000;
constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kFirstDay = -719'162, kLastDay = 2'932'896;  // 0001-01-01, 9999-12-31
constexpr int kNarrowDigits = 18;
constexpr size_t kUuidText = 36;

/// Microseconds in `rest` of `unit` in a second; nullopt when it is no whole number of them.
std::optional<int64_t> MicrosOf(int64_t rest, int64_t unit) {
  if (unit <= kMicros) return rest * (kMicros / unit);
  const int64_t finer = unit / kMicros;
  if (rest % finer != 0) return std::nullopt;
  return rest / finer;
}

/// A whole number as a double that is it exactly.
bool IsExact(int64_t whole, double& real) {
  real = static_cast<double>(whole);
  constexpr double kEnd = 9223372036854775808.0;
  return real < kEnd && static_cast<int64_t>(real) == whole;
}

bool IsReal(const Leaf& leaf, const data::Type& type) {
  double real = leaf.real;
  if (leaf.form == Form::kWhole && !IsExact(leaf.whole, real)) return false;
  if (leaf.form != Form::kWhole && leaf.form != Form::kReal) {
    return leaf.form == Form::kText && data::ParseExact(leaf.bytes, real);
  }
  return type.id == TypeId::kDouble || std::isnan(real) || static_cast<double>(static_cast<float>(real)) == real;
}

/// Whether the leaf's text is a value of a type that has another form than its own.
bool Reads(const std::string& text, const data::Type& type) {
  int32_t narrow = 0;
  int64_t whole = 0;
  data::Int128 wide;
  bool truth = false;
  switch (type.id) {
    case TypeId::kBoolean: return data::ParseExact(text, truth);
    case TypeId::kInt: return data::ParseExact(text, narrow);
    case TypeId::kLong: return data::ParseExact(text, whole);
    case TypeId::kDecimal: return data::ParseExactDecimal(text, type.precision, type.scale, wide);
    case TypeId::kDate: return data::ParseExactDate(text, narrow);
    case TypeId::kTime: return data::ParseExactTime(text, whole);
    case TypeId::kTimestamp: return data::ParseExactTimestamp(text, whole);
    case TypeId::kTimestampTz: return data::ParseExactTimestampTz(text, whole);
    case TypeId::kUuid: return IsUuidText(text);
    default: return false;
  }
}

/// A value of a type's own form that the batch takes as it is.
bool PutAsIs(ColumnBatch& batch, size_t column, int64_t row, const data::Type& type, const Leaf& leaf) {
  const auto whole = [&](Form form) {
    if (leaf.form == form) batch.Values<int64_t>(column)[row] = leaf.whole;
    return leaf.form == form;
  };
  switch (type.id) {
    case TypeId::kBoolean:
      if (leaf.form == Form::kTruth) batch.Values<bool>(column)[row] = leaf.truth;
      return leaf.form == Form::kTruth;
    case TypeId::kInt:
    case TypeId::kDate: {
      if (leaf.form != (type.id == TypeId::kInt ? Form::kWhole : Form::kDate)) return false;
      if (leaf.whole < std::numeric_limits<int32_t>::min() || leaf.whole > std::numeric_limits<int32_t>::max())
        return false;
      batch.Values<int32_t>(column)[row] = static_cast<int32_t>(leaf.whole);
      return true;
    }
    case TypeId::kLong: return whole(Form::kWhole);
    case TypeId::kTime: return whole(Form::kTime);
    case TypeId::kTimestamp: return whole(Form::kTimestamp);
    case TypeId::kTimestampTz: return whole(Form::kTimestampTz);
    case TypeId::kFloat:
      if (leaf.form != Form::kReal || !leaf.narrow) return false;
      batch.Values<float>(column)[row] = static_cast<float>(leaf.real);
      return true;
    case TypeId::kDouble:
      if (leaf.form == Form::kReal) batch.Values<double>(column)[row] = leaf.real;
      return leaf.form == Form::kReal;
    case TypeId::kDecimal:
      if (leaf.form != Form::kDecimal || leaf.scale != type.scale || leaf.precision > type.precision) return false;
      if (type.precision <= kNarrowDigits) batch.Values<int64_t>(column)[row] = static_cast<int64_t>(leaf.wide.low);
      else batch.Values<WideDecimal>(column)[row] = {leaf.wide.low, leaf.wide.high};
      return true;
    case TypeId::kString:
      if (leaf.form == Form::kText) batch.AppendText(column, leaf.bytes);
      return leaf.form == Form::kText;
    case TypeId::kBinary: {
      const bool bytes = leaf.form == Form::kBinary || leaf.form == Form::kText;
      if (bytes) batch.AppendText(column, leaf.bytes);
      return bytes;
    }
    default: return false;
  }
}

}  // namespace

void SetOther(Leaf& leaf, std::string text) {
  leaf.form = Form::kOther;
  leaf.text = std::move(text);
}

void SetOwnText(Leaf& leaf, std::string text) {
  leaf.form = Form::kText;
  leaf.text = std::move(text);
  leaf.bytes = leaf.text;
}

void SetText(Leaf& leaf, std::string_view bytes) {
  leaf.form = Form::kText;
  leaf.bytes = bytes;
  if (!data::IsUtf8(bytes)) SetOther(leaf, data::ReadableText(bytes, 200) + " (not UTF-8)");
}

void SetDate(Leaf& leaf, int64_t days) {
  leaf.form = Form::kDate;
  leaf.whole = days;
  if (days < kFirstDay || days > kLastDay) SetOther(leaf, std::to_string(days) + " days since 1970");
}

void SetMoment(Leaf& leaf, int64_t seconds, int64_t rest, int64_t unit, bool zoned) {
  const bool in_years = seconds >= kFirstDay * kDaySeconds && seconds < (kLastDay + 1) * kDaySeconds;
  const auto micros = MicrosOf(rest, unit);
  constexpr int64_t kMostSeconds = std::numeric_limits<int64_t>::max() / kNanos - 1;
  if (in_years && micros) {
    leaf.form = zoned ? Form::kTimestampTz : Form::kTimestamp;
    leaf.whole = seconds * kMicros + *micros;
  } else if (unit == kNanos && seconds > -kMostSeconds && seconds < kMostSeconds) {
    SetOther(leaf, data::ToText(seconds * kNanos + rest,
                                *data::Primitive(zoned ? TypeId::kTimestampTzNs : TypeId::kTimestampNs)));
  } else {
    const std::string fraction = rest == 0 ? "" : data::SecondsText(rest, unit).substr(1);
    SetOther(leaf, std::to_string(seconds) + fraction + " s since 1970");
  }
}

void SetTime(Leaf& leaf, int64_t count, int64_t unit) {
  const auto micros = count >= 0 && count / unit < kDaySeconds ? MicrosOf(count % unit, unit) : std::nullopt;
  leaf.form = Form::kTime;
  if (micros) leaf.whole = count / unit * kMicros + *micros;
  else SetOther(leaf, data::SecondsText(count, unit) + " s since midnight");
}

void SetDecimal(Leaf& leaf, const data::Int128& unscaled, int precision, int scale) {
  leaf.form = Form::kDecimal;
  leaf.wide = unscaled;
  leaf.precision = precision;
  leaf.scale = scale;
  const std::string digits = data::DecimalText(unscaled, 0);
  if (digits.size() - (digits[0] == '-' ? 1 : 0) > static_cast<size_t>(precision))
    SetOther(leaf, data::DecimalText(unscaled, scale));
}

bool IsUuidText(std::string_view text) {
  if (text.size() != kUuidText) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

std::string LeafText(const Leaf& leaf) {
  const auto as = [](const data::Value& value, TypeId id) { return data::ToText(value, *data::Primitive(id)); };
  switch (leaf.form) {
    case Form::kNull: return "";
    case Form::kTruth: return leaf.truth ? "true" : "false";
    case Form::kWhole: return std::to_string(leaf.whole);
    case Form::kReal:
      return leaf.narrow ? fmt::format("{}", static_cast<float>(leaf.real)) : fmt::format("{}", leaf.real);
    case Form::kDecimal: return data::DecimalText(leaf.wide, leaf.scale);
    case Form::kDate: return as(static_cast<int32_t>(leaf.whole), TypeId::kDate);
    case Form::kTime: return as(leaf.whole, TypeId::kTime);
    case Form::kTimestamp: return as(leaf.whole, TypeId::kTimestamp);
    case Form::kTimestampTz: return as(leaf.whole, TypeId::kTimestampTz);
    case Form::kText: return std::string(leaf.bytes);
    case Form::kBinary: return data::BinaryText(leaf.bytes);
    case Form::kOther: return leaf.text;
  }
  return "";
}

std::optional<std::string> LeafTextAs(const Leaf& leaf, const data::Type& type) {
  std::string text = LeafText(leaf);
  switch (type.id) {
    case TypeId::kString:
      return leaf.form == Form::kOther && text.ends_with("(not UTF-8)") ? std::nullopt : std::optional(std::move(text));
    case TypeId::kFloat:
    case TypeId::kDouble: return IsReal(leaf, type) ? std::optional(std::move(text)) : std::nullopt;
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return text;
    case TypeId::kInt:
    case TypeId::kLong:
      if (leaf.form == Form::kReal && text.ends_with(".0")) text.resize(text.size() - 2);
      break;
    default: break;
  }
  if (leaf.form == Form::kOther && type.id != TypeId::kDecimal) return std::nullopt;
  return Reads(text, type) ? std::optional(std::move(text)) : std::nullopt;
}

std::string LeafJson(const Leaf& leaf) {
  switch (leaf.form) {
    case Form::kNull: return "null";
    case Form::kTruth:
    case Form::kWhole:
    case Form::kDecimal: return LeafText(leaf);
    case Form::kReal: return std::isfinite(leaf.real) ? LeafText(leaf) : JsonQuoted(LeafText(leaf));
    default: return JsonQuoted(LeafText(leaf));
  }
}

bool PutLeaf(ColumnBatch& batch, size_t column, int64_t row, const data::Type& wanted, const data::Type& carried,
             const Leaf& leaf) {
  if (leaf.form == Form::kNull) {
    PutNull(batch, column, row, carried);
    return true;
  }
  if (wanted.id == carried.id && PutAsIs(batch, column, row, wanted, leaf)) return true;
  const auto text = LeafTextAs(leaf, wanted);
  if (text) return PutText(batch, column, row, carried, *text);
  PutNull(batch, column, row, carried);
  return false;
}

}  // namespace leat::component
