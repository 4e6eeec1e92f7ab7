#include "config/scalar.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace leat::config {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// Splits "1.5GB" after the number.
std::pair<std::string_view, std::string_view> SplitUnit(std::string_view text) {
  size_t end = 0;
  while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.')) ++end;
  std::string_view unit = text.substr(end);
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  return {text.substr(0, end), unit};
}

}  // namespace

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> ParseNumber(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<bool> ParseBoolean(std::string_view text) {
  const std::string lower = Lower(text);
  if (lower == "true") return true;
  if (lower == "false") return false;
  return std::nullopt;
}

std::optional<std::chrono::microseconds> ParseDuration(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 7> kUnits{
      {{"us", 1}, {"ms", 1e3}, {"s", 1e6}, {"m", 60e6}, {"h", 3600e6}, {"d", 86400e6}, {"w", 7 * 86400e6}}};
  if (text == "0") return std::chrono::microseconds(0);
  if (text.empty()) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto [number, rest] = SplitUnit(text);
    const auto value = ParseNumber(number);
    size_t letters = 0;
    while (letters < rest.size() && rest[letters] >= 'a' && rest[letters] <= 'z') ++letters;
    const std::string_view unit = rest.substr(0, letters);
    double factor = 0;
    for (const auto& [name, micros] : kUnits) {
      if (name == unit) factor = micros;
    }
    if (!value || factor == 0) return std::nullopt;
    total += *value * factor;
    text = rest.substr(letters);
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  }
  if (total > 9e18) return std::nullopt;
  return std::chrono::microseconds(std::llround(total));
}

std::optional<int64_t> ParseBytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 10> kUnits{{{"", 1},
                                                                               {"b", 1},
                                                                               {"kb", 1e3},
                                                                               {"mb", 1e6},
                                                                               {"gb", 1e9},
                                                                               {"tb", 1e12},
                                                                               {"kib", 1024.0},
                                                                               {"mib", 1024.0 * 1024},
                                                                               {"gib", 1024.0 * 1024 * 1024},
                                                                               {"tib", 1024.0 * 1024 * 1024 * 1024}}};
  const auto [number, rest] = SplitUnit(text);
  const auto value = ParseNumber(number);
  if (!value) return std::nullopt;
  const std::string unit = Lower(rest);
  for (const auto& [name, factor] : kUnits) {
    if (name == unit && *value * factor < 9e18) return std::llround(*value * factor);
  }
  return std::nullopt;
}

std::optional<double> ParsePercent(std::string_view text) {
  if (text == "0") return 0.0;
  if (text.empty() || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const auto value = ParseNumber(text);
  if (!value) return std::nullopt;
  return *value / 100;
}

}  // namespace leat::config
