#include <charconv>
#include <map>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "lake/table_change.h"
#include "serve/iceberg/commit.h"
#include "serve/iceberg/delegation.h"
#include "serve/iceberg/fresh_ids.h"
#include "serve/iceberg/policy.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

/// The property "format-version" chooses the version of a new table and is not kept. Default 2.
Result<int> TakeFormatVersion(lake::Properties& properties) {
  int version = 2;
  const auto given = properties.find("format-version");
  if (given == properties.end()) return version;
  const std::string text = given->second;
  properties.erase(given);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ptr != text.data() + text.size() || version < 1 || version > 3) {
    return MakeError("SERVE-303", ErrorKind::kUsage, "format-version must be 1, 2 or 3, not '{}'", text);
  }
  return version;
}

/// A create request as the commit that it stands for.
Result<TableCommit> ToCommit(Call& call, const std::string& ns, const lake::Properties& ns_properties,
                             const json& body) {
  TableCommit commit;
  LEAT_ASSIGN(const std::string name, StringMember(body, "name"));
  commit.name = {ns, name};
  LEAT_ASSIGN(lake::Properties properties, PropertiesMember(body, "properties"));
  LEAT_ASSIGN(const int version, TakeFormatVersion(properties));
  properties["gc.enabled"] = "false";
  json schema = body.value("schema", json());
  json spec = body.value("partition-spec", json());
  json order = body.value("write-order", json());
  if (spec.is_null()) spec = {{"spec-id", 0}, {"fields", json::array()}};
  if (order.is_null()) order = {{"order-id", 0}, {"fields", json::array()}};
  LEAT_TRY(AssignFreshIds(schema, spec, order));
  const std::string uuid = NewUuidV4();
  const auto location = body.find("location");
  const bool given =
      location != body.end() && location->is_string() && !location->get_ref<const std::string&>().empty();
  commit.requirements = {lake::AssertCreate{}};
  LEAT_ASSIGN(commit.updates,
              lake::ParseUpdates(
                  json::array({{{"action", "assign-uuid"}, {"uuid", uuid}},
                               {{"action", "upgrade-format-version"}, {"format-version", version}},
                               {{"action", "set-location"},
                                {"location", given ? location->get<std::string>()
                                                   : call.catalog.NewTableLocation(commit.name, uuid, ns_properties)}},
                               {{"action", "add-schema"}, {"schema", schema}},
                               {{"action", "set-current-schema"}, {"schema-id", -1}},
                               {{"action", "add-spec"}, {"spec", spec}},
                               {{"action", "set-default-spec"}, {"spec-id", -1}},
                               {{"action", "add-sort-order"}, {"sort-order", order}},
                               {{"action", "set-default-sort-order"}, {"sort-order-id", -1}},
                               {{"action", "set-properties"}, {"updates", properties}}})));
  return commit;
}

/// The answer for a table that is new: as that of load-table.
Result<Response> CreatedResponse(Call& call, const lake::TableName& name, const std::string& location,
                                 const lake::TableMetadata& metadata) {
  LEAT_ASSIGN(const Delegation delegation, Delegate(call, name, metadata.location));
  return TableResponse(location, metadata, delegation.json);
}

}  // namespace

Result<Response> CreateTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const lake::Properties ns_properties, RequireNamespace(call, ns));
  LEAT_TRY(CheckTableCommit(call, ns, ns_properties));
  LEAT_ASSIGN(const TableCommit commit, ToCommit(call, ns, ns_properties, body));
  if (!body.value("stage-create", false)) {
    LEAT_ASSIGN(const auto committed, CommitTables(call, {commit}));
    return CreatedResponse(call, commit.name, committed.front().location, *committed.front().metadata);
  }
  // Staged: nothing is committed, but the client writes files below the location that it is told.
  LEAT_TRY(RequireFree(call, commit.name));
  LEAT_ASSIGN(const lake::TableMetadata metadata, lake::ApplyUpdates(commit.updates, nullptr, call.clock.Now()));
  LEAT_TRY(CheckLocation(call, metadata.location));
  LEAT_TRY(CheckOwnLocation(call, commit.name, metadata.uuid, ns_properties, metadata.location));
  LEAT_TRY(MakeTableFolders(call, metadata.location));
  return CreatedResponse(call, commit.name, "", metadata);
}

Result<Response> RegisterTable(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const lake::Properties ns_properties, RequireNamespace(call, ns));
  LEAT_TRY(CheckTableWrite(call, ns, ns_properties));
  LEAT_ASSIGN(const std::string table, StringMember(body, "name"));
  LEAT_ASSIGN(const std::string source, StringMember(body, "metadata-location"));
  const lake::TableName name{ns, table};
  LEAT_TRY(CheckReach(call, name));
  LEAT_TRY(CheckLocation(call, source));
  LEAT_ASSIGN(const lake::MetadataPtr registered, call.catalog.LoadMetadata(source));
  LEAT_TRY(CheckLocation(call, registered->location));
  LEAT_TRY(CheckOwnLocation(call, name, registered->uuid, ns_properties, registered->location));
  LEAT_ASSIGN(const auto existing, call.catalog.FindTable(call.view, name));
  const bool overwrite = body.value("overwrite", false) && existing && existing->kind == lake::ObjectKind::kTable;
  if (!overwrite) LEAT_TRY(RequireFree(call, name));
  lake::PointerChange change;
  change.name = name;
  change.uuid = registered->uuid;
  if (existing) change.expected = existing->location;
  lake::MetadataPtr metadata = registered;
  std::vector<std::string> written;
  const auto gc = registered->properties.find("gc.enabled");
  if (gc != registered->properties.end() && gc->second == "false") {
    change.location = source;
  } else {
    lake::TableMetadata guarded = *registered;
    guarded.properties["gc.enabled"] = "false";
    LEAT_ASSIGN(change.location, call.catalog.WriteMetadata(std::move(guarded), source, written));
    LEAT_ASSIGN(metadata, call.catalog.LoadMetadata(*change.location));
  }
  const std::string location = *change.location;
  const Status status = CommitPointers(call, {std::move(change)}, "register " + name.ToString());
  if (!status.ok()) {
    if (status.error().retry() != Retry::kUnknownOutcome) {
      for (const std::string& file : written) (void)call.catalog.files().Remove(file);
    }
    return status.error();
  }
  return CreatedResponse(call, name, location, *metadata);
}

}  // namespace leat::serve::iceberg
