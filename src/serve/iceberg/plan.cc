// Scan planning for engines: all of it at once. A long plan comes in pieces; what names the next piece is the request itself
// with the place to go on from, so that the server keeps nothing and any server can answer it.
#include <map>
#include <nlohmann/json.hpp>

#include "lake/scan_filter.h"
#include "serve/iceberg/content_file.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

constexpr size_t kMostTasks = 2'000;  // files of one answer: about a megabyte

Error Wrong(std::string_view what) {
  return MakeError("SERVE-303", ErrorKind::kUsage, "the scan cannot be planned: {}", what);
}

struct ScanRequest {
  std::optional<int64_t> snapshot, start, end;
  bool case_sensitive = true;
  bool snapshot_schema = false;
  json filter;
  std::vector<std::string> select, stats;
};

Result<std::optional<int64_t>> IdMember(const json& body, const char* name) {
  const auto member = body.find(name);
  if (member == body.end() || member->is_null()) return std::optional<int64_t>();
  if (!member->is_number_integer()) return Wrong(fmt::format("'{}' must be a whole number", name));
  return std::optional(member->get<int64_t>());
}

Result<std::vector<std::string>> NamesMember(const json& body, const char* name) {
  std::vector<std::string> names;
  const auto member = body.find(name);
  if (member == body.end() || member->is_null()) return names;
  if (!member->is_array()) return Wrong(fmt::format("'{}' must be a list of names", name));
  for (const json& one : *member) {
    if (!one.is_string()) return Wrong(fmt::format("'{}' must be a list of names", name));
    names.push_back(one.get<std::string>());
  }
  return names;
}

Result<ScanRequest> ParseScan(const json& body) {
  ScanRequest scan;
  LEAT_ASSIGN(scan.snapshot, IdMember(body, "snapshot-id"));
  LEAT_ASSIGN(scan.start, IdMember(body, "start-snapshot-id"));
  LEAT_ASSIGN(scan.end, IdMember(body, "end-snapshot-id"));
  if (scan.start && !scan.end) return Wrong("start-snapshot-id needs end-snapshot-id");
  if (scan.end && !scan.start) return Wrong("end-snapshot-id needs start-snapshot-id");
  if (scan.snapshot && scan.start) return Wrong("it has both snapshot-id and start-snapshot-id");
  scan.case_sensitive = body.value("case-sensitive", true);
  scan.snapshot_schema = body.value("use-snapshot-schema", false);
  scan.filter = body.value("filter", json());
  LEAT_ASSIGN(scan.select, NamesMember(body, "select"));
  LEAT_ASSIGN(scan.stats, NamesMember(body, "stats-fields"));
  return scan;
}

/// The ids of fields by name; SERVE-303 for one that the schema does not have. "*" is every column.
Result<std::set<int>> FieldIds(const std::vector<std::string>& names, const data::Schema& schema, bool case_sensitive) {
  std::set<int> ids;
  for (const std::string& name : names) {
    if (name == "*") {
      for (const data::Field& field : schema.fields) ids.insert(field.id);
      continue;
    }
    const data::Field* field = lake::FindField(schema, name, case_sensitive);
    if (field == nullptr) return Wrong(fmt::format("there is no column '{}'", name));
    ids.insert(field->id);
  }
  return ids;
}

/// Delete files are told once and referred to by their place.
class Deletes {
 public:
  Status Refer(const std::vector<lake::DataFile>& files, const lake::TableMetadata& metadata, json& references) {
    for (const lake::DataFile& file : files) {
      const auto [place, fresh] = places_.try_emplace({file.path, file.content_offset.value_or(-1)}, list_.size());
      if (fresh) {
        LEAT_ASSIGN(json one, ContentFileJson(file, metadata, {}));
        list_.push_back(std::move(one));
      }
      references.push_back(place->second);
    }
    return Ok();
  }
  json Take() { return std::move(list_); }

 private:
  std::map<std::pair<std::string, int64_t>, size_t> places_;
  json list_ = json::array();
};

/// Plans `body` from its file number `offset` on.
Result<json> Plan(Call& call, const lake::TableName& name, json body, size_t offset) {
  LEAT_ASSIGN(const ScanRequest scan, ParseScan(body));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kTable));
  LEAT_ASSIGN(const lake::MetadataPtr metadata, call.catalog.LoadMetadata(entry.location));
  const std::optional<int64_t> wanted = scan.end ? scan.end : scan.snapshot;
  const lake::Snapshot* snapshot = wanted ? metadata->FindSnapshot(*wanted) : metadata->current_snapshot();
  if (wanted && snapshot == nullptr) return Wrong(fmt::format("{} has no snapshot {}", name.ToString(), *wanted));
  const data::Schema* schema = &metadata->current_schema();
  if (scan.snapshot_schema && snapshot != nullptr && snapshot->schema_id) {
    schema = metadata->FindSchema(*snapshot->schema_id);
    if (schema == nullptr) return Wrong(fmt::format("the schema of snapshot {} is no longer kept", snapshot->id));
  }
  LEAT_TRY(FieldIds(scan.select, *schema, scan.case_sensitive));
  LEAT_ASSIGN(const std::set<int> stats, FieldIds(scan.stats, *schema, scan.case_sensitive));
  lake::ScanFilter filter = {{}};
  if (!scan.filter.is_null()) {
    LEAT_ASSIGN(filter, lake::ScanFilterFromJson(scan.filter, *schema, scan.case_sensitive));
  }
  lake::ScanPlan plan;
  if (scan.start) {
    LEAT_ASSIGN(plan, lake::PlanAppends(call.catalog.files(), *metadata, *scan.start, *snapshot, filter));
  } else {
    LEAT_ASSIGN(plan, lake::PlanFilteredScan(call.catalog.files(), *metadata, snapshot, filter));
  }

  Deletes deletes;
  json tasks = json::array();
  const size_t end = std::min(plan.files.size(), offset + kMostTasks);
  for (size_t i = offset; i < end; ++i) {
    const lake::ScanFile& file = plan.files[i];
    json references = json::array();
    LEAT_TRY(deletes.Refer(file.position_deletes, *metadata, references));
    LEAT_TRY(deletes.Refer(file.equality_deletes, *metadata, references));
    LEAT_ASSIGN(json data_file, ContentFileJson(file.file, *metadata, stats));
    json task = {{"data-file", std::move(data_file)}};
    if (!references.empty()) task["delete-file-references"] = std::move(references);
    // Files were left out, rows were not: the whole filter is still to be applied.
    if (!scan.filter.is_null()) task["residual-filter"] = scan.filter;
    tasks.push_back(std::move(task));
  }
  json answer = {{"file-scan-tasks", std::move(tasks)}};
  if (json list = deletes.Take(); !list.empty()) answer["delete-files"] = std::move(list);
  if (end < plan.files.size()) {
    if (!scan.start) body["snapshot-id"] = snapshot->id;  // the same state, whatever is committed meanwhile
    answer["plan-tasks"] = json::array({json{{"from", end}, {"scan", std::move(body)}}.dump()});
  }
  return answer;
}

}  // namespace

Result<Response> PlanTableScan(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(json body, ParseBody(call.request));
  LEAT_ASSIGN(json answer, Plan(call, name, std::move(body), 0));
  answer["status"] = "completed";
  return JsonResponse(answer);
}

Result<Response> FetchScanTasks(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const std::string text, StringMember(body, "plan-task"));
  LEAT_TRY(RequireObject(call, name, lake::ObjectKind::kTable));
  json task = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!task.is_object() || !task.contains("scan") || !task["scan"].is_object() || !task.contains("from") ||
      !task["from"].is_number_unsigned()) {
    return MakeError("SERVE-406", ErrorKind::kNotFound, "there is no such plan task")
        .WithHint("send one that the plan of this table named");
  }
  LEAT_ASSIGN(const json answer, Plan(call, name, std::move(task["scan"]), task["from"].get<size_t>()));
  return JsonResponse(answer);
}

Result<Response> FetchPlanningResult(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(RequireObject(call, name, lake::ObjectKind::kTable));
  return MakeError("SERVE-405", ErrorKind::kNotFound, "there is no plan '{}'", PercentDecode(path[5], false))
      .WithHint("plans are answered at once, with status completed and without an id");
}

Result<Response> CancelPlanning(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(RequireObject(call, name, lake::ObjectKind::kTable));
  return EmptyResponse(204);  // nothing is held
}

}  // namespace leat::serve::iceberg
