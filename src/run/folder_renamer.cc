#include "run/folder_renamer.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace leat::run {
namespace {

namespace fs = std::filesystem;
using component::Moved;

constexpr std::string_view kAside = ".leat-taken.";

/// Network file systems that cannot rename onto nothing only in one step get a second name first.
bool RenameNew(const fs::path& from, const fs::path& to) {
  if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return true;
  if (errno != EINVAL && errno != ENOSYS) return false;
  return link(from.c_str(), to.c_str()) == 0 && unlink(from.c_str()) == 0;
}

/// What a failed call means, by errno.
Result<Moved> Outcome(const char* doing, const fs::path& path) {
  if (errno == ENOENT) return Moved::kGone;
  if (errno == EEXIST) return Moved::kTaken;
  return MakeError("IO-313", ErrorKind::kPermission, "cannot {} {}: {}", doing, path.string(), std::strerror(errno))
      .WithHint("grant access to the folder, or change `after_load:`");
}

class FolderRenamer : public component::FileRenamer {
 public:
  explicit FolderRenamer(io::FileSystem& files) : files_(files) {}

  Result<bool> Exists(const std::string& path) override {
    std::error_code none;
    return fs::exists(path, none);
  }

  Result<bool> IsLink(const std::string& path) override {
    struct stat link {};
    return lstat(path.c_str(), &link) == 0 && !S_ISREG(link.st_mode);
  }

  Result<Moved> Rename(const std::string& from, const std::string& to) override {
    return RenameNew(from, to) ? Moved::kDone : Outcome("move", from);
  }

  Result<Moved> MoveFar(const std::string& from, const std::string& to) override {
    std::error_code failure;
    const fs::path folder = fs::path(to).parent_path();
    fs::create_directories(folder, failure);
    if (failure) {
      errno = failure.value() == ENOENT ? ENOTDIR : failure.value();
      return Outcome("make the folder", folder);
    }
    if (RenameNew(from, to)) return Moved::kDone;
    if (errno != EXDEV) return Outcome("move", from);
    if (fs::exists(to, failure)) return Moved::kTaken;
    const std::string copy = AsideOf(to);
    LEAT_TRY(CopyDurably(from, copy));
    Result<Moved> moved = RenameNew(copy, to) ? Moved::kDone : Outcome("move", copy);
    unlink(moved.ok() && *moved == Moved::kDone ? from.c_str() : copy.c_str());
    return moved;
  }

  Result<Moved> Remove(const std::string& path) override {
    return unlink(path.c_str()) == 0 ? Moved::kDone : Outcome("remove", path);
  }

 private:
  Status CopyDurably(const std::string& from, const std::string& to) {
    std::error_code failure;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, failure);
    if (failure) {
      return MakeError("IO-313", ErrorKind::kEnvironment, "cannot copy {} to {}: {}", from, to, failure.message())
          .WithHint("make room or grant access there, or change `move_to:`");
    }
    return files_.Sync({io::FileUri(to)});
  }

  io::FileSystem& files_;
};

}  // namespace

std::unique_ptr<component::FileRenamer> MakeFolderRenamer(io::FileSystem& files) {
  return std::make_unique<FolderRenamer>(files);
}

std::string AsideOf(const std::string& path) {
  return (fs::path(path).parent_path() / (std::string(kAside) + fs::path(path).filename().string())).string();
}

bool IsAside(const std::string& name) { return name.starts_with(kAside); }

std::string AsideFrom(const std::string& aside) {
  return (fs::path(aside).parent_path() / fs::path(aside).filename().string().substr(kAside.size())).string();
}

}  // namespace leat::run
