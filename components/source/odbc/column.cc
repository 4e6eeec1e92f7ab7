#include "components/source/odbc/column.h"

#include <sql.h>
#include <sqlext.h>

#include <algorithm>
#include <cstdio>
#include <initializer_list>

#include "base/lower.h"
#include "component/server_reading.h"
#include "components/source/odbc/sql_server.h"
#include "data/exact_text.h"

namespace leat::components::odbc {
namespace {

using data::TypeId;

constexpr int kLongestDecimal = 38;
// Microsoft's own types (msodbcsql.h, FreeTDS).
constexpr int kSqlServerTime = -154, kSqlServerTimestampOffset = -155;

bool BeginsWithOneOf(const std::string& text, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* word) { return text.starts_with(word); });
}

bool IsTimestamp(int type) { return type == SQL_TYPE_TIMESTAMP || type == SQL_TIMESTAMP; }
bool IsDate(int type) { return type == SQL_TYPE_DATE || type == SQL_DATE; }
bool IsTime(int type) { return type == SQL_TYPE_TIME || type == SQL_TIME || type == kSqlServerTime; }
bool IsApproximate(int type) { return type == SQL_REAL || type == SQL_FLOAT || type == SQL_DOUBLE; }
bool IsBinary(int type) { return type == SQL_BINARY || type == SQL_VARBINARY || type == SQL_LONGVARBINARY; }

/// Exact numbers by name that some drivers describe as doubles or texts.
bool IsExactName(const std::string& name) {
  return BeginsWithOneOf(name, {"dec", "numeric", "number", "money", "smallmoney"});
}

bool HasZone(const std::string& name) {
  return name.find("timestamptz") != std::string::npos || name.find("with time zone") != std::string::npos ||
         name.find("datetimeoffset") != std::string::npos;
}

/// decimal(p,s), also where the scale is negative or greater than the precision; text where no decimal is wide enough.
data::TypePtr DecimalOf(int64_t precision, int scale) {
  if (scale < 0) {
    precision -= scale;
    scale = 0;
  }
  precision = std::max<int64_t>(precision, scale);
  if (precision < 1 || precision > kLongestDecimal) return data::Primitive(TypeId::kString);
  return data::Decimal(static_cast<int>(precision), scale);
}

void ChooseNumber(Dbms dbms, Column& column, const std::string& name) {
  column.number = true;
  switch (column.sql_type) {
    case SQL_TINYINT:
    case SQL_SMALLINT: column.type = data::Primitive(TypeId::kInt); return;
    case SQL_INTEGER: column.type = data::Primitive(column.is_unsigned ? TypeId::kLong : TypeId::kInt); return;
    case SQL_BIGINT: column.type = column.is_unsigned ? data::Decimal(20, 0) : data::Primitive(TypeId::kLong); return;
    case SQL_DECIMAL:
    case SQL_NUMERIC: column.type = DecimalOf(column.size, column.digits); return;
    default: break;
  }
  if (IsExactName(name)) {  // an exact number that the driver calls approximate: its text has all digits
    column.type = data::Primitive(TypeId::kString);
    column.number = false;
    return;
  }
  // MySQL's FLOAT is asked for as a double; SQLite's texts are exact, its driver's doubles are not.
  const bool single = column.sql_type == SQL_REAL && dbms != Dbms::kSqlite;
  column.type = data::Primitive(single ? TypeId::kFloat : TypeId::kDouble);
  column.fetch = dbms == Dbms::kSqlite ? Fetch::kText : single && dbms != Dbms::kMySql ? Fetch::kFloat : Fetch::kDouble;
}

void ChooseText(Column& column, const std::string& name) {
  column.type = data::Primitive(TypeId::kString);
  int precision = 0, scale = 0;
  const size_t open = name.find('(');
  if (name == "bool" || name == "boolean") {
    column.type = data::Primitive(TypeId::kBoolean);
  } else if (name == "uuid" || name == "uniqueidentifier") {
    column.type = data::Primitive(TypeId::kUuid);
  } else if (IsExactName(name) && open != std::string::npos &&
             std::sscanf(name.c_str() + open, "(%d,%d", &precision, &scale) >= 1) {
    column.type = DecimalOf(precision, scale);
    column.number = true;
  }
}

}  // namespace

Dbms DbmsOf(std::string_view name) {
  const std::string lower = Lower(name);
  if (lower.starts_with("postgres")) return Dbms::kPostgres;
  if (lower.starts_with("mysql") || lower.starts_with("mariadb")) return Dbms::kMySql;
  if (lower.starts_with("sqlite")) return Dbms::kSqlite;
  if (lower.starts_with("microsoft sql server")) return Dbms::kSqlServer;
  return Dbms::kOther;
}

component::KeyWays KeyWaysOf(Dbms dbms, std::string_view name) {
  using component::KeyHash;
  const std::string lower = Lower(name);
  switch (dbms) {
    case Dbms::kPostgres: return {true, false, false, KeyHash::kHashText};
    case Dbms::kMySql: return {true, false, false, KeyHash::kCrc32};
    case Dbms::kSqlite: return {true, false, true, KeyHash::kNone};
    case Dbms::kSqlServer: return {true, true, true, KeyHash::kChecksum};
    case Dbms::kOther: break;
  }
  if (lower.starts_with("oracle")) return {true, true, true, KeyHash::kOraHash};
  // Others may be warehouses without indexes, where each question is a sort of the table.
  return {lower.starts_with("db2"), true, true, KeyHash::kNone};
}

std::vector<std::string> SessionStatements(Dbms dbms) {
  switch (dbms) {
    case Dbms::kPostgres:
      return {"SET TIME ZONE 'UTC'", "SET datestyle = ISO", "SET extra_float_digits = 3",
              "SET standard_conforming_strings = on"};
    case Dbms::kMySql:
      return {"SET time_zone = '+00:00'", "SET sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES')"};
    case Dbms::kSqlServer: return SqlServerSession();
    default: return {};
  }
}

void ChooseQuestion(Dbms dbms, Column& column) {
  const std::string name = Lower(column.type_name);
  if (dbms == Dbms::kPostgres) {
    // Its driver takes dates apart: infinity becomes the year 9999, BC is lost.
    if (IsDate(column.sql_type) || IsTimestamp(column.sql_type) || name == "money")
      column.ask = "CAST({0} AS varchar(64))";
  } else if (dbms == Dbms::kMySql) {
    if (name.starts_with("float")) {
      column.ask = "({0} + 0e0)";  // as it stands the server shows six digits of it
      column.sql_type = SQL_REAL;
    } else if (name == "bit") {
      column.is_unsigned = true;
      column.ask = "({0} + 0)";
      if (column.sql_type != SQL_BIT) column.sql_type = SQL_BIGINT;
    }
  } else if (dbms == Dbms::kSqlite && !IsBinary(column.sql_type)) {
    column.ask = "CASE typeof({0}) WHEN 'real' THEN quote({0}) ELSE {0} END";  // its driver shows 15 digits
  }
}

void ChooseType(Dbms dbms, Column& column) {
  const std::string name = Lower(column.type_name);
  column.fetch = Fetch::kText;
  column.number = column.instant = false;
  const int type = column.sql_type;
  if (type == kSqlServerTimestampOffset || (IsTimestamp(type) && HasZone(name))) {
    column.type = data::Primitive(TypeId::kTimestampTz);
  } else if (IsTimestamp(type)) {
    column.instant = dbms == Dbms::kMySql && name == "timestamp";
    column.type = data::Primitive(column.instant ? TypeId::kTimestampTz : TypeId::kTimestamp);
  } else if (IsDate(type)) {
    column.type = data::Primitive(TypeId::kDate);
  } else if (IsTime(type)) {
    column.type = data::Primitive(dbms == Dbms::kMySql ? TypeId::kString : TypeId::kTime);  // MySQL's goes to 838 hours
  } else if (type == SQL_BIT) {
    column.type = data::Primitive(TypeId::kBoolean);
    column.number = true;
  } else if (type == SQL_GUID) {
    column.type = data::Primitive(TypeId::kUuid);
  } else if (IsBinary(type)) {
    column.type = data::Primitive(TypeId::kBinary);
    column.fetch = Fetch::kBinary;
  } else if (IsApproximate(type) || type == SQL_TINYINT || type == SQL_SMALLINT || type == SQL_INTEGER ||
             type == SQL_BIGINT || type == SQL_DECIMAL || type == SQL_NUMERIC) {
    ChooseNumber(dbms, column, name);
  } else {
    ChooseText(column, name);
  }
}

Result<std::string> Literal(Dbms dbms, const Column& column, const std::string& text) {
  const auto no_value = [&] { return component::NoValueOf("SRC-295", text, column.name, column.type_name); };
  if (column.number) {
    if (!component::IsNumberText(text)) return no_value();
    return text;
  }
  if (dbms == Dbms::kSqlServer) return SqlServerLiteral(column, text);
  if (dbms == Dbms::kOther) {  // ODBC's own notation: what a text means there depends on the session
    int32_t days = 0;
    int64_t micros = 0;
    const std::pair<TypeId, const char*> escapes[] = {
        {TypeId::kDate, "d"}, {TypeId::kTime, "t"}, {TypeId::kTimestamp, "ts"}};
    for (const auto& [id, escape] : escapes) {
      if (column.type->id != id) continue;
      const bool good = id == TypeId::kDate   ? data::ParseExactDate(text, days)
                        : id == TypeId::kTime ? data::ParseExactTime(text, micros)
                                              : data::ParseExactTimestamp(text, micros);
      if (!good) return no_value();
      return "{" + std::string(escape) + " '" + text + "'}";
    }
  }
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

}  // namespace leat::components::odbc
