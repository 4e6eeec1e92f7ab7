#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::e2e {

/// Shows temp paths, ids, times and durations as fixed words: <dir>, <uuid>, <time>, <snapshot>, <seconds>, <port>.
std::string Normalise(std::string text, const std::string& folder);

/// Compares text with an expectation as written after stdout or stderr: "~ part" (contains), "re: pattern" (found
/// anywhere), "! part" (does not contain), anything else exactly. Text is compared as it is and normalised. E2E-301.
Status MatchText(std::string_view expectation, const std::string& text, const std::string& folder);

/// Exact comparison of lines; the error is a diff with - expected and + got.
Status MatchLines(const std::vector<std::string>& expected, const std::vector<std::string>& got);

/// "path = value", "path ~ part", "path exists", "path missing", "path count = n" on JSON text; path a.b[0].c, with
/// [key=value] for the first list item whose member `key` is `value`. E2E-302.
Status MatchJson(std::string_view expectation, const std::string& json);
/// The value at a path: strings as they are, other values as JSON.
Result<std::string> JsonAt(std::string_view path, const std::string& json);

/// Rows of a csv text without its header; an empty field that was not quoted is NULL, a quoted empty one (empty).
Result<std::vector<std::vector<std::string>>> CsvRows(const std::string& text);

/// Compares rows with expected lines (values parted by a tab or by two blanks and more). `types`: T text, I whole number,
/// R real number (1e-9 relative).
Status MatchRows(const std::string& types, bool sorted, const std::vector<std::string>& expected,
                 std::vector<std::vector<std::string>> rows);
/// The lines that --update writes for rows.
std::vector<std::string> RowLines(bool sorted, std::vector<std::vector<std::string>> rows);

std::vector<std::string> Lines(const std::string& text);

}  // namespace leat::e2e
