#include "component/key_sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "component/sql_probe.h"

namespace leat::component {
namespace {

using data::TypeId;

constexpr int kShortDecimal = 18;  ///< digits of a decimal whose units are a number of 64 bits
constexpr int kUuidDigits = 15;    ///< hexadecimal, 60 bits
constexpr int64_t kMicros = 1'000'000;
constexpr int64_t kDayMicros = 86'400 * kMicros;
constexpr int64_t kFirstDay = -719'162, kLastDay = 2'932'896;  ///< 0001-01-01, 9999-12-31

std::string Filled(const char* form, const std::string& sql) { return fmt::format(fmt::runtime(form), sql); }

std::string PowerOfTen(int exponent) { return "1" + std::string(static_cast<size_t>(exponent), '0'); }

std::string DateOrdinal(KeyDialect dialect, const std::string& sql) {
  switch (dialect) {
    case KeyDialect::kPostgres: return Filled("({}::date - DATE '1970-01-01')::bigint", sql);
    case KeyDialect::kMySql: return Filled("(TO_DAYS({}) - 719528)", sql);
    default: return Filled("date_diff('day', DATE '1970-01-01', {})", sql);
  }
}

std::string TimeOrdinal(KeyDialect dialect, const std::string& sql) {
  switch (dialect) {
    case KeyDialect::kPostgres:  // before version 14 the epoch is a double, which has no room for microseconds
      return Filled(
          "(extract(epoch FROM date_trunc('second', {0}))::bigint * 1000000 + extract(microseconds FROM {0})::bigint % "
          "1000000)",
          sql);
    case KeyDialect::kMySql: return Filled("((TO_SECONDS({0}) - 62167219200) * 1000000 + MICROSECOND({0}))", sql);
    default: return Filled("epoch_us({})", sql);
  }
}

std::string AsText(KeyDialect dialect, const std::string& sql) {
  switch (dialect) {
    case KeyDialect::kPostgres: return Filled("({})::text", sql);
    case KeyDialect::kMySql: return Filled("CAST({} AS CHAR)", sql);
    default: return Filled("({})::VARCHAR", sql);
  }
}

std::string HexDigits(KeyDialect dialect, const std::string& digits, int bits) {
  switch (dialect) {
    case KeyDialect::kPostgres: return fmt::format("('x' || {})::bit({})::bigint", digits, bits);
    case KeyDialect::kMySql: return Filled("CAST(CONV({}, 16, 10) AS SIGNED)", digits);
    default: return Filled("('0x' || {})::BIGINT", digits);
  }
}

/// Texts of columns that are no text have no '|', so that only texts have to be told apart.
std::string TextSql(KeyDialect dialect, const KeyColumn& column) {
  if (column.type->id == TypeId::kString && dialect == KeyDialect::kMySql)
    return Filled("CONVERT({} USING utf8mb4)", column.sql);
  const std::string ordinal = column.type->id == TypeId::kUuid ? "" : OrdinalSql(dialect, column);
  return AsText(dialect, ordinal.empty() ? column.sql : ordinal);
}

std::string Md5(KeyDialect dialect, const std::string& text) {
  return Filled(dialect == KeyDialect::kPostgres ? "md5(convert_to({}, 'UTF8'))" : "md5({})", text);
}

std::string BucketSql(KeyDialect dialect, const std::string& hash) {
  return HexDigits(dialect, "right(" + hash + ", 3)", 12);
}

/// NULL outside of what the chunks are of.
std::string RangeSql(const std::string& ordinal, const KeyChunks& chunks) {
  return fmt::format("CASE WHEN {0} BETWEEN {1} AND {2} THEN {3} END", ordinal, chunks.low, chunks.high,
                     RangeOf(ordinal, chunks.width));
}

uint64_t Wrapped(const std::optional<std::string>& text) {
  uint64_t value = 0;
  for (const char c : text.value_or("")) {
    if (c < '0' || c > '9') break;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  return value;
}

}  // namespace

std::string OrdinalSql(KeyDialect dialect, const KeyColumn& column) {
  const std::string& sql = column.sql;
  const bool mysql = dialect == KeyDialect::kMySql;
  switch (column.type->id) {
    case TypeId::kInt:
    case TypeId::kLong: return Filled(mysql ? "CAST({} AS SIGNED)" : "({})::bigint", sql);
    case TypeId::kDate: return DateOrdinal(dialect, sql);
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return TimeOrdinal(dialect, sql);
    case TypeId::kDecimal: {
      if (column.type->precision > kShortDecimal) return "";
      const std::string units = "(" + sql + " * " + PowerOfTen(column.type->scale) + ")";
      return mysql ? "CAST(" + units + " AS SIGNED)" : units + "::bigint";
    }
    case TypeId::kUuid:  // MariaDB has an order of its own for them
      if (mysql) return "";
      return HexDigits(dialect, fmt::format("substr(replace({}, '-', ''), 1, {})", AsText(dialect, sql), kUuidDigits),
                       4 * kUuidDigits);
    default: return "";
  }
}

bool HasOrdinalText(const data::Type& type, int64_t low, int64_t high) {
  switch (type.id) {
    case TypeId::kDate: return low >= kFirstDay && high <= kLastDay;
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return low >= kFirstDay * kDayMicros && high < (kLastDay + 1) * kDayMicros;
    default: return true;
  }
}

std::string OrdinalText(const data::Type& type, int64_t ordinal, bool last) {
  switch (type.id) {
    case TypeId::kDate: return MomentText(ordinal * kDayMicros).substr(0, 10);
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: return MomentText(ordinal);
    case TypeId::kDecimal: {
      const auto scale = static_cast<size_t>(type.scale);
      std::string digits = std::to_string(ordinal);
      const size_t sign = ordinal < 0 ? 1 : 0;
      if (digits.size() - sign <= scale) digits.insert(sign, scale + 1 - (digits.size() - sign), '0');
      if (scale > 0) digits.insert(digits.size() - scale, ".");
      return digits;
    }
    case TypeId::kUuid: {
      std::string text = fmt::format("{:015x}", ordinal) + std::string(32 - kUuidDigits, last ? 'f' : '0');
      for (const size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
      return text;
    }
    default: return std::to_string(ordinal);
  }
}

bool HasKeyText(const data::Type& type) {
  switch (type.id) {
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kDecimal:
    case TypeId::kUuid:
    case TypeId::kString: return true;
    default: return false;
  }
}

bool HasPostgresText(std::string_view type_name) {
  for (const char* name : {"int2", "int4", "int8", "date", "timestamp", "timestamptz", "uuid", "text", "varchar"}) {
    if (type_name == name) return true;
  }
  return false;
}

std::string KeyHashSql(KeyDialect dialect, const std::vector<KeyColumn>& key) {
  std::vector<std::string> texts;
  const KeyColumn* last_text = nullptr;
  for (const KeyColumn& column : key) {
    if (column.type->id == TypeId::kString) last_text = &column;
    else texts.push_back(TextSql(dialect, column));
  }
  for (const KeyColumn& column : key) {
    if (column.type->id != TypeId::kString || &column == last_text) continue;
    texts.push_back(Md5(dialect, TextSql(dialect, column)));  // as long as any other
  }
  if (last_text != nullptr) texts.push_back(TextSql(dialect, *last_text));
  if (texts.size() == 1) return Md5(dialect, texts[0]);
  const bool mysql = dialect == KeyDialect::kMySql;
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : mysql ? ", '|', " : " || '|' || ") + text;
  return Md5(dialect, mysql ? "CONCAT(" + joined + ")" : joined);
}

SumsQuestion AskForSums(KeyDialect dialect, const std::vector<KeyColumn>& key, const KeyChunks& chunks,
                        const std::string& table) {
  const bool buckets = chunks.width == 0;
  SumsQuestion question;
  question.select =
      "SELECT " + (buckets ? BucketSql(dialect, "leat_hash") : "leat_chunk") + ", count(*), count(leat_hash), sum(" +
      HexDigits(dialect, "left(leat_hash, 15)", 60) + ") FROM (SELECT " + KeyHashSql(dialect, key) + " AS leat_hash" +
      (buckets ? "" : ", " + RangeSql(OrdinalSql(dialect, key.at(0)), chunks) + " AS leat_chunk") + " FROM " + table;
  question.rest = ") leat_keys GROUP BY 1";
  return question;
}

std::string InChunksSql(KeyDialect dialect, const std::vector<KeyColumn>& key, const KeyChunks& chunks,
                        const std::vector<int64_t>& numbers) {
  std::string sql = chunks.width == 0 ? BucketSql(dialect, KeyHashSql(dialect, key))
                                      : RangeSql(OrdinalSql(dialect, key.at(0)), chunks);
  sql += " IN (";
  for (const int64_t number : numbers) sql += std::to_string(number) + ",";
  sql.back() = ')';
  return numbers.empty() ? "1 = 0" : sql;
}

void AddSums(KeySums& sums, const std::vector<std::vector<std::optional<std::string>>>& rows) {
  for (const auto& row : rows) {
    const int64_t count = WholeNumber(row.at(1)).value_or(0);
    sums.keys += count;
    if (WholeNumber(row.at(2)).value_or(0) != count) sums.nulls = true;
    const std::optional<int64_t> chunk = WholeNumber(row.at(0));
    if (!chunk) continue;
    KeySums::Chunk& into = sums.chunks[*chunk];
    into.rows += count;
    into.sum += Wrapped(row.at(3));
  }
}

}  // namespace leat::component
