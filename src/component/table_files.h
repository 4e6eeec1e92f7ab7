#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "component/source.h"
#include "component/table_list.h"
#include "io/file_system.h"
#include "io/s3/options.h"

namespace leat::component {

/// Where the files of somebody else's table may lie, and how its object store is reached.
struct TableFilesOptions {
  std::string what;                  ///< begins messages: "table orders"
  std::vector<std::string> folders;  ///< local: absolute; files outside are refused
  io::s3::StorageSettings storage;
};

/// The files of a table in another lake, to read only: local ones below the folders of the connection, objects of any bucket of
/// the store. What is read counts for the connection's budget. Thread-safe. Errors: SRC-400 kPermission for a local file that the
/// connection does not name, SRC-401 kUnsupported for another kind of store, and those of io.
class TableFiles : public io::FileSystem {
 public:
  TableFiles(TableFilesOptions options, const SourceContext& context);

  Result<std::string> Read(const std::string& uri) override;
  Result<std::string> ReadRange(const std::string& uri, int64_t offset, int64_t length) override;
  Result<io::FileInfo> Stat(const std::string& uri) override;
  Result<std::vector<io::FileInfo>> List(const std::string& folder) override;
  Status WriteNew(const std::string& uri, std::string_view bytes) override;
  Status Remove(const std::string& uri) override;
  Status RemoveFolder(const std::string& folder) override;
  Status CreateFolder(const std::string& folder) override;
  Status Sync(const std::vector<std::string>& uris) override;

  /// From now on `uri` is a file with these bytes.
  void Put(const std::string& uri, std::string bytes);
  /// True for what the engine can read where it lies. Errors as above.
  Result<bool> LiesHere(const std::string& uri);
  /// Path of a copy in the spool folder; `size_bytes` as the table says it, SRC-402 kData when it has another size.
  Result<std::string> Fetch(const std::string& uri, int64_t size_bytes);

 private:
  /// As its store knows it: an absolute path, or s3://bucket/key.
  Result<std::string> Place(const std::string& uri) const;
  Result<io::FileSystem*> StoreOf(const std::string& place);
  Status Turn() const;
  Status Came(size_t bytes) const;
  Status ReadOnly(const std::string& uri) const;

  const TableFilesOptions options_;
  const SourceContext context_;
  const std::unique_ptr<io::FileSystem> local_;
  std::mutex mutex_;
  std::unique_ptr<io::FileSystem> store_;  ///< null: not needed yet
  std::map<std::string, std::string> put_;
};

/// The folders below `root` that are tables: those that hold `inner`/<a file whose name `tells` takes>, relative to `root`. SRC-202
/// kNotFound: there is no such folder on this machine.
Result<std::set<std::string>> FindTableFolders(TableFiles& files, const std::string& root, const std::string& inner,
                                               const std::function<bool(std::string_view)>& tells);

/// These folders as tables of a list; `describe` fills one in, its error says why it cannot be read. A cancelled one ends the list.
Result<std::vector<ListedTable>> ListTableFolders(
    const std::set<std::string>& folders,
    const std::function<Status(const std::string& folder, ListedTable& table)>& describe);

}  // namespace leat::component
