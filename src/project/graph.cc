#include <algorithm>
#include <set>

#include "project/reader.h"

namespace leat::project {
namespace {

// Depth first over the references, by id, so that the order does not depend on the order of files.
class Orderer {
 public:
  explicit Orderer(ReadState& state) : state_(state) {
    for (size_t i = 0; i < state.assets.size(); ++i) index_[state.assets[i].id] = i;
  }

  void Run() {
    DropSoftRings();
    for (const auto& [id, index] : index_) {
      path_.clear();
      Visit(id);
    }
    std::vector<Asset> ordered;
    for (const std::string& id : order_) {
      Asset& asset = state_.assets[index_[id]];
      asset.depends_on.clear();
      for (const Reference& reference : state_.references[id]) {
        auto& on = asset.depends_on;
        if (reference.to != id && std::find(on.begin(), on.end(), reference.to) == on.end()) on.push_back(reference.to);
      }
      // The raw table of a structured copy stays first: its reference was the first to be noted.
      const long kept = asset.kind == AssetKind::kStructured && !asset.depends_on.empty() ? 1 : 0;
      std::sort(asset.depends_on.begin() + kept, asset.depends_on.end());
      ordered.push_back(std::move(asset));
    }
    state_.assets = std::move(ordered);
  }

 private:
  bool Reaches(const std::string& from, const std::string& to, std::set<std::string>& seen) const {
    if (from == to) return true;
    if (!seen.insert(from).second) return false;
    const auto found = state_.references.find(from);
    if (found == state_.references.end()) return false;
    return std::any_of(found->second.begin(), found->second.end(),
                       [&](const Reference& r) { return Reaches(r.to, to, seen); });
  }

  // A check may look at a table that is made from this one: it then sees that table as the last run left it. The edge is
  // left out, and said so.
  void DropSoftRings() {
    for (auto& [id, references] : state_.references) {
      for (size_t i = 0; i < references.size();) {
        std::set<std::string> seen;
        if (references[i].soft && Reaches(references[i].to, id, seen)) {
          state_.findings.Warn(
              MakeError("PROJ-221", ErrorKind::kConfig,
                        "this check reads {}, which is made from {}: it sees what the last publish left",
                        references[i].to, id)
                  .WithHint("put the check on the table that is made last")
                  .At(references[i].where));
          references.erase(references.begin() + static_cast<long>(i));
        } else {
          ++i;
        }
      }
    }
  }

  void Visit(const std::string& id) {
    if (done_.count(id) > 0) return;
    const auto begin = std::find_if(path_.begin(), path_.end(), [&](const auto& step) { return step.first == id; });
    if (begin != path_.end()) {
      ReportRing({begin, path_.end()});
      return;
    }
    path_.emplace_back(id, nullptr);
    for (const Reference& reference : state_.references[id]) {
      if (index_.count(reference.to) == 0) continue;
      path_.back().second = &reference;
      Visit(reference.to);
    }
    path_.pop_back();
    done_.insert(id);
    order_.push_back(id);
  }

  void ReportRing(const std::vector<std::pair<std::string, const Reference*>>& ring) {
    std::string names;
    std::string places;
    for (const auto& [id, reference] : ring) {
      names += id + " -> ";
      places += fmt::format("{}{} names {} at {}", places.empty() ? "" : "\n", id, reference->to,
                            reference->where.ToString());
    }
    names += ring.front().first;
    state_.findings.Add(MakeError("PROJ-201", ErrorKind::kConfig, "a ring of refs: {}", names)
                            .WithHint("take one of these refs out\n" + places)
                            .At(ring.front().second->where));
  }

  ReadState& state_;
  std::map<std::string, size_t> index_;
  std::vector<std::pair<std::string, const Reference*>> path_;
  std::set<std::string> done_;
  std::vector<std::string> order_;
};

}  // namespace

void OrderAssets(ReadState& state) { Orderer(state).Run(); }

}  // namespace leat::project
