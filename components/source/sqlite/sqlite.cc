#include <sqlite3.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>

#include "base/nearest.h"
#include "component/arrow_batch.h"
#include "component/input_files.h"
#include "component/spec.h"
#include "components/source/sqlite/sqlite_types.h"

namespace leat::components::sqlite {
namespace {

using component::ReadRequest;
using component::SourceColumn;

constexpr int kBusyMilliseconds = 5000;
constexpr int kBatchRows = 2048;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct CloseStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, CloseStatement>;

std::string Quote(const std::string& name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

Error SqliteError(sqlite3* database, const std::string& file, const std::string& what) {
  int code = sqlite3_errcode(database);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) {
    return MakeError("SRC-232", ErrorKind::kEnvironment, "{}: {} is locked by another program", what, file)
        .WithRetry(Retry::kSafe)
        .WithHint("run again when its writer has finished, or give it a WAL (PRAGMA journal_mode=WAL)");
  }
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    return MakeError("SRC-233", ErrorKind::kData, "{}: {} is not a sound SQLite database ({})", what, file,
                     sqlite3_errmsg(database))
        .WithHint("is it the right file? `sqlite3 FILE 'PRAGMA integrity_check'` says what is broken");
  }
  return MakeError("SRC-231", ErrorKind::kEnvironment, "{}: cannot read {}: {}", what, file, sqlite3_errmsg(database));
}

Result<Statement> Compile(sqlite3* database, const std::string& sql, const std::string& file, const std::string& what) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database, sql.c_str(), -1, &raw, nullptr) != SQLITE_OK)
    return SqliteError(database, file, what);
  return Statement(raw);
}

/// One SELECT in one read transaction of its own connection, row by row.
class SqliteStream : public component::ArrowStream {
 public:
  SqliteStream(Database database, Statement statement, bool has_rowid, const ReadRequest& request, std::string file,
               CancelToken* cancel, component::ArrowBatchBuilder builder)
      : database_(std::move(database)),
        statement_(std::move(statement)),
        has_rowid_(has_rowid),
        table_(request.table),
        file_(std::move(file)),
        cancel_(cancel),
        builder_(std::move(builder)) {}

  Result<bool> Next(ArrowArray* array, ArrowSchema* schema) override {
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    if (ended_ && !first_) return false;
    while (!ended_ && builder_.rows() < kBatchRows) {
      int outcome = sqlite3_step(statement_.get());
      if (outcome == SQLITE_DONE) {
        ended_ = true;
      } else if (outcome != SQLITE_ROW) {
        return SqliteError(database_.get(), file_, "table " + table_.name);
      } else {
        ReadRow();
      }
    }
    if (builder_.rows() == 0 && !first_) return false;
    first_ = false;
    builder_.Take(array, schema);
    return true;
  }

  int64_t rows_read() const override { return rows_; }

 private:
  void ReadRow() {
    ++rows_;
    std::string bad;
    int offset = has_rowid_ ? 1 : 0;
    for (size_t i = 0; i < table_.columns.size(); ++i) {
      data::Value value;
      std::string message;
      bool fits = ReadCell(statement_.get(), offset + static_cast<int>(i), *table_.columns[i].type, value, message);
      if (!fits && bad.empty()) bad = component::RefusedRow("cast", table_.columns[i].name, message);
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
      json += (i == 0 ? "" : ", ") + JsonText(table_.columns[i].name) + ": " +
              CellAsJson(statement_.get(), offset + static_cast<int>(i));
    }
    return json + "}";
  }

  Database database_;
  Statement statement_;
  bool has_rowid_;
  component::SourceTable table_;
  std::string file_;
  CancelToken* cancel_;
  component::ArrowBatchBuilder builder_;
  int64_t rows_ = 0;
  bool ended_ = false;
  bool first_ = true;
};

class SqliteSource : public component::Source {
 public:
  SqliteSource(const config::Values& connection, const config::Values& table, const std::string& name,
               component::SourceContext context)
      : path_(component::BelowProject(context.project_root, connection.Text("file"))),
        shown_(connection.Text("file")),
        table_(table.Text("table").empty() ? name : table.Text("table")),
        name_(name),
        context_(std::move(context)) {}

  Status Check() override {
    LEAT_ASSIGN(Database database, Open());
    return FindTable(database.get());
  }

  Result<component::SourceTable> Discover() override {
    LEAT_ASSIGN(Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    component::SourceTable found;
    found.name = name_;
    LEAT_ASSIGN(
        Statement columns,
        Compile(database.get(), "SELECT name, type, pk FROM pragma_table_xinfo(?1) WHERE hidden <> 1 ORDER BY cid",
                shown_, What()));
    sqlite3_bind_text(columns.get(), 1, table_.c_str(), -1, SQLITE_TRANSIENT);
    std::vector<std::pair<int, std::string>> keys;
    int outcome = SQLITE_ROW;
    while ((outcome = sqlite3_step(columns.get())) == SQLITE_ROW) {
      SourceColumn column;
      column.name = reinterpret_cast<const char*>(sqlite3_column_text(columns.get(), 0));
      const auto* declared = reinterpret_cast<const char*>(sqlite3_column_text(columns.get(), 1));
      column.type = TypeOfDeclaration(declared == nullptr ? "" : declared);
      if (sqlite3_column_int(columns.get(), 2) > 0)
        keys.emplace_back(sqlite3_column_int(columns.get(), 2), column.name);
      found.columns.push_back(std::move(column));
    }
    if (outcome != SQLITE_DONE) return SqliteError(database.get(), shown_, What());
    for (SourceColumn& column : found.columns) {
      if (column.type != nullptr) continue;
      LEAT_ASSIGN(column.type, TypeOfValues(database.get(), column.name));
    }
    std::sort(keys.begin(), keys.end());
    for (auto& [position, name] : keys) found.primary_key.push_back(name);
    return found;
  }

  Result<std::string> Upper(const std::string& update_key) override {
    LEAT_ASSIGN(Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    LEAT_TRY(FindColumn(database.get(), update_key));
    LEAT_ASSIGN(Statement greatest,
                Compile(database.get(), "SELECT max(" + Quote(update_key) + ") FROM " + Quote(table_), shown_, What()));
    if (sqlite3_step(greatest.get()) != SQLITE_ROW) return SqliteError(database.get(), shown_, What());
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(greatest.get(), 0));
    return std::string(text == nullptr ? "" : text);
  }

  /// File and write-ahead log: size, time and identity.
  Result<std::string> Fingerprint() override {
    std::string fingerprint;
    for (const char* suffix : {"", "-wal"}) {
      struct stat info {};
      if (stat((path_ + suffix).c_str(), &info) != 0) {
        if (*suffix == 0) return MissingFile();
        continue;
      }
      if (*suffix != 0 && info.st_size == 0) continue;  // an empty log says nothing; readers make and remove it
      fingerprint += std::to_string(info.st_size) + ":" + std::to_string(info.st_mtim.tv_sec) + "." +
                     std::to_string(info.st_mtim.tv_nsec) + ":" + std::to_string(info.st_ino) + ";";
    }
    return fingerprint;
  }

  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const ReadRequest& request) override {
    LEAT_ASSIGN(Database database, Open());
    LEAT_TRY(FindTable(database.get()));
    bool has_rowid = HasRowid(database.get());
    std::string sql = "SELECT ";
    if (has_rowid) sql += "rowid, ";
    std::vector<component::ArrowBatchBuilder::Column> columns;
    for (size_t i = 0; i < request.table.columns.size(); ++i) {
      LEAT_TRY(FindColumn(database.get(), request.table.columns[i].name));
      sql += (i == 0 ? "" : ", ") + Quote(request.table.columns[i].name);
      columns.push_back({"k" + std::to_string(i), request.table.columns[i].type});
    }
    sql += " FROM " + Quote(table_);
    // A bound text takes on the affinity of the column that it is compared with.
    if (!request.update_key.empty()) {
      if (!request.bookmark.empty()) sql += " WHERE " + Quote(request.update_key) + " > ?1";
      if (!request.upper.empty())
        sql += (request.bookmark.empty() ? " WHERE " : " AND ") + Quote(request.update_key) + " <= ?2";
    }
    columns.push_back({"leat_row", data::Primitive(data::TypeId::kLong)});
    columns.push_back({"leat_bad", data::Primitive(data::TypeId::kString)});
    columns.push_back({"leat_payload", data::Primitive(data::TypeId::kString)});
    LEAT_ASSIGN(component::ArrowBatchBuilder builder, component::ArrowBatchBuilder::Make(std::move(columns)));
    LEAT_ASSIGN(Statement statement, Compile(database.get(), sql, shown_, What()));
    if (!request.bookmark.empty() && !request.update_key.empty())
      sqlite3_bind_text(statement.get(), 1, request.bookmark.c_str(), -1, SQLITE_TRANSIENT);
    if (!request.upper.empty() && !request.update_key.empty())
      sqlite3_bind_text(statement.get(), 2, request.upper.c_str(), -1, SQLITE_TRANSIENT);
    return std::unique_ptr<component::ArrowStream>(new SqliteStream(
        std::move(database), std::move(statement), has_rowid, request, shown_, context_.cancel, std::move(builder)));
  }

 private:
  std::string What() const { return "table " + name_; }

  Error MissingFile() const {
    return MakeError("SRC-201", ErrorKind::kNotFound, "table {}: no file {}", name_, shown_)
        .WithHint("put the database there, or change `file:` of the connection");
  }

  Result<Database> Open() {
    struct stat info {};
    if (stat(path_.c_str(), &info) != 0) return MissingFile();
    sqlite3* raw = nullptr;
    int outcome = sqlite3_open_v2(path_.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_FULLMUTEX, nullptr);
    Database database(raw);
    if (outcome != SQLITE_OK) return SqliteError(raw, shown_, What());
    sqlite3_busy_timeout(raw, kBusyMilliseconds);
    sqlite3_extended_result_codes(raw, 0);
    return database;
  }

  Status FindTable(sqlite3* database) {
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
    LEAT_ASSIGN(Statement columns, Compile(database, "SELECT name FROM pragma_table_xinfo(?1)", shown_, What()));
    sqlite3_bind_text(columns.get(), 1, table_.c_str(), -1, SQLITE_TRANSIENT);
    std::vector<std::string> names;
    while (sqlite3_step(columns.get()) == SQLITE_ROW) {
      names.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(columns.get(), 0)));
      if (sqlite3_stricmp(names.back().c_str(), column.c_str()) == 0) return Ok();
    }
    std::string near = DidYouMean(column, names);
    return MakeError("SRC-235", ErrorKind::kData, "table {}: '{}' of {} has no column '{}' any more", name_, table_,
                     shown_, column)
        .WithHint(near.empty() ? "was it renamed or dropped? Drop it from the table too, or bring it back" : near);
  }

  bool HasRowid(sqlite3* database) {
    sqlite3_stmt* raw = nullptr;
    bool has =
        sqlite3_prepare_v2(database, ("SELECT rowid FROM " + Quote(table_)).c_str(), -1, &raw, nullptr) == SQLITE_OK;
    sqlite3_finalize(raw);
    return has;
  }

  /// A column without a declaration that says something: all its values decide.
  Result<data::TypePtr> TypeOfValues(sqlite3* database, const std::string& column) {
    LEAT_ASSIGN(
        Statement kinds,
        Compile(database, "SELECT DISTINCT typeof(" + Quote(column) + ") FROM " + Quote(table_), shown_, What()));
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
  std::string name_;
  component::SourceContext context_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<SqliteSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::sqlite

leat::component::Spec leat_source_sqlite_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "sqlite";
  spec.summary = "Tables and views of an SQLite database.";
  spec.description =
      "Reads an SQLite file in one consistent transaction, also while others write it. Types come from the "
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
  spec.fields = {table};
  spec.source.incremental = true;
  spec.make_source = &components::sqlite::Make;
  return spec;
}
