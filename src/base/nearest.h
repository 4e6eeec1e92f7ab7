#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leat {

/// The (at most three) names nearest to `name` by edit distance without case, nearest first; the distance allowed
/// grows with the length of the name.
std::vector<std::string> NearestNames(std::string_view name, const std::vector<std::string>& names);

/// "did you mean 'a' or 'b'?", or "" when nothing is near.
std::string DidYouMean(std::string_view name, const std::vector<std::string>& names);

}  // namespace leat
