#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leat::data {

/// Bytes as a binary value is shown: "\\x00\\xFFa".
std::string BinaryText(std::string_view bytes);
/// `count` of `unit` in a second as seconds, exactly: "1.5", "-0.000001".
std::string SecondsText(int64_t count, int64_t unit);

}  // namespace leat::data
