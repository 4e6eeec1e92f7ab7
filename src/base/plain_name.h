#pragma once

#include <algorithm>
#include <string_view>

namespace leat {

/// Letters A to Z and a to z, digits and _: what may stand in names that become folders and namespaces.
constexpr bool IsPlain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

inline bool IsPlainName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), IsPlain);
}

}  // namespace leat
