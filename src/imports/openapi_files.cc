#include "imports/openapi_files.h"

#include <algorithm>
#include <deque>
#include <filesystem>

#include "imports/node_reading.h"

namespace leat::imports {
namespace {

namespace fs = std::filesystem;
using config::Node;

constexpr size_t kMostFiles = 200;

class Reader {
 public:
  explicit Reader(const std::string& file) : root_(Whole(file)), folder_(root_.parent_path()) {}

  Result<OpenApiFiles> Read(Node& root) {
    Follow(root, root_);
    while (!waiting_.empty()) {
      const fs::path path = std::move(waiting_.front());
      waiting_.pop_front();
      LEAT_ASSIGN(const std::string text, config::ReadTextFile(path.string(), path.string()));
      Node& tree = files_[path.string()];
      LEAT_ASSIGN(tree, config::ParseYaml(text, path.string()));
      Follow(tree, path);
    }
    return std::move(files_);
  }

 private:
  static fs::path Whole(const fs::path& path) {
    std::error_code ignored;
    return fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  }

  /// Makes the references below `node`, which stands in `file`, whole.
  void Follow(Node& node, const fs::path& file) {
    for (Node& item : node.items) Follow(item, file);
    for (Node::Member& member : node.members) {
      if (member.key == "$ref" && member.value.is_scalar()) {
        FollowOne(member.value.scalar, file);
      } else {
        Follow(member.value, file);
      }
    }
  }

  void FollowOne(std::string& reference, const fs::path& file) {
    const size_t hash = std::min(reference.find('#'), reference.size());
    const std::string place = PercentDecoded(reference.substr(0, hash));
    const std::string inside = hash == reference.size() ? "#" : reference.substr(hash);
    if (place.find("://") != std::string::npos) return;
    const fs::path path = place.empty() ? file : Whole(file.parent_path() / place);
    if (path == root_) {
      reference = inside;
      return;
    }
    std::error_code ignored;
    const bool below = !path.lexically_relative(folder_).string().starts_with("..");
    if (!below || !fs::is_regular_file(path, ignored)) return;
    if (!files_.contains(path.string())) {
      if (files_.size() >= kMostFiles) return;
      files_[path.string()] = {};
      waiting_.push_back(path);
    }
    reference = path.string() + inside;
  }

  const fs::path root_, folder_;
  OpenApiFiles files_;
  std::deque<fs::path> waiting_;
};

}  // namespace

Result<OpenApiFiles> ReadOpenApiFiles(Node& root, const std::string& file) { return Reader(file).Read(root); }

}  // namespace leat::imports
