#include "run/load_parts.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/log.h"
#include "lake/manifest.h"

namespace leat::run {
namespace {

using nlohmann::json;

std::string Text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string PartsJson(const std::vector<component::TablePart>& parts) {
  json list = json::array();
  for (const component::TablePart& part : parts)
    list.push_back({part.id, part.shown, part.bounds, part.estimated_rows});
  return Text(list);
}

Result<std::vector<component::TablePart>> PartsFromJson(const std::string& text) {
  std::vector<component::TablePart> parts;
  const json list = json::parse(text, nullptr, false);
  if (!list.is_array()) return MakeError("RUN-546", ErrorKind::kInternal, "the kept parts of a load cannot be read");
  for (const json& part : list) parts.push_back({part.at(0), part.at(1), part.at(2), part.at(3)});
  return parts;
}

std::string RejectedJson(const std::vector<RejectedRow>& rows) {
  json list = json::array();
  for (const RejectedRow& row : rows)
    list.push_back({row.reason_code, row.message, row.column, row.origin, row.payload});
  return Text(list);
}

std::vector<RejectedRow> RejectedFromJson(const std::string& text) {
  std::vector<RejectedRow> rows;
  for (const json& row : json::parse(text, nullptr, false)) {
    rows.push_back({row.at(0), row.at(1), row.at(2), row.at(3), row.at(4)});
  }
  return rows;
}

std::string ManifestPath(const std::string& folder) { return io::JoinUri(folder, "portion.avro"); }

Result<std::vector<lake::DataFile>> ReadFiles(io::FileSystem& files, const std::string& path,
                                              const lake::TableMetadata& metadata) {
  LEAT_ASSIGN(const std::string bytes, files.Read(path));
  lake::ManifestFile listed;
  listed.path = path;
  listed.spec_id = metadata.default_spec_id;
  LEAT_ASSIGN(const std::vector<lake::ManifestEntry> entries, lake::DecodeManifestAsWritten(bytes, listed, metadata));
  std::vector<lake::DataFile> found;
  found.reserve(entries.size());
  for (const lake::ManifestEntry& entry : entries) found.push_back(entry.file);
  return found;
}

/// Removes the folder `folder`, but for the folders in `keep` below it.
Status RemoveBut(io::FileSystem& files, const std::string& folder, const std::set<std::string>& keep) {
  if (keep.empty()) return files.RemoveFolder(folder);
  LEAT_ASSIGN(const std::vector<io::FileInfo> found, files.List(folder));
  for (const io::FileInfo& file : found) {
    const std::string path = io::LocalPath(file.uri);
    const bool kept = std::any_of(keep.begin(), keep.end(),
                                  [&](const std::string& one) { return path.starts_with(io::LocalPath(one) + "/"); });
    if (!kept) LEAT_TRY(files.Remove(file.uri));
  }
  return Ok();
}

}  // namespace

Status LoadParts::Write(const std::function<Status(state::Transaction&)>& body) {
  return lakehouse_.store->Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(state::CheckFence(tx, fence_));
    return body(tx);
  });
}

Result<std::vector<std::string>> LoadParts::Folders() {
  LEAT_ASSIGN(
      const state::Rows rows,
      lakehouse_.store->Read("SELECT folder FROM load_folder WHERE load_key = ?1 ORDER BY folder", {load_key_}));
  std::vector<std::string> folders;
  for (size_t i = 0; i < rows.size(); ++i) folders.push_back(rows.Text(i, 0));
  return folders;
}

Result<std::optional<PartsPlan>> LoadParts::Left() {
  LEAT_ASSIGN(
      const state::Rows rows,
      lakehouse_.store->Read("SELECT hash, upper_key, table_uuid, run_id, reason, parts, expires_at FROM load_plan "
                             "WHERE load_key = ?1",
                             {load_key_}));
  if (rows.empty() || rows.Int(0, 6) <= SystemClock().Now()) return std::optional<PartsPlan>();
  PartsPlan plan{rows.Text(0, 0), rows.Text(0, 1), rows.Text(0, 2), rows.Text(0, 3), rows.Text(0, 4), {}};
  LEAT_ASSIGN(plan.parts, PartsFromJson(rows.Text(0, 5)));
  return std::optional<PartsPlan>(std::move(plan));
}

Status LoadParts::Begin(const PartsPlan& plan, std::chrono::microseconds resume_within) {
  LEAT_TRY(Drop());
  const TimeMicros now = SystemClock().Now();
  return Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(
        tx.Execute("INSERT INTO load_plan (load_key, hash, upper_key, table_uuid, run_id, reason, parts, planned_at, "
                   "expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                   {load_key_, plan.hash, plan.upper, plan.table_uuid, plan.run_id, plan.reason, PartsJson(plan.parts),
                    now, now + resume_within.count()}));
    return Ok();
  });
}

Result<std::vector<Portion>> LoadParts::Adopt(const lake::TableMetadata& metadata) {
  LEAT_ASSIGN(
      const state::Rows rows,
      lakehouse_.store->Read("SELECT folder, run_id, parts, manifest, rows_in, rows_out, rows_filtered, "
                             "check_failures, rejected FROM load_portion WHERE load_key = ?1 ORDER BY kept_at, folder",
                             {load_key_}));
  std::vector<Portion> portions;
  std::set<std::string> keep;
  for (size_t i = 0; i < rows.size(); ++i) {
    Portion portion;
    portion.folder = rows.Text(i, 0);
    portion.run_id = rows.Text(i, 1);
    for (const json& part : json::parse(rows.Text(i, 2), nullptr, false)) portion.parts.push_back(part);
    if (!rows.Text(i, 3).empty()) {
      LEAT_ASSIGN(portion.files, ReadFiles(*lakehouse_.files, rows.Text(i, 3), metadata));
    }
    portion.rows_in = rows.Int(i, 4);
    portion.rows_out = rows.Int(i, 5);
    portion.rows_filtered = rows.Int(i, 6);
    for (const json& count : json::parse(rows.Text(i, 7), nullptr, false)) portion.check_failures.push_back(count);
    portion.rejected = RejectedFromJson(rows.Text(i, 8));
    keep.insert(portion.folder);
    portions.push_back(std::move(portion));
  }
  LEAT_ASSIGN(const std::vector<std::string> folders, Folders());
  for (const std::string& folder : folders) {
    std::set<std::string> within;
    for (const std::string& one : keep) {
      if (one.starts_with(folder + "/")) within.insert(one);
    }
    LEAT_TRY(RemoveBut(*lakehouse_.files, folder, within));
  }
  return portions;
}

Status LoadParts::UseFolder(const std::string& folder) {
  return Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute(
        "INSERT INTO load_folder (load_key, folder) VALUES (?1, ?2) ON CONFLICT (load_key, folder) DO NOTHING",
        {load_key_, folder}));
    return Ok();
  });
}

Status LoadParts::Keep(const Portion& portion, const lake::TableMetadata& metadata) {
  std::string manifest;
  if (!portion.files.empty()) {
    std::vector<lake::ManifestEntry> entries;
    for (const lake::DataFile& file : portion.files) {
      lake::ManifestEntry& entry = entries.emplace_back();
      entry.file = file;
    }
    LEAT_ASSIGN(const std::string bytes,
                lake::EncodeManifest(entries, metadata.current_schema(), metadata.default_spec(), false,
                                     std::max(2, metadata.format_version)));
    manifest = ManifestPath(portion.folder);
    LEAT_TRY(lakehouse_.files->WriteNew(manifest, bytes));
  }
  return Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute(
        "INSERT INTO load_portion (load_key, folder, run_id, parts, manifest, rows_in, rows_out, "
        "rows_filtered, check_failures, rejected, kept_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        {load_key_, portion.folder, portion.run_id, Text(json(portion.parts)), manifest, portion.rows_in,
         portion.rows_out, portion.rows_filtered, Text(json(portion.check_failures)), RejectedJson(portion.rejected),
         tx.Now()}));
    return Ok();
  });
}

Status LoadParts::Drop() {
  LEAT_ASSIGN(const std::vector<std::string> folders, Folders());
  // First the rows that say that files count, then the files, then the rows that say where they are.
  LEAT_TRY(Write([&](state::Transaction& tx) { return Forget(tx, false); }));
  for (const std::string& folder : folders) LEAT_TRY(lakehouse_.files->RemoveFolder(folder));
  if (folders.empty()) return Ok();
  return Write([&](state::Transaction& tx) { return Forget(tx, true); });
}

Status LoadParts::Forget(state::Transaction& tx, bool folders) const {
  LEAT_TRY(tx.Execute("DELETE FROM load_plan WHERE load_key = ?1", {load_key_}));
  LEAT_TRY(tx.Execute("DELETE FROM load_portion WHERE load_key = ?1", {load_key_}));
  if (folders) LEAT_TRY(tx.Execute("DELETE FROM load_folder WHERE load_key = ?1", {load_key_}));
  return Ok();
}

Status LoadParts::DropOld(Lakehouse& lakehouse) {
  LEAT_ASSIGN(const state::Rows rows,
              lakehouse.store->Read("SELECT load_key FROM load_plan WHERE expires_at <= ?1 UNION SELECT load_key FROM "
                                    "load_folder WHERE load_key NOT IN (SELECT load_key FROM load_plan)",
                                    {SystemClock().Now()}));
  for (size_t i = 0; i < rows.size(); ++i) {
    const std::string key = rows.Text(i, 0);
    auto lease = state::Lease::Take(*lakehouse.store, "load:" + key, "recovery", "what is left of a load",
                                    std::chrono::milliseconds(0));
    if (!lease.ok()) continue;  // it is loaded now, which looks after it
    LEAT_TRY(LoadParts(lakehouse, key, (*lease)->fence()).Drop());
    Log(LogLevel::kInfo, "left_parts_dropped", {{"load_key", key}});
  }
  return Ok();
}

Status CheckWhole(const PartsPlan& plan, const std::vector<Portion>& portions) {
  std::map<std::string, int> times;
  for (const component::TablePart& part : plan.parts) times[part.id] = 0;
  const auto wrong = [](const std::string& part, const char* what) {
    return MakeError("RUN-545", ErrorKind::kInternal, "a load in parts is not whole: part {} {}", part, what)
        .WithHint("nothing was committed; run again, and report it: this is a bug");
  };
  if (times.size() != plan.parts.size()) return wrong(plan.parts.front().id, "or another one is planned twice");
  for (const Portion& portion : portions) {
    for (const std::string& part : portion.parts) {
      const auto found = times.find(part);
      if (found == times.end()) return wrong(part, "was not planned");
      if (++found->second > 1) return wrong(part, "was read twice");
    }
  }
  for (const auto& [part, count] : times) {
    if (count == 0) return wrong(part, "was not read");
  }
  return Ok();
}

std::vector<component::TablePart> Missing(const PartsPlan& plan, const std::vector<Portion>& portions) {
  std::set<std::string> there;
  for (const Portion& portion : portions) there.insert(portion.parts.begin(), portion.parts.end());
  std::vector<component::TablePart> missing;
  for (const component::TablePart& part : plan.parts) {
    if (!there.contains(part.id)) missing.push_back(part);
  }
  return missing;
}

}  // namespace leat::run
