#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include "io/file_system.h"

namespace leat::io {
namespace {

namespace fs = std::filesystem;

// Turns an errno into the error that a person can act on.
Error FileError(int code, std::string_view doing, const std::string& path) {
  const auto environment = [&](const char* number, std::string_view what, std::string hint) {
    return MakeError(number, ErrorKind::kEnvironment, "cannot {} '{}': {}", doing, path, what)
        .WithHint(std::move(hint));
  };
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return MakeError("IO-201", ErrorKind::kNotFound, "cannot {} '{}': there is no such file", doing, path)
          .WithHint("check the path; relative paths start at the project's folder");
    case EEXIST: return MakeError("IO-202", ErrorKind::kExists, "cannot {} '{}': it exists already", doing, path);
    case ENOSPC:
    case EDQUOT:
      return environment("IO-301", "the disk is full",
                         "free space on the disk that holds it, then run again: nothing was lost");
    case EROFS:
      return environment("IO-302", "the file system is read-only",
                         "mount it writable, or point 'warehouse' and 'state' in leat.yml at another disk");
    case EACCES:
    case EPERM:
      return environment("IO-303", "access is denied", "give the user that runs leat the rights on this path");
    case EMFILE:
    case ENFILE: return environment("IO-304", "too many files are open", "raise the limit of open files (ulimit -n)");
    default: return environment("IO-305", std::strerror(code), "look at the disk and at the system's log");
  }
}

// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  // Some file systems report a full disk only here.
  bool Close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

Result<std::string> LocalOnly(const std::string& uri) {
  std::string path = LocalPath(uri);
  if (path.find("://") != std::string::npos) {
    return MakeError("IO-102", ErrorKind::kUnsupported, "cannot open '{}': this store is not built in", uri)
        .WithHint("use a path on a local disk");
  }
  return path;
}

int64_t ModifiedNs(const struct stat& info) {
  return static_cast<int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
}

Result<std::string> ReadAt(const std::string& uri, int64_t offset, int64_t length) {
  LEAT_ASSIGN(const std::string path, LocalOnly(uri));
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return FileError(errno, "read", path);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return FileError(errno, "read", path);
  if (S_ISDIR(info.st_mode)) return FileError(EISDIR, "read", path);
  const int64_t available = std::max<int64_t>(0, info.st_size - offset);
  std::string bytes(static_cast<size_t>(length < 0 ? available : std::min(length, available)), '\0');
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(file.get(), bytes.data() + done, bytes.size() - done, offset + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return FileError(errno, "read", path);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  bytes.resize(done);
  return bytes;
}

class LocalFileSystem : public FileSystem {
 public:
  explicit LocalFileSystem(bool durable) : durable_(durable) {}

  Result<std::string> Read(const std::string& uri) override { return ReadAt(uri, 0, -1); }

  Result<std::string> ReadRange(const std::string& uri, int64_t offset, int64_t length) override {
    return ReadAt(uri, offset, std::max<int64_t>(0, length));
  }

  Status WriteNew(const std::string& uri, std::string_view bytes) override {
    LEAT_ASSIGN(const std::string path, LocalOnly(uri));
    const std::string folder = fs::path(path).parent_path().string();
    int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT) {
      LEAT_TRY(MakeFolders(folder));
      fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    }
    if (fd < 0) return FileError(errno, "write", path);
    Descriptor file(fd);
    const auto fail = [&path](int code) {
      ::unlink(path.c_str());
      return FileError(code, "write", path);
    };
    size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t put = ::write(file.get(), bytes.data() + done, bytes.size() - done);
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail(errno);
      done += static_cast<size_t>(put);
    }
    if (durable_ && ::fsync(file.get()) != 0) return fail(errno);
    if (!file.Close()) return fail(errno);
    return SyncFolder(folder);
  }

  Result<FileInfo> Stat(const std::string& uri) override {
    LEAT_ASSIGN(const std::string path, LocalOnly(uri));
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return FileError(errno, "look at", path);
    return FileInfo{path, info.st_size, ModifiedNs(info), info.st_ino};
  }

  Result<std::vector<FileInfo>> List(const std::string& folder) override {
    LEAT_ASSIGN(const std::string path, LocalOnly(folder));
    std::vector<FileInfo> found;
    std::error_code code;
    fs::recursive_directory_iterator it(path, code);
    if (code == std::errc::no_such_file_or_directory) return found;
    for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
      struct stat info {};
      // A file that vanishes between listing and stat was removed by somebody else: it is not there.
      if (::stat(it->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
      found.push_back({it->path().string(), info.st_size, ModifiedNs(info), info.st_ino});
    }
    if (code) return FileError(code.value(), "list", path);
    std::sort(found.begin(), found.end(), [](const FileInfo& a, const FileInfo& b) { return a.uri < b.uri; });
    return found;
  }

  Status Remove(const std::string& uri) override {
    LEAT_ASSIGN(const std::string path, LocalOnly(uri));
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) return FileError(errno, "remove", path);
    return Ok();
  }

  Status RemoveFolder(const std::string& folder) override {
    LEAT_ASSIGN(const std::string path, LocalOnly(folder));
    std::error_code code;
    fs::remove_all(path, code);
    if (code) return FileError(code.value(), "remove", path);
    return Ok();
  }

  Status CreateFolder(const std::string& folder) override {
    LEAT_ASSIGN(const std::string path, LocalOnly(folder));
    return MakeFolders(path);
  }

  Status Sync(const std::vector<std::string>& uris) override {
    std::set<std::string> folders;
    for (const std::string& uri : uris) {
      LEAT_ASSIGN(const std::string path, LocalOnly(uri));
      const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
      if (file.get() < 0) return FileError(errno, "sync", path);
      if (durable_ && ::fsync(file.get()) != 0) return FileError(errno, "sync", path);
      folders.insert(fs::path(path).parent_path().string());
    }
    for (const std::string& folder : folders) LEAT_TRY(SyncFolder(folder));
    return Ok();
  }

 private:
  // Private (0700) folders, each made durable in its parent.
  Status MakeFolders(const std::string& path) {
    if (path.empty() || ::mkdir(path.c_str(), 0700) == 0) {
      return path.empty() ? Ok() : SyncFolder(fs::path(path).parent_path().string());
    }
    if (errno == EEXIST) {
      struct stat info {};
      if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return Ok();
      return MakeError("IO-203", ErrorKind::kEnvironment, "cannot make the folder '{}': a file has this name", path)
          .WithHint("move that file away or choose another folder");
    }
    if (errno != ENOENT) return FileError(errno, "make the folder", path);
    const std::string parent = fs::path(path).parent_path().string();
    if (parent == path) return FileError(ENOENT, "make the folder", path);
    LEAT_TRY(MakeFolders(parent));
    // Another thread may have been faster.
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return FileError(errno, "make the folder", path);
    return SyncFolder(parent);
  }

  Status SyncFolder(const std::string& path) const {
    if (!durable_) return Ok();
    const std::string& folder = path.empty() ? "." : path;
    const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0) return FileError(errno, "sync", folder);
    // Some network file systems cannot sync a folder; they order its entries themselves.
    if (::fsync(opened.get()) != 0 && errno != EINVAL) return FileError(errno, "sync", folder);
    return Ok();
  }

  const bool durable_;
};

}  // namespace

std::unique_ptr<FileSystem> MakeLocalFileSystem(bool durable) { return std::make_unique<LocalFileSystem>(durable); }

std::string LocalPath(std::string_view uri) {
  if (!uri.starts_with("file:")) return std::string(uri);
  uri.remove_prefix(5);
  while (uri.starts_with("//")) uri.remove_prefix(1);
  return std::string(uri);
}

std::string FileUri(std::string_view path) {
  if (path.find("://") != std::string_view::npos || path.starts_with("file:")) return std::string(path);
  return "file://" + std::string(path);
}

std::string JoinUri(std::string_view base, std::string_view child) {
  while (base.size() > 1 && base.ends_with('/') && !base.ends_with("//")) base.remove_suffix(1);
  while (child.starts_with('/')) child.remove_prefix(1);
  std::string joined(base);
  if (!joined.empty() && !joined.ends_with('/')) joined += '/';
  joined += child;
  return joined;
}

}  // namespace leat::io
