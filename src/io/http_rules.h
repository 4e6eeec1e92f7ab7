#pragma once

#include <optional>
#include <string>

#include "base/clock.h"

namespace leat::io {

/// The time of a header ("Sat, 21 Nov 2026 08:00:00 GMT" and the older forms, RFC 9110, "Date/Time Formats"); nullopt: it is
/// none.
std::optional<TimeMicros> HttpTime(const std::string& text);

/// Seconds or a time of a Retry-After header as a time; 0 when it says neither.
TimeMicros RetryAfter(const std::string& header, TimeMicros now);

/// "https://host:port" of an address, in small letters, without who logs in and without the port that its scheme has anyway;
/// "" where there is no scheme. Keys are for one origin.
std::string UrlOrigin(const std::string& url);

/// Whether an answer of this status may be another one later (408, 425, 429 and most of 5xx).
bool MayComeBack(int status);

}  // namespace leat::io
