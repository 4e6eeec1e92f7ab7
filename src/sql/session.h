#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lake/catalog.h"
#include "lake/scan.h"
#include "sql/engine.h"
#include "sql/walker.h"

namespace leat::sql {

/// What a statement read: kept in leat.step_inputs.
struct TableRead {
  lake::TableName table;
  int64_t snapshot_id = 0;  ///< 0: no snapshot yet
  int64_t rows_in_snapshot = 0;
  int64_t files = 0;
  int64_t bytes = 0;
  bool pinned = false;  ///< read at a state that the statement names: AT (…)
};

/// Rows of one leat.* system table, delivered by the layer that owns them. Returns a SELECT's text over VALUES or creates a
/// temporary table in the connection; see SystemTables in run/.
using SystemTableMaker =
    std::function<Status(Connection&, const std::string& table, const std::string& qualified_name)>;

struct SessionOptions {
  lake::View view;                ///< the commit that all its statements read
  std::string default_namespace;  ///< for names without one
  bool confined = true;           ///< apply CheckConfined
  std::string allow_read_below;
  /// Leave out files that a statement's filters rule out. The tables then hold what that very statement needs: only for
  /// sessions that run each statement right after its own Prepare and nothing else (prompt, page, wire). WARNING: text that
  /// reads the same table beside it (a check inside a write) would miss rows.
  bool prune = false;
  std::vector<std::string> system_tables;  ///< names allowed under `leat.`
  SystemTableMaker make_system_table;
  /// Tables that the session sees under a name in place of the lake's (gates look at unpublished files this way).
  std::map<lake::TableName, std::string> stand_ins;
};

/// A connection with its own in-memory catalog, named as the warehouse and USEd. Prepare walks a statement, resolves its
/// tables on the view and makes views for them under the names the user wrote, so that the text runs unchanged and error
/// positions stay true. One thread at a time.
class Session {
 public:
  static Result<std::unique_ptr<Session>> Open(Engine& engine, lake::Catalog& catalog, SessionOptions options);
  virtual ~Session() = default;

  /// Binds names of `sql` (a SELECT). Unknown table: SQL-403 with place and nearest names. Returns what it will read.
  /// A table with AT (VERSION => <snapshot id or commit> | '<ref>') or AT (TIMESTAMP => …) is read at that state, whatever the
  /// view: SQL-404 when there is none.
  /// Views stand until another Prepare names the same table, unless SessionOptions::prune is set.
  virtual Result<std::vector<TableRead>> Prepare(std::string_view sql) = 0;
  /// Prepare, then run.
  virtual Result<TextRows> Query(std::string_view sql) = 0;
  virtual Result<std::vector<Column>> Describe(std::string_view sql) = 0;
  /// ColumnLineage down to the lake's own tables ("ns.table.column"; views are looked through). Empty for a statement that
  /// reads system tables or stand-ins. Leaves the session prepared for `sql`.
  virtual Result<std::vector<ColumnOrigin>> Lineage(std::string_view sql) = 0;
  /// A relation over one table of the view that other SQL may use ("lake"."ns"."table").
  virtual Result<std::string> Relation(const lake::TableName& table) = 0;
  /// Moves to another commit (a new statement of a prompt reads the newest publish).
  virtual void SetView(const lake::View& view) = 0;
  /// From the next Prepare on `table` is `relation` (a SELECT), whatever the lake has under that name.
  virtual void SetStandIn(const lake::TableName& table, std::string relation) = 0;
  virtual Connection& connection() = 0;
  virtual const SessionOptions& options() const = 0;
};

/// SQL of the value that a new row has in a column which its writer does not give: the column's default (v3), or NULL.
std::string NotGivenSql(const data::Field& field);

/// What ReadSql adds to the columns of a table.
struct RowColumns {
  bool places = false;   ///< leat_file, leat_row: the row's data file (URI) and its number there
  bool lineage = false;  ///< _row_id, _last_updated_sequence_number; NULL where a file has none (before format v3)
};

/// What is special about the files of a table that is none of the lake's.
struct ForeignFiles {
  /// Where DuckDB finds those that do not lie where the metadata says (copies): URI there -> path.
  std::map<std::string, std::string> places;
  bool by_name = false;  ///< ids in their footers mean nothing: schema.name-mapping.default alone holds
};

/// SQL of a relation that reads a planned table with deletes applied, columns named and typed as the schema says
/// (decisions: "Reading files"). Deletion vectors are read from `files` into temporary tables of the connection.
Result<std::string> ReadSql(io::FileSystem& files, Connection& connection, const lake::TableMetadata& metadata,
                            const data::Schema& schema, const lake::ScanPlan& plan, RowColumns more = {},
                            const ForeignFiles& foreign = {});

}  // namespace leat::sql
