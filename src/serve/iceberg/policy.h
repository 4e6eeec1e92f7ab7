#pragma once

#include "lake/table_metadata.h"
#include "serve/iceberg/call.h"

namespace leat::serve::iceberg {

/// Namespace property: refuse | gate | allow (anything else refuses). Without it: refuse where a project owns the namespace (kOwner is set), else allow.
inline constexpr const char* kExternalWrites = "leat.external_writes";
/// Namespace property that runs set: the project whose tables live there.
inline constexpr const char* kOwner = "leat.owner";

/// May this request change anything at its view at all? SERVE-205 (kPermission): the token's scope is read. SERVE-307
/// (kPermission): tags, commits, times and snapshots are read-only. SERVE-304 (kPermission): the branch of a run.
Status CheckWritable(const Call& call);

/// May it drop, rename or register in this namespace, or change its views? On `main` the namespace's own rule decides
/// (SERVE-305 kPermission; with gate: there is nothing that checks could be asked of); other branches are open. Includes
/// CheckWritable.
Status CheckTableWrite(const Call& call, const std::string& ns, const lake::Properties& ns_properties);

enum class CommitRule {
  kOpen,   ///< becomes visible at once
  kGated,  ///< the project's checks are asked before (gated_commit.h)
};

/// May it commit changes of tables here, and how? As CheckTableWrite, but open to the commits that a gate can prove.
Result<CommitRule> CheckTableCommit(const Call& call, const std::string& ns, const lake::Properties& ns_properties);

/// To make, change or drop a namespace a token must reach all of it (SERVE-206 kPermission). Includes CheckWritable.
Status CheckNamespaceWrite(const Call& call, const std::string& ns);

/// leat.* properties of namespaces decide who may write: they need the scope admin (SERVE-205).
Status CheckNamespaceProperties(const Call& call, const lake::Properties& set, const std::vector<std::string>& removed);

/// A location that a client chose must lie below the warehouse's root, without ".." (SERVE-306 kUsage).
Status CheckLocation(const Call& call, const std::string& location);

}  // namespace leat::serve::iceberg
