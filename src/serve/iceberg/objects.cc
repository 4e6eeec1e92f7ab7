// What tables and views have in common: list, exists, drop, rename. They share one namespace of names.
#include <nlohmann/json.hpp>

#include "serve/iceberg/commit.h"
#include "serve/iceberg/policy.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using lake::ObjectKind;
using nlohmann::json;

namespace {

Result<Response> ListObjects(Call& call, const Segments& path, ObjectKind kind) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_TRY(RequireNamespace(call, ns));
  // What a commit's state has never changes: the answer is made once for each head, page and set of rights.
  // As JSON, so that no text of a client can look like another part of the key.
  const bool pages = call.request.query.contains("pageToken");
  const std::string key =
      "list" + json::array({static_cast<int>(kind), ns, call.view.ref, call.view.commit, call.request.Query("pageSize"),
                            pages, call.request.Query("pageToken"), call.who.tables.patterns()})
                   .dump();
  Response answer;
  answer.body = call.cache.Get(key);
  if (answer.body) return answer;
  LEAT_ASSIGN(const auto entries, call.catalog.ListTables(call.view, ns));
  std::vector<std::string> names;
  for (const lake::Entry& entry : entries) {
    if (entry.kind == kind && call.who.tables.AllowTable(ns, entry.name.name)) names.push_back(entry.name.name);
  }
  std::string next;
  LEAT_ASSIGN(const std::vector<std::string> page, Page(call.request, std::move(names), next));
  const std::string levels = NamespaceJson(ns).dump();
  std::string body = R"({"identifiers":[)";
  for (const std::string& name : page) {
    if (body.back() == '}') body += ',';
    body += R"({"name":)" + json(name).dump() + R"(,"namespace":)" + levels + '}';
  }
  body += R"(],"next-page-token":)" + (next.empty() ? "null" : json(next).dump()) + '}';
  answer.body = std::make_shared<const std::string>(std::move(body));
  call.cache.Put(key, answer.body);
  return answer;
}

Result<Response> ObjectExists(Call& call, const Segments& path, ObjectKind kind) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(RequireObject(call, name, kind));
  return EmptyResponse(204);
}

Result<Response> DropObject(Call& call, const Segments& path, ObjectKind kind, bool purge) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_TRY(CheckWritable(call));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, kind));
  LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, name.ns));
  LEAT_TRY(CheckTableWrite(call, name.ns, properties));
  lake::PointerChange change;
  change.kind = kind;
  change.name = name;
  change.uuid = entry.uuid;
  change.expected = entry.location;
  LEAT_TRY(CommitPointers(call, {change}, (purge ? "drop and purge " : "drop ") + name.ToString()));
  return EmptyResponse(204);
}

Result<Response> RenameObject(Call& call, ObjectKind kind) {
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const lake::TableName source, TableIdentifier(body.value("source", json())));
  LEAT_ASSIGN(const lake::TableName target, TableIdentifier(body.value("destination", json())));
  LEAT_TRY(CheckWritable(call));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, source, kind));
  for (const lake::TableName& name : {source, target}) {
    LEAT_ASSIGN(const lake::Properties properties, RequireNamespace(call, name.ns));
    LEAT_TRY(CheckTableWrite(call, name.ns, properties));
  }
  LEAT_TRY(RequireFree(call, target));
  lake::PointerChange gone;
  gone.kind = kind;
  gone.name = source;
  gone.uuid = entry.uuid;
  gone.expected = entry.location;
  lake::PointerChange come;
  come.kind = kind;
  come.name = target;
  come.uuid = entry.uuid;
  come.location = entry.location;
  LEAT_TRY(CommitPointers(call, {gone, come}, "rename " + source.ToString() + " to " + target.ToString()));
  return EmptyResponse(204);
}

}  // namespace

Result<Response> ListTables(Call& call, const Segments& path) { return ListObjects(call, path, ObjectKind::kTable); }
Result<Response> ListViews(Call& call, const Segments& path) { return ListObjects(call, path, ObjectKind::kView); }
Result<Response> TableExists(Call& call, const Segments& path) { return ObjectExists(call, path, ObjectKind::kTable); }
Result<Response> ViewExists(Call& call, const Segments& path) { return ObjectExists(call, path, ObjectKind::kView); }
Result<Response> RenameTable(Call& call, const Segments&) { return RenameObject(call, ObjectKind::kTable); }
Result<Response> RenameView(Call& call, const Segments&) { return RenameObject(call, ObjectKind::kView); }

Result<Response> DropTable(Call& call, const Segments& path) {
  // Other refs may still need the files: purging leaves a tombstone, upkeep removes what nothing reaches.
  LEAT_ASSIGN(const bool purge, FlagOfQuery(call.request, "purgeRequested"));
  return DropObject(call, path, ObjectKind::kTable, purge);
}

Result<Response> DropView(Call& call, const Segments& path) {
  return DropObject(call, path, ObjectKind::kView, /*purge=*/false);
}

}  // namespace leat::serve::iceberg
