#include "run/groups.h"

#include <map>
#include <numeric>

namespace leat::run {

std::vector<PublishGroup> PublishGroups(const std::vector<GroupMember>& members, bool all) {
  std::vector<size_t> parent(members.size());
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto root = [&parent](size_t i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  };
  std::map<std::string, size_t> by_asset;
  for (size_t i = 0; i < members.size(); ++i) by_asset.emplace(members[i].asset, i);
  for (size_t i = 0; i < members.size(); ++i) {
    if (all) parent[root(i)] = root(0);
    for (const std::string& need : members[i].needs) {
      const auto found = by_asset.find(need);
      if (found != by_asset.end()) parent[root(found->second)] = root(i);
    }
  }
  std::vector<PublishGroup> groups;
  std::map<size_t, size_t> group_of_root;
  for (size_t i = 0; i < members.size(); ++i) {
    const auto [place, fresh] = group_of_root.emplace(root(i), groups.size());
    if (fresh) groups.push_back({{}, true, ""});
    PublishGroup& group = groups[place->second];
    group.members.push_back(i);
    if (!members[i].good && group.good) {
      group.good = false;
      group.bad_member = members[i].asset;
    }
  }
  return groups;
}

}  // namespace leat::run
