#include "run/source_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/lower.h"

namespace leat::run {
namespace {

using component::ListedColumn;
using component::ListedTable;

constexpr int64_t kMedium = 1'000'000;
constexpr int64_t kLarge = 100'000'000;
/// Without an estimate, rows are taken for so long.
constexpr int64_t kBytesPerRow = 100;

std::string SizeClass(const ListedTable& table) {
  if (!table.rows && !table.bytes) return "unknown";
  const int64_t rows = table.rows.value_or(table.bytes.value_or(0) / kBytesPerRow);
  return rows < kMedium ? "small" : rows < kLarge ? "medium" : "large";
}

/// Words of a name: updatedAt, updated_at and UPDATED-AT are "updated at".
std::vector<std::string> WordsOf(const std::string& name) {
  std::vector<std::string> words(1);
  char before = 0;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    const bool begins = c >= 'A' && c <= 'Z' && before >= 'a' && before <= 'z';
    if ((!letter || begins) && !words.back().empty()) words.emplace_back();
    if (letter) words.back() += c;
    before = c;
  }
  if (words.back().empty()) words.pop_back();
  for (std::string& word : words) word = Lower(word);
  return words;
}

/// Names by which programs keep the time of a row's last change.
bool SaysChanged(const std::string& name) {
  constexpr std::array<std::string_view, 4> kBegins = {"updat", "modif", "chang", "lastupd"};
  constexpr std::array<std::string_view, 3> kWhole = {"mtime", "systemmodstamp", "modstamp"};
  const std::vector<std::string> words = WordsOf(name);
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(kWhole.begin(), kWhole.end(), word) != kWhole.end() ||
           std::any_of(kBegins.begin(), kBegins.end(), [&](std::string_view begin) { return word.starts_with(begin); });
  });
}

/// Tables that a source keeps about itself: what was deleted or changed, by whom.
bool IsAuditTable(const std::string& name) {
  const std::vector<std::string> words = WordsOf(name);
  const auto has = [&](std::string_view word) { return std::find(words.begin(), words.end(), word) != words.end(); };
  const bool log = has("log") || has("history") || has("trail");
  return has("audit") ||
         ((has("delete") || has("deleted") || has("deletion") || has("deletions") || has("change")) && log) ||
         has("databasechangelog") || has("databasechangeloglock") || name == "schema_migrations" ||
         name == "flyway_schema_history" || name == "alembic_version";
}

int Rank(const ListedColumn& column) {
  return (column.set_on_update ? 8 : 0) + (column.nullable ? 0 : 4) + (column.leads_index ? 2 : 0) +
         (column.moment ? 1 : 0);
}

const ListedColumn* FindUpdateKey(const ListedTable& table) {
  const ListedColumn* best = nullptr;
  for (const ListedColumn& column : table.columns) {
    if (!column.moment || (!column.set_on_update && !SaysChanged(column.name))) continue;
    if (best == nullptr || Rank(column) > Rank(*best)) best = &column;
  }
  return best;
}

std::string ReasonOf(const ListedColumn& column) {
  std::string text =
      column.set_on_update ? "the source sets it on every update" : "by its name, the time of a row's last change";
  text += " (" + column.type + (column.nullable ? "" : ", not null") + (column.leads_index ? ", indexed)" : ")");
  return text;
}

void ChooseKey(const ListedTable& table, TableAdvice& advice) {
  if (!table.primary_key.empty()) {
    advice.key = table.primary_key;
    advice.key_reason = "the table's primary key";
  } else if (!table.unique_key.empty()) {
    advice.key = table.unique_key;
    advice.key_reason = "no primary key; a unique index over columns that are never null";
  }
}

/// All rows each time; `otherwise` would spare that, which matters where they are many.
void ReadAll(const ListedTable& table, const std::string& why, const std::string& otherwise, TableAdvice& advice) {
  advice.mode = {"full-refresh", why};
  if (advice.size == "small") return;
  advice.notes.push_back("every load reads all of it: " + otherwise);
  if (table.primary_key.size() == 1 && table.kind.ends_with("table")) {
    advice.notes.push_back("if rows are only ever added, `mode: append` with `update_key: " + table.primary_key[0] +
                           "` reads the new ones");
  }
}

}  // namespace

TableAdvice Advise(const ListedTable& table) {
  TableAdvice advice;
  advice.size = SizeClass(table);
  if (!table.not_readable.empty()) advice.left_out = table.not_readable;
  else if (table.columns.empty()) advice.left_out = "it has no columns";
  else if (IsAuditTable(table.name)) advice.left_out = "by its name, a log that the source keeps of its own changes";
  ChooseKey(table, advice);
  const ListedColumn* changed = FindUpdateKey(table);
  if (changed == nullptr) {
    ReadAll(table, "no column tells which rows changed",
            "a column with the time of the last change, with an index, would make it incremental", advice);
  } else if (advice.key.empty()) {
    ReadAll(table, changed->name + " tells which rows changed, but no key tells which rows they replace",
            "name the columns of its key, if you know them, as `primary_key`, and it can be incremental", advice);
  } else if (changed->nullable && !changed->set_on_update && (advice.size == "small" || advice.size == "unknown")) {
    ReadAll(table, changed->name + " may be NULL, so it cannot be relied on",
            "where it never is, `mode: incremental` with it as `update_key` reads what changed", advice);
  } else {
    advice.mode = {"incremental", "rows that are new or changed replace those of their key"};
    advice.update_key = {changed->name, ReasonOf(*changed)};
    advice.look_back = {"10m", "transactions that began earlier may commit later"};
    advice.reconcile = {"1d", "rows that were deleted are found by comparing the keys"};
    if (changed->nullable) {
      advice.notes.push_back(changed->name + " may be NULL: such rows come with the first load only");
    }
    if (!changed->leads_index && advice.size != "small") {
      advice.notes.push_back("no index begins with " + changed->name + ": every load scans the table at the source");
    }
  }
  return advice;
}

}  // namespace leat::run
