#include "components/source/mysql/server_table.h"

#include <algorithm>

#include "base/lower.h"
#include "base/nearest.h"

namespace leat::components::mysql {
namespace {

using data::TypeId;

constexpr int kLongestDecimal = 38;

int64_t Number(const std::optional<std::string>& text) { return text ? std::strtoll(text->c_str(), nullptr, 10) : 0; }

bool IsOneOf(const std::string& word, std::initializer_list<const char*> words) {
  return std::any_of(words.begin(), words.end(), [&](const char* one) { return word == one; });
}

}  // namespace

void ChooseType(ServerColumn& column, const std::string& data_type, int precision, int scale) {
  const bool is_unsigned = column.declared.find("unsigned") != std::string::npos;
  column.value = QuoteName(column.name);
  if (IsOneOf(data_type, {"tinyint", "smallint", "mediumint", "year"})) {
    column.type = data::Primitive(TypeId::kInt);
    column.number = true;
  } else if (data_type == "int" || data_type == "integer") {
    column.type = data::Primitive(is_unsigned ? TypeId::kLong : TypeId::kInt);
    column.number = true;
  } else if (data_type == "bigint") {
    column.type = is_unsigned ? data::Decimal(20, 0) : data::Primitive(TypeId::kLong);
    column.number = true;
  } else if (data_type == "decimal" || data_type == "numeric") {
    column.type = precision <= kLongestDecimal ? data::Decimal(precision, scale) : data::Primitive(TypeId::kString);
    column.number = true;
  } else if (data_type == "float") {
    column.type = data::Primitive(TypeId::kFloat);
    column.value = "(" + column.value + " + 0e0)";  // as it stands a server shows six digits of it
    column.number = true;
  } else if (data_type == "double") {
    column.type = data::Primitive(TypeId::kDouble);
    column.number = true;
  } else if (data_type == "bit") {
    column.bit = precision == 1;
    column.type = column.bit       ? data::Primitive(TypeId::kBoolean)
                  : precision < 64 ? data::Primitive(TypeId::kLong)
                                   : data::Decimal(20, 0);
    column.value = "(" + column.value + " + 0)";
    column.number = true;
  } else if (data_type == "date") {
    column.type = data::Primitive(TypeId::kDate);
  } else if (data_type == "datetime") {
    column.type = data::Primitive(TypeId::kTimestamp);
  } else if (data_type == "timestamp") {
    column.type = data::Primitive(TypeId::kTimestampTz);
    column.instant = true;
  } else if (data_type == "uuid") {
    column.type = data::Primitive(TypeId::kUuid);
  } else if (IsOneOf(data_type, {"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry",
                                 "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
                                 "geometrycollection", "geomcollection"})) {
    column.type = data::Primitive(TypeId::kBinary);
    column.binary = true;
  } else {
    // Text of every kind, enum, set, json, inet4, inet6; TIME, too: it goes to 838 hours, a time of the lake to 24.
    column.type = data::Primitive(TypeId::kString);
  }
}

bool IsPlain(const ServerColumn& column) {
  const std::string declared = Lower(column.declared);
  if (column.bit || column.binary || declared.find("zerofill") != std::string::npos) return false;
  if (column.type->id != TypeId::kString) return true;
  const std::string type = declared.substr(0, declared.find_first_of("( "));
  return IsOneOf(type, {"char", "varchar", "tinytext", "text", "mediumtext", "longtext"});
}

Result<ServerTable> Describe(Connection& connection, const std::string& database, const std::string& table,
                             const std::string& what) {
  ServerTable found;
  found.database = database;
  found.name = table;
  if (database.empty()) {
    LEAT_ASSIGN(const auto current, connection.Query("SELECT DATABASE()", what));
    if (current.empty() || !current[0][0]) {
      return MakeError("SRC-276", ErrorKind::kConfig, "{}: the connection names no database", what)
          .WithHint("set `database:` of the connection, or name the table as database.table");
    }
    found.database = current[0][0].value_or("");
  }
  const std::string where =
      " WHERE table_schema = " + connection.Escape(found.database) + " AND table_name = " + connection.Escape(table);
  LEAT_ASSIGN(
      const auto columns,
      connection.Query(
          "SELECT column_name, data_type, column_type, coalesce(numeric_precision, 0), coalesce(numeric_scale, 0) "
          "FROM information_schema.columns" +
              where + " ORDER BY ordinal_position",
          what));
  if (columns.empty()) {
    LEAT_ASSIGN(const auto tables,
                connection.Query("SELECT table_name FROM information_schema.tables WHERE table_schema = " +
                                     connection.Escape(found.database),
                                 what));
    std::vector<std::string> names;
    names.reserve(tables.size());
    for (const TextRow& row : tables) names.push_back(row[0].value_or(""));
    const std::string near = DidYouMean(table, names);
    return MakeError("SRC-277", ErrorKind::kNotFound, "{}: database '{}' has no table '{}' that this user may read",
                     what, found.database, table)
        .WithHint(near.empty() ? "look at its name; the user needs SELECT on it" : near);
  }
  for (const TextRow& row : columns) {
    ServerColumn column;
    column.name = row[0].value_or("");
    column.declared = row[2].value_or("");
    ChooseType(column, Lower(row[1].value_or("")), static_cast<int>(Number(row[3])), static_cast<int>(Number(row[4])));
    found.columns.push_back(std::move(column));
  }
  LEAT_ASSIGN(const auto keys, connection.Query("SELECT column_name FROM information_schema.statistics" + where +
                                                    " AND index_name = 'PRIMARY' ORDER BY seq_in_index",
                                                what));
  for (const TextRow& row : keys) found.primary_key.push_back(row[0].value_or(""));
  LEAT_ASSIGN(const auto rows, connection.Query("SELECT table_rows FROM information_schema.tables" + where, what));
  if (!rows.empty() && rows[0][0]) found.estimated_rows = Number(rows[0][0]);
  return found;
}

Result<ServerTable> DescribeQuery(Connection& connection, const component::TableQuery& query, const std::string& what) {
  ServerTable found;
  found.query = query.Relation();
  // By itself first: what is one statement there stays one between our brackets. Types are those of what is read.
  for (const bool alone : {true, false}) {
    const auto columns = connection.Describe(alone ? query.text : "SELECT * FROM " + found.query, what);
    if (!columns.ok()) return component::QueryRefused(columns.error(), {"SRC-275"}, query);
    if (alone) {
      LEAT_TRY(
          component::CheckQueryColumns(query, component::NamesOf(*columns), component::QueryNames::kAnyCase, what));
      continue;
    }
    for (const AnswerColumn& answer : *columns) {
      ServerColumn column;
      column.name = answer.name;
      column.declared = answer.declared;
      ChooseType(column, answer.data_type, answer.precision, answer.scale);
      found.columns.push_back(std::move(column));
    }
  }
  return found;
}

}  // namespace leat::components::mysql
