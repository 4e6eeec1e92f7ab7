#include "lake/json_reader.h"
#include "lake/table_update.h"

// Requirements of a commit: reading them from a request, checking them.
namespace leat::lake {
namespace {

constexpr const char* kCode = "LAKE-104";

Error Unmet(std::string_view what, std::string_view expected, std::string_view is) {
  return MakeError("LAKE-301", ErrorKind::kConflict, "requirement failed: {} was expected to be {}, it is {}", what,
                   expected, is)
      .WithHint("the table was changed by somebody else: load it again and repeat the change");
}

Status Same(std::string_view what, int64_t expected, int64_t is) {
  if (expected == is) return Ok();
  return Unmet(what, std::to_string(expected), std::to_string(is));
}

struct Check {
  const TableMetadata& base;

  Status operator()(const AssertCreate&) const {
    return MakeError("LAKE-202", ErrorKind::kExists, "requirement failed: the table exists already");
  }
  Status operator()(const AssertTableUuid& r) const {
    return r.uuid == base.uuid ? Ok() : Unmet("the table's uuid", r.uuid, base.uuid);
  }
  Status operator()(const AssertRefSnapshotId& r) const {
    const auto it = base.refs.find(r.ref);
    const auto text = [](const std::optional<int64_t>& id) {
      return id ? std::to_string(*id) : std::string("not there");
    };
    const std::optional<int64_t> is = it == base.refs.end() ? std::nullopt : std::optional(it->second.snapshot_id);
    // Some clients say "not there" as -1.
    const std::optional<int64_t> expected = r.snapshot_id == -1 ? std::nullopt : r.snapshot_id;
    return expected == is ? Ok() : Unmet(fmt::format("the snapshot of '{}'", r.ref), text(expected), text(is));
  }
  Status operator()(const AssertLastAssignedFieldId& r) const {
    return Same("the last assigned field id", r.id, base.last_column_id);
  }
  Status operator()(const AssertCurrentSchemaId& r) const {
    return Same("the current schema id", r.id, base.current_schema_id);
  }
  Status operator()(const AssertLastAssignedPartitionId& r) const {
    return Same("the last assigned partition id", r.id, base.last_partition_id);
  }
  Status operator()(const AssertDefaultSpecId& r) const {
    return Same("the default spec id", r.id, base.default_spec_id);
  }
  Status operator()(const AssertDefaultSortOrderId& r) const {
    return Same("the default sort order id", r.id, base.default_sort_order_id);
  }
};

}  // namespace

Result<std::vector<TableRequirement>> ParseRequirements(const nlohmann::json& array) {
  if (!array.is_array()) return MakeError(kCode, ErrorKind::kUsage, "\"requirements\" is not a list");
  std::vector<TableRequirement> out;
  for (const nlohmann::json& item : array) {
    JsonReader in(item, "requirement", kCode, ErrorKind::kUsage);
    const std::string type = in.Text("type");
    if (type == "assert-create") {
      out.emplace_back(AssertCreate{});
    } else if (type == "assert-table-uuid") {
      out.emplace_back(AssertTableUuid{in.Text("uuid")});
    } else if (type == "assert-ref-snapshot-id") {
      out.emplace_back(AssertRefSnapshotId{in.Text("ref"), in.OptionalInt("snapshot-id")});
    } else if (type == "assert-last-assigned-field-id") {
      out.emplace_back(AssertLastAssignedFieldId{in.SmallInt("last-assigned-field-id")});
    } else if (type == "assert-current-schema-id") {
      out.emplace_back(AssertCurrentSchemaId{in.SmallInt("current-schema-id")});
    } else if (type == "assert-last-assigned-partition-id") {
      out.emplace_back(AssertLastAssignedPartitionId{in.SmallInt("last-assigned-partition-id")});
    } else if (type == "assert-default-spec-id") {
      out.emplace_back(AssertDefaultSpecId{in.SmallInt("default-spec-id")});
    } else if (type == "assert-default-sort-order-id") {
      out.emplace_back(AssertDefaultSortOrderId{in.SmallInt("default-sort-order-id")});
    } else {
      in.Fail(fmt::format("the type '{}' is not known", type));
    }
    LEAT_TRY(in.Finish());
  }
  return out;
}

Status CheckRequirements(const std::vector<TableRequirement>& requirements, const TableMetadata* base) {
  for (const TableRequirement& requirement : requirements) {
    if (base != nullptr) {
      LEAT_TRY(std::visit(Check{*base}, requirement));
      continue;
    }
    if (std::holds_alternative<AssertCreate>(requirement)) continue;
    // A ref that must not exist does not exist in a table that does not exist.
    const auto* ref = std::get_if<AssertRefSnapshotId>(&requirement);
    if (ref != nullptr && (!ref->snapshot_id || *ref->snapshot_id == -1)) continue;
    return MakeError("LAKE-301", ErrorKind::kConflict, "requirement failed: the table does not exist")
        .WithHint("it was dropped by somebody else");
  }
  return Ok();
}

}  // namespace leat::lake
