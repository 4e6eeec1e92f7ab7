#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "base/secret.h"
#include "config/text.h"
#include "config/tree.h"

namespace leat::config {
namespace {

constexpr int kMaxShown = 110;  // columns of a source line that are printed
constexpr int kTab = 4;

struct Colours {
  const char* red = "";
  const char* yellow = "";
  const char* bold = "";
  const char* dim = "";
  const char* off = "";
};

// A source line for the terminal: tabs are spaces, control characters are dots, and each character knows its column.
struct ShownLine {
  std::string text;
  int caret = 0;  // display columns before the span
  int width = 1;  // display columns of the span
};

ShownLine Show(std::string_view line, int column, int length) {
  struct Cell {
    std::string text;
    int width = 0;
  };
  std::vector<Cell> cells;
  for (size_t at = 0; at < line.size();) {
    const size_t start = at;
    const char32_t c = NextCodePoint(line, at);
    if (c == '\t') cells.push_back({std::string(kTab, ' '), kTab});
    else if (c < 0x20 || (c == 0xFFFD && at == start + 1)) cells.push_back({".", 1});
    else cells.push_back({std::string(line.substr(start, at - start)), DisplayWidth(c)});
  }
  const auto from = static_cast<size_t>(std::clamp(column - 1, 0, static_cast<int>(cells.size())));
  const size_t to = std::min(cells.size(), from + static_cast<size_t>(std::max(1, length)));

  // A long line is cut on both sides so that the span stays in sight.
  size_t first = 0;
  int before = 0;
  for (size_t i = 0; i < from; ++i) before += cells[i].width;
  while (before > kMaxShown * 2 / 3) before -= cells[first++].width;

  ShownLine shown;
  if (first > 0) {
    shown.text = "…";
    before += 1;
  }
  shown.caret = before;
  int used = first > 0 ? 1 : 0;
  int span_width = 0;
  for (size_t i = first; i < cells.size(); ++i) {
    if (used + cells[i].width > kMaxShown) {
      shown.text += "…";
      break;
    }
    shown.text += cells[i].text;
    used += cells[i].width;
    if (i >= from && i < to) span_width += cells[i].width;
  }
  shown.width = std::max(1, span_width);
  return shown;
}

std::pair<std::string, std::string> SplitFirstLine(const std::string& text) {
  const size_t end = text.find('\n');
  if (end == std::string::npos) return {text, ""};
  return {text.substr(0, end), text.substr(end + 1)};
}

void AppendIndented(std::string& out, const std::string& text) {
  const Lines lines(text);
  for (int i = 1; i <= lines.count(); ++i) {
    if (!lines.Line(i).empty()) out += fmt::format("  {}\n", lines.Line(i));
  }
}

std::string RenderOne(const Error& error, const std::string& root, std::string_view label, const Colours& c) {
  std::string out = fmt::format("{}{} {}{}: {}{}{}\n", label == "warning" ? c.yellow : c.red, label, error.code(),
                                c.off, c.bold, error.message(), c.off);
  const SourceSpan& where = error.where();
  std::string hint = error.hint();
  if (where.known()) {
    out += fmt::format("  {}\n", where.ToString());
    const std::string path = where.file.front() == '/' ? where.file : root + "/" + where.file;
    const auto text = where.line > 0 ? ReadTextFile(path, where.file) : Result<std::string>(std::string());
    if (where.line > 0 && text.ok()) {
      std::string_view content = *text;
      if (content.substr(0, 3) == "\xEF\xBB\xBF") content.remove_prefix(3);
      const Lines lines(content);
      if (where.line <= lines.count()) {
        const ShownLine shown = Show(lines.Line(where.line), where.column, where.length);
        const std::string number = std::to_string(where.line);
        out += fmt::format("  {}{} |{} {}\n", c.dim, number, c.off, shown.text);
        if (where.column > 0) {
          const auto [beside, rest] = SplitFirstLine(hint);
          out +=
              fmt::format("  {}{} |{} {}{}{}{}{}{}\n", c.dim, std::string(number.size(), ' '), c.off,
                          std::string(static_cast<size_t>(shown.caret), ' '), c.red,
                          std::string(static_cast<size_t>(shown.width), '^'), c.off, beside.empty() ? "" : " ", beside);
          hint = rest;
        }
      }
    }
  }
  AppendIndented(out, hint);
  return MaskSecrets(std::move(out));
}

// The error and everything below it, flat, without the lists of others.
void Flatten(const Error& error, std::vector<const Error*>& all) {
  all.push_back(&error);
  for (const Error& other : error.others()) Flatten(other, all);
}

nlohmann::ordered_json Json(const Error& error, bool with_others) {
  nlohmann::ordered_json json{{"code", error.code()},           {"kind", std::string(KindName(error.kind()))},
                              {"message", error.message()},     {"hint", error.hint()},
                              {"file", error.where().file},     {"line", error.where().line},
                              {"column", error.where().column}, {"length", error.where().length}};
  if (with_others) {
    json["others"] = nlohmann::ordered_json::array();
    std::vector<const Error*> all;
    Flatten(error, all);
    for (size_t i = 1; i < all.size(); ++i) json["others"].push_back(Json(*all[i], false));
  }
  return json;
}

Colours Pick(bool color) {
  if (!color) return {};
  return {"\x1b[31m", "\x1b[33m", "\x1b[1m", "\x1b[2m", "\x1b[0m"};
}

}  // namespace

std::string RenderError(const Error& error, const std::string& project_root, bool color) {
  std::vector<const Error*> all;
  Flatten(error, all);
  std::string out;
  for (const Error* one : all) {
    if (!out.empty()) out += "\n";
    out += RenderOne(*one, project_root, "error", Pick(color));
  }
  if (all.size() > 1) out += fmt::format("\n{} errors\n", all.size());
  return out;
}

std::string RenderWarning(const Error& warning, const std::string& project_root, bool color) {
  return RenderOne(warning, project_root, "warning", Pick(color));
}

std::string ErrorToJson(const Error& error) {
  return Json(error, true).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace leat::config
