#pragma once

#include <string>

#include "base/time_zone.h"

namespace leat {

/// A span of every day in a time zone: "20:00-06:00 Europe/Berlin" (over midnight), "12:30-13:00" (UTC). The end is not in it.
class DayHours {
 public:
  /// BASE-112 kConfig when the text is of another form, BASE-111 when there is no such zone.
  static Result<DayHours> Parse(const std::string& text);

  bool Contains(TimeMicros time) const;
  /// `time` itself when it is within, else when the span begins next.
  TimeMicros NextWithin(TimeMicros time) const;

 private:
  explicit DayHours(TimeZone zone) : zone_(std::move(zone)) {}

  TimeZone zone_;
  int begin_minute_ = 0, end_minute_ = 0;  ///< of the day
};

}  // namespace leat
