// Names of tables and namespaces, the folders that they get, and what may lie below what.
#include "lake/catalog_names.h"

#include "lake/catalog_fixture.h"

namespace leat::lake {
namespace {

class CatalogNamesTest : public CatalogTest {};

INSTANTIATE_TEST_SUITE_P(Stores, CatalogNamesTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(CatalogNamesTest, NamesThatDifferOnlyInCaseAreRefused) {
  MustMove("main", "Orders", {}, "o1");
  EXPECT_EQ(CodeOf(Move("main", "orders", {}, "o2")), "LAKE-302");
  EXPECT_EQ(Find("main", "orders"), "");
  const auto found = catalog_->FindTableNoCase(MustResolve("main"), {"S", "ORDERS"});
  ASSERT_TRUE(found.ok() && *found);
  EXPECT_EQ((*found)->name.name, "Orders");
  EXPECT_EQ(CodeOf(catalog_->CreateNamespace("main", "S", {}, {})), "LAKE-302");
  // A rename of the case alone is one commit, and the log tells both halves.
  CommitRequest rename;
  rename.ref = "main";
  rename.changes.push_back({ObjectKind::kTable, {"s", "Orders"}, "u", At("o1"), {}});
  rename.changes.push_back({ObjectKind::kTable, {"s", "orders"}, "u", {}, At("o1")});
  const View before = MustResolve("main");
  ASSERT_EQ(CodeOf(catalog_->Commit(rename)), "ok");
  EXPECT_EQ(Find("main", "orders"), "o1");
  EXPECT_EQ(Find("main", "Orders"), "");
  EXPECT_EQ(Find(before, "Orders"), "o1");
  EXPECT_EQ(List(MustResolve("main")), (std::vector<std::string>{"orders"}));
  EXPECT_EQ(catalog_->Log("main", 1)->front().changes.size(), 2u);
}

TEST_P(CatalogNamesTest, NamesAreChecked) {
  EXPECT_EQ(CodeOf(Move("main", "a/b", {}, "x")), "LAKE-203");
  EXPECT_EQ(CodeOf(Move("main", "t__rejected", {}, "x")), "LAKE-203");
  EXPECT_EQ(CodeOf(Move("main", "", {}, "x")), "LAKE-301");  // that is the namespace itself
  for (const std::string ns : {"leat", "MAIN", "information_schema", "pg_catalog", ""}) {
    EXPECT_EQ(CodeOf(catalog_->CreateNamespace("main", ns, {}, {})), "LAKE-203") << ns;
  }
  CommitRequest own;
  own.ref = "main";
  own.allow_reserved = true;
  own.changes.push_back({ObjectKind::kTable, {"s", "t__rejected"}, "u", {}, At("x")});
  EXPECT_EQ(CodeOf(catalog_->Commit(own)), "ok");
  own.changes = {{ObjectKind::kTable, {"none", "t"}, "u", {}, At("x")}};
  EXPECT_EQ(CodeOf(catalog_->Commit(own)), "LAKE-201");
  for (const auto& name : {"env/", "env/Dev", "dev", "run/a b"}) {
    EXPECT_EQ(CodeOf(catalog_->CreateBranch(name, RefKind::kEnv, MustResolve("main"))), "LAKE-203") << name;
  }
}

TEST_P(CatalogNamesTest, NamespacesLieBelowNamespacesThatStay) {
  EXPECT_EQ(CodeOf(catalog_->CreateNamespace("main", "s.x.y", {}, {})), "LAKE-201");
  Must(catalog_->CreateNamespace("main", "s.x", {}, {}));
  EXPECT_EQ(CodeOf(catalog_->DropNamespace("main", "s", {})), "LAKE-206");
  Must(catalog_->CreateNamespace("main", "s_x", {}, {}));
  Must(catalog_->DropNamespace("main", "s_x", {}));
  auto branch = catalog_->CreateBranch("env/dev", RefKind::kEnv, MustResolve("main"));
  ASSERT_TRUE(branch.ok()) << branch.error().ToString();
  EXPECT_EQ(CodeOf(catalog_->DropNamespace("env/dev", "s", {})), "LAKE-206");
  Must(catalog_->DropNamespace("env/dev", "s.x", {}));
  Must(catalog_->DropNamespace("env/dev", "s", {}));
  CommitRequest both;
  both.ref = "env/dev";
  both.changes = {{ObjectKind::kNamespace, {"p.q", ""}, "", {}, "{}"},
                  {ObjectKind::kNamespace, {"p", ""}, "", {}, "{}"}};
  EXPECT_EQ(CodeOf(catalog_->Commit(both)), "ok");

  // Whoever is first, nothing is left below nothing.
  for (int round = 0; round < 20; ++round) {
    const std::string parent = fmt::format("p{}", round);
    Must(catalog_->CreateNamespace("main", parent, {}, {}));
    std::string made, dropped;
    {
      std::jthread one([&] { made = CodeOf(catalog_->CreateNamespace("main", parent + ".child", {}, {})); });
      std::jthread two([&] { dropped = CodeOf(catalog_->DropNamespace("main", parent, {})); });
    }
    EXPECT_TRUE((made == "ok" && dropped == "LAKE-206") || (made == "LAKE-201" && dropped == "ok")) << made << dropped;
  }
}

TEST_P(CatalogNamesTest, NamespacesHoldPropertiesAndAreDroppedOnlyEmpty) {
  ASSERT_TRUE(catalog_->CreateNamespace("main", "raw_shop", {{"leat.zone", "raw"}, {"x", "1"}}, {}).ok());
  EXPECT_EQ(CodeOf(catalog_->CreateNamespace("main", "raw_shop", {}, {})), "LAKE-202");
  ASSERT_TRUE(catalog_->SetNamespaceProperties("main", "raw_shop", {{"y", "é\""}}, {"x"}, {}).ok());
  const auto properties = catalog_->FindNamespace(MustResolve("main"), "raw_shop");
  ASSERT_TRUE(properties.ok() && *properties);
  EXPECT_EQ(**properties, (Properties{{"leat.zone", "raw"}, {"y", "é\""}}));
  EXPECT_EQ(CodeOf(catalog_->SetNamespaceProperties("main", "none", {}, {}, {})), "LAKE-201");
  MustMove("main", "t", {}, "t1");
  EXPECT_EQ(CodeOf(catalog_->DropNamespace("main", "s", {})), "LAKE-206");
  EXPECT_EQ(catalog_->ListNamespaces(MustResolve("main"))->size(), 2u);
  ASSERT_TRUE(catalog_->DropNamespace("main", "raw_shop", {}).ok());
  EXPECT_EQ(catalog_->ListNamespaces(MustResolve("main"))->size(), 1u);
  EXPECT_EQ(CodeOf(catalog_->DropNamespace("main", "raw_shop", {})), "LAKE-201");
}

TEST(TableFolder, FollowsTheZone) {
  const std::string uuid = "01234567-89ab-7def-8123-456789abcdef";
  struct Case {
    TableName name;
    Properties properties;
    std::string folder;
  };
  const std::vector<Case> cases = {
      {{"trusted", "orders"}, {}, "trusted/orders-89abcdef"},
      {{"raw_shop", "orders"}, {{"leat.zone", "raw"}}, "shop/raw/orders-89abcdef"},
      {{"bronze", "orders"}, {{"leat.zone", "raw"}, {"leat.source", "shop"}}, "shop/raw/orders-89abcdef"},
      {{"a.b", "../x y"}, {}, "a.b/_._x_y-89abcdef"},
  };
  for (const Case& each : cases) EXPECT_EQ(TableFolder(each.name, uuid, each.properties), each.folder);
}

TEST(Locations, AreRelativeToTheRoot) {
  const Locations locations("/data/lake/");
  EXPECT_EQ(locations.root(), "file:///data/lake");
  EXPECT_EQ(locations.ToStored("file:///data/lake/a/b.json"), "a/b.json");
  EXPECT_EQ(locations.ToStored("/data/lake/a/b.json"), "a/b.json");
  EXPECT_EQ(locations.ToStored("file:///data/lakes/b.json"), "file:///data/lakes/b.json");
  EXPECT_EQ(locations.ToAbsolute("a/b.json"), "file:///data/lake/a/b.json");
  EXPECT_EQ(locations.ToAbsolute("s3://x/b.json"), "s3://x/b.json");
}

}  // namespace
}  // namespace leat::lake
