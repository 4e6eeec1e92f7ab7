#include "component/header_names.h"

#include <set>

namespace leat::component {

std::vector<std::string> UniqueNames(std::vector<std::string> names) {
  // What is written in the file wins over what is made up here.
  std::set<std::string> taken(names.begin(), names.end());
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    std::string name = names[i];
    const bool written = !name.empty() && seen.insert(name).second;
    if (written) continue;
    if (name.empty()) name = "column" + std::to_string(i + 1);
    names[i] = name;
    for (int again = 2; !taken.insert(names[i]).second; ++again) names[i] = name + "_" + std::to_string(again);
  }
  return names;
}

}  // namespace leat::component
