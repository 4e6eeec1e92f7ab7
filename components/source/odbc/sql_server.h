#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "components/source/odbc/column.h"

namespace leat::components::odbc {

/// What a session needs so that long values come whole: FreeTDS cuts them at the `text size` of its freetds.conf. Names stand in double quotes.
std::vector<std::string> SqlServerSession();

/// True for SQL Server's words for a date with a time: SQLColumns calls the newer ones texts.
bool IsSqlServerMoment(const std::string& type_name);

/// True for text, ntext and image, which no function takes.
bool IsOldLong(const std::string& type_name);

/// True for the numbers of errors that mean no more than that the server was busy (a deadlock, a lock, no memory, Azure's limits): FreeTDS gives
/// them the SQLSTATE of a wrong statement.
bool IsSqlServerAgain(int number);

/// A date or moment as the drivers show it ("1-01-31 12:00:00.0000000 +02:00", FreeTDS) in ISO's form: four digits of the year, no space
/// before the offset.
std::string SqlServerIso(std::string_view text);

/// A value of a column that is no number as T-SQL, in whatever language the session is: a moment is cast to the column's own type (a
/// datetime has steps of 1/300 s and is compared with what it rounds to), national characters stand behind N, bytes behind 0x. A
/// moment without an offset is UTC where the column has one. SRC-295 kData: `text` is no value of the column.
Result<std::string> SqlServerLiteral(const Column& column, const std::string& text);

}  // namespace leat::components::odbc
