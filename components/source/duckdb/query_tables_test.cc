#include "components/source/duckdb/query_tables.h"

#include <gtest/gtest.h>

namespace leat::components::duckdb {
namespace {

std::string Table(const std::string& name, const std::string& schema = "", const std::string& catalog = "") {
  return R"({"type":"BASE_TABLE","schema_name":")" + schema + R"(","table_name":")" + name + R"(","catalog_name":")" +
         catalog + R"("})";
}

/// One SELECT from `from`, with what WITH names before it.
std::string Tree(const std::string& from, const std::string& with = "") {
  return R"({"error":false,"statements":[{"node":{"type":"SELECT_NODE","cte_map":{"map":[)" + with +
         R"(]},"from_table":)" + from + "}}]}";
}

std::string Named(const std::string& name, const std::string& from, const std::string& type = "SELECT_NODE") {
  return R"({"key":")" + name + R"(","value":{"query":{"node":{"type":")" + type + R"(","cte_name":")" + name +
         R"(","cte_map":{"map":[]},"from_table":)" + from + "}}}}";
}

std::string Placed(const std::string& tree) {
  const auto placed = TablesOfFile(tree, "f", "main", "table t");
  if (placed.ok()) return *placed;
  EXPECT_EQ(placed.error().code(), "SRC-437");
  return placed.error().message();
}

TEST(QueryTables, TablesAreThoseOfTheFile) {
  EXPECT_EQ(Placed(Tree(Table("a"))), Tree(Table("a", "main", "f")));
  EXPECT_EQ(Placed(Tree(Table("a", "s"))), Tree(Table("a", "s", "f")));
  EXPECT_EQ(Placed(Tree("[" + Table("a") + ',' + Table("b", "s") + "]")),
            Tree("[" + Table("a", "main", "f") + ',' + Table("b", "s", "f") + "]"));
}

TEST(QueryTables, NamesOfWithStay) {
  EXPECT_EQ(Placed(Tree(Table("A"), Named("a", Table("b")))), Tree(Table("A"), Named("a", Table("b", "main", "f"))));
  // The table of the same name, within its own query and where a schema says so.
  EXPECT_EQ(Placed(Tree(Table("a", "main"), Named("a", Table("a")))),
            Tree(Table("a", "main", "f"), Named("a", Table("a", "main", "f"))));
  // A recursive one names itself; the second names the first.
  EXPECT_EQ(Placed(Tree(Table("n"), Named("n", Table("n"), "RECURSIVE_CTE_NODE"))),
            Tree(Table("n"), Named("n", Table("n"), "RECURSIVE_CTE_NODE")));
  EXPECT_EQ(Placed(Tree(Table("b"), Named("a", Table("x")) + ',' + Named("b", Table("a")))),
            Tree(Table("b"), Named("a", Table("x", "main", "f")) + ',' + Named("b", Table("a"))));
}

TEST(QueryTables, NothingButTheFile) {
  EXPECT_NE(Placed(Tree(Table("a", "s", "other"))).find("another database: other"), std::string::npos);
  const auto function = [](const std::string& name) {
    return R"({"type":"TABLE_FUNCTION","function":{"class":"FUNCTION","type":"FUNCTION","function_name":")" + name +
           "\"}}";
  };
  EXPECT_EQ(Placed(Tree(function("range"))), Tree(function("range")));
  EXPECT_NE(Placed(Tree(function("read_parquet"))).find("read_parquet"), std::string::npos);
  EXPECT_NE(Placed(Tree(R"({"type":"SHOW_REF"})")).find("SHOW"), std::string::npos);
  EXPECT_NE(Placed(R"({"error":true,"error_message":"at the end"})").find("at the end"), std::string::npos);
  EXPECT_NE(Placed("[").find("cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace leat::components::duckdb
