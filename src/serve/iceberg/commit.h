#pragma once

#include <string>
#include <vector>

#include "lake/table_update.h"
#include "serve/iceberg/call.h"

namespace leat::serve::iceberg {

/// Changes of one table in a commit: requirements that must hold on the newest state, then updates.
struct TableCommit {
  lake::TableName name;
  std::vector<lake::TableRequirement> requirements;
  std::vector<lake::TableUpdate> updates;
};

struct CommittedTable {
  lake::TableName name;
  std::string location;
  lake::MetadataPtr metadata;
};

/// Commits all tables together or none. When a pointer moves between reading and committing, the requirements are checked
/// again on the new state and, where they still hold, the updates are applied to it (at most 20 times); a requirement that
/// fails is a conflict for the client, unless the tables show that this very commit has happened before (its answer was
/// lost): then their present state is the answer. Metadata files of a commit that failed for sure are removed; of one with an unknown
/// outcome they stay, and the pointers are read to find out.
/// LAKE-301 (kConflict), LAKE-202 (kExists), SERVE-402 (kNotFound), SERVE-310 (kPermission), and the errors of CheckTableCommit, CheckLocation, table_update.h.
Result<std::vector<CommittedTable>> CommitTables(Call& call, const std::vector<TableCommit>& commits);

/// Commits pointer moves (drop, rename, register) as one external commit.
Status CommitPointers(Call& call, std::vector<lake::PointerChange> changes, std::string message);

/// Reads one {"identifier", "requirements", "updates"}; `name` is used where it has no identifier.
Result<TableCommit> ParseTableCommit(const nlohmann::json& body, const lake::TableName& name);

/// The folders that a writer expects (some engines do not make them on a local disk).
Status MakeTableFolders(Call& call, const std::string& location);

}  // namespace leat::serve::iceberg
