#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lake/table_change.h"
#include "run/step.h"

namespace leat::run {

/// The column of rows that are gone and stay (soft_delete), NULL in all others.
inline constexpr const char* kDeletedAt = "_deleted_at";
data::Field DeletedAtField();

/// The table that a step writes, as it is on the step's branch.
struct Target {
  lake::View view;                   ///< the branch now
  std::optional<lake::Entry> entry;  ///< nullopt: the table is new
  lake::MetadataPtr metadata;        ///< null: the table is new (or a view stands there)
  lake::Properties namespace_properties;

  int64_t snapshot_id() const;  ///< 0: none
};

/// The property `format-version` of a project: 0 where it is not said.
int FormatVersionIn(const lake::Properties& properties);
/// The format that the table has once the step has written it.
int FormatVersionOf(const StepContext& context, const Target& target);

/// Finds the table on the branch and makes its namespace (with the asset's zone) if it is missing.
Result<Target> OpenTarget(StepContext& context);

/// A column that the table shall have; its id comes from the table where the name is known there.
struct WantedSchema {
  std::vector<data::Field> fields;
  bool keep_others = false;  ///< columns of the table that are not wanted stay (loads: no column is ever lost)
  std::map<std::string, std::string> renamed{};  ///< new name -> the name of the column that gets it, with its id
};

/// The metadata to write on: a new table, or the present one with its schema, spec, order and properties evolved by Iceberg's
/// rules (ids kept by name, types promoted where allowed; a column of another type gets a new id).
struct Layout {
  lake::TableMetadata metadata;
  bool created = false;
  bool schema_changed = false;  ///< schema, spec, order or properties
  data::Schema schema;          ///< current schema of `metadata`
};
/// `uuid`: of a new table that an earlier run began to write; "" makes one.
Result<Layout> LayOut(StepContext& context, const Target& target, const WantedSchema& wanted,
                      const lake::Properties& properties, const std::string& uuid = "");

/// The layout of a step that only takes rows out of its table: as the table is, with `_deleted_at` where rows that are gone
/// stay. RUN-539 when the table is not there.
Result<Layout> LayOutDelete(StepContext& context, const Target& target);

/// "month(date)", "bucket(16, id)", "carrier" -> a partition field (without ids); RUN-511 names what is wrong.
Result<lake::PartitionField> ParsePartition(const std::string& text, const data::Schema& schema);
/// "date desc", "carrier", "month(date) desc nulls last". Without words for them NULLs are the smallest.
Result<lake::SortField> ParseSort(const std::string& text, const data::Schema& schema);

/// What one commit on the branch did.
struct Committed {
  std::string location;
  int64_t snapshot_id = 0;
  lake::CommitId commit = 0;
};

/// Writes metadata for `change` (nullopt: only schema and properties) over `layout` and moves the branch's pointer. A commit
/// whose outcome is unknown is looked up before anything is said. On a failure that is certain the written metadata files
/// and `data_folder` are removed.
Result<Committed> CommitTable(StepContext& context, const Target& target, const Layout& layout,
                              const std::optional<lake::DataChange>& change, const lake::Properties& summary,
                              const std::vector<state::Fence>& fences, const std::string& data_folder,
                              const std::function<Status(state::Transaction&, lake::CommitId)>& also = {});

/// Whose commit it is and where it goes.
struct CommitPlace {
  std::string ref;
  lake::TableName table;
  lake::CommitInfo info;
  std::string step;  ///< of the snapshot's summary
  std::vector<state::Fence> fences = {};
  std::function<Status(state::Transaction&, lake::CommitId)> also = {};
};

/// CommitTable for a commit that is no step of a run.
Result<Committed> CommitTable(Lakehouse& lakehouse, const CommitPlace& place, const Target& target,
                              const lake::TableMetadata& metadata, const std::optional<lake::DataChange>& change,
                              const lake::Properties& summary, const std::string& data_folder);

/// <location>/data/<run>/<step>-<attempt>
std::string DataFolder(const StepContext& context, const std::string& location);

}  // namespace leat::run
