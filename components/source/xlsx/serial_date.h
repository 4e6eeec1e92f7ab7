#pragma once

#include <string>
#include <string_view>

namespace leat::components::xlsx {

/// What a number is by the format that its cell is shown in (ECMA-376, part 1, 18.8.30 and 18.8.31).
enum class NumberShape {
  kNumber,  ///< also percentages, amounts of money, and spans of time ([h]:mm)
  kDate,    ///< a day, or a day and a time
  kTime     ///< a time of the day alone
};

/// The shape of format `id`; `code` is its text where the workbook has one for it.
NumberShape ShapeOfFormat(int id, std::string_view code);

/// A serial number as text: "2026-11-01", "2026-11-01 12:00:00.5", or "12:00:00" of a time alone that is less than a day. Days count from
/// 1900-01-01 (1), or from 1904-01-01 (0). To the nearest millisecond where the number is as close to one (2 us) as a double, or
/// 15 digits, can be; else to the nearest microsecond. False: it is no day, and `text` says why.
bool MomentText(std::string_view serial, NumberShape shape, bool from_1904, std::string& text);

}  // namespace leat::components::xlsx
