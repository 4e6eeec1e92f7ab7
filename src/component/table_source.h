#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/observed_input.h"
#include "component/table_files.h"
#include "lake/scan.h"
#include "lake/table_metadata.h"

namespace leat::component {

/// One state of a table in another lake, in the words of our own format.
struct TableState {
  lake::TableMetadata metadata;  ///< at least specs, and schema.name-mapping.default where files have no field ids
  data::Schema schema;           ///< of this state
  bool by_name = false;          ///< TableScan::by_name
  bool ids_stay = true;          ///< a column keeps its field id when it is renamed
  std::string identity;          ///< another table under the same name has another one
  std::string version;           ///< of the state: snapshot id, number; "" nothing was ever written
  std::string shown;             ///< "snapshot 17 of 2026-01-31T12:00:00Z"
  std::vector<std::string> primary_key;
  std::shared_ptr<TableFiles> files;
};

/// What is to be read of it.
struct TableRead {
  lake::ScanPlan plan;
  std::string reason;  ///< "added since snapshot 12", for the log
};

/// What sources of tables in other lakes have in common: one state is looked at from the first question to the last row; data files
/// are read by the engine as it reads the lake's own, several side by side, in parts of whole files.
class TableSource : public Source, public SchemaObserver {
 public:
  TableSource(std::string name, SourceContext context) : name_(std::move(name)), context_(std::move(context)) {}

  Status Check() override;
  Result<SourceTable> Discover() override;
  Result<std::vector<ObservedInput>> Observe(const ReadRequest& request, const ObserveWish& wish) override;
  /// The state that is read: the bookmark of the next load.
  Result<std::string> Upper(const std::string& update_key) override;
  Result<std::string> Fingerprint() override;
  Result<TableParts> Split(const ReadRequest& request, const SplitAim& aim) override;
  Result<std::unique_ptr<ArrowStream>> OpenStream(const ReadRequest& request) override;
  Result<std::vector<std::unique_ptr<ArrowStream>>> OpenStreams(const ReadRequest& request, int count) override;

 protected:
  /// The state to read, asked for once.
  virtual Result<TableState> Load() = 0;
  /// All of it, or, with a bookmark, what came since. A bookmark from which nobody can go on: SRC-405 unless request.by_key.
  virtual Result<TableRead> Plan(const TableState& state, const ReadRequest& request) = 0;

  std::string What() const { return "table " + name_; }
  /// SRC-405: rows behind the bookmark cannot be told, for this reason ("snapshot 12 is no longer kept").
  Error CannotGoOn(const std::string& reason) const;

  const std::string name_;
  const SourceContext context_;

 private:
  Result<const TableState*> Look();
  /// SRC-408: columns of `request` exchanged their names.
  Status CheckNames(const ReadRequest& request);
  /// Plan, kept for one bookmark.
  Result<const TableRead*> Planned(const ReadRequest& request);

  std::shared_ptr<const TableState> state_;
  std::optional<TableRead> read_;
  std::string read_for_;
};

/// How the raw table keeps a column of another lake's table: ids of members and what is required there are left behind. The type is
/// null where the engine's table of types decides.
SourceColumn TableColumn(const data::Field& field);
/// SQL of its values as `wanted`, or as text where they may not fit: the engine then casts them, checked.
std::string TableValue(const data::Field& field, const data::Type& wanted);

}  // namespace leat::component
