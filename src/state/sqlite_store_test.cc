// What only a file can do: be missing, damaged, private, migrated with a copy.
#include "state/sqlite_store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "state/network_file_system.h"
#include "test/support/temp_folder.h"

namespace leat::state {
namespace {

namespace fs = std::filesystem;

mode_t ModeOf(const std::string& path) {
  struct stat info = {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return info.st_mode & 0777;
}

void RunSqlite(const std::string& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  sqlite3_close(database);
}

TEST(SqliteStore, IsPrivate) {
  test::TempFolder folder;
  const auto store = Store::Open(folder / "a/b/state.db");
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_EQ(ModeOf(folder / "a"), 0700u);
  EXPECT_EQ(ModeOf(folder / "a/b"), 0700u);
  for (const auto& file : fs::directory_iterator(folder / "a/b")) EXPECT_EQ(ModeOf(file.path()), 0600u) << file.path();
  EXPECT_EQ((*store)->folder(), folder / "a/b");
}

TEST(SqliteStore, SaysWhatIsWrongWithAFile) {
  struct Case {
    std::string name;
    std::string content;
    std::string code;
  };
  const std::vector<Case> cases = {
      {"text",
       "this is no database, but it is long enough to have a header of one hundred bytes, as databases have them all",
       "STATE-102"},
      {"folder", "", "STATE-101"},
      {"foreign", "", "STATE-102"},
  };
  for (const Case& test_case : cases) {
    test::TempFolder folder;
    const std::string path = folder / "state.db";
    if (test_case.name == "folder") fs::create_directory(path);
    if (test_case.name == "foreign") RunSqlite(path, "CREATE TABLE mine (x)");
    if (!test_case.content.empty()) std::ofstream(path) << test_case.content;
    const auto store = Store::Open(path);
    ASSERT_FALSE(store.ok()) << test_case.name;
    EXPECT_EQ(store.error().code(), test_case.code) << test_case.name;
    EXPECT_FALSE(store.error().hint().empty()) << test_case.name;
  }
}

TEST(SqliteStore, MissingIsAnErrorUnlessItMayBeMade) {
  test::TempFolder folder;
  const auto store = Store::Open(folder / "none/state.db", {.create = false});
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), "STATE-101");
  EXPECT_FALSE(fs::exists(folder / "none"));
}

TEST(SqliteStore, DamagedPagesAreReportedAsSuch) {
  test::TempFolder folder;
  const std::string path = folder / "state.db";
  {
    const auto store = Store::Open(path);
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE((*store)
                    ->Write([](Transaction& tx) -> Status {
                      for (int64_t i = 0; i < 500; ++i) {
                        LEAT_TRY(tx.Execute("INSERT INTO run_log VALUES (?1, 'a', 0, ?2)",
                                            {std::to_string(i), std::string(200, 'x')}));
                      }
                      return Ok();
                    })
                    .ok());
  }
  const auto size = fs::file_size(path);
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  for (auto at = static_cast<std::streamoff>(4096); at < static_cast<std::streamoff>(size); at += 512) {
    file.seekp(at);
    file << std::string(64, '\xAB');
  }
  file.close();
  const auto store = Store::Open(path);
  const std::string code = store.ok()
                               ? (*store)->Read("SELECT count(*), sum(length(entry)) FROM run_log").error().code()
                               : store.error().code();
  EXPECT_EQ(code, "STATE-102");
}

TEST(SqliteStore, AWriteInsideAWriteIsABugNotAHang) {
  test::TempFolder folder;
  const auto store = Store::Open(folder / "state.db");
  ASSERT_TRUE(store.ok());
  const Status status =
      (*store)->Write([&](Transaction&) { return (*store)->Write([](Transaction&) { return Ok(); }); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "STATE-204");
}

const std::vector<Migration> kTwo = {{1, "0001_one", "CREATE TABLE a (x BIGINT); INSERT INTO a VALUES (1);"},
                                     {2, "0002_two", "CREATE TABLE b (x BIGINT); INSERT INTO b SELECT x + 1 FROM a;"}};
const std::vector<Migration> kOne = {kTwo[0]};

TEST(SqliteMigration, OldStatesAreCopiedThenMigrated) {
  test::TempFolder folder;
  const std::string path = folder / "state.db";
  ASSERT_TRUE(OpenSqliteStore(path, {}, kOne).ok());
  EXPECT_FALSE(fs::exists(path + ".v1.backup"));
  auto migrated = OpenSqliteStore(path, {}, kTwo);
  ASSERT_TRUE(migrated.ok()) << migrated.error().ToString();
  EXPECT_EQ((*migrated)->Read("SELECT x FROM b")->Int(0, 0), 2);
  EXPECT_EQ(ModeOf(path + ".v1.backup"), 0600u);
  // The copy is a whole state of the old version.
  auto copy = OpenSqliteStore(path + ".v1.backup", {}, kOne);
  ASSERT_TRUE(copy.ok()) << copy.error().ToString();
  EXPECT_EQ((*copy)->Read("SELECT x FROM a")->Int(0, 0), 1);
  // The old program refuses the new state.
  const auto old = OpenSqliteStore(path, {}, kOne);
  ASSERT_FALSE(old.ok());
  EXPECT_EQ(old.error().code(), "STATE-103");
}

TEST(SqliteMigration, AFailingOneChangesNothing) {
  test::TempFolder folder;
  const std::string path = folder / "state.db";
  ASSERT_TRUE(OpenSqliteStore(path, {}, kOne).ok());
  const std::vector<Migration> broken = {
      kTwo[0], {2, "0002_broken", "CREATE TABLE b (x BIGINT); INSERT INTO nowhere VALUES (1);"}};
  const auto failed = OpenSqliteStore(path, {}, broken);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code(), "STATE-105");
  auto store = OpenSqliteStore(path, {}, kOne);
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  EXPECT_TRUE((*store)->Read("SELECT name FROM sqlite_master WHERE name = 'b'")->empty());
}

TEST(SqliteMigration, ARunningProgramStopsWritingWhenANewerOneMigrates) {
  test::TempFolder folder;
  const std::string path = folder / "state.db";
  const auto old = OpenSqliteStore(path, {}, kOne);
  ASSERT_TRUE(old.ok());
  ASSERT_TRUE(OpenSqliteStore(path, {}, kTwo).ok());
  const Status status = (*old)->Write([](Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute("INSERT INTO a VALUES (2)"));
    return Ok();
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "STATE-103");
}

TEST(SqliteMigration, NumbersGoUpByOne) {
  int expected = 0;
  for (const Migration& migration : Migrations()) {
    EXPECT_EQ(migration.number, ++expected) << migration.name;
    EXPECT_FALSE(migration.sql.empty()) << migration.name;
  }
  EXPECT_EQ(SchemaVersion(), expected);
}

TEST(SqliteStore, ManyProcessesMayMakeItAtOnce) {
  for (int round = 0; round < 5; ++round) {
    test::TempFolder folder;
    std::vector<pid_t> children;
    for (int i = 0; i < 8; ++i) {
      const pid_t child = fork();
      if (child == 0) {
        const auto store = Store::Open(folder / "new/state.db");
        if (!store.ok()) fprintf(stderr, "%s\n", store.error().ToString().c_str());
        _exit(store.ok() ? 0 : 1);
      }
      children.push_back(child);
    }
    for (const pid_t child : children) {
      int status = -1;
      waitpid(child, &status, 0);
      EXPECT_EQ(status, 0);
    }
    const auto store = Store::Open(folder / "new/state.db");
    ASSERT_TRUE(store.ok());
    EXPECT_EQ((*store)->Read("SELECT count(*) FROM migration")->Int(0, 0), SchemaVersion());
  }
}

TEST(NetworkFileSystem, KnowsTheirNumbers) {
  EXPECT_EQ(NetworkFileSystemName(0x6969), "nfs");
  EXPECT_EQ(NetworkFileSystemName(0xFF534D42), "cifs");
  EXPECT_EQ(NetworkFileSystemName(0xEF53), "");      // ext4
  EXPECT_EQ(NetworkFileSystemName(0x01021994), "");  // tmpfs
  test::TempFolder folder;
  EXPECT_EQ(NetworkFileSystemOf(folder.path()), "");
}

}  // namespace
}  // namespace leat::state
