#include "base/clock.h"

#include <cstdio>
#include <cstdlib>
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
  const std::string copy(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2d%n", &year, &month, &day, &used) != 3 || used < 8) return bad();
  if (month < 1 || month > 12 || day < 1 || day > 31) return bad();
  const int64_t days = DaysFromCivil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  std::string rest = copy.substr(static_cast<size_t>(used));
  int64_t micros = 0;
  int64_t offset = 0;
  if (!rest.empty()) {
    if (rest[0] != 'T' && rest[0] != ' ' && rest[0] != 't') return bad();
    rest = rest.substr(1);
    used = 0;
    if (std::sscanf(rest.c_str(), "%2d:%2d%n", &hour, &minute, &used) != 2) return bad();
    rest = rest.substr(static_cast<size_t>(used));
    if (!rest.empty() && rest[0] == ':') {
      if (std::sscanf(rest.c_str(), ":%2d%n", &second, &used) != 1) return bad();
      rest = rest.substr(static_cast<size_t>(used));
    }
    if (!rest.empty() && rest[0] == '.') {
      int64_t scale = 100'000;
      size_t at = 1;
      for (; at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; ++at, scale /= 10)
        micros += (rest[at] - '0') * scale;
      rest = rest.substr(at);
    }
    if (hour > 24 || minute > 59 || second > 60) return bad();
    if (rest == "Z" || rest == "z" || rest.empty()) {
      offset = 0;
    } else if ((rest[0] == '+' || rest[0] == '-') && rest.size() >= 3) {
      int off_hour = 0, off_minute = 0;
      if (std::sscanf(rest.c_str() + 1, "%2d:%2d", &off_hour, &off_minute) < 1) return bad();
      offset = (off_hour * 60 + off_minute) * (rest[0] == '-' ? -1 : 1);
    } else {
      return bad();
    }
  }
  const int64_t seconds = days * 86400 + hour * 3600 + minute * 60 + second - offset * 60;
  return seconds * 1'000'000 + micros;
}

}  // namespace leat
