#include "sql/write_statement.h"

#include <gtest/gtest.h>

namespace leat::sql {
namespace {

using Kind = WriteStatement::Kind;

WriteStatement Parsed(const std::string& sql) {
  auto statement = ParseWrite(sql);
  EXPECT_TRUE(statement.ok()) << sql << ": " << statement.error().ToString();
  return statement.ok() ? *std::move(statement) : WriteStatement{};
}

TEST(WriteStatement, UpdateIsCutAtItsOwnWordsOnly) {
  const WriteStatement update = Parsed(
      "UPDATE \"a b\".t AS x SET c = CASE WHEN d IS DISTINCT FROM e THEN f(1, 2) ELSE ', from where' END, -- where\n"
      "d = (SELECT max(z) FROM s WHERE z > 1) FROM u JOIN v USING (k) WHERE x.k = u.k");
  EXPECT_EQ(update.kind, Kind::kUpdate);
  EXPECT_EQ(update.target.schema, "a b");
  EXPECT_EQ(update.alias, "x");
  ASSERT_EQ(update.columns.size(), 2U);
  EXPECT_EQ(update.expressions[0].text(), "CASE WHEN d IS DISTINCT FROM e THEN f(1, 2) ELSE ', from where' END");
  EXPECT_EQ(update.columns[1].text, "d");
  EXPECT_EQ(update.expressions[1].text(), "(SELECT max(z) FROM s WHERE z > 1)");
  EXPECT_EQ(update.from.text(), "u JOIN v USING (k)");
  EXPECT_EQ(update.where.text(), "x.k = u.k");
}

TEST(WriteStatement, InsertKeepsItsWith) {
  const WriteStatement insert = Parsed("WITH a AS (SELECT 1 AS insert) INSERT INTO lake.n.t (x) SELECT * FROM a;");
  EXPECT_EQ(insert.target.catalog, "lake");
  EXPECT_EQ(insert.columns.size(), 1U);
  EXPECT_EQ(insert.select.text(), "WITH a AS (SELECT 1 AS insert)  SELECT * FROM a");
  EXPECT_TRUE(Parsed("INSERT INTO t (SELECT 1)").columns.empty());
  EXPECT_EQ(Parsed("INSERT INTO t ((VALUES (1)))").select.text(), "((VALUES (1)))");
}

TEST(WriteStatement, CreateTakesColumnsAsTypes) {
  const WriteStatement create = Parsed("create table t (a decimal(9, 2) not null, \"b c\" struct(x int, y text)[])");
  EXPECT_FALSE(create.with_data);
  EXPECT_EQ(create.select.text(),
            "SELECT CAST(NULL AS decimal(9, 2)) AS \"a\", CAST(NULL AS struct(x int, y text)[]) AS \"b c\"");
  EXPECT_EQ(create.required, (std::vector<bool>{true, false}));
  EXPECT_TRUE(Parsed("create or replace table t (a, b) as select 1, 2").or_replace);
}

TEST(WriteStatement, WhatIsNotUnderstoodHasItsPlace) {
  const std::vector<std::pair<std::string, int>> cases{
      {"merge into t using s on true when matched then delete", 1},
      {"update t set (a, b) = (1, 2)", 14},
      {"update t set a = default", 18},
      {"update t set a = 1, A = 2", 21},
      {"delete from t where a = 1 returning *", 27},
      {"insert into t default values", 15},
      {"create table t (a int primary key)", 23},
      {"create view v as select 1", 8},
      {"alter table t alter column a set not null", 30},
      {"drop table t cascade", 14},
  };
  for (const auto& [sql, column] : cases) {
    const auto statement = ParseWrite(sql);
    ASSERT_FALSE(statement.ok()) << sql;
    EXPECT_EQ(statement.error().code(), "SQL-420") << sql;
    EXPECT_EQ(statement.error().where().column, column) << sql;
  }
}

TEST(MappedSql, PlacesGoBackToTheUsersText) {
  const std::string source = "update t\nset ä = bad";
  MappedSql mapped;
  mapped.Own("SELECT x, (").User(source, 18, 21).Own(")");
  Error error("SQL-201", ErrorKind::kConfig, "no column");
  SourceSpan span;
  span.line = 1;
  span.column = 12;
  span.length = 3;
  error = mapped.MapBack(std::move(error).At(span), source);
  EXPECT_EQ(error.where().line, 2);
  EXPECT_EQ(error.where().column, 9);
  span.column = 2;
  error = mapped.MapBack(std::move(error).At(span), source);
  EXPECT_EQ(error.where().line, 0);
}

}  // namespace
}  // namespace leat::sql
