#include <map>

#include "sql/test_engine.h"

namespace leat::sql {
namespace {

class RejecterTest : public EngineTest {
 protected:
  void Register(const std::string& name = "leat_reject") {
    Status status = connection_->RegisterRejecter(name, [this](const Connection::Rejected& row) {
      ++seen_[row.row];
      last_ = row;
      return Ok();
    });
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
  /// Every row with n % 7 = 3 of `rows` was delivered exactly once and nothing else.
  void ExpectExactlyTheBadRows(int64_t rows, const std::string& what) {
    int64_t bad = 0;
    for (int64_t n = 0; n < rows; ++n) {
      if (n % 7 != 3) continue;
      ++bad;
      ASSERT_EQ(seen_[n], 1) << what << ": row " << n;
    }
    EXPECT_EQ(static_cast<int64_t>(seen_.size()), bad) << what;
    seen_.clear();
  }
  static std::string Split(const std::string& from, const std::string& columns = "*") {
    return "SELECT " + columns + " FROM " + from +
           " WHERE CASE WHEN n % 7 <> 3 THEN true ELSE leat_reject('check:mod', s, n, to_json({'n': n})::VARCHAR) END";
  }

  std::map<int64_t, int> seen_;
  Connection::Rejected last_;
};

TEST_F(RejecterTest, DeliversExactlyTheBadRowsOnce) {
  Register();
  constexpr int64_t kRows = 300000;
  Run("CREATE TEMP TABLE t AS SELECT i AS n, 'row ' || i AS s FROM range(300000) t(i)");
  Run("COPY t TO " + DataText("t.csv"));
  Run("COPY t TO " + DataText("t.parquet") + " (ROW_GROUP_SIZE 3000)");
  for (const std::string& from :
       {std::string("t"), "read_csv(" + DataText("t.csv") + ")", "read_parquet(" + DataText("t.parquet") + ")"}) {
    EXPECT_EQ(Rows("SELECT count(*) FROM (" + Split(from) + ")"), "257143") << from;
    ExpectExactlyTheBadRows(kRows, "count over " + from);
    EXPECT_EQ(Rows("COPY (" + Split(from) + ") TO " + DataText("out.parquet")), "257143");
    ExpectExactlyTheBadRows(kRows, "COPY of " + from);
    EXPECT_EQ(Rows("COPY (" + Split(from) + " ORDER BY s DESC) TO " + DataText("out2.parquet")), "257143");
    ExpectExactlyTheBadRows(kRows, "sorted COPY of " + from);
    EXPECT_EQ(Rows("COPY (SELECT *, n % 5 AS p FROM (" + Split(from) + ")) TO " + DataText("parts") +
                   " (FORMAT parquet, PARTITION_BY (p), OVERWRITE_OR_IGNORE)"),
              "257143");
    ExpectExactlyTheBadRows(kRows, "partitioned COPY of " + from);
    EXPECT_EQ(Rows("COPY (" + Split(from) + ") TO " + DataText("threads") +
                   " (FORMAT parquet, PER_THREAD_OUTPUT, OVERWRITE_OR_IGNORE)"),
              "257143");
    ExpectExactlyTheBadRows(kRows, "COPY per thread of " + from);
    // Projected away, filtered further outside, joined, under a window: the optimiser neither drops nor repeats it.
    EXPECT_EQ(Rows("SELECT 1 FROM (" + Split(from, "n, 1 AS one") + ") WHERE one = 1 AND n < 7"), "1\n1\n1\n1\n1\n1");
    for (const auto& [n, times] : seen_) ASSERT_EQ(times, 1) << n;
    seen_.clear();
    EXPECT_EQ(
        Rows("SELECT count(*), max(r) FROM (SELECT *, row_number() OVER (ORDER BY s) AS r FROM (" + Split(from) + "))"),
        "257143|257143");
    ExpectExactlyTheBadRows(kRows, "window over " + from);
    EXPECT_EQ(Rows("WITH good AS MATERIALIZED (" + Split(from) +
                   ") SELECT (SELECT count(*) FROM good), (SELECT sum(n) FROM good) > 0"),
              "257143|true");
    ExpectExactlyTheBadRows(kRows, "CTE over " + from);
  }
}

TEST_F(RejecterTest, ConstantArgumentsAreStillDeliveredPerRow) {
  Register();
  EXPECT_EQ(Rows("SELECT count(*) FROM range(5000) t(i) WHERE CASE WHEN i >= 10 THEN true ELSE leat_reject('r', 'o', "
                 "1, 'p') END"),
            "4990");
  EXPECT_EQ(seen_[1], 10);
}

TEST_F(RejecterTest, NullsAndReplacement) {
  Register();
  EXPECT_EQ(Rows("SELECT leat_reject(NULL, NULL, NULL, NULL)"), "false");
  EXPECT_EQ(last_.reason, "");
  EXPECT_EQ(seen_[0], 1);
  int other = 0;
  ASSERT_TRUE(connection_
                  ->RegisterRejecter("leat_reject",
                                     [&](const Connection::Rejected&) {
                                       ++other;
                                       return Ok();
                                     })
                  .ok());
  Rows("SELECT leat_reject('a', 'b', 2, 'c')");
  EXPECT_EQ(other, 1);
  EXPECT_EQ(seen_.count(2), 0U);
}

TEST_F(RejecterTest, ItsErrorEndsTheStatementAndIsItsError) {
  ASSERT_TRUE(connection_
                  ->RegisterRejecter("leat_reject",
                                     [](const Connection::Rejected&) -> Status {
                                       return MakeError("RUN-601", ErrorKind::kData, "too many rejected rows");
                                     })
                  .ok());
  auto failed = connection_->Query("SELECT leat_reject('a', 'b', 2, 'c') FROM range(10)");
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), "RUN-601");
  auto other = engine_->Connect();
  ASSERT_TRUE(other.ok());
  connection_.reset();
  EXPECT_FALSE((*other)->Query("SELECT leat_reject('a', 'b', 2, 'c')").ok()) << "its connection is gone";
}

}  // namespace
}  // namespace leat::sql
