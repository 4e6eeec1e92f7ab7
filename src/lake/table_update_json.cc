#include <utility>

#include "data/schema_json.h"
#include "lake/json_reader.h"
#include "lake/metadata_json.h"
#include "lake/table_update.h"

// Reading the updates of a request.
namespace leat::lake {
namespace {

using nlohmann::json;

constexpr const char* kCode = "LAKE-104";

template <typename T>
std::vector<T> Numbers(JsonReader& in, const char* name) {
  std::vector<T> numbers;
  for (const json& item : in.Array(name)) {
    const bool fits = item.is_number_unsigned() ? std::in_range<T>(item.get<uint64_t>())
                                                : item.is_number_integer() && std::in_range<T>(item.get<int64_t>());
    if (!fits) {
      in.Fail(fmt::format("\"{}\" holds something that is no whole number of {} bits", name, sizeof(T) * 8));
      break;
    }
    numbers.push_back(item.get<T>());
  }
  return numbers;
}

// A member that must be there; an empty object stands for one that is not (the error is kept by `in`).
const json& Member(JsonReader& in, const char* name) {
  static const json kNone = json::object();
  const json* member = in.Required(name);
  return member == nullptr ? kNone : *member;
}

Properties StringMap(JsonReader& in, const char* name) {
  Properties map;
  const json& member = Member(in, name);
  if (!member.is_object()) in.Fail(fmt::format("the member \"{}\" is not an object", name));
  for (const auto& [key, value] : member.items()) {
    if (!value.is_string()) {
      in.Fail(fmt::format("the property '{}' is not text", key));
      break;
    }
    map[key] = value.get<std::string>();
  }
  return map;
}

TableUpdate ReadStatistics(JsonReader& in, bool partition) {
  const json& statistics = Member(in, partition ? "partition-statistics" : "statistics");
  SetStatistics update{partition, 0, statistics.dump()};
  if (in.ok()) {
    JsonReader inner(statistics, "statistics", kCode, ErrorKind::kUsage);
    update.snapshot_id = inner.Int("snapshot-id");
    inner.Text("statistics-path");
    inner.Int("file-size-in-bytes");
    if (!partition) {
      inner.Int("file-footer-size-in-bytes");
      for (const json& blob : inner.Array("blob-metadata")) {
        JsonReader part(blob, "blob-metadata", kCode, ErrorKind::kUsage);
        part.Text("type");
        part.Int("snapshot-id");
        part.Int("sequence-number");
        Numbers<int>(part, "fields");
        if (blob.is_object() && blob.contains("properties")) StringMap(part, "properties");  // null is none either
        inner.Check(part.Finish());
      }
    }
    in.Check(inner.Finish());
  }
  return update;
}

TableUpdate ReadUpdate(JsonReader& in, const json& item, const std::string& action) {
  if (action == "assign-uuid") return AssignUuid{in.Text("uuid")};
  if (action == "upgrade-format-version") return UpgradeFormatVersion{in.SmallInt("format-version")};
  if (action == "add-schema") return AddSchema{in.Take(data::SchemaFromJson(Member(in, "schema")))};
  if (action == "set-current-schema") return SetCurrentSchema{in.SmallInt("schema-id")};
  if (action == "remove-schemas") return RemoveSchemas{Numbers<int>(in, "schema-ids")};
  if (action == "add-spec") return AddSpec{in.Take(SpecFromJson(Member(in, "spec")))};
  if (action == "set-default-spec") return SetDefaultSpec{in.SmallInt("spec-id")};
  if (action == "remove-partition-specs") return RemoveSpecs{Numbers<int>(in, "spec-ids")};
  if (action == "add-sort-order") return AddSortOrder{in.Take(SortOrderFromJson(Member(in, "sort-order")))};
  if (action == "set-default-sort-order") return SetDefaultSortOrder{in.SmallInt("sort-order-id")};
  if (action == "add-snapshot") return AddSnapshot{in.Take(SnapshotFromJson(Member(in, "snapshot")))};
  if (action == "set-snapshot-ref") return SetSnapshotRef{in.Text("ref-name"), in.Take(SnapshotRefFromJson(item))};
  if (action == "remove-snapshot-ref") return RemoveSnapshotRef{in.Text("ref-name")};
  if (action == "remove-snapshots") return RemoveSnapshots{Numbers<int64_t>(in, "snapshot-ids")};
  if (action == "set-location") return SetLocation{in.Text("location")};
  // Older clients say "updated" and "removed".
  if (action == "set-properties") return SetProperties{StringMap(in, in.Has("updates") ? "updates" : "updated")};
  if (action == "remove-properties") {
    RemoveProperties update;
    for (const json& name : in.Array(in.Has("removals") ? "removals" : "removed")) {
      if (!name.is_string()) {
        in.Fail("the names of properties to remove are not text");
        break;
      }
      update.names.push_back(name.get<std::string>());
    }
    return update;
  }
  if (action == "set-statistics") return ReadStatistics(in, false);
  if (action == "set-partition-statistics") return ReadStatistics(in, true);
  if (action == "remove-statistics") return RemoveStatistics{false, in.Int("snapshot-id")};
  if (action == "remove-partition-statistics") return RemoveStatistics{true, in.Int("snapshot-id")};
  if (action == "add-encryption-key") return AddEncryptionKey{Member(in, "encryption-key").dump()};
  if (action == "remove-encryption-key") return RemoveEncryptionKey{in.Text("key-id")};
  in.Fail(fmt::format("the action '{}' is not known", action));
  return SetProperties{};
}

}  // namespace

Result<std::vector<TableUpdate>> ParseUpdates(const json& array) {
  if (!array.is_array()) return MakeError(kCode, ErrorKind::kUsage, "\"updates\" is not a list");
  std::vector<TableUpdate> out;
  for (const json& item : array) {
    JsonReader in(item, "update", kCode, ErrorKind::kUsage);
    const std::string action = in.Text("action");
    if (in.ok()) out.push_back(ReadUpdate(in, item, action));
    LEAT_TRY(in.Finish());
  }
  return out;
}

}  // namespace leat::lake
