#include "io/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "io/content_hasher.h"
#include "io/file_system.h"

namespace leat::io {
namespace {

std::string Hex(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

}  // namespace

struct ContentHasher::State {
  XXH3_state_t* const hash = XXH3_createState();
  ~State() { XXH3_freeState(hash); }
};

ContentHasher::ContentHasher() : state_(std::make_unique<State>()) { XXH3_128bits_reset(state_->hash); }
ContentHasher::~ContentHasher() = default;
void ContentHasher::Add(std::string_view bytes) { XXH3_128bits_update(state_->hash, bytes.data(), bytes.size()); }
std::string ContentHasher::Hash() const { return Hex(XXH3_128bits_digest(state_->hash)); }

std::string HashBytes(std::string_view bytes) { return Hex(XXH3_128bits(bytes.data(), bytes.size())); }

Result<std::string> HashFile(const std::string& path) {
  const auto files = MakeLocalFileSystem(false);
  LEAT_ASSIGN(const FileInfo info, files->Stat(path));
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(LocalPath(path).c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    return MakeError("IO-303", ErrorKind::kEnvironment, "cannot read '{}': access is denied", path)
        .WithHint("give the user that runs leat the rights on this path");
  }
  ContentHasher hasher;
  std::string buffer(static_cast<size_t>(std::clamp<int64_t>(info.size_bytes, 1, 1 << 20)), '\0');
  while (true) {
    const size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (got > 0) hasher.Add(std::string_view(buffer).substr(0, got));
    if (got < buffer.size()) break;
  }
  if (std::ferror(file.get()) != 0) {
    return MakeError("IO-305", ErrorKind::kEnvironment, "cannot read '{}' to its end", path)
        .WithHint("look at the disk and at the system's log");
  }
  return hasher.Hash();
}

}  // namespace leat::io
