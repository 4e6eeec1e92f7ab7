#include "app/console.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace leat::app {
namespace {

void WriteAll(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      if (errno == EPIPE) _exit(0);
      _exit(4);
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
}

/// Decodes one character; invalid bytes count as one column each.
char32_t NextCharacter(std::string_view text, size_t& at) {
  const auto first = static_cast<unsigned char>(text[at]);
  const size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
  if (length == 1 || at + length > text.size()) {
    ++at;
    return first;
  }
  char32_t character = first & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i)
    character = (character << 6U) | (static_cast<unsigned char>(text[at + i]) & 0x3FU);
  at += length;
  return character;
}

size_t CharacterWidth(char32_t c) {
  if (c == 0 || (c >= 0x300 && c < 0x370) || (c >= 0x200B && c <= 0x200F) || (c >= 0xFE00 && c <= 0xFE0F)) return 0;
  const bool wide = (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
                    (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) ||
                    (c >= 0x1F300 && c <= 0x1FAFF) || (c >= 0x20000 && c <= 0x3FFFD);
  return wide ? 2 : 1;
}

}  // namespace

Console Console::Detect(bool no_color) {
  Console console;
  const char* setting = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  const bool plain =
      no_color || (setting != nullptr && *setting != 0) || (terminal != nullptr && std::strcmp(terminal, "dumb") == 0);
  console.out_terminal = isatty(STDOUT_FILENO) == 1;
  console.err_terminal = isatty(STDERR_FILENO) == 1;
  console.color = console.out_terminal && !plain;
  console.err_color = console.err_terminal && !plain;
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 || ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0) {
    if (size.ws_col > 0) console.width = size.ws_col;
  }
  return console;
}

void Print(std::string_view text) { WriteAll(STDOUT_FILENO, text); }
void PrintError(std::string_view text) { WriteAll(STDERR_FILENO, text); }

std::string Styled(std::string_view text, Style style, bool color) {
  if (!color || style == Style::kPlain) return std::string(text);
  const char* code = style == Style::kBold   ? "1"
                     : style == Style::kDim  ? "2"
                     : style == Style::kGood ? "32"
                     : style == Style::kWarn ? "33"
                                             : "31";
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += CharacterWidth(NextCharacter(text, at));
  return width;
}

std::string FitWidth(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width || width == 0) return std::string(text);
  size_t used = 0, at = 0;
  while (at < text.size()) {
    size_t next = at;
    const size_t columns = CharacterWidth(NextCharacter(text, next));
    if (used + columns > width - 1) break;
    used += columns;
    at = next;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string Thousands(int64_t value) {
  const std::string digits = std::to_string(value < 0 ? -value : value);
  std::string text = value < 0 ? "-" : "";
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string Size(int64_t bytes) {
  const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, units[unit]);
}

std::string Duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.2f} s", seconds);
  const auto whole = static_cast<int64_t>(seconds);
  if (whole < 3600) return fmt::format("{} min {} s", whole / 60, whole % 60);
  return fmt::format("{} h {} min", whole / 3600, whole / 60 % 60);
}

std::string AlignedTable(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                         const std::vector<bool>& right, bool color) {
  std::vector<size_t> widths;
  widths.reserve(header.size());
  for (const std::string& name : header) widths.push_back(DisplayWidth(name));
  for (const auto& row : rows) {
    for (size_t c = 0; c < row.size() && c < widths.size(); ++c) widths[c] = std::max(widths[c], DisplayWidth(row[c]));
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string text;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string padding(widths[c] - std::min(widths[c], DisplayWidth(row[c])), ' ');
      const bool last = c + 1 == row.size();
      const bool to_right = c < right.size() && right[c];
      text += to_right ? padding + row[c] : last ? row[c] : row[c] + padding;
      if (!last) text += "  ";
    }
    return text;
  };
  std::string text = Styled(line(header), Style::kBold, color) + "\n";
  for (const auto& row : rows) text += line(row) + "\n";
  return text;
}

}  // namespace leat::app
