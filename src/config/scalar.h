#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace leat::config {

// How values are typed in project files. Each returns nullopt when the text is not of that form.

/// Decimal digits with an optional sign, within 64 bits.
std::optional<int64_t> ParseInteger(std::string_view text);
/// As in C, without hex, infinity and NaN; always with '.' whatever the locale.
std::optional<double> ParseNumber(std::string_view text);
/// true or false, in any case.
std::optional<bool> ParseBoolean(std::string_view text);
/// "24h", "1h30m", "500ms", "0": units us, ms, s, m, h, d, w.
std::optional<std::chrono::microseconds> ParseDuration(std::string_view text);
/// "4GB" (10^9), "4GiB" (2^30), "100": bytes.
std::optional<int64_t> ParseBytes(std::string_view text);
/// "1%" is 0.01; "0".
std::optional<double> ParsePercent(std::string_view text);

}  // namespace leat::config
