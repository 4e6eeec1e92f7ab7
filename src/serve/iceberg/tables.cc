#include <nlohmann/json.hpp>
#include <set>

#include "lake/table_metadata.h"
#include "serve/iceberg/commit.h"
#include "serve/iceberg/policy.h"
#include "serve/iceberg/reader_hints.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

Result<Response> ListObjects(Call& call, const Segments& path, lake::ObjectKind kind) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_TRY(RequireNamespace(call, ns));
  LEAT_ASSIGN(const auto entries, call.catalog.ListTables(call.view, ns));
  std::vector<std::string> names;
  for (const lake::Entry& entry : entries) {
    if (entry.kind == kind) names.push_back(entry.name.name);
  }
  std::string next;
  json body = {{"identifiers", json::array()}};
  for (const std::string& name : Page(call.request, std::move(names), next)) {
    body["identifiers"].push_back(IdentifierJson({ns, name}));
  }
  body["next-page-token"] = next.empty() ? json() : json(next);
  return JsonResponse(body);
}

/// Metadata with only the snapshots that a branch or tag of the table names.
lake::TableMetadata OnlyReferenced(const lake::TableMetadata& metadata) {
  std::set<int64_t> kept;
  if (metadata.current_snapshot_id) kept.insert(*metadata.current_snapshot_id);
  for (const auto& [name, ref] : metadata.refs) kept.insert(ref.snapshot_id);
  lake::TableMetadata reduced = metadata;
  std::erase_if(reduced.snapshots, [&](const lake::Snapshot& snapshot) { return kept.count(snapshot.id) == 0; });
  return reduced;
}

/// An entity tag from the metadata file's own name, which is never used twice.
std::string EntityTag(const std::string& location, std::string_view variant) {
  const size_t slash = location.rfind('/');
  return "\"" + location.substr(slash == std::string::npos ? 0 : slash + 1) + std::string(variant) + "\"";
}

}  // namespace

Response TableResponse(const std::string& location, const lake::TableMetadata& metadata, bool with_config) {
  // The metadata is inserted as text: nothing is parsed again.
  std::string body = "{";
  if (!location.empty()) body += "\"metadata-location\":" + json(location).dump() + ",";
  const lake::Properties hints = ReaderHints(metadata);
  if (hints.empty()) {
    body += "\"metadata\":" + lake::FormatTableMetadata(metadata);
  } else {
    lake::TableMetadata hinted = metadata;
    hinted.properties.insert(hints.begin(), hints.end());
    body += "\"metadata\":" + lake::FormatTableMetadata(hinted);
  }
  if (with_config) body += ",\"config\":{}";
  body += "}";
  return TextResponse(200, std::move(body));
}

Result<Response> ListTables(Call& call, const Segments& path) {
  return ListObjects(call, path, lake::ObjectKind::kTable);
}

Result<Response> ListViews(Call& call, const Segments& path) {
  return ListObjects(call, path, lake::ObjectKind::kView);
}

Result<Response> LoadTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kTable));
  const bool only_refs = call.request.Query("snapshots") == "refs";
  const std::string tag = EntityTag(entry.location, only_refs ? "-refs" : "");
  Response response;
  if (call.request.Header("if-none-match") == tag) {
    response = EmptyResponse(304);
  } else {
    const std::string key = entry.location + (only_refs ? "#refs" : "");
    response.body = call.cache.Get(key);
    if (!response.body) {
      LEAT_ASSIGN(const lake::MetadataPtr metadata, call.catalog.LoadMetadata(entry.location));
      response = TableResponse(entry.location, only_refs ? OnlyReferenced(*metadata) : *metadata, true);
      call.cache.Put(key, response.body);
    }
  }
  response.headers.emplace_back("ETag", tag);
  return response;
}

Result<Response> TableExists(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(RequireObject(call, name, lake::ObjectKind::kTable));
  return EmptyResponse(204);
}

Result<Response> CommitTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const TableCommit commit, ParseTableCommit(body, name));
  LEAT_ASSIGN(const auto committed, CommitTables(call, {commit}));
  return TableResponse(committed.front().location, *committed.front().metadata, false);
}

Result<Response> CommitTransaction(Call& call, const Segments&) {
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  std::vector<TableCommit> commits;
  for (const json& change : body.value("table-changes", json::array())) {
    if (!change.is_object()) {
      return MakeError("SERVE-303", ErrorKind::kUsage, "each of 'table-changes' must be an object");
    }
    LEAT_ASSIGN(TableCommit commit, ParseTableCommit(change, {}));
    commits.push_back(std::move(commit));
  }
  if (commits.empty()) {
    return MakeError("SERVE-303", ErrorKind::kUsage, "a transaction needs 'table-changes', one for each table");
  }
  LEAT_TRY(CommitTables(call, commits));
  return EmptyResponse(204);
}

Result<Response> DropTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, name.ns));
  LEAT_TRY(CheckTableWrite(call, name.ns, properties));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kTable));
  lake::PointerChange change;
  change.name = name;
  change.uuid = entry.uuid;
  change.expected = entry.location;
  // Other refs may still need the files: purging leaves a tombstone, upkeep removes what nothing reaches.
  const bool purge = call.request.Query("purgeRequested") == "true" || call.request.Query("purgeRequested") == "True";
  LEAT_TRY(CommitPointers(call, {change}, (purge ? "drop and purge " : "drop ") + name.ToString()));
  return EmptyResponse(204);
}

Result<Response> RenameTable(Call& call, const Segments&) {
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const lake::TableName source, TableIdentifier(body.value("source", json())));
  LEAT_ASSIGN(const lake::TableName target, TableIdentifier(body.value("destination", json())));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, source, lake::ObjectKind::kTable));
  for (const lake::TableName& name : {source, target}) {
    LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, name.ns));
    LEAT_TRY(CheckTableWrite(call, name.ns, properties));
  }
  LEAT_ASSIGN(const auto existing, call.catalog.FindTable(call.view, target));
  if (existing) return MakeError("LAKE-202", ErrorKind::kExists, "table already exists: {}", target.ToString());
  lake::PointerChange gone;
  gone.name = source;
  gone.uuid = entry.uuid;
  gone.expected = entry.location;
  lake::PointerChange come;
  come.name = target;
  come.uuid = entry.uuid;
  come.location = entry.location;
  LEAT_TRY(CommitPointers(call, {gone, come}, "rename " + source.ToString() + " to " + target.ToString()));
  return EmptyResponse(204);
}

Result<Response> ReportMetrics(Call&, const Segments&) { return EmptyResponse(204); }

Result<Response> LoadView(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kView));
  LEAT_ASSIGN(const std::string metadata, call.catalog.files().Read(entry.location));
  return TextResponse(
      200, "{\"metadata-location\":" + json(entry.location).dump() + ",\"metadata\":" + metadata + ",\"config\":{}}");
}

Result<Response> ViewExists(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(RequireObject(call, name, lake::ObjectKind::kView));
  return EmptyResponse(204);
}

}  // namespace leat::serve::iceberg
