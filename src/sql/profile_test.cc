#include "sql/test_engine.h"

namespace leat::sql {
namespace {

class ProfileTest : public EngineTest {
 protected:
  StatementCounts Counts(const std::string& sql) {
    StatementCounts counts;
    const auto rows = connection_->QueryProfiled(sql, counts);
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return counts;
  }
};

/// 1,000 rows and 10 of them: what a source's query answers counts, not what it reads for it, nor what it keeps on its way.
TEST_F(ProfileTest, RowsOfAQueryAreThoseThatItAnswers) {
  ASSERT_TRUE(connection_->Execute("CREATE TEMP TABLE a AS SELECT i FROM range(1000) t(i)").ok());
  ASSERT_TRUE(connection_->Execute("CREATE TEMP TABLE b AS SELECT i FROM range(10) t(i)").ok());
  const std::string joined = "SELECT a.i FROM a JOIN b USING (i)";
  const auto from = [](const std::string& query) {
    return "CREATE OR REPLACE TEMP TABLE made AS SELECT i + 1 AS k0 FROM (WITH leat_query AS MATERIALIZED (" + query +
           "\n) SELECT * FROM leat_query)";
  };
  EXPECT_GT(Counts("CREATE OR REPLACE TEMP TABLE made AS " + joined).rows_scanned, 10);
  EXPECT_EQ(Counts(from(joined)).rows_scanned, 10);
  EXPECT_EQ(Counts(from(joined)).result_rows, 10);
  EXPECT_EQ(Counts(from("SELECT count(*) AS i FROM a")).rows_scanned, 1);
  EXPECT_EQ(Counts(from("SELECT i FROM a WHERE i < 0")).rows_scanned, 0);
  EXPECT_EQ(
      Counts(from("WITH own AS MATERIALIZED (SELECT i FROM a) SELECT x.i FROM own x JOIN own y ON x.i = y.i + 999"))
          .rows_scanned,
      1);
}

}  // namespace
}  // namespace leat::sql
