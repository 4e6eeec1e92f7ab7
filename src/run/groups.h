#pragma once

#include <set>
#include <string>
#include <vector>

namespace leat::run {

/// One step of a run as groups see it.
struct GroupMember {
  std::string asset;
  std::vector<std::string> needs;  ///< assets that it reads, of this run or not
  bool good = false;               ///< its gates passed (or it was adopted)
};

/// The assets of a run that are connected by refs: published together or not at all.
struct PublishGroup {
  std::vector<size_t> members;  ///< indexes into what was given, ascending
  bool good = false;            ///< every member is
  std::string bad_member;       ///< the first that is not, "" when good
};

/// Connected components over `needs` among the members (a need outside of them connects nothing). `all`: one group of all.
/// Groups are in the order of their first member.
std::vector<PublishGroup> PublishGroups(const std::vector<GroupMember>& members, bool all);

}  // namespace leat::run
