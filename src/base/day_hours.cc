#include "base/day_hours.h"

#include <cstdio>

namespace leat {
namespace {

constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kDay = 1440 * kMinute;

int64_t LocalDay(int64_t local) { return (local >= 0 ? local : local - kDay + 1) / kDay; }

/// "06:00" -> 360; -1 when it is no time of the day. 24:00 is the end of one.
int MinuteOf(const std::string& text) {
  int hour = 0, minute = 0, length = 0;
  if (std::sscanf(text.c_str(), "%2d:%2d%n", &hour, &minute, &length) != 2) return -1;
  const bool exact = static_cast<size_t>(length) == text.size() && text.find_first_not_of("0123456789:") == text.npos;
  const int total = hour * 60 + minute;
  return exact && minute < 60 && total <= 1440 ? total : -1;
}

}  // namespace

Result<DayHours> DayHours::Parse(const std::string& text) {
  const size_t space = text.find(' ');
  const std::string span = text.substr(0, space);
  const size_t dash = span.find('-');
  const int begin = dash == std::string::npos ? -1 : MinuteOf(span.substr(0, dash));
  const int end = dash == std::string::npos ? -1 : MinuteOf(span.substr(dash + 1));
  if (begin < 0 || end < 0 || begin == 1440 || begin == end) {
    return MakeError("BASE-112", ErrorKind::kConfig, "'{}' are no hours of a day", text)
        .WithHint("write them as 20:00-06:00 Europe/Berlin; without a zone they are UTC");
  }
  LEAT_ASSIGN(TimeZone zone, TimeZone::Load(space == std::string::npos ? "UTC" : text.substr(space + 1)));
  DayHours hours(std::move(zone));
  hours.begin_minute_ = begin;
  hours.end_minute_ = end;
  return hours;
}

bool DayHours::Contains(TimeMicros time) const {
  const int64_t local = time + zone_.OffsetSeconds(time) * 1'000'000;
  const int64_t minute = (local - LocalDay(local) * kDay) / kMinute;
  if (begin_minute_ < end_minute_) return minute >= begin_minute_ && minute < end_minute_;
  return minute >= begin_minute_ || minute < end_minute_;
}

TimeMicros DayHours::NextWithin(TimeMicros time) const {
  if (Contains(time)) return time;
  const int64_t local = time + zone_.OffsetSeconds(time) * 1'000'000;
  TimeMicros next = time;
  for (int64_t day = LocalDay(local); next <= time; ++day) next = zone_.ToUtc(day * kDay + begin_minute_ * kMinute);
  return next;
}

}  // namespace leat
