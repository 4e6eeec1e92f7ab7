#pragma once

#include <optional>
#include <string>

#include "lake/publish.h"

namespace leat::lake {

/// A table or view on one of the three sides of a publish: the branch's base, the branch, the target.
struct PublishSide {
  std::optional<Entry> entry;  ///< nullopt: there is none
  MetadataPtr metadata;        ///< of a table
  std::string view_text;       ///< of a view: dialects and texts of its current version
};

struct PublishSides {
  PublishSide base;
  PublishSide branch;
  PublishSide target;
};

/// What `view` has under `name`, with the metadata or the text.
Result<PublishSide> ReadPublishSide(Catalog& catalog, const View& view, const TableName& name);

/// What becomes of one item: a row of the table of cases.
enum class PublishCase {
  kNothing,  ///< the target has it already, or the branch changed nothing
  kMove,     ///< the target's pointer moves to the branch's metadata
  kSquash,   ///< the same, the branch's snapshots made one first
  kRebase,   ///< the branch's changes go onto the target's head as one new snapshot
  kReapply,  ///< schema, spec or properties are set on the target's head, then appends re-based
  kDrop,
  kReplan,  ///< the step must be planned again on the new head
  kRefuse,  ///< can never be published
};

struct PublishDecision {
  PublishCase what = PublishCase::kNothing;
  std::string reason;  ///< of kReplan and kRefuse
};

/// Decides by metadata alone. `base_ref_touched` of the table of cases is base.entry against target.entry.
PublishDecision DecidePublish(const PublishItem& item, const PublishSides& sides, const std::string& target);

/// Snapshots that `metadata` has after `base_id` (0: all), newest first; nullopt when the history does not lead there
/// (rolled back, or expired).
std::optional<std::vector<const Snapshot*>> SnapshotsAfter(const TableMetadata& metadata, int64_t base_id);

/// True when the rows of the current snapshot are those of `snapshot_id`: it is current, or only compacted since.
bool SameRowsAs(const TableMetadata& metadata, int64_t snapshot_id);

/// `head` with everything of `branch` that is not data: schemas, specs, sort orders, and the properties that the branch set or
/// removed since `base` (those that only the head changed stay).
TableMetadata WithShapeOf(const TableMetadata& head, const TableMetadata& branch, const TableMetadata& base);

/// The texts of an Iceberg view's current version with their dialects, in a form that can be compared. Metadata that is not
/// understood compares as a whole.
std::string ViewText(const std::string& metadata_json);

}  // namespace leat::lake
