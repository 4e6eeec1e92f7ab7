#include "sql/walker.h"

#include "sql/test_engine.h"

namespace leat::sql {
namespace {

class WalkerTest : public EngineTest {
 protected:
  /// "cat.sch.tab@offset+length[at]" of every mention, or the error's code.
  std::string Tables(const std::string& sql) {
    auto shape = WalkSelect(*connection_, sql);
    if (!shape.ok()) return shape.error().code();
    std::string text;
    for (const auto& table : shape->tables) {
      std::string name = table.table;
      if (!table.schema.empty()) name = table.schema + "." + name;
      if (!table.catalog.empty()) name = table.catalog + "." + name;
      EXPECT_LE(table.offset + table.length, sql.size());
      std::string written = sql.substr(table.offset, table.length);
      std::string plain;
      for (char c : written)
        if (c != '"') plain += c;
      EXPECT_EQ(plain, name) << "position of " << name << " in " << sql;
      text += (text.empty() ? "" : " ") + name + (table.at_clause.empty() ? "" : "@" + table.at_clause);
    }
    return text;
  }
  std::string Functions(const std::string& sql) {
    auto shape = WalkSelect(*connection_, sql);
    if (!shape.ok()) return shape.error().code();
    std::string text;
    for (const auto& function : shape->functions)
      text += (text.empty() ? "" : " ") + function.name + (function.table_function ? "()" : "");
    return text;
  }
  bool Volatile(const std::string& sql) {
    auto shape = WalkSelect(*connection_, sql);
    EXPECT_TRUE(shape.ok()) << sql;
    return shape.ok() && shape->is_volatile;
  }
  std::string Confined(const std::string& sql, const std::string& below = "") {
    auto shape = WalkSelect(*connection_, sql);
    if (!shape.ok()) return shape.error().code();
    Status status = CheckConfined(*shape, sql, below);
    return status.ok() ? "ok" : status.error().code() + "@" + std::to_string(status.error().where().column);
  }
};

TEST_F(WalkerTest, NamesOfTheCorpus) {
  struct Case {
    const char* sql;
    const char* tables;
  };
  for (const Case& c : {
           Case{"SELECT * FROM orders", "orders"},
           Case{"FROM raw_shop.orders", "raw_shop.orders"},
           Case{"SELECT * FROM lake.raw_shop.orders AS o", "lake.raw_shop.orders"},
           Case{"SELECT * FROM \"we ird\".\"T a\" t", "we ird.T a"},
           Case{"SELECT * FROM a JOIN b USING (k)", "a b"},
           Case{"SELECT * FROM s.a NATURAL JOIN s.b", "s.a s.b"},
           Case{"SELECT * FROM a ASOF JOIN b ON a.t >= b.t", "a b"},
           Case{"SELECT * FROM a POSITIONAL JOIN b", "a b"},
           Case{"SELECT * FROM a SEMI JOIN b USING (k) ANTI JOIN c USING (k)", "a b c"},
           Case{"SELECT * FROM a, b, (SELECT * FROM c) d", "a b c"},
           Case{"SELECT my_macro(x) FROM a", "a"},
           Case{"SELECT * FROM a, unnest(a.list)", "a"},
           Case{"SELECT unnest(l) FROM a", "a"},
           Case{"SELECT * FROM a, LATERAL (SELECT * FROM b WHERE b.x = a.x)", "a b"},
           Case{"SELECT * FROM range(3), generate_series(1, (SELECT max(n) FROM g))", "g"},
           Case{"SELECT * FROM t AT (VERSION => 3)", "t@version:3"},
           Case{"SELECT * FROM t AT (TIMESTAMP => TIMESTAMP '2020-01-01 00:00:00')", "t@timestamp:2020-01-01 00:00:00"},
           Case{"SELECT * FROM t AT (TIMESTAMP => '2020-01-01')", "t@timestamp:2020-01-01"},
           Case{"WITH a AS (SELECT * FROM b) SELECT * FROM a JOIN c USING (k)", "b c"},
           Case{"WITH a AS (SELECT 1), b AS (SELECT * FROM a) SELECT * FROM B, s.a", "s.a"},
           Case{"WITH a AS (SELECT * FROM a) SELECT * FROM a", "a"},
           Case{"WITH b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM a, b", "a"},
           Case{"WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r, lim WHERE x < n) SELECT * FROM r",
                "lim"},
           Case{"WITH RECURSIVE r AS (SELECT 1 AS x UNION SELECT x FROM r) SELECT * FROM r, q.r", "q.r"},
           Case{"SELECT * FROM (WITH a AS (SELECT * FROM x) SELECT * FROM a), a", "x a"},
           Case{"WITH a AS MATERIALIZED (SELECT * FROM x) SELECT (SELECT count(*) FROM a) FROM a", "x"},
           Case{"WITH a(c1) AS (SELECT * FROM x) SELECT c1 FROM a", "x"},
           Case{"SELECT (SELECT max(x) FROM b) FROM a WHERE EXISTS (SELECT 1 FROM c) AND k IN (SELECT k FROM d) AND v "
                "> ALL (SELECT v FROM e)",
                "b a c d e"},
           Case{"SELECT x FROM a GROUP BY x HAVING count(*) > (SELECT n FROM h) QUALIFY row_number() OVER (ORDER BY "
                "(SELECT 1 FROM w)) = 1 ORDER BY (SELECT o FROM o1) LIMIT (SELECT l FROM l1)",
                "a h w o1 l1"},
           Case{"SELECT * FROM a UNION ALL SELECT * FROM b EXCEPT SELECT * FROM c INTERSECT SELECT * FROM d",
                "a b c d"},
           Case{"SELECT * FROM a UNION BY NAME FROM b", "a b"},
           Case{"FROM (PIVOT s.sales ON year IN (2020, 2021) USING sum(v) GROUP BY city)", "s.sales"},
           Case{"FROM (PIVOT (SELECT * FROM s.x) ON k IN ('a') USING first(v))", "s.x"},
           Case{"FROM (UNPIVOT s.t ON a, b INTO NAME n VALUE v)", "s.t"},
           Case{"SELECT CASE WHEN EXISTS (FROM a) THEN (SELECT x FROM b) ELSE [y FOR y IN (SELECT list(z) FROM c)] END",
                "a b c"},
           Case{"SELECT list_transform([1], lambda t: t + (SELECT 1 FROM lt))", "lt"},
           Case{"SELECT sum(v) FILTER (WHERE k IN (SELECT k FROM f)) OVER (PARTITION BY p) FROM a", "f a"},
           Case{"SELECT * FROM (VALUES (1), ((SELECT n FROM v))) t(x)", "v"},
           Case{"DESCRIBE s.t", "s.t"},
           Case{"SUMMARIZE s.t", "s.t"},
           Case{"SELECT COLUMNS('x.*') FROM a TABLESAMPLE 10%", "a"},
           Case{"SELECT a.b.c FROM a", "a"},
           Case{"SELECT * FROM 'x/y.csv'", "x/y.csv"},
           Case{"SELECT 1", ""},
           Case{"SELECT 'FROM x', \"from\" FROM \"order\" -- FROM y", "order"},
           Case{"SELECT 'é', x FROM s.\"täble\";", "s.täble"},
           Case{"SELECT * FROM a; SELECT * FROM b", "SQL-401"},
           Case{"PIVOT s.t ON k USING sum(v)", "SQL-401"},
           Case{"INSERT INTO a SELECT * FROM b", "SQL-401"},
           Case{"DELETE FROM a", "SQL-401"},
           Case{"CREATE TABLE a AS FROM b", "SQL-401"},
           Case{"SELECT FROM WHERE", "SQL-200"},
           Case{"", "SQL-401"},
       })
    if (std::string(c.sql).find('\'') == std::string::npos || std::string(c.sql).find("'x/y") == std::string::npos) {
      EXPECT_EQ(Tables(c.sql), c.tables) << c.sql;
    } else {
      auto shape = WalkSelect(*connection_, c.sql);
      ASSERT_TRUE(shape.ok());
      ASSERT_EQ(shape->tables.size(), 1U);
      EXPECT_EQ(shape->tables[0].table, c.tables);
    }
}

TEST_F(WalkerTest, FunctionsAndVolatility) {
  EXPECT_EQ(Functions("SELECT Sum(x) OVER (), a + b FROM read_csv('x'), range((SELECT max(n) FROM g))"),
            "read_csv() range() max sum");
  EXPECT_FALSE(Volatile("SELECT sum(x), date_trunc('day', t) FROM a"));
  for (const char* sql : {"SELECT random()", "SELECT x FROM a WHERE t > now()", "SELECT uuid()",
                          "SELECT current_timestamp", "SELECT CURRENT_DATE", "SELECT today()",
                          "SELECT (SELECT gen_random_uuid() FROM a)", "SELECT * FROM a USING SAMPLE 10%",
                          "SELECT * FROM a TABLESAMPLE 5 ROWS", "SELECT nextval('s')", "SELECT localtimestamp"})
    EXPECT_TRUE(Volatile(sql)) << sql;
}

TEST_F(WalkerTest, ConfinesReaders) {
  EXPECT_EQ(Confined("SELECT upper(x), unnest(l) FROM a, range(3), json_each('{}')"), "ok");
  EXPECT_EQ(Confined("SELECT * FROM read_csv('/etc/passwd')"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM '/etc/passwd.csv'"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM \"/etc/passwd.csv\""), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM query('SELECT 1')"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM query_table('a')"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM duckdb_secrets()"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM sqlite_scan('a', 'b')"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM json_execute_serialized_sql('x')"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT getenv('HOME')"), "SQL-402@8");
  EXPECT_EQ(Confined("SELECT 1 WHERE EXISTS (FROM glob('*'))"), "SQL-402@29");
  EXPECT_EQ(Confined("SHOW TABLES"), "SQL-402@1");
  EXPECT_EQ(Confined("SELECT * FROM read_csv('/p/in/x.csv')", "/p/in"), "ok");
  EXPECT_EQ(Confined("SELECT * FROM read_csv('/p/in/x.csv', header = true)", "/p/in"), "ok");
  EXPECT_EQ(Confined("SELECT * FROM read_csv('/p/in/../x.csv')", "/p/in"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM read_csv('/p/inside/x.csv')", "/p/in"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM read_csv(['/p/in/x', '/etc/x'])", "/p/in"), "SQL-402@15");
  EXPECT_EQ(Confined("SELECT * FROM read_csv('/p/in/' || '../x')", "/p/in"), "SQL-402@15");
}

TEST_F(WalkerTest, ClassesOfStatements) {
  struct Case {
    const char* sql;
    const char* word;
  };
  for (const Case& c :
       {Case{"SELECT 1", "select"}, Case{" -- x\n/* y */ (SELECT 1)", "select"}, Case{"FROM a", "select"},
        Case{"VALUES (1)", "select"}, Case{"DESCRIBE a", "select"}, Case{"WITH a AS (FROM b) FROM a", "select"},
        Case{"WITH a AS (FROM b) INSERT INTO c FROM a", "modify"}, Case{"insert into a values (1)", "insert"},
        Case{"CREATE TABLE a (x INT)", "create"}, Case{"SET threads = 1", "set"}, Case{"COPY a TO 'x'", "copy"},
        Case{"ATTACH 'x'", "attach"}, Case{"PRAGMA version", "pragma"}}) {
    auto word = ClassifyStatement(*connection_, c.sql);
    ASSERT_TRUE(word.ok()) << c.sql << word.error().ToString();
    EXPECT_EQ(*word, c.word) << c.sql;
  }
  EXPECT_EQ(ClassifyStatement(*connection_, "SELECT 1; SELECT 2").error().code(), "SQL-401");
  EXPECT_EQ(ClassifyStatement(*connection_, "SELEC 1").error().code(), "SQL-200");
}

TEST_F(WalkerTest, PositionsCountCharacters) {
  auto span = PositionAt("a\n éx", 5, 1, "m.sql");
  EXPECT_EQ(span.ToString(), "m.sql:2:3");
  auto shape = WalkSelect(*connection_, "SELECT 1 FROM\n FROM");
  ASSERT_FALSE(shape.ok());
  EXPECT_EQ(shape.error().where().line, 2);
  EXPECT_EQ(shape.error().where().column, 2);
}

}  // namespace
}  // namespace leat::sql
