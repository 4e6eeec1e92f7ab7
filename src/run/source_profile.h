#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "component/table_list.h"
#include "component/table_probe.h"

namespace leat::run {

/// What the values of a column with moments tell about the changes of its table.
struct MomentProfile {
  std::string column;
  int64_t seen = 0;                  ///< the newest values, that were looked at
  int64_t unreadable = 0;            ///< of them: no moments
  std::optional<int64_t> nulls;      ///< rows without a value; nullopt: not counted
  std::optional<TimeMicros> newest;  ///< of those seen
  std::optional<TimeMicros> oldest;  ///< of those seen
  int64_t ahead = 0;                 ///< of those seen: later than the clock of this machine
  int64_t same = 0;                  ///< of those seen: most rows with one value
  TimeMicros step = 0;  ///< what all that were seen are multiples of: a day, hour, …, microsecond; 0: none seen
  std::optional<double> per_day;       ///< rows whose moment falls into one day, lately
  std::array<int64_t, 24> hours{};     ///< how they spread over the hours of the day, UTC
  std::optional<int64_t> since_reset;  ///< rows with a moment since the server began to count writes
};

/// How good a key is.
struct KeyProfile {
  std::vector<std::string> columns;
  bool declared = false;   ///< the source holds it unique itself: nothing was counted
  int64_t with_null = 0;   ///< rows in which one of the columns is NULL
  int64_t duplicates = 0;  ///< rows whose values another row has, too
  bool holds() const { return declared || (with_null == 0 && duplicates == 0); }
};

/// What reading some rows took.
struct ReadProfile {
  int64_t rows = 0;
  int64_t bytes = 0;  ///< 0: the source does not tell
  std::chrono::microseconds time{};
  std::chrono::microseconds longest{};  ///< statement
  bool all = false;                     ///< there are no more rows
};

/// What was measured of one table, at one time.
struct TableProfile {
  TimeMicros at = 0;
  std::optional<int64_t> rows;
  bool counted = false;  ///< rows are counted, not estimated by the source
  std::optional<int64_t> bytes;
  std::optional<KeyProfile> key;
  std::vector<MomentProfile> moments;
  std::optional<component::WriteCounters> writes;
  std::optional<ReadProfile> read;
  std::vector<std::string> not_measured;  ///< what, and why

  const MomentProfile* Find(const std::string& column) const;
};

/// The moments of a column from its newest values (ISO texts), as far as they tell.
MomentProfile ProfileMoments(const std::string& column, const std::vector<std::string>& values, TimeMicros now);

/// Four hours of the day in which few of the changes happen, UTC; nullopt: too little is known, or no hours are quiet.
struct QuietHours {
  int from = 0;      ///< 0 to 23
  double share = 0;  ///< of all changes
};
std::optional<QuietHours> FindQuietHours(const std::vector<TableProfile>& profiles);

/// How long one connection would take for the whole table, by the rows that were read; nullopt: not known.
std::optional<std::chrono::microseconds> TimeToReadAll(const TableProfile& profile);

std::string ProfileToJson(const TableProfile& profile);
/// RUN-554 kData: a profile that another version wrote and this one cannot read.
Result<TableProfile> ProfileFromJson(const std::string& text);

}  // namespace leat::run
