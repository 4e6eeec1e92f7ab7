#include "run/file_ledger.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/hash.h"
#include "lake/catalog_pointers.h"

namespace leat::run {
namespace {

constexpr size_t kAskedAtOnce = 500;
constexpr const char* kDoneColumns =
    "file_id, origin, size, mtime_ns, inode, content_hash, run_id, published_commit, revoked_commit, "
    "archived_as FROM loaded_file";

/// Asks for some values at a time: `ask` gets the parameters, `first` ones and then the values, and the places of the values
/// ("?3, ?4"). Of many values each question has the same text, which the store prepares once.
template <typename Value, typename Ask>
Status InPieces(const std::vector<Value>& values, const state::Params& first, const Ask& ask) {
  const size_t at_once = std::min(values.size(), kAskedAtOnce);
  for (size_t begin = 0; begin < values.size(); begin += at_once) {
    state::Params params = first;
    std::string places;
    for (size_t i = 0; i < at_once; ++i) {
      params.emplace_back(values[std::min(begin + i, values.size() - 1)]);
      places += fmt::format("{}?{}", i == 0 ? "" : ", ", params.size());
    }
    LEAT_TRY(ask(params, places));
  }
  return Ok();
}

}  // namespace

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

Result<bool> FileLedger::Reaches(std::optional<int64_t> commit) {
  if (!commit) return false;
  const auto known = reached_.find(*commit);
  if (known != reached_.end()) return known->second;
  LEAT_ASSIGN(const state::Rows rows, store_.Read("SELECT ref FROM commit_log WHERE id = ?1", {*commit}));
  const bool reached = !rows.empty() && std::any_of(reach_.begin(), reach_.end(), [&](const auto& layer) {
    return layer.first == rows.Text(0, 0) && *commit <= layer.second;
  });
  return reached_[*commit] = reached;
}

Result<bool> FileLedger::IsDone(std::optional<int64_t> published, std::optional<int64_t> revoked) {
  LEAT_ASSIGN(const bool there, Reaches(published));
  LEAT_ASSIGN(const bool taken_back, Reaches(revoked));
  return there && !taken_back;
}

Status FileLedger::AddDone(const state::Rows& rows, std::vector<DoneFile>& done) {
  for (size_t i = 0; i < rows.size(); ++i) {
    LEAT_ASSIGN(const bool is_done, IsDone(rows.OptInt(i, 7), rows.OptInt(i, 8)));
    if (!is_done) continue;
    done.push_back({rows.Text(i, 0), rows.Text(i, 1), rows.Int(i, 2), rows.Int(i, 3),
                    static_cast<uint64_t>(rows.Int(i, 4)), rows.Text(i, 5), rows.Text(i, 6), rows.Int(i, 7),
                    rows.OptText(i, 9).value_or("")});
  }
  return Ok();
}

Result<std::vector<DoneFile>> FileLedger::Find(const std::vector<std::string>& origins, const std::string& run_id) {
  std::vector<DoneFile> done;
  LEAT_TRY(
      InPieces(origins, {load_key_, run_id}, [&](const state::Params& params, const std::string& places) -> Status {
        LEAT_ASSIGN(
            const state::Rows rows,
            store_.Read(fmt::format("SELECT {} WHERE load_key = ?1 AND origin IN ({}) AND (?2 = '' OR run_id = ?2)",
                                    kDoneColumns, places),
                        params));
        return AddDone(rows, done);
      }));
  return done;
}

Result<std::vector<DoneFile>> FileLedger::FindContent(const std::vector<component::InputFile>& files) {
  std::map<int64_t, std::vector<std::string>> by_size;
  for (const component::InputFile& file : files) by_size[file.size_bytes].push_back(file.content_hash);
  std::vector<DoneFile> done;
  for (const auto& [size, hashes] : by_size) {
    LEAT_TRY(InPieces(hashes, {load_key_, size}, [&](const state::Params& params, const std::string& places) -> Status {
      LEAT_ASSIGN(const state::Rows rows,
                  store_.Read(fmt::format("SELECT {} WHERE load_key = ?1 AND size = ?2 AND content_hash IN ({}) AND "
                                          "duplicate_of IS NULL",
                                          kDoneColumns, places),
                              params));
      return AddDone(rows, done);
    }));
  }
  return done;
}

Result<std::set<int64_t>> FileLedger::FindSizes(const std::set<int64_t>& sizes) {
  std::set<int64_t> found;
  LEAT_TRY(InPieces(std::vector<int64_t>(sizes.begin(), sizes.end()), {load_key_},
                    [&](const state::Params& params, const std::string&) -> Status {
                      std::string values;
                      for (size_t i = 2; i <= params.size(); ++i)
                        values += fmt::format("{}(CAST(?{} AS BIGINT))", i == 2 ? "" : ", ", i);
                      LEAT_ASSIGN(const state::Rows rows,
                                  store_.Read(fmt::format("WITH asked(size) AS (VALUES {}) SELECT DISTINCT size FROM "
                                                          "asked WHERE EXISTS (SELECT 1 FROM loaded_file f WHERE "
                                                          "f.load_key = ?1 AND f.size = asked.size)",
                                                          values),
                                              params));
                      for (size_t i = 0; i < rows.size(); ++i) found.insert(rows.Int(i, 0));
                      return Ok();
                    }));
  return found;
}

Result<std::vector<DoneFile>> FileLedger::FilesOfPeriods(TimeMicros begin, TimeMicros end) {
  std::vector<DoneFile> done;
  LEAT_ASSIGN(const state::Rows rows,
              store_.Read(fmt::format("SELECT {} WHERE load_key = ?1 AND period >= ?2 AND period < ?3", kDoneColumns),
                          {load_key_, begin, end}));
  LEAT_TRY(AddDone(rows, done));
  return done;
}

Result<std::optional<TimeMicros>> FileLedger::FirstPeriod() { return Period("ASC"); }
Result<std::optional<TimeMicros>> FileLedger::LastPeriod() { return Period("DESC"); }

Result<std::optional<TimeMicros>> FileLedger::Period(const char* order) {
  // Rows that do not count for the view are few: those of other environments and of runs that were taken back.
  for (int64_t offset = 0;; ++offset) {
    LEAT_ASSIGN(
        const state::Rows rows,
        store_.Read(fmt::format("SELECT period, published_commit, revoked_commit FROM loaded_file WHERE load_key = "
                                "?1 AND period IS NOT NULL ORDER BY period {} LIMIT 1 OFFSET ?2",
                                order),
                    {load_key_, offset}));
    if (rows.empty()) return std::optional<TimeMicros>();
    LEAT_ASSIGN(const bool is_done, IsDone(rows.OptInt(0, 1), rows.OptInt(0, 2)));
    if (is_done) return std::optional<TimeMicros>(rows.Int(0, 0));
  }
}

Result<std::string> FileLedger::NewestRun() {
  std::string before = "zzzz";  // behind every id, in every collation
  while (true) {
    LEAT_ASSIGN(const state::Rows rows,
                store_.Read("SELECT run_id, published_commit, revoked_commit FROM loaded_file WHERE load_key = ?1 AND "
                            "run_id < ?2 ORDER BY run_id DESC LIMIT 1",
                            {load_key_, before}));
    if (rows.empty()) return std::string();
    LEAT_ASSIGN(const bool is_done, IsDone(rows.OptInt(0, 1), rows.OptInt(0, 2)));
    before = rows.Text(0, 0);
    if (is_done) return before;
  }
}

Result<int64_t> FileLedger::CountFilesOf(const std::string& run_id) {
  LEAT_ASSIGN(const state::Rows rows,
              store_.Read("SELECT count(DISTINCT origin) FROM loaded_file WHERE load_key = ?1 AND run_id = ?2",
                          {load_key_, run_id}));
  return rows.Int(0, 0);
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
