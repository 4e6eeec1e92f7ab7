#include "io/hash.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "io/file_system.h"

namespace leat::io {
namespace {

std::string Hex(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

}  // namespace

std::string HashBytes(std::string_view bytes) { return Hex(XXH3_128bits(bytes.data(), bytes.size())); }

Result<std::string> HashFile(const std::string& path) {
  const auto files = MakeLocalFileSystem(false);
  LEAT_ASSIGN(const FileInfo info, files->Stat(path));
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(LocalPath(path).c_str(), "rbe"), &std::fclose);
  if (file == nullptr) {
    return MakeError("IO-303", ErrorKind::kEnvironment, "cannot read '{}': access is denied", path)
        .WithHint("give the user that runs leat the rights on this path");
  }
  const std::unique_ptr<XXH3_state_t, XXH_errorcode (*)(XXH3_state_t*)> state(XXH3_createState(), &XXH3_freeState);
  XXH3_128bits_reset(state.get());
  std::string buffer(static_cast<size_t>(std::clamp<int64_t>(info.size_bytes, 1, 1 << 20)), '\0');
  while (true) {
    const size_t got = std::fread(buffer.data(), 1, buffer.size(), file.get());
    if (got > 0) XXH3_128bits_update(state.get(), buffer.data(), got);
    if (got < buffer.size()) break;
  }
  if (std::ferror(file.get()) != 0) {
    return MakeError("IO-305", ErrorKind::kEnvironment, "cannot read '{}' to its end", path)
        .WithHint("look at the disk and at the system's log");
  }
  return Hex(XXH3_128bits_digest(state.get()));
}

}  // namespace leat::io
