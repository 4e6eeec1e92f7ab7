#pragma once

#include <string>
#include <string_view>

namespace leat {

/// A to Z as a to z; everything else stays.
inline std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return lower;
}

}  // namespace leat
