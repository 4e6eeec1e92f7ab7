#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace leat::component {

/// What the server of a table tells about itself, as far as planning loads needs it.
struct ServerFacts {
  std::string name;                     ///< "PostgreSQL 15.8", "" unknown
  std::optional<int> most_connections;  ///< that this user may open
  std::optional<int> connections;       ///< open now, of all users
  bool change_log = false;              ///< this user could read single changes from the server's log
  std::string change_log_reason;        ///< why, or why not; "" the server has no such log
};

/// Rows that were written to a table, as its server counts them.
struct WriteCounters {
  int64_t inserted = 0, updated = 0, deleted = 0;
  std::optional<TimeMicros> since;  ///< when it began to count, if it tells
};

struct ColumnCounts {
  int64_t rows = 0;
  std::vector<int64_t> values;  ///< of each column asked for: rows in which it is not NULL
};

/// What a source implements beside Source when a table of it can be measured with a few short questions. Errors are the source's
/// own; after one the next question may be asked.
class TableProbe {
 public:
  virtual ~TableProbe() = default;
  /// The server ends a statement of this object that takes longer; one that cannot goes on.
  virtual void LimitStatements(std::chrono::milliseconds longest) { (void)longest; }
  virtual Result<ServerFacts> Server() { return ServerFacts{}; }
  /// Nullopt: the server does not count.
  virtual Result<std::optional<WriteCounters>> Writes() { return std::optional<WriteCounters>(); }
  /// Reads the whole table.
  virtual Result<ColumnCounts> Count(const std::vector<std::string>& columns) = 0;
  /// How many different values the columns have together, in rows where none is NULL. Reads the whole table.
  virtual Result<int64_t> CountKeys(const std::vector<std::string>& columns) = 0;
  /// The greatest values of a column, at most `most`, the greatest first; without NULL.
  virtual Result<std::vector<std::string>> Greatest(const std::string& column, int most) = 0;
  /// Rows with from <= column < to; the column is a moment. Nullopt: values of this source cannot be compared with a moment.
  virtual Result<std::optional<int64_t>> CountBetween(const std::string& column, TimeMicros from, TimeMicros to) = 0;
};

}  // namespace leat::component
