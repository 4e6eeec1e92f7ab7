#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace leat {

/// Microseconds since 1970-01-01T00:00:00Z. The only representation of time in the state store.
using TimeMicros = int64_t;

/// Where the program gets its time from. Thread-safe. Tests own time with FixedClock or LEAT_CLOCK.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimeMicros Now() const = 0;
};

/// The machine's clock. With the environment variable LEAT_CLOCK=<RFC 3339 time> it stands at that time, or, with
/// a leading '+<seconds>', runs that much ahead (for tests).
const Clock& SystemClock();

/// A clock that stands still until it is set, by any thread.
class FixedClock : public Clock {
 public:
  explicit FixedClock(TimeMicros now) : now_(now) {}
  TimeMicros Now() const override { return now_; }
  void Set(TimeMicros now) { now_ = now; }

 private:
  std::atomic<TimeMicros> now_;
};

/// "2026-11-01T12:00:00.123456Z"; zero fractions are left out.
std::string FormatTime(TimeMicros time);
/// Reads RFC 3339: date, 'T' or space, time, optional fraction, 'Z' or +hh:mm. A bare date is midnight UTC.
Result<TimeMicros> ParseTime(std::string_view text);

}  // namespace leat
