#include "components/source/delta/table_log.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "base/clock.h"
#include "component/sql_text.h"

namespace leat::components::delta {
namespace {

constexpr size_t kVersionDigits = 20;
constexpr int64_t kNsPerUs = 1'000;
constexpr int64_t kUsPerMs = 1'000;
constexpr const char* kLog = "_delta_log";

std::string KeyOf(const std::string& path, const std::optional<DeletionVector>& vector) {
  return path + "\n" + (vector ? fmt::format("{}{}@{}", vector->storage, vector->place, vector->offset) : "");
}

/// All of `text` as a number from 0 on; -1 when it is none.
int64_t WholeNumber(std::string_view text) {
  int64_t number = -1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size()) return -1;
  return std::max<int64_t>(number, -1);
}

std::vector<std::string> SplitAtDots(std::string_view name) {
  std::vector<std::string> parts(1);
  for (const char c : name) {
    if (c == '.') parts.emplace_back();
    else parts.back() += c;
  }
  return parts;
}

std::string NameOf(const std::string& uri) { return uri.substr(uri.rfind('/') + 1); }

}  // namespace

void Apply(Action action, int64_t version, TableSnapshot& snapshot) {
  if (action.add) {
    const std::string key = KeyOf(action.add->path, action.add->deleted);
    snapshot.files.erase(key);
    snapshot.files.try_emplace(key, std::move(*action.add), version);
  }
  if (action.remove) snapshot.files.erase(KeyOf(action.remove->path, action.remove->deleted));
  if (action.definition) snapshot.definition = std::move(*action.definition);
  if (action.protocol) snapshot.protocol = std::move(*action.protocol);
}

Result<TableLog> TableLog::Open(component::TableFiles& files, const component::SourceContext& context,
                                std::string table, std::string what) {
  TableLog log(files, context, std::move(table), std::move(what));
  LEAT_ASSIGN(const std::vector<io::FileInfo> all, files.List(io::JoinUri(log.table_, kLog)));
  log.Sort(all);
  if (!log.commits_.empty() || !log.checkpoints_.empty()) return log;
  return MakeError("SRC-420", ErrorKind::kNotFound, "{}: there is no Delta table in {}", log.what_, log.table_)
      .WithHint("`path` of the connection and `table` of the entry together are the folder that holds _delta_log");
}

void TableLog::Sort(const std::vector<io::FileInfo>& all) {
  // A checkpoint with the same parts may have been written twice, under different names.
  std::map<std::pair<int64_t, std::string>, Checkpoint> found;
  for (const io::FileInfo& file : all) {
    const size_t log = file.uri.rfind(std::string(kLog) + "/");
    const std::string name = NameOf(file.uri);
    if (log == std::string::npos || log + std::string_view(kLog).size() + 1 + name.size() != file.uri.size()) continue;
    const std::vector<std::string> parts = SplitAtDots(name);
    const int64_t version = WholeNumber(parts[0]);
    if (parts[0].size() != kVersionDigits || version < 0) continue;
    if (parts.size() == 2 && parts[1] == "json") {
      commits_[version] = file;
      newest_ = std::max(newest_, version);
    } else if (parts.size() >= 3 && parts[1] == "checkpoint") {
      const int64_t of = parts.size() == 5 && WholeNumber(parts[2]) > 0 ? WholeNumber(parts[3]) : -1;
      const std::string kind = of > 0 ? parts[3] : name;
      Checkpoint& checkpoint = found[{version, kind}];
      checkpoint.parts = of > 0 ? static_cast<size_t>(of) : 1;
      checkpoint.files.push_back(file);
    }
  }
  for (auto& [key, checkpoint] : found) {
    if (!checkpoint.whole()) continue;
    checkpoints_[key.first] = std::move(checkpoint);
    newest_ = std::max(newest_, key.first);
  }
}

Error TableLog::Missing(int64_t version, const std::string& why) const {
  return MakeError("SRC-421", ErrorKind::kData, "{}: version {} of the table cannot be put together: {}", what_,
                   version, why)
      .WithHint("restore the files of _delta_log, or read a version that a checkpoint has");
}

Result<std::vector<Action>> TableLog::ReadLines(const std::string& uri) {
  auto text = files_->Read(uri);
  if (!text.ok()) return std::move(text).error().In(what_);
  std::vector<Action> actions;
  int64_t line = 0;
  for (size_t at = 0; at < text->size();) {
    const size_t end = std::min(text->find('\n', at), text->size());
    const std::string_view one = std::string_view(*text).substr(at, end - at);
    ++line;
    at = end + 1;
    if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto action = ParseAction(one, fmt::format("{}:{}", NameOf(uri), line));
    if (!action.ok()) return std::move(action).error().In(what_);
    actions.push_back(std::move(*action));
  }
  return actions;
}

Result<std::vector<Action>> TableLog::ReadCommit(int64_t version) {
  const auto commit = commits_.find(version);
  if (commit == commits_.end()) return Missing(version, fmt::format("the commit {:020}.json is not there", version));
  return ReadLines(commit->second.uri);
}

Result<std::vector<Action>> TableLog::ReadParquet(const std::string& uri, int64_t size_bytes) {
  LEAT_ASSIGN(const bool here, files_->LiesHere(uri));
  std::string path = io::LocalPath(uri);
  if (!here) {
    LEAT_ASSIGN(path, files_->Fetch(uri, size_bytes));
  }
  const std::string from = " FROM read_parquet([" + component::SqlLiteral(path) + "], hive_partitioning = false)";
  const auto failed = [&](const Error& error) {
    return MakeError("SRC-422", ErrorKind::kData, "{}: {} cannot be read: {}", what_, NameOf(uri), error.message())
        .WithHint("the table's log is damaged: restore the file");
  };
  auto columns = context_->query("DESCRIBE SELECT *" + from);
  if (!columns.ok()) return failed(columns.error());
  std::vector<Action> actions;
  // Each column is one kind of action; in a row all but one are NULL.
  const std::pair<const char*, const char*> kinds[] = {
      {"add", "path"}, {"remove", "path"}, {"metaData", "id"}, {"protocol", "minReaderVersion"}, {"sidecar", "path"}};
  for (const auto& [kind, member] : kinds) {
    const bool there =
        std::any_of(columns->begin(), columns->end(), [kind = kind](const auto& row) { return row[0] == kind; });
    if (!there) continue;
    const std::string name = component::SqlName(kind);
    auto rows = context_->query(fmt::format("SELECT to_json(struct_pack({0} := {0})){1} WHERE {0}.{2} IS NOT NULL",
                                            name, from, component::SqlName(member)));
    if (!rows.ok()) return failed(rows.error());
    for (const auto& row : *rows) {
      auto action = ParseAction(row[0], NameOf(uri));
      if (!action.ok()) return std::move(action).error().In(what_);
      actions.push_back(std::move(*action));
    }
  }
  std::error_code ignored;
  if (!here) std::filesystem::remove(path, ignored);
  return actions;
}

Result<std::vector<Action>> TableLog::ReadCheckpoint(const Checkpoint& checkpoint) {
  std::vector<Action> actions;
  const auto take = [&](Result<std::vector<Action>> read) -> Status {
    if (!read.ok()) return std::move(read).error();
    std::move(read->begin(), read->end(), std::back_inserter(actions));
    return Ok();
  };
  for (const io::FileInfo& file : checkpoint.files) {
    LEAT_TRY(take(file.uri.ends_with(".json") ? ReadLines(file.uri) : ReadParquet(file.uri, file.size_bytes)));
  }
  std::set<std::string> sidecars;
  for (const Action& action : actions) {
    if (action.sidecar) sidecars.insert(*action.sidecar);
  }
  for (const std::string& one : sidecars) {
    const bool address = one.find("://") != std::string::npos || one.starts_with("/");
    const std::string uri = address ? one : io::JoinUri(io::JoinUri(table_, std::string(kLog) + "/_sidecars"), one);
    auto info = files_->Stat(uri);
    if (!info.ok()) return std::move(info).error().In(what_);
    LEAT_TRY(take(ReadParquet(uri, info->size_bytes)));
  }
  return actions;
}

Result<TableSnapshot> TableLog::Read(int64_t version) {
  if (version < 0 || version > newest()) {
    return MakeError("SRC-425", ErrorKind::kData, "{}: there is no version {} of the table", what_, version)
        .WithHint(fmt::format("its newest version is {}", newest()));
  }
  TableSnapshot snapshot;
  snapshot.version = version;
  int64_t next = 0;
  auto checkpoint = checkpoints_.upper_bound(version);
  if (checkpoint != checkpoints_.begin()) {
    --checkpoint;
    LEAT_ASSIGN(std::vector<Action> actions, ReadCheckpoint(checkpoint->second));
    for (Action& action : actions) {
      if (!action.remove) Apply(std::move(action), kBefore, snapshot);  // what was removed before
    }
    next = checkpoint->first + 1;
  } else if (!commits_.contains(0)) {
    return Missing(version, commits_.empty()
                                ? "the log begins later"
                                : fmt::format("the log begins with version {}, and no checkpoint is whole before it",
                                              commits_.begin()->first));
  }
  for (; next <= version; ++next) {
    if (context_->cancel != nullptr) LEAT_TRY(context_->cancel->Check());
    LEAT_ASSIGN(std::vector<Action> actions, ReadCommit(next));
    // Of one commit the order says nothing: what goes, goes first.
    for (Action& action : actions) {
      if (action.remove) Apply(action, next, snapshot);
    }
    for (Action& action : actions) {
      if (!action.remove) Apply(std::move(action), next, snapshot);
    }
  }
  if (!snapshot.definition.id.empty()) return snapshot;
  return Missing(version, "no part of its log says which columns it has");
}

Result<int64_t> TableLog::VersionAt(int64_t time, const std::string& asked) {
  int64_t found = -1;
  int64_t before = INT64_MIN;
  for (const auto& commit : commits_) {
    LEAT_ASSIGN(const std::vector<Action> actions, ReadCommit(commit.first));
    int64_t at = commit.second.modified_ns / kNsPerUs;
    for (const Action& action : actions) {
      if (action.commit_time_ms) at = *action.commit_time_ms * kUsPerMs;
    }
    at = std::max(at, before);  // clocks that went back reorder nothing
    before = at;
    if (at > time) break;
    found = commit.first;
  }
  if (found >= 0) return found;
  return MakeError("SRC-425", ErrorKind::kData, "{}: the log does not reach back to {}", what_, asked)
      .WithHint(commits_.empty() ? "it has checkpoints only: give a `version`"
                                 : fmt::format("its oldest commit is version {}", commits_.begin()->first));
}

Result<Changes> TableLog::Between(int64_t after, int64_t last) {
  Changes changes;
  for (int64_t version = after + 1; version <= last; ++version) {
    if (!commits_.contains(version)) {
      changes.missing = fmt::format("the commit of version {} is no longer kept", version);
      return changes;
    }
    LEAT_ASSIGN(std::vector<Action> actions, ReadCommit(version));
    for (Action& action : actions) {
      if (action.remove && action.remove->data_change && changes.rewrite.empty())
        changes.rewrite = fmt::format("version {} takes rows away", version);
      // Also a file that is there again with another deletion vector: RESTORE may have brought rows back.
      if (action.add && action.add->data_change) changes.added.push_back(std::move(*action.add));
    }
  }
  return changes;
}

}  // namespace leat::components::delta
