#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace leat::io {

/// What a listing or Stat says about one file. `modified` in microseconds UTC; `identity` is the inode (0 where the
/// store has none).
struct FileInfo {
  std::string uri;
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t identity = 0;
};

/// Files by URI ("file:///x/y", "/x/y"; "s3://bucket/key" when that store is built in). Blocking, thread-safe.
/// Errors: IO-2xx kNotFound (no such file), IO-3xx kEnvironment (disk full, read-only, no rights: the message says
/// which), kExists from WriteNew.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::string> Read(const std::string& uri) = 0;
  /// Bytes [offset, offset + length); fewer at the end of the file.
  virtual Result<std::string> ReadRange(const std::string& uri, int64_t offset, int64_t length) = 0;
  /// Creates a file that must not exist yet, parents included, and makes it durable (file and folder synced) before
  /// it returns. A failed write leaves no file.
  virtual Status WriteNew(const std::string& uri, std::string_view bytes) = 0;
  virtual Result<FileInfo> Stat(const std::string& uri) = 0;
  /// All files below a folder, recursively, sorted by URI. A missing folder is an empty list.
  virtual Result<std::vector<FileInfo>> List(const std::string& folder) = 0;
  /// Removing what is not there is success.
  virtual Status Remove(const std::string& uri) = 0;
  virtual Status RemoveFolder(const std::string& folder) = 0;
  virtual Status CreateFolder(const std::string& folder) = 0;
  /// Makes files that another writer (DuckDB) wrote durable.
  virtual Status Sync(const std::vector<std::string>& uris) = 0;
};

/// The local disk. `durable == false` leaves out fsync (benchmarks that measure without the device's flushes).
std::unique_ptr<FileSystem> MakeLocalFileSystem(bool durable = true);

/// "file:///x" and "file:/x" -> "/x"; other schemes unchanged. The one function that maps what DuckDB shows.
std::string LocalPath(std::string_view uri);
/// "/x" -> "file:///x"; with a scheme unchanged.
std::string FileUri(std::string_view path);
/// Joins with exactly one slash.
std::string JoinUri(std::string_view base, std::string_view child);

}  // namespace leat::io
