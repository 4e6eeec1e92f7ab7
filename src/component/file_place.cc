#include "component/file_place.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>

#include "base/ids.h"
#include "base/thread_pool.h"
#include "component/http_address.h"
#include "component/http_place.h"
#include "component/object_place.h"
#include "component/object_store_fields.h"
#include "component/pattern_listing.h"
#include "component/sftp_fields.h"
#include "component/sftp_place.h"
#include "io/content_hasher.h"
#include "io/hash.h"
#include "io/s3/s3_file_system.h"
#include "io/sftp/address.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFetchedAtOnce = 4;
constexpr size_t kNamesForHints = 1000;
constexpr size_t kMostPeriods = 10'000;

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
    for (const DatePattern& pattern : dated_.patterns()) {
      const bool by_name =
          place_.has_index_pages() && pattern.has_date() && place_.FirstWildcard(pattern.Fill(0)) == std::string::npos;
      LEAT_TRY(by_name && patterns_.since ? Periods(pattern, *patterns_.since) : Pattern(pattern.glob()));
    }
    if (!policy_.done_file.empty()) LEAT_TRY(LookForMarkers());
    return Flush();
  }

 private:
  Status Pattern(const std::string& glob) {
    bool found = false;
    const bool wild = place_.FirstWildcard(glob) != std::string::npos;
    LEAT_TRY(place_.EachFile(glob, [&](std::vector<InputFile> files) -> Status {
      std::erase_if(files, [&](const InputFile& file) {
        if (!policy_.done_file.empty()) names_.insert(file.origin);
        return wild ? fnmatch(glob.c_str(), file.origin.c_str(), FNM_PATHNAME | FNM_PERIOD) != 0 : file.origin != glob;
      });
      return Found(std::move(files), wild, found);
    }));
    return found || wild ? Ok() : Status(Missing(glob));
  }

  /// A file a period, at the address that its date makes; those of periods that are yet to come are not asked for.
  Status Periods(const DatePattern& pattern, TimeMicros since) {
    const bool years = pattern.smallest_field() == 0;
    const std::optional<PeriodKind> finest = years ? PeriodKind::kMonth : pattern.finest();
    if (!finest) return Pattern(pattern.glob());
    std::vector<std::string> addresses;
    for (TimeMicros at = PeriodBegin(since, *finest); at <= patterns_.civil_now; at = NextPeriod(at, *finest)) {
      std::string address = pattern.Fill(at);
      if (addresses.empty() || addresses.back() != address) addresses.push_back(std::move(address));
      if (addresses.size() <= kMostPeriods) continue;
      return MakeError("SRC-386", ErrorKind::kConfig, "table {}: more than {} addresses would be looked at, from {} on",
                       shown_table_, kMostPeriods, addresses.front())
          .WithHint("write a later day as `since:` of `expect:`");
    }
    bool found = false;
    return place_.EachOf(addresses, [&](std::vector<InputFile> files) { return Found(std::move(files), true, found); });
  }

  /// Files that a pattern means.
  Status Found(std::vector<InputFile> files, bool wild, bool& found) {
    for (InputFile& file : files) {
      const std::string name = NameOf(file.origin);
      if (name.empty()) continue;
      if (!leave_out_.empty() && file.origin.starts_with(leave_out_)) continue;
      found = true;
      if (wild && Ignored(name.c_str())) continue;
      // A file may match two of the patterns.
      if (dated_.patterns().size() > 1 && !seen_.insert(file.origin).second) continue;
      std::string waiting = Waiting(file.origin, file.modified_ns / 1000);
      piece_.push_back({std::move(file), std::move(waiting)});
      // Markers stand behind what they speak of.
      if (policy_.done_file.empty() && piece_.size() >= kListedAtOnce) LEAT_TRY(Flush());
    }
    return Ok();
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
    const std::string folder = address.substr(0, address.rfind('/', address.find('?')) + 1);
    const Result<std::vector<std::string>> names = place_.NamesIn(folder);
    Error missing = NoFile(address, names.ok() ? *names : std::vector<std::string>());
    if (IsWeb(address) && address.find('?') != std::string::npos)
      return std::move(missing).WithHint("a question mark is part of an address; as wildcards there are * and [0-9]");
    if (names.ok() && names->empty())
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
  std::string name = NameOf(file.origin);
  if (IsWeb(file.origin)) name = NameOf(file.origin.substr(0, file.origin.find('?')));
  const size_t ending = name.find('.');
  std::string path = folder + "/" + NewUuidV4() + (ending == std::string::npos ? "" : name.substr(ending));
  ArrivingFile arriving(path);
  LEAT_TRY(place.Read(file, [&arriving](std::string_view bytes) { return arriving.Write(bytes); }));
  LEAT_TRY(arriving.Keep(file.modified_ns));
  return path;
}

}  // namespace

Status FilePlace::EachOf(const std::vector<std::string>& addresses, const TakePlaced& take) {
  for (const std::string& address : addresses) {
    LEAT_ASSIGN(std::optional<InputFile> found, Look(address));
    if (found) LEAT_TRY(take({std::move(*found)}));
  }
  return Ok();
}

Result<std::vector<std::string>> FilePlace::NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  const Status listed = EachFile(folder + "*", [&](const std::vector<InputFile>& files) -> Status {
    for (const InputFile& file : files) names.push_back(NameOf(file.origin));
    if (names.size() >= kNamesForHints) return MakeError("SRC-201", ErrorKind::kNotFound, "enough names");
    return Ok();
  });
  if (!listed.ok() && names.size() < kNamesForHints) return listed.error();
  return names;
}

bool IsPlaced(std::string_view path) { return io::IsS3(path) || io::sftp::IsSftp(path) || IsWeb(path); }

bool SamePlace(const std::string& path, const std::string& other) {
  if (IsWeb(path) || IsWeb(other)) return false;
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
  if (IsWeb(path)) {
    LEAT_ASSIGN(HttpLogin login, ReadHttp(connection, project_root));
    login.how.budget = budget;
    login.how.cancel = cancel;
    return OpenHttpPlace(path, std::move(login));
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

uint64_t VersionNumber(const std::string& tag) {
  constexpr size_t kDigits = 15;
  return tag.empty() ? 0 : std::strtoull(io::HashBytes(tag).substr(0, kDigits).c_str(), nullptr, 16);
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
