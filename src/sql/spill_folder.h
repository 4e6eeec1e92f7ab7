#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace leat::sql {

/// The folder that one instance of the engine spills into. DuckDB names its temporary files by number only, so two instances
/// (of two processes, or of one) in the same folder overwrite each other's pages. Locked while in use; what dead processes
/// left below `parent` goes when the next folder is made there.
class SpillFolder {
 public:
  /// Makes <parent>/<hex> and locks it. SQL-102 kEnvironment when that fails.
  static Result<std::unique_ptr<SpillFolder>> Make(const std::string& parent);
  ~SpillFolder();
  SpillFolder(const SpillFolder&) = delete;
  SpillFolder& operator=(const SpillFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  SpillFolder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;  ///< open folder that holds the lock
};

}  // namespace leat::sql
