#include "component/file_place.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "base/ids.h"
#include "base/thread_pool.h"
#include "component/object_place.h"
#include "component/object_store_fields.h"
#include "component/pattern_listing.h"
#include "component/sftp_fields.h"
#include "component/sftp_place.h"
#include "io/content_hasher.h"
#include "io/s3/s3_file_system.h"
#include "io/sftp/address.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFetchedAtOnce = 4;
constexpr size_t kNamesForHints = 1000;

std::string NameOf(const std::string& address) { return address.substr(address.rfind('/') + 1); }

Error DiskRefuses(const std::string& path) {
  return MakeError("SRC-204", ErrorKind::kEnvironment, "cannot write {}: {}", path, std::strerror(errno))
      .WithHint("make room there, or grant access to the folder .leat of the project");
}

/// A file that comes: removed unless it is kept.
class ArrivingFile {
 public:
  explicit ArrivingFile(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wbxe")) {}
  ~ArrivingFile() {
    if (file_ != nullptr) std::fclose(file_);
    if (!kept_) unlink(path_.c_str());
  }
  ArrivingFile(const ArrivingFile&) = delete;
  ArrivingFile& operator=(const ArrivingFile&) = delete;

  Status Write(std::string_view bytes) {
    if (file_ == nullptr || std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size())
      return DiskRefuses(path_);
    return Ok();
  }

  /// With the time that the file has where it came from.
  Status Keep(int64_t modified_ns) {
    if (file_ == nullptr || std::fflush(file_) != 0) return DiskRefuses(path_);
    const timespec time{modified_ns / 1'000'000'000, modified_ns % 1'000'000'000};
    const timespec times[2] = {time, time};
    if (futimens(fileno(file_), times) != 0) return DiskRefuses(path_);
    kept_ = true;
    return Ok();
  }

 private:
  const std::string path_;
  std::FILE* file_;
  bool kept_ = false;
};

/// Files of a place that the patterns of one table take.
class PlacedListing : public PatternListing {
 public:
  PlacedListing(FilePlace& place, const FilePatterns& patterns, const std::string& shown_table, const TakeFiles& take)
      : PatternListing(patterns, "", shown_table, take), place_(place), leave_out_(patterns.leave_out) {
    if (!leave_out_.empty() && !leave_out_.ends_with('/')) leave_out_ += "/";
  }

  Status Run() {
    LEAT_TRY(ReadPatterns());
    for (const DatePattern& pattern : dated_.patterns()) LEAT_TRY(Pattern(pattern.glob()));
    if (!policy_.done_file.empty()) LEAT_TRY(LookForMarkers());
    return Flush();
  }

 private:
  Status Pattern(const std::string& glob) {
    bool found = false;
    LEAT_TRY(place_.EachFile(glob, [&](std::vector<InputFile> files) -> Status {
      for (InputFile& file : files) {
        const std::string name = NameOf(file.origin);
        if (!policy_.done_file.empty()) names_.insert(file.origin);
        if (name.empty() || fnmatch(glob.c_str(), file.origin.c_str(), FNM_PATHNAME | FNM_PERIOD) != 0) continue;
        if (!leave_out_.empty() && file.origin.starts_with(leave_out_)) continue;
        found = true;
        if (HasWildcard(glob) && Ignored(name.c_str())) continue;
        // A file may match two of the patterns.
        if (dated_.patterns().size() > 1 && !seen_.insert(file.origin).second) continue;
        std::string waiting = Waiting(file.origin, file.modified_ns / 1000);
        piece_.push_back({std::move(file), std::move(waiting)});
        // Markers stand behind what they speak of.
        if (policy_.done_file.empty() && piece_.size() >= kListedAtOnce) LEAT_TRY(Flush());
      }
      return Ok();
    }));
    return found || HasWildcard(glob) ? Ok() : Status(Missing(glob));
  }

  Status LookForMarkers() {
    std::map<std::string, bool> asked;  // those outside of what was listed
    for (ListedFile& listed : piece_) {
      const std::string marker = MarkerPath(policy_.done_file, listed.file.origin);
      if (names_.contains(marker)) continue;
      const auto [known, first] = asked.emplace(marker, false);
      if (first) {
        LEAT_ASSIGN(const std::optional<InputFile> lies_there, place_.Look(marker));
        known->second = lies_there.has_value();
      }
      if (!known->second) listed.waiting = "waits for " + marker;
    }
    return Ok();
  }

  Error Missing(const std::string& address) const {
    std::vector<std::string> names;
    const std::string folder = address.substr(0, address.rfind('/') + 1);
    const Status listed = place_.EachFile(folder + "*", [&](const std::vector<InputFile>& files) -> Status {
      for (const InputFile& file : files) names.push_back(NameOf(file.origin));
      if (names.size() >= kNamesForHints) return MakeError("SRC-201", ErrorKind::kNotFound, "enough names");
      return Ok();
    });
    Error missing = NoFile(address, names);
    if (listed.ok() && names.empty())
      return std::move(missing).WithHint("there is nothing at " + folder + ": look at `path:` of the connection");
    return missing;
  }

  FilePlace& place_;
  std::string leave_out_;
  std::set<std::string> seen_;
  std::set<std::string> names_;  ///< of everything listed, where files wait for markers
};

Result<std::string> FetchOne(FilePlace& place, const InputFile& file, const std::string& folder) {
  // Names of a place are no paths of ours: only the ending is kept, by which files are unpacked.
  const std::string name = NameOf(file.origin);
  const size_t ending = name.find('.');
  std::string path = folder + "/" + NewUuidV4() + (ending == std::string::npos ? "" : name.substr(ending));
  ArrivingFile arriving(path);
  LEAT_TRY(place.Read(file, [&arriving](std::string_view bytes) { return arriving.Write(bytes); }));
  LEAT_TRY(arriving.Keep(file.modified_ns));
  return path;
}

}  // namespace

bool IsPlaced(std::string_view path) { return io::IsS3(path) || io::sftp::IsSftp(path); }

bool SamePlace(const std::string& path, const std::string& other) {
  if (io::sftp::IsSftp(path) && io::sftp::IsSftp(other))
    return io::sftp::ServerPart(path) == io::sftp::ServerPart(other);
  return io::IsS3(path) == io::IsS3(other) && io::sftp::IsSftp(path) == io::sftp::IsSftp(other);
}

Result<std::optional<InputFile>> LookAtFile(FilePlace* place, const std::string& path, const std::string& origin) {
  std::optional<InputFile> found;
  if (place != nullptr) {
    LEAT_ASSIGN(found, place->Look(path));
    if (found) found->origin = origin;
    return found;
  }
  LEAT_ASSIGN(std::vector<InputFile> here, DescribeFile(path, origin));
  if (!here.empty()) found = std::move(here.front());
  return found;
}

Result<std::unique_ptr<FilePlace>> OpenFilePlace(const config::Values& connection, const std::string& project_root,
                                                 Budget* budget, CancelToken* cancel) {
  const std::string path = connection.Text("path");
  if (!IsPlaced(path)) return std::unique_ptr<FilePlace>();
  if (io::sftp::IsSftp(path)) {
    LEAT_ASSIGN(io::sftp::Settings settings, ReadSftp(connection, project_root));
    return OpenSftpPlace(path, std::move(settings), budget, cancel);
  }
  const config::Values* storage = connection.Has("storage") ? connection.Object("storage") : nullptr;
  return OpenObjectPlace(path, storage == nullptr ? io::s3::StorageSettings() : ReadObjectStore(*storage, project_root),
                         budget, cancel);
}

Error PlacedFileChanged(const InputFile& file, int64_t size_now) {
  return MakeError("SRC-205", ErrorKind::kConflict,
                   "{} was replaced while it was read: it had {} bytes when it was listed{}", file.origin,
                   file.size_bytes,
                   size_now < 0 || size_now == file.size_bytes ? "" : fmt::format(" and has {} now", size_now))
      .WithHint("run again; let its writer put it in one piece, or set `settle:` or `done_file:`")
      .WithRetry(Retry::kSafe);
}

Result<std::string> HashPlacedFile(FilePlace& place, const InputFile& file) {
  io::ContentHasher hasher;
  LEAT_TRY(place.Read(file, [&hasher](std::string_view bytes) -> Status {
    hasher.Add(bytes);
    return Ok();
  }));
  return hasher.Hash();
}

Result<std::optional<std::string>> ReadPlacedFile(FilePlace& place, const std::string& address) {
  LEAT_ASSIGN(const std::optional<InputFile> found, place.Look(address));
  if (!found.has_value()) return std::optional<std::string>();
  std::string text;
  LEAT_TRY(place.Read(*found, [&text](std::string_view bytes) -> Status {
    text += bytes;
    return Ok();
  }));
  return std::optional<std::string>(std::move(text));
}

Result<std::vector<InputFile>> FetchFiles(FilePlace& place, std::vector<InputFile> files, const std::string& folder,
                                          CancelToken* cancel) {
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (failure) {
    errno = failure.value();
    return DiskRefuses(folder);
  }
  std::mutex mutex;
  std::optional<Error> failed;
  {
    ThreadPool pool(std::min(std::max<size_t>(files.size(), 1), kFetchedAtOnce));
    for (InputFile& file : files) {
      if (!IsPlaced(file.path)) continue;
      pool.Submit([&, one = &file] {
        {
          const std::lock_guard lock(mutex);
          if (failed) return;
        }
        const Status go_on = cancel == nullptr ? Ok() : cancel->Check();
        Result<std::string> path = go_on.ok() ? FetchOne(place, *one, folder) : Result<std::string>(go_on.error());
        const std::lock_guard lock(mutex);
        if (path.ok()) one->path = std::move(path).value();
        else if (!failed) failed = std::move(path).error();
      });
    }
  }
  if (failed) return std::move(*failed);
  return files;
}

Status EachPlacedFile(FilePlace& place, const FilePatterns& patterns, const std::string& shown_table,
                      const TakeFiles& take) {
  return PlacedListing(place, patterns, shown_table, take).Run();
}

}  // namespace leat::component
