#include "config/secrets.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "base/nearest.h"

namespace leat::config {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::milliseconds kBetweenTries{20};

Error NotWritten(const std::string& path) {
  return MakeError("CFG-114", ErrorKind::kEnvironment, "the secret cannot be written to {}: {}", path,
                   std::strerror(errno))
      .WithHint("look at the folder's rights and the disk");
}

}  // namespace

SecretFiles::SecretFiles(const std::string& root) : folder_(root + "/.leat/secrets") {}

Status SecretFiles::CheckName(std::string_view name) {
  const bool good = !name.empty() && (name[0] < '0' || name[0] > '9') && name.size() <= 200 &&
                    std::all_of(name.begin(), name.end(), [](char c) {
                      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
                    });
  if (good) return Ok();
  return MakeError("CFG-113", ErrorKind::kUsage, "'{}' is no name of a secret", name)
      .WithHint("letters, digits and _, the first no digit: SHOP_PASSWORD");
}

Status SecretFiles::Set(const std::string& name, std::string_view value) const {
  LEAT_TRY(CheckName(name));
  if (value.empty()) return MakeError("CFG-113", ErrorKind::kUsage, "the value of secret {} is empty", name);
  LEAT_TRY(MakeFolder());
  const std::string path = folder_ + "/" + name, part = folder_ + "/." + name + ".part";
  unlink(part.c_str());
  const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return NotWritten(path);
  std::string_view left = value;
  while (!left.empty()) {
    const ssize_t written = write(file, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) break;
    left.remove_prefix(static_cast<size_t>(written));
  }
  const bool good = left.empty() && fsync(file) == 0;
  if (close(file) == 0 && good && rename(part.c_str(), path.c_str()) == 0) return Ok();
  Error failed = NotWritten(path);
  unlink(part.c_str());
  return failed;
}

Status SecretFiles::MakeFolder() const {
  for (const std::string& folder : {fs::path(folder_).parent_path().string(), folder_}) {
    if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return NotWritten(folder);
    if (chmod(folder.c_str(), 0700) != 0) return NotWritten(folder);
  }
  return Ok();
}

SecretHold::~SecretHold() { close(file_); }

Result<std::unique_ptr<SecretHold>> SecretFiles::Hold(const std::string& name, const CancelToken* cancel) const {
  LEAT_TRY(CheckName(name));
  LEAT_TRY(MakeFolder());
  const std::string path = folder_ + "/." + name + ".lock";
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) return NotWritten(path);
  auto hold = std::make_unique<SecretHold>(file);
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return NotWritten(path);
    if (cancel != nullptr) LEAT_TRY(cancel->Check());
    std::this_thread::sleep_for(kBetweenTries);
  }
  return hold;
}

std::optional<std::string> SecretFiles::Find(const std::string& name) const {
  if (!CheckName(name).ok()) return std::nullopt;
  std::ifstream file(folder_ + "/" + name, std::ios::binary);
  if (!file) return std::nullopt;
  std::string value((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return value;
}

std::vector<std::string> SecretFiles::Names() const {
  std::vector<std::string> names;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (CheckName(name).ok()) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status SecretFiles::Remove(const std::string& name) const {
  LEAT_TRY(CheckName(name));
  if (unlink((folder_ + "/" + name).c_str()) == 0) return Ok();
  if (errno != ENOENT) return NotWritten(folder_ + "/" + name);
  const std::string near = DidYouMean(name, Names());
  return MakeError("CFG-108", ErrorKind::kNotFound, "there is no secret {}", name)
      .WithHint(near.empty() ? "`leat secret list` shows the names" : near);
}

}  // namespace leat::config
