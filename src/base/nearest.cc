#include "base/nearest.h"

#include <algorithm>
#include <cctype>

#include "base/lower.h"

namespace leat {
namespace {

// Edit distance in which swapping two neighbours counts once (optimal string alignment).
size_t Distance(const std::string& a, const std::string& b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& names) {
  const std::string wanted = Lower(name.substr(0, 200));
  const size_t limit = 1 + wanted.size() / 3;
  std::vector<std::pair<size_t, std::string>> found;
  for (const std::string& candidate : names) {
    if (candidate.size() > 200) continue;
    const std::string lower = Lower(candidate);
    size_t distance = Distance(wanted, lower);
    if (distance > limit && wanted.size() >= 3 && lower.find(wanted) != std::string::npos) distance = limit;
    if (distance <= limit) found.emplace_back(distance, candidate);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  std::vector<std::string> result;
  for (const auto& [distance, candidate] : found) {
    if (result.size() == 3) break;
    result.push_back(candidate);
  }
  return result;
}

std::string DidYouMean(std::string_view name, const std::vector<std::string>& names) {
  const auto near = NearestNames(name, names);
  if (near.empty()) return "";
  std::string text = "did you mean '" + near[0] + "'";
  for (size_t i = 1; i < near.size(); ++i) text += (i + 1 == near.size() ? " or '" : ", '") + near[i] + "'";
  return text + "?";
}

}  // namespace leat
