#include "run/file_ledger.h"

#include <fmt/format.h>

#include <map>
#include <set>

#include "io/file_system.h"
#include "io/hash.h"
#include "lake/catalog_pointers.h"

namespace leat::run {

Result<Reach> ReachOf(state::Store& store, const lake::View& view) {
  Reach reach;
  // A chain is short: a run's branch over an environment over main.
  LEAT_TRY(store.ReadAll([&](state::Transaction& tx) -> Status {
    reach.clear();
    LEAT_ASSIGN(const std::vector<lake::Layer> layers, lake::LayersOf(tx, view.ref, view.commit));
    for (const lake::Layer& layer : layers) reach.emplace_back(layer.ref, layer.commit);
    return Ok();
  }));
  return reach;
}

std::string ReachSql(const Reach& reach, const std::string& alias) {
  std::string sql = "(1 = 0";
  for (const auto& [ref, limit] : reach) {
    std::string quoted;
    for (const char c : ref) quoted.append(c == '\'' ? 2 : 1, c);
    sql += fmt::format(" OR ({0}.ref = '{1}' AND {0}.id <= {2})", alias, quoted, limit);
  }
  return sql + ")";
}

Result<std::vector<DoneFile>> DoneFiles(state::Store& store, const std::string& load_key, const Reach& reach) {
  const std::string sql =
      "SELECT f.file_id, f.origin, f.size, f.mtime_ns, f.inode, f.content_hash, f.run_id FROM loaded_file f "
      "JOIN commit_log c ON c.id = f.published_commit WHERE f.load_key = ?1 AND " +
      ReachSql(reach, "c") + " AND NOT EXISTS (SELECT 1 FROM commit_log r WHERE r.id = f.revoked_commit AND " +
      ReachSql(reach, "r") + ") ORDER BY f.run_id, f.origin";
  LEAT_ASSIGN(const state::Rows rows, store.Read(sql, {load_key}));
  std::vector<DoneFile> done;
  done.reserve(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    done.push_back({rows.Text(i, 0), rows.Text(i, 1), rows.Int(i, 2), rows.Int(i, 3),
                    static_cast<uint64_t>(rows.Int(i, 4)), rows.Text(i, 5), rows.Text(i, 6)});
  }
  return done;
}

Result<FileDecision> DecideFiles(const std::vector<component::InputFile>& listed, const std::vector<DoneFile>& done) {
  std::multimap<std::string_view, const DoneFile*> by_origin;
  for (const DoneFile& file : done) by_origin.emplace(file.origin, &file);
  FileDecision decision;
  std::set<std::string_view> seen;
  for (const component::InputFile& file : listed) {
    seen.insert(file.origin);
    const auto [begin, end] = by_origin.equal_range(file.origin);
    if (begin == end) {
      ++decision.added;
      decision.pending.push_back(file);
      continue;
    }
    bool same_stat = false;
    for (auto known = begin; known != end; ++known) {
      same_stat =
          same_stat || (known->second->size_bytes == file.size_bytes &&
                        known->second->modified_ns == file.modified_ns && known->second->identity == file.identity);
    }
    if (same_stat) {
      ++decision.unchanged;
      continue;
    }
    component::InputFile hashed = file;
    if (hashed.content_hash.empty()) {
      LEAT_ASSIGN(hashed.content_hash, io::HashFile(io::LocalPath(file.path)));
    }
    bool same_content = false;
    for (auto known = begin; known != end; ++known) {
      same_content = same_content || known->second->content_hash == hashed.content_hash;
    }
    if (same_content) {
      ++decision.unchanged;
      decision.touched.push_back(std::move(hashed));
    } else {
      ++decision.changed;
      decision.pending.push_back(std::move(hashed));
    }
  }
  std::set<std::string_view> gone;
  for (const DoneFile& file : done) {
    if (!seen.contains(file.origin)) gone.insert(file.origin);
  }
  decision.gone = gone.size();
  return decision;
}

std::string FileId(const component::InputFile& file) { return io::HashBytes(file.origin + '\n' + file.content_hash); }

std::string FilesHash(const std::vector<component::InputFile>& files) {
  if (files.empty()) return "";
  std::string text;
  for (const component::InputFile& file : files) {
    text += fmt::format("{}\n{} {} {}\n", file.origin, file.size_bytes, file.modified_ns, file.identity);
  }
  return io::HashBytes(text);
}

}  // namespace leat::run
