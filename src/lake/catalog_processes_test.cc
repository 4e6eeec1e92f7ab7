// Several processes commit to one state for some seconds: nothing lost, nothing refused, nobody starved.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "lake/catalog.h"
#include "test/support/postgres.h"
#include "test/support/temp_folder.h"

namespace leat::lake {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr int kProcesses = 8;

/// What one process did, as one line of a file.
struct Report {
  int commits = 0;
  int won = 0;
  int64_t longest_ms = 0;
  std::string problem = "it did not end";
};

struct Opened {
  std::unique_ptr<state::Store> store;
  std::unique_ptr<io::FileSystem> files;
  std::unique_ptr<Catalog> catalog;
};

Result<Opened> Open(const std::string& url, const std::string& root) {
  Opened opened;
  LEAT_ASSIGN(opened.store, state::Store::Open(url));
  opened.files = io::MakeLocalFileSystem();
  LEAT_ASSIGN(opened.catalog, Catalog::Open(*opened.store, *opened.files, {.warehouse_root = root}));
  return opened;
}

CommitRequest Move(const std::string& table, std::optional<std::string> from, std::string to) {
  CommitRequest request;
  request.ref = "main";
  request.changes.push_back({ObjectKind::kTable, {"s", table}, "u", std::move(from), std::move(to)});
  return request;
}

/// Moves its own table on and on, and one that all processes fight for.
Report Work(const std::string& url, const std::string& root, int number, milliseconds length) {
  Report report;
  Result<Opened> opened = Open(url, root);
  if (!opened.ok()) {
    report.problem = opened.error().ToString();
    return report;
  }
  Catalog& catalog = *opened->catalog;
  const std::string table = fmt::format("t{}", number);
  std::optional<std::string> mine;
  const auto end = Clock::now() + length;
  while (Clock::now() < end) {
    const std::string next = fmt::format("{}/{}/{}", root, table, report.commits);
    const auto begun = Clock::now();
    const auto commit = catalog.Commit(Move(table, mine, next));
    report.longest_ms = std::max<int64_t>(report.longest_ms, duration_cast<milliseconds>(Clock::now() - begun).count());
    if (!commit.ok()) {
      report.problem = commit.error().ToString();
      return report;
    }
    mine = next;
    ++report.commits;
    const auto view = catalog.Resolve("main");
    const auto shared = view.ok() ? catalog.FindTable(*view, {"s", "shared"}) : view.error();
    if (!shared.ok() || !*shared) {
      report.problem = shared.ok() ? "the shared table is gone" : shared.error().ToString();
      return report;
    }
    const auto fight = catalog.Commit(
        Move("shared", (*shared)->location, fmt::format("{}/shared/{}-{}", root, number, report.commits)));
    if (fight.ok()) ++report.won;
    if (!fight.ok() && fight.error().code() != "LAKE-301") {
      report.problem = fight.error().ToString();
      return report;
    }
  }
  report.problem = "";
  return report;
}

class CatalogProcessesTest : public testing::TestWithParam<bool> {};

INSTANTIATE_TEST_SUITE_P(Stores, CatalogProcessesTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(CatalogProcessesTest, NoCommitIsLostAndNobodyStarves) {
  LEAT_NEEDS_POSTGRES(GetParam());
  test::TempFolder folder;
  const std::string url = GetParam() ? test::PostgresServer::Get().NewDatabase() : folder / "state.db";
  const std::string root = "file://" + (folder / "warehouse");
  {
    auto opened = Open(url, root);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    ASSERT_TRUE(opened->catalog->CreateNamespace("main", "s", {}, {}).ok());
    ASSERT_TRUE(opened->catalog->Commit(Move("shared", {}, root + "/shared/0")).ok());
  }
  // LEAT_STRESS_SECONDS makes it as long as one wants.
  const char* seconds = std::getenv("LEAT_STRESS_SECONDS");
  const milliseconds length(seconds == nullptr ? 3000 : 1000 * std::atoi(seconds));
  std::vector<pid_t> children;
  for (int i = 0; i < kProcesses; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      const Report report = Work(url, root, i, length);
      std::ofstream(folder / fmt::format("report{}", i))
          << report.commits << ' ' << report.won << ' ' << report.longest_ms << ' ' << report.problem;
      _exit(0);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) waitpid(child, nullptr, 0);

  auto opened = Open(url, root);
  ASSERT_TRUE(opened.ok()) << opened.error().ToString();
  const View main = *opened->catalog->Resolve("main");
  int64_t total = 0, won = 0, longest = 0, fewest = INT64_MAX;
  for (int i = 0; i < kProcesses; ++i) {
    Report report;
    std::ifstream file(folder / fmt::format("report{}", i));
    file >> report.commits >> report.won >> report.longest_ms;
    std::getline(file, report.problem);
    EXPECT_TRUE(report.problem.size() <= 1) << i << report.problem;
    ASSERT_GT(report.commits, 0) << i;
    const auto table = opened->catalog->FindTable(main, {"s", fmt::format("t{}", i)});
    ASSERT_TRUE(table.ok() && *table) << i;
    EXPECT_EQ((*table)->location, fmt::format("{}/t{}/{}", root, i, report.commits - 1));
    total += report.commits;
    won += report.won;
    longest = std::max(longest, report.longest_ms);
    fewest = std::min<int64_t>(fewest, report.commits);
  }
  // The namespace, the shared table, and every commit that was said to have happened, numbered without a gap.
  EXPECT_EQ(main.commit, 2 + total + won);
  EXPECT_EQ(opened->store->Read("SELECT count(*) FROM commit_log")->Int(0, 0), 2 + total + won);
  EXPECT_EQ(
      opened->store->Read("SELECT count(*) FROM commit_entry WHERE superseded_by = 9223372036854775807")->Int(0, 0),
      2 + kProcesses);
  // First come, first served: the slowest is not far behind the mean. (PostgreSQL's row lock is no queue.)
  EXPECT_GE(fewest * kProcesses * (GetParam() ? 4 : 2), total);
  EXPECT_LT(longest, 2000);
  RecordProperty("commits", static_cast<int>(total + won));
  RecordProperty("longest_wait_ms", static_cast<int>(longest));
  std::printf("%lld commits of %d processes, fewest %lld of one, longest wait %lld ms\n",
              static_cast<long long>(total + won), kProcesses, static_cast<long long>(fewest),
              static_cast<long long>(longest));
}

}  // namespace
}  // namespace leat::lake
