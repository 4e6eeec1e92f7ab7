#pragma once

#include <map>
#include <string>
#include <vector>

#include "component/table_files.h"
#include "components/source/delta/action.h"

namespace leat::components::delta {

constexpr int64_t kBefore = -1;  ///< for a version: before the checkpoint that was read

/// A live file, and the commit that put it there.
struct LiveFile {
  LiveFile(AddedFile added, int64_t version) : file(std::move(added)), added_in(version) {}

  AddedFile file;
  int64_t added_in;  ///< or kBefore
};

/// The table at one version (protocol, "Action Reconciliation").
struct TableSnapshot {
  int64_t version = 0;
  TableDefinition definition;
  Protocol protocol;
  std::map<std::string, LiveFile> files;  ///< by path and deletion vector
};

/// What commits changed, one after the other.
struct Changes {
  std::vector<AddedFile> added;  ///< with new rows
  std::string rewrite;           ///< the first change that took rows away: "version 7 removes rows"; "" none
  std::string missing;           ///< a commit that is no longer kept; "" none
};

/// The log of a Delta table. Paths of files in it are relative to `table`, a folder or s3:// prefix. One thread. Errors, which begin with
/// `what`: SRC-420 no table there, SRC-421 a part of the log is missing, SRC-422 a part is damaged, SRC-425 no such version.
class TableLog {
 public:
  static Result<TableLog> Open(component::TableFiles& files, const component::SourceContext& context, std::string table,
                               std::string what);

  int64_t newest() const { return newest_; }
  /// The version that was current at a time (microseconds UTC): by the commits' own times, else by those of their files.
  Result<int64_t> VersionAt(int64_t time, const std::string& asked);
  /// `version` as a user gave it. SRC-425 when the log does not reach it.
  Result<TableSnapshot> Read(int64_t version);
  /// Commits behind `after` up to `last`.
  Result<Changes> Between(int64_t after, int64_t last);

 private:
  struct Checkpoint {
    std::vector<io::FileInfo> files;
    size_t parts = 1;
    bool whole() const { return files.size() == parts; }
  };

  TableLog(component::TableFiles& files, const component::SourceContext& context, std::string table, std::string what)
      : files_(&files), context_(&context), table_(std::move(table)), what_(std::move(what)) {}
  void Sort(const std::vector<io::FileInfo>& all);
  Result<std::vector<Action>> ReadCommit(int64_t version);
  Result<std::vector<Action>> ReadLines(const std::string& uri);
  Result<std::vector<Action>> ReadParquet(const std::string& uri, int64_t size_bytes);
  Result<std::vector<Action>> ReadCheckpoint(const Checkpoint& checkpoint);
  Error Missing(int64_t version, const std::string& why) const;

  component::TableFiles* files_;
  const component::SourceContext* context_;
  std::string table_, what_;
  std::map<int64_t, io::FileInfo> commits_;
  std::map<int64_t, Checkpoint> checkpoints_;  ///< whole ones
  int64_t newest_ = -1;
};

/// Applies one action to a snapshot.
void Apply(Action action, int64_t version, TableSnapshot& snapshot);

}  // namespace leat::components::delta
