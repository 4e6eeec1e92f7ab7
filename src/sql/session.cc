#include "sql/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "base/lower.h"
#include "base/nearest.h"
#include "lake/as_of.h"
#include "lake/row_lineage.h"
#include "sql/connection.h"
#include "sql/mapped_sql.h"
#include "sql/prune.h"
#include "sql/script.h"

namespace leat::sql {
namespace {

/// A catalog name of the same length as the warehouse's that no other session of the instance has.
Result<std::string> TakeCatalogName(Instance& instance, const std::string& warehouse) {
  std::lock_guard lock(instance.mutex);
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (size_t number = 0; number < 40'000; ++number) {
    std::string name(warehouse.size(), '0');
    size_t rest = number;
    for (size_t i = name.size(); i-- > 1; rest /= kDigits.size()) name[i] = kDigits[rest % kDigits.size()];
    name[0] = 'x';
    if (rest > 0) break;
    if (instance.attached.insert(name).second) return name;
  }
  return MakeError("SQL-405", ErrorKind::kResource, "too many SQL sessions are open at once");
}

/// Text and default namespace of an Iceberg view in DuckDB's dialect.
struct ViewText {
  std::string sql;
  std::string default_namespace;
};

Result<ViewText> ReadViewText(io::FileSystem& files, const lake::Entry& entry) {
  LEAT_ASSIGN(std::string bytes, files.Read(entry.location));
  auto json = nlohmann::json::parse(bytes, nullptr, false);
  try {
    int current = json.at("current-version-id");
    for (const auto& version : json.at("versions")) {
      if (version.at("version-id") != current) continue;
      ViewText text;
      for (const auto& name : version.value("default-namespace", nlohmann::json::array()))
        text.default_namespace += (text.default_namespace.empty() ? "" : ".") + name.get<std::string>();
      std::string dialects;
      for (const auto& form : version.at("representations")) {
        const std::string dialect = form.value("dialect", "");
        if (form.value("type", "") == "sql" && Lower(dialect) == "duckdb") text.sql = form.at("sql");
        dialects += (dialects.empty() ? "" : ", ") + dialect;
      }
      if (text.sql.empty())
        return MakeError("SQL-406", ErrorKind::kUnsupported, "view {} has no text in DuckDB's dialect, only in: {}",
                         entry.name.ToString(), dialects)
            .WithHint("add a representation with dialect \"duckdb\", or build the view as a model");
      return text;
    }
  } catch (const nlohmann::json::exception& broken) {
    return MakeError("SQL-406", ErrorKind::kData, "the metadata of view {} cannot be read: {}", entry.name.ToString(),
                     broken.what());
  }
  return MakeError("SQL-406", ErrorKind::kData, "the metadata of view {} lacks its current version",
                   entry.name.ToString());
}

class LakeSession final : public Session {
 public:
  LakeSession(lake::Catalog& catalog, SessionOptions options, std::unique_ptr<Connection> connection, std::string alias)
      : catalog_(catalog), options_(std::move(options)), connection_(std::move(connection)), alias_(std::move(alias)) {}

  ~LakeSession() override {
    (void)connection_->Execute("USE memory.main");
    (void)connection_->Execute("DETACH " + QuoteName(alias_));
    Instance& instance = duck().instance();
    std::lock_guard lock(instance.mutex);
    instance.attached.erase(alias_);
  }

  Status Start() {
    duck().SetCatalogAlias(Warehouse(), alias_);
    LEAT_TRY(connection_->Execute("ATTACH ':memory:' AS " + QuoteName(alias_)));
    std::string home = options_.default_namespace.empty() ? "main" : options_.default_namespace;
    LEAT_TRY(EnsureNamespace(home));
    return connection_->Execute("USE " + QuoteName(alias_) + "." + QuoteName(home));
  }

  Result<std::vector<TableRead>> Prepare(std::string_view sql) override {
    LEAT_ASSIGN(StatementShape shape, WalkSelect(*connection_, sql));
    if (options_.confined) LEAT_TRY(CheckConfined(shape, sql, options_.allow_read_below));
    std::vector<Wanted> wanted;
    LEAT_TRY(Resolve(shape, sql, options_.default_namespace, wanted, 0));
    row_ids_ = NamesRowIds(sql);
    LEAT_TRY(Prune(sql, shape, wanted));
    // The content of system tables may change with every statement, and so may their kind (table or view).
    if (std::any_of(wanted.begin(), wanted.end(), [](const Wanted& one) { return one.system; })) {
      LEAT_TRY(connection_->Execute("DROP SCHEMA IF EXISTS " + QuoteName(alias_) + ".leat CASCADE"));
      LEAT_TRY(connection_->Execute("CREATE SCHEMA " + QuoteName(alias_) + ".leat"));
      namespaces_.insert("leat");
    }
    std::vector<TableRead> reads;
    for (const Wanted& one : wanted) {
      LEAT_ASSIGN(std::optional<TableRead> read, MakeView(one));
      if (read) reads.push_back(*read);
    }
    return reads;
  }

  Result<TextRows> Query(std::string_view sql) override {
    LEAT_TRY(Prepare(sql));
    return connection_->Query(sql);
  }

  Result<std::vector<Column>> Describe(std::string_view sql) override {
    LEAT_TRY(Prepare(sql));
    return connection_->Describe(sql);
  }

  Result<std::vector<ColumnOrigin>> Lineage(std::string_view sql) override {
    LEAT_ASSIGN(StatementShape shape, WalkSelect(*connection_, sql));
    std::vector<Wanted> wanted;
    LEAT_TRY(Resolve(shape, sql, options_.default_namespace, wanted, 0));
    row_ids_ = NamesRowIds(sql);
    std::vector<StandIn> stand_ins;
    for (const Wanted& one : wanted) {
      if (!one.entry || !one.schema.empty()) return std::vector<ColumnOrigin>();
      LEAT_TRY(EnsureNamespace(one.table.ns));
      made_.erase(one.table);
      if (one.entry->kind == lake::ObjectKind::kView) continue;
      LEAT_ASSIGN(lake::MetadataPtr metadata, catalog_.LoadMetadata(one.entry->location));
      stand_ins.push_back({one.table, Columns(*metadata)});
    }
    LEAT_TRY(MakeStandIns(duck(), Warehouse(), stand_ins));
    for (const Wanted& one : wanted) {
      if (one.entry->kind == lake::ObjectKind::kView) LEAT_TRY(MakeView(one));
    }
    auto lineage = ColumnLineage(*connection_, sql);
    DropStandIns(duck(), stand_ins);
    LEAT_TRY(Prepare(sql));
    LEAT_TRY(lineage.ok() ? Ok() : Status(lineage.error()));
    for (ColumnOrigin& column : *lineage)
      for (std::string& input : column.inputs) {  // "main.leat_standin_3.id"
        size_t table = input.find('.') + 1;
        size_t end = input.find('.', table);
        auto number = StandInNumber(std::string_view(input).substr(table, end - table));
        if (number && *number < stand_ins.size()) input = stand_ins[*number].table.ToString() + input.substr(end);
      }
    for (ColumnOrigin& column : *lineage) std::sort(column.inputs.begin(), column.inputs.end());
    return lineage;
  }

  Result<std::string> Relation(const lake::TableName& table) override {
    Wanted wanted;
    wanted.table = table;
    row_ids_ = false;
    if (options_.stand_ins.count(table) == 0) {
      LEAT_ASSIGN(wanted.entry, catalog_.FindTable(options_.view, table));
      if (!wanted.entry) return Unknown(table, TableReference{}, "");
      if (wanted.entry->kind == lake::ObjectKind::kView) {
        std::vector<Wanted> below;
        LEAT_ASSIGN(ViewText text, ReadViewText(catalog_.files(), *wanted.entry));
        LEAT_ASSIGN(StatementShape shape, WalkSelect(*connection_, text.sql));
        LEAT_TRY(Resolve(shape, text.sql, text.default_namespace, below, 1));
        for (const Wanted& one : below) LEAT_TRY(MakeView(one));
      }
    }
    LEAT_TRY(MakeView(wanted));
    return ViewName(table);
  }

  void SetView(const lake::View& view) override {
    options_.view = view;
    made_.clear();
  }
  void SetStandIn(const lake::TableName& table, std::string relation) override {
    options_.stand_ins[table] = std::move(relation);
  }
  Connection& connection() override { return *connection_; }
  const SessionOptions& options() const override { return options_; }

 private:
  /// A table, view or system table that a statement needs.
  struct Wanted {
    lake::TableName table;
    std::optional<lake::Entry> entry;  ///< nullopt: system table or stand-in
    bool system = false;
    std::string schema;                                     ///< where its view stands; "": the table's namespace
    std::optional<int64_t> snapshot_id;                     ///< of AT (VERSION => …); nullopt: the current one
    std::optional<std::vector<FilePredicates>> predicates;  ///< nullopt: all files
  };

  static bool NamesRowIds(std::string_view sql) {
    const std::string lower = Lower(sql);
    return lower.find(lake::kRowId) != std::string::npos || lower.find(lake::kLastUpdated) != std::string::npos;
  }
  data::Schema Columns(const lake::TableMetadata& metadata) const {
    const data::Schema& schema = metadata.current_schema();
    return row_ids_ && metadata.format_version > 2 ? lake::WithRowLineage(schema) : schema;
  }

  DuckConnection& duck() { return static_cast<DuckConnection&>(*connection_); }
  const std::string& Warehouse() const { return catalog_.options().warehouse_name; }
  std::string ViewName(const lake::TableName& table) const {
    return QuoteName(Warehouse()) + "." + QuoteName(table.ns) + "." + QuoteName(table.name);
  }

  Status EnsureNamespace(const std::string& ns) {
    if (!namespaces_.insert(Lower(ns)).second) return Ok();
    return connection_->Execute("CREATE SCHEMA IF NOT EXISTS " + QuoteName(alias_) + "." + QuoteName(ns));
  }

  /// Adds what `shape` names to `wanted`, views before what names them.
  Status Resolve(const StatementShape& shape, std::string_view sql, const std::string& default_namespace,
                 std::vector<Wanted>& wanted, int depth) {
    if (depth > 32)
      return MakeError("SQL-406", ErrorKind::kData, "views are nested more than 32 deep (a view that reads itself?)");
    for (const TableReference& reference : shape.tables) {
      lake::TableName name{reference.schema.empty() ? default_namespace : reference.schema, reference.table};
      if (!reference.catalog.empty() && Lower(reference.catalog) != Lower(Warehouse()))
        return Unknown(name, reference, sql);
      if (name.ns.empty()) return Unknown(name, reference, sql);
      if (!reference.at_clause.empty()) {
        LEAT_ASSIGN(Wanted one, AtState(name, reference, sql));
        wanted.push_back(std::move(one));
        continue;
      }
      bool have = std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& one) {
        return one.schema.empty() && Lower(one.table.ns) == Lower(name.ns) && Lower(one.table.name) == Lower(name.name);
      });
      if (have) continue;
      Wanted one;
      one.table = name;
      if (Lower(name.ns) == "leat") {
        auto known = std::find(options_.system_tables.begin(), options_.system_tables.end(), Lower(name.name));
        if (known == options_.system_tables.end() || !options_.make_system_table) return Unknown(name, reference, sql);
        one.system = true;
        one.table = {"leat", *known};
      } else if (const lake::TableName* stand_in = FindStandIn(name)) {
        one.table = *stand_in;
      } else {
        LEAT_ASSIGN(one.entry, catalog_.FindTableNoCase(options_.view, name));
        if (!one.entry) return Unknown(name, reference, sql);
        one.table = one.entry->name;
        if (one.entry->kind == lake::ObjectKind::kView) {
          LEAT_ASSIGN(ViewText text, ReadViewText(catalog_.files(), *one.entry));
          LEAT_ASSIGN(StatementShape inner, WalkSelect(*connection_, text.sql));
          LEAT_TRY(Resolve(inner, text.sql, text.default_namespace.empty() ? one.table.ns : text.default_namespace,
                           wanted, depth + 1));
        }
      }
      wanted.push_back(std::move(one));
    }
    return Ok();
  }

  /// A table with AT (…): its state there, to stand in a schema of its own.
  Result<Wanted> AtState(const lake::TableName& name, const TableReference& reference, std::string_view sql) {
    const SourceSpan where = PositionAt(sql, reference.offset, reference.length, "");
    const std::vector<AtMention> mentions = AtMentions(sql);
    const auto at = std::find_if(mentions.begin(), mentions.end(),
                                 [&](const AtMention& one) { return one.begin == reference.offset; });
    if (at == mentions.end() || Lower(name.ns) == "leat" || FindStandIn(name) != nullptr) {
      return MakeError("SQL-404", ErrorKind::kUnsupported, "AT is not understood on {}", name.ToString())
          .At(where)
          .WithHint("tables take AT (VERSION => …) or AT (TIMESTAMP => …)");
    }
    LEAT_ASSIGN(const std::string value, AtValue(*at, sql));
    const SourceSpan place = PositionAt(sql, at->value, at->value_end - at->value, "");
    Wanted one;
    one.schema = duck().TimeTravelSchema(at->Key(sql));
    lake::View view = options_.view;
    const bool number = !value.empty() && value.find_first_not_of("0123456789") == std::string::npos;
    if (at->version && number && value.size() <= 19) {
      LEAT_ASSIGN(one.entry, catalog_.FindTableNoCase(view, name));
      LEAT_ASSIGN(const bool snapshot, HasSnapshot(one.entry, value));
      if (snapshot) one.snapshot_id = std::strtoll(value.c_str(), nullptr, 10);
    }
    if (!one.snapshot_id) {
      if (!at->version) {
        LEAT_ASSIGN(view, lake::ViewAsOf(catalog_, view, std::strtoll(value.c_str(), nullptr, 10)));
      } else {
        auto resolved = catalog_.Resolve(number ? "commit/" + value : value);
        if (!resolved.ok()) {
          return MakeError("SQL-404", ErrorKind::kNotFound,
                           "{} is neither a snapshot of {} nor a commit or ref of the lake", value, name.ToString())
              .At(place)
              .WithHint("`leat lake snapshots " + name.ToString() + "` and `leat lake history` list them");
        }
        view = *resolved;
      }
      LEAT_ASSIGN(one.entry, catalog_.FindTableNoCase(view, name));
    }
    if (!one.entry) {
      return MakeError("SQL-404", ErrorKind::kNotFound, "table {} did not exist at {} (commit {} of {})",
                       name.ToString(), sql.substr(at->value, at->value_end - at->value), view.commit, view.ref)
          .At(place)
          .WithHint("`leat lake history` shows what came when");
    }
    if (one.entry->kind == lake::ObjectKind::kView) {
      return MakeError("SQL-404", ErrorKind::kUnsupported, "{} is a view: AT cannot be told to what it reads",
                       name.ToString())
          .At(where)
          .WithHint("read the whole lake as of a time: leat sql --as-of");
    }
    one.table = one.entry->name;
    return one;
  }

  /// The value behind =>: a text, or for a timestamp microseconds.
  Result<std::string> AtValue(const AtMention& at, std::string_view sql) {
    MappedSql select;
    select.Own(at.version ? "SELECT CAST((" : "SELECT epoch_us(CAST((").User(sql, at.value, at.value_end);
    select.Own(at.version ? ") AS VARCHAR)" : ") AS TIMESTAMP WITH TIME ZONE))");
    Result<TextRows> rows = connection_->Query(select.text());
    if (!rows.ok()) return select.MapBack(std::move(rows).error(), sql);
    if (rows->rows.size() == 1 && rows->At(0, 0)) return *rows->At(0, 0);
    return MakeError("SQL-404", ErrorKind::kUsage, "AT (…) has no value")
        .At(PositionAt(sql, at.value, at.value_end - at.value, ""));
  }

  Result<bool> HasSnapshot(const std::optional<lake::Entry>& entry, const std::string& id) {
    if (!entry || entry->kind != lake::ObjectKind::kTable) return false;
    LEAT_ASSIGN(lake::MetadataPtr metadata, catalog_.LoadMetadata(entry->location));
    return metadata->FindSnapshot(std::strtoll(id.c_str(), nullptr, 10)) != nullptr;
  }

  const lake::TableName* FindStandIn(const lake::TableName& name) const {
    for (const auto& [table, relation] : options_.stand_ins)
      if (Lower(table.ns) == Lower(name.ns) && Lower(table.name) == Lower(name.name)) return &table;
    return nullptr;
  }

  Error Unknown(const lake::TableName& name, const TableReference& reference, std::string_view sql) {
    std::vector<std::string> names;
    if (auto all = catalog_.ListTables(options_.view, ""); all.ok())
      for (const auto& entry : *all) names.push_back(entry.name.ToString());
    for (const auto& system : options_.system_tables) names.push_back("leat." + system);
    std::string written = name.ns.empty() ? name.name : name.ToString();
    if (!reference.catalog.empty()) written = reference.catalog + "." + written;
    Error error = MakeError("SQL-403", ErrorKind::kNotFound, "table {} does not exist", written);
    std::string hint = DidYouMean(written, names);
    const std::string nested = reference.catalog + "." + name.ns;
    for (const auto& known : names)  // a.b.t, which SQL reads as catalog, schema and table
      if (!reference.catalog.empty() && Lower(known) == Lower(written))
        hint = "a nested namespace is one name in quotes: \"" + nested + "\"." + name.name;
    if (hint.empty()) {
      for (const auto& known : names)  // the namespace is missing or another one
        if (Lower(known.substr(known.rfind('.') + 1)) == Lower(name.name)) hint = "there is " + known;
    }
    if (hint.empty()) hint = "`leat ls` lists the tables";
    if (sql.empty()) return std::move(error).WithHint(hint);
    return std::move(error).WithHint(hint).At(PositionAt(sql, reference.offset, reference.length, ""));
  }

  /// Finds the predicates of the tables that have enough files to be worth it. Best effort: without them all is read.
  Status Prune(std::string_view sql, const StatementShape& shape, std::vector<Wanted>& wanted) {
    if (!options_.prune || !shape.has_filter) return Ok();
    // Two states of one table cannot be told apart by its name.
    if (std::any_of(wanted.begin(), wanted.end(), [](const Wanted& one) { return !one.schema.empty(); })) return Ok();
    std::vector<StandIn> stand_ins;
    bool worth_it = false;
    for (const Wanted& one : wanted) {
      StandIn stand_in;
      stand_in.table = one.table;
      if (one.system || !one.entry) return Ok();  // their columns are not known here
      if (one.entry->kind == lake::ObjectKind::kView) return Ok();
      LEAT_ASSIGN(lake::MetadataPtr metadata, catalog_.LoadMetadata(one.entry->location));
      stand_in.schema = Columns(*metadata);
      const lake::Snapshot* snapshot = metadata->current_snapshot();
      if (snapshot != nullptr) {
        auto count = snapshot->summary.find("total-data-files");
        worth_it = worth_it || count == snapshot->summary.end() || count->second != "1";
      }
      stand_ins.push_back(std::move(stand_in));
    }
    if (!worth_it) return Ok();
    for (const StandIn& stand_in : stand_ins) {
      LEAT_TRY(EnsureNamespace(stand_in.table.ns));
      made_.erase(stand_in.table);
    }
    auto found = FindPredicates(duck(), Warehouse(), sql, stand_ins);
    if (!found.ok()) return Ok();  // the statement itself will say what is wrong with it
    for (Wanted& one : wanted) one.predicates = (*found)[one.table];
    return Ok();
  }

  Result<std::optional<TableRead>> MakeView(const Wanted& wanted) {
    const std::string& home_of_view = wanted.schema.empty() ? wanted.table.ns : wanted.schema;
    LEAT_TRY(EnsureNamespace(home_of_view));
    std::string name = ViewName({home_of_view, wanted.table.name});
    if (wanted.system) {
      LEAT_TRY(options_.make_system_table(*connection_, wanted.table.name, name));
      return std::optional<TableRead>();
    }
    if (!wanted.entry) {
      LEAT_TRY(connection_->Execute("CREATE OR REPLACE VIEW " + name + " AS " + options_.stand_ins.at(wanted.table)));
      return std::optional<TableRead>();
    }
    if (wanted.entry->kind == lake::ObjectKind::kView) {
      LEAT_ASSIGN(ViewText text, ReadViewText(catalog_.files(), *wanted.entry));
      std::string home = text.default_namespace.empty() ? wanted.table.ns : text.default_namespace;
      LEAT_TRY(EnsureNamespace(home));
      LEAT_TRY(connection_->Execute("USE " + QuoteName(alias_) + "." + QuoteName(home)));
      // Names without a namespace are looked up in the one that a view stands in: the text stands in its default namespace.
      const bool elsewhere = Lower(home) != Lower(home_of_view);
      const std::string inner =
          elsewhere ? ViewName({home, "view of " + wanted.table.ToString()}) : name;  // no table has that name
      Status made = connection_->Execute("CREATE OR REPLACE VIEW " + inner + " AS " + text.sql);
      if (made.ok() && elsewhere) made = connection_->Execute("CREATE OR REPLACE VIEW " + name + " AS FROM " + inner);
      LEAT_TRY(
          connection_->Execute("USE " + QuoteName(alias_) + "." +
                               QuoteName(options_.default_namespace.empty() ? "main" : options_.default_namespace)));
      LEAT_TRY(std::move(made));
      return std::optional<TableRead>();
    }
    if (!wanted.predicates && wanted.schema.empty()) {
      auto made = made_.find(wanted.table);
      if (made != made_.end() && made->second.location == wanted.entry->location && made->second.row_ids == row_ids_)
        return std::optional(made->second.read);
    }
    LEAT_ASSIGN(lake::MetadataPtr metadata, catalog_.LoadMetadata(wanted.entry->location));
    const lake::Snapshot* snapshot =
        wanted.snapshot_id ? metadata->FindSnapshot(*wanted.snapshot_id) : metadata->current_snapshot();
    // A snapshot that is asked for by its id is read with the columns of its time.
    const data::Schema* schema =
        wanted.snapshot_id && snapshot->schema_id ? metadata->FindSchema(*snapshot->schema_id) : nullptr;
    LEAT_ASSIGN(lake::ScanPlan plan, Plan(*metadata, snapshot, wanted));
    LEAT_ASSIGN(std::string sql, ReadSql(catalog_.files(), *connection_, *metadata,
                                         schema == nullptr ? metadata->current_schema() : *schema, plan,
                                         {.lineage = row_ids_ && metadata->format_version > 2}));
    LEAT_TRY(connection_->Execute("CREATE OR REPLACE VIEW " + name + " AS " + sql));
    TableRead read{wanted.table,       snapshot == nullptr ? 0 : snapshot->id,
                   plan.rows_total,    static_cast<int64_t>(plan.files.size()),
                   plan.bytes_planned, !wanted.schema.empty()};
    if (!wanted.schema.empty()) return std::optional(read);  // the same words may mean another state next time
    if (wanted.predicates) {
      made_.erase(wanted.table);  // good for this statement only
    } else {
      made_[wanted.table] = {wanted.entry->location, read, row_ids_};
    }
    return std::optional(read);
  }

  /// All files, or those that at least one mention of the table can need.
  Result<lake::ScanPlan> Plan(const lake::TableMetadata& metadata, const lake::Snapshot* snapshot,
                              const Wanted& wanted) {
    if (!wanted.predicates) return lake::PlanScan(catalog_.files(), metadata, snapshot);
    lake::ScanPlan all;
    std::set<std::string> seen;
    for (const FilePredicates& predicates : *wanted.predicates) {
      LEAT_ASSIGN(lake::ScanPlan plan, lake::PlanScan(catalog_.files(), metadata, snapshot, predicates));
      all.files_total = plan.files_total;
      all.rows_total = plan.rows_total;
      for (auto& file : plan.files) {
        if (!seen.insert(file.file.path).second) continue;
        all.bytes_planned += file.file.size_bytes;
        all.files.push_back(std::move(file));
      }
    }
    return all;
  }

  struct Made {
    std::string location;
    TableRead read;
    bool row_ids = false;
  };

  lake::Catalog& catalog_;
  SessionOptions options_;
  std::unique_ptr<Connection> connection_;
  std::string alias_;
  std::set<std::string> namespaces_;
  std::map<lake::TableName, Made> made_;  ///< unpruned views that stand
  bool row_ids_ = false;                  ///< the statement names columns of row lineage: tables of format v3 show them
};

}  // namespace

Result<std::unique_ptr<Session>> Session::Open(Engine& engine, lake::Catalog& catalog, SessionOptions options) {
  LEAT_ASSIGN(std::unique_ptr<Connection> connection, engine.Connect());
  LEAT_ASSIGN(std::string alias,
              TakeCatalogName(static_cast<DuckConnection&>(*connection).instance(), catalog.options().warehouse_name));
  auto session = std::make_unique<LakeSession>(catalog, std::move(options), std::move(connection), std::move(alias));
  LEAT_TRY(session->Start());
  return std::unique_ptr<Session>(std::move(session));
}

}  // namespace leat::sql
