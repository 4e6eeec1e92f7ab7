#include "run/sql_write.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/ids.h"
#include "base/nearest.h"
#include "base/retry.h"
#include "lake/catalog_names.h"
#include "lake/row_lineage.h"
#include "run/load_target.h"
#include "run/load_work.h"
#include "run/sql_alter.h"
#include "sql/write_statement.h"

namespace leat::run {
namespace {

using Kind = sql::WriteStatement::Kind;

constexpr RetryPolicy kRaces{
    .attempts = 5, .first_wait = std::chrono::milliseconds(5), .longest_wait = std::chrono::milliseconds(200)};
/// Where an UPDATE or DELETE sees its target's rows with their places.
const lake::TableName kPositions{"leat_write", "target"};
constexpr const char* kStaged = "leat_written";

int64_t Number(const sql::TextRows& rows) { return std::strtoll(rows.At(0, 0).value_or("0").c_str(), nullptr, 10); }

/// Texts that people write for these types; numbers in text go through the caster's own check.
bool IsWrittenAsText(data::TypeId type) {
  using data::TypeId;
  return type == TypeId::kDate || type == TypeId::kTime || type == TypeId::kTimestamp || type == TypeId::kTimestampTz ||
         type == TypeId::kBoolean || type == TypeId::kUuid;
}

/// One statement on one state of the branch.
class Write {
 public:
  Write(Lakehouse& lakehouse, const SqlWriteOptions& options, sql::Session& session, const std::string& sql,
        const sql::WriteStatement& statement)
      : lakehouse_(lakehouse), options_(options), session_(session), sql_(sql), statement_(statement) {}

  Result<SqlWritten> Run() {
    LEAT_ASSIGN(target_.view, lakehouse_.catalog->Resolve(options_.ref));
    session_.SetView(target_.view);
    written_.verb = statement_.verb;
    LEAT_TRY(CheckCatalog());
    switch (statement_.kind) {
      case Kind::kCreateSchema: LEAT_TRY(CreateSchema()); break;
      case Kind::kDropSchema: LEAT_TRY(DropSchema()); break;
      case Kind::kCreateTable: LEAT_TRY(CreateTable()); break;
      case Kind::kInsert: LEAT_TRY(Insert()); break;
      case Kind::kUpdate: LEAT_TRY(Update()); break;
      case Kind::kDelete: LEAT_TRY(Delete()); break;
      case Kind::kDropTable: LEAT_TRY(DropTable()); break;
      default: LEAT_TRY(Alter()); break;
    }
    (void)session_.connection().Execute("DROP TABLE IF EXISTS temp." + sql::QuoteName(kStaged));
    return std::move(written_);
  }

 private:
  // --- names ----------------------------------------------------------------------------------------------------------

  Error AtTarget(Error error) const {
    return std::move(error).At(sql::PositionAt(sql_, statement_.target.offset, statement_.target.length, ""));
  }
  Error AtColumn(Error error, size_t i) const {
    const sql::WrittenName& column = statement_.columns[i];
    return std::move(error).At(sql::PositionAt(sql_, column.offset, column.length, ""));
  }

  Status CheckCatalog() {
    const std::string& catalog = statement_.target.catalog;
    if (catalog.empty() || lake::FoldName(catalog) == lake::FoldName(lakehouse_.settings.warehouse_name)) return Ok();
    return AtTarget(MakeError("SQL-403", ErrorKind::kNotFound, "there is no catalog {}", catalog)
                        .WithHint("leave it out, or write " + lakehouse_.settings.warehouse_name));
  }

  /// The namespace as it is spelt on the branch; nullopt: there is none.
  Result<std::optional<std::string>> FindNamespace(const std::string& name) {
    LEAT_ASSIGN(const std::vector<lake::Entry> all, lakehouse_.catalog->ListNamespaces(target_.view));
    for (const lake::Entry& entry : all) {
      if (lake::FoldName(entry.name.ns) == lake::FoldName(name)) return std::optional(entry.name.ns);
    }
    return std::optional<std::string>();
  }

  Status FindTarget() {
    name_ = {statement_.target.schema.empty() ? lakehouse_.settings.default_schema : statement_.target.schema,
             statement_.target.table};
    if (lake::FoldName(name_.ns) == "leat")
      return AtTarget(
          MakeError("RUN-602", ErrorKind::kUsage, "{} is a system table: it can only be read", name_.ToString()));
    LEAT_ASSIGN(target_.entry, lakehouse_.catalog->FindTableNoCase(target_.view, name_));
    if (target_.entry) {
      name_ = target_.entry->name;
      if (target_.entry->kind == lake::ObjectKind::kTable) {
        LEAT_ASSIGN(target_.metadata, lakehouse_.catalog->LoadMetadata(target_.entry->location));
      }
    }
    written_.object = name_.ToString();
    return Ok();
  }

  /// The target must be a table. False: it is missing, and IF EXISTS allows that.
  Result<bool> RequireTable() {
    LEAT_TRY(FindTarget());
    if (target_.metadata != nullptr && target_.entry) {
      entry_ = *target_.entry;
      return true;
    }
    if (target_.entry) {
      return AtTarget(MakeError("RUN-602", ErrorKind::kUsage, "{} is a view: it cannot be written", name_.ToString())
                          .WithHint("write the tables that it reads"));
    }
    if (statement_.if_exists) return false;
    LEAT_ASSIGN(const std::vector<lake::Entry> all, lakehouse_.catalog->ListTables(target_.view, ""));
    std::vector<std::string> names;
    names.reserve(all.size());
    for (const lake::Entry& entry : all) names.push_back(entry.name.ToString());
    std::string hint = DidYouMean(name_.ToString(), names);
    return AtTarget(
        MakeError("SQL-403", ErrorKind::kNotFound, "table {} does not exist", name_.ToString())
            .WithHint(hint.empty() ? "`leat lake tables --ref " + options_.ref + "` lists the tables" : hint));
  }

  // --- commits --------------------------------------------------------------------------------------------------------

  lake::CommitInfo Info() const {
    lake::CommitInfo info;
    info.author = options_.author;
    info.message = options_.message.empty() ? statement_.verb + " " + written_.object : options_.message;
    return info;
  }

  Status Commit(const lake::TableMetadata& metadata, const std::optional<lake::DataChange>& change,
                const std::string& folder) {
    const CommitPlace place{options_.ref, name_, Info(), "sql"};
    LEAT_ASSIGN(const Committed committed, CommitTable(lakehouse_, place, target_, metadata, change, {}, folder));
    written_.commit = committed.commit;
    if (change) written_.snapshot_id = committed.snapshot_id;
    return Ok();
  }

  Status CommitPointers(std::vector<lake::PointerChange> changes) {
    lake::CommitRequest request;
    request.ref = options_.ref;
    request.info = Info();
    request.changes = std::move(changes);
    LEAT_ASSIGN(written_.commit, lakehouse_.catalog->Commit(request));
    return Ok();
  }

  // --- schemas --------------------------------------------------------------------------------------------------------

  Status CreateSchema() {
    written_.object = statement_.target.schema;
    LEAT_ASSIGN(const std::optional<std::string> there, FindNamespace(statement_.target.schema));
    if (there && statement_.if_exists) return Ok();
    if (there) return AtTarget(MakeError("LAKE-202", ErrorKind::kExists, "there is a schema {} already", *there));
    LEAT_TRY(lakehouse_.catalog->CreateNamespace(options_.ref, statement_.target.schema, {}, Info()));
    return FindHead();
  }

  Status DropSchema() {
    written_.object = statement_.target.schema;
    LEAT_ASSIGN(const std::optional<std::string> there, FindNamespace(statement_.target.schema));
    if (!there && statement_.if_exists) return Ok();
    LEAT_TRY(lakehouse_.catalog->DropNamespace(options_.ref, there.value_or(statement_.target.schema), Info()));
    return FindHead();
  }

  Status FindHead() {
    LEAT_ASSIGN(const lake::View view, lakehouse_.catalog->Resolve(options_.ref));
    written_.commit = view.commit;
    return Ok();
  }

  // --- tables ---------------------------------------------------------------------------------------------------------

  Status CreateTable() {
    LEAT_TRY(FindTarget());
    if (target_.entry && statement_.if_exists) return Ok();
    if (target_.entry && !statement_.or_replace) {
      return AtTarget(MakeError("LAKE-202", ErrorKind::kExists, "there is a {} {} already",
                                target_.metadata == nullptr ? "view" : "table", name_.ToString())
                          .WithHint("CREATE OR REPLACE TABLE, CREATE TABLE IF NOT EXISTS, or another name"));
    }
    LEAT_ASSIGN(const std::optional<std::string> ns, FindNamespace(name_.ns));
    if (!ns) {
      return AtTarget(MakeError("LAKE-201", ErrorKind::kNotFound, "there is no schema {} on {}", name_.ns, options_.ref)
                          .WithHint("CREATE SCHEMA " + name_.ns));
    }
    name_.ns = *ns;
    LEAT_ASSIGN(const std::optional<lake::Properties> properties, lakehouse_.catalog->FindNamespace(target_.view, *ns));
    LEAT_ASSIGN(std::vector<sql::Column> columns, Describe(statement_.select));
    LEAT_TRY(NameColumns(columns));
    const int version = std::max(2, FormatVersionIn(lakehouse_.settings.table_properties));
    LEAT_ASSIGN(data::Schema schema, sql::SchemaForColumns(columns, 1, version));
    for (size_t i = 0; i < statement_.required.size(); ++i) schema.fields[i].required = statement_.required[i];
    const std::string uuid = NewUuidV4();
    const std::string location =
        lakehouse_.catalog->NewTableLocation(name_, uuid, properties.value_or(lake::Properties()));
    LEAT_ASSIGN(const lake::TableMetadata metadata,
                lake::NewTableMetadata(uuid, location, schema, {}, {}, {}, SystemClock().Now(), version));
    target_.metadata = nullptr;  // a table that is replaced makes way in the same commit
    if (!statement_.with_data) return Commit(metadata, std::nullopt, "");
    std::vector<std::string> values;
    values.reserve(columns.size());
    for (const sql::Column& column : columns) values.push_back(sql::QuoteName(column.name));
    return WriteRows(metadata, "SELECT * FROM (" + statement_.select.text() + "\n) AS rows(" + Joined(values) + ")");
  }

  /// Names of a CREATE: those of its list, else the SELECT's; each once.
  Status NameColumns(std::vector<sql::Column>& columns) {
    if (!statement_.columns.empty() && statement_.columns.size() != columns.size()) {
      return AtColumn(MakeError("RUN-604", ErrorKind::kUsage, "{} columns are named, the SELECT has {}",
                                statement_.columns.size(), columns.size()),
                      0);
    }
    std::set<std::string> seen;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!statement_.columns.empty()) columns[i].name = statement_.columns[i].text;
      if (seen.insert(lake::FoldName(columns[i].name)).second) continue;
      return AtTarget(
          MakeError("RUN-604", ErrorKind::kUsage, "{} would have two columns '{}'", name_.ToString(), columns[i].name)
              .WithHint("give one of them another name: AS …"));
    }
    return Ok();
  }

  Status Insert() {
    LEAT_ASSIGN(const bool there, RequireTable());
    (void)there;
    LEAT_ASSIGN(const std::vector<sql::Column> given, Describe(statement_.select));
    const data::Schema& schema = target_.metadata->current_schema();
    // Which of the given columns each column of the table takes.
    std::map<int, size_t> takes;
    const size_t named = statement_.by_name           ? given.size()
                         : statement_.columns.empty() ? schema.fields.size()
                                                      : statement_.columns.size();
    if (named != given.size()) {
      return AtTarget(MakeError("RUN-604", ErrorKind::kUsage, "{} columns of {} are to be filled, {} are given", named,
                                name_.ToString(), given.size())
                          .WithHint("it has " + ColumnList(schema)));
    }
    for (size_t i = 0; i < given.size(); ++i) {
      const data::Field* field = &schema.fields[std::min(i, schema.fields.size() - 1)];
      if (statement_.by_name) {
        field = schema.FindColumn(given[i].name);
        if (field == nullptr) return AtTarget(NoSuchColumn(schema, sql_, {given[i].name, 0, 0}));
      } else if (!statement_.columns.empty()) {
        field = schema.FindColumn(statement_.columns[i].text);
        if (field == nullptr) return NoSuchColumn(schema, sql_, statement_.columns[i]);
      }
      if (takes.emplace(field->id, i).second) continue;
      return AtTarget(MakeError("RUN-604", ErrorKind::kUsage, "column '{}' is given twice", field->name));
    }
    std::vector<std::string> names, values;
    for (size_t i = 0; i < given.size(); ++i) names.push_back(fmt::format("c{}", i));
    for (const data::Field& field : schema.fields) {
      const auto found = takes.find(field.id);
      const sql::Column column = found != takes.end() ? sql::Column{names[found->second], given[found->second].type}
                                 : field.write_default
                                     ? sql::Column{sql::NotGivenSql(field), data::DuckDbTypeName(*field.type)}
                                     : sql::Column{"NULL", "\"NULL\""};
      LEAT_ASSIGN(std::string value, Stored(column.name, column.type, field));
      values.push_back(std::move(value));
    }
    return WriteRows(*target_.metadata, "SELECT " + Joined(values) + " FROM (" + statement_.select.text() +
                                            "\n) AS given(" + Joined(names) + ")");
  }

  /// `expression` as the column stores it: NULL only where the column allows it.
  Result<std::string> Stored(const std::string& expression, const std::string& type, const data::Field& field) {
    const std::string name = data::DuckDbTypeName(*field.type);
    std::string value = "CAST(" + expression + " AS " + name + ")";
    if (type != "\"NULL\"" && !(type == "VARCHAR" && IsWrittenAsText(field.type->id))) {
      Result<std::string> cast = sql::CastExpression(expression, type, *field.type);
      if (!cast.ok()) return std::move(cast).error().In("column " + field.name);
      value = *std::move(cast);
    }
    if (!field.required) return value + " AS " + sql::QuoteName(field.name);
    return fmt::format("CASE WHEN ({0}) IS NULL THEN CAST(error({1}) AS {2}) ELSE {0} END AS {3}", value,
                       sql::QuoteLiteral("column " + field.name + " cannot be NULL"), name, sql::QuoteName(field.name));
  }

  /// Rows of `select`, in the order of the columns of `metadata`, as new files on top of what the table has.
  Status WriteRows(const lake::TableMetadata& metadata, std::string select) {
    if (!metadata.default_spec().is_unpartitioned() || !metadata.default_sort_order().fields.empty()) {
      // Such writes read their rows more than once.
      LEAT_TRY(Stage(select));
      select = "SELECT * FROM temp." + sql::QuoteName(kStaged);
    }
    const std::string folder = NewFolder(metadata);
    LEAT_ASSIGN(sql::WriteResult rows, WriteFiles(select, metadata, folder));
    written_.rows_inserted = rows.rows;
    if (rows.rows == 0 && statement_.kind == Kind::kInsert) return Ok();
    return Commit(metadata, lake::Append{std::move(rows.files)}, folder);
  }

  // --- changed rows ---------------------------------------------------------------------------------------------------

  Status Update() {
    LEAT_ASSIGN(const bool there, RequireTable());
    (void)there;
    const data::Schema& schema = target_.metadata->current_schema();
    const std::string alias = sql::QuoteName(statement_.alias);
    sql::MappedSql select;
    std::vector<std::string> names{"leat_file", "leat_row"};
    if (HasRowIds()) names.emplace_back(lake::kRowId);
    select.Add(statement_.with).Own("SELECT ");
    for (const std::string& name : names) select.Own(fmt::format("{}{}.{}", name == names[0] ? "" : ", ", alias, name));
    std::vector<size_t> setter(schema.fields.size(), statement_.columns.size());
    for (size_t i = 0; i < statement_.columns.size(); ++i) {
      const data::Field* field = schema.FindColumn(statement_.columns[i].text);
      if (field == nullptr) return NoSuchColumn(schema, sql_, statement_.columns[i]);
      setter[static_cast<size_t>(field - schema.fields.data())] = i;
    }
    for (size_t i = 0; i < schema.fields.size(); ++i) {
      if (setter[i] < statement_.columns.size()) select.Own(", (").Add(statement_.expressions[setter[i]]).Own("\n)");
      else select.Own(", " + alias + "." + sql::QuoteName(schema.fields[i].name));
    }
    LEAT_ASSIGN(const bool any, FromTarget(select));
    if (!any) return Ok();
    LEAT_ASSIGN(const std::vector<sql::Column> given, Describe(select));
    std::vector<std::string> values = names;
    const size_t own = names.size();
    for (size_t i = 0; i < schema.fields.size(); ++i) {
      names.push_back(fmt::format("c{}", i));
      LEAT_ASSIGN(std::string value, Stored(names.back(), given[i + own].type, schema.fields[i]));
      values.push_back(std::move(value));
    }
    LEAT_TRY(Stage("SELECT " + Joined(values) + " FROM (" + select.text() + "\n) AS given(" + Joined(names) + ")"));
    LEAT_ASSIGN(const sql::TextRows twice, session_.connection().Query(fmt::format(
                                               "SELECT count(*) FROM (SELECT 1 FROM temp.{} GROUP BY leat_file, "
                                               "leat_row HAVING count(*) > 1)",
                                               sql::QuoteName(kStaged))));
    if (Number(twice) > 0) {
      return AtTarget(MakeError("RUN-603", ErrorKind::kData, "{} rows of {} meet more than one row of FROM",
                                Number(twice), name_.ToString())
                          .WithHint("make the key of FROM unique: which of the values is to be set?"));
    }
    return CommitDelta(true);
  }

  Status Delete() {
    LEAT_ASSIGN(const bool there, RequireTable());
    (void)there;
    if (statement_.where.empty() && statement_.from.empty()) {
      LEAT_ASSIGN(const std::string relation, session_.Relation(name_));
      LEAT_ASSIGN(const sql::TextRows rows, session_.connection().Query("SELECT count(*) FROM " + relation));
      written_.rows_deleted = Number(rows);
      if (written_.rows_deleted == 0) return Ok();
      return Commit(*target_.metadata, lake::Overwrite{}, "");
    }
    const std::string alias = sql::QuoteName(statement_.alias);
    sql::MappedSql select;
    select.Add(statement_.with).Own("SELECT DISTINCT " + alias + ".leat_file, " + alias + ".leat_row");
    LEAT_ASSIGN(const bool any, FromTarget(select));
    if (!any) return Ok();
    LEAT_ASSIGN(const std::vector<sql::Column> columns, Describe(select));
    (void)columns;
    LEAT_TRY(Stage(select.text()));
    return CommitDelta(false);
  }

  /// FROM and WHERE over the target's rows with their places. False: the table has no rows.
  Result<bool> FromTarget(sql::MappedSql& select) {
    const lake::TableMetadata& metadata = *target_.metadata;
    if (metadata.format_version < 2) {
      return AtTarget(
          MakeError("RUN-602", ErrorKind::kUnsupported,
                    "rows of {} cannot be changed in place: its format version is 1", name_.ToString())
              .WithHint("leat lake alter " + name_.ToString() + " --ref " + options_.ref + " --set format-version=2"));
    }
    LEAT_ASSIGN(const lake::ScanPlan plan, lake::PlanScan(*lakehouse_.files, metadata, metadata.current_snapshot()));
    if (plan.files.empty()) return false;
    LEAT_ASSIGN(const std::string rows,
                sql::ReadSql(*lakehouse_.files, session_.connection(), metadata, metadata.current_schema(), plan,
                             {.places = true, .lineage = HasRowIds()}));
    session_.SetStandIn(kPositions, rows);
    select.Own(
        fmt::format(" FROM \"{}\".\"{}\" AS {}", kPositions.ns, kPositions.name, sql::QuoteName(statement_.alias)));
    if (!statement_.from.empty()) select.Own(", ").Add(statement_.from);
    if (!statement_.where.empty()) select.Own("\nWHERE ").Add(statement_.where);
    return true;
  }

  /// The staged rows' places are deleted; with `rows`, their values are written.
  Status CommitDelta(bool rows) {
    const lake::TableMetadata& metadata = *target_.metadata;
    const std::string staged = "temp." + sql::QuoteName(kStaged);
    LEAT_ASSIGN(const sql::TextRows count, session_.connection().Query("SELECT count(*) FROM " + staged));
    if (Number(count) == 0) return Ok();
    (rows ? written_.rows_updated : written_.rows_deleted) = Number(count);
    const std::string folder = NewFolder(metadata);
    lake::RowDelta delta;
    if (rows) {
      const std::string ids = HasRowIds() ? std::string(", ") + lake::kRowId + ", NULL" : "";
      LEAT_ASSIGN(sql::WriteResult files,
                  WriteFiles("SELECT " + ColumnList(metadata.current_schema()) + ids + " FROM " + staged, metadata,
                             folder, HasRowIds()));
      delta.files = std::move(files.files);
    }
    sql::WriteOptions options;
    options.folder = io::JoinUri(folder, "deletes");  // goes with the folder when the commit fails
    Result<sql::WriteResult> deletes =
        sql::WriteRowDeletes(*lakehouse_.files, session_.connection(),
                             "SELECT leat_file, leat_row FROM " + staged + " ORDER BY ALL", metadata, options);
    if (!deletes.ok()) {
      (void)lakehouse_.files->RemoveFolder(folder);
      return std::move(deletes).error();
    }
    delta.deletes = std::move(deletes->files);
    delta.replaced_deletes = std::move(deletes->replaced);
    return Commit(metadata, std::move(delta), folder);
  }

  // --- tables as a whole ----------------------------------------------------------------------------------------------

  Status DropTable() {
    LEAT_ASSIGN(const bool there, RequireTable());
    if (!there) return Ok();
    return CommitPointers({{entry_.kind, name_, entry_.uuid, entry_.location, std::nullopt}});
  }

  Status Alter() {
    LEAT_ASSIGN(const bool there, RequireTable());
    if (!there) return Ok();
    if (statement_.kind == Kind::kRenameTable) {
      const lake::TableName to{name_.ns, statement_.new_name};
      LEAT_ASSIGN(const std::optional<lake::Entry> other, lakehouse_.catalog->FindTableNoCase(target_.view, to));
      if (other && other->uuid != entry_.uuid)
        return AtTarget(MakeError("LAKE-202", ErrorKind::kExists, "there is {} already", other->name.ToString()));
      return CommitPointers({{entry_.kind, name_, entry_.uuid, entry_.location, std::nullopt},
                             {entry_.kind, to, entry_.uuid, std::nullopt, entry_.location}});
    }
    data::TypePtr type;
    if (!statement_.select.empty()) {
      LEAT_ASSIGN(const std::vector<sql::Column> columns, Describe(statement_.select));
      LEAT_ASSIGN(const data::Schema schema, sql::SchemaForColumns(columns, target_.metadata->last_column_id + 1,
                                                                   target_.metadata->format_version));
      type = schema.fields[0].type;
    }
    LEAT_ASSIGN(const lake::TableMetadata after,
                AlterTable(*target_.metadata, sql_, statement_, type, SystemClock().Now()));
    if (after.current_schema_id == target_.metadata->current_schema_id) return Ok();
    return Commit(after, std::nullopt, "");
  }

  // --- the engine -----------------------------------------------------------------------------------------------------

  /// Binds a SELECT of the statement; errors have their place in what the user wrote.
  Result<std::vector<sql::Column>> Describe(const sql::MappedSql& select) {
    Result<std::vector<sql::Column>> columns = session_.Describe(select.text());
    if (!columns.ok()) return select.MapBack(std::move(columns).error(), sql_);
    return columns;
  }

  Status Stage(const std::string& select) {
    return session_.connection().Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(kStaged) + " AS " + select);
  }

  /// Changed rows keep their ids (format v3).
  bool HasRowIds() const { return target_.metadata->format_version > 2; }

  Result<sql::WriteResult> WriteFiles(const std::string& select, const lake::TableMetadata& metadata,
                                      const std::string& folder, bool row_ids = false) {
    sql::WriteOptions options = sql::OptionsOfTable(metadata.properties);
    options.folder = folder;
    const data::Schema& schema = metadata.current_schema();
    return sql::WriteFiles(*lakehouse_.files, session_.connection(), select,
                           row_ids ? lake::WithRowLineage(schema) : schema, metadata.default_spec(),
                           metadata.default_sort_order(), options);
  }

  static std::string NewFolder(const lake::TableMetadata& metadata) {
    return io::JoinUri(metadata.location, "data/sql-" + NewUuidV7());
  }

  static std::string Joined(const std::vector<std::string>& items) {
    std::string text;
    for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
    return text;
  }

  Lakehouse& lakehouse_;
  const SqlWriteOptions& options_;
  sql::Session& session_;
  const std::string& sql_;
  const sql::WriteStatement& statement_;
  Target target_;
  lake::Entry entry_;  ///< of a table that is there
  lake::TableName name_;
  SqlWritten written_;
};

class LakeSqlWriter final : public SqlWriter {
 public:
  LakeSqlWriter(Lakehouse& lakehouse, SqlWriteOptions options, std::unique_ptr<sql::Session> session)
      : lakehouse_(lakehouse), options_(std::move(options)), session_(std::move(session)) {}

  Result<SqlWritten> Run(const std::string& sql) override {
    LEAT_ASSIGN(const sql::WriteStatement statement, sql::ParseWrite(sql));
    Result<SqlWritten> last = SqlWritten{};
    const Status raced = RunWithRetry(kRaces, nullptr, [&]() -> Status {
      last = Write(lakehouse_, options_, *session_, sql, statement).Run();
      if (last.ok() || last.error().code() != "LAKE-301") return Ok();
      Error error = last.error();
      return std::move(error).WithRetry(Retry::kSafe);
    });
    (void)raced;  // the same error as in `last`
    return last;
  }

  void Interrupt() override { session_->connection().Interrupt(); }

 private:
  Lakehouse& lakehouse_;
  const SqlWriteOptions options_;
  std::unique_ptr<sql::Session> session_;
};

}  // namespace

Result<std::unique_ptr<SqlWriter>> SqlWriter::Open(Lakehouse& lakehouse, SqlWriteOptions options) {
  if (!options.ref.starts_with("env/")) {
    return MakeError("RUN-601", ErrorKind::kUsage, "'{}' is not written by hand", options.ref)
        .WithHint("write on an environment: leat env create dev; leat sql --write --ref env/dev");
  }
  sql::SessionOptions session;
  LEAT_ASSIGN(session.view, lakehouse.catalog->Resolve(options.ref));
  if (!session.view.writable)
    return MakeError("RUN-601", ErrorKind::kUsage, "'{}' is closed: it can only be read", options.ref);
  session.default_namespace = lakehouse.settings.default_schema;
  session.allow_read_below = lakehouse.settings.read_files_below;
  session.system_tables = SystemTableNames();
  session.make_system_table = [&lakehouse](sql::Connection& connection, const std::string& table,
                                           const std::string& qualified) {
    return MakeSystemTable(lakehouse, connection, table, qualified);
  };
  // Not the people's instance: only ours may write into the warehouse. The walker confines what it is given.
  LEAT_ASSIGN(sql::Engine * engine, lakehouse.Engine(sql::InstanceKind::kEngine));
  LEAT_ASSIGN(std::unique_ptr<sql::Session> opened,
              sql::Session::Open(*engine, *lakehouse.catalog, std::move(session)));
  return std::unique_ptr<SqlWriter>(std::make_unique<LakeSqlWriter>(lakehouse, std::move(options), std::move(opened)));
}

}  // namespace leat::run
