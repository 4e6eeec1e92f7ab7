#include "sql/spark_text.h"

#include "sql/test_engine.h"
#include "sql/writer.h"

namespace leat::sql {
namespace {

/// Tables s.t and s.u, in DuckDB and as schemas.
class SparkTextTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    Run("CREATE SCHEMA s");
    Run("CREATE TABLE s.t (id BIGINT, name VARCHAR, price DECIMAL(12,2), day DATE, seen TIMESTAMP, open BOOLEAN, x DOUBLE, "
        "n INTEGER, \"odd`name\" VARCHAR, clock TIME)");
    Run("CREATE TABLE s.u (id BIGINT, label VARCHAR)");
  }

  /// The text, or "no: " with the reason.
  std::string Spark(const std::string& sql) {
    const auto columns = connection_->Describe(sql);
    EXPECT_TRUE(columns.ok()) << sql << "\n" << (columns.ok() ? "" : columns.error().ToString());
    if (!columns.ok()) return "wrong SQL";
    const auto output = SchemaForColumns(*columns);
    EXPECT_TRUE(output.ok());
    const auto text =
        ToSparkText(*connection_, sql, "lake", *output,
                    [this](const std::string& ns, const std::string& name) { return ColumnsOf(ns, name); });
    EXPECT_TRUE(text.ok()) << text.error().ToString();
    EXPECT_NE(text->sql.empty(), text->why_not.empty());
    return text->sql.empty() ? "no: " + text->why_not : text->sql;
  }

  Result<std::optional<data::Schema>> ColumnsOf(const std::string& ns, const std::string& name) {
    if (ns != "s" || (name != "t" && name != "u")) return std::optional<data::Schema>();
    LEAT_ASSIGN(const auto columns, connection_->Describe("SELECT * FROM s." + name));
    LEAT_ASSIGN(data::Schema schema, SchemaForColumns(columns));
    return std::optional(std::move(schema));
  }
};

TEST_F(SparkTextTest, WhatMeansTheSameIsWrittenAnew) {
  EXPECT_EQ(Spark("select * from s.u"), "SELECT `u`.`id` AS `id`, `u`.`label` AS `label` FROM `s`.`u` AS `u`");
  EXPECT_EQ(Spark("select ID as Key, \"odd`name\" o from s.t"),
            "SELECT `t`.`id` AS `Key`, `t`.`odd``name` AS `o` FROM `s`.`t` AS `t`");
  EXPECT_EQ(
      Spark(
          "select distinct a.id, b.label from s.t a left join s.u b on a.id = b.id where a.price >= 5 and (not a.open or "
          "a.name in ('x', 'y')) and a.n between 1 and 3 and a.day < '2026-01-31' and b.label is not null"),
      "SELECT DISTINCT `a`.`id` AS `id`, `b`.`label` AS `label` FROM `s`.`t` AS `a` LEFT JOIN `s`.`u` AS `b` ON (`a`.`id` = "
      "`b`.`id`) WHERE ((`a`.`price` >= 5) AND ((NOT `a`.`open`) OR (`a`.`name` IN ('x', 'y'))) AND (`a`.`n` BETWEEN 1 AND "
      "3) AND (`a`.`day` < DATE '2026-01-31') AND (`b`.`label` IS NOT NULL))");
  EXPECT_EQ(
      Spark(
          "select name, count(*) as rows_, count(distinct id) c, max(seen) m from s.t group by 1 having count(*) > 2"),
      "SELECT `t`.`name` AS `name`, count(*) AS `rows_`, count(DISTINCT `t`.`id`) AS `c`, max(`t`.`seen`) AS `m` FROM "
      "`s`.`t` AS `t` GROUP BY `t`.`name` HAVING (count(*) > 2)");
  EXPECT_EQ(
      Spark("select case when id = 1 then 'one' else name end as w, coalesce(name, '') c, true as yes, timestamp "
            "'2026-01-31 10:00:00' as noon from s.t"),
      "SELECT CASE WHEN (`t`.`id` = 1) THEN 'one' ELSE `t`.`name` END AS `w`, coalesce(`t`.`name`, '') AS `c`, TRUE AS "
      "`yes`, TIMESTAMP_NTZ '2026-01-31 10:00:00' AS `noon` FROM `s`.`t` AS `t`");
}

TEST_F(SparkTextTest, WhatMayMeanSomethingElseGivesNone) {
  for (const char* sql : {
           "select id + 1 as next from s.t",
           "select cast(id as varchar) as id from s.t",
           "select sum(id) as total from s.t",
           "select upper(name) as u from s.t",
           "select id from s.t order by id",
           "select id from s.t limit 3",
           "with c as (select id from s.t) select id from c",
           "select id from (select id from s.t)",
           "select id from s.t union all select id from s.u",
           "select * exclude (name) from s.t",
           "select clock from s.t",
           "select * from s.t",
           "select id from s.t where name = 'it''s'",
           "select id from s.t where name = 'a\\b'",
           "select id from s.t where name like 'a%'",
           "select id from s.t where price > 1.5",
           "select id from s.t where name is distinct from 'x'",
           "select id from s.t where id in (select id from s.u)",
           "select distinct x from s.t",
           "select x, count(*) as n_rows from s.t group by x",
           "select n as id from s.t where id = 1",
           "select row_number() over () as r from s.t",
           "select t.id from s.t full join s.u on t.id = u.id",
           "select t.id from s.t join s.u using (id)",
           "select id from s.t tablesample 10%",
           "select id from s.t qualify row_number() over () = 1",
           "select name, count(*) filter (where open) as c from s.t group by all",
           "select null as nothing from s.t",
           "select 1 as one",
           "select range as id from range(3)",
       }) {
    EXPECT_EQ(Spark(sql).substr(0, 4), "no: ") << sql << "\n" << Spark(sql);
  }
  EXPECT_EQ(Spark("select id from s.t where name like 'a%'"), "no: it has function");
}

TEST_F(SparkTextTest, OnlyTablesThatSparkCanReadByThatName) {
  Run("CREATE TABLE s.other (id BIGINT)");
  EXPECT_EQ(Spark("select id from s.other"), "no: Spark cannot read s.other");
  Run("CREATE TABLE near (id BIGINT)");
  EXPECT_EQ(Spark("select id from near"), "no: 'near' is no table of the lake by namespace and name");
}

}  // namespace
}  // namespace leat::sql
