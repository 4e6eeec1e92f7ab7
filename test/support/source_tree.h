#pragma once

#include <filesystem>
#include <string>

namespace leat::test {

/// A file of the source tree that this program was built in ("test/support/postgres.sh").
inline std::string SourcePath(const std::string& below) {
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (folder != folder.root_path() && !std::filesystem::exists(folder / below)) folder = folder.parent_path();
  return (folder / below).string();
}

}  // namespace leat::test
