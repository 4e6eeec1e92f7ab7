#include "sql/spill_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/ids.h"

namespace leat::sql {
namespace {

namespace fs = std::filesystem;

/// Opens and locks a folder; -1 when somebody else holds it, or it is gone.
int LockFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  struct stat locked {};
  struct stat there {};
  // Between making and locking it, another process may have taken it for a dead one's and removed it.
  if (flock(folder, LOCK_EX | LOCK_NB) == 0 && fstat(folder, &locked) == 0 && stat(path.c_str(), &there) == 0 &&
      locked.st_ino == there.st_ino) {
    return folder;
  }
  close(folder);
  return -1;
}

void RemoveLeftovers(const std::string& parent) {
  std::error_code failed;
  for (fs::directory_iterator it(parent, failed), end; !failed && it != end; it.increment(failed)) {
    const std::string path = it->path().string();
    std::error_code ignored;
    if (!it->is_directory(ignored)) {
      fs::remove(path, ignored);  // of versions that spilled into the parent itself
      continue;
    }
    const int lock = LockFolder(path);
    if (lock < 0) continue;
    fs::remove_all(path, ignored);
    close(lock);
  }
}

}  // namespace

Result<std::unique_ptr<SpillFolder>> SpillFolder::Make(const std::string& parent) {
  constexpr int kTries = 10;
  RemoveLeftovers(parent);
  std::string path;
  int error = 0;
  for (int i = 0; i < kTries; ++i) {
    path = parent + "/" + RandomHex(8);
    if (mkdir(path.c_str(), 0700) != 0) {
      error = errno;
      continue;
    }
    const int lock = LockFolder(path);
    if (lock >= 0) return std::unique_ptr<SpillFolder>(new SpillFolder(std::move(path), lock));
  }
  return MakeError("SQL-102", ErrorKind::kEnvironment, "the SQL engine's folder {} cannot be made: {}", path,
                   std::strerror(error))
      .WithHint("give the project's state folder write access");
}

SpillFolder::~SpillFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  close(lock_);
}

}  // namespace leat::sql
