#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "base/json_quoted.h"
#include "base/nearest.h"
#include "component/arrow_batch.h"
#include "component/budget.h"
#include "component/input_files.h"
#include "component/row_columns.h"
#include "component/server_reading.h"
#include "component/spec.h"
#include "component/sql_probe.h"
#include "component/sql_text.h"
#include "components/source/sqlite/sqlite_database.h"
#include "components/source/sqlite/declared_columns.h"
#include "components/source/sqlite/sqlite_types.h"

namespace leat::components::sqlite {
namespace {

using component::ReadRequest;
using component::SourceColumn;

constexpr int kBatchRows = 2048;
constexpr int64_t kPartRows = 200'000;

bool IsNumber(const data::Type& type) {
  using data::TypeId;
  return component::IsWholeNumber(type) || type.id == TypeId::kDecimal || type.id == TypeId::kFloat ||
         type.id == TypeId::kDouble;
}

/// The parts of one read that no stream has begun. Thread-safe.
struct PartQueue {
  std::vector<component::TablePart> parts;
  bool whole = false;  ///< no parts: everything, once

  std::optional<component::TablePart> Take() {
    std::lock_guard lock(mutex);
    if (whole) {
      whole = false;
      return component::TablePart{};
    }
    if (next == parts.size()) return std::nullopt;
    return parts[next++];
  }

  std::mutex mutex;
  size_t next = 0;
};

/// One SELECT a part, row by row; a connection of its own, from its first part to its last.
class SqliteStream : public component::ArrowStream {
 public:
  /// Compiles the SELECT of a part, opens the database before the first; true when column 0 is the rowid.
  using OpenPart = std::function<Result<bool>(Database&, Statement&, const component::TablePart&)>;

  SqliteStream(std::shared_ptr<PartQueue> parts, OpenPart open, component::SourceTable table, std::string file,
               component::SourceContext context, component::ArrowBatchBuilder builder)
      : parts_(std::move(parts)),
        open_(std::move(open)),
        table_(std::move(table)),
        file_(std::move(file)),
        context_(std::move(context)),
        builder_(std::move(builder)) {}

  /// Opens the first part.
  Status Start() { return NextPart(); }

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
    if (!begun_) LEAT_TRY(NextPart());
    const int64_t bytes_before = bytes_;
    while (statement_ != nullptr && builder_.rows() < kBatchRows) {
      const auto began = std::chrono::steady_clock::now();
      int outcome = SQLITE_ROW;
      while (builder_.rows() < kBatchRows && (outcome = sqlite3_step(statement_.get())) == SQLITE_ROW) ReadRow();
      if (outcome != SQLITE_ROW && outcome != SQLITE_DONE)
        return SqliteError(database_.get(), file_, "table " + table_.name);
      cost_.time += std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - began);
      if (outcome == SQLITE_DONE) LEAT_TRY(NextPart());
    }
    if (context_.budget != nullptr) LEAT_TRY(context_.budget->Spend(bytes_ - bytes_before, context_.cancel));
    if (builder_.rows() == 0 && !first_) return false;
    first_ = false;
    builder_.Take(array, schema);
    return true;
  }

  int64_t rows_read() const override { return rows_; }

 private:
  Status NextPart() {
    if (begun_ && statement_ != nullptr && context_.budget != nullptr) context_.budget->Note(cost_);
    cost_ = {};
    begun_ = true;
    statement_.reset();
    const std::optional<component::TablePart> part = parts_->Take();
    if (!part) {
      database_.reset();
      return Ok();
    }
    LEAT_ASSIGN(has_rowid_, open_(database_, statement_, *part));
    return Ok();
  }

  void ReadRow() {
    ++rows_;
    ++cost_.rows;
    std::string bad;
    int offset = has_rowid_ ? 1 : 0;
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      data::Value value;
      std::string message;
      bool fits = ReadCell(statement_.get(), offset + static_cast<int>(i), *table_.columns[i].type, value, message);
      if (!fits && bad.empty()) bad = component::RefusedRow("cast", table_.columns[i].name, message);
      const int type = sqlite3_column_type(statement_.get(), offset + static_cast<int>(i));
      const bool wide = type == SQLITE_TEXT || type == SQLITE_BLOB;
      const int64_t bytes = wide ? sqlite3_column_bytes(statement_.get(), offset + static_cast<int>(i)) : 8;
      cost_.bytes += bytes;
      bytes_ += bytes;
      builder_.Append(i, value);
    }
    size_t next = table_.columns.size();
    data::Value none;
    builder_.Append(next, has_rowid_ ? data::Value(int64_t{sqlite3_column_int64(statement_.get(), 0)}) : none);
    builder_.Append(next + 1, bad.empty() ? none : data::Value(bad));
    builder_.Append(next + 2, bad.empty() ? none : data::Value(RowAsJson(offset)));
  }

  std::string RowAsJson(int offset) {
    std::string json = "{";
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      json += (i == 0 ? "" : ", ") + JsonQuoted(table_.columns[i].name) + ": " +
              CellAsJson(statement_.get(), offset + static_cast<int>(i));
    }
    return json + "}";
  }

  std::shared_ptr<PartQueue> parts_;
  OpenPart open_;
  component::SourceTable table_;
  std::string file_;
  component::SourceContext context_;
  component::ArrowBatchBuilder builder_;
  Database database_;
  Statement statement_;  ///< null: before the first part, behind the last
  bool has_rowid_ = false;
  bool begun_ = false;
  bool first_ = true;
  int64_t rows_ = 0, bytes_ = 0;
  component::SourceCost cost_;  ///< of the statement
};

class SqliteSource : public component::Source, public component::SchemaObserver, public component::SqlProbe {
 public:
  SqliteSource(const config::Values& connection, const config::Values& table, component::TableQuery query,
               const std::string& name, component::SourceContext context)
      : path_(component::BelowProject(context.project_root, connection.Text("file"))),
        shown_(connection.Text("file")),
        table_(table.Text("table").empty() ? name : table.Text("table")),
        query_(std::move(query)),
        name_(name),
        context_(std::move(context)) {}

  Status Check() override {
    LEAT_ASSIGN(Database database, Open());
    return FindTable(database.get());
  }

  Result<component::SourceTable> Discover() override { return Describe({}); }

  /// Types of columns that declare none would have to be found from all values: not those of known ones.
  Result<std::vector<component::ObservedInput>> Observe(const ReadRequest& request,
                                                        const component::ObserveWish&) override {
    LEAT_ASSIGN(component::SourceTable found, Describe(request.table.columns));
    return component::Observed(std::move(found));
  }

  Result<std::string> Upper(const std::string& update_key) override {
    LEAT_ASSIGN(Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    LEAT_TRY(FindColumn(database.get(), update_key));
    LEAT_ASSIGN(
        Statement greatest,
        Compile(database.get(), "SELECT max(" + component::SqlName(update_key) + ") FROM " + Place(), shown_, What()));
    if (sqlite3_step(greatest.get()) != SQLITE_ROW) return SqliteError(database.get(), shown_, What());
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(greatest.get(), 0));
    return std::string(text == nullptr ? "" : text);
  }

  /// File and write-ahead log: size, time and identity. None of a query: its rows may depend on the day.
  Result<std::string> Fingerprint() override {
    if (!query_.empty()) return std::string();
    std::string fingerprint;
    for (const char* suffix : {"", "-wal"}) {
      struct stat info {};
      if (stat((path_ + suffix).c_str(), &info) != 0) {
        if (*suffix == 0) return MissingFile(shown_, What());
        continue;
      }
      if (*suffix != 0 && info.st_size == 0) continue;  // an empty log says nothing; readers make and remove it
      fingerprint += std::to_string(info.st_size) + ":" + std::to_string(info.st_mtim.tv_sec) + "." +
                     std::to_string(info.st_mtim.tv_nsec) + ":" + std::to_string(info.st_ino) + ";";
    }
    return fingerprint;
  }

  /// Ranges of the rowid with as many rows each, found in one pass over it.
  Result<component::TableParts> Split(const ReadRequest& request, const component::SplitAim& aim) override {
    component::TableParts split;
    LEAT_ASSIGN(Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    if (!HasRowid(database.get())) {
      split.reason = "a query, a view or a table without rowid has no ranges to be read apart";
      return split;
    }
    const int64_t rows = aim.rows_per_part > 0 ? aim.rows_per_part : kPartRows;
    LEAT_ASSIGN(
        Statement bounds,
        Compile(database.get(),
                "SELECT leat_id FROM (SELECT rowid AS leat_id, row_number() OVER (ORDER BY rowid) AS leat_n FROM " +
                    Place() + Condition(request, {}) + ") WHERE leat_n % ?5 = 0",
                shown_, What()));
    Bind(bounds.get(), request);
    sqlite3_bind_int64(bounds.get(), 5, rows);
    int outcome = SQLITE_ROW;
    std::string from;
    const auto add = [&](const std::string& to) {
      component::TablePart part;
      part.bounds = from + "," + to;
      part.id = "rowid:" + part.bounds;
      part.shown = from.empty() ? "" : "rowid > " + from;
      if (!to.empty()) part.shown += (part.shown.empty() ? "" : " and ") + ("rowid <= " + to);
      part.estimated_rows = rows;
      split.parts.push_back(std::move(part));
      from = to;
    };
    while ((outcome = sqlite3_step(bounds.get())) == SQLITE_ROW)
      add(std::to_string(sqlite3_column_int64(bounds.get(), 0)));
    if (outcome != SQLITE_DONE) return SqliteError(database.get(), shown_, What());
    if (!split.parts.empty()) add("");
    split.reason = split.parts.empty() ? fmt::format("fewer than {} rows", rows)
                                       : fmt::format("ranges of the rowid with {} rows each", rows);
    return split;
  }

  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const ReadRequest& request) override {
    LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
    return std::move(streams.front());
  }

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const ReadRequest& request,
                                                                           int count) override {
    auto parts = std::make_shared<PartQueue>();
    parts->parts = request.parts;
    parts->whole = request.parts.empty();
    int width = std::max(1, std::min(count, static_cast<int>(request.parts.size())));
    if (width > 1 && context_.budget != nullptr) width = context_.budget->Width(width);
    std::vector<std::unique_ptr<component::ArrowStream>> streams;
    for (int i = 0; i < width; ++i) {
      auto read = [this, request, has_rowid = false](Database& database, Statement& statement,
                                                     const component::TablePart& part) mutable -> Result<bool> {
        if (database == nullptr) {
          LEAT_ASSIGN(database, Open());
          LEAT_TRY(FindTable(database.get()));
          has_rowid = HasRowid(database.get());
        }
        LEAT_ASSIGN(statement, Select(database.get(), request, part, has_rowid));
        return has_rowid;
      };
      std::vector<component::ArrowBatchBuilder::Column> columns;
      for (size_t c = 0; c < request.table.columns.size(); ++c)
        columns.push_back({"k" + std::to_string(c), request.table.columns[c].type});
      component::AddRowColumns(columns);
      LEAT_ASSIGN(component::ArrowBatchBuilder builder, component::ArrowBatchBuilder::Make(std::move(columns)));
      auto stream =
          std::make_unique<SqliteStream>(parts, std::move(read), request.table, shown_, context_, std::move(builder));
      if (i == 0) LEAT_TRY(stream->Start());  // an error of the table shows before anything is read
      streams.push_back(std::move(stream));
    }
    return streams;
  }

  Result<component::ServerFacts> Server() override {
    component::ServerFacts facts;
    facts.name = std::string("SQLite ") + sqlite3_libversion();
    return facts;
  }

 protected:
  Result<std::vector<component::TextRow>> ProbeRows(const std::string& sql) override {
    LEAT_ASSIGN(const Database database, Open());
    LEAT_ASSIGN(const Statement statement, Compile(database.get(), sql, shown_, What()));
    std::vector<component::TextRow> rows;
    int outcome = SQLITE_ROW;
    while ((outcome = sqlite3_step(statement.get())) == SQLITE_ROW) {
      component::TextRow& row = rows.emplace_back(sqlite3_column_count(statement.get()));
      for (int i = 0; i < static_cast<int>(row.size()); ++i) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), i));
        if (text != nullptr) row[static_cast<size_t>(i)] = text;
      }
    }
    if (outcome != SQLITE_DONE) return SqliteError(database.get(), shown_, What());
    return rows;
  }
  Result<std::string> ProbedTable() override {
    LEAT_ASSIGN(const Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    return Place();
  }
  Result<std::string> ProbedColumn(const std::string& name) override { return component::SqlName(name); }
  /// Moments are texts or numbers in whatever form the program that writes them likes.
  Result<std::string> ProbedMoment(const std::string&, TimeMicros) override { return std::string(); }

 private:
  std::string What() const { return "table " + name_; }
  std::string Place() const { return query_.empty() ? component::SqlName(table_) : query_.Relation(); }

  Result<Database> Open() { return OpenDatabase(path_, shown_, What(), context_); }

  /// " WHERE …": what is behind the bookmark (?1), up to the greatest key (?2), and in the part (?3, ?4).
  std::string Condition(const ReadRequest& request, const component::TablePart& part) const {
    std::vector<std::string> conditions;
    const std::string key = component::SqlName(request.update_key);
    // A bound text takes on the affinity of the column that it is compared with; an expression of a query has none.
    const SourceColumn* column = component::FindNamed(request.table.columns, request.update_key);
    const bool cast = !query_.empty() && column != nullptr && IsNumber(*column->type);
    const auto bound = [&](const char* text) { return cast ? fmt::format("CAST({} AS NUMERIC)", text) : text; };
    if (!request.update_key.empty() && !request.bookmark.empty())
      conditions.push_back(key + (request.inclusive ? " >= " : " > ") + bound("?1"));
    if (!request.update_key.empty() && !request.upper.empty()) conditions.push_back(key + " <= " + bound("?2"));
    const size_t comma = part.bounds.find(',');
    if (comma != std::string::npos && comma > 0) conditions.emplace_back("rowid > ?3");
    if (comma != std::string::npos && comma + 1 < part.bounds.size()) conditions.emplace_back("rowid <= ?4");
    std::string sql;
    for (const std::string& condition : conditions) sql += (sql.empty() ? " WHERE " : " AND ") + condition;
    return sql;
  }

  static void Bind(sqlite3_stmt* statement, const ReadRequest& request, const component::TablePart& part = {}) {
    if (!request.update_key.empty()) {
      if (!request.bookmark.empty()) sqlite3_bind_text(statement, 1, request.bookmark.c_str(), -1, SQLITE_TRANSIENT);
      if (!request.upper.empty()) sqlite3_bind_text(statement, 2, request.upper.c_str(), -1, SQLITE_TRANSIENT);
    }
    const size_t comma = part.bounds.find(',');
    if (comma == std::string::npos) return;
    sqlite3_bind_int64(statement, 3, std::strtoll(part.bounds.c_str(), nullptr, 10));
    sqlite3_bind_int64(statement, 4, std::strtoll(part.bounds.c_str() + comma + 1, nullptr, 10));
  }

  Result<Statement> Select(sqlite3* database, const ReadRequest& request, const component::TablePart& part,
                           bool has_rowid) {
    std::string sql = "SELECT ";
    if (has_rowid) sql += "rowid, ";
    for (size_t i = 0; i < request.table.columns.size(); ++i) {
      LEAT_TRY(FindColumn(database, request.table.columns[i].name));
      sql += (i == 0 ? "" : ", ") + component::SqlName(request.table.columns[i].name);
    }
    sql += " FROM " + Place() + Condition(request, part);
    LEAT_ASSIGN(Statement statement, Compile(database, sql, shown_, What()));
    Bind(statement.get(), request, part);
    return statement;
  }

  /// Of `known` columns: under their names, without a type where they declare none.
  Result<component::SourceTable> Describe(const std::vector<SourceColumn>& known) {
    LEAT_ASSIGN(Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    component::SourceTable found;
    found.name = name_;
    LEAT_ASSIGN(const std::vector<DeclaredColumn> columns,
                query_.empty() ? ColumnsOfTable(database.get(), table_, shown_, What())
                               : ColumnsOfQuery(database.get(), query_, shown_, What()));
    std::vector<std::pair<int, std::string>> keys;
    for (const DeclaredColumn& declared : columns) {
      SourceColumn column;
      column.name = declared.name;
      const auto same = std::find_if(known.begin(), known.end(), [&](const SourceColumn& one) {
        return sqlite3_stricmp(one.name.c_str(), column.name.c_str()) == 0;
      });
      if (same != known.end()) column.name = same->name;
      column.type = TypeOfDeclaration(declared.type);
      if (declared.key > 0) keys.emplace_back(declared.key, column.name);
      found.columns.push_back(std::move(column));
    }
    for (SourceColumn& column : found.columns) {
      if (column.type != nullptr ||
          std::any_of(known.begin(), known.end(), [&](const SourceColumn& one) { return one.name == column.name; }))
        continue;
      LEAT_ASSIGN(column.type, TypeOfValues(database.get(), column.name));
    }
    std::sort(keys.begin(), keys.end());
    for (auto& [position, name] : keys) found.primary_key.push_back(name);
    return found;
  }

  Status FindTable(sqlite3* database) {
    if (!query_.empty()) {
      const auto columns = ColumnsOfQuery(database, query_, shown_, What());
      return columns.ok() ? Ok() : Status(columns.error());
    }
    LEAT_ASSIGN(Statement tables,
                Compile(database, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')", shown_, What()));
    std::vector<std::string> names;
    int outcome = SQLITE_ROW;
    while ((outcome = sqlite3_step(tables.get())) == SQLITE_ROW) {
      names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(tables.get(), 0)));
      if (sqlite3_stricmp(names.back().c_str(), table_.c_str()) == 0) return Ok();
    }
    if (outcome != SQLITE_DONE) return SqliteError(database, shown_, What());
    return MakeError("SRC-234", ErrorKind::kNotFound, "table {}: {} has no table '{}'", name_, shown_, table_)
        .WithHint(DidYouMean(table_, names));
  }

  Status FindColumn(sqlite3* database, const std::string& column) {
    LEAT_ASSIGN(const std::vector<DeclaredColumn> columns, query_.empty()
                                                               ? ColumnsOfTable(database, table_, shown_, What())
                                                               : ColumnsOfQuery(database, query_, shown_, What()));
    for (const DeclaredColumn& one : columns) {
      if (sqlite3_stricmp(one.name.c_str(), column.c_str()) == 0) return Ok();
    }
    return MakeError("SRC-235", ErrorKind::kData, "table {}: {} of {} has no column '{}' any more", name_,
                     query_.empty() ? "'" + table_ + "'" : "the query", shown_, column)
        .WithHint(component::GoneColumnHint(column, component::NamesOf(columns)));
  }

  bool HasRowid(sqlite3* database) {
    if (!query_.empty()) return false;  // what it calls rowid, where it does, is a column like others
    sqlite3_stmt* raw = nullptr;
    bool has = sqlite3_prepare_v2(database, ("SELECT rowid FROM " + component::SqlName(table_)).c_str(), -1, &raw,
                                  nullptr) == SQLITE_OK;
    sqlite3_finalize(raw);
    return has;
  }

  /// A column without a declaration that says something: all its values decide.
  Result<data::TypePtr> TypeOfValues(sqlite3* database, const std::string& column) {
    LEAT_ASSIGN(Statement kinds,
                Compile(database, "SELECT DISTINCT typeof(" + component::SqlName(column) + ") FROM " + Place(), shown_,
                        What()));
    bool integer = false, real = false, text = false, blob = false;
    int outcome = SQLITE_ROW;
    while ((outcome = sqlite3_step(kinds.get())) == SQLITE_ROW) {
      std::string kind = reinterpret_cast<const char*>(sqlite3_column_text(kinds.get(), 0));
      integer = integer || kind == "integer";
      real = real || kind == "real";
      text = text || kind == "text";
      blob = blob || kind == "blob";
    }
    if (outcome != SQLITE_DONE) return SqliteError(database, shown_, What());
    if (blob) return data::Primitive(data::TypeId::kBinary);
    if (text || (!integer && !real)) return data::Primitive(data::TypeId::kString);
    return data::Primitive(real ? data::TypeId::kDouble : data::TypeId::kLong);
  }

  std::string path_;
  std::string shown_;
  std::string table_;
  component::TableQuery query_;  ///< instead of the table
  std::string name_;
  component::SourceContext context_;
};

Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context) {
  const std::string file = connection.Text("file");
  LEAT_ASSIGN(const Database database,
              OpenDatabase(component::BelowProject(context.project_root, file), file, "list of tables", context));
  return ReadTableList(database.get(), file);
}

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  LEAT_ASSIGN(component::TableQuery query, component::ReadTableQuery(table, table_name));
  LEAT_TRY(component::CheckQuery(query, {.backticks = true, .brackets = true}, "table " + table_name));
  return std::unique_ptr<component::Source>(
      std::make_unique<SqliteSource>(connection, table, std::move(query), table_name, context));
}

}  // namespace
}  // namespace leat::components::sqlite

leat::component::Spec leat_source_sqlite_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "sqlite";
  spec.summary = "Tables, views and queries of an SQLite database.";
  spec.description =
      "Reads an SQLite file in one consistent transaction, also while others write it; a large table in ranges of its\n"
      "rowid, and again as a whole when it was written meanwhile. Types come from the "
      "declarations\n"
      "(DECIMAL(9,2) arrives exactly); a value that does not fit its declaration is rejected with its rowid and never "
      "rounded.\n"
      "`mode: incremental` with `update_key` reads rows whose key is greater than the last one seen.";
  spec.examples = {"connections:\n  ops: { type: sqlite, file: ops.db }\n",
                   "source: ops\nconnection: ops\ntables:\n  - name: orders\n    mode: incremental\n    update_key: "
                   "updated_at\n    primary_key: [id]\n"};
  config::FieldSpec file;
  file.name = "file";
  file.type = config::FieldType::kPath;
  file.required = true;
  file.description = "The database file, relative to the project.";
  file.example = "ops.db";
  config::FieldSpec table;
  table.name = "table";
  table.description = "Table or view in the database; default: the entry's name.";
  spec.connection_fields = {file};
  spec.fields = {table, component::QueryField()};
  spec.source.incremental = true;
  spec.source.ranges = true;
  spec.source.splits = true;
  spec.make_source = &components::sqlite::Make;
  spec.list_tables = &components::sqlite::List;
  return spec;
}
