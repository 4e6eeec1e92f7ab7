// States that earlier versions wrote (test/fixtures/state_v<N>.sql) open, are brought up to date, and tell the same.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <fstream>
#include <sstream>

#include "lake/catalog.h"
#include "test/support/postgres.h"
#include "test/support/source_tree.h"
#include "test/support/temp_folder.h"

namespace leat::lake {
namespace {

std::string ReadFixture(const std::string& name) {
  std::ifstream file(test::SourcePath("test/fixtures/" + name));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class CatalogUpgradeTest : public testing::TestWithParam<bool> {
 protected:
  /// URL of a store with the fixture in it, as that version left it.
  std::string Restore(const std::string& name, int version) {
    const std::string sql = ReadFixture(name);
    if (GetParam()) {
      const std::string url = test::PostgresServer::Get().NewDatabase();
      EXPECT_TRUE(test::PostgresServer::Get().Run("CREATE SCHEMA leat; SET search_path = leat; " + sql, url));
      return url;
    }
    const std::string path = folder_ / "state.db";
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    const std::string script =
        sql + fmt::format("PRAGMA journal_mode = WAL; PRAGMA application_id = 0x4C454154; PRAGMA user_version = {};",
                          version);
    EXPECT_EQ(sqlite3_exec(database, script.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
    sqlite3_close(database);
    return path;
  }

  test::TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Stores, CatalogUpgradeTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(CatalogUpgradeTest, VersionOne) {
  LEAT_NEEDS_POSTGRES(GetParam());
  auto store = state::Store::Open(Restore("state_v1.sql", 1), {.create = false});
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_EQ((*store)->Read("SELECT max(number) FROM migration")->Int(0, 0), state::SchemaVersion());
  const auto files = io::MakeLocalFileSystem(false);
  auto catalog = Catalog::Open(**store, *files, {.warehouse_root = "/lake"});
  ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
  struct Case {
    std::string ref;
    std::string table;
    std::string location;
  };
  const std::string raw = "file:///lake/shop/raw/";
  const std::vector<Case> cases = {
      {"main", "orders", raw + "orders2.metadata.json"},       {"tag/first", "orders", raw + "orders1.metadata.json"},
      {"commit/2", "orders", raw + "orders1.metadata.json"},   {"commit/1", "orders", ""},
      {"env/dev", "orders", raw + "orders1.metadata.json"},    {"env/dev", "customers", ""},
      {"env/dev", "extra", raw + "extra1.metadata.json"},      {"main", "extra", ""},
      {"main", "customers", raw + "customers1.metadata.json"}, {"2023-11-14T22:13:21Z", "customers", ""},
  };
  for (const Case& each : cases) {
    const auto view = (*catalog)->Resolve(each.ref);
    ASSERT_TRUE(view.ok()) << each.ref;
    const auto entry = (*catalog)->FindTable(*view, {"raw_shop", each.table});
    ASSERT_TRUE(entry.ok());
    EXPECT_EQ(*entry ? (*entry)->location : "", each.location) << each.ref << " " << each.table;
  }
  // And it goes on from there.
  CommitRequest request;
  request.ref = "main";
  request.changes.push_back({ObjectKind::kTable, {"raw_shop", "new"}, "u", {}, raw + "new1.metadata.json"});
  const auto commit = (*catalog)->Commit(request);
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  EXPECT_EQ(*commit, 7);
  EXPECT_TRUE((*catalog)->RollbackRun("main", "run-2", {}).ok());
  EXPECT_EQ((*store)->Read("SELECT rows_in - rows_out - rows_rejected FROM ledger")->Int(0, 0), 0);
}

}  // namespace
}  // namespace leat::lake
