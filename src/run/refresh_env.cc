#include "run/refresh_env.h"

#include <fmt/format.h>

namespace leat::run {
namespace {

/// Files that were published on the branch, with the table that they went into.
constexpr const char* kLoadedOnBranch =
    "FROM commit_log c JOIN step s ON s.run_id = c.run_id AND s.asset LIKE 'source.%' AND s.action <> 'check' "
    "JOIN loaded_file f ON f.load_key = substr(s.asset, 8) AND f.run_id = c.run_id AND f.published_commit = c.id "
    "WHERE c.ref = ?1 AND f.revoked_commit IS NULL";

Result<std::map<lake::TableName, std::string>> LoadedTwice(state::Store& store, const std::string& branch,
                                                           lake::CommitId base_before, const lake::View& target) {
  LEAT_ASSIGN(
      const state::Rows rows,
      store.Read(fmt::format("SELECT s.ns, s.name, min(f.origin), count(*) {} AND EXISTS (SELECT 1 FROM "
                             "loaded_file o JOIN commit_log t ON t.id = o.published_commit WHERE t.ref = ?2 AND "
                             "t.id > ?3 AND t.id <= ?4 AND o.load_key = f.load_key AND o.file_id = f.file_id "
                             "AND o.revoked_commit IS NULL) GROUP BY s.ns, s.name",
                             kLoadedOnBranch),
                 {branch, target.ref, base_before, target.commit}));
  std::map<lake::TableName, std::string> found;
  for (size_t i = 0; i < rows.size(); ++i) {
    found[{rows.Text(i, 0), rows.Text(i, 1)}] =
        fmt::format("{} was loaded on both sides{}", rows.Text(i, 2),
                    rows.Int(i, 3) > 1 ? fmt::format(", and {} more files", rows.Int(i, 3) - 1) : "");
  }
  return found;
}

Status Revoke(state::Transaction& tx, const std::string& branch, lake::CommitId commit,
              const std::set<lake::TableName>& given_up) {
  if (given_up.empty()) return Ok();
  LEAT_ASSIGN(
      const state::Rows rows,
      tx.Query(fmt::format("SELECT f.load_key, f.file_id, f.run_id, s.ns, s.name {}", kLoadedOnBranch), {branch}));
  for (size_t i = 0; i < rows.size(); ++i) {
    if (!given_up.contains({rows.Text(i, 3), rows.Text(i, 4)})) continue;
    LEAT_TRY(
        tx.Execute("UPDATE loaded_file SET revoked_commit = ?1 WHERE load_key = ?2 AND file_id = ?3 AND run_id = ?4",
                   {commit, rows.Text(i, 0), rows.Text(i, 1), rows.Text(i, 2)}));
  }
  return Ok();
}

}  // namespace

Result<lake::RefreshResult> RefreshEnvironment(Lakehouse& lakehouse, const std::string& branch,
                                               const std::string& author, bool give_up, bool only_look) {
  lake::RefreshRequest request;
  request.branch = branch;
  request.give_up = give_up;
  request.only_look = only_look;
  request.info.author = author;
  request.info.message = "refresh of " + branch;
  request.conflicts = [&](lake::CommitId base_before, const lake::View& target) {
    return LoadedTwice(*lakehouse.store, branch, base_before, target);
  };
  request.also = [&](state::Transaction& tx, lake::CommitId commit, const std::set<lake::TableName>& given_up) {
    return Revoke(tx, branch, commit, given_up);
  };
  return lake::RefreshBranch(*lakehouse.catalog, request);
}

}  // namespace leat::run
