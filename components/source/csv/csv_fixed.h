#pragma once

#include <string_view>
#include <vector>

namespace leat::components::csv {

/// The values of a line in which every column has its width in characters (of UTF-8 text), without the space around them, into
/// `values`, one for each width; "" for those that the line does not reach. How many columns begin in the line; one more than
/// there are when text stands behind the last.
size_t CutLine(std::string_view line, const std::vector<size_t>& widths, std::string_view* values);

}  // namespace leat::components::csv
