#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace leat {

/// A time zone of the machine's tzdata (/usr/share/zoneinfo), read from its file: offsets from UTC as they were and, by the
/// rule at the file's end, as they will be. Immutable.
class TimeZone {
 public:
  /// BASE-111 kNotFound when there is no such zone on this machine, or its file cannot be understood. "UTC" needs no file.
  static Result<TimeZone> Load(const std::string& name);
  /// The same from the bytes of a TZif file.
  static Result<TimeZone> Parse(const std::string& name, std::string_view bytes);

  const std::string& name() const { return name_; }
  /// Local time minus UTC at an instant, in seconds.
  int64_t OffsetSeconds(TimeMicros utc) const;
  /// The instant at which clocks of the zone show `local` (microseconds of a calendar without zone). Of two the first; a time
  /// that is left out in spring is taken as the one that as many minutes after the change show.
  TimeMicros ToUtc(int64_t local) const;

 private:
  /// One end of daylight saving: the w-th weekday d of month m (5: the last), at a time of the day.
  struct Change {
    int month = 0, week = 0, day = 0;
    int64_t seconds = 7200;
  };
  struct Rule {
    bool known = false, changes = false;
    int64_t standard = 0, daylight = 0;
    Change begin, end;
  };

  bool ParseRule(std::string_view text);
  int64_t OffsetByRule(int64_t utc_seconds) const;

  std::string name_;
  std::vector<int64_t> times_;    ///< seconds UTC, ascending
  std::vector<int64_t> offsets_;  ///< from times_[i] on
  int64_t first_offset_ = 0;
  Rule rule_;  ///< behind the last of times_
};

}  // namespace leat
