#pragma once

#include <string>
#include <string_view>

namespace leat::data {

enum class JsonMember { kAbsent, kNull, kText, kMalformed };

/// Finds the first member `key` of the JSON object in `line` and gives its text: a string without quotes and escapes, anything
/// else as it stands there (numbers with all their digits, which parsers that go through double lose).
JsonMember FindJsonMember(std::string_view line, std::string_view key, std::string& text);

}  // namespace leat::data
