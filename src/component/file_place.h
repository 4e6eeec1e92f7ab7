#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "component/budget.h"
#include "component/file_listing.h"
#include "config/field.h"

namespace leat::component {

/// Where files lie that are not on this machine's disks: an object store. Files are named by their address there
/// (InputFile::path and origin), and have `identity` from what the place calls their version. Thread-safe.
class FilePlace {
 public:
  virtual ~FilePlace() = default;
  /// That it is there and may be looked at: for `doctor`, before anything is read.
  virtual Status Check() = 0;
  /// The files whose address begins with `prefix`, by name, in pieces.
  virtual Status EachFile(const std::string& prefix, const std::function<Status(std::vector<InputFile>)>& take) = 0;
  virtual Result<bool> Exists(const std::string& address) = 0;
  /// Gives the content to `take`, in pieces and in order. SRC-205 when it is no longer the file that was listed.
  virtual Status Read(const InputFile& file, const std::function<Status(std::string_view)>& take) = 0;
};

/// True for an address ("s3://bucket/key") and false for a path of this machine.
bool IsPlaced(std::string_view path);

/// The place that the `path` of a connection names; null: this machine. `budget` (null: none) is that of the connection.
/// IO-501 kConfig: an address that cannot be read, half a pair of keys.
Result<std::unique_ptr<FilePlace>> OpenFilePlace(const config::Values& connection, const std::string& project_root,
                                                 Budget* budget, CancelToken* cancel);

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
