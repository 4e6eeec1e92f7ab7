#pragma once

#include <string>
#include <vector>

namespace leat::component {

/// A header's names, each once: those that come again, and those without text ("column3"), get the first _2, _3 … that no other
/// has.
std::vector<std::string> UniqueNames(std::vector<std::string> names);

}  // namespace leat::component
