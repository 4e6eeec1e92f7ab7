#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/key_ranges.h"
#include "data/type.h"

namespace leat::components::odbc {

/// Databases whose drivers are known to lose something when a column is read as it stands.
enum class Dbms { kOther, kPostgres, kMySql, kSqlite, kSqlServer };

/// By what SQLGetInfo(SQL_DBMS_NAME) says.
Dbms DbmsOf(std::string_view name);

/// How its tables can be cut; `name` as for DbmsOf.
component::KeyWays KeyWaysOf(Dbms dbms, std::string_view name);

/// What makes a session's texts exact and whole: time in UTC, ISO dates, no backslash with a meaning, long values uncut.
std::vector<std::string> SessionStatements(Dbms dbms);

/// How a column's values are taken from the driver.
enum class Fetch { kText, kBinary, kDouble, kFloat };

/// A column as the driver describes it, and how it is read.
struct Column {
  std::string name;
  std::string type_name;  ///< the database's word: "int8", "BIGINT UNSIGNED"
  int sql_type = 0;       ///< SQL_DECIMAL …
  int64_t size = 0;       ///< digits or characters; of the catalogue, then of the statement
  int digits = 0;         ///< behind the point
  bool is_unsigned = false;
  int64_t read_size = 0;  ///< characters of what `ask` gives

  std::string ask = "{0}";  ///< SQL that gives its exact value; {0}: the column
  data::TypePtr type;
  Fetch fetch = Fetch::kText;
  bool number = false;   ///< literals without quotes
  bool instant = false;  ///< a moment whose text has no zone: the session's is UTC
  bool is_long() const {
    return fetch == Fetch::kBinary || (fetch == Fetch::kText && type->id == data::TypeId::kString);
  }
};

/// Chooses `ask` from what the catalogue says; a column that is asked for as it stands is described by the statement later.
void ChooseQuestion(Dbms dbms, Column& column);
/// Chooses type and fetch. Whole table of types: docs/fidelity/odbc.md.
void ChooseType(Dbms dbms, Column& column);

/// A value of the column as SQL. Numbers stand without quotes: between quotes a server may compare them as doubles. SRC-295 kData:
/// `text` is no value of the column.
Result<std::string> Literal(Dbms dbms, const Column& column, const std::string& text);

}  // namespace leat::components::odbc
