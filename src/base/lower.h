#pragma once

#include <string>

namespace leat {

/// A to Z as a to z; everything else stays.
inline std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return text;
}

}  // namespace leat
