#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "component/file_policy.h"
#include "component/source.h"

namespace leat::component {

/// Where the files of one table come from: a folder (absolute) and patterns below it (absolute ones are taken as they are).
struct FilePatterns {
  std::string folder;
  std::vector<std::string> patterns;
  FilePolicy policy = {};
  TimeMicros now = 0;       ///< for `settle`
  std::string leave_out{};  ///< a folder (absolute) of which nothing is taken, "" none
  /// Where a server shows no list of files, those of patterns with dates are asked for by name: of the periods from `since` (begin
  /// of the first, civil time) to `civil_now`.
  std::optional<TimeMicros> since = std::nullopt;
  TimeMicros civil_now = 0;
};

/// A pattern of a table as a whole path, and a path as users know it: relative to the project where it lies below it.
std::string PatternPath(const std::string& folder, const std::string& pattern);
std::string OriginOf(const std::string& path, const std::string& project_root);

/// A file that matches, and what its name and its folder say of it.
struct ListedFile {
  InputFile file;
  std::string waiting = {};  ///< why it is not to be read yet ("was written to just now"); "" is ready
};

/// Takes a piece of a listing; an error ends it.
using TakeFiles = std::function<Status(std::vector<ListedFile>)>;

/// What sources are whose folder may hold millions of files: their listing comes in pieces.
class FileLister {
 public:
  virtual ~FileLister() = default;
  /// The files that match now, in any order, each once.
  virtual Status EachFile(const TakeFiles& take) = 0;
};

class FilePlace;

/// How the content of files is got at. This class: of files on this machine's disks. Sources whose files may lie elsewhere
/// (file_place.h) are one of their own.
class FileFetcher {
 public:
  virtual ~FileFetcher() = default;
  /// The files with the paths of copies on this machine; files of this machine as they are.
  virtual Result<std::vector<InputFile>> Fetch(const std::vector<InputFile>& files) { return files; }
  /// Content hash of a file wherever it lies. IO errors name the file.
  virtual Result<std::string> HashContent(const InputFile& file);
  /// Where files lie that are not on this machine's disks; null: they are.
  virtual Result<FilePlace*> Place() { return nullptr; }
  /// All of a small file (a manifest) by its path or address; nullopt where it is not there.
  virtual Result<std::optional<std::string>> ReadWhole(const std::string& path);
};

/// Most files of one piece of a listing.
inline constexpr size_t kListedAtOnce = 4096;

/// Gives the files that match now to `take`, each once, in pieces, those of one folder in the order of their names. Of a
/// folder only the names are kept, so a listing of millions of files needs little memory. A file that goes away meanwhile is
/// left out. A pattern without wildcards must exist: SRC-201 kNotFound, with the nearest names in its folder. A folder that
/// does not exist: SRC-202. A wildcard that matches nothing is no error; it takes no name that the policy ignores, and no
/// marker. Patterns may hold dates between braces (date_pattern.h; SRC-206). A file that is not complete yet by the policy,
/// or whose name is no day of the calendar, says so in `waiting`. What `take` says ends the listing. `origin` is the path
/// relative to `project_root` where it lies below it.
Status EachInputFile(const FilePatterns& patterns, const std::string& project_root, const std::string& shown_table,
                     const TakeFiles& take);

/// Those of a listing that are ready, sorted by origin.
Result<std::vector<InputFile>> ReadyFiles(const std::function<Status(const TakeFiles&)>& each);
/// The ready ones of EachInputFile.
Result<std::vector<InputFile>> ListInputFiles(const FilePatterns& patterns, const std::string& project_root,
                                              const std::string& shown_table);

/// One file under the name that the user knows it by; empty when it is not there.
Result<std::vector<InputFile>> DescribeFile(const std::string& path, const std::string& origin);

/// Same size, time and identity: as far as a listing can tell nobody wrote to it.
inline bool SameState(const InputFile& one, const InputFile& other) {
  return one.size_bytes == other.size_bytes && one.modified_ns == other.modified_ns && one.identity == other.identity;
}

/// Whether the file is still as it was listed: SRC-205 kConflict when somebody wrote to it meanwhile, SRC-203 when it cannot be
/// looked at.
Status CheckUnchanged(const InputFile& file);

}  // namespace leat::component
