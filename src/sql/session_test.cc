#include "sql/session.h"

#include <thread>

#include "sql/script.h"
#include "sql/test_lake.h"

namespace leat::sql {
namespace {

class SessionTest : public LakeTest {
 protected:
  void SetUp() override {
    LakeTest::SetUp();
    Create("Orders", "SELECT 1 AS id, 'x' AS item, 1.5 AS amount");
    Append("Orders", "SELECT i::INTEGER, 'item ' || i, (i / 2)::DECIMAL(2,1) FROM range(10) t(i)");
    Create("empty", "SELECT 1 AS id, [1] AS l");
  }
};

TEST_F(SessionTest, NamesAreFoundAsPeopleWriteThem) {
  SessionOptions options;
  options.default_namespace = "shop";
  session_ = Open(options);
  for (const char* name : {"shop.orders", "lake.shop.orders", "\"lake\".\"shop\".\"Orders\"", "LAKE.Shop.ORDERS",
                           "orders", "\"Orders\"", "lake . shop.orders"})
    EXPECT_EQ(Show(*session_, std::string("SELECT count(*), sum(amount) FROM ") + name), "10|22.5") << name;
  EXPECT_EQ(Show(*session_, "SELECT lake.shop.orders.id FROM lake.shop.orders WHERE lake.shop.orders.id = 3"), "3");
  EXPECT_EQ(Show(*session_, "SELECT count(*), count(l) FROM shop.empty"), "0|0");
  EXPECT_EQ(Show(*session_, "WITH orders AS (SELECT 1 AS one) SELECT one FROM orders"), "1");
  EXPECT_EQ(Show(*session_, "SELECT 'lake.shop.orders' -- lake.shop.orders"), "lake.shop.orders");
}

TEST_F(SessionTest, SaysWhatItReads) {
  session_ = Open();
  auto reads = session_->Prepare("SELECT * FROM shop.orders a JOIN shop.orders b USING (id), shop.empty");
  ASSERT_TRUE(reads.ok()) << reads.error().ToString();
  ASSERT_EQ(reads->size(), 2U);
  EXPECT_EQ((*reads)[0].table.ToString(), "shop.Orders");
  EXPECT_EQ((*reads)[0].rows_in_snapshot, 10);
  EXPECT_EQ((*reads)[0].files, 1);
  EXPECT_GT((*reads)[0].bytes, 0);
  EXPECT_EQ((*reads)[0].snapshot_id, *Load("Orders").current_snapshot_id);
  EXPECT_EQ((*reads)[1].snapshot_id, 0);
}

TEST_F(SessionTest, UnknownTablesHavePlaceAndNearestNames) {
  session_ = Open();
  struct Case {
    const char* sql;
    int line;
    int column;
    const char* hint;
  };
  for (const Case& c :
       {Case{"SELECT *\nFROM shop.ordes", 2, 6, "shop.Orders"}, Case{"SELECT * FROM orders", 1, 15, "shop.Orders"},
        Case{"SELECT * FROM other.shop.orders", 1, 15, ""}, Case{"SELECT * FROM leat.runs", 1, 15, ""}}) {
    auto reads = session_->Prepare(c.sql);
    ASSERT_FALSE(reads.ok()) << c.sql;
    EXPECT_EQ(reads.error().code(), "SQL-403");
    EXPECT_EQ(reads.error().where().line, c.line);
    EXPECT_EQ(reads.error().where().column, c.column);
    EXPECT_NE(reads.error().hint().find(c.hint), std::string::npos) << reads.error().hint();
  }
  auto wrong = session_->Query("SELECT id,\n  \"lake\".shop.orders.nope FROM \"lake\".shop.orders");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().where().line, 2);
  EXPECT_EQ(wrong.error().where().column, 3);
  EXPECT_EQ(wrong.error().message().find("x0"), std::string::npos) << wrong.error().ToString();
  EXPECT_EQ(session_->Query("SELECT * FROM read_csv('/etc/passwd')").error().code(), "SQL-402");
  EXPECT_EQ(session_->Query("SELECT * FROM shop.orders AT (VERSION => 1)").error().code(), "SQL-404");
  EXPECT_EQ(session_->Query("DROP TABLE shop.orders").error().code(), "SQL-401");
}

TEST_F(SessionTest, ManySessionsOfOneEngineSeeTheirOwnCommit) {
  auto before = Open();
  EXPECT_EQ(Show(*before, "SELECT count(*) FROM lake.shop.orders"), "10");
  Append("Orders", "SELECT 100, 'new', 9.5");
  auto after = Open();
  std::vector<std::jthread> threads;
  for (auto* session : {before.get(), after.get()})
    threads.emplace_back([&, session] {
      for (int i = 0; i < 20; ++i)
        EXPECT_EQ(Show(*session, "SELECT count(*) FROM \"lake\".\"shop\".\"Orders\""),
                  session == before.get() ? "10" : "11");
    });
  threads.clear();
  before->SetView(Main());
  EXPECT_EQ(Show(*before, "SELECT count(*) FROM lake.shop.orders"), "11");
}

TEST_F(SessionTest, CatalogNamesAreFreeAgainWhenSessionsClose) {
  for (int i = 0; i < 3; ++i) {
    auto session = Open();
    EXPECT_EQ(Show(*session, "SELECT current_database()"), "x000");
  }
}

TEST_F(SessionTest, StandInsAndRelations) {
  SessionOptions options;
  options.stand_ins[{"shop", "Orders"}] = "SELECT 7 AS id";
  session_ = Open(options);
  EXPECT_EQ(Show(*session_, "SELECT id FROM shop.orders"), "7");
  auto plain = Open();
  auto relation = plain->Relation({"shop", "Orders"});
  ASSERT_TRUE(relation.ok()) << relation.error().ToString();
  EXPECT_EQ(*relation, "\"lake\".\"shop\".\"Orders\"");
  auto rows = plain->connection().Query("SELECT count(*) FROM " + *relation);
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(rows->At(0, 0), "10");
  EXPECT_EQ(plain->Relation({"shop", "orders"}).error().code(), "SQL-403") << "exact names only";
}

TEST_F(SessionTest, SystemTablesAreMadeForEachStatement) {
  int made = 0;
  SessionOptions options;
  options.system_tables = {"runs", "steps"};
  options.make_system_table = [&](Connection& connection, const std::string& table, const std::string& name) {
    ++made;
    return connection.Execute("CREATE TABLE " + name + " AS SELECT '" + table + "' AS t, " + std::to_string(made) +
                              " AS n");
  };
  session_ = Open(options);
  EXPECT_EQ(Show(*session_, "SELECT t, n FROM leat.runs"), "runs|1");
  EXPECT_EQ(Show(*session_, "SELECT t, n FROM lake.leat.runs UNION ALL FROM leat.steps ORDER BY n"), "runs|2\nsteps|3");
  EXPECT_EQ(session_->Query("FROM leat.nope").error().code(), "SQL-403");
}

TEST_F(SessionTest, ViewsReadTheirTables) {
  std::string location = Data("view.json");
  ASSERT_TRUE(
      files_
          ->WriteNew(location,
                     R"({"view-uuid": "u", "format-version": 1, "location": "x", "current-version-id": 2, "schemas": [],
    "version-log": [], "versions": [{"version-id": 1, "representations": []}, {"version-id": 2, "schema-id": 0, "timestamp-ms": 1,
    "summary": {}, "default-namespace": ["shop"], "representations": [{"type": "sql", "dialect": "spark", "sql": "x"},
    {"type": "sql", "dialect": "duckdb", "sql": "SELECT id, amount FROM \"lake\".\"shop\".\"Orders\" WHERE id > 6"}]}]})")
          .ok());
  lake::CommitRequest request;
  request.ref = "main";
  request.changes.push_back({lake::ObjectKind::kView, {"shop", "big"}, "u", std::nullopt, io::FileUri(location)});
  auto commit = catalog_->Commit(request);
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  session_ = Open();
  EXPECT_EQ(Show(*session_, "SELECT count(*), sum(amount) FROM shop.big"), "3|12.0");
  auto reads = session_->Prepare("SELECT * FROM shop.big");
  ASSERT_TRUE(reads.ok());
  ASSERT_EQ(reads->size(), 1U);
  EXPECT_EQ((*reads)[0].table.name, "Orders");
  auto fresh = Open();
  auto relation = fresh->Relation({"shop", "big"});
  ASSERT_TRUE(relation.ok()) << relation.error().ToString();
  EXPECT_EQ(fresh->connection().Query("SELECT count(*) FROM " + *relation)->At(0, 0), "3");
}

TEST(ScriptTest, CatalogMentions) {
  auto at = [](std::string_view sql) {
    std::string text;
    for (size_t offset : CatalogMentions(sql, "lake")) text += std::to_string(offset) + " ";
    return text;
  };
  EXPECT_EQ(at("SELECT lake.a.b, \"Lake\".a.b FROM LAKE.a.\"b\" WHERE x = 'lake.a.b' -- lake.a.b"), "7 18 33 ");
  EXPECT_EQ(at("SELECT lake.a, x.lake.a.b, lakes.a.b, lake FROM lake.a"), "");
  EXPECT_EQ(at("lake . a /**/ . b"), "") << "comments between names are not looked through";
  EXPECT_EQ(at("(lake.a.b)"), "1 ");
  EXPECT_EQ(at("1e5lake.a.b 2 lake.a.b"), "14 ");
}

}  // namespace
}  // namespace leat::sql
