#pragma once

#include <memory>
#include <string>
#include <vector>

#include "run/arrival.h"

namespace leat::run {

/// A folder of this machine whose files a table reads.
struct WatchedFolder {
  std::string path;       ///< absolute
  int depth = 0;          ///< so many levels of folders in it too
  std::string leave_out;  ///< a folder in it that is of no interest, "" none
  std::string table;
};

/// What the patterns of a table of files name. SRC-206 kConfig.
Result<std::vector<WatchedFolder>> FoldersOf(const project::Project& project, const project::Asset& table);

/// Tells when a file that was being written is closed, or gets a name, in one of the folders (inotify), and of all tables when
/// the kernel lost some of that. A folder that is not there is looked for again at each Refresh; what the kernel cannot watch
/// (its limit is reached, a file system of another machine) is logged, where it says so, and left to the looks.
std::unique_ptr<ArrivalTeller> WatchFolders(std::vector<WatchedFolder> folders, TellArrived tell);

}  // namespace leat::run
