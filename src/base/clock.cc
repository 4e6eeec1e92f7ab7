#include "base/clock.h"

#include <array>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace leat {
namespace {

// Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant, "chrono-compatible low-level date algorithms").
int64_t DaysFromCivil(int64_t year, unsigned month, unsigned day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(year - era * 400);
  const unsigned day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + static_cast<int64_t>(day_of_era) - 719468;
}

constexpr std::array<int64_t, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};  // of January, February, …

bool IsDate(int64_t year, int64_t month, int64_t day) {
  if (month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
}

bool Take(std::string_view& rest, std::string_view word) {
  if (!rest.starts_with(word)) return false;
  rest.remove_prefix(word.size());
  return true;
}

/// Takes exactly `digits` digits off the front of `rest`.
bool TakeNumber(std::string_view& rest, size_t digits, int64_t& number) {
  if (rest.size() < digits) return false;
  number = 0;
  for (const char c : rest.substr(0, digits)) {
    if (c < '0' || c > '9') return false;
    number = number * 10 + (c - '0');
  }
  rest.remove_prefix(digits);
  return true;
}

class MachineClock : public Clock {
 public:
  MachineClock() {
    const char* text = std::getenv("LEAT_CLOCK");
    if (text == nullptr || *text == '\0') return;
    if (*text == '+') {
      ahead_ = std::strtoll(text + 1, nullptr, 10) * 1'000'000;
    } else if (auto fixed = ParseTime(text); fixed.ok()) {
      fixed_ = *fixed;
    }
  }
  TimeMicros Now() const override {
    if (fixed_) return *fixed_;
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since).count() + ahead_;
  }

 private:
  std::optional<TimeMicros> fixed_;
  int64_t ahead_ = 0;
};

}  // namespace

const Clock& SystemClock() {
  static const MachineClock clock;
  return clock;
}

std::string FormatTime(TimeMicros time) {
  int64_t seconds = time / 1'000'000;
  int64_t micros = time % 1'000'000;
  if (micros < 0) {
    micros += 1'000'000;
    --seconds;
  }
  const auto as_time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  gmtime_r(&as_time, &parts);
  std::string text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", parts.tm_year + 1900, parts.tm_mon + 1,
                                 parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
  if (micros != 0) text += fmt::format(".{:06}", micros);
  return text + "Z";
}

Result<TimeMicros> ParseTime(std::string_view text) {
  const auto bad = [&] {
    return MakeError("BASE-101", ErrorKind::kUsage, "'{}' is not a time", text)
        .WithHint("write it as 2026-11-01T12:00:00Z (RFC 3339) or as a date");
  };
  std::string_view rest = text;
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0, offset_minutes = 0;
  if (!TakeNumber(rest, 4, year) || !Take(rest, "-") || !TakeNumber(rest, 2, month) || !Take(rest, "-") ||
      !TakeNumber(rest, 2, day) || !IsDate(year, month, day))
    return bad();
  if (!rest.empty()) {
    if (!Take(rest, "T") && !Take(rest, " ") && !Take(rest, "t")) return bad();
    if (!TakeNumber(rest, 2, hour) || !Take(rest, ":") || !TakeNumber(rest, 2, minute)) return bad();
    if (Take(rest, ":") && !TakeNumber(rest, 2, second)) return bad();
    if (Take(rest, ".")) {
      int64_t scale = 100'000;
      for (int64_t digit = 0; TakeNumber(rest, 1, digit); scale /= 10) micros += digit * scale;
    }
    if (hour > 23 || minute > 59 || second > 60) return bad();  // 60: a leap second is the next minute's first
    const bool west = rest.starts_with('-');
    if (west || rest.starts_with('+')) {
      rest.remove_prefix(1);
      int64_t off_hour = 0, off_minute = 0;
      if (!TakeNumber(rest, 2, off_hour)) return bad();
      if ((Take(rest, ":") || !rest.empty()) && !TakeNumber(rest, 2, off_minute)) return bad();
      if (off_hour > 23 || off_minute > 59) return bad();
      offset_minutes = (off_hour * 60 + off_minute) * (west ? -1 : 1);
    } else if (!Take(rest, "Z")) {
      Take(rest, "z");
    }
    if (!rest.empty()) return bad();
  }
  const int64_t days = DaysFromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  return ((days * 24 + hour) * 60 + minute - offset_minutes) * 60'000'000 + second * 1'000'000 + micros;
}

}  // namespace leat
