#pragma once

#include <string_view>
#include <vector>

#include "serve/iceberg/call.h"

namespace leat::serve::iceberg {

/// Path segments after /v1/{prefix}, still encoded.
using Segments = std::vector<std::string_view>;

// The operations of the specification, one function each; the segments are those of the path pattern that found it.
// namespaces.cc
Result<Response> ListNamespaces(Call& call, const Segments& path);
Result<Response> CreateNamespace(Call& call, const Segments& path);
Result<Response> LoadNamespace(Call& call, const Segments& path);
Result<Response> NamespaceExists(Call& call, const Segments& path);
Result<Response> DropNamespace(Call& call, const Segments& path);
Result<Response> UpdateNamespaceProperties(Call& call, const Segments& path);

// objects.cc
Result<Response> ListTables(Call& call, const Segments& path);
Result<Response> TableExists(Call& call, const Segments& path);
Result<Response> DropTable(Call& call, const Segments& path);
Result<Response> RenameTable(Call& call, const Segments& path);
Result<Response> ListViews(Call& call, const Segments& path);
Result<Response> ViewExists(Call& call, const Segments& path);
Result<Response> DropView(Call& call, const Segments& path);
Result<Response> RenameView(Call& call, const Segments& path);

// tables.cc
Result<Response> LoadTable(Call& call, const Segments& path);
Result<Response> CommitTable(Call& call, const Segments& path);
Result<Response> CommitTransaction(Call& call, const Segments& path);

// metrics.cc
Result<Response> ReportMetrics(Call& call, const Segments& path);

// views.cc
Result<Response> CreateView(Call& call, const Segments& path);
Result<Response> LoadView(Call& call, const Segments& path);
Result<Response> ReplaceView(Call& call, const Segments& path);

// plan.cc
Result<Response> PlanTableScan(Call& call, const Segments& path);
Result<Response> FetchScanTasks(Call& call, const Segments& path);
Result<Response> FetchPlanningResult(Call& call, const Segments& path);
Result<Response> CancelPlanning(Call& call, const Segments& path);

// create.cc
Result<Response> CreateTable(Call& call, const Segments& path);
Result<Response> RegisterTable(Call& call, const Segments& path);

// delegation.cc
Result<Response> SignRequest(Call& call, const Segments& path);
Result<Response> LoadCredentials(Call& call, const Segments& path);

/// The answer of load, create and commit: location and metadata; for load and create also `access` (Delegation::json) and
/// an ETag.
Response TableResponse(const std::string& location, const lake::TableMetadata& metadata,
                       const std::string& access = {});

/// One operation: its method and path below /v1/{prefix}, with * for a segment that is a name, and its description in
/// serve/openapi (the operation's id in the specification).
struct Route {
  std::string_view method;
  std::string_view pattern;
  std::string_view operation;
  Result<Response> (*handle)(Call&, const Segments&);
};
const std::vector<Route>& Routes();

/// "/v1/{prefix}/namespaces/{namespace}/tables/{table}".
std::string PathOf(const Route& route);

}  // namespace leat::serve::iceberg
