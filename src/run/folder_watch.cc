#include "run/folder_watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "component/dated_files.h"
#include "component/file_listing.h"
#include "component/file_policy.h"
#include "component/input_files.h"
#include "run/folder_renamer.h"

namespace leat::run {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR;
constexpr size_t kBufferBytes = size_t{64} << 10;

/// A descriptor that is closed with it.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  const int number_;
};

class FolderTeller : public ArrivalTeller {
 public:
  FolderTeller(std::vector<WatchedFolder> folders, TellArrived tell)
      : folders_(std::move(folders)),
        tell_(std::move(tell)),
        events_(inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        stop_(eventfd(0, EFD_CLOEXEC)),
        thread_([this] { Listen(); }) {
    if (events_.get() < 0) Problem("inotify", std::strerror(errno));
  }

  ~FolderTeller() override {
    const uint64_t one = 1;
    (void)!write(stop_.get(), &one, sizeof one);
    thread_.join();
  }

  void Refresh() override {
    const std::lock_guard lock(mutex_);
    for (const WatchedFolder& folder : folders_) Add(folder.path, folder.depth, folder);
  }

 private:
  struct Level {
    fs::path path;
    int depth = 0;  ///< levels of folders in it that are watched too
  };

  /// A second watch of a folder is the first one: so this may be done again and again.
  void Add(const fs::path& path, int depth, const WatchedFolder& folder) {
    if (events_.get() < 0 || path == folder.leave_out) return;
    const int watch = inotify_add_watch(events_.get(), path.c_str(), kEvents);
    if (watch < 0) {
      if (errno != ENOENT && errno != ENOTDIR) Problem(path.string(), std::strerror(errno));
      return;
    }
    watches_[watch][&folder] = {path, depth};
    if (depth == 0) return;
    std::error_code failure;
    for (fs::directory_iterator at(path, failure); !failure && at != fs::directory_iterator(); at.increment(failure)) {
      std::error_code none;
      if (at->is_directory(none) && !at->is_symlink(none)) Add(at->path(), depth - 1, folder);
    }
  }

  void Problem(const std::string& what, const std::string& why) {
    if (problem_ == why) return;
    problem_ = why;
    Log(LogLevel::kWarn, "folder_not_watched", {{"folder", what}, {"why", why}});
  }

  void Listen() {
    if (events_.get() < 0 || stop_.get() < 0) return;
    alignas(inotify_event) std::array<char, kBufferBytes> buffer{};
    while (true) {
      pollfd both[2] = {{events_.get(), POLLIN, 0}, {stop_.get(), POLLIN, 0}};
      if (poll(both, 2, -1) < 0 && errno != EINTR) return;
      if (both[1].revents != 0) return;
      const ssize_t got = read(events_.get(), buffer.data(), buffer.size());
      Arrived arrived;
      const std::lock_guard lock(mutex_);
      for (ssize_t at = 0; at < got;) {
        const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
        at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
        Take(*event, arrived);
      }
      if (!arrived.empty()) tell_(arrived);
    }
  }

  void Take(const inotify_event& event, Arrived& arrived) {
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      for (const WatchedFolder& folder : folders_) arrived.insert(folder.table);
      return;
    }
    const auto watched = watches_.find(event.wd);
    if (watched == watches_.end()) return;
    if ((event.mask & IN_IGNORED) != 0) {  // the folder is gone
      watches_.erase(watched);
      return;
    }
    const std::string name = event.len == 0 ? "" : event.name;
    const bool is_folder = (event.mask & IN_ISDIR) != 0;
    if (name.empty() || IsAside(name) || (!is_folder && (event.mask & IN_CREATE) != 0)) return;
    // Files may have come into a new folder before it was watched.
    const std::map<const WatchedFolder*, Level> of = watched->second;
    for (const auto& [folder, level] : of) {
      const fs::path path = level.path / name;
      if ((is_folder && level.depth == 0) || path == folder->leave_out) continue;
      if (is_folder) Add(path, level.depth - 1, *folder);
      arrived.insert(folder->table);
    }
  }

  const std::vector<WatchedFolder> folders_;
  const TellArrived tell_;
  const Descriptor events_;
  const Descriptor stop_;
  std::mutex mutex_;
  std::map<int, std::map<const WatchedFolder*, Level>> watches_;  ///< by the kernel's number
  std::string problem_;                                           ///< that was logged last
  std::thread thread_;
};

}  // namespace

Result<std::vector<WatchedFolder>> FoldersOf(const project::Project& project, const project::Asset& table) {
  const component::FilePolicy policy = component::ReadFilePolicy(table.connection_values, table.table_values);
  const std::string root = component::BelowProject(project.root, table.connection_values.Text("path"));
  LEAT_ASSIGN(const component::DatedFiles files,
              component::DatedFiles::Of(root, table.table_values.TextList("files"), project.root));
  std::string leave_out = policy.move_to.empty() ? "" : component::BelowProject(project.root, policy.move_to);
  while (leave_out.size() > 1 && leave_out.ends_with('/')) leave_out.pop_back();
  std::vector<WatchedFolder> folders;
  for (const component::DatePattern& pattern : files.patterns()) {
    const std::string glob = component::BelowProject(project.root, pattern.glob());
    const size_t wildcard = glob.find_first_of("*?[");
    const std::string folder = glob.substr(0, glob.rfind('/', wildcard));
    const auto behind = wildcard == std::string::npos ? glob.end() : glob.begin() + static_cast<ptrdiff_t>(wildcard);
    const auto depth = static_cast<int>(std::count(behind, glob.end(), '/'));
    folders.push_back({folder.empty() ? "/" : folder, depth, leave_out, table.id});
  }
  return folders;
}

std::unique_ptr<ArrivalTeller> WatchFolders(std::vector<WatchedFolder> folders, TellArrived tell) {
  return std::make_unique<FolderTeller>(std::move(folders), std::move(tell));
}

}  // namespace leat::run
