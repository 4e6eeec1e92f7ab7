#include "component/text_inference.h"

#include <algorithm>
#include <cstdlib>

namespace leat::component {
namespace {

/// What the sample says about one column: how many values, how many fit each type, digits before and after the point.
struct ColumnFacts {
  long values = 0, integers = 0, decimals = 0, doubles = 0, dates = 0, timestamps = 0, zoned = 0, booleans = 0;
  int scale = 0, digits = 0;
};

constexpr int kHeadroomDigits = 2;  // room for values a hundred times larger than those of the sample

std::string FactsOf(const std::string& relation, const std::string& column) {
  const std::string date = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
  const std::string time = "[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{1,6})?)?";
  auto count = [&](const std::string& pattern, const std::string& also = "") {
    return ", count(*) FILTER (regexp_full_match(v, '" + pattern + "')" + also + ")";
  };
  std::string number = "-?(0|[1-9][0-9]*)(\\.[0-9]+)?";
  return "SELECT count(v)" + count("-?(0|[1-9][0-9]*)", " AND TRY_CAST(v AS BIGINT) IS NOT NULL") + count(number) +
         count("[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][+-]?[0-9]+)?", " AND NOT regexp_full_match(v, '[+-]?0[0-9].*')") +
         count(date, " AND TRY_CAST(v AS DATE) IS NOT NULL") + count(date + time, " AND TRY_CAST(v AS TIMESTAMP) IS NOT NULL") +
         count(date + time + "(Z|[+-][0-9]{2}(:?[0-9]{2})?)") + count("(?i)(true|false)") +
         ", coalesce(max(CASE WHEN regexp_full_match(v, '" + number +
         "') THEN length(split_part(v, '.', 2)) END), 0), coalesce(max(CASE WHEN regexp_full_match(v, '" + number +
         "') THEN length(ltrim(split_part(v, '.', 1), '-')) END), 0) FROM (SELECT " + column + " AS v FROM " + relation + ")";
}

data::TypePtr TypeOf(const ColumnFacts& facts) {
  using data::TypeId;
  if (facts.values == 0) return data::Primitive(TypeId::kString);
  if (facts.integers == facts.values) return data::Primitive(TypeId::kLong);
  if (facts.decimals == facts.values) {
    int needed = facts.digits + facts.scale;
    if (needed + kHeadroomDigits <= 18) return data::Decimal(18, facts.scale);
    if (needed <= 38) return data::Decimal(38, facts.scale);
    return data::Primitive(TypeId::kString);
  }
  if (facts.doubles == facts.values) return data::Primitive(TypeId::kDouble);
  if (facts.dates == facts.values) return data::Primitive(TypeId::kDate);
  if (facts.dates + facts.timestamps == facts.values) return data::Primitive(TypeId::kTimestamp);
  if (facts.zoned == facts.values) return data::Primitive(TypeId::kTimestampTz);
  if (facts.booleans == facts.values) return data::Primitive(TypeId::kBoolean);
  return data::Primitive(TypeId::kString);
}

}  // namespace

Result<std::vector<data::TypePtr>> InferTextTypes(
    const std::string& relation, const std::vector<std::string>& columns,
    const std::function<Result<std::vector<std::vector<std::string>>>(const std::string& sql)>& query) {
  if (columns.empty()) return std::vector<data::TypePtr>{};
  std::string sql = "WITH leat_sample AS MATERIALIZED (SELECT * FROM " + relation + ")";
  for (size_t i = 0; i < columns.size(); ++i) {
    sql += (i == 0 ? " " : " UNION ALL ") + FactsOf("leat_sample", columns[i]).insert(7, std::to_string(i) + ", ");
  }
  LEAT_ASSIGN(auto rows, query(sql + " ORDER BY 1"));
  if (rows.size() != columns.size()) {
    return MakeError("SRC-903", ErrorKind::kInternal, "inference gave {} rows for {} columns", rows.size(), columns.size());
  }
  std::vector<data::TypePtr> types;
  for (const std::vector<std::string>& row : rows) {
    auto number = [&](size_t at) { return at < row.size() ? std::strtol(row[at].c_str(), nullptr, 10) : 0; };
    ColumnFacts facts{number(1), number(2), number(3), number(4), number(5), number(6), number(7), number(8),
                      static_cast<int>(number(9)), static_cast<int>(number(10))};
    types.push_back(TypeOf(facts));
  }
  return types;
}

std::string ExactCast(const std::string& text, const data::Type& type) {
  using data::TypeId;
  switch (type.id) {
    case TypeId::kString: return "";
    case TypeId::kBoolean: return "leat_boolean(" + text + ")";
    case TypeId::kInt: return "leat_integer(" + text + ")";
    case TypeId::kLong: return "leat_bigint(" + text + ")";
    case TypeId::kDouble: return "leat_double(" + text + ")";
    case TypeId::kDate: return "leat_date(" + text + ")";
    case TypeId::kTimestamp: return "leat_timestamp(" + text + ")";
    case TypeId::kTimestampTz: return "leat_timestamptz(" + text + ")";
    case TypeId::kDecimal:
      return "leat_decimal_" + std::string(type.precision <= 18 ? "18_" : "38_") + std::to_string(type.scale) + "(" + text +
             ", " + std::to_string(type.precision) + ")";
    default: return "TRY_CAST(" + text + " AS " + data::DuckDbTypeName(type) + ")";
  }
}

}  // namespace leat::component
