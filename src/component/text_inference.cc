#include "component/text_inference.h"

#include <fmt/format.h>

#include <cstdlib>

#include "data/exact_text.h"

namespace leat::component {
namespace {

constexpr int kHeadroomDigits = 2;  // room for values a hundred times larger than those of the sample

}  // namespace

data::TypePtr TypeOfFacts(bool any, const data::TextFacts& facts) {
  const auto [types, scale, digits] = facts;
  using data::TextFacts;
  using data::TypeId;
  if (!any) return data::Primitive(TypeId::kString);
  if ((types & TextFacts::kInteger) != 0) return data::Primitive(TypeId::kLong);
  if ((types & TextFacts::kDecimal) != 0) {
    if (digits + scale + kHeadroomDigits <= 18) return data::Decimal(18, scale);
    if (digits + scale <= 38) return data::Decimal(38, scale);
    return data::Primitive(TypeId::kString);
  }
  if ((types & TextFacts::kDouble) != 0) return data::Primitive(TypeId::kDouble);
  if ((types & TextFacts::kDate) != 0) return data::Primitive(TypeId::kDate);
  if ((types & TextFacts::kTimestamp) != 0) return data::Primitive(TypeId::kTimestamp);
  if ((types & TextFacts::kTimestampTz) != 0) return data::Primitive(TypeId::kTimestampTz);
  if ((types & TextFacts::kBoolean) != 0) return data::Primitive(TypeId::kBoolean);
  return data::Primitive(TypeId::kString);
}

Result<std::vector<data::TypePtr>> InferTextTypes(
    const std::string& relation, const std::vector<std::string>& columns,
    const std::function<Result<std::vector<std::vector<std::string>>>(const std::string& sql)>& query) {
  if (columns.empty()) return std::vector<data::TypePtr>{};
  // One pass: facts of every value, then per column what all values have in common and the widest digits.
  std::string inner, outer;
  for (size_t i = 0; i < columns.size(); ++i) {
    std::string f = "f" + std::to_string(i);
    const char* comma = i == 0 ? "" : ", ";
    inner += fmt::format("{}leat_text_facts({}) AS {}", comma, columns[i], f);
    outer += fmt::format(
        "{0}count({1}), coalesce(bit_and({1} & 255), 0), coalesce(max({1} >> 8 & 16777215), 0), coalesce(max({1} >> 32), 0)",
        comma, f);
  }
  LEAT_ASSIGN(auto rows, query("SELECT " + outer + " FROM (SELECT " + inner + " FROM " + relation + ")"));
  if (rows.size() != 1 || rows[0].size() != 4 * columns.size()) {
    return MakeError("SRC-903", ErrorKind::kInternal, "inference gave {} rows for {} columns", rows.size(),
                     columns.size());
  }
  std::vector<data::TypePtr> types;
  for (size_t i = 0; i < columns.size(); ++i) {
    auto number = [&](size_t at) { return std::strtoll(rows[0][4 * i + at].c_str(), nullptr, 10); };
    types.push_back(TypeOfFacts(number(0) > 0, {number(1), static_cast<int>(number(2)), static_cast<int>(number(3))}));
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
    case TypeId::kFloat: return "leat_float(" + text + ")";
    case TypeId::kDouble: return "leat_double(" + text + ")";
    case TypeId::kDate: return "leat_date(" + text + ")";
    case TypeId::kTime: return "leat_time(" + text + ")";
    case TypeId::kTimestamp: return "leat_timestamp(" + text + ")";
    case TypeId::kTimestampTz: return "leat_timestamptz(" + text + ")";
    case TypeId::kDecimal:
      return "leat_decimal_" + std::string(type.precision <= 18 ? "18_" : "38_") + std::to_string(type.scale) + "(" +
             text + ", " + std::to_string(type.precision) + ")";
    default: break;
  }
  std::string cast = "TRY_CAST(" + text + " AS " + data::DuckDbTypeName(type) + ")";
  if (!type.is_nested()) return cast;
  return "CASE WHEN json_valid(" + text + ") THEN TRY_CAST(TRY_CAST(" + text + " AS JSON) AS " +
         data::DuckDbTypeName(type) + ") ELSE " + cast + " END";
}

}  // namespace leat::component
