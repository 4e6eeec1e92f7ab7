#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "component/column_batch.h"
#include "data/type.h"
#include "data/value.h"

namespace leat::component {

/// One value that is not nested, by what it stands for.
struct Leaf {
  enum class Form {
    kNull,
    kTruth,
    kWhole,
    kReal,
    kDecimal,
    kDate,  ///< `whole`: days
    kTime,  ///< `whole`: microseconds, as are the two below
    kTimestamp,
    kTimestampTz,
    kText,    ///< `bytes`, UTF-8
    kBinary,  ///< `bytes`
    kOther,   ///< `text` says it: no value of its own type (the year 12000, a decimal with too many digits)
  };
  Form form = Form::kNull;
  bool truth = false;
  bool narrow = false;           ///< kReal: a float
  int precision = 0, scale = 0;  ///< kDecimal: as its writer says
  int64_t whole = 0;
  double real = 0;
  data::Int128 wide{};
  std::string_view bytes;  ///< where it was read, or `text`
  std::string text;
};

/// What readers of files with types of their own make of a value. A value that is none of its own type is kOther, with `text`.
void SetOther(Leaf& leaf, std::string text);
void SetOwnText(Leaf& leaf, std::string text);
/// kOther where it is not UTF-8. `bytes` are not copied.
void SetText(Leaf& leaf, std::string_view bytes);
/// Days since 1970, of the years 1 to 9999.
void SetDate(Leaf& leaf, int64_t days);
/// Seconds since 1970 and `rest` of `unit` in a second, of the years 1 to 9999 and to the microsecond exactly.
void SetMoment(Leaf& leaf, int64_t seconds, int64_t rest, int64_t unit, bool zoned);
/// `count` of `unit` in a second since midnight.
void SetTime(Leaf& leaf, int64_t count, int64_t unit);
/// kOther where it has more digits than `precision`.
void SetDecimal(Leaf& leaf, const data::Int128& unscaled, int precision, int scale);
bool IsUuidText(std::string_view text);

/// The value as text that readers of its own type take: digits all there, bytes in hexadecimal digits.
std::string LeafText(const Leaf& leaf);
/// As text that is exactly a value of `type`; nullopt when it is none.
std::optional<std::string> LeafTextAs(const Leaf& leaf, const data::Type& type);
/// As JSON.
std::string LeafJson(const Leaf& leaf);
/// Puts it into a column that shall be `wanted` and that the batch carries as `carried`. False, and NULL, where it is not exactly one of
/// `wanted`.
bool PutLeaf(ColumnBatch& batch, size_t column, int64_t row, const data::Type& wanted, const data::Type& carried,
             const Leaf& leaf);

}  // namespace leat::component
