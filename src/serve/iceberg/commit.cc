#include "serve/iceberg/commit.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/ids.h"
#include "lake/table_change.h"
#include "serve/iceberg/delegation.h"
#include "serve/iceberg/gated_commit.h"
#include "serve/iceberg/policy.h"

namespace leat::serve::iceberg {

namespace {

constexpr int kAttempts = 20;

/// A commit applied to the state that was just read: its new metadata is written, its pointer not yet moved.
struct Prepared {
  std::vector<lake::PointerChange> changes;
  std::map<lake::TableName, std::optional<std::string>> unchanged;  ///< tables with requirements but no updates
  std::vector<CommittedTable> tables;
  std::vector<std::string> written;
  std::vector<lake::TableName> gated;  ///< changed tables of namespaces whose rule is to ask the project's checks first
};

void RemoveFiles(Call& call, const std::vector<std::string>& files) {
  // A file that cannot be removed is an orphan that upkeep finds; the commit's own error says more.
  for (const std::string& file : files) (void)call.catalog.files().Remove(file);
}

template <typename Update>
bool Has(const std::vector<lake::TableUpdate>& updates) {
  return std::any_of(updates.begin(), updates.end(),
                     [](const auto& update) { return std::holds_alternative<Update>(update); });
}

bool Creates(const TableCommit& commit) {
  return std::any_of(commit.requirements.begin(), commit.requirements.end(),
                     [](const auto& requirement) { return std::holds_alternative<lake::AssertCreate>(requirement); });
}

enum class Trace { kNone, kFound, kMissing };

/// Does the table show that this very commit happened to it? Snapshots have random ids and files of their own, a new table
/// has the uuid that its commit gave it; other updates leave nothing that could be told from somebody else's.
Trace TraceOf(const TableCommit& commit, const lake::TableMetadata* now) {
  Trace trace = Trace::kNone;
  for (const lake::TableUpdate& update : commit.updates) {
    bool there = false;
    if (const auto* added = std::get_if<lake::AddSnapshot>(&update)) {
      const lake::Snapshot* present = now == nullptr ? nullptr : now->FindSnapshot(added->snapshot.id);
      there = present != nullptr && present->manifest_list == added->snapshot.manifest_list &&
              present->timestamp_ms == added->snapshot.timestamp_ms;
    } else if (const auto* assigned = std::get_if<lake::AssignUuid>(&update); assigned != nullptr && Creates(commit)) {
      there = now != nullptr && now->uuid == assigned->uuid;
    } else {
      continue;
    }
    if (!there) return Trace::kMissing;
    trace = Trace::kFound;
  }
  return trace;
}

/// The present state of the tables when this commit has happened before: its answer was lost, and the client sends it again.
Result<std::optional<std::vector<CommittedTable>>> FindRepeated(Call& call, const std::vector<TableCommit>& commits) {
  std::optional<std::vector<CommittedTable>> none;
  std::vector<CommittedTable> tables;
  bool found = false;
  for (const TableCommit& commit : commits) {
    LEAT_ASSIGN(const auto entry, call.catalog.FindTable(call.view, commit.name));
    if (!entry || entry->kind != lake::ObjectKind::kTable) return none;
    LEAT_ASSIGN(lake::MetadataPtr metadata, call.catalog.LoadMetadata(entry->location));
    const Trace trace = TraceOf(commit, metadata.get());
    if (trace == Trace::kMissing) return none;
    found = found || trace == Trace::kFound;
    tables.push_back({commit.name, entry->location, std::move(metadata)});
  }
  if (!found) return none;
  return std::optional(std::move(tables));
}

/// What a new table must have and a client may leave to the catalogue.
std::vector<lake::TableUpdate> Completed(Call& call, const TableCommit& commit, const lake::Properties& ns_properties) {
  std::vector<lake::TableUpdate> updates;
  std::string uuid;
  for (const lake::TableUpdate& update : commit.updates) {
    if (const auto* assign = std::get_if<lake::AssignUuid>(&update)) uuid = assign->uuid;
  }
  if (uuid.empty()) {
    uuid = NewUuidV4();
    updates.push_back(lake::AssignUuid{uuid});
  }
  if (!Has<lake::SetLocation>(commit.updates)) {
    updates.push_back(lake::SetLocation{call.catalog.NewTableLocation(commit.name, uuid, ns_properties)});
  }
  updates.insert(updates.end(), commit.updates.begin(), commit.updates.end());
  return updates;
}

Status CheckMetadata(const Call& call, const lake::TableName& name, const lake::Properties& ns_properties,
                     const lake::TableMetadata& metadata, const lake::TableMetadata* base) {
  if (base == nullptr || base->location != metadata.location) {
    LEAT_TRY(CheckLocation(call, metadata.location));
    LEAT_TRY(CheckOwnLocation(call, name, metadata.uuid, ns_properties, metadata.location));
  }
  for (const lake::Snapshot& snapshot : metadata.snapshots) {
    if (base != nullptr && base->FindSnapshot(snapshot.id) != nullptr) continue;
    if (!snapshot.manifest_list.empty()) LEAT_TRY(CheckLocation(call, snapshot.manifest_list));
  }
  return Ok();
}

Status PrepareTable(Call& call, const TableCommit& commit, Prepared& prepared) {
  LEAT_ASSIGN(const lake::Properties ns_properties, RequireNamespace(call, commit.name.ns));
  LEAT_ASSIGN(const CommitRule rule, CheckTableCommit(call, commit.name.ns, ns_properties));
  LEAT_ASSIGN(const auto entry, call.catalog.FindTable(call.view, commit.name));
  if (Creates(commit)) {
    LEAT_TRY(RequireFree(call, commit.name));
  } else {
    LEAT_TRY(RequireObject(call, commit.name, lake::ObjectKind::kTable));
  }
  lake::MetadataPtr base;
  if (entry) {
    LEAT_ASSIGN(base, call.catalog.LoadMetadata(entry->location));
  }
  LEAT_TRY(lake::CheckRequirements(commit.requirements, base.get()));
  if (entry && base && commit.updates.empty()) {
    prepared.unchanged[commit.name] = entry->location;
    prepared.tables.push_back({commit.name, entry->location, base});
    return Ok();
  }
  LEAT_ASSIGN(
      lake::TableMetadata metadata,
      lake::ApplyUpdates(base ? commit.updates : Completed(call, commit, ns_properties), base.get(), call.clock.Now()));
  LEAT_TRY(CheckMetadata(call, commit.name, ns_properties, metadata, base.get()));
  if (!base) LEAT_TRY(MakeTableFolders(call, metadata.location));
  lake::PointerChange change;
  change.name = commit.name;
  change.uuid = metadata.uuid;
  if (entry) change.expected = entry->location;
  LEAT_ASSIGN(change.location,
              call.catalog.WriteMetadata(std::move(metadata), entry ? entry->location : "", prepared.written));
  LEAT_ASSIGN(const lake::MetadataPtr made, call.catalog.LoadMetadata(*change.location));
  prepared.tables.push_back({commit.name, *change.location, made});
  prepared.changes.push_back(std::move(change));
  if (rule == CommitRule::kGated) prepared.gated.push_back(commit.name);
  return Ok();
}

std::string Describe(const std::vector<TableCommit>& commits) {
  std::string message;
  for (const TableCommit& commit : commits) {
    std::string what = "change";
    for (const lake::TableUpdate& update : commit.updates) {
      if (const auto* added = std::get_if<lake::AddSnapshot>(&update)) {
        const auto operation = added->snapshot.summary.find("operation");
        what = operation == added->snapshot.summary.end() ? "snapshot" : operation->second;
      }
    }
    for (const lake::TableRequirement& requirement : commit.requirements) {
      if (std::holds_alternative<lake::AssertCreate>(requirement)) what = "create";
    }
    message += (message.empty() ? "" : ", ") + what + " " + commit.name.ToString();
  }
  return message;
}

/// With the external run's own row in the transaction of its commit. For as long as `call` lives.
lake::CommitRequest RequestOf(Call& call, std::vector<lake::PointerChange> changes, std::string message) {
  lake::CommitRequest request;
  request.ref = call.view.ref;
  request.changes = std::move(changes);
  request.info = CommitOf(call, std::move(message));
  request.also = [&call, ref = request.ref, info = request.info](state::Transaction& tx, lake::CommitId commit) {
    return WriteExternalRun(tx, call, ref, info, commit, "");
  };
  return request;
}

/// After a commit whose outcome the store did not say: true when the log has it.
Result<bool> FindOut(Call& call, const std::vector<lake::PointerChange>& changes) {
  LEAT_ASSIGN(const lake::View now, call.catalog.Resolve(call.view.ref));
  for (const lake::PointerChange& change : changes) {
    if (change.location) {  // others may have moved it further since
      LEAT_ASSIGN(const auto made, call.catalog.FindCommitOf(call.view.ref, change.name, *change.location));
      if (!made) return false;
      continue;
    }
    LEAT_ASSIGN(const auto entry, call.catalog.FindTable(now, change.name));
    if (entry) return false;
  }
  return true;
}

/// Commits; Ok also when an unknown outcome turned out to be a success.
Status Move(Call& call, const lake::CommitRequest& request) {
  auto commit = call.catalog.Commit(request);
  if (commit.ok()) return Ok();
  if (commit.error().retry() == Retry::kUnknownOutcome) {
    const auto found = FindOut(call, request.changes);
    if (found.ok() && *found) return Ok();
  }
  return std::move(commit).error();
}

}  // namespace

Status MakeTableFolders(Call& call, const std::string& location) {
  LEAT_TRY(call.catalog.files().CreateFolder(io::JoinUri(location, "metadata")));
  return call.catalog.files().CreateFolder(io::JoinUri(location, "data"));
}

Result<TableCommit> ParseTableCommit(const nlohmann::json& body, const lake::TableName& name) {
  TableCommit commit;
  commit.name = name;
  const auto identifier = body.find("identifier");
  if (name.name.empty() || (identifier != body.end() && !identifier->is_null())) {
    if (identifier == body.end()) {
      return MakeError("SERVE-303", ErrorKind::kUsage, "a table change of a transaction needs its 'identifier'");
    }
    LEAT_ASSIGN(const lake::TableName given, TableIdentifier(*identifier));
    if (name.name.empty()) commit.name = given;
  }
  LEAT_ASSIGN(commit.requirements, lake::ParseRequirements(body.value("requirements", nlohmann::json::array())));
  LEAT_ASSIGN(commit.updates, lake::ParseUpdates(body.value("updates", nlohmann::json::array())));
  return commit;
}

Result<std::vector<CommittedTable>> CommitTables(Call& call, const std::vector<TableCommit>& commits) {
  std::set<lake::TableName> names;
  for (const TableCommit& commit : commits) {
    if (!names.insert(commit.name).second) {
      return MakeError("SERVE-303", ErrorKind::kUsage, "{} occurs twice in one transaction", commit.name.ToString());
    }
  }
  const CommitTurns::Turn turn = call.turns.Take(names);
  if (turn.waited()) {
    LEAT_ASSIGN(call.view, call.catalog.Resolve(call.view.ref));
  }
  for (int attempt = 1;; ++attempt) {
    Prepared prepared;
    Status status;
    for (const TableCommit& commit : commits) {
      status = PrepareTable(call, commit, prepared);
      if (!status.ok()) break;
    }
    if (status.ok()) {
      if (prepared.changes.empty()) return std::move(prepared.tables);
      lake::CommitRequest request = RequestOf(call, prepared.changes, Describe(commits));
      request.unchanged = std::move(prepared.unchanged);
      if (!prepared.gated.empty()) status = Prove(call, prepared.gated, request);
      if (status.ok()) status = Move(call, request);
      if (status.ok()) return std::move(prepared.tables);
    }
    if (status.error().retry() != Retry::kUnknownOutcome) RemoveFiles(call, prepared.written);
    const bool moved = status.error().code() == "LAKE-301" && prepared.tables.size() == commits.size();
    if (!moved || attempt == kAttempts) {
      if (status.error().retry() != Retry::kUnknownOutcome) {
        LEAT_ASSIGN(auto repeated, FindRepeated(call, commits));
        if (repeated) return std::move(*repeated);
      }
      return std::move(status).error();
    }
    LEAT_ASSIGN(call.view, call.catalog.Resolve(call.view.ref));
  }
}

Status CommitPointers(Call& call, std::vector<lake::PointerChange> changes, std::string message) {
  return Move(call, RequestOf(call, std::move(changes), std::move(message)));
}

}  // namespace leat::serve::iceberg
