#include "lake/publish_cases.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "lake/table_change.h"

namespace leat::lake {
namespace {

std::string Operation(const Snapshot& snapshot) {
  const auto found = snapshot.summary.find("operation");
  return found == snapshot.summary.end() ? "" : found->second;
}

/// An append that holds on every state of the table.
bool IsFreeAppend(const Snapshot& snapshot) {
  return Operation(snapshot) == "append" && !snapshot.summary.contains(kNoRebase);
}

/// True unless the snapshot took away or replaced rows by whole files: appends, compaction, and deletes beside the data.
/// A row delta that removes files counts as an overwrite: planning again is always right, only slower.
bool KeepsDataFiles(const Snapshot& snapshot) {
  const std::string operation = Operation(snapshot);
  if (operation == "append" || operation == "replace") return true;
  if (operation != "overwrite" && operation != "delete") return false;
  const auto deleted = snapshot.summary.find("deleted-data-files");
  const auto deletes = snapshot.summary.find("added-delete-files");
  return deletes != snapshot.summary.end() && (deleted == snapshot.summary.end() || deleted->second == "0");
}

bool SameSpec(const PartitionSpec& a, const PartitionSpec& b) {
  return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const PartitionField& x, const PartitionField& y) {
                      return x.source_id == y.source_id && x.field_id == y.field_id && x.transform == y.transform &&
                             x.name == y.name;
                    });
}

bool SameOrder(const SortOrder& a, const SortOrder& b) {
  return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const SortField& x, const SortField& y) {
                      return x.source_id == y.source_id && x.transform == y.transform && x.ascending == y.ascending &&
                             x.nulls_first == y.nulls_first;
                    });
}

/// What SameSchema leaves out, at any depth: texts and defaults.
bool SameDetails(const std::vector<data::Field>& a, const std::vector<data::Field>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const data::Field& x, const data::Field& y) {
    return x.doc == y.doc && x.initial_default == y.initial_default && x.write_default == y.write_default &&
           SameDetails(x.type->fields, y.type->fields);
  });
}

bool SameShape(const TableMetadata& a, const TableMetadata& b) {
  return a.format_version == b.format_version && data::SameSchema(a.current_schema(), b.current_schema()) &&
         SameDetails(a.current_schema().fields, b.current_schema().fields) &&
         SameSpec(a.default_spec(), b.default_spec()) && SameOrder(a.default_sort_order(), b.default_sort_order());
}

/// nullopt: not set.
std::optional<std::string> PropertyOf(const TableMetadata& metadata, const std::string& key) {
  const auto found = metadata.properties.find(key);
  return found == metadata.properties.end() ? std::nullopt : std::optional(found->second);
}

std::set<std::string> ChangedProperties(const TableMetadata& before, const TableMetadata& after) {
  std::set<std::string> changed;
  for (const TableMetadata* side : {&before, &after}) {
    for (const auto& [key, value] : side->properties) {
      if (PropertyOf(before, key) != PropertyOf(after, key)) changed.insert(key);
    }
  }
  return changed;
}

/// A property that both sides changed, each to something else; "" when there is none.
std::string ClashingProperty(const TableMetadata& base, const TableMetadata& branch, const TableMetadata& head) {
  for (const std::string& key : ChangedProperties(base, branch)) {
    const std::optional<std::string> theirs = PropertyOf(head, key);
    if (theirs != PropertyOf(base, key) && theirs != PropertyOf(branch, key)) return key;
  }
  return "";
}

std::string RunOf(const PublishSide& side) {
  const Snapshot* snapshot = side.metadata == nullptr ? nullptr : side.metadata->current_snapshot();
  if (snapshot != nullptr) {
    if (const auto run = snapshot->summary.find("leat.run-id"); run != snapshot->summary.end())
      return "run " + run->second;
  }
  return side.entry ? fmt::format("commit {}", side.entry->commit) : "nobody";
}

PublishDecision Replan(std::string reason) { return {PublishCase::kReplan, std::move(reason)}; }
PublishDecision Refuse(std::string reason) { return {PublishCase::kRefuse, std::move(reason)}; }

bool SamePointer(const PublishSide& a, const PublishSide& b) {
  if (a.entry.has_value() != b.entry.has_value()) return false;
  return !a.entry || a.entry->location == b.entry->location;
}

bool IsView(const PublishSide& side) { return side.entry && side.entry->kind == ObjectKind::kView; }

int64_t SnapshotIdOf(const PublishSide& side) {
  return side.metadata == nullptr ? 0 : side.metadata->current_snapshot_id.value_or(0);
}

/// The target is where the branch started from (or drops what the branch recreates): a pointer move.
PublishDecision MoveOrSquash(const PublishSides& sides) {
  if (sides.branch.metadata == nullptr) return {PublishCase::kMove, ""};
  const bool same_table = sides.base.metadata != nullptr && sides.base.metadata->uuid == sides.branch.metadata->uuid;
  const auto added = SnapshotsAfter(*sides.branch.metadata, same_table ? SnapshotIdOf(sides.base) : 0);
  return {added && added->size() > 1 ? PublishCase::kSquash : PublishCase::kMove, ""};
}

PublishDecision BothCreated(const PublishItem& item, const PublishSides& sides, const std::string& target) {
  const std::string both = fmt::format("{} was made on the branch ({}) and on {} ({})", item.table.ToString(),
                                       RunOf(sides.branch), target, RunOf(sides.target));
  const TableMetadata& ours = *sides.branch.metadata;
  const TableMetadata& theirs = *sides.target.metadata;
  const auto& fields = ours.current_schema().fields;
  const bool compatible = SameSpec(ours.default_spec(), theirs.default_spec()) &&
                          std::all_of(fields.begin(), fields.end(), [&](const data::Field& field) {
                            const data::Field* there = theirs.current_schema().FindColumn(field.name);
                            return there != nullptr && data::TypeName(*there->type) == data::TypeName(*field.type);
                          });
  if (compatible) return Replan(both + ": it goes into the existing table");
  return Refuse(both + ", with different columns");
}

/// Both sides changed a table that both still have.
PublishDecision BothChanged(const PublishItem& item, const PublishSides& sides, const std::string& target) {
  const TableMetadata& base = *sides.base.metadata;
  const TableMetadata& branch = *sides.branch.metadata;
  const TableMetadata& head = *sides.target.metadata;
  const std::string table = item.table.ToString();
  if (head.uuid != base.uuid) return Replan(fmt::format("{} was dropped and made again on {}", table, target));
  if (branch.uuid != base.uuid)
    return Replan(
        fmt::format("{} was made anew on the branch, and changed on {} by {}", table, target, RunOf(sides.target)));

  const auto ours = SnapshotsAfter(branch, SnapshotIdOf(sides.base));
  const auto theirs = SnapshotsAfter(head, SnapshotIdOf(sides.base));
  if (!ours || !theirs)
    return Replan(
        fmt::format("{} was rolled back, or its history has expired, on {}", table, ours ? target : "the branch"));
  const bool appends =
      std::all_of(ours->begin(), ours->end(), [](const Snapshot* snapshot) { return IsFreeAppend(*snapshot); });
  const bool may_rebase = item.change == PublishItem::Change::kAppend || item.change == PublishItem::Change::kSchema;
  // Rows that were only put into other files are the rows that the branch saw: whatever it did to them still holds.
  const bool compacted = !theirs->empty() && std::all_of(theirs->begin(), theirs->end(), [](const Snapshot* snapshot) {
    return Operation(*snapshot) == "replace";
  });
  if (!ours->empty() && (!appends || !may_rebase) && !compacted)
    return Replan(fmt::format("{} was changed on {} by {}", table, target, RunOf(sides.target)));
  if (!ours->empty() && !item.load_key.empty()) {
    const std::string bookmark = FindBookmark(head, item.load_key).value_or("");
    if (bookmark != item.bookmark_before) {
      return Replan(fmt::format("the bookmark of {} moved from '{}' to '{}' on {}", item.load_key, item.bookmark_before,
                                bookmark, target));
    }
  }
  if (!std::all_of(theirs->begin(), theirs->end(),
                   [](const Snapshot* snapshot) { return KeepsDataFiles(*snapshot); })) {
    return Replan(fmt::format("{} was overwritten on {} by {}", table, target, RunOf(sides.target)));
  }
  if (!SameShape(base, head))
    return Replan(fmt::format("the schema or partitioning of {} was changed on {}", table, target));
  if (!SameShape(base, branch) || branch.properties != base.properties) {
    const std::string property = ClashingProperty(base, branch, head);
    if (!property.empty())
      return Replan(fmt::format("the property {} of {} was changed on both sides", property, table));
    if (branch.format_version != head.format_version)
      return Replan(fmt::format("the format version of {} was changed on the branch", table));
    return {PublishCase::kReapply, ""};
  }
  if (!ours->empty()) return {PublishCase::kRebase, ""};
  return Replan(fmt::format("{} was changed on both sides", table));
}

}  // namespace

std::optional<std::vector<const Snapshot*>> SnapshotsAfter(const TableMetadata& metadata, int64_t base_id) {
  std::vector<const Snapshot*> found;
  std::set<int64_t> seen;
  std::optional<int64_t> id = metadata.current_snapshot_id;
  while (id && *id != base_id) {
    const Snapshot* snapshot = metadata.FindSnapshot(*id);
    if (snapshot == nullptr || !seen.insert(*id).second) return std::nullopt;
    found.push_back(snapshot);
    id = snapshot->parent_id;
  }
  if (!id && base_id != 0) return std::nullopt;
  return found;
}

bool SameRowsAs(const TableMetadata& metadata, int64_t snapshot_id) {
  if (metadata.current_snapshot_id.value_or(0) == snapshot_id) return true;
  const auto since = SnapshotsAfter(metadata, snapshot_id);
  return since && snapshot_id != 0 && std::all_of(since->begin(), since->end(), [](const Snapshot* snapshot) {
           return Operation(*snapshot) == "replace";
         });
}

TableMetadata WithShapeOf(const TableMetadata& head, const TableMetadata& branch, const TableMetadata& base) {
  TableMetadata result = head;
  result.last_column_id = branch.last_column_id;
  result.schemas = branch.schemas;
  result.current_schema_id = branch.current_schema_id;
  result.specs = branch.specs;
  result.default_spec_id = branch.default_spec_id;
  result.last_partition_id = branch.last_partition_id;
  result.sort_orders = branch.sort_orders;
  result.default_sort_order_id = branch.default_sort_order_id;
  for (const std::string& key : ChangedProperties(base, branch)) {
    const auto set = branch.properties.find(key);
    if (set == branch.properties.end()) result.properties.erase(key);
    else result.properties[key] = set->second;
  }
  return result;
}

std::string ViewText(const std::string& metadata_json) {
  const nlohmann::json json = nlohmann::json::parse(metadata_json, nullptr, false);
  if (!json.is_object() || !json.contains("current-version-id") || !json.contains("versions") ||
      !json["versions"].is_array())
    return metadata_json;
  for (const nlohmann::json& version : json["versions"]) {
    if (!version.is_object() || version.value("version-id", nlohmann::json()) != json["current-version-id"]) continue;
    std::set<std::string> texts;
    for (const nlohmann::json& representation : version.value("representations", nlohmann::json::array()))
      texts.insert(representation.dump());
    std::string all;
    for (const std::string& text : texts) all += text + "\n";
    return all;
  }
  return metadata_json;
}

Result<PublishSide> ReadPublishSide(Catalog& catalog, const View& view, const TableName& name) {
  PublishSide side;
  LEAT_ASSIGN(side.entry, catalog.FindTable(view, name));
  if (!side.entry) return side;
  if (side.entry->kind == ObjectKind::kTable) {
    LEAT_ASSIGN(side.metadata, catalog.LoadMetadata(side.entry->location));
  } else {
    LEAT_ASSIGN(const std::string text, catalog.files().Read(side.entry->location));
    side.view_text = ViewText(text);
  }
  return side;
}

PublishDecision DecidePublish(const PublishItem& item, const PublishSides& sides, const std::string& target) {
  const std::string table = item.table.ToString();
  if (SamePointer(sides.branch, sides.base) || SamePointer(sides.branch, sides.target))
    return {PublishCase::kNothing, ""};
  if (SamePointer(sides.target, sides.base))
    return sides.branch.entry ? MoveOrSquash(sides) : PublishDecision{PublishCase::kDrop, ""};
  // From here on both the branch and the target have changed it.
  if (!sides.branch.entry)
    return Refuse(
        fmt::format("{} was dropped on the branch, and changed on {} by {}", table, target, RunOf(sides.target)));
  if (!sides.target.entry) {
    if (item.recreate_dropped) return MoveOrSquash(sides);
    return Refuse(
        fmt::format("{} was changed on the branch ({}), and dropped on {}", table, RunOf(sides.branch), target));
  }
  if (IsView(sides.branch) || IsView(sides.target)) {
    if (IsView(sides.branch) && IsView(sides.target) && sides.branch.view_text == sides.target.view_text)
      return {PublishCase::kNothing, ""};
    return Refuse(fmt::format("the view {} was replaced on the branch (commit {}) and on {} (commit {})", table,
                              sides.branch.entry->commit, target, sides.target.entry->commit));
  }
  if (!sides.base.entry || IsView(sides.base)) return BothCreated(item, sides, target);
  return BothChanged(item, sides, target);
}

}  // namespace leat::lake
