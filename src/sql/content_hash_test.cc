#include "sql/content_hash.h"

#include <map>

#include "sql/test_engine.h"

namespace leat::sql {
namespace {

class ContentHashTest : public EngineTest {
 protected:
  std::string Hash(const std::string& select, const std::set<std::string>& excluded = {}) {
    auto columns = connection_->Describe(select);
    EXPECT_TRUE(columns.ok()) << columns.error().ToString();
    auto rows = connection_->Query(ContentHashSql("(" + select + ")", *columns, excluded));
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    if (!rows.ok()) return "";
    const ContentHashed hash = ReadContentHash(*rows);
    return std::to_string(hash.rows) + " " + hash.hash;
  }
};

TEST_F(ContentHashTest, OrderAndExcludedColumnsDoNotCount) {
  std::string rows = "SELECT i, 'v' || (i % 7) AS v, random() AS r FROM range(5000) t(i)";
  EXPECT_EQ(Hash(rows, {"r"}), Hash(rows + " ORDER BY i DESC", {"r"}));
  EXPECT_NE(Hash(rows), Hash(rows));
  EXPECT_EQ(Hash("SELECT 1 AS x WHERE false"), "0 00000000000000000000000000000000");
  EXPECT_EQ(Hash(rows, {"r"}).size(), 5U + 32U);
}

TEST_F(ContentHashTest, DifferentContentsDiffer) {
  std::vector<std::string> selects{"SELECT NULL::VARCHAR AS a, '' AS b",
                                   "SELECT '' AS a, NULL::VARCHAR AS b",
                                   "SELECT '' AS a, '' AS b",
                                   "SELECT 'a' AS a, 'b' AS b",
                                   "SELECT 'ab' AS a, '' AS b",
                                   "SELECT 'b' AS a, 'a' AS b",
                                   "SELECT 1 AS a, 'b' AS b",
                                   "SELECT '1' AS a, 'b' AS b",
                                   "SELECT 1::BIGINT AS a, 'b' AS b",
                                   "SELECT 1.0 AS a, 'b' AS b",
                                   "SELECT 1.00 AS a, 'b' AS b",
                                   "SELECT 'null' AS a, 'b' AS b",
                                   "SELECT NULL::VARCHAR AS a, 'b' AS b",
                                   "SELECT ['a', 'b'] AS a, 1 AS b",
                                   "SELECT ['a, b'] AS a, 1 AS b",
                                   "SELECT {'x': 1} AS a, 1 AS b",
                                   "SELECT {'x': NULL::INT} AS a, 1 AS b",
                                   "SELECT 'a' AS a, 'b' AS b FROM range(2)",
                                   "SELECT 'a' AS a, 'b' AS b FROM range(3)",
                                   "SELECT 'x' AS c, 'b' AS b",
                                   "SELECT 'x' AS a, 'b' AS b"};
  std::map<std::string, std::string> seen;
  for (const auto& select : selects) {
    auto [place, fresh] = seen.emplace(Hash(select), select);
    EXPECT_TRUE(fresh) << select << " = " << place->second;
  }
}

}  // namespace
}  // namespace leat::sql
