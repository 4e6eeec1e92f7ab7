#include "component/file_listing.h"

#include <dirent.h>
#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "component/pattern_listing.h"
#include "io/file_system.h"
#include "io/hash.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

int64_t ModifiedNs(const struct stat& info) {
  return int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
}

struct FolderCloser {
  void operator()(DIR* folder) const { closedir(folder); }
};

/// Walks the folders that the patterns of one table name.
class FolderListing : public PatternListing {
 public:
  FolderListing(const FilePatterns& patterns, const std::string& root, const std::string& shown_table,
                const TakeFiles& take)
      : PatternListing(patterns, root, shown_table, take), leave_out_(patterns.leave_out) {
    if (!leave_out_.empty() && !leave_out_.ends_with('/')) leave_out_ += "/";
  }

  Status Run() {
    LEAT_TRY(ReadPatterns());
    for (size_t i = 0; i < patterns_.patterns.size(); ++i) {
      // Dates are read in the part below the project: its own path may hold any character.
      const std::string full = PatternPath(patterns_.folder, patterns_.patterns[i]);
      const std::string above = full.substr(0, full.size() - OriginOf(full, root_).size());
      LEAT_TRY(Pattern(above + dated_.patterns()[i].glob()));
    }
    std::sort(gathered_.begin(), gathered_.end());
    gathered_.erase(std::unique(gathered_.begin(), gathered_.end()), gathered_.end());
    for (const std::string& path : gathered_) LEAT_TRY(Describe(path, false));
    return Flush();
  }

 private:
  Status Pattern(const std::string& full) {
    const std::string fixed = full.substr(0, FirstWildcard(full));
    const std::string folder = fs::path(fixed).parent_path().string();
    std::error_code failure;
    if (!fs::is_directory(folder, failure)) {
      return MakeError("SRC-202", ErrorKind::kNotFound, "table {}: no folder {}", shown_table_, OriginOf(folder, root_))
          .WithHint("make the folder, or change `path:` of the connection");
    }
    // A file with a name of its own must be there, unless it is taken away once it is loaded.
    if (!HasWildcard(full)) return Found(full, policy_.after_load == AfterLoad::kKeep);
    std::vector<std::string> parts;
    for (const fs::path& part : fs::path(full.substr(folder.size())).relative_path()) parts.push_back(part.string());
    return Walk(folder, parts, 0);
  }

  /// Everything in `folder` that matches parts[at…].
  Status Walk(const std::string& folder, const std::vector<std::string>& parts, size_t at) {
    const bool last = at + 1 == parts.size();
    const std::string base = folder.ends_with('/') ? folder : folder + "/";
    if (!HasWildcard(parts[at])) {
      const std::string path = base + parts[at];
      return last ? Found(path, false) : Walk(path, parts, at + 1);
    }
    std::string text;  // the names, one after the other: a million of them need no million strings
    std::vector<size_t> begins;
    LEAT_TRY(Names(folder, parts[at], last, text, begins));
    const auto name = [&text](size_t begin) { return std::string_view(text.c_str() + begin); };
    std::sort(begins.begin(), begins.end(), [&name](size_t a, size_t b) { return name(a) < name(b); });
    for (const size_t begin : begins) {
      std::string path = base;
      path += name(begin);
      LEAT_TRY(last ? Found(path, false) : Walk(path, parts, at + 1));
    }
    return Ok();
  }

  Status Names(const std::string& folder, const std::string& pattern, bool files, std::string& text,
               std::vector<size_t>& begins) {
    const std::unique_ptr<DIR, FolderCloser> open(opendir(folder.c_str()));
    if (!open) {
      if (errno == ENOENT || errno == ENOTDIR) return Ok();
      return MakeError("SRC-203", ErrorKind::kPermission, "table {}: cannot list {}: {}", shown_table_, folder,
                       std::strerror(errno));
    }
    while (true) {
      errno = 0;
      const dirent* entry = readdir(open.get());
      if (entry == nullptr && errno != 0) {
        return MakeError("SRC-203", ErrorKind::kPermission, "table {}: cannot list {}: {}", shown_table_, folder,
                         std::strerror(errno));
      }
      if (entry == nullptr) return Ok();
      const unsigned char wanted = files ? DT_REG : DT_DIR;
      if (entry->d_type != wanted && entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN) continue;
      if (fnmatch(pattern.c_str(), entry->d_name, FNM_PERIOD) != 0 || (files && Ignored(entry->d_name))) continue;
      begins.push_back(text.size());
      text.append(entry->d_name).push_back('\0');
    }
  }

  std::string Waiting(const std::string& path, const struct stat& info) const {
    if (!policy_.done_file.empty()) {
      const std::string marker = MarkerPath(policy_.done_file, path);
      if (access(marker.c_str(), F_OK) != 0) return "waits for " + OriginOf(marker, root_);
    }
    // The time of the last change is the kernel's own: tools that set mtime back when they copy cannot hide that they wrote.
    const int64_t changed = int64_t{info.st_ctim.tv_sec} * 1'000'000 + info.st_ctim.tv_nsec / 1000;
    return PatternListing::Waiting(OriginOf(path, root_), changed);
  }

  Status Found(const std::string& path, bool must_exist) {
    if (!leave_out_.empty() && path.starts_with(leave_out_)) return Ok();
    if (patterns_.patterns.size() == 1) return Describe(path, must_exist);
    if (must_exist) {
      std::error_code failure;
      if (!fs::exists(path, failure) && !failure) return Missing(path);
    }
    gathered_.push_back(path);  // it may match two of the patterns
    return Ok();
  }

  Status Describe(const std::string& path, bool must_exist) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return must_exist ? Status(Missing(path)) : Ok();
      return MakeError("SRC-203", ErrorKind::kPermission, "table {}: cannot look at {}: {}", shown_table_, path,
                       std::strerror(errno));
    }
    if (!S_ISREG(info.st_mode) && !must_exist) return Ok();
    ListedFile& listed = piece_.emplace_back();
    InputFile& file = listed.file;
    file.path = path;
    file.origin = OriginOf(path, root_);
    file.size_bytes = info.st_size;
    file.modified_ns = ModifiedNs(info);
    file.identity = info.st_ino;
    listed.waiting = Waiting(path, info);
    return piece_.size() < kListedAtOnce ? Ok() : Flush();
  }

  Error Missing(const std::string& path) const {
    std::vector<std::string> names;
    std::error_code failure;
    for (fs::directory_iterator entry(fs::path(path).parent_path(), failure), end; !failure && entry != end;
         entry.increment(failure)) {
      names.push_back(entry->path().filename().string());
    }
    return NoFile(OriginOf(path, root_), names);
  }

  std::string leave_out_;
  std::vector<std::string> gathered_;
};

}  // namespace

std::string OriginOf(const std::string& path, const std::string& project_root) {
  const std::string prefix = project_root.ends_with('/') ? project_root : project_root + "/";
  return path.starts_with(prefix) ? path.substr(prefix.size()) : path;
}

std::string PatternPath(const std::string& folder, const std::string& pattern) {
  if (pattern.find("://") != std::string::npos) return pattern;
  if (folder.find("://") != std::string::npos) return folder + (folder.ends_with('/') ? "" : "/") + pattern;
  return fs::path(pattern).is_absolute() ? pattern : (fs::path(folder) / pattern).lexically_normal().string();
}

Status EachInputFile(const FilePatterns& patterns, const std::string& project_root, const std::string& shown_table,
                     const TakeFiles& take) {
  return FolderListing(patterns, project_root, shown_table, take).Run();
}

Result<std::string> FileFetcher::HashContent(const InputFile& file) { return io::HashFile(io::LocalPath(file.path)); }

Result<std::optional<std::string>> FileFetcher::ReadWhole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::optional<std::string>();
  std::ostringstream text;
  text << file.rdbuf();
  return std::optional<std::string>(text.str());
}

Result<std::vector<InputFile>> ReadyFiles(const std::function<Status(const TakeFiles&)>& each) {
  std::vector<InputFile> files;
  LEAT_TRY(each([&files](std::vector<ListedFile> piece) -> Status {
    for (ListedFile& listed : piece) {
      if (listed.waiting.empty()) files.push_back(std::move(listed.file));
    }
    return Ok();
  }));
  std::sort(files.begin(), files.end(), [](const InputFile& a, const InputFile& b) { return a.origin < b.origin; });
  return files;
}

Result<std::vector<InputFile>> ListInputFiles(const FilePatterns& patterns, const std::string& project_root,
                                              const std::string& shown_table) {
  return ReadyFiles([&](const TakeFiles& take) { return EachInputFile(patterns, project_root, shown_table, take); });
}

Result<std::vector<InputFile>> DescribeFile(const std::string& path, const std::string& origin) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::vector<InputFile>{};
    return MakeError("SRC-203", ErrorKind::kPermission, "cannot look at {}: {}", path, std::strerror(errno));
  }
  return std::vector<InputFile>{{path, origin, info.st_size, ModifiedNs(info), info.st_ino, ""}};
}

Status CheckUnchanged(const InputFile& file) {
  struct stat info {};
  if (stat(file.path.c_str(), &info) != 0) {
    return MakeError("SRC-203", errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission,
                     "cannot look at {} after reading it: {}", file.origin, std::strerror(errno));
  }
  if (info.st_size == file.size_bytes && ModifiedNs(info) == file.modified_ns) return Ok();
  return MakeError("SRC-205", ErrorKind::kConflict,
                   "{} was written to while it was read: it had {} bytes when it was listed and has {} now",
                   file.origin, file.size_bytes, static_cast<int64_t>(info.st_size))
      .WithHint("run again when it is complete; let its writer rename it when it is, or set `settle:` or `done_file:`")
      .WithRetry(Retry::kSafe);
}

}  // namespace leat::component
