#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/field.h"
#include "data/type.h"

struct ArrowArray;
struct ArrowSchema;

namespace leat::component {

class Budget;
struct TableScan;

/// What a source can do, as plain facts. The engine asks these, never a name.
struct SourceCapabilities {
  bool relation = false;     ///< delivers SQL that DuckDB scans itself; else a stream of Arrow batches
  bool incremental = false;  ///< reads from a bookmark on an update key
  bool files = false;        ///< has input files: the file ledger decides what is new
  bool sees_deletes = false;
  bool ranges = false;  ///< reads exactly the rows between two values of an update key
  bool own_bookmark =
      false;            ///< tells by itself what is new (snapshots, versions): `incremental` without an update key
  bool splits = false;  ///< Split gives parts that can be read apart, and again after a crash
  std::vector<std::string> extensions;  ///< DuckDB extensions that a relation needs
};

/// One input file of a source that has files.
struct InputFile {
  std::string path;    ///< as read (after unpacking: a spool file)
  std::string origin;  ///< as the user knows it: inbound/flights_01.csv, a.zip!member.csv
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t identity = 0;     ///< inode
  std::string content_hash;  ///< XXH3-128 hex; "" until it was needed
};

/// One column as a source reads it.
struct SourceColumn {
  std::string name;         ///< in the source
  data::TypePtr type;       ///< in the raw table; null: the engine's table of types decides from `engine_type`
  std::string engine_type;  ///< DuckDB's name of the type, where a source reads files that have types of their own
  int id = 0;  ///< stays when the column is renamed, never belongs to another one; 0: the source has no such ids
};

/// What one table of a source is made of, found by Discover and registered.
struct SourceTable {
  std::string name;
  std::vector<SourceColumn> columns;
  std::vector<std::string> primary_key;
  std::optional<int64_t> estimated_rows;
  /// What discovery found out beside the columns (csv: the delimiter), registered with them and never guessed again.
  std::map<std::string, std::string> settings;
};

/// How one registered column comes out of a relation. All SQL over the relation's own columns.
struct ReadColumn {
  std::string value;     ///< the typed value
  std::string text;      ///< what stood in the source, for dead letters; "" when it is `value` itself
  bool checked = false;  ///< `value` is NULL where `text` does not fit the type exactly: the row is rejected then
};

/// How DuckDB reads a relation. `from`: a table expression ("read_csv([...], ...)"). Columns for provenance are SQL over it.
struct Relation {
  std::string from;
  std::vector<ReadColumn> columns;  ///< one per column of the request's table, in order
  /// Columns that the input has and the registered table does not: the caller adds them to the table and asks again.
  std::vector<SourceColumn> added;
  std::string origin_file;  ///< expression that gives the origin of a row, or ""
  std::string origin_row;   ///< expression that gives its number in the file, or ""
};

/// A pull of Arrow batches (Arrow C Data Interface). Next fills both and returns true, or returns false at the end.
/// The caller releases what it got. Called from one thread at a time. Columns: k0, k1 … as the request's table (a column may
/// arrive as text: the engine then casts it, checked), then
///   leat_file INTEGER     sources with files: index into the request's files
///   leat_row BIGINT       number of the row in the source (line, rowid), or NULL
///   leat_bad VARCHAR      NULL for a good row, else RefusedRow(…): why the row cannot be taken as it is
///   leat_payload VARCHAR  for refused rows, the row as JSON text or as it stands in the file; of a good row for the engine
///                         and the checks, which may refuse it, or NULL: then its values are shown
/// The first call gives a batch even if it has no rows (the columns). A batch has at most 2,048 rows.
class ArrowStream {
 public:
  virtual ~ArrowStream() = default;
  virtual Result<bool> Next(ArrowArray* array, ArrowSchema* schema) = 0;
  virtual int64_t rows_read() const = 0;  ///< counted at the reader
  /// Bytes of the request's files that are behind it, for the bar; 0 where it cannot tell.
  virtual int64_t bytes_read() const { return 0; }
};

/// What `leat_bad` says: reason code ("cast", "csv.missing_columns"), column ("" for the whole row) and message.
std::string RefusedRow(const std::string& reason_code, const std::string& column, const std::string& message);
struct RefusedParts {
  std::string reason_code, column, message;
};
RefusedParts SplitRefusedRow(const std::string& text);

/// What the engine gives a source besides its own options.
struct SourceContext {
  std::string project_root;  ///< relative paths start here
  std::string spool_folder;  ///< for unpacked and re-encoded files
  const Clock* clock = nullptr;
  CancelToken* cancel = nullptr;
  Budget* budget = nullptr;  ///< of the connection; null: no limit (unit tests)
  /// Runs a statement on an engine connection and returns rows of text (schema inference by DuckDB's own sniffers).
  std::function<Result<std::vector<std::vector<std::string>>>(const std::string& sql)> query;
  /// Reads data files of another lake's table (component/table_scan.h) on a connection of its own: batches with the columns of
  /// its `select`. What it is given is needed only during the call.
  std::function<Result<std::unique_ptr<ArrowStream>>(const TableScan& scan)> scan;
};

/// A piece of one table that can be read by itself: a range of keys, of times or of pages, or a bucket of a hash. The parts
/// that Split gives hold each row of the table exactly once.
struct TablePart {
  std::string id;      ///< equal for equal bounds: what was read of it before a crash counts
  std::string shown;   ///< "id >= 100 and id < 200", for plans, logs and errors
  std::string bounds;  ///< for the source alone
  int64_t estimated_rows = 0;
};

/// How a table is to be cut.
struct SplitAim {
  int64_t rows_per_part = 0;  ///< about; 0: the source decides
  int streams = 1;            ///< that will read at once
};

struct TableParts {
  std::vector<TablePart> parts;  ///< in the order in which they should be read; empty: cannot be cut
  std::string reason;            ///< why so: "ranges of the primary key id (bigint), 24 parts from its histogram"
  /// A row stays in its part, or leaves what `request` asks for and comes with a later load: parts may be read at different
  /// times, by several runs, and are whole together. Else only one transaction, or an unchanged Fingerprint, makes them so.
  bool lasting = false;
};

/// What to read in one step.
struct ReadRequest {
  SourceTable table;               ///< as registered
  std::vector<InputFile> files;    ///< sources with files: exactly these
  std::string update_key;          ///< incremental: rows with update_key > bookmark …
  std::string bookmark;            ///< … "" is "from the beginning"
  std::string upper;               ///< … and <= upper, the value of Upper() when the step began
  bool inclusive = false;          ///< sources with ranges: with the rows of the bookmark itself
  std::vector<TablePart> parts{};  ///< exactly these parts; empty: everything
  bool by_key = false;             ///< rows replace those of their key: one that was read before may come again
};

/// One table of one connection. Made per step; called from one thread. Errors name table, file and line.
class Source {
 public:
  virtual ~Source() = default;
  /// For `doctor` and the start of a run.
  virtual Status Check() = 0;
  /// What the step goes on from, before anything else is asked: update key and bookmark.
  virtual Status Begin(const ReadRequest& request) {
    (void)request;
    return Ok();
  }
  /// Columns and keys as they are now. Empty input is not an error: columns as far as they are known.
  virtual Result<SourceTable> Discover() = 0;
  /// Files that match now, sorted by origin (sources with files).
  virtual Result<std::vector<InputFile>> ListFiles() { return std::vector<InputFile>{}; }
  /// Unpacks or re-encodes what DuckDB cannot read itself, into the spool folder; origin stays.
  virtual Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) { return files; }
  /// The greatest update key now, as text ("" when empty).
  virtual Result<std::string> Upper(const std::string& update_key) {
    (void)update_key;
    return std::string();
  }
  /// Something that changes whenever the content may have (file: size, mtime, inode of it and its WAL), "" if it cannot tell.
  virtual Result<std::string> Fingerprint() { return std::string(); }
  /// Columns that the input has and the registered table does not: the caller adds them to the table before it opens a
  /// stream (a relation says them itself).
  virtual Result<std::vector<SourceColumn>> FindAdded(const ReadRequest& request) {
    (void)request;
    return std::vector<SourceColumn>{};
  }
  /// Cuts what `request` asks for into parts (sources that split). They are read by OpenStreams of the same or, after a
  /// crash, of another object.
  virtual Result<TableParts> Split(const ReadRequest& request, const SplitAim& aim) {
    (void)request, (void)aim;
    return TableParts{};
  }
  /// Something that changes when the table is another one, so that parts read of it before do not count ("" never). Of sources
  /// without a Fingerprint.
  virtual Result<std::string> PartsIdentity() { return std::string(); }
  virtual Result<Relation> OpenRelation(const ReadRequest& request);
  virtual Result<std::unique_ptr<ArrowStream>> OpenStream(const ReadRequest& request);
  /// Up to `count` streams that together give each row once, for as many threads. Default: the one of OpenStream.
  virtual Result<std::vector<std::unique_ptr<ArrowStream>>> OpenStreams(const ReadRequest& request, int count);
};

/// Makes the source of one table: validated values of its connection and of its entry.
using MakeSource = Result<std::unique_ptr<Source>> (*)(const config::Values& connection, const config::Values& table,
                                                       const std::string& table_name, const SourceContext& context);

}  // namespace leat::component
