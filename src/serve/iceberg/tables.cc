#include <nlohmann/json.hpp>
#include <set>

#include "lake/table_metadata.h"
#include "serve/iceberg/commit.h"
#include "serve/iceberg/delegation.h"
#include "serve/iceberg/policy.h"
#include "serve/iceberg/reader_hints.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

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

Response TableResponse(const std::string& location, const lake::TableMetadata& metadata, const std::string& access) {
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
  body += access + "}";
  Response response = TextResponse(200, std::move(body));
  if (!access.empty() && !location.empty()) response.headers.emplace_back("ETag", EntityTag(location, ""));
  return response;
}

Result<Response> LoadTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kTable));
  const std::string_view snapshots = call.request.Query("snapshots");
  const bool only_refs = snapshots == "refs";
  if (!only_refs && !snapshots.empty() && snapshots != "all")
    return MakeError("SERVE-303", ErrorKind::kUsage, "snapshots must be all or refs, not '{}'", snapshots);
  const std::string tag = EntityTag(entry.location, only_refs ? "-refs" : "");
  const std::string plain = PlainConfig(call);
  Delegation delegation{plain, false};
  if (call.store != nullptr && !call.request.Header("x-iceberg-access-delegation").empty()) {
    LEAT_ASSIGN(const lake::MetadataPtr metadata, call.catalog.LoadMetadata(entry.location));
    LEAT_ASSIGN(delegation, Delegate(call, name, metadata->location));
  }
  Response response;
  // One tag or several; each stands in quotes, so that a part of one is none.
  if (!delegation.personal && call.request.Header("if-none-match").find(tag) != std::string_view::npos) {
    response = EmptyResponse(304);
  } else {
    const std::string key = entry.location + (only_refs ? "#refs" : "");
    response.body = call.cache.Get(key);
    if (!response.body) {
      LEAT_ASSIGN(const lake::MetadataPtr metadata, call.catalog.LoadMetadata(entry.location));
      response.body = TableResponse(entry.location, only_refs ? OnlyReferenced(*metadata) : *metadata, plain).body;
      call.cache.Put(key, response.body);
    }
    if (delegation.personal) {
      // The one answer that is kept for all ends with "config"; here what this client gets stands in its place.
      const size_t shared = response.body->size() - plain.size() - 1;
      response.body = std::make_shared<const std::string>(response.body->substr(0, shared) + delegation.json + "}");
      return response;
    }
  }
  response.headers.emplace_back("ETag", tag);
  return response;
}

Result<Response> CommitTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const TableCommit commit, ParseTableCommit(body, name));
  LEAT_ASSIGN(const auto committed, CommitTables(call, {commit}));
  return TableResponse(committed.front().location, *committed.front().metadata);
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

}  // namespace leat::serve::iceberg
