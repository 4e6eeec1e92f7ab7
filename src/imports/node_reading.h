#pragma once

#include <string>
#include <vector>

#include "config/tree.h"

namespace leat::imports {

/// A member of a map, or nullptr: of no map, too.
const config::Node::Member* MemberOf(const config::Node* node, const std::string& key);
/// The texts of a list, or of one text; with `commas` each is parted at commas, without the blanks around them.
std::vector<std::string> TextsOf(const config::Node& node, bool commas = false);
/// A text of an address with its %XX as bytes.
std::string PercentDecoded(const std::string& text);
std::string Replaced(std::string text, const std::string& what, const std::string& with);

}  // namespace leat::imports
