#include "components/source/duckdb/duckdb_column.h"

#include <set>

#include "component/sql_text.h"
#include "component/text_inference.h"

namespace leat::components::duckdb {
namespace {

using component::ReadColumn;
using data::TypeId;

bool IsHuge(const std::string& type) { return type == "HUGEINT" || type == "UHUGEINT" || type == "BIGNUM"; }

bool IsNested(const std::string& type) {
  return type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP(");
}

/// Of these a value inside of a nested one may have no place in the lake: infinite dates, times of day with a zone, more digits than a
/// decimal has. Members may have names that are spelled as types: between quotes, or with their type behind them.
bool HoldsDelicate(const std::string& type) {
  static const std::set<std::string> kDelicate = {"DATE",         "TIME",         "TIME_NS", "TIMESTAMP", "TIMESTAMP_S",
                                                  "TIMESTAMP_MS", "TIMESTAMP_NS", "HUGEINT", "UHUGEINT",  "BIGNUM",
                                                  "INTERVAL",     "UNION",        "BIT"};
  std::string word;
  bool quoted = false;
  for (size_t i = 0; i <= type.size(); ++i) {
    const char c = i < type.size() ? type[i] : ')';
    if (c == '"') quoted = !quoted;
    if (!quoted && (isalnum(static_cast<unsigned char>(c)) != 0 || c == '_')) {
      word += c;
      continue;
    }
    const bool is_name = c == ' ' && type.compare(i, 15, " WITH TIME ZONE") != 0;
    if (!quoted && !is_name && kDelicate.contains(word)) return true;
    word.clear();
  }
  return false;
}

bool IsTextOnly(const std::string& type) {
  return type == "INTERVAL" || type == "TIME WITH TIME ZONE" || type.starts_with("UNION(") ||
         (IsNested(type) && HoldsDelicate(type));
}

bool IsTimestamp(const std::string& type) {
  return type.starts_with("TIMESTAMP") && type != "TIMESTAMP WITH TIME ZONE";
}

/// What ColumnOf makes of a type, null where the engine decides.
data::TypePtr OwnType(const std::string& type) {
  if (IsHuge(type)) return data::Decimal(38, 0);
  if (IsTextOnly(type)) return data::Primitive(TypeId::kString);
  if (type == "DATE") return data::Primitive(TypeId::kDate);
  if (type == "TIME" || type == "TIME_NS") return data::Primitive(TypeId::kTime);
  if (type == "TIMESTAMP WITH TIME ZONE") return data::Primitive(TypeId::kTimestampTz);
  if (IsTimestamp(type)) return data::Primitive(TypeId::kTimestamp);
  return nullptr;
}

/// A value that is NULL where `type` has something that the lake has not.
std::string FittingValue(const std::string& type, const std::string& name, const std::string& text) {
  if (IsHuge(type)) return "TRY_CAST(" + text + " AS DECIMAL(38,0))";
  const auto when = [&](const std::string& condition, const std::string& value) {
    return "CASE WHEN " + condition + " THEN " + value + " END";
  };
  if (type == "DATE" || type == "TIMESTAMP" || type == "TIMESTAMP WITH TIME ZONE")
    return when("isfinite(" + name + ")", name);
  if (type == "TIME") return when(name + " < TIME '24:00:00'", name);
  if (type == "TIME_NS") {  // there is no way back: both show the digits that they have
    const std::string time = "TRY_CAST(" + text + " AS TIME)";
    return when(time + " < TIME '24:00:00' AND CAST(" + time + " AS VARCHAR) = " + text, time);
  }
  // Finer or wider than microseconds: there and back again.
  const std::string there = "TRY_CAST(" + name + " AS TIMESTAMP)";
  return when("isfinite(" + there + ") AND TRY_CAST(" + there + " AS " + type + ") = " + name, there);
}

}  // namespace

component::SourceColumn ColumnOf(const std::string& name, const std::string& type) {
  return {name, OwnType(type), type};
}

ReadColumn ReadingOf(const component::SourceColumn& column, const data::Type& wanted) {
  const std::string name = component::SqlName(column.name);
  const std::string& type = column.engine_type;
  // The tag of a union is lost in its plain text.
  const std::string text =
      type.starts_with("UNION(") ? "CAST(to_json(" + name + ") AS VARCHAR)" : "CAST(" + name + " AS VARCHAR)";
  const data::TypePtr own = OwnType(type);
  const bool text_wanted = wanted.id == TypeId::kString;
  if (text_wanted) return {own != nullptr || IsNested(type) ? text : name, "", false};
  if (own != nullptr && own->id != TypeId::kString && data::SameType(*own, wanted))
    return {FittingValue(type, name, text), text, true};
  // Values that the table's narrower, or altogether other type may not hold go in where their text is exactly one of it.
  const bool wider =
      (wanted.id == TypeId::kInt && type == "BIGINT") || (wanted.id == TypeId::kFloat && type == "DOUBLE") ||
      (wanted.id == TypeId::kDecimal && type.starts_with("DECIMAL") && type != data::DuckDbTypeName(wanted));
  if (own == nullptr && !wider && type != "VARCHAR") return {name, "", false};
  if (wanted.is_nested()) return {name, "", false};
  return {component::ExactCast(text, wanted), text, true};
}

}  // namespace leat::components::duckdb
