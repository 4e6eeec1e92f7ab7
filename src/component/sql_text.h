#pragma once

#include <string>
#include <string_view>

namespace leat::component {

/// 'text' as an SQL literal, and "name" as a quoted identifier.
std::string SqlLiteral(std::string_view text);
std::string SqlName(std::string_view name);

}  // namespace leat::component
