#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace leat::component {

/// The parts of a table's name as SQL writes it: parted by dots, each may stand between double quotes, where "" is one quote
/// and a dot is a character like any other. `most` parts at most: further dots belong to the last. Never empty.
std::vector<std::string> SplitQuotedName(std::string_view text, size_t most);

/// How an entry's `table:` names a table so that SplitQuotedName finds its parts again; `schema` "" names none.
std::string EntryName(const std::string& schema, const std::string& name);

}  // namespace leat::component
