#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "data/type.h"

struct ArrowArray;
struct ArrowSchema;

namespace leat::sql {

/// Two kinds of DuckDB instance (decisions: "Engine settings and confinement"). kEngine runs SQL made by Leat and project
/// SQL that passed the walker; kUser runs what people type (`leat sql`, page, wire).
enum class InstanceKind { kEngine, kUser };

struct EngineOptions {
  InstanceKind kind = InstanceKind::kEngine;
  int64_t memory_limit_bytes = 0;  ///< 0: 60 % of the machine
  int threads = 0;                 ///< 0: all cores
  std::string private_folder;      ///< temp, home and secret folders go below it
  std::vector<std::string> allowed_folders;  ///< besides it: warehouse, project
  std::string extension_folder;    ///< where our verified extension files lie
};

/// One column of a result.
struct Column {
  std::string name;
  std::string type;  ///< DuckDB's name, "DECIMAL(9,2)"
};

/// A materialised result with every value as text (DuckDB's cast to VARCHAR), NULL as nullopt. For small results.
struct TextRows {
  std::vector<Column> columns;
  std::vector<std::vector<std::optional<std::string>>> rows;
  const std::optional<std::string>& At(size_t row, size_t column) const { return rows[row][column]; }
};

class Connection;

/// A DuckDB instance, set up and locked in one place (settings.cc lists the settings; its test lists them again).
/// Thread-safe. Library version other than the pinned one: SQL-101 kEnvironment.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const EngineOptions& options);
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<Connection>> Connect() = 0;
  /// Loads one of our extension files after checking its hash. Must happen before the first user statement.
  virtual Status LoadExtension(const std::string& name) = 0;
  virtual std::string version() const = 0;
};

/// Counters of one statement, by operator kind, from DuckDB's own profile: rows that left the table scans and rows that
/// left each filter. Used by the ledger as the reader's own count.
struct StatementCounts {
  int64_t rows_scanned = 0;
  int64_t result_rows = 0;
};

/// One connection: one thread at a time, Interrupt from any. Errors: SQL-2xx with the position inside the statement in
/// `where` (file "", line, column); SQL-301 kResource out of memory; RUN-900 interrupted.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Status Execute(std::string_view sql) = 0;
  virtual Result<TextRows> Query(std::string_view sql) = 0;
  /// Runs `sql` with DuckDB's profiler on and returns its counters as well.
  virtual Result<TextRows> QueryProfiled(std::string_view sql, StatementCounts& counts) = 0;
  /// Column names and types of a SELECT without running it.
  virtual Result<std::vector<Column>> Describe(std::string_view sql) = 0;
  /// Streams a SELECT as rows of text, batch by batch (2,048 rows); return an error from `sink` to stop.
  virtual Status Stream(std::string_view sql, const std::function<Status(const TextRows&)>& sink) = 0;

  /// Pulls Arrow batches from `next` (component::ArrowStream::Next) into a new temporary table; returns its row count.
  virtual Result<int64_t> LoadArrow(const std::string& table,
                                    const std::function<Result<bool>(ArrowArray*, ArrowSchema*)>& next) = 0;

  /// Registers the scalar function `name`(reason VARCHAR, origin VARCHAR, row BIGINT, payload VARCHAR) -> BOOLEAN false,
  /// volatile: `take` is called for every row it is evaluated on (from DuckDB's threads, one batch at a time, locked).
  /// The way rejected rows leave a statement in the same pass.
  struct Rejected {
    std::string reason;
    std::string origin;
    int64_t row = 0;
    std::string payload;
  };
  virtual Status RegisterRejecter(const std::string& name, std::function<Status(const Rejected&)> take) = 0;

  virtual void Interrupt() = 0;
};

/// 'text' with quotes doubled; "name" likewise.
std::string QuoteLiteral(std::string_view text);
std::string QuoteName(std::string_view name);

}  // namespace leat::sql
