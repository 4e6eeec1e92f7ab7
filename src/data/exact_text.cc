#include "data/exact_text.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>

namespace leat::data {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;
constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
constexpr int kMaxDigits = 38;

__extension__ typedef unsigned __int128 Wide;  // both compilers that we build with have it

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool TakeSign(std::string_view& text) {
  bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  return negative;
}

/// Up to `most` plain digits and nothing else: what nearly every number of a file is.
bool TakePlainDigits(std::string_view text, size_t most, int64_t& value) {
  if (text.empty() || text.size() > most) return false;
  int64_t number = 0;
  for (char c : text) {
    auto digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) return false;
    number = number * 10 + digit;
  }
  value = number;
  return true;
}

template <typename T>
bool ParseWhole(std::string_view text, T& value) {
  if (int64_t plain = 0; TakePlainDigits(text, std::numeric_limits<T>::digits10, plain)) {
    value = static_cast<T>(plain);
    return true;
  }
  text = Trim(text);
  if (text.starts_with("+") && text.size() > 1 && IsDigit(text[1])) text.remove_prefix(1);
  auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size();
}

/// Digits of a number apart from its point and exponent: digits * 10^-scale.
bool SplitNumber(std::string_view text, std::string_view& whole, std::string_view& fraction, int& exponent) {
  size_t at = 0;
  while (at < text.size() && IsDigit(text[at])) ++at;
  whole = text.substr(0, at);
  fraction = {};
  if (at < text.size() && text[at] == '.') {
    size_t first = ++at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    fraction = text.substr(first, at - first);
  }
  if (whole.empty() && fraction.empty()) return false;
  exponent = 0;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::string_view rest = text.substr(at + 1);
    if (!ParseWhole(rest, exponent) || exponent > 1000 || exponent < -1000) return false;
    at = text.size();
  }
  return at == text.size();
}

template <typename T>
bool ParseDecimal(std::string_view text, int precision, int scale, T& magnitude, bool& negative) {
  text = Trim(text);
  negative = TakeSign(text);
  std::string_view whole, fraction;
  int exponent = 0;
  if (!SplitNumber(text, whole, fraction, exponent)) return false;
  // The digit at position p of whole+fraction stands for 10^(whole.size() + exponent - 1 - p).
  magnitude = 0;
  int digits = 0;
  int power = static_cast<int>(whole.size()) + exponent + scale;  // digits that count
  int position = 0;
  for (std::string_view part : {whole, fraction}) {
    for (char c : part) {
      int digit = c - '0';
      if (position++ < power) {
        if (digits > 0 || digit != 0) ++digits;
        if (digits > precision) return false;
        magnitude = static_cast<T>(magnitude * 10 + static_cast<T>(digit));
      } else if (digit != 0) {
        return false;  // would be rounded
      }
    }
  }
  if (magnitude == 0) return true;
  for (; position < power; ++position) {
    if (++digits > precision) return false;
    magnitude = static_cast<T>(magnitude * 10);
  }
  return true;
}

bool TakeNumber(std::string_view text, size_t at, size_t digits, int& number) {
  if (text.size() < at + digits) return false;
  number = 0;
  for (size_t i = at; i < at + digits; ++i) {
    if (!IsDigit(text[i])) return false;
    number = number * 10 + (text[i] - '0');
  }
  return true;
}

/// Days since 1970-01-01 of a proleptic Gregorian date.
int32_t DaysFromCivil(int year, int month, int day) {
  year -= month <= 2;
  int era = year / 400;
  int year_of_era = year - era * 400;
  int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 719'468;
}

bool TakeDate(std::string_view& text, int32_t& days) {
  constexpr int kDaysOfMonth[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = 0, month = 0, day = 0;
  if (text.size() < 10 || text[4] != '-' || text[7] != '-' || !TakeNumber(text, 0, 4, year) ||
      !TakeNumber(text, 5, 2, month) || !TakeNumber(text, 8, 2, day)) {
    return false;
  }
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day > kDaysOfMonth[month - 1] + (month == 2 && leap)) return false;
  days = DaysFromCivil(year, month, day);
  text.remove_prefix(10);
  return true;
}

bool TakeTime(std::string_view& text, int64_t& micros) {
  int hour = 0, minute = 0, second = 0;
  if (text.size() < 5 || text[2] != ':' || !TakeNumber(text, 0, 2, hour) || !TakeNumber(text, 3, 2, minute))
    return false;
  text.remove_prefix(5);
  int64_t fraction = 0;
  if (!text.empty() && text[0] == ':') {
    if (!TakeNumber(text, 1, 2, second)) return false;
    text.remove_prefix(3);
    if (!text.empty() && text[0] == '.') {
      int64_t unit = kMicrosPerSecond / 10;
      size_t at = 1;
      for (; at < text.size() && IsDigit(text[at]); ++at, unit /= 10) {
        if (unit == 0 && text[at] != '0') return false;  // would be cut
        fraction += unit * (text[at] - '0');
      }
      if (at == 1) return false;
      text.remove_prefix(at);
    }
  }
  if (hour > 23 || minute > 59 || second > 59) return false;
  micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
  return true;
}

bool TakeTimestamp(std::string_view& text, int64_t& micros) {
  int32_t days = 0;
  if (!TakeDate(text, days)) return false;
  int64_t time = 0;
  if (text.size() > 1 && (text[0] == ' ' || text[0] == 'T')) {
    text.remove_prefix(1);
    if (!TakeTime(text, time)) return false;
  }
  micros = days * kMicrosPerDay + time;
  return true;
}

/// Digits that count of a number as it is written: no sign, point and exponent, no zeros before and behind them.
std::string CountingDigits(std::string_view text) {
  std::string digits;
  for (const char c : text.substr(0, text.find_first_of("eE"))) {
    if (IsDigit(c) && (c != '0' || !digits.empty())) digits += c;
  }
  return digits.substr(0, digits.find_last_not_of('0') + 1);
}

/// True where a floating number that was read from a text shows its digits again when it is written with as many.
template <typename T>
bool KeepsDigits(std::string_view text, T value) {
  constexpr size_t kMost = 800;  // more than any of them has
  const bool normal = value == 0 || std::fabs(value) >= std::numeric_limits<T>::min();
  if (!std::isfinite(value) || (normal && text.size() <= std::numeric_limits<T>::digits10)) return true;
  const std::string written = CountingDigits(text);
  if (written.empty() || written.size() > kMost) return written.empty();
  char shown[kMost + 20];
  const auto [end, failure] = std::to_chars(std::begin(shown), std::end(shown), value, std::chars_format::scientific,
                                            static_cast<int>(written.size()) - 1);
  return failure == std::errc() && CountingDigits({shown, static_cast<size_t>(end - shown)}) == written;
}

template <typename T>
bool ParseFloating(std::string_view text, T& value) {
  text = Trim(text);
  if (text.starts_with("+") && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size() && KeepsDigits(text, value);
}

/// A decimal as nearly all are written: digits, a point, no more digits behind it than the scale.
bool ParsePlainDecimal(std::string_view text, int precision, int scale, int64_t& unscaled) {
  static constexpr int64_t kPowers[] = {1,
                                        10,
                                        100,
                                        1'000,
                                        10'000,
                                        100'000,
                                        1'000'000,
                                        10'000'000,
                                        100'000'000,
                                        1'000'000'000,
                                        10'000'000'000,
                                        100'000'000'000,
                                        1'000'000'000'000,
                                        10'000'000'000'000,
                                        100'000'000'000'000,
                                        1'000'000'000'000'000,
                                        10'000'000'000'000'000,
                                        100'000'000'000'000'000,
                                        1'000'000'000'000'000'000};
  bool negative = !text.empty() && text[0] == '-';
  size_t at = negative ? 1 : 0;
  const size_t most = at + static_cast<size_t>(precision - scale);
  const size_t first = at;
  int64_t number = 0;
  for (; at < text.size() && IsDigit(text[at]); ++at) {
    if (at == most) return false;
    number = number * 10 + (text[at] - '0');
  }
  if (at == first) return false;
  int behind = 0;
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && IsDigit(text[at]); ++at) {
      if (++behind > scale) return false;
      number = number * 10 + (text[at] - '0');
    }
  }
  if (at != text.size()) return false;
  number *= kPowers[scale - behind];
  unscaled = negative ? -number : number;
  return true;
}

}  // namespace

bool ParseExact(std::string_view text, int64_t& value) { return ParseWhole(text, value); }
bool ParseExact(std::string_view text, int32_t& value) { return ParseWhole(text, value); }

bool ParseExactDecimal(std::string_view text, int precision, int scale, int64_t& unscaled) {
  if (precision <= 18 && ParsePlainDecimal(text, precision, scale, unscaled)) return true;
  uint64_t magnitude = 0;
  bool negative = false;
  if (precision > 18 || !ParseDecimal(text, precision, scale, magnitude, negative)) return false;
  unscaled = negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
  return true;
}

bool ParseExactDecimal(std::string_view text, int precision, int scale, Int128& unscaled) {
  Wide magnitude = 0;
  bool negative = false;
  if (precision > kMaxDigits || !ParseDecimal(text, precision, scale, magnitude, negative)) return false;
  if (negative) magnitude = -magnitude;
  unscaled.low = static_cast<uint64_t>(magnitude);
  unscaled.high = static_cast<int64_t>(magnitude >> 64);
  return true;
}

bool ParseExact(std::string_view text, double& value) { return ParseFloating(text, value); }
bool ParseExact(std::string_view text, float& value) { return ParseFloating(text, value); }

bool ParseExact(std::string_view text, bool& value) {
  text = Trim(text);
  auto is = [&](std::string_view word) {
    if (text.size() != word.size()) return false;
    for (size_t i = 0; i < word.size(); ++i) {
      if ((text[i] | 0x20) != word[i]) return false;
    }
    return true;
  };
  value = is("true");
  return value || is("false");
}

bool ParseExactDate(std::string_view text, int32_t& days) {
  text = Trim(text);
  return TakeDate(text, days) && text.empty();
}

bool ParseExactTime(std::string_view text, int64_t& micros) {
  text = Trim(text);
  return TakeTime(text, micros) && text.empty();
}

bool ParseExactTimestamp(std::string_view text, int64_t& micros) {
  text = Trim(text);
  return TakeTimestamp(text, micros) && text.empty();
}

bool ParseExactTimestampTz(std::string_view text, int64_t& micros) {
  text = Trim(text);
  if (!TakeTimestamp(text, micros) || text.empty()) return false;
  if (text == "Z" || text == "z") return true;
  bool west = text[0] == '-';
  if (!west && text[0] != '+') return false;
  int hours = 0, minutes = 0;
  if (!TakeNumber(text, 1, 2, hours)) return false;
  std::string_view rest = text.substr(3);
  if (rest.starts_with(":")) rest.remove_prefix(1);
  if (!rest.empty() && (rest.size() != 2 || !TakeNumber(rest, 0, 2, minutes))) return false;
  if (text.back() == ':' || hours > 15 || minutes > 59) return false;
  int64_t offset = (hours * 60 + minutes) * 60 * kMicrosPerSecond;
  micros += west ? offset : -offset;
  return true;
}

TextFacts FactsOf(std::string_view text) {
  TextFacts facts;
  if (text.empty()) return facts;
  char first = text[0];
  if (first == 't' || first == 'T' || first == 'f' || first == 'F') {
    bool flag = false;
    facts.types = text.size() <= 5 && text.back() != ' ' && ParseExact(text, flag) ? TextFacts::kBoolean : 0;
    return facts;
  }
  if (first != '-' && first != '.' && !IsDigit(first)) return facts;
  std::string_view number = text;
  TakeSign(number);
  std::string_view whole, fraction;
  int exponent = 0;
  if (SplitNumber(number, whole, fraction, exponent)) {
    if (whole.size() > 1 && whole[0] == '0') return facts;
    bool plain = number.find_first_of("eE") == std::string_view::npos;
    bool pointed = number.find('.') != std::string_view::npos;
    double real = 0;
    const bool few = text.size() <= std::numeric_limits<double>::digits10 && exponent < 100 && exponent > -100;
    facts.types = few || ParseExact(text, real) ? TextFacts::kDouble : 0;
    if (plain && !whole.empty() && (!pointed || !fraction.empty())) {
      facts.types |= TextFacts::kDecimal;
      facts.scale = static_cast<int>(fraction.size());
      facts.digits = static_cast<int>(whole.size());
      int64_t value = 0;
      if (!pointed && ParseWhole(text, value)) facts.types |= TextFacts::kInteger;
    }
    return facts;
  }
  if (text.size() < 10 || text.back() == ' ' || text.back() == '\t') return facts;
  int32_t days = 0;
  int64_t micros = 0;
  if (ParseExactDate(text, days)) {
    facts.types = TextFacts::kDate | TextFacts::kTimestamp;
  } else if (ParseExactTimestamp(text, micros)) {
    facts.types = TextFacts::kTimestamp;
  } else if (ParseExactTimestampTz(text, micros)) {
    facts.types = TextFacts::kTimestampTz;
  }
  return facts;
}

}  // namespace leat::data
