#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "component/source.h"

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

/// What the whole numbers of a column are in one range, so that two places can be compared without reading them: two ranges with
/// equal facts are taken for equal.
struct RangeFacts {
  int64_t rows = 0;
  std::vector<std::string> sums;  ///< of RangeSums(), as texts of whole numbers

  bool operator==(const RangeFacts&) const = default;
};

/// The number of the range of `width` that a value is in, in SQL: the value without its remainder, which has the value's sign. So
/// range 0 reaches from -width + 1 to width - 1.
inline std::string RangeOf(const std::string& column, int64_t width) {
  return column + " - " + column + " % " + std::to_string(width);
}
/// SQL of what is summed in a range: remainders, whose squares stay below 2^31.
std::vector<std::string> RangeSums(const std::string& column);

/// In whose SQL keys are summed.
enum class KeyDialect { kNone, kPostgres, kMySql, kEngine };

/// How the keys of a table are parted into chunks.
struct KeyChunks {
  /// Ranges of the ordinal of the key's first column (OrdinalSql), by RangeOf; 0: buckets of the hash, 4,096 of them.
  int64_t width = 0;
  int64_t low = 0, high = 0;  ///< ordinals outside are in no chunk
};

/// What the keys of a table are, chunk by chunk: two chunks with equal facts are taken for equal.
struct KeySums {
  struct Chunk {
    int64_t rows = 0;
    uint64_t sum = 0;  ///< of the first 60 bits of the hashes, modulo 2^64

    bool operator==(const Chunk&) const = default;
  };
  std::map<int64_t, Chunk> chunks;
  int64_t keys = 0;    ///< also those in no chunk
  bool nulls = false;  ///< a column of a key is NULL somewhere
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
  /// The column's values by RangeOf. Reads the whole column. Without those that are NULL.
  virtual Result<std::map<int64_t, RangeFacts>> SumRanges(const std::string& column, int64_t width) = 0;
  /// In whose SQL this source can sum keys of these columns (as registered), so that each key has a text of its own and the same as in the
  /// engine's SQL; kNone: it cannot, or that is not certain.
  virtual Result<KeyDialect> SumsKeys(const std::vector<SourceColumn>& key) {
    (void)key;
    return KeyDialect::kNone;
  }
  /// Reads the whole key of each row. Where SumsKeys is not kNone.
  virtual Result<KeySums> SumKeys(const std::vector<SourceColumn>& key, const KeyChunks& chunks) = 0;
  /// The rows whose keys are in these chunks, for ReadRequest::parts.
  virtual Result<TablePart> InChunks(const std::vector<SourceColumn>& key, const KeyChunks& chunks,
                                     const std::vector<int64_t>& numbers) = 0;
  /// The greatest values of a column, at most `most`, the greatest first; without NULL.
  virtual Result<std::vector<std::string>> Greatest(const std::string& column, int most) = 0;
  /// Rows with from <= column < to; the column is a moment. Nullopt: values of this source cannot be compared with a moment.
  virtual Result<std::optional<int64_t>> CountBetween(const std::string& column, TimeMicros from, TimeMicros to) = 0;
};

}  // namespace leat::component
