#include "state/network_file_system.h"

#include <sys/vfs.h>

#include <array>
#include <fstream>
#include <sstream>

namespace leat::state {
namespace {

struct Known {
  uint64_t magic;
  std::string_view name;
};

// statfs(2), "Filesystem types".
constexpr std::array<Known, 12> kNetwork = {{{0x6969, "nfs"},
                                             {0x517B, "smb"},
                                             {0xFF534D42, "cifs"},
                                             {0xFE534D42, "smb2"},
                                             {0x01021997, "9p"},
                                             {0x5346414F, "afs"},
                                             {0x6B414653, "kafs"},
                                             {0x00C36400, "ceph"},
                                             {0x0BD00BD0, "lustre"},
                                             {0x47504653, "gpfs"},
                                             {0x73757245, "coda"},
                                             {0x7461636F, "ocfs2"}}};
constexpr uint64_t kFuse = 0x65735546;
constexpr std::array<std::string_view, 8> kNetworkFuse = {"sshfs",   "s3fs",   "rclone",   "glusterfs",
                                                          "gcsfuse", "goofys", "mount-s3", "davfs"};

/// Type of the mount with the longest path that holds `folder`.
std::string MountType(const std::string& folder, const std::string& mounts) {
  std::ifstream file(mounts);
  std::string line, best_path, best_type;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string device, path, type;
    words >> device >> path >> type;
    const bool holds = path == "/" || folder == path || folder.starts_with(path + "/");
    if (holds && path.size() >= best_path.size()) {
      best_path = path;
      best_type = type;
    }
  }
  return best_type;
}

}  // namespace

std::string_view NetworkFileSystemName(uint64_t magic) {
  for (const Known& known : kNetwork) {
    if (known.magic == magic) return known.name;
  }
  return "";
}

std::string NetworkFileSystemOf(const std::string& folder, const std::string& mounts) {
  struct statfs info = {};
  if (statfs(folder.c_str(), &info) != 0) return "";
  const uint64_t magic = static_cast<uint32_t>(info.f_type);
  if (const std::string_view name = NetworkFileSystemName(magic); !name.empty()) return std::string(name);
  if (magic != kFuse) return "";
  std::string type = MountType(folder, mounts);
  for (const std::string_view network : kNetworkFuse) {
    if (type.find(network) != std::string::npos) return type;
  }
  return "";
}

}  // namespace leat::state
