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
#include "io/s3/options.h"

struct ArrowArray;
struct ArrowSchema;

namespace leat::sql {

/// Two kinds of DuckDB instance (decisions: "Engine settings and confinement"). kEngine runs SQL made by Leat and project
/// SQL that passed the walker; kUser runs what people type (`leat sql`, page, wire).
enum class InstanceKind { kEngine, kUser };

/// The object store of the warehouse. DuckDB's httpfs is loaded for it, from our verified file, and gets keys that hold for
/// files below `scope` alone.
struct ObjectStore {
  std::string scope;  ///< "s3://bucket/prefix"
  io::s3::Endpoint endpoint;
  std::function<Result<io::s3::Credentials>()> credentials;  ///< asked at each Connect: keys may be renewed
};

/// What an instance has asked of its store since it was opened (each try counts).
struct StoreRequests {
  int64_t get = 0, head = 0, put = 0, list = 0, remove = 0;
  int64_t read_bytes = 0, written_bytes = 0;
};

struct EngineOptions {
  InstanceKind kind = InstanceKind::kEngine;
  int64_t memory_limit_bytes = 0;            ///< 0: 60 % of the machine
  int threads = 0;                           ///< 0: all cores
  bool preserve_insertion_order = true;      ///< false: the careful second try of a step that ran out of memory
  std::string private_folder;                ///< temp, home and secret folders go below it
  std::vector<std::string> allowed_folders;  ///< besides it: warehouse, project
  std::string extension_folder;              ///< where our verified extension files lie; "": beside libduckdb
  std::optional<ObjectStore> store;
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

/// A DuckDB instance, set up and locked in one place (settings.cc lists the settings; its test lists them again). It is
/// locked at the first Connect: extensions are loaded before. Thread-safe. Connections keep the instance alive.
/// Library version other than the pinned one: SQL-101 kEnvironment.
class Engine {
 public:
  static Result<std::unique_ptr<Engine>> Open(const EngineOptions& options);
  virtual ~Engine() = default;
  virtual Result<std::unique_ptr<Connection>> Connect() = 0;
  /// Loads <extension_folder>/<name>.duckdb_extension after checking its SHA-256 against the folder's SHA256SUMS.
  /// Before the first Connect, else SQL-103. Missing file: SQL-104 kEnvironment; another hash: SQL-105 kEnvironment.
  virtual Status LoadExtension(const std::string& name) = 0;
  /// Counted for kEngine alone, from DuckDB's own log.
  virtual Result<StoreRequests> store_requests() = 0;
  virtual std::string version() const = 0;
};

/// Counters of one statement from DuckDB's own profile (the real counts of its operators, not its estimates).
/// WARNING: read_csv and read_json have no filter push-down, so rows_scanned is what the reader read. A Parquet scan
/// takes filters (and LIMIT) in: then rows_scanned is what is left and `scan_filtered` is set; the reader's own count is
/// then the sum of the footers' row counts (ParquetRowCount, or lake::ScanPlan::rows_total for tables of the lake).
struct StatementCounts {
  int64_t rows_scanned = 0;    ///< rows that left the table scans
  int64_t result_rows = 0;     ///< rows of the result; for a COPY, rows that reached its writer
  bool scan_filtered = false;  ///< a scan applied a filter itself
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

  /// Makes `name`() a table function over `readers` (component::ArrowStream::Next each): a statement reads each of them on
  /// one thread at a time, several side by side; what one statement has read is gone for the next. Batches have at most
  /// 2,048 rows; the first reader is asked once here, for the columns, which are returned. An error of a reader ends the
  /// statement and is its error; a bad batch: SQL-206 kData. Registering a name again replaces the readers; with the
  /// connection, they go.
  using BatchReader = std::function<Result<bool>(ArrowArray*, ArrowSchema*)>;
  virtual Result<std::vector<Column>> RegisterStream(const std::string& name, std::vector<BatchReader> readers) = 0;

  /// Registers the scalar function `name`(reason VARCHAR, origin VARCHAR, row BIGINT, payload VARCHAR) -> BOOLEAN false,
  /// volatile: `take` is called for every row it is evaluated on (from DuckDB's threads, one batch at a time, locked).
  /// The way rejected rows leave a statement in the same pass: WHERE CASE WHEN <ok> THEN true ELSE <name>(…) END.
  /// Each row is evaluated once, also in COPY and with several threads (rejecter_test); do not put it below a LIMIT, in
  /// a join condition or in an expression that is written twice. An error of `take` ends the statement and is its error.
  /// Registering a name again replaces `take`; with the connection, `take` goes.
  struct Rejected {
    std::string reason;
    std::string origin;
    int64_t row = 0;
    std::string payload;
  };
  virtual Status RegisterRejecter(const std::string& name, std::function<Status(const Rejected&)> take) = 0;

  virtual void Interrupt() = 0;
};

/// Sum of the row counts in the footers of Parquet files: the reader's own count where a filter went into the scan.
Result<int64_t> ParquetRowCount(Connection& connection, const std::vector<std::string>& files);

/// 'text' with quotes doubled; "name" likewise.
std::string QuoteLiteral(std::string_view text);
std::string QuoteName(std::string_view name);

}  // namespace leat::sql
