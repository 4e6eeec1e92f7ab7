#include "run/source_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
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

/// Null: the server does not count, or nothing was measured.
const component::WriteCounters* WritesOf(const TableProfile* profile) {
  return profile == nullptr || !profile->writes ? nullptr : &*profile->writes;
}

std::string DayOf(const std::optional<TimeMicros>& time) { return FormatTime(time.value_or(0)).substr(0, 10); }

/// A column is no use as an update key for this reason, "" it may be one.
std::string WhyNot(const ListedColumn& column, const TableProfile* profile) {
  const MomentProfile* seen = profile == nullptr ? nullptr : profile->Find(column.name);
  if (seen == nullptr) return "";
  if (const int64_t nulls = seen->nulls.value_or(0); nulls > 0 && !column.set_on_update) {
    return fmt::format("{} is NULL in {} of {} rows", column.name, Grouped(nulls), Grouped(profile->rows.value_or(0)));
  }
  if (seen->unreadable > 0) return fmt::format("{} of the values of {} are no moments", seen->unreadable, column.name);
  const component::WriteCounters* writes = WritesOf(profile);
  const int64_t written = writes == nullptr ? 0 : writes->updated + writes->inserted;
  if (written > 0 && seen->since_reset == 0 && !column.set_on_update) {
    return fmt::format("{} rows were written since {}, and none of them has a {} since then", Grouped(written),
                       DayOf(writes->since), column.name);
  }
  return "";
}

/// Null: none; `why_not` says then what is the matter with one that looks like it.
const ListedColumn* FindUpdateKey(const ListedTable& table, const TableProfile* profile, std::string& why_not) {
  const ListedColumn* best = nullptr;
  for (const ListedColumn& column : table.columns) {
    if (!column.moment || (!column.set_on_update && !SaysChanged(column.name))) continue;
    if (std::string reason = WhyNot(column, profile); !reason.empty()) {
      why_not = std::move(reason);
      continue;
    }
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

void ChooseKey(const ListedTable& table, const TableProfile* profile, TableAdvice& advice) {
  if (!table.primary_key.empty()) {
    advice.key = table.primary_key;
    advice.key_reason = "the table's primary key";
  } else if (!table.unique_key.empty()) {
    advice.key = table.unique_key;
    advice.key_reason = "no primary key; a unique index over columns that are never null";
  } else if (profile != nullptr && profile->key && profile->key->holds() && profile->rows.value_or(0) > 0) {
    advice.key = profile->key->columns;
    advice.key_reason =
        fmt::format("no key is declared; all {} values are different", Grouped(profile->rows.value_or(0)));
    advice.notes.push_back("the source does not hold " + profile->key->columns.front() +
                           " unique: give it a check `unique`, which tells when it no longer is");
  }
}

std::string Lasts(std::chrono::microseconds time) {
  const double seconds = static_cast<double>(time.count()) / 1e6;
  if (seconds < 120) return fmt::format("{:.0f} s", std::max(1.0, seconds));
  return seconds < 7200 ? fmt::format("{:.0f} min", seconds / 60) : fmt::format("{:.1f} h", seconds / 3600);
}

/// ", about 9 s each", by the rows that were read.
std::string TimeOfAll(const TableProfile* profile) {
  const auto whole = profile == nullptr ? std::nullopt : TimeToReadAll(*profile);
  return whole ? ", about " + Lasts(*whole) + " over one connection" : "";
}

/// All rows each time; `otherwise` would spare that, which matters where they are many.
void ReadAll(const ListedTable& table, const TableProfile* profile, const std::string& why,
             const std::string& otherwise, TableAdvice& advice) {
  advice.mode = {"full-refresh", why};
  if (advice.size == "small") return;
  advice.notes.push_back("every load reads all of it" + TimeOfAll(profile) + ": " + otherwise);
  if (table.primary_key.size() == 1 && table.kind.ends_with("table")) {
    advice.notes.push_back("if rows are only ever added, `mode: append` with `update_key: " + table.primary_key[0] +
                           "` reads the new ones");
  }
}

/// The server has counted for long enough that rows are added, and never changed or removed.
bool OnlyGrows(const ListedTable& table, const TableProfile* profile) {
  constexpr TimeMicros kLongEnough = TimeMicros{7} * 86'400 * 1'000'000;
  const component::WriteCounters* writes = WritesOf(profile);
  if (writes == nullptr || !writes->since || table.primary_key.size() != 1) return false;
  const auto key = std::find_if(table.columns.begin(), table.columns.end(),
                                [&](const ListedColumn& column) { return column.name == table.primary_key[0]; });
  const bool ordered = key != table.columns.end() && (Lower(key->type).find("int") != std::string::npos ||
                                                      Lower(key->type).find("serial") != std::string::npos);
  return ordered && writes->inserted > 0 && writes->updated == 0 && writes->deleted == 0 &&
         profile->at - *writes->since >= kLongEnough;
}

/// Members of an incremental load that what was measured has a say in.
void ChooseTimes(const MomentProfile* seen, const TableProfile* profile, TableAdvice& advice) {
  constexpr TimeMicros kDay = TimeMicros{86'400} * 1'000'000;
  advice.look_back = {"10m", "transactions that began earlier may commit later"};
  if (seen != nullptr && seen->step == kDay) {
    advice.look_back = {"1d", "it has whole days only: rows of the last one may still come"};
  }
  advice.reconcile = {"1d", "rows that were deleted are found by comparing the keys"};
  const component::WriteCounters* writes = WritesOf(profile);
  if (writes == nullptr || !writes->since) return;
  const std::string since = DayOf(writes->since);
  if (writes->deleted > 0) {
    advice.reconcile.reason =
        fmt::format("the server counted {} deleted rows since {}", Grouped(writes->deleted), since);
  } else if (profile->at - *writes->since >= 7 * kDay) {
    advice.reconcile = {"7d", "the server counted no deleted row since " + since};
  }
}

void NoteWhatWasSeen(const ListedColumn& column, const MomentProfile& seen, const TableProfile& profile,
                     TableAdvice& advice) {
  if (seen.ahead > 0) {
    advice.notes.push_back(fmt::format(
        "{} of the {} newest {} are later than this machine's clock: a bookmark there skips what is written until then",
        Grouped(seen.ahead), Grouped(seen.seen), column.name));
  }
  const component::WriteCounters* writes = WritesOf(&profile);
  const int64_t moved = seen.since_reset.value_or(0);
  if (writes != nullptr && writes->updated > 0 && moved > 0 && moved <= writes->inserted && !column.set_on_update) {
    advice.notes.push_back(fmt::format(
        "the server counted {} updates, yet no more rows have a {} since then than were inserted: see that updates set it",
        Grouped(writes->updated), column.name));
  }
}

TableAdvice AdviseLoad(const ListedTable& listed, const TableProfile* profile, bool own_bookmark) {
  ListedTable table = listed;
  if (profile != nullptr && profile->counted) table.rows = profile->rows;
  TableAdvice advice;
  advice.size = SizeClass(table);
  if (!table.not_readable.empty()) advice.left_out = table.not_readable;
  else if (table.columns.empty()) advice.left_out = "it has no columns";
  else if (IsAuditTable(table.name)) advice.left_out = "by its name, a log that the source keeps of its own changes";
  ChooseKey(table, profile, advice);
  if (own_bookmark && advice.key.empty()) {
    advice.mode = {"full-refresh", "no key tells which rows newer ones replace"};
    advice.notes.push_back(
        "if rows are only ever added, `mode: append` reads the new ones; with a `primary_key`, `mode: incremental` reads "
        "the changed ones too");
    return advice;
  }
  if (own_bookmark) {
    advice.mode = {"incremental", "the source tells what is new; rows replace those of their key"};
    advice.reconcile = {"1d", "rows that were deleted are found by comparing the keys"};
    return advice;
  }
  std::string why_not;
  const ListedColumn* changed = FindUpdateKey(table, profile, why_not);
  const MomentProfile* seen = profile == nullptr || changed == nullptr ? nullptr : profile->Find(changed->name);
  const bool never_null = seen != nullptr && seen->nulls == 0;
  if (changed == nullptr && OnlyGrows(table, profile)) {
    advice.mode = {"append", fmt::format("since {} the server counted {} new rows, none changed, none deleted",
                                         DayOf(WritesOf(profile)->since), Grouped(WritesOf(profile)->inserted))};
    advice.update_key = {table.primary_key[0], "the primary key: new rows have greater ones, if it is a sequence"};
  } else if (changed == nullptr) {
    ReadAll(table, profile, why_not.empty() ? "no column tells which rows changed" : why_not,
            "a column with the time of the last change, with an index, would make it incremental", advice);
  } else if (advice.key.empty()) {
    ReadAll(table, profile, changed->name + " tells which rows changed, but no key tells which rows they replace",
            "name the columns of its key, if you know them, as `primary_key`, and it can be incremental", advice);
  } else if (changed->nullable && !changed->set_on_update && !never_null &&
             (advice.size == "small" || advice.size == "unknown")) {
    ReadAll(table, profile, changed->name + " may be NULL, so it cannot be relied on",
            "where it never is, `mode: incremental` with it as `update_key` reads what changed", advice);
  } else {
    advice.mode = {"incremental", "rows that are new or changed replace those of their key"};
    advice.update_key = {changed->name, ReasonOf(*changed)};
    if (seen != nullptr && seen->per_day) {
      advice.update_key.reason += fmt::format("; about {} rows a day", Grouped(std::llround(*seen->per_day)));
    }
    ChooseTimes(seen, profile, advice);
    if (changed->nullable) {
      advice.notes.push_back(changed->name +
                             (never_null
                                  ? " may be NULL, and is in no row today: one that is comes with the first load only"
                                  : " may be NULL: such rows come with the first load only"));
    }
    if (!changed->leads_index && advice.size != "small") {
      advice.notes.push_back("no index begins with " + changed->name + ": every load scans the table at the source");
    }
    if (seen != nullptr) NoteWhatWasSeen(*changed, *seen, *profile, advice);
  }
  return advice;
}

}  // namespace

std::string Grouped(int64_t number) {
  const std::string digits = std::to_string(number);
  std::string text;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0 && digits[i - 1] != '-') text += ',';
    text += digits[i];
  }
  return text;
}

TableAdvice Advise(const ListedTable& listed, const TableProfile* profile, const component::SourceCapabilities& can) {
  TableAdvice advice = AdviseLoad(listed, profile, can.own_bookmark);
  if (can.relation && !advice.reconcile.value.empty()) {
    advice.reconcile = {};
    advice.notes.push_back(
        "rows that are deleted there stay here: this source cannot be asked for its keys alone; `mode: full-refresh` takes them out");
  }
  return advice;
}

}  // namespace leat::run
