#pragma once

#include <string>
#include <string_view>

namespace leat {

/// `text` as a JSON string with its quotes (RFC 8259 section 7). Bytes above 0x1f go through as they are: whoever needs UTF-8 sees to it.
std::string JsonQuoted(std::string_view text);

}  // namespace leat
