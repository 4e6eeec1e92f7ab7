#include "run/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "base/nearest.h"
#include "component/file_listing.h"
#include "component/file_place.h"
#include "component/input_files.h"
#include "io/hash.h"
#include "run/file_clean_up.h"

namespace leat::run {
namespace {

namespace fs = std::filesystem;

std::string LoadKeyOf(const project::Asset& asset) {
  return asset.id.starts_with("source.") ? asset.id.substr(7) : asset.id;
}

/// Rows of the ledger that a request means, oldest first.
Result<state::Rows> Meant(state::Store& store, const std::string& load_key, const Reach& reach,
                          const ReplayRequest& request) {
  std::string sql =
      "SELECT DISTINCT f.origin, f.duplicate_of FROM loaded_file f JOIN commit_log c ON c.id = f.published_commit WHERE "
      "f.load_key = ?1 AND " +
      ReachSql(reach, "c") + " AND NOT EXISTS (SELECT 1 FROM commit_log r WHERE r.id = f.revoked_commit AND " +
      ReachSql(reach, "r") + ")";
  state::Params params = {load_key};
  if (!request.origins.empty()) {
    std::string places;
    for (const std::string& origin : request.origins) {
      params.emplace_back(origin);
      places += fmt::format("{}?{}", places.empty() ? "" : ", ", params.size());
    }
    sql += " AND f.origin IN (" + places + ")";
  }
  if (request.from) {
    params.emplace_back(*request.from);
    sql += fmt::format(" AND c.time >= ?{}", params.size());
  }
  if (request.to) {
    params.emplace_back(*request.to);
    sql += fmt::format(" AND c.time < ?{}", params.size());
  }
  return store.Read(sql + " ORDER BY f.origin", params);
}

Error NotLoaded(state::Store& store, const std::string& origin) {
  std::vector<std::string> names;
  const Result<state::Rows> rows =
      store.Read("SELECT DISTINCT origin FROM loaded_file ORDER BY origin DESC LIMIT 1000", {});
  for (size_t i = 0; rows.ok() && i < rows->size(); ++i) names.push_back(rows->Text(i, 0));
  const std::string near = DidYouMean(origin, names);
  return MakeError("RUN-301", ErrorKind::kNotFound, "no file {} was loaded into the tables that were asked for", origin)
      .WithHint(near.empty() ? "the files that were: leat sql \"select origin from leat.files\"" : near);
}

}  // namespace

Result<std::vector<RequestedFile>> RequestReplay(Lakehouse& lakehouse, const project::Project& project,
                                                 const ReplayRequest& request) {
  LEAT_ASSIGN(const lake::View view, lakehouse.catalog->Resolve(request.target));
  LEAT_ASSIGN(const Reach reach, ReachOf(*lakehouse.store, view));
  std::vector<RequestedFile> found;
  std::set<std::string> seen;
  for (const project::Asset& asset : project.assets) {
    if (asset.kind != project::AssetKind::kSourceTable || !asset.source->source.files) continue;
    if (!request.assets.empty() && !request.assets.contains(asset.id)) continue;
    const std::string load_key = LoadKeyOf(asset);
    LEAT_ASSIGN(const state::Rows rows, Meant(*lakehouse.store, load_key, reach, request));
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::string origin = rows.Text(i, 0);
      seen.insert(origin);
      if (const std::optional<std::string> other = rows.OptText(i, 1)) {
        if (request.origins.empty()) continue;
        return MakeError("RUN-543", ErrorKind::kUsage, "{} was not read: it has the content of {}", origin, *other)
            .WithHint("replay that one");
      }
      if (asset.reads_all_files()) {
        return MakeError("RUN-543", ErrorKind::kUsage, "table {} reads all its files each time (mode {})",
                         asset.table.ToString(), asset.mode)
            .WithHint("read them again with: leat run --force --select " + asset.id);
      }
      found.push_back({asset.id, load_key, origin});
    }
  }
  for (const std::string& origin : request.origins) {
    if (!seen.contains(origin)) return NotLoaded(*lakehouse.store, origin);
  }
  LEAT_TRY(lakehouse.store->Write([&](state::Transaction& tx) -> Status {
    for (const RequestedFile& file : found) {
      LEAT_TRY(
          tx.Execute("INSERT INTO file_replay (load_key, target, origin, requested_by, requested_at) VALUES (?1, ?2, "
                     "?3, ?4, ?5) ON CONFLICT (load_key, target, origin) DO UPDATE SET requested_by = "
                     "excluded.requested_by, requested_at = excluded.requested_at",
                     {file.load_key, view.ref, file.origin, request.by, tx.Now()}));
    }
    return Ok();
  }));
  return found;
}

Status DropReplayRequests(Lakehouse& lakehouse, const std::vector<RequestedFile>& files, const std::string& target) {
  return lakehouse.store->Write([&](state::Transaction& tx) -> Status {
    for (const RequestedFile& file : files) {
      LEAT_TRY(tx.Execute("DELETE FROM file_replay WHERE load_key = ?1 AND target = ?2 AND origin = ?3",
                          {file.load_key, target, file.origin}));
    }
    return Ok();
  });
}

Result<std::vector<component::InputFile>> FilesToReplay(Lakehouse& lakehouse, const project::Project& project,
                                                        const project::Asset& asset, component::FileFetcher& fetcher,
                                                        FileLedger& ledger, const std::string& load_key,
                                                        const std::string& target) {
  std::vector<component::InputFile> files;
  LEAT_ASSIGN(
      const state::Rows rows,
      lakehouse.store->Read("SELECT origin FROM file_replay WHERE load_key = ?1 AND target = ?2 ORDER BY origin",
                            {load_key, target}));
  if (rows.empty()) return files;
  std::vector<std::string> origins;
  for (size_t i = 0; i < rows.size(); ++i) origins.push_back(rows.Text(i, 0));
  LEAT_ASSIGN(const std::vector<DoneFile> done, ledger.Find(origins));
  std::map<std::string, const DoneFile*> newest;
  for (const DoneFile& file : done) {
    const DoneFile*& known = newest[file.origin];
    if (known == nullptr || known->published <= file.published) known = &file;
  }
  const std::string landing = component::BelowProject(project.root, io::LocalPath(project.settings.landing));
  for (const auto& [origin, known] : newest) {
    const std::string kept = known->archived_as.empty() ? "" : (fs::path(landing) / known->archived_as).string();
    const std::string inbound = component::BelowProject(project.root, origin);
    std::error_code none;
    const bool is_kept = !kept.empty() && fs::is_regular_file(kept, none);
    LEAT_ASSIGN(component::FilePlace* const place, fetcher.Place());
    const component::InputFile loaded{
        inbound, origin, known->size_bytes, known->modified_ns, known->identity, known->content_hash};
    const bool elsewhere = !is_kept && component::IsPlaced(origin);
    std::optional<component::InputFile> found;
    if (is_kept) {
      LEAT_ASSIGN(found, component::LookAtFile(nullptr, kept, origin));
    } else if (elsewhere == (place != nullptr)) {
      LEAT_ASSIGN(found, component::LookAtFile(place, inbound, origin));
      if (!found || (elsewhere && !component::SameState(*found, loaded))) {
        LEAT_ASSIGN(std::optional<component::InputFile> moved, FindMoved(project, asset, fetcher, loaded));
        if (moved) found = std::move(moved);
      }
    }
    if (!found) {
      return MakeError("RUN-544", ErrorKind::kNotFound,
                       "{} cannot be read again: it is neither in its folder nor kept{}", origin,
                       kept.empty() ? "" : " as " + kept)
          .WithHint("put it back where it was, with the content that it had");
    }
    if (elsewhere && found->path == origin) {  // reading it finds out whether it is still the one that was loaded
      files.push_back(loaded);
      continue;
    }
    component::InputFile& file = *found;
    if (file.content_hash.empty()) {
      LEAT_ASSIGN(file.content_hash, fetcher.HashContent(file));
    }
    if (file.content_hash != known->content_hash) {
      return MakeError("RUN-544", ErrorKind::kData, "{} is not what was loaded as {}: it has {} bytes, that had {}",
                       file.path, origin, file.size_bytes, known->size_bytes)
          .WithHint("put a copy of the file as it was there; a changed file is loaded by a plain `leat run`");
    }
    files.push_back(std::move(file));
  }
  return files;
}

Status SettleReplay(state::Transaction& tx, const std::string& load_key, const std::string& target,
                    const std::string& run_id) {
  LEAT_ASSIGN(
      const state::Rows rows,
      tx.Query("SELECT origin, requested_by FROM file_replay WHERE load_key = ?1 AND target = ?2", {load_key, target}));
  for (size_t i = 0; i < rows.size(); ++i) {
    LEAT_ASSIGN(
        const int64_t read,
        tx.Execute("UPDATE loaded_file SET replayed_by = ?1 WHERE load_key = ?2 AND run_id = ?3 AND origin = ?4",
                   {rows.Text(i, 1), load_key, run_id, rows.Text(i, 0)}));
    if (read == 0) continue;
    LEAT_TRY(tx.Execute("DELETE FROM file_replay WHERE load_key = ?1 AND target = ?2 AND origin = ?3",
                        {load_key, target, rows.Text(i, 0)}));
  }
  return Ok();
}

}  // namespace leat::run
