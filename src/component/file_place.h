#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.h"
#include "component/budget.h"
#include "component/file_listing.h"
#include "component/file_moves.h"
#include "config/field.h"

namespace leat::component {

/// Takes a piece of the files of a place; an error ends the listing.
using TakePlaced = std::function<Status(std::vector<InputFile>)>;

/// Where files lie that are not on this machine's disks: an object store, a server. Files are named by their address there
/// (InputFile::path and origin), and have `identity` from what the place calls their version. Thread-safe.
class FilePlace {
 public:
  virtual ~FilePlace() = default;
  /// That it is there and may be looked at: for `doctor`, before anything is read.
  virtual Status Check() = 0;
  /// The files that a pattern of addresses (* ? [ ] within the parts of the path) may mean, in pieces, those of one folder in
  /// the order of their names; others beside them too. SRC-202: there is no such folder, where the place has folders.
  virtual Status EachFile(const std::string& pattern, const TakePlaced& take) = 0;
  /// Those of these addresses that are there, in pieces.
  virtual Status EachOf(const std::vector<std::string>& addresses, const TakePlaced& take);
  /// Names of files in the folder of an address that ends in a slash, some at least: what a wrong name is held against.
  virtual Result<std::vector<std::string>> NamesIn(const std::string& folder);
  /// Where a pattern begins to be one; npos: it is an address.
  virtual size_t FirstWildcard(const std::string& pattern) const { return pattern.find_first_of("*?["); }
  /// Whether a folder's files are known only where its server shows a page of them.
  virtual bool has_index_pages() const { return false; }
  /// The file at an address as it is now; nullopt: none is there.
  virtual Result<std::optional<InputFile>> Look(const std::string& address) = 0;
  /// Gives the content to `take`, in pieces and in order. SRC-205 when it is no longer the file that was listed.
  virtual Status Read(const InputFile& file, const std::function<Status(std::string_view)>& take) = 0;
  /// How files get other names here: at most one of these two is not null; both are where files are not ours to move.
  virtual FileRenamer* renamer() { return nullptr; }
  virtual FileCopier* copier() { return nullptr; }
};

/// True for an address ("s3://bucket/key", "sftp://host/folder/file", "https://host/folder/file") and false for a path of this machine.
bool IsPlaced(std::string_view path);
/// Whether files can be moved from one to the other without coming here: both are folders of this machine, prefixes of an
/// object store, or folders of one SFTP server.
bool SamePlace(const std::string& path, const std::string& other);
/// The file at a path of `place` (null: this machine) as it is now, known as `origin`; nullopt: none is there.
Result<std::optional<InputFile>> LookAtFile(FilePlace* place, const std::string& path, const std::string& origin);

/// The place that the `path` of a connection names; null: this machine. `budget` (null: none) is that of the connection.
/// IO-501, IO-406, IO-419 kConfig: an address that cannot be read, half a pair of keys; SRC-380, SRC-384, SRC-252 kConfig:
/// `sftp:`, `http:`.
Result<std::unique_ptr<FilePlace>> OpenFilePlace(const config::Values& connection, const std::string& project_root,
                                                 Budget* budget, CancelToken* cancel);

/// SRC-205: a file of a place is no longer what was listed; `size_now` < 0: not known.
Error PlacedFileChanged(const InputFile& file, int64_t size_now);

/// What a place calls a version (a tag of any form) as the number that InputFile::identity has room for; 0: "".
uint64_t VersionNumber(const std::string& tag);

/// Its content hash (io::HashBytes), read to its end.
Result<std::string> HashPlacedFile(FilePlace& place, const InputFile& file);

/// All of a small file; nullopt where it is not there.
Result<std::optional<std::string>> ReadPlacedFile(FilePlace& place, const std::string& address);

/// Copies of files in `folder`, several at once: `path` is the copy's, everything else stays; a copy has the file's time. Files
/// of this machine stay as they are. SRC-204 when the disk does not take them. Nothing half-written stays.
Result<std::vector<InputFile>> FetchFiles(FilePlace& place, std::vector<InputFile> files, const std::string& folder,
                                          CancelToken* cancel);

/// EachInputFile (file_listing.h) of patterns in a place.
Status EachPlacedFile(FilePlace& place, const FilePatterns& patterns, const std::string& shown_table,
                      const TakeFiles& take);

}  // namespace leat::component
