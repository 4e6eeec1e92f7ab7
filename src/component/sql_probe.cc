#include "component/sql_probe.h"

#include <cstdlib>

namespace leat::component {
namespace {

Result<int64_t> OnlyNumber(const std::vector<TextRow>& rows) {
  const std::optional<int64_t> number = rows.empty() || rows[0].empty() ? std::nullopt : WholeNumber(rows[0][0]);
  if (number) return *number;
  return MakeError("SRC-324", ErrorKind::kData, "the source answered a count with no number");
}

}  // namespace

std::optional<int64_t> WholeNumber(const std::optional<std::string>& text) {
  if (!text || text->empty()) return std::nullopt;
  return std::strtoll(text->c_str(), nullptr, 10);
}

std::string MomentText(TimeMicros at) {
  std::string text = FormatTime(at);
  text.pop_back();
  text[text.find('T')] = ' ';
  return text;
}

Result<ColumnCounts> SqlProbe::Count(const std::vector<std::string>& columns) {
  LEAT_ASSIGN(const std::string table, ProbedTable());
  std::string sql = "SELECT count(*)";
  for (const std::string& column : columns) {
    LEAT_ASSIGN(const std::string name, ProbedColumn(column));
    sql += ", count(" + name + ")";
  }
  LEAT_ASSIGN(const std::vector<TextRow> rows, ProbeRows(sql + " FROM " + table));
  ColumnCounts counts;
  LEAT_ASSIGN(counts.rows, OnlyNumber(rows));
  for (size_t i = 0; i < columns.size(); ++i) counts.values.push_back(WholeNumber(rows[0].at(i + 1)).value_or(0));
  return counts;
}

Result<int64_t> SqlProbe::CountKeys(const std::vector<std::string>& columns) {
  LEAT_ASSIGN(const std::string table, ProbedTable());
  std::string names, where;
  for (const std::string& column : columns) {
    LEAT_ASSIGN(const std::string name, ProbedColumn(column));
    names += (names.empty() ? "" : ", ") + name;
    where += (where.empty() ? " WHERE " : " AND ") + name + " IS NOT NULL";
  }
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              ProbeRows("SELECT count(*) FROM (SELECT DISTINCT " + names + " FROM " + table + where + ") leat_keys"));
  return OnlyNumber(rows);
}

std::vector<std::string> RangeSums(const std::string& column) {
  return {column + " % 2147483629", column + " % 46337", "(" + column + " % 46337) * (" + column + " % 46337)"};
}

Result<std::map<int64_t, RangeFacts>> SqlProbe::SumRanges(const std::string& column, int64_t width) {
  LEAT_ASSIGN(const std::string table, ProbedTable());
  LEAT_ASSIGN(const std::string name, ProbedColumn(column));
  const std::string range = RangeOf(name, width);
  std::string sql = "SELECT " + range + ", count(*)";
  for (const std::string& one : RangeSums(name)) sql += ", " + ProbedSum(one);
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              ProbeRows(sql + " FROM " + table + " WHERE " + name + " IS NOT NULL GROUP BY " + range));
  std::map<int64_t, RangeFacts> ranges;
  for (const TextRow& row : rows) {
    RangeFacts& facts = ranges[WholeNumber(row.at(0)).value_or(0)];
    facts.rows += WholeNumber(row.at(1)).value_or(0);
    for (size_t i = 2; i < row.size(); ++i) facts.sums.push_back(row[i].value_or(""));
  }
  return ranges;
}

Result<std::vector<KeyColumn>> SqlProbe::KeyInSql(const std::vector<SourceColumn>& key) {
  std::vector<KeyColumn> columns;
  for (const SourceColumn& column : key) {
    LEAT_ASSIGN(std::string name, ProbedColumn(column.name));
    columns.push_back({std::move(name), column.type});
  }
  return columns;
}

Result<KeyDialect> SqlProbe::SumsKeys(const std::vector<SourceColumn>& key) {
  for (const SourceColumn& column : key) {
    if (column.type == nullptr || !HasKeyText(*column.type)) return KeyDialect::kNone;
    LEAT_ASSIGN(const bool certain, HasCertainText(column));
    if (!certain) return KeyDialect::kNone;
  }
  return ProbedDialect();
}

Status SqlProbe::ProbePieces(const std::string& select, const std::string& rest,
                             const std::function<void(const std::vector<TextRow>&)>& take) {
  LEAT_ASSIGN(const std::vector<TextRow> rows, ProbeRows(select + rest));
  take(rows);
  return Ok();
}

Result<KeySums> SqlProbe::SumKeys(const std::vector<SourceColumn>& key, const KeyChunks& chunks) {
  LEAT_ASSIGN(const KeyDialect dialect, ProbedDialect());
  LEAT_ASSIGN(const std::string table, ProbedTable());
  LEAT_ASSIGN(const std::vector<KeyColumn> columns, KeyInSql(key));
  const SumsQuestion question = AskForSums(dialect, columns, chunks, table);
  KeySums sums;
  LEAT_TRY(ProbePieces(question.select, question.rest, [&](const auto& rows) { AddSums(sums, rows); }));
  return sums;
}

Result<TablePart> SqlProbe::InChunks(const std::vector<SourceColumn>& key, const KeyChunks& chunks,
                                     const std::vector<int64_t>& numbers) {
  LEAT_ASSIGN(const KeyDialect dialect, ProbedDialect());
  LEAT_ASSIGN(const std::vector<KeyColumn> columns, KeyInSql(key));
  TablePart part;
  part.shown = fmt::format("{} chunks of keys", numbers.size());
  part.bounds = ProbedBounds(InChunksSql(dialect, columns, chunks, numbers));
  return part;
}

Result<std::vector<std::string>> SqlProbe::Greatest(const std::string& column, int most) {
  LEAT_ASSIGN(const std::string table, ProbedTable());
  LEAT_ASSIGN(const std::string name, ProbedColumn(column));
  LEAT_ASSIGN(const std::string text, ProbedText(column));
  LEAT_ASSIGN(const std::vector<TextRow> rows,
              ProbeRows(ProbedFirst("SELECT " + text + " AS leat_value FROM " + table + " WHERE " + name +
                                        " IS NOT NULL ORDER BY " + name + " DESC",
                                    most)));
  std::vector<std::string> values;
  values.reserve(rows.size());
  for (const TextRow& row : rows) values.push_back(ProbedValue(column, row.at(0).value_or("")));
  return values;
}

Result<std::optional<int64_t>> SqlProbe::CountBetween(const std::string& column, TimeMicros from, TimeMicros to) {
  LEAT_ASSIGN(const std::string table, ProbedTable());
  LEAT_ASSIGN(const std::string name, ProbedColumn(column));
  LEAT_ASSIGN(const std::string low, ProbedMoment(column, from));
  LEAT_ASSIGN(const std::string high, ProbedMoment(column, to));
  if (low.empty() || high.empty()) return std::optional<int64_t>();
  LEAT_ASSIGN(const std::vector<TextRow> rows, ProbeRows("SELECT count(*) FROM " + table + " WHERE " + name +
                                                         " >= " + low + " AND " + name + " < " + high));
  LEAT_ASSIGN(const int64_t count, OnlyNumber(rows));
  return std::optional<int64_t>(count);
}

}  // namespace leat::component
