#include "components/source/xlsx/serial_date.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>

#include "base/lower.h"

namespace leat::components::xlsx {
namespace {

constexpr int64_t kDayMicros = 86'400'000'000;
constexpr double kLastDay = 2'958'465;               // 9999-12-31, counted from 1900
constexpr int kDaysBefore1904 = 1'462;               // 1904-01-01, counted from 1900
constexpr double kLeastDoubt = 2, kMostDoubt = 499;  // microseconds

bool IsOneOf(char c, std::string_view letters) { return letters.find(c) != std::string_view::npos; }

/// The letters of the first section of a format that stand for parts of a date: no quoted or escaped text, no colours.
/// `elapsed`: there is a span of time in brackets.
std::string DateLetters(std::string_view code, bool& elapsed) {
  std::string letters;
  for (size_t at = 0; at < code.size() && code[at] != ';'; ++at) {
    const char c = code[at];
    if (c == '"') {
      at = std::min(code.find('"', at + 1), code.size());
    } else if (c == '\\' || c == '_' || c == '*') {
      ++at;
    } else if (c == '[') {
      const size_t end = std::min(code.find(']', at), code.size());
      const std::string inside = Lower(code.substr(at + 1, end - at - 1));
      elapsed = elapsed || (!inside.empty() && inside.find_first_not_of(inside[0]) == std::string::npos &&
                            IsOneOf(inside[0], "hms"));
      at = end;
    } else if (IsOneOf(c, "yYmMdDhHsS")) {
      letters += Lower(std::string_view(&c, 1));
    }
  }
  return letters;
}

/// 60 is 1900-02-29 in the 1900 system, which never was: days before it are one off.
std::chrono::sys_days DayOf(int64_t day, bool from_1904) {
  using std::chrono::days;
  const auto origin = std::chrono::sys_days(std::chrono::year{1899} / 12 / 30);
  if (from_1904) return origin + days(day + kDaysBefore1904);
  return origin + days(day < 60 ? day + 1 : day);
}

std::string TimeText(int64_t micros) {
  const int64_t seconds = micros / 1'000'000;
  std::string text = fmt::format("{:02}:{:02}:{:02}", seconds / 3'600, seconds / 60 % 60, seconds % 60);
  if (micros % 1'000'000 == 0) return text;
  text += fmt::format(".{:06}", micros % 1'000'000);
  return text.substr(0, text.find_last_not_of('0') + 1);
}

/// By how many microseconds a moment may be off its number: what a double of this size cannot tell, or a program that writes 15
/// digits leaves out.
int64_t DoubtMicros(std::string_view serial, double value) {
  const std::string_view mantissa = serial.substr(0, serial.find_first_of("eE"));
  const auto digits = std::count_if(mantissa.begin(), mantissa.end(), [](char c) { return c >= '0' && c <= '9'; });
  const double step = digits > 15 ? std::nextafter(value, kLastDay + 2) - value
                                  : std::pow(10, std::floor(std::log10(std::max(value, 1e-9))) - 14);
  return std::llround(std::min(kMostDoubt, kLeastDoubt + step / 2 * static_cast<double>(kDayMicros)));
}

}  // namespace

NumberShape ShapeOfFormat(int id, std::string_view code) {
  if (code.empty()) {
    const bool is_time = (id >= 18 && id <= 21) || id == 45 || id == 47;  // 46 is [h]:mm:ss
    if (is_time) return NumberShape::kTime;
    // 27 to 36 and 50 to 58: days of East Asian calendars, some with times.
    const bool is_date = (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 31) || id == 36 ||
                         (id >= 50 && id <= 54) || id == 57 || id == 58;
    const bool is_asian_time = (id >= 32 && id <= 35) || id == 55 || id == 56;
    return is_date ? NumberShape::kDate : is_asian_time ? NumberShape::kTime : NumberShape::kNumber;
  }
  if (Lower(code) == "general") return NumberShape::kNumber;
  bool elapsed = false;
  const std::string letters = DateLetters(code, elapsed);
  if (elapsed || letters.empty()) return NumberShape::kNumber;
  if (letters.find_first_of("yd") != std::string::npos) return NumberShape::kDate;
  // m beside hours or seconds are minutes.
  return letters.find_first_of("hs") != std::string::npos ? NumberShape::kTime : NumberShape::kDate;
}

bool MomentText(std::string_view serial, NumberShape shape, bool from_1904, std::string& text) {
  double value = 0;
  // Whatever digits it has: how far a moment may be off its number is looked at below.
  const auto [end, failure] = std::from_chars(serial.data(), serial.data() + serial.size(), value);
  if (failure != std::errc() || end != serial.data() + serial.size() || !std::isfinite(value)) {
    text = fmt::format("'{}' is no number", serial);
    return false;
  }
  const double last = from_1904 ? kLastDay - kDaysBefore1904 : kLastDay;
  if (value < 0 || value >= last + 1) {
    text = fmt::format("day {} is not between 1900 and 9999", serial);
    return false;
  }
  auto day = static_cast<int64_t>(std::floor(value));
  const long double fraction = static_cast<long double>(value) - static_cast<long double>(day);
  int64_t micros = std::llround(fraction * static_cast<long double>(kDayMicros));
  const int64_t millis = (micros + 500) / 1'000;
  if (std::llabs(micros - millis * 1'000) <= DoubtMicros(serial, value)) micros = millis * 1'000;
  if (micros >= kDayMicros && day == 0 && shape == NumberShape::kTime) micros = kDayMicros - 1;  // a time stays one
  if (micros >= kDayMicros) {
    micros -= kDayMicros;
    ++day;
  }
  const bool without_day = day == 0 && !from_1904;  // 1900-01-00
  if (day == 0 && (without_day || shape == NumberShape::kTime)) {
    text = TimeText(micros);
    return true;
  }
  if (day == 60 && !from_1904) {
    text = "day 60 of the 1900 system is 1900-02-29, which never was";
    return false;
  }
  if (static_cast<double>(day) > last) {
    text = fmt::format("day {} is not between 1900 and 9999", serial);
    return false;
  }
  const std::chrono::year_month_day date(DayOf(day, from_1904));
  text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
  if (micros != 0) text += " " + TimeText(micros);
  return true;
}

}  // namespace leat::components::xlsx
