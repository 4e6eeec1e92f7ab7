#pragma once

#include <string>

#include "component/file_listing.h"

namespace leat::component {

/// What became of a file that was to get another name, or to go.
enum class Moved {
  kDone,
  kGone,     ///< it is not there
  kTaken,    ///< something else lies where it was to go
  kChanged,  ///< it is no longer what was listed
};

/// Where files get another name in one step, never that of something which lies there: a disk, an SFTP server. Of both kinds
/// of places errors of kPermission are of one file, others of the place at large; paths are those of InputFile::path.
class FileRenamer {
 public:
  virtual ~FileRenamer() = default;
  virtual Result<bool> Exists(const std::string& path) = 0;
  /// False where nothing is.
  virtual Result<bool> IsLink(const std::string& path) = 0;
  /// kDone, kGone, kTaken.
  virtual Result<Moved> Rename(const std::string& from, const std::string& to) = 0;
  /// The same into a folder that is made if need be, also on another disk.
  virtual Result<Moved> MoveFar(const std::string& from, const std::string& to) = 0;
  /// kDone, kGone.
  virtual Result<Moved> Remove(const std::string& path) = 0;
};

/// Where files are copied and removed instead: an object store.
class FileCopier {
 public:
  virtual ~FileCopier() = default;
  /// A copy at `to` of a file with its content hash, as it was listed: kDone once it is proved to be there, or was before;
  /// kGone, kTaken, kChanged.
  virtual Result<Moved> Copy(const InputFile& file, const std::string& to) = 0;
  /// Removes first `marker` ("": none), then the file, while that is what was listed: kDone, kGone, kChanged.
  virtual Result<Moved> RemoveListed(const InputFile& file, const std::string& marker) = 0;
};

}  // namespace leat::component
