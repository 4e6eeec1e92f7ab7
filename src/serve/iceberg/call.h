#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "lake/catalog.h"
#include "serve/http.h"
#include "serve/iceberg/commit_turns.h"
#include "serve/iceberg/load_cache.h"
#include "serve/iceberg/metrics.h"
#include "serve/token.h"

namespace leat::run {
class ExternalGate;
}

namespace leat::serve::iceberg {

class StoreAccess;

/// One request to the catalogue with what it is about. Lives as long as the request.
struct Call {
  lake::Catalog& catalog;
  const Clock& clock;
  LoadCache& cache;
  MetricsKeeper& metrics;
  CommitTurns& turns;
  const Request& request;
  const Identity& who;
  lake::View view;
  StoreAccess* store = nullptr;             ///< of a warehouse in an object store
  const run::ExternalGate* gate = nullptr;  ///< of a warehouse with a project: asks its checks
};

/// The JSON body. SERVE-302 (kUsage): malformed, not an object, or nested deeper than 256.
Result<nlohmann::json> ParseBody(const Request& request);
/// A member that must be a string. SERVE-303 (kUsage).
Result<std::string> StringMember(const nlohmann::json& object, const char* name);
/// A member with string values; absent or null reads as empty. SERVE-303.
Result<lake::Properties> PropertiesMember(const nlohmann::json& object, const char* name);

Response JsonResponse(const nlohmann::json& json, int status = 200);

/// The specification's error model, with the exception type and the status that its clients act upon. Unknown outcomes
/// are 500 CommitStateUnknownException: clients then keep the files they wrote.
Response ErrorResponse(const Error& error);
/// 405 (SERVE-308) for a path that is served with `methods` ("GET, POST") only.
Response MethodNotAllowed(const Request& request, const std::string& methods);

/// Namespaces are arrays of levels on the wire and one name with dots here.
std::string JoinNamespace(const std::vector<std::string>& levels);
nlohmann::json NamespaceJson(const std::string& ns);
/// A member "namespace": an array of strings, none empty or with a dot inside (dots part the levels here). SERVE-303.
Result<std::string> NamespaceMember(const nlohmann::json& object);
/// {"namespace": [...], "name": "..."}.
Result<lake::TableName> TableIdentifier(const nlohmann::json& object);
nlohmann::json IdentifierJson(const lake::TableName& name);

/// What a path segment can mean: '+' as itself, or, when no object has that name, as a space (some clients encode so).
Result<std::string> NamespaceOfSegment(Call& call, std::string_view segment);
Result<lake::TableName> TableOfSegments(Call& call, std::string_view ns_segment, std::string_view table_segment);

/// SERVE-401 (kNotFound): no such namespace. Returns its properties.
Result<lake::Properties> RequireNamespace(Call& call, const std::string& ns);
/// SERVE-402 (kNotFound): no such table; SERVE-403 for views. The same when its namespace is missing: clients ask whether a
/// table is there, and take any other answer for a failure.
Result<lake::Entry> RequireObject(Call& call, const lake::TableName& name, lake::ObjectKind kind);

/// SERVE-206 (kPermission): the token does not reach the table or view. RequireObject and RequireFree ask it.
Status CheckReach(const Call& call, const lake::TableName& name);

/// LAKE-202 (kExists): there is a table or view of that name.
Status RequireFree(Call& call, const lake::TableName& name);

/// A parameter of the query that is true or false, in any case (Python says True); false when it is not there. SERVE-303.
Result<bool> FlagOfQuery(const Request& request, std::string_view name);

/// The slice of `names` (sorted) that pageToken and pageSize ask for; sets `next` to the following token, "" at the end.
/// Without pageToken all of them, as the specification says. SERVE-303 (kUsage): pageSize is not a number above 0.
Result<std::vector<std::string>> Page(const Request& request, std::vector<std::string> names, std::string& next);

/// Who commits what, for the commit log. Every commit of another engine is a run of its own.
lake::CommitInfo CommitOf(const Call& call, std::string message);

}  // namespace leat::serve::iceberg
