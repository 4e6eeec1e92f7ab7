#include "components/source/odbc/column.h"

#include <gtest/gtest.h>
#include <sql.h>
#include <sqlext.h>

#include "component/server_reading.h"
#include "components/source/odbc/connection.h"
#include "components/source/odbc/odbc_error.h"
#include "components/source/odbc/server_table.h"
#include "components/source/odbc/sql_server.h"

namespace leat::components::odbc {
namespace {

Column Made(int sql_type, const char* type_name, int64_t size = 0, int digits = 0, bool is_unsigned = false) {
  Column column;
  column.name = "c";
  column.sql_type = sql_type;
  column.type_name = type_name;
  column.size = size;
  column.digits = digits;
  column.is_unsigned = is_unsigned;
  return column;
}

TEST(OdbcColumn, TypesOfDatabasesThatAreNotKnown) {
  struct {
    Column column;
    const char* type;
    Fetch fetch;
  } const cases[] = {
      {Made(SQL_BIT, "bit", 1), "boolean", Fetch::kText},
      {Made(SQL_TINYINT, "tinyint", 3, 0, true), "int", Fetch::kText},
      {Made(SQL_INTEGER, "int", 10), "int", Fetch::kText},
      {Made(SQL_INTEGER, "int unsigned", 10, 0, true), "long", Fetch::kText},
      {Made(SQL_BIGINT, "bigint", 19), "long", Fetch::kText},
      {Made(SQL_BIGINT, "bigint unsigned", 20, 0, true), "decimal(20, 0)", Fetch::kText},
      {Made(SQL_DECIMAL, "money", 19, 4), "decimal(19, 4)", Fetch::kText},
      {Made(SQL_NUMERIC, "NUMBER", 38, 10), "decimal(38, 10)", Fetch::kText},
      {Made(SQL_NUMERIC, "NUMBER", 39, 0), "string", Fetch::kText},
      {Made(SQL_NUMERIC, "NUMBER", 5, -2), "decimal(7, 0)", Fetch::kText},
      {Made(SQL_NUMERIC, "NUMBER", 3, 5), "decimal(5, 5)", Fetch::kText},
      {Made(SQL_DOUBLE, "NUMBER", 15), "string", Fetch::kText},  // exact, called a double
      {Made(SQL_DOUBLE, "float", 53), "double", Fetch::kDouble},
      {Made(SQL_FLOAT, "float", 53), "double", Fetch::kDouble},
      {Made(SQL_REAL, "real", 24), "float", Fetch::kFloat},
      {Made(SQL_TYPE_DATE, "date", 10), "date", Fetch::kText},
      {Made(SQL_TYPE_TIME, "time", 8), "time", Fetch::kText},
      {Made(-154, "time", 16), "time", Fetch::kText},
      {Made(SQL_TYPE_TIMESTAMP, "datetime2", 27), "timestamp", Fetch::kText},
      {Made(-155, "datetimeoffset", 34), "timestamptz", Fetch::kText},
      {Made(SQL_TYPE_TIMESTAMP, "TIMESTAMP WITH TIME ZONE", 34), "timestamptz", Fetch::kText},
      {Made(SQL_GUID, "uniqueidentifier", 36), "uuid", Fetch::kText},
      {Made(SQL_VARBINARY, "varbinary", 8000), "binary", Fetch::kBinary},
      {Made(SQL_LONGVARBINARY, "image", 0), "binary", Fetch::kBinary},
      {Made(SQL_WLONGVARCHAR, "ntext", 0), "string", Fetch::kText},
      {Made(SQL_INTERVAL_DAY_TO_SECOND, "INTERVAL", 30), "string", Fetch::kText},
      {Made(-150, "sql_variant", 8000), "string", Fetch::kText},
  };
  for (auto one : cases) {
    ChooseQuestion(Dbms::kOther, one.column);
    ChooseType(Dbms::kOther, one.column);
    EXPECT_EQ(data::TypeName(*one.column.type), data::TypeName(**data::ParsePrimitive(one.type)))
        << one.column.type_name;
    EXPECT_EQ(one.column.fetch, one.fetch) << one.column.type_name;
    EXPECT_EQ(component::FilledIn(one.column.ask, "x"), "x");
  }
}

TEST(OdbcColumn, WhatDriversLoseIsAskedForOtherwise) {
  Column date = Made(SQL_TYPE_DATE, "date", 10);
  ChooseQuestion(Dbms::kPostgres, date);
  ChooseType(Dbms::kPostgres, date);
  EXPECT_EQ(component::FilledIn(date.ask, "MAX(\"d\")"), "CAST(MAX(\"d\") AS varchar(64))");
  EXPECT_EQ(date.type->id, data::TypeId::kDate);
  Column single = Made(SQL_REAL, "FLOAT", 7);
  ChooseQuestion(Dbms::kMySql, single);
  ChooseType(Dbms::kMySql, single);
  EXPECT_EQ(component::FilledIn(single.ask, "`f`"), "(`f` + 0e0)");
  EXPECT_EQ(single.type->id, data::TypeId::kFloat);
  EXPECT_EQ(single.fetch, Fetch::kDouble);
  Column real = Made(SQL_DOUBLE, "REAL", 54);
  ChooseQuestion(Dbms::kSqlite, real);
  ChooseType(Dbms::kSqlite, real);
  EXPECT_EQ(real.fetch, Fetch::kText);
}

TEST(OdbcColumn, LiteralsCannotBeLeft) {
  Column text = Made(SQL_VARCHAR, "varchar", 20), number = Made(SQL_BIGINT, "bigint", 19),
         moment = Made(SQL_TYPE_TIMESTAMP, "datetime", 23);
  for (Column* column : {&text, &number, &moment}) ChooseType(Dbms::kOther, *column);
  EXPECT_EQ(Literal(Dbms::kOther, text, "it's").value(), "'it''s'");
  EXPECT_EQ(Literal(Dbms::kOther, number, "-9007199254740993").value(), "-9007199254740993");
  for (const char* bad : {"", "1 OR 1=1", "1;", "'1'"})
    EXPECT_EQ(Literal(Dbms::kOther, number, bad).error().code(), "SRC-295");
  EXPECT_EQ(Literal(Dbms::kOther, moment, "2024-01-01 10:00:00.123").value(), "{ts '2024-01-01 10:00:00.123'}");
  EXPECT_FALSE(Literal(Dbms::kOther, moment, "now'} --").ok());
}

TEST(OdbcColumn, PartsOfAName) {
  const TableName defaults{"shop", "dbo", ""};
  const auto shown = [&](const char* text, bool catalogs_only) {
    const TableName name = SplitName(text, defaults, catalogs_only);
    return name.catalog + "|" + name.schema + "|" + name.name;
  };
  EXPECT_EQ(shown("orders", false), "shop|dbo|orders");
  EXPECT_EQ(shown("sales.orders", false), "shop|sales|orders");
  EXPECT_EQ(shown("sales.orders", true), "sales|dbo|orders");
  EXPECT_EQ(shown("a.b.c.d", false), "a|b|c.d");
  EXPECT_EQ(shown("\"o.d\".\"or\"\"d ers\"", false), "shop|o.d|or\"d ers");
}

TEST(OdbcConnection, PartsOfAConnectionString) {
  EXPECT_EQ(ConnectionPart("UID", "ann"), "UID=ann");
  EXPECT_EQ(ConnectionPart("PWD", "a;b}c"), "PWD={a;b}}c}");
}

TEST(OdbcSqlServer, LiteralsMeanTheSameInEveryLanguageOfASession) {
  struct {
    const char* type_name;
    int sql_type;
    const char* text;
    const char* literal;
  } const cases[] = {
      {"int", SQL_INTEGER, "7", "7"},
      {"datetime", SQL_TYPE_TIMESTAMP, "2024-01-31 10:00:00.003", "CAST('2024-01-31T10:00:00.003' AS datetime)"},
      {"datetime", SQL_TYPE_TIMESTAMP, "2024-01-31 10:00:00", "CAST('2024-01-31T10:00:00' AS datetime)"},
      {"datetime", SQL_TYPE_TIMESTAMP, "2024-01-31 10:00:00.000500", "CAST('2024-01-31 10:00:00.0005' AS datetime2)"},
      {"smalldatetime", SQL_TYPE_TIMESTAMP, "2024-01-31 10:20:00", "CAST('2024-01-31T10:20:00' AS smalldatetime)"},
      {"smalldatetime", SQL_TYPE_TIMESTAMP, "2024-01-31 10:20:30", "CAST('2024-01-31 10:20:30' AS datetime2)"},
      {"datetime2", SQL_TYPE_TIMESTAMP, "1-01-01 00:00:00.0000001", "CAST('0001-01-01 00:00:00.0000001' AS datetime2)"},
      {"datetime2", SQL_TYPE_TIMESTAMP, "9999-12-31 23:59:59.999999",
       "CAST('9999-12-31 23:59:59.999999' AS datetime2)"},
      {"datetime2", SQL_TYPE_TIMESTAMP, "2024-01-31 10:00:00.12345678", nullptr},
      {"datetime2", SQL_TYPE_TIMESTAMP, "x' OR 1 = 1", nullptr},
      {"datetimeoffset", -155, "2024-01-31 10:00:00.1234567 +02:00",
       "CAST('2024-01-31 08:00:00.1234567 +00:00' AS datetimeoffset)"},
      {"datetimeoffset", -155, "2024-01-31 10:00:00", "CAST('2024-01-31 10:00:00 +00:00' AS datetimeoffset)"},
      {"date", SQL_TYPE_DATE, "2024-01-31", "CAST('2024-01-31' AS date)"},
      {"date", SQL_TYPE_DATE, "2024-02-31", nullptr},
      {"time", -154, "23:59:59.9999999", "CAST('23:59:59.9999999' AS time)"},
      {"time", -154, "noon", nullptr},
      {"timestamp", SQL_BINARY, "00000000000007D1", "0x00000000000007D1"},
      {"timestamp", SQL_BINARY, "1; drop table t", nullptr},
      {"varchar", SQL_VARCHAR, "it's", "'it''s'"},
      {"varchar", SQL_VARCHAR, "ключ", "N'ключ'"},
      {"nvarchar", SQL_WVARCHAR, "a", "N'a'"},
  };
  for (const auto& one : cases) {
    Column column = Made(one.sql_type, one.type_name);
    ChooseType(Dbms::kSqlServer, column);
    const Result<std::string> got = Literal(Dbms::kSqlServer, column, one.text);
    ASSERT_EQ(got.ok(), one.literal != nullptr) << one.type_name << " " << one.text;
    if (got.ok()) {
      EXPECT_EQ(*got, one.literal);
    } else {
      EXPECT_EQ(got.error().code(), "SRC-295");
    }
  }
}

TEST(OdbcSqlServer, MomentsOfFreeTdsInIsoForm) {
  EXPECT_EQ(SqlServerIso("1-01-31 10:00:00.0000000 +02:00"), "0001-01-31 10:00:00.0000000+02:00");
  EXPECT_EQ(SqlServerIso("999-12-31"), "0999-12-31");
  EXPECT_EQ(SqlServerIso("2024-01-31 10:00:00"), "2024-01-31 10:00:00");
  EXPECT_EQ(SqlServerIso("2024-01-31 10:00:00 -13:30"), "2024-01-31 10:00:00-13:30");
  EXPECT_EQ(SqlServerIso(""), "");
  EXPECT_EQ(SqlServerIso("+"), "+");
  EXPECT_EQ(SqlServerIso("12:00:00"), "12:00:00");
}

TEST(OdbcSqlServer, IsFoundByItsNameAndKeepsLongValuesWhole) {
  EXPECT_EQ(DbmsOf("Microsoft SQL Server"), Dbms::kSqlServer);
  EXPECT_EQ(SessionStatements(Dbms::kSqlServer).front(), "SET TEXTSIZE 2147483647");
  EXPECT_TRUE(IsSqlServerMoment("datetime2"));
  EXPECT_FALSE(IsSqlServerMoment("time"));
  EXPECT_TRUE(IsOldLong("NTEXT"));
  EXPECT_FALSE(IsOldLong("nvarchar"));
}

TEST(OdbcError, TellsWhatToDo) {
  struct {
    Diagnosis diagnosis;
    const char* code;
    Retry retry;
  } const cases[] = {
      {{"IM002", "Data source name not found", true, false}, "SRC-288", Retry::kNever},
      {{"01000", "Can't open lib 'x' : file not found", true, false}, "SRC-288", Retry::kNever},
      {{"28000", "Login failed for user", true, false}, "SRC-290", Retry::kNever},
      {{"08001", "connection refused", true, false}, "SRC-289", Retry::kSafe},
      {{"08S01", "Communication link failure", false, false}, "SRC-291", Retry::kSafe},
      {{"HY000", "gone away", false, true}, "SRC-291", Retry::kSafe},
      {{"HYT00", "Timeout expired", false, false}, "SRC-440", Retry::kSafe},
      {{"57014", "canceling statement due to statement timeout", false, false}, "SRC-440", Retry::kSafe},
      {{"HY018", "max_statement_time exceeded", false, false, false, IsMySqlTimeout(1969)}, "SRC-440", Retry::kSafe},
      {{"HYT01", "Connection timeout", false, false}, "SRC-292", Retry::kSafe},
      {{"40001", "deadlock", false, false}, "SRC-292", Retry::kSafe},
      {{"42000", "deadlock victim", false, false, IsSqlServerAgain(1205)}, "SRC-292", Retry::kSafe},
      {{"42501", "permission denied", false, false}, "SRC-290", Retry::kNever},
      {{"42000", "syntax", false, false}, "SRC-293", Retry::kNever},
      {{"", "", false, false}, "SRC-293", Retry::kNever},
  };
  for (const auto& one : cases) {
    const Error error = ErrorOf(one.diagnosis, "table t", "data source 'x'");
    EXPECT_EQ(error.code(), one.code) << one.diagnosis.state;
    EXPECT_EQ(error.retry(), one.retry) << one.diagnosis.state;
    EXPECT_FALSE(error.hint().empty());
    EXPECT_NE(error.message().find(one.diagnosis.state), std::string::npos);
  }
}

}  // namespace
}  // namespace leat::components::odbc
