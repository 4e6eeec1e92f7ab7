#include "serve/table_rights.h"

#include <gtest/gtest.h>

namespace leat::serve {
namespace {

TableRights Rights(std::vector<std::string> patterns) {
  auto rights = TableRights::Make(std::move(patterns));
  EXPECT_TRUE(rights.ok()) << rights.error().ToString();
  return *rights;
}

TEST(TableRightsTest, NoneIsAll) {
  EXPECT_TRUE(TableRights().AllowTable("a", "b"));
  EXPECT_TRUE(TableRights().AllowNamespace("a"));
  EXPECT_TRUE(TableRights().SeeNamespace("a"));
  EXPECT_TRUE(Rights({"*"}).AllowTable("a.b", "c"));
  EXPECT_TRUE(Rights({"*"}).AllowNamespace("a.b"));
}

TEST(TableRightsTest, Tables) {
  const TableRights rights = Rights({"sales.*", "shop.orders", "*.public_*"});
  EXPECT_TRUE(rights.AllowTable("sales", "orders"));
  EXPECT_TRUE(rights.AllowTable("sales.north", "orders"));
  EXPECT_TRUE(rights.AllowTable("shop", "orders"));
  EXPECT_FALSE(rights.AllowTable("shop", "orders2"));
  EXPECT_FALSE(rights.AllowTable("shop", "Orders"));
  EXPECT_FALSE(rights.AllowTable("sales2", "orders"));
  EXPECT_TRUE(rights.AllowTable("hr", "public_holidays"));
  EXPECT_FALSE(rights.AllowTable("hr", "salaries"));
  EXPECT_TRUE(Rights({"a*b*c.*d"}).AllowTable("aXbYbZc", "ddd"));
  EXPECT_FALSE(Rights({"a*b*c.*d"}).AllowTable("aXbYbZ", "ddd"));
}

TEST(TableRightsTest, Namespaces) {
  const TableRights rights = Rights({"sales.*", "shop.orders", "deep.er.t"});
  EXPECT_TRUE(rights.AllowNamespace("sales"));
  EXPECT_FALSE(rights.AllowNamespace("shop"));
  EXPECT_FALSE(Rights({"shop.o*"}).AllowNamespace("shop"));
  EXPECT_TRUE(rights.SeeNamespace("shop"));
  EXPECT_TRUE(rights.SeeNamespace("sales"));
  EXPECT_TRUE(rights.SeeNamespace("deep"));
  EXPECT_TRUE(rights.SeeNamespace("deep.er"));
  EXPECT_FALSE(rights.SeeNamespace("sho"));
  EXPECT_FALSE(rights.SeeNamespace("hr"));
}

TEST(TableRightsTest, PatternsThatNoTableCanMatch) {
  for (const char* pattern : {"", "sales", ".orders", "sales.", "."})
    EXPECT_EQ(TableRights::Make({pattern}).error().code(), "SERVE-207") << pattern;
}

}  // namespace
}  // namespace leat::serve
