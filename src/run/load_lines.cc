#include "run/load_lines.h"

#include <deque>
#include <fstream>
#include <functional>
#include <map>
#include <string_view>
#include <unordered_map>

namespace leat::run {
namespace {

constexpr int64_t kMostRows = 1'000'000;

/// The lines that are looked for in one file, by hash of their text; each row takes the next of its numbers.
using Wanted = std::unordered_map<size_t, std::deque<int64_t>>;

size_t HashLine(std::string_view line) { return std::hash<std::string_view>{}(line); }

Status FindLines(const component::InputFile& file, Wanted& wanted) {
  std::ifstream in(file.path, std::ios::binary);
  int64_t number = 0;
  for (std::string text; std::getline(in, text);) {
    std::string_view line = text;
    if (++number == 1 && line.starts_with("\xef\xbb\xbf")) line.remove_prefix(3);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto found = wanted.find(HashLine(line));
    if (found != wanted.end()) found->second.push_back(number);
  }
  if (!in.eof()) {
    return MakeError("SRC-203", ErrorKind::kEnvironment, "cannot read {} again for the lines of its rejected rows",
                     file.origin);
  }
  return Ok();
}

}  // namespace

Status AddLineNumbers(RejectFile& rejects, const std::vector<component::InputFile>& files) {
  std::map<std::string, const component::InputFile*> by_origin;
  for (const component::InputFile& file : files) by_origin[file.origin] = &file;
  std::map<std::string, Wanted> wanted;
  int64_t rows = 0;
  LEAT_TRY(rejects.Revise([&](RejectedRow& row) {
    if (by_origin.count(row.origin) > 0 && rows++ < kMostRows) wanted[row.origin][HashLine(row.payload)];
    return Ok();
  }));
  for (auto& [origin, lines] : wanted) LEAT_TRY(FindLines(*by_origin[origin], lines));
  if (wanted.empty()) return Ok();
  return rejects.Revise([&](RejectedRow& row) {
    const auto file = wanted.find(row.origin);
    if (file == wanted.end()) return Ok();
    const auto line = file->second.find(HashLine(row.payload));
    if (line == file->second.end() || line->second.empty()) return Ok();
    row.origin += ":" + std::to_string(line->second.front());
    line->second.pop_front();
    return Ok();
  });
}

}  // namespace leat::run
