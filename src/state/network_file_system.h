#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leat::state {

/// The name of a network file system by its magic number of statfs(2) ("nfs", "cifs" …), "" for others. File locks and
/// shared memory do not hold there, so SQLite would lose commits.
std::string_view NetworkFileSystemName(uint64_t magic);

/// The same for the file system that holds `folder`, which must exist; also looks at the FUSE subtype in `mounts`
/// (/proc/self/mounts).
std::string NetworkFileSystemOf(const std::string& folder, const std::string& mounts = "/proc/self/mounts");

}  // namespace leat::state
