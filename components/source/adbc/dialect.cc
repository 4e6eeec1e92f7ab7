#include "components/source/adbc/dialect.h"

#include <algorithm>
#include <cstdio>
#include <initializer_list>
#include <set>

#include "base/lower.h"
#include "component/server_reading.h"
#include "component/sql_text.h"
#include "data/exact_text.h"

namespace leat::components::adbc {
namespace {

using data::TypeId;

constexpr int kLongestDecimal = 38;

// PostgreSQL's driver gives these exactly. Others it gives as bytes of the wire (ranges), without their dimensions (arrays), with a wrong
// sign (oid) or without their point (money): they are asked for as text.
const std::set<std::string>& ExactInPostgres() {
  static const std::set<std::string> names = {"bool", "int2",  "int4",    "int8",   "float4",    "float8",
                                              "text", "name",  "date",    "bytea",  "uuid",      "time",
                                              "json", "jsonb", "varchar", "bpchar", "timestamp", "timestamptz"};
  return names;
}

bool HasOneOf(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string::npos; });
}

/// numeric(p,s) or decimal(p); null where it names no digits or more than a decimal has.
data::TypePtr DeclaredDecimal(const std::string& declared) {
  const size_t open = declared.find('(');
  int precision = 0, scale = 0;
  if (open == std::string::npos || std::sscanf(declared.c_str() + open, "(%d,%d", &precision, &scale) < 1)
    return nullptr;
  precision = std::max(precision - std::min(scale, 0), scale);
  scale = std::max(scale, 0);
  return precision < 1 || precision > kLongestDecimal ? nullptr : data::Decimal(precision, scale);
}

void ChooseInPostgres(Column& column, const std::string& declared) {
  if (ExactInPostgres().contains(column.type_name)) return;
  if (column.type_name == "numeric" && declared.starts_with("numeric(") && DeclaredDecimal(declared) != nullptr) {
    column.type = DeclaredDecimal(declared);
    return;
  }
  column.type = data::Primitive(TypeId::kString);
  column.ask = "CAST({0} AS text)";
}

/// SQLite has types of values, not of columns: its driver guesses one from the first rows. So each value is asked for with what it is.
void ChooseInSqlite(Column& column, const std::string& declared) {
  column.marked = true;
  column.ask =
      "CASE typeof({0}) WHEN 'null' THEN '' WHEN 'blob' THEN 'x' || hex({0}) WHEN 'real' THEN 'v' || quote({0}) "
      "ELSE 'v' || {0} END";
  const std::string name = Lower(declared);
  column.type_name = declared.empty() ? "no type" : name;
  TypeId id = TypeId::kString;
  if (HasOneOf(name, {"int"})) {
    id = TypeId::kLong;
  } else if (HasOneOf(name, {"bool"})) {
    id = TypeId::kBoolean;
  } else if (HasOneOf(name, {"real", "floa", "doub"})) {
    id = TypeId::kDouble;
  } else if (HasOneOf(name, {"blob"})) {
    id = TypeId::kBinary;
  } else if (HasOneOf(name, {"timestamp", "datetime"})) {
    id = TypeId::kTimestamp;
  } else if (name == "date") {
    id = TypeId::kDate;
  } else if (name == "time") {
    id = TypeId::kTime;
  }
  column.type = data::Primitive(id);
  if (HasOneOf(name, {"dec", "numeric"}) && DeclaredDecimal(name) != nullptr) column.type = DeclaredDecimal(name);
}

bool IsNumber(const data::Type& type) {
  switch (type.id) {
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDecimal: return true;
    default: return false;
  }
}

}  // namespace

Dbms DbmsOf(const std::string& vendor) {
  const std::string name = Lower(vendor);
  if (name.starts_with("postgres")) return Dbms::kPostgres;
  if (name.starts_with("sqlite")) return Dbms::kSqlite;
  return HasOneOf(name, {"bigquery", "mysql", "mariadb", "databricks", "spark"}) ? Dbms::kBackticks : Dbms::kOther;
}

std::string QuoteName(Dbms dbms, const std::string& name) {
  if (dbms != Dbms::kBackticks) return component::SqlName(name);
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

Column ChooseColumn(Dbms dbms, const ArrowType& type, const std::string& declared) {
  Column column;
  column.name = type.name;
  column.type_name = type.database.empty() ? type.format : type.database;
  column.type = LakeType(type);
  if (dbms == Dbms::kPostgres) ChooseInPostgres(column, declared);
  if (dbms == Dbms::kSqlite) ChooseInSqlite(column, declared);
  return column;
}

Result<std::string> Literal(Dbms dbms, const Column& column, const std::string& text) {
  const auto no_value = [&] { return component::NoValueOf("SRC-317", text, column.name, column.type_name); };
  if (IsNumber(*column.type)) {
    if (!component::IsNumberText(text)) return no_value();
    return text;
  }
  const std::string quoted = component::SqlLiteral(text);
  if (dbms == Dbms::kBackticks) {  // a backslash has a meaning there
    std::string escaped;
    for (const char c : text) escaped.append(c == '\\' || c == '\'' ? "\\" : "").push_back(c);
    if (column.type->id == TypeId::kString) return "'" + escaped + "'";
  }
  if (dbms == Dbms::kPostgres || dbms == Dbms::kSqlite) return quoted;
  int32_t days = 0;
  int64_t micros = 0;
  switch (column.type->id) {
    case TypeId::kDate: return data::ParseExactDate(text, days) ? Result<std::string>("DATE " + quoted) : no_value();
    case TypeId::kTimestamp:
      return data::ParseExactTimestamp(text, micros) ? Result<std::string>("TIMESTAMP " + quoted) : no_value();
    default: return quoted;
  }
}

}  // namespace leat::components::adbc
