#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace leat::app {

/// What the standard streams are. `color` is off when piped, with NO_COLOR, TERM=dumb or --no-color.
struct Console {
  bool out_terminal = false;
  bool err_terminal = false;
  bool color = false;  ///< of standard output
  bool err_color = false;
  int width = 100;  ///< columns of the terminal

  static Console Detect(bool no_color);
};

/// Writes to standard output. A closed pipe (`leat sql … | head`) ends the program quietly.
void Print(std::string_view text);
void PrintError(std::string_view text);

enum class Style { kPlain, kBold, kDim, kGood, kWarn, kBad };
std::string Styled(std::string_view text, Style style, bool color);

/// Columns that a terminal uses for `text` (UTF-8; wide East Asian characters take two).
size_t DisplayWidth(std::string_view text);
/// `text` in at most `width` columns, with an ellipsis when it was cut.
std::string FitWidth(std::string_view text, size_t width);

/// 336776 -> "336,776".
std::string Thousands(int64_t value);
/// 1536 -> "1.5 KiB".
std::string Size(int64_t bytes);
/// 0.42 -> "0.42 s", 75 -> "1 min 15 s".
std::string Duration(double seconds);

/// A table of aligned columns under a header; `right[i]` aligns column i to the right.
std::string AlignedTable(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows,
                         const std::vector<bool>& right, bool color);

}  // namespace leat::app
