#include "component/table_query.h"

#include <gtest/gtest.h>

namespace leat::component {
namespace {

const SqlLexis kPlain;
const SqlLexis kPostgres{.dollars = true};
const SqlLexis kMySql{.backslashes = true, .backticks = true};
const SqlLexis kSqlServer{.brackets = true};

/// The query without its semicolon, or "refused: …".
std::string Checked(const std::string& text, const SqlLexis& lexis = kPlain) {
  TableQuery query{text, {"sources/shop.yml", 4, 12, 1}};
  const Status checked = CheckQuery(query, lexis, "table t");
  if (checked.ok()) return query.text;
  EXPECT_EQ(checked.error().code(), "SRC-435");
  EXPECT_EQ(checked.error().where().line, 4);
  return "refused: " + checked.error().message().substr(checked.error().message().rfind(": ") + 2);
}

TEST(TableQuery, WhatReadsIsTakenWithoutItsSemicolon) {
  for (
      const std::string text :
      {"SELECT 1", "select 1 -- ;", "/* what */ WITH a AS (SELECT 1) SELECT * FROM a", "VALUES (1), (2)",
       "TABLE orders", "(SELECT 1) UNION (SELECT 2)", "SELECT ';', \";\" /* ; */ FROM t", "SELECT 'it''s'",
       "-- first\nSELECT 1",
       "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 9), update AS (SELECT 1) SELECT i FROM n",
       "WITH a AS (SELECT 1)\nTABLE a", "(WITH a AS (SELECT 1) SELECT * FROM a)", "SELECT delete, \"insert\" FROM t"}) {
    EXPECT_EQ(Checked(text), text);
    EXPECT_EQ(Checked(text + "\n;  \n"), text);
    EXPECT_EQ(Checked(text + "\n; -- that is all"), text);
  }
}

TEST(TableQuery, OneWholeStatementThatReads) {
  const std::pair<std::string, std::string> cases[] = {
      {"DELETE FROM t", "begins with DELETE"},
      {"explain select 1", "begins with EXPLAIN"},
      {"FROM t SELECT 1", "begins with FROM"},
      {"WITH a AS (SELECT 1) DELETE FROM t", "goes on with DELETE"},
      {"WITH a AS (SELECT 1) INSERT INTO t SELECT * FROM a", "goes on with INSERT"},
      {"WITH a AS (SELECT 1)", "no SELECT"},
      {"(WITH a AS (SELECT 1)) SELECT 2", "no SELECT"},
      {"SELECT 1; DROP TABLE t", "several statements"},
      {"SELECT 1;;", "several statements"},
      {"SELECT 1) x; DROP TABLE t; --", "closed that was not opened"},
      {"SELECT (1", "not closed"},
      {"SELECT (1; 2)", "within a bracket"},
      {"SELECT 'a", "not closed"},
      {"SELECT \"a", "not closed"},
      {"SELECT 1 /* a", "comment is not closed"},
      {"-- SELECT 1", "empty"},
      {";", "empty"},
      {"{{ ref('a') }}", "does not begin"},
      {"1", "does not begin"},
      {"'SELECT 1'", "empty"}};
  for (const auto& [text, why] : cases) {
    const std::string checked = Checked(text);
    EXPECT_TRUE(checked.starts_with("refused: ") && checked.find(why) != std::string::npos)
        << text << " -> " << checked;
  }
}

TEST(TableQuery, TextsOfADatabase) {
  EXPECT_EQ(Checked("SELECT $$;)$$, $a$ $$; $a$, E'\\';', $1 FROM t$x", kPostgres),
            "SELECT $$;)$$, $a$ $$; $a$, E'\\';', $1 FROM t$x");
  EXPECT_EQ(Checked("SELECT 1 /* a /* b */ ; */", kPostgres), "SELECT 1 /* a /* b */ ; */");
  EXPECT_EQ(Checked("SELECT 1 /* a /* b */ ; SELECT 2 /* */"), "refused: it is several statements");
  EXPECT_EQ(Checked("SELECT '\\' ; '", kPostgres), "refused: it is several statements");
  EXPECT_EQ(Checked("SELECT $a$ ;", kPostgres), "refused: a $a$ is not closed");
  EXPECT_EQ(Checked("SELECT '\\';', `;` # ;\n, 5--1", kMySql), "SELECT '\\';', `;` # ;\n, 5--1");
  EXPECT_EQ(Checked("SELECT [a;b], [c''d]", kSqlServer), "SELECT [a;b], [c''d]");
  EXPECT_EQ(Checked("FROM t", {.from_first = true}), "FROM t");
}

TEST(TableQuery, LexisByTheDatabasesName) {
  EXPECT_TRUE(LexisOf("PostgreSQL").dollars);
  EXPECT_TRUE(LexisOf("MariaDB").backslashes && LexisOf("MySQL").backticks);
  EXPECT_TRUE(LexisOf("Microsoft SQL Server").brackets && !LexisOf("Microsoft SQL Server").backticks);
  EXPECT_TRUE(LexisOf("SQLite").brackets && LexisOf("SQLite").backticks);
  EXPECT_TRUE(LexisOf("DuckDB").from_first && !LexisOf("Oracle").from_first);
}

TEST(TableQuery, EachColumnHasAName) {
  const TableQuery query{"SELECT 1", {"sources/shop.yml", 4, 12, 1}};
  EXPECT_TRUE(CheckQueryColumns(query, {"id", "ID", "id:1"}, QueryNames::kExact, "table t").ok());
  for (const std::vector<std::string>& names : {std::vector<std::string>{"a", "id", "ID"}, {"a", "a"}, {"a", ""}}) {
    const Status checked = CheckQueryColumns(query, names, QueryNames::kAnyCase, "table t");
    ASSERT_FALSE(checked.ok());
    EXPECT_EQ(checked.error().code(), "SRC-436");
    EXPECT_EQ(checked.error().where().column, 12);
  }
  EXPECT_FALSE(CheckQueryColumns(query, {}, QueryNames::kExact, "table t").ok());
  EXPECT_FALSE(CheckQueryColumns(query, {"id", "id:1"}, QueryNames::kSqlite, "table t").ok());
  EXPECT_TRUE(CheckQueryColumns(query, {"at:1", "id:x", "id"}, QueryNames::kSqlite, "table t").ok());
}

TEST(TableQuery, WhatADatabaseSaysStandsAtTheQuery) {
  const TableQuery query{"SELECT x", {"sources/shop.yml", 4, 12, 1}};
  const Error general = QueryRefused(MakeError("SRC-275", ErrorKind::kEnvironment, "no column x"), {"SRC-275"}, query);
  EXPECT_EQ(general.code(), "SRC-437");
  EXPECT_EQ(general.message(), "no column x");
  EXPECT_EQ(general.where().line, 4);
  const Error other =
      QueryRefused(MakeError("SRC-273", ErrorKind::kEnvironment, "gone").WithRetry(Retry::kSafe), {"SRC-275"}, query);
  EXPECT_EQ(other.code(), "SRC-273");
  EXPECT_EQ(other.retry(), Retry::kSafe);
  EXPECT_EQ(other.where().line, 4);
}

}  // namespace
}  // namespace leat::component
