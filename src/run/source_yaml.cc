#include "run/source_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/json_quoted.h"
#include "base/plain_name.h"
#include "config/yaml_text.h"

namespace leat::run {
namespace {

using component::ListedTable;
using config::AppendYamlComment;
using config::AppendYamlLine;
using config::YamlScalar;

bool IsOfEntry(char c) { return IsPlain(c) || c == '.'; }

bool IsEntry(const std::string& text) {
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') && std::all_of(text.begin(), text.end(), IsOfEntry);
}

/// The entry's own name: that of the table where it is plain, else its plain characters.
std::string NameOf(const ListedTable& table, std::set<std::string>& taken) {
  std::string name = table.entry;
  if (!IsEntry(name)) {
    for (char& c : name) {
      if (!IsOfEntry(c)) c = '_';
    }
    if (!IsEntry(name)) name = "t_" + name;
  }
  std::string free = name;
  for (int n = 2; !taken.insert(free).second; ++n) free = fmt::format("{}_{}", name, n);
  return free;
}

}  // namespace

std::string SizeText(const ListedTable& table, bool counted) {
  std::string text;
  if (table.rows) {
    text = (counted ? "" : "about ") + Grouped(*table.rows) + (*table.rows == 1 ? " row" : " rows");
  }
  if (table.bytes) {
    const auto bytes = static_cast<double>(*table.bytes);
    const std::string size = bytes >= 1e9   ? fmt::format("{:.1f} GB", bytes / 1e9)
                             : bytes >= 1e6 ? fmt::format("{:.1f} MB", bytes / 1e6)
                                            : fmt::format("{:.0f} kB", bytes / 1e3);
    text += (text.empty() ? "" : ", ") + size;
  }
  return text.empty() ? "of unknown size" : text;
}

std::string SourceYaml(const std::string& source, const std::string& connection,
                       const std::vector<AdvisedTable>& tables) {
  const bool measured =
      std::any_of(tables.begin(), tables.end(), [](const AdvisedTable& one) { return one.measured != 0; });
  std::string text = "# From `leat add source`: how each table is loaded, and why. ";
  text += measured ? "By the source's catalogue and what `leat profile` measured.\n"
                   : "The source's catalogue was read; no table was scanned.\n";
  text += "source: " + YamlScalar(source) + "\nconnection: " + YamlScalar(connection) + "\ntables:\n";
  std::set<std::string> taken;
  for (const auto& [table, advice, at, counted] : tables) {
    const std::string name = NameOf(table, taken);
    AppendYamlLine(text, "  - name: " + YamlScalar(name),
                   fmt::format("{}, {} ({}){}", table.kind, SizeText(table, counted), advice.size,
                               at == 0 ? "" : ", measured " + FormatTime(at).substr(0, 10)));
    if (name != table.entry) AppendYamlLine(text, "    table: " + JsonQuoted(table.entry), "");
    AppendYamlLine(text, "    mode: " + advice.mode.value, advice.mode.reason);
    if (!advice.update_key.value.empty()) {
      AppendYamlLine(text, "    update_key: " + YamlScalar(advice.update_key.value), advice.update_key.reason);
    }
    if (!advice.key.empty()) {
      std::string key;
      for (const std::string& column : advice.key) key += (key.empty() ? "" : ", ") + YamlScalar(column);
      AppendYamlLine(text, "    primary_key: [" + key + "]", advice.key_reason);
    }
    if (!advice.look_back.value.empty())
      AppendYamlLine(text, "    look_back: " + advice.look_back.value, advice.look_back.reason);
    if (!advice.reconcile.value.empty()) {
      AppendYamlLine(text, "    reconcile: { every: " + advice.reconcile.value + " }", advice.reconcile.reason);
    }
    for (const std::string& note : advice.notes) AppendYamlComment(text, "    # look at this: " + note);
  }
  return text;
}

}  // namespace leat::run
