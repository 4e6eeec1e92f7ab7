#include "component/engine_column.h"

#include <cctype>
#include <map>
#include <set>

#include "component/sql_text.h"
#include "component/text_inference.h"

namespace leat::component {
namespace {

using data::TypeId;

bool IsHuge(const std::string& type) { return type == "HUGEINT" || type == "UHUGEINT" || type == "BIGNUM"; }

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
         (IsNestedEngineType(type) && HoldsDelicate(type));
}

bool IsTimestamp(const std::string& type) {
  return type == "TIMESTAMP" || type == "TIMESTAMP_S" || type == "TIMESTAMP_MS" || type == "TIMESTAMP_NS";
}

/// What EngineColumn makes of a type, null where the engine decides.
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
  return FittingTimestamp(name, type);
}

/// Digits before the point that every whole number of a type has at most; 0: another type.
int WholeDigits(const std::string& type) {
  static const std::map<std::string, int> kDigits = {{"TINYINT", 3},   {"SMALLINT", 5}, {"INTEGER", 10},
                                                     {"BIGINT", 19},   {"UTINYINT", 3}, {"USMALLINT", 5},
                                                     {"UINTEGER", 10}, {"UBIGINT", 20}};
  const auto found = kDigits.find(type);
  return found == kDigits.end() ? 0 : found->second;
}

bool IsNumber(const std::string& type) {
  return WholeDigits(type) > 0 || IsHuge(type) || type == "FLOAT" || type == "DOUBLE" || type.starts_with("DECIMAL");
}

bool IsNumber(const data::Type& type) {
  return type.id == TypeId::kInt || type.id == TypeId::kLong || type.id == TypeId::kFloat ||
         type.id == TypeId::kDouble || type.id == TypeId::kDecimal;
}

/// True where the engine's cast of a number loses nothing, whatever the value.
bool HoldsEvery(const data::Type& wanted, const std::string& type) {
  const int digits = WholeDigits(type);
  if (type == data::DuckDbTypeName(wanted)) return true;
  if (type == "FLOAT") return wanted.id == TypeId::kDouble;
  if (digits == 0) return false;
  switch (wanted.id) {
    case TypeId::kInt:
    case TypeId::kFloat: return digits <= 5;
    case TypeId::kLong:
    case TypeId::kDouble: return digits <= 10;
    case TypeId::kDecimal: return wanted.precision - wanted.scale >= digits;
    default: return false;
  }
}

bool IsDay(const std::string& type) { return type == "DATE" || IsTimestamp(type); }

}  // namespace

bool IsNestedEngineType(const std::string& type) {
  return type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP(");
}

std::string FittingTimestamp(const std::string& value, const std::string& type) {
  const std::string there = "TRY_CAST(" + value + " AS TIMESTAMP)";
  return "CASE WHEN isfinite(" + there + ") AND TRY_CAST(" + there + " AS " + type + ") = " + value + " THEN " + there +
         " END";
}

ReadColumn ReadThereAndBack(const std::string& value, const std::string& type, const data::Type& wanted) {
  const std::string there = "TRY_CAST(" + value + " AS " + data::DuckDbTypeName(wanted) + ")";
  const std::string finite = IsDay(type) ? "isfinite(" + value + ") AND " : "";
  return {"CASE WHEN " + finite + "TRY_CAST(" + there + " AS " + type + ") = " + value + " THEN " + there + " END",
          "CAST(" + value + " AS VARCHAR)", true};
}

SourceColumn EngineColumn(const std::string& name, const std::string& type) { return {name, OwnType(type), type}; }

ReadColumn ReadEngineColumn(const SourceColumn& column, const data::Type& wanted) {
  const std::string name = SqlName(column.name);
  const std::string& type = column.engine_type;
  // The tag of a union is lost in its plain text.
  const std::string text =
      type.starts_with("UNION(") ? "CAST(to_json(" + name + ") AS VARCHAR)" : "CAST(" + name + " AS VARCHAR)";
  const data::TypePtr own = OwnType(type);
  const bool nested = IsNestedEngineType(type);
  // Cast here, not left to a union of several: it would find a type of its own between them.
  if (wanted.id == TypeId::kString) {
    if (type == "BLOB") return {"TRY(decode(" + name + "))", text, true};
    return {type == "VARCHAR" ? name : text, "", false};
  }
  if (wanted.id == TypeId::kBinary && type == "VARCHAR") return {"encode(" + name + ")", "", false};
  if (own != nullptr && own->id != TypeId::kString && data::SameType(*own, wanted))
    return {FittingValue(type, name, text), text, true};
  const bool days = IsDay(type) && (wanted.id == TypeId::kDate || wanted.id == TypeId::kTimestamp);
  if (days || (!nested && IsNumber(type) && !IsHuge(type) && IsNumber(wanted) && !HoldsEvery(wanted, type)))
    return ReadThereAndBack(name, type, wanted);
  if (HoldsEvery(wanted, type) && type != data::DuckDbTypeName(wanted))
    return {"CAST(" + name + " AS " + data::DuckDbTypeName(wanted) + ")", "", false};
  // Values of an altogether other type go in where their text is exactly one of it.
  if (wanted.is_nested() || (own == nullptr && type != "VARCHAR")) return {name, "", false};
  return {ExactCast(text, wanted), text, true};
}

}  // namespace leat::component
