#pragma once

#include <string>
#include <vector>

#include "components/source/adbc/arrow_type.h"

namespace leat::components::adbc {

/// Databases whose drivers are known to lose something when a column is read as it stands, or whose SQL has other quotes.
enum class Dbms { kOther, kPostgres, kSqlite, kBackticks };

/// By the vendor's name that the driver gives.
Dbms DbmsOf(const std::string& vendor);

/// `name` as the database's SQL quotes it.
std::string QuoteName(Dbms dbms, const std::string& name);

/// A column as it is read.
struct Column {
  std::string name;
  std::string type_name;    ///< the database's word where it is known, else Arrow's format
  data::TypePtr type;       ///< in the lake
  std::string ask = "{0}";  ///< SQL that gives its exact value; {0}: the column
  /// What comes is text with a letter before it: v and the value, x and its bytes in hexadecimal digits; nothing for NULL.
  bool marked = false;
};

/// Chooses type and question of a column from what the driver says of it; `declared`: its type in the database's catalogue
/// ("numeric(9,2)"), "" where that is not known.
Column ChooseColumn(Dbms dbms, const ArrowType& type, const std::string& declared);

/// A value of the column as SQL. SRC-317 kData: `text` is none.
Result<std::string> Literal(Dbms dbms, const Column& column, const std::string& text);

}  // namespace leat::components::adbc
