#include <sys/stat.h>

#include <algorithm>

#include "base/nearest.h"
#include "component/engine_column.h"
#include "component/input_files.h"
#include "component/quoted_name.h"
#include "component/server_reading.h"
#include "component/spec.h"
#include "component/sql_probe.h"
#include "component/sql_text.h"
#include "component/table_query.h"
#include "components/source/duckdb/attached_file.h"
#include "components/source/duckdb/query_tables.h"
#include "components/source/duckdb/table_list.h"
#include "config/field_builders.h"

namespace leat::components::duckdb {
namespace {

using component::ReadRequest;
using component::SourceColumn;
using component::SqlLiteral;
using component::SqlName;

/// One table or view of a DuckDB file, which our own engine scans. The file stays open from the first question on.
class DuckDbSource : public component::Source, public component::SchemaObserver, public component::SqlProbe {
 public:
  DuckDbSource(const config::Values& connection, const config::Values& table, component::TableQuery query,
               std::string name, component::SourceContext context)
      : path_(component::BelowProject(context.project_root, connection.Text("file"))),
        shown_(connection.Text("file")),
        name_(std::move(name)),
        query_(std::move(query)),
        context_(std::move(context)) {
    if (!query_.empty()) {
      schema_ = connection.Text("schema");
      return;
    }
    const std::vector<std::string> parts =
        component::SplitQuotedName(table.Text("table").empty() ? name_ : table.Text("table"), 2);
    schema_ = parts.size() == 2 ? parts[0] : connection.Text("schema");
    table_ = parts.back();
  }

  Status Check() override { return Look(); }

  Result<component::SourceTable> Discover() override {
    LEAT_TRY(Look());
    component::SourceTable found;
    found.name = name_;
    found.columns = columns_;
    found.primary_key = primary_key_;
    found.estimated_rows = estimated_rows_;
    return found;
  }

  Result<std::vector<component::ObservedInput>> Observe(const ReadRequest&, const component::ObserveWish&) override {
    LEAT_ASSIGN(component::SourceTable found, Discover());
    return component::Observed(std::move(found));
  }

  Result<std::string> Upper(const std::string& update_key) override {
    LEAT_ASSIGN(const SourceColumn key, KeyColumn(update_key));
    LEAT_ASSIGN(const TextRows rows,
                file_->Query("SELECT CAST(max(" + SqlName(key.name) + ") AS VARCHAR) FROM " + Place()));
    return rows.empty() ? "" : rows[0][0];
  }

  /// File and write-ahead log: size, time and identity. None of a query: its rows may depend on the day.
  Result<std::string> Fingerprint() override {
    if (!query_.empty()) return std::string();
    std::string fingerprint;
    for (const char* suffix : {"", ".wal"}) {
      struct stat info {};
      if (stat((path_ + suffix).c_str(), &info) != 0) continue;
      fingerprint += fmt::format("{}:{}.{}:{};", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ino);
    }
    return fingerprint;
  }

  Result<component::Relation> OpenRelation(const ReadRequest& request) override {
    LEAT_TRY(Look());
    component::Relation relation;
    for (const SourceColumn& column : request.table.columns) {
      const SourceColumn* found = Find(column.name);
      // What became of a column that is gone, drift decides.
      relation.columns.push_back(found == nullptr
                                     ? component::ReadColumn{"NULL::" + data::DuckDbTypeName(*column.type), "", false}
                                     : component::ReadEngineColumn(*found, *column.type));
    }
    // A view has no rowid, and a column of that name hides it.
    const bool numbered = is_table_ && Find("rowid") == nullptr && Find("leat_row") == nullptr;
    std::string rows = std::string("SELECT *") + (numbered ? ", rowid AS leat_row" : "") + " FROM " + Place();
    if (numbered) relation.origin_row = "leat_row";
    relation.origin_file = SqlLiteral(shown_ + ":" + (query_.empty() ? schema_ + "." + table_ : "query"));
    if (!request.update_key.empty()) {
      LEAT_ASSIGN(const SourceColumn key, KeyColumn(request.update_key));
      LEAT_ASSIGN(const std::string where,
                  component::WhereClause(request, "", SqlName(key.name), [&](const auto& text) {
                    return "CAST(" + SqlLiteral(text) + " AS " + key.engine_type + ")";
                  }));
      rows += where;
    }
    // What a query or a view answers is counted behind its joins and filters: the engine knows this name.
    relation.from = is_table_ ? rows : "WITH leat_query AS MATERIALIZED (" + rows + "\n) SELECT * FROM leat_query";
    return relation;
  }

 protected:
  /// An empty text and NULL are the same here: nothing that is asked gives one.
  Result<std::vector<component::TextRow>> ProbeRows(const std::string& sql) override {
    LEAT_TRY(Look());
    LEAT_ASSIGN(const TextRows rows, file_->Query(sql));
    std::vector<component::TextRow> texts;
    for (const auto& row : rows) texts.emplace_back(row.begin(), row.end());
    return texts;
  }
  Result<std::string> ProbedTable() override {
    LEAT_TRY(Look());
    return Place();
  }
  Result<std::string> ProbedColumn(const std::string& name) override {
    LEAT_ASSIGN(const SourceColumn column, KeyColumn(name));
    return SqlName(column.name);
  }
  Result<std::string> ProbedText(const std::string& name) override {
    return std::string("CAST(" + SqlName(name) + " AS VARCHAR)");
  }
  Result<std::string> ProbedMoment(const std::string&, TimeMicros at) override {
    return std::string("CAST(" + SqlLiteral(component::MomentText(at) + "+00") + " AS TIMESTAMPTZ)");
  }

 private:
  std::string What() const { return "table " + name_; }
  std::string Place() const {
    return query_.empty() ? file_->alias() + "." + SqlName(schema_) + "." + SqlName(table_) : relation_;
  }
  /// A condition for the functions that list what is there.
  std::string Here() const { return " WHERE database_name = " + SqlLiteral(file_->alias()); }

  /// Opens the file and looks at the table, once.
  Status Look() {
    if (file_ != nullptr) return Ok();
    LEAT_ASSIGN(auto file, AttachedFile::Open(path_, shown_, What(), context_));
    file_ = std::move(file);
    Status looked = query_.empty() ? LookAtTable() : LookAtQuery();
    if (!looked.ok()) file_.reset();
    return looked;
  }

  Status LookAtTable() {
    LEAT_ASSIGN(const TextRows all,
                file_->Query("SELECT schema_name, table_name, 'table', estimated_size FROM duckdb_tables()" + Here() +
                             " UNION ALL SELECT schema_name, view_name, 'view', NULL FROM duckdb_views()" + Here() +
                             " AND NOT internal"));
    const auto found = std::find_if(all.begin(), all.end(), [&](const std::vector<std::string>& row) {
      return row[0] == schema_ && row[1] == table_;
    });
    if (found == all.end()) return NoTable(all);
    is_table_ = (*found)[2] == "table";
    if (is_table_) estimated_rows_ = std::strtoll((*found)[3].c_str(), nullptr, 10);
    LEAT_ASSIGN(const TextRows columns, file_->Query("DESCRIBE SELECT * FROM " + Place()));
    columns_.clear();
    for (const auto& row : columns) columns_.push_back(component::EngineColumn(row[0], row[1]));
    LEAT_ASSIGN(const TextRows keys, file_->Query("SELECT unnest(constraint_column_names) FROM duckdb_constraints()" +
                                                  Here() + " AND constraint_type = 'PRIMARY KEY' AND schema_name = " +
                                                  SqlLiteral(schema_) + " AND table_name = " + SqlLiteral(table_)));
    primary_key_.clear();
    for (const auto& row : keys) primary_key_.push_back(row[0]);
    return Ok();
  }

  /// The query with the names of this attached file, and its columns.
  Status LookAtQuery() {
    const auto refused = [&](const Error& error) { return component::QueryRefused(error, {"SRC-321"}, query_); };
    const auto tree = file_->Query("SELECT json_serialize_sql(" + SqlLiteral(query_.text) + ")");
    if (!tree.ok()) return refused(tree.error());
    const auto placed = TablesOfFile(tree->at(0).at(0), file_->alias(), schema_, What());
    if (!placed.ok()) return refused(placed.error());
    const auto text = file_->Query("SELECT json_deserialize_sql(CAST(" + SqlLiteral(*placed) + " AS JSON))");
    if (!text.ok()) return refused(text.error());
    const std::string select = text->at(0).at(0);
    const auto columns = file_->Query("DESCRIBE " + select);
    if (!columns.ok()) return refused(columns.error());
    std::vector<std::string> names;
    columns_.clear();
    for (const auto& row : *columns) {
      columns_.push_back(component::EngineColumn(row[0], row[1]));
      names.push_back(row[0]);
    }
    LEAT_TRY(component::CheckQueryColumns(query_, names, component::QueryNames::kAnyCase, What()));
    relation_ = component::TableQuery{select, {}}.Relation();
    return Ok();
  }

  Error NoTable(const TextRows& all) const {
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const auto& row : all) names.push_back(row[0] == schema_ ? row[1] : row[0] + "." + row[1]);
    const std::string near = DidYouMean(table_, names);
    return MakeError("SRC-322", ErrorKind::kNotFound, "{}: {} has no table or view '{}' in its schema '{}'", What(),
                     shown_, table_, schema_)
        .WithHint(near.empty() ? "name it as schema.table, spelled as in the database" : near);
  }

  const SourceColumn* Find(const std::string& name) const { return component::FindNamed(columns_, name); }

  Result<SourceColumn> KeyColumn(const std::string& name) {
    LEAT_TRY(Look());
    const SourceColumn* column = Find(name);
    if (column != nullptr) return *column;
    const std::string near = DidYouMean(name, component::NamesOf(columns_));
    return MakeError("SRC-323", ErrorKind::kData, "{}: {} of {} has no column '{}'", What(),
                     query_.empty() ? "'" + table_ + "'" : "the query", shown_, name)
        .WithHint(near.empty() ? "was it renamed or dropped? Correct `update_key`" : near);
  }

  std::string path_, shown_, schema_, table_, name_;
  component::TableQuery query_;  ///< instead of the table
  std::string relation_;         ///< of the query, as the engine sees it
  component::SourceContext context_;
  std::unique_ptr<AttachedFile> file_;  ///< null: not looked at yet
  std::vector<SourceColumn> columns_;
  std::vector<std::string> primary_key_;
  std::optional<int64_t> estimated_rows_;
  bool is_table_ = false;
};

Result<std::vector<component::ListedTable>> List(const config::Values& connection,
                                                 const component::SourceContext& context) {
  const std::string shown = connection.Text("file");
  LEAT_ASSIGN(const auto file, AttachedFile::Open(component::BelowProject(context.project_root, shown), shown,
                                                  "list of tables", context));
  return ReadTableList(*file, connection.Text("schema"));
}

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  LEAT_ASSIGN(component::TableQuery query, component::ReadTableQuery(table, table_name));
  LEAT_TRY(component::CheckQuery(query, {.dollars = true, .from_first = true}, "table " + table_name));
  return std::unique_ptr<component::Source>(
      std::make_unique<DuckDbSource>(connection, table, std::move(query), table_name, context));
}

}  // namespace
}  // namespace leat::components::duckdb

leat::component::Spec leat_source_duckdb_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "duckdb";
  spec.summary = "Tables, views and queries of a DuckDB file.";
  spec.description =
      "Reads a DuckDB database file, which the engine scans itself, read-only. Numbers beyond 38 digits, infinite dates and\n"
      "nanoseconds that would be lost are rejected with their row; INTERVAL, UNION and TIME WITH TIME ZONE arrive as text.\n"
      "`mode: incremental` with `update_key` reads rows whose key is greater than the last one seen.";
  spec.examples = {
      "connections:\n  local: { type: duckdb, file: local.duckdb }\n",
      "source: local\nconnection: local\ntables:\n  - name: orders\n    mode: incremental\n    update_key: "
      "updated_at\n    primary_key: [id]\n"};
  config::FieldSpec file = config::MakeField("file", config::FieldType::kPath,
                                             "The database file, relative to the project.", "", "local.duckdb");
  file.required = true;
  spec.connection_fields = {file, config::TextField("schema", "Schema of the tables that name none.", "main")};
  spec.fields = {
      config::TextField(
          "table", "Table or view: name or schema.name, quoted where a part has a dot; default: the entry's name."),
      component::QueryField()};
  spec.source.relation = true;
  spec.source.incremental = true;
  spec.source.ranges = true;
  spec.make_source = &components::duckdb::Make;
  spec.list_tables = &components::duckdb::List;
  return spec;
}
