#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/spec.h"
#include "config/template/text_map.h"
#include "config/tree.h"
#include "io/s3/options.h"
#include "lake/catalog.h"

namespace leat::project {

enum class Severity { kWarn, kError };
enum class OnFail { kWarn, kQuarantine, kBlock };

/// A configured check of an asset.
struct CheckUse {
  std::string id;      ///< "<asset>.<column>.<check>" or "<asset>.<check>", made unique by #2, #3 …
  std::string check;   ///< name of the component
  std::string column;  ///< "" at the table level
  Severity severity = Severity::kError;
  OnFail on_fail = OnFail::kBlock;
  std::shared_ptr<component::Check> instance;
  const component::Spec* spec = nullptr;
  std::string arguments_text;  ///< its arguments, for the fingerprint
  std::string
      keep_order;  ///< unique: `keep: first|last by <column>` as an ORDER BY text, "" rejects all rows of the key
  SourceSpan where;
};

struct ColumnMask;

/// What a load keeps of values that are longer than `over` bytes.
struct LargeValues {
  enum class Keep { kStart, kNothing, kFile };
  int64_t over = 0;
  Keep keep = Keep::kStart;
};

/// A column as the user described it (model YAML or source YAML).
struct ColumnInfo {
  std::string name;
  std::string description;
  std::string data_type;  ///< as typed, "" where the data decides
  std::string rename_to;  ///< structured copy
  std::string format;     ///< strptime format for text -> time
  std::string time_zone;  ///< of local times without zone -> UTC
  std::optional<LargeValues> large_values{};
  std::shared_ptr<const ColumnMask> mask{};  ///< null: the raw table has the values as they are (column_mask.h)
};

enum class AssetKind { kSourceTable, kStructured, kModel };
enum class Materialisation { kTable, kView, kIncremental };
enum class OnEmpty { kKeep, kReplace, kFail };

/// One table or view that a run makes. Source tables come with their connection; the structured copy and models are SQL.
struct Asset {
  std::string id;    ///< "source.shop.orders", "structured.shop.orders", "model.fct_flights"
  std::string name;  ///< "orders", "fct_flights"
  std::string path;  ///< file, relative to the project: "models/marts/fct_flights.sql"
  std::vector<std::string> tags;
  AssetKind kind = AssetKind::kModel;
  lake::TableName table;
  std::string description;
  std::string zone;         ///< raw | structured | trusted | product
  std::string source_name;  ///< of a source table and its structured copy
  SourceSpan where;         ///< the entry in the YAML or the SQL file
  std::vector<ColumnInfo> columns;
  std::vector<CheckUse> checks;
  double max_reject = 0.01;
  lake::Properties table_properties;
  std::vector<std::string> partition_by;  ///< "month(date)", "carrier"
  std::vector<std::string> sort_by;

  // source tables
  std::string connection;
  const component::Spec* source = nullptr;
  config::Values connection_values;
  config::Values table_values;
  std::string mode;  ///< full-refresh | truncate | append | incremental | insert | partition | snapshot | delete
  std::vector<std::string> primary_key;
  std::string update_key;
  std::string into;                   ///< mode delete: the asset whose rows its keys take out
  OnEmpty on_empty = OnEmpty::kKeep;  ///< what replaces all rows: what an extract without rows means

  // models and structured copies
  Materialisation materialised = Materialisation::kTable;
  /// Compiled: refs, sources and plain names replaced by quoted names; ends with a line break. Of a structured copy it only
  /// says what is read: its step runs StructuredSelect (structured.h) once the raw table's columns are known.
  std::string sql;
  std::string raw_sql;        ///< as in the file
  std::vector<int> line_map;  ///< line i + 1 of `sql` is line line_map[i] of the file
  config::TextMap sql_map;    ///< bytes of `sql` -> bytes of `raw_sql`
  std::vector<std::string> unique_key;
  /// Of what upserts by key (incremental models and sources): SQL condition over the new rows; a row for which it is true
  /// takes the row of its key out of the table and is not kept itself. "" none.
  std::string delete_when;
  std::string strategy = "merge";  ///< incremental models: merge | append | insert | insert_overwrite
  bool soft_delete = false;        ///< rows that are gone stay, with `_deleted_at`
  bool is_volatile = false;

  /// Ids of assets: from ref/source, from the SQL's own table names, from checks. Of a structured copy: its raw table first.
  std::vector<std::string> depends_on;
  std::vector<lake::TableName> outside;  ///< tables of the lake that no asset makes
  std::string fingerprint;               ///< hash of everything above that changes what the step does

  /// A load that puts what it read in place of all rows.
  bool replaces_all() const { return mode == "full-refresh" || mode == "truncate"; }
  /// A load that reads every file each time, not only those that are not done yet.
  bool reads_all_files() const { return replaces_all() || mode == "snapshot"; }
  /// A load that goes on behind the greatest update key, or state of its source, that it has seen.
  bool bookmarked() const {
    return source != nullptr && !source->source.files && (source->source.own_bookmark || !update_key.empty()) &&
           !reads_all_files() && mode != "partition";
  }
};

struct Connection {
  std::string name;
  const component::Spec* source = nullptr;
  config::Values values;
  SourceSpan where;
};

/// leat.yml with its defaults.
struct Settings {
  std::string name;
  std::string warehouse = "./.leat/warehouse";  ///< absolute URI once read
  io::s3::StorageSettings storage;              ///< of a warehouse at s3://
  std::string warehouse_name = "lake";
  std::string state = "./.leat/state.db";
  std::string publish = "connected";  ///< connected | all
  std::string default_schema = "trusted";
  double max_reject = 0.01;
  lake::Properties table_properties;                                           ///< of all assets
  std::chrono::microseconds rejected_retention = std::chrono::hours(24 * 30);  ///< of <table>__rejected
  std::string display_timezone = "UTC";
  int64_t memory_limit_bytes = 0;
  int threads = 0;
  std::string read_files_below;  ///< allow read_* in models below this folder, "" refuses
  std::string landing = "./.leat/landing";
  bool archive = true;
};

/// A user's project, read and checked as a whole. Immutable.
struct Project {
  std::string root;
  Settings settings;
  std::map<std::string, Connection> connections;
  std::vector<Asset> assets;  ///< in an order in which each comes after what it depends on
  std::map<std::string, size_t> by_id;
  std::vector<Error> warnings;
  std::string files_hash;  ///< of all files read

  const Asset* Find(const std::string& id) const;
  const Asset* FindTable(const lake::TableName& table) const;
};

/// Finds leat.yml in `start` or a parent. PROJ-101 when there is none (hint: leat init).
Result<std::string> FindProjectRoot(const std::string& start);

/// Reads only leat.yml (commands that need warehouse and state but no assets).
Result<Settings> ReadSettings(const std::string& root, const config::EnvLookup& env);

/// Reads and checks everything; one Error with all findings (docs/errors.md lists PROJ-2xx). DuckDB is opened only for SQL
/// whose syntax tree is not in .leat/cache.
Result<Project> ReadProject(const std::string& root, const config::EnvLookup& env);

/// `exclude:` of a table: true when one of the patterns (*, ?, [a-z]; without case) is the column's name.
bool MatchesColumn(const std::vector<std::string>& patterns, const std::string& column);

/// Moves the place of an SQL error (file "": inside asset.sql) to the model's own file, line and column.
Error PlaceInFile(const Asset& asset, Error error);

/// dbt's selection grammar: "fct_flights", "trusted.fct_*", "+fct_flights", "2+fct_flights+1", "@fct_flights", "source:shop",
/// "source:shop.orders", "tag:x", "path:models/marts", "config.materialized:view", "zone:raw"; "a,b" is the intersection,
/// several selectors are the union; none is everything. Ids in the project's order.
/// PROJ-301 when nothing matches (nearest names).
Result<std::vector<std::string>> Select(const Project& project, const std::vector<std::string>& selectors);

}  // namespace leat::project
