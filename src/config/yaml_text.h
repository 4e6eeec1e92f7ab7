#pragma once

#include <string>
#include <string_view>

#include "config/tree.h"

namespace leat::config {

/// `text` as a YAML scalar on one line: as it is where every YAML reader takes it for this text, else between double quotes.
std::string YamlScalar(std::string_view text);

/// A value on one line: `{ type: page, size: 100 }`, `[id, day]`. A scalar that is not `quoted` and whose text is a number, true,
/// false or null stays one; any other is a text (YamlScalar).
std::string YamlFlow(const Node& node);

/// Adds the line `member`, with the reason beside it as a comment ("" none), always at the same column where the member is short.
void AppendYamlLine(std::string& text, const std::string& member, const std::string& reason);
/// Adds `comment` (with its `#`) as one line.
void AppendYamlComment(std::string& text, const std::string& comment);

}  // namespace leat::config
