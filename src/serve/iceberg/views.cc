// Views: create, load, replace. Their metadata is a file like a table's; its pointer moves by the same commits.
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "lake/view_update.h"
#include "serve/iceberg/commit.h"
#include "serve/iceberg/policy.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

constexpr int kAttempts = 20;

Response ViewResponse(const std::string& location, const std::string& metadata) {
  return TextResponse(
      200, "{\"metadata-location\":" + json(location).dump() + ",\"metadata\":" + metadata + ",\"config\":{}}");
}

/// Writes `metadata` to a new file and moves the pointer of `name` there from `before` (null: a new view). The file goes
/// again when the commit failed for sure.
Result<Response> CommitMetadata(Call& call, const lake::TableName& name, const lake::ViewMetadata& metadata,
                                const lake::Entry* before) {
  const std::string text = lake::FormatViewMetadata(metadata);
  lake::PointerChange change;
  change.kind = lake::ObjectKind::kView;
  change.name = name;
  change.uuid = metadata.uuid;
  if (before != nullptr) change.expected = before->location;
  change.location = io::JoinUri(
      metadata.location, fmt::format("metadata/{:05}-{}.metadata.json", metadata.current_version_id, NewUuidV7()));
  const std::string location = *change.location;
  LEAT_TRY(call.catalog.files().WriteNew(location, text));
  const Status status =
      CommitPointers(call, {change}, (before == nullptr ? "create view " : "replace view ") + name.ToString());
  if (status.ok()) return ViewResponse(location, text);
  if (status.error().retry() != Retry::kUnknownOutcome) (void)call.catalog.files().Remove(location);
  return status.error();
}

Result<lake::ViewMetadata> ReadMetadata(Call& call, const lake::Entry& entry) {
  LEAT_ASSIGN(const std::string text, call.catalog.files().Read(entry.location));
  auto metadata = lake::ParseViewMetadata(text);
  if (!metadata.ok()) return std::move(metadata).error().In(entry.location);
  return metadata;
}

}  // namespace

Result<Response> CreateView(Call& call, const Segments& path) {
  LEAT_ASSIGN(const std::string ns, NamespaceOfSegment(call, path[1]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  LEAT_ASSIGN(const std::string view, StringMember(body, "name"));
  const lake::TableName name{ns, view};
  LEAT_ASSIGN(const lake::Properties ns_properties, RequireNamespace(call, ns));
  LEAT_TRY(CheckTableWrite(call, ns, ns_properties));
  LEAT_ASSIGN(const lake::Properties properties, PropertiesMember(body, "properties"));
  // The version's schema is the one that comes with it, whatever number it has there.
  json version = body.value("view-version", json());
  if (version.is_object()) version["schema-id"] = -1;
  LEAT_ASSIGN(
      std::vector<lake::ViewUpdate> updates,
      lake::ParseViewUpdates(json::array({{{"action", "add-schema"}, {"schema", body.value("schema", json())}},
                                          {{"action", "add-view-version"}, {"view-version", std::move(version)}},
                                          {{"action", "set-current-view-version"}, {"view-version-id", -1}}})));
  LEAT_TRY(RequireFree(call, name));
  const std::string uuid = NewUuidV4();
  std::string location = call.catalog.NewTableLocation(name, uuid, ns_properties);
  if (const auto given = body.find("location"); given != body.end() && !given->is_null()) {
    LEAT_ASSIGN(const std::string text, StringMember(body, "location"));
    if (!text.empty()) location = text;
  }
  updates.emplace_back(lake::AssignUuid{uuid});
  updates.emplace_back(lake::SetLocation{location});
  updates.emplace_back(lake::SetProperties{properties});
  LEAT_ASSIGN(const lake::ViewMetadata metadata, lake::ApplyViewUpdates(updates, nullptr, call.clock.Now()));
  LEAT_TRY(CheckLocation(call, metadata.location));
  return CommitMetadata(call, name, metadata, nullptr);
}

Result<Response> LoadView(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kView));
  LEAT_ASSIGN(const std::string metadata, call.catalog.files().Read(entry.location));
  return ViewResponse(entry.location, metadata);
}

Result<Response> ReplaceView(Call& call, const Segments& path) {
  LEAT_ASSIGN(const lake::TableName name, TableOfSegments(call, path[1], path[3]));
  LEAT_ASSIGN(const json body, ParseBody(call.request));
  if (const auto identifier = body.find("identifier"); identifier != body.end() && !identifier->is_null())
    LEAT_TRY(TableIdentifier(*identifier));
  LEAT_ASSIGN(const auto requirements, lake::ParseViewRequirements(body.value("requirements", json::array())));
  LEAT_ASSIGN(const auto updates, lake::ParseViewUpdates(body.value("updates", json())));
  LEAT_TRY(CheckWritable(call));
  const CommitTurns::Turn turn = call.turns.Take({name});
  if (turn.waited()) {
    LEAT_ASSIGN(call.view, call.catalog.Resolve(call.view.ref));
  }
  for (int attempt = 1;; ++attempt) {
    LEAT_ASSIGN(const lake::Entry entry, RequireObject(call, name, lake::ObjectKind::kView));
    LEAT_ASSIGN(const lake::Properties ns_properties, RequireNamespace(call, name.ns));
    LEAT_TRY(CheckTableWrite(call, name.ns, ns_properties));
    LEAT_ASSIGN(const lake::ViewMetadata base, ReadMetadata(call, entry));
    LEAT_TRY(lake::CheckViewRequirements(requirements, base));
    LEAT_ASSIGN(const lake::ViewMetadata metadata, lake::ApplyViewUpdates(updates, &base, call.clock.Now()));
    if (metadata.location != base.location) LEAT_TRY(CheckLocation(call, metadata.location));
    // Nothing new, as when a commit comes again whose answer was lost.
    const std::string present = lake::FormatViewMetadata(base);
    if (lake::FormatViewMetadata(metadata) == present) return ViewResponse(entry.location, present);
    auto response = CommitMetadata(call, name, metadata, &entry);
    if (response.ok() || response.error().code() != "LAKE-301" || attempt == kAttempts) return response;
    LEAT_ASSIGN(call.view, call.catalog.Resolve(call.view.ref));
  }
}

}  // namespace leat::serve::iceberg
