#include "sql/test_lake.h"
#include "sql/walker.h"

namespace leat::sql {
namespace {

std::string Show(const Result<std::vector<ColumnOrigin>>& lineage) {
  if (!lineage.ok()) return lineage.error().ToString();
  std::string text;
  for (const auto& column : *lineage) {
    text += (text.empty() ? "" : "; ") + column.output + " <-";
    for (const auto& input : column.inputs) text += " " + input;
  }
  return text;
}

TEST_F(EngineTest, LineageThroughThePlan) {
  Run("CREATE TABLE o (id INT, c INT, amount DECIMAL(9,2), note VARCHAR, l INT[])");
  Run("CREATE TABLE u (id INT, name VARCHAR)");
  Run("CREATE VIEW v AS SELECT id AS vid, upper(note) AS big FROM o WHERE amount > 0");
  struct Case {
    const char* sql;
    const char* lineage;
  };
  for (const Case& c : {
           Case{"SELECT id, amount * 2 AS twice, 1 AS one FROM o WHERE note = 'x'",
                "id <- main.o.id; twice <- main.o.amount; one <-"},
           Case{"SELECT u.name, sum(o.amount) AS total, count(*) AS n FROM o JOIN u ON o.c = u.id GROUP BY ALL",
                "name <- main.u.name; total <- main.o.amount; n <-"},
           Case{"WITH a AS (SELECT id AS k, note || c AS m FROM o), b AS (SELECT * FROM a) SELECT x.m, x.k FROM b x "
                "JOIN a y USING (k)",
                "m <- main.o.c main.o.note; k <- main.o.id"},
           Case{"SELECT vid, big FROM v", "vid <- main.o.id; big <- main.o.note"},
           Case{"SELECT id FROM o UNION ALL SELECT c FROM o ORDER BY 1 LIMIT 3", "id <- main.o.c main.o.id"},
           Case{"SELECT id FROM o WHERE id IN (SELECT id FROM u) EXCEPT SELECT id FROM u", "id <- main.o.id"},
           Case{"SELECT CASE WHEN c > 1 THEN note END AS x FROM o", "x <- main.o.c main.o.note"},
           Case{"SELECT (SELECT max(name) FROM u WHERE u.id = o.id) AS best, id FROM o",
                "best <- main.u.name; id <- main.o.id"},
           Case{"SELECT sum(amount) FILTER (WHERE note = 'x') AS s FROM o", "s <- main.o.amount"},
           Case{"SELECT lag(amount) OVER (ORDER BY id) AS before FROM o", "before <- main.o.amount main.o.id"},
           Case{"SELECT unnest(l) AS x, id FROM o", "x <- main.o.l; id <- main.o.id"},
           Case{"SELECT t.a, o.id FROM (VALUES (1, 2)) t(a, b) CROSS JOIN o", "a <-; id <- main.o.id"},
           Case{"SELECT note, n FROM o LEFT JOIN (SELECT c, count(DISTINCT id) AS n FROM o GROUP BY c) x USING (c)",
                "note <- main.o.note; n <- main.o.id"},
           Case{"SELECT i, id FROM range(3) t(i), o", "id <- main.o.id"},
           Case{"WITH RECURSIVE r AS (SELECT id FROM o UNION ALL SELECT id + 1 FROM r WHERE id < 3) SELECT id FROM r",
                ""},
       })
    EXPECT_EQ(Show(ColumnLineage(*connection_, c.sql)), c.lineage) << c.sql;
  EXPECT_EQ(ColumnLineage(*connection_, "SELECT nope FROM o").error().code(), "SQL-201");
}

TEST_F(LakeTest, LineageNamesTheTablesOfTheLake) {
  Create("orders", "SELECT 1 AS id, 2 AS customer, 1.5 AS amount");
  Append("orders", "SELECT 1, 2, 1.5");
  Create("customers", "SELECT 1 AS id, 'x' AS name");
  auto session = Open();
  EXPECT_EQ(leat::sql::Show(session->Lineage("SELECT c.name, sum(amount) AS total FROM \"lake\".\"shop\".\"orders\" o "
                                             "JOIN shop.customers c ON c.id = o.customer GROUP BY 1")),
            "name <- shop.customers.name; total <- shop.orders.amount");
  auto after = session->connection().Query("SELECT count(*) FROM shop.orders");
  ASSERT_TRUE(after.ok()) << after.error().ToString();
  EXPECT_EQ(after->At(0, 0), "1") << "the session is prepared for the statement";
}

}  // namespace
}  // namespace leat::sql
