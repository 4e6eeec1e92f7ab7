#include "sql/prune.h"

#include "sql/test_lake.h"

namespace leat::sql {
namespace {

/// A table of ten files with 100 rows each: i from 100 k to 100 k + 99.
class PruneTest : public LakeTest {
 protected:
  void SetUp() override {
    LakeTest::SetUp();
    std::string columns =
        "i::INTEGER AS id, 'k' || lpad(i::VARCHAR, 4, '0') AS s, (i / 4)::DECIMAL(9,2) AS amount, DATE '2020-01-01' + "
        "i::INTEGER AS d, "
        "TIMESTAMP '2020-01-01 00:00:00' + INTERVAL (i) HOUR AS ts, CASE WHEN i = 950 THEN 'nan'::DOUBLE ELSE (i - "
        "500) / 1.0 END AS f, "
        "CASE WHEN i < 100 THEN NULL ELSE i END AS n, {'x': i} AS st";
    Create("t", "SELECT " + columns + " FROM range(1) t(i)");
    for (int k = 0; k < 10; ++k)
      Append("t", "SELECT " + columns + " FROM range(" + std::to_string(k * 100) + ", " +
                      std::to_string(k * 100 + 100) + ") t(i)");
    Run("CREATE TEMP TABLE truth AS SELECT " + columns + " FROM range(1000) t(i)");
    SessionOptions options;
    options.prune = true;
    session_ = Open(options);
  }
  int64_t Files(const std::string& sql) {
    auto reads = session_->Prepare(sql);
    EXPECT_TRUE(reads.ok()) << sql << reads.error().ToString();
    return reads.ok() && !reads->empty() ? (*reads)[0].files : -1;
  }
};

TEST_F(PruneTest, LeavesOutFilesAndNothingElse) {
  struct Case {
    std::string where;
    int64_t files;
  };
  for (const Case& c : {
           Case{"WHERE id = 250", 1},
           Case{"WHERE 250 = id", 1},
           Case{"WHERE id IN (5, 995)", 2},
           Case{"WHERE id BETWEEN 150 AND 350", 3},
           Case{"WHERE id > 899 AND id < 901", 1},
           Case{"WHERE id::BIGINT >= 900::BIGINT", 1},
           Case{"WHERE id > 899.5", 10},
           Case{"WHERE id = 250.0", 1},
           Case{"WHERE id = '250'", 1},
           Case{"WHERE s = 'k0250'", 1},
           Case{"WHERE s < 'k0100'", 1},
           Case{"WHERE s LIKE 'k02%'", 10},
           Case{"WHERE amount = 62.5", 1},
           Case{"WHERE amount < 25", 1},
           Case{"WHERE d = '2020-01-11'", 1},
           Case{"WHERE d >= DATE '2022-07-01'", 1},
           Case{"WHERE ts < '2020-01-02 00:00:00'", 1},
           Case{"WHERE ts = DATE '2020-01-02'", 1},
           Case{"WHERE f < -499.5", 1},
           Case{"WHERE f > 498", 10},
           Case{"WHERE f = 0", 10},
           Case{"WHERE n IS NULL", 1},
           Case{"WHERE n IS NOT NULL", 9},
           Case{"WHERE NOT (id = 3)", 10},
           Case{"WHERE id = 3 OR id = 999", 10},
           Case{"WHERE (id = 3 OR id = 999) AND id < 100", 1},
           Case{"WHERE st.x = 3", 10},
           Case{"WHERE id % 2 = 0 AND id < 100", 1},
           Case{"WHERE id = 99999999999", 10},
           Case{"WHERE id = NULL", 10},
           Case{"", 10},
       }) {
    std::string columns = "SELECT id, s, amount, d, ts, f, n FROM ";
    EXPECT_EQ(Files(columns + "shop.t " + c.where), c.files) << c.where;
    EXPECT_EQ(Show(*session_, columns + "lake.shop.t " + c.where + " ORDER BY id"),
              Rows(columns + "truth " + c.where + " ORDER BY id"))
        << c.where;
  }
}

TEST_F(PruneTest, OnlyWhereFewerRowsGiveTheSameResult) {
  struct Case {
    std::string sql;
    int64_t files;
  };
  for (const Case& c : {
           Case{"SELECT * FROM (SELECT id AS k, s FROM T) WHERE k = 5", 1},
           Case{"WITH a AS (SELECT id, s FROM T WHERE id < 200) SELECT count(*) FROM a WHERE s = 'k0005'", 2},
           Case{"SELECT id, row_number() OVER (ORDER BY id) AS r FROM T QUALIFY id = 250", 10},
           Case{"SELECT * FROM (SELECT id, row_number() OVER (ORDER BY id) AS r FROM T) WHERE id = 250", 10},
           Case{"SELECT * FROM (SELECT id FROM T ORDER BY id LIMIT 3) WHERE id = 250", 10},
           Case{"SELECT max(id) FROM T HAVING max(id) = 999", 10},
           Case{"SELECT id, count(*) FROM T WHERE id < 10 GROUP BY id ORDER BY id", 1},
           Case{"SELECT a.id, b.id FROM T a LEFT JOIN T b ON a.id = b.id + 900 AND b.id < 50 WHERE a.id >= 950 ORDER "
                "BY 1",
                2},
           Case{"SELECT a.id FROM T a JOIN T b USING (id) WHERE a.id = 5 AND b.id = 5", 1},
           Case{"SELECT a.id, b.s FROM T a JOIN T b ON a.id = b.id AND b.id > 950 WHERE a.id < 960 ORDER BY 1", 10},
           Case{"SELECT a.id, b.id AS near FROM (SELECT id FROM T WHERE id = 555) a ASOF JOIN T b ON a.id >= b.id "
                "WHERE b.id < 100",
                10},
           Case{"SELECT id FROM T WHERE id < 10 UNION ALL SELECT id FROM T WHERE id >= 990 ORDER BY 1", 2},
           Case{"SELECT id FROM T WHERE id < 10 EXCEPT SELECT id FROM T ORDER BY 1", 10},
           Case{"SELECT id FROM T WHERE id IN (SELECT id FROM T WHERE s = 'k0007') ORDER BY 1", 10},
           Case{"SELECT id, (SELECT count(*) FROM T z WHERE z.id < T.id) FROM T WHERE id = 300", 10},
           Case{"SELECT DISTINCT id FROM (SELECT id FROM T) WHERE id = 7", 1},
           Case{"SELECT DISTINCT ON (n IS NULL) id FROM (SELECT * FROM T ORDER BY id) WHERE id > 800 ORDER BY id", 2},
           Case{"SELECT count(*) FROM T a FULL JOIN (SELECT 5 AS id) b ON a.id = b.id WHERE a.id = 5 OR a.id IS NULL",
                10},
           Case{"SELECT count(*) FROM T a FULL JOIN (SELECT 5 AS id) b ON a.id = b.id WHERE a.id = 5", 10},
           Case{"SELECT id, x FROM (SELECT id, unnest([id, 1]) AS x FROM T) WHERE x = 1 AND id = 3", 10},
           Case{"FROM (PIVOT (SELECT id % 3 AS m, id FROM T WHERE id < 90) ON m IN (0, 1, 2) USING count(*)) ORDER BY "
                "id",
                1},
       }) {
    auto with = [&](const std::string& table) {
      std::string sql = c.sql;
      for (size_t at = 0; (at = sql.find("FROM T", at)) != std::string::npos; at += 6)
        sql.replace(at, 6, "FROM " + table);
      for (size_t at = 0; (at = sql.find("JOIN T ", at)) != std::string::npos; at += 6)
        sql.replace(at, 7, "JOIN " + table + " ");
      for (size_t at = 0; (at = sql.find("< T.id", at)) != std::string::npos; at += 3)
        sql.replace(at, 6, "< " + table.substr(table.rfind('.') + 1) + ".id");
      return sql;
    };
    int64_t files = Files(with("shop.t"));
    EXPECT_EQ(files, c.files) << c.sql;
    EXPECT_EQ(Show(*session_, with("lake.shop.t")), Rows(with("truth"))) << c.sql;
  }
}

TEST_F(PruneTest, OnlyWhenAsked) {
  auto whole = Open();
  auto reads = whole->Prepare("SELECT * FROM shop.t WHERE id = 5");
  ASSERT_TRUE(reads.ok());
  EXPECT_EQ((*reads)[0].files, 10);
  auto beside = whole->connection().Query("SELECT count(*) FROM shop.t");
  ASSERT_TRUE(beside.ok());
  EXPECT_EQ(beside->At(0, 0), "1000");
}

TEST_F(PruneTest, BindingErrorsAreTheStatementsOwn) {
  auto wrong = session_->Query("SELECT id\nFROM shop.t WHERE nope = 1");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code(), "SQL-201");
  EXPECT_EQ(wrong.error().where().line, 2);
  EXPECT_EQ(Show(*session_, "SELECT count(*) FROM shop.t"), "1000");
}

}  // namespace
}  // namespace leat::sql
