// The commit log: refs, overlays, as-of, conflicts, rollback. On SQLite and on PostgreSQL.
#include "lake/catalog.h"

#include <atomic>
#include <filesystem>
#include <random>
#include <thread>

#include "base/ids.h"
#include "lake/catalog_fixture.h"

namespace leat::lake {
namespace {

namespace fs = std::filesystem;

/// A store whose connection breaks at the end of each ReadAll: every body runs twice.
class BreakingStore : public state::Store {
 public:
  explicit BreakingStore(state::Store& store) : store_(store) {}
  Result<state::Rows> Read(std::string_view sql, const state::Params& params) override {
    return store_.Read(sql, params);
  }
  Status ReadAll(const std::function<Status(state::Transaction&)>& body) override {
    LEAT_TRY(store_.ReadAll(body));
    return store_.ReadAll(body);
  }
  Status Write(const std::function<Status(state::Transaction&)>& body) override { return store_.Write(body); }
  bool is_postgres() const override { return store_.is_postgres(); }
  const std::string& display_name() const override { return store_.display_name(); }
  std::string folder() const override { return store_.folder(); }

 private:
  state::Store& store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, CatalogTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(CatalogTest, ATableIsMadeMovedAndDropped) {
  const CommitId made = MustMove("main", "t", {}, "t1");
  EXPECT_EQ(Find("main", "t"), "t1");
  const CommitId moved = MustMove("main", "t", "t1", "t2");
  EXPECT_GT(moved, made);
  MustMove("main", "t", "t2", {});
  EXPECT_EQ(Find("main", "t"), "");
  EXPECT_TRUE(List(MustResolve("main")).empty());
  MustMove("main", "t", {}, "t3");
  EXPECT_EQ(Find("main", "t"), "t3");
  EXPECT_EQ(Find(fmt::format("commit/{}", made), "t"), "t1");
  EXPECT_EQ(Find(fmt::format("commit/{}", moved), "t"), "t2");
  EXPECT_EQ(Find(fmt::format("commit/{}", moved + 1), "t"), "");
  EXPECT_EQ(Find("commit/0", "t"), "");
}

TEST_P(CatalogTest, OnlyTheExpectedPointerMoves) {
  MustMove("main", "t", {}, "t1");
  EXPECT_EQ(CodeOf(Move("main", "t", {}, "t2")), "LAKE-301");
  EXPECT_EQ(CodeOf(Move("main", "t", "other", "t2")), "LAKE-301");
  EXPECT_EQ(CodeOf(Move("main", "u", "u1", "u2")), "LAKE-301");
  EXPECT_EQ(CodeOf(Move("main", "u", {}, {})), "LAKE-201");
  EXPECT_EQ(Find("main", "t"), "t1");
}

TEST_P(CatalogTest, ACommitIsAllOrNothing) {
  MustMove("main", "a", {}, "a1");
  CommitRequest request;
  request.ref = "main";
  request.changes.push_back({ObjectKind::kTable, {"s", "b"}, "u", {}, At("b1")});
  request.changes.push_back({ObjectKind::kTable, {"s", "a"}, "u", At("wrong"), At("a2")});
  EXPECT_EQ(CodeOf(catalog_->Commit(request)), "LAKE-301");
  EXPECT_EQ(Find("main", "b"), "");
  request.changes[1].expected = At("a1");
  bool asked = false;
  request.also = [&](state::Transaction&, CommitId) -> Status {
    asked = true;
    return MakeError("TEST-001", ErrorKind::kConflict, "no");
  };
  EXPECT_EQ(CodeOf(catalog_->Commit(request)), "TEST-001");
  EXPECT_TRUE(asked);
  EXPECT_EQ(Find("main", "b"), "");
  request.also = {};
  request.unchanged[{"s", "a"}] = At("elsewhere");
  EXPECT_EQ(CodeOf(catalog_->Commit(request)), "LAKE-301");
  request.unchanged = {{{"s", "a"}, At("a1")}, {{"s", "none"}, std::nullopt}};
  EXPECT_EQ(CodeOf(catalog_->Commit(request)), "ok");
  EXPECT_EQ(Find("main", "a"), "a2");
}

TEST_P(CatalogTest, ABranchLiesOverItsFixedBase) {
  MustMove("main", "kept", {}, "k1");
  MustMove("main", "gone", {}, "g1");
  MustMove("main", "moved", {}, "m1");
  Branch("env/dev");
  MustMove("main", "kept", "k1", "k2");
  MustMove("main", "late", {}, "l1");
  MustMove("env/dev", "gone", "g1", {});
  MustMove("env/dev", "moved", "m1", "m2");
  MustMove("env/dev", "new", {}, "n1");
  EXPECT_EQ(Find("env/dev", "kept"), "k1");
  EXPECT_EQ(Find("env/dev", "late"), "");
  EXPECT_EQ(Find("env/dev", "gone"), "");
  EXPECT_EQ(Find("env/dev", "moved"), "m2");
  EXPECT_EQ(Find("main", "moved"), "m1");
  EXPECT_EQ(Find("main", "gone"), "g1");
  EXPECT_EQ(List(MustResolve("env/dev")), (std::vector<std::string>{"kept", "moved", "new"}));
  EXPECT_EQ(List(MustResolve("main")), (std::vector<std::string>{"gone", "kept", "late", "moved"}));
  // A branch of a branch.
  Branch("run/1", "env/dev");
  MustMove("env/dev", "new", "n1", "n2");
  EXPECT_EQ(Find("run/1", "new"), "n1");
  EXPECT_EQ(Find("run/1", "kept"), "k1");
  EXPECT_EQ(Find("run/1", "gone"), "");
  // Made again where a branch had dropped it.
  MustMove("run/1", "gone", {}, "g2");
  EXPECT_EQ(Find("run/1", "gone"), "g2");
  EXPECT_EQ(Find("env/dev", "gone"), "");

  const auto changes = catalog_->BranchChanges("env/dev");
  ASSERT_TRUE(changes.ok());
  ASSERT_EQ(changes->size(), 3u);
  EXPECT_EQ((*changes)[0].name.name, "gone");
  EXPECT_EQ((*changes)[0].expected, At("g1"));
  EXPECT_EQ((*changes)[0].location, std::nullopt);
  EXPECT_EQ((*changes)[1].expected, At("m1"));
  EXPECT_EQ((*changes)[2].expected, std::nullopt);
  EXPECT_EQ((*changes)[2].location, At("n2"));
}

TEST_P(CatalogTest, AViewStaysWhereItWasResolved) {
  MustMove("main", "t", {}, "t1");
  Branch("env/dev");
  const View before = MustResolve("main"), dev = MustResolve("env/dev");
  MustMove("main", "t", "t1", "t2");
  MustMove("main", "u", {}, "u1");
  MustMove("env/dev", "t", "t1", "t9");
  EXPECT_EQ(Find(before, "t"), "t1");
  EXPECT_EQ(List(before), (std::vector<std::string>{"t"}));
  EXPECT_EQ(Find(dev, "t"), "t1");
  EXPECT_EQ(Find("env/dev", "t"), "t9");
}

TEST_P(CatalogTest, RefTextsAreResolved) {
  MustMove("main", "t", {}, "t1");
  ASSERT_TRUE(catalog_->CreateTag("tag/first", MustResolve("main")).ok());
  MustMove("main", "t", "t1", "t2");
  EXPECT_EQ(Find("tag/first", "t"), "t1");
  EXPECT_FALSE(MustResolve("tag/first").writable);
  EXPECT_TRUE(MustResolve("").writable);
  EXPECT_FALSE(MustResolve("snapshot").writable);
  EXPECT_EQ(MustResolve("snapshot").commit, MustResolve("main").commit);
  EXPECT_EQ(CodeOf(Move("tag/first", "t", "t1", "t3")), "LAKE-204");
  for (const auto& [text, code] : std::vector<std::pair<std::string, std::string>>{{"env/none", "LAKE-201"},
                                                                                   {"commit/99999", "LAKE-201"},
                                                                                   {"commit/x", "LAKE-203"},
                                                                                   {"commit/-1", "LAKE-203"},
                                                                                   {"yesterday", "LAKE-203"}}) {
    EXPECT_EQ(CodeOf(catalog_->Resolve(text)), code) << text;
  }
  ASSERT_TRUE(catalog_->CreateBranch("env/dev", RefKind::kEnv, MustResolve("main")).ok());
  const auto missing = catalog_->Resolve("env/deb");
  EXPECT_NE(missing.error().hint().find("env/dev"), std::string::npos);
}

TEST_P(CatalogTest, CommitsHaveOneOrderInTimeEvenWhenTheClockGoesBack) {
  const CommitId first = MustMove("main", "t", {}, "t1");
  clock_.Set(1'600'000'000'000'000);
  const CommitId second = MustMove("main", "t", "t1", "t2");
  const auto log = catalog_->Log("main", 2);
  ASSERT_TRUE(log.ok());
  ASSERT_EQ(log->size(), 2u);
  EXPECT_EQ((*log)[0].id, second);
  EXPECT_EQ((*log)[1].id, first);
  EXPECT_EQ((*log)[0].parent, first);
  EXPECT_GT((*log)[0].time, (*log)[1].time);
  // As of the very time of a commit it is in; a microsecond earlier it is not.
  EXPECT_EQ(Find(FormatTime((*log)[0].time), "t"), "t2");
  EXPECT_EQ(Find(FormatTime((*log)[0].time - 1), "t"), "t1");
  EXPECT_EQ(Find("2001-01-01T00:00:00Z", "t"), "");
}

TEST_P(CatalogTest, RefsAreClosedAndDroppedWithTheirRows) {
  MustMove("main", "t", {}, "t1");
  Branch("run/1");
  EXPECT_EQ(CodeOf(catalog_->CreateBranch("run/1", RefKind::kRun, MustResolve("main"))), "LAKE-202");
  MustMove("run/1", "t", "t1", "t2");
  ASSERT_TRUE(catalog_->CloseBranch("run/1").ok());
  EXPECT_FALSE(MustResolve("run/1").writable);
  EXPECT_EQ(Find("run/1", "t"), "t2");
  EXPECT_EQ(CodeOf(Move("run/1", "t", "t2", "t3")), "LAKE-204");
  ASSERT_TRUE(catalog_->CreateTag("tag/look", MustResolve("run/1")).ok());
  EXPECT_EQ(CodeOf(catalog_->DropRef("run/1")), "LAKE-205");
  ASSERT_TRUE(catalog_->DropRef("tag/look").ok());
  ASSERT_TRUE(catalog_->DropRef("run/1").ok());
  EXPECT_EQ(CodeOf(catalog_->Resolve("run/1")), "LAKE-201");
  EXPECT_EQ(store_->Read("SELECT count(*) FROM commit_entry WHERE ref = 'run/1'")->Int(0, 0), 0);
  EXPECT_EQ(CodeOf(catalog_->DropRef("main")), "LAKE-203");
  EXPECT_EQ(catalog_->ListRefs()->size(), 1u);
}

TEST_P(CatalogTest, ARunIsRolledBackWhole) {
  MustMove("main", "a", {}, "a1");
  MustMove("main", "dropped", {}, "d1");
  MustMove("main", "a", "a1", "a2", "run-1");
  MustMove("main", "a", "a2", "a3", "run-1");
  MustMove("main", "new", {}, "n1", "run-1");
  MustMove("main", "dropped", "d1", {}, "run-1");
  MustMove("main", "other", {}, "o1", "run-2");
  CommitId told = 0;
  const auto rolled =
      catalog_->RollbackRun("main", "run-1", {"tester", "", "bad data"}, [&](state::Transaction&, CommitId id) {
        told = id;
        return Ok();
      });
  ASSERT_TRUE(rolled.ok()) << rolled.error().ToString();
  EXPECT_EQ(told, *rolled);
  EXPECT_EQ(Find("main", "a"), "a1");
  EXPECT_EQ(Find("main", "new"), "");
  EXPECT_EQ(Find("main", "dropped"), "d1");
  EXPECT_EQ(Find("main", "other"), "o1");
  EXPECT_EQ(catalog_->Log("main", 1)->front().info.kind, "rollback");
  EXPECT_EQ(CodeOf(catalog_->RollbackRun("main", "run-1", {})), "LAKE-303");
  EXPECT_EQ(CodeOf(catalog_->RollbackRun("main", "run-none", {})), "LAKE-201");
  // What another run has built on is named, and nothing moves.
  MustMove("main", "a", "a1", "a5", "run-3");
  MustMove("main", "b", {}, "b1", "run-3");
  MustMove("main", "a", "a5", "a6", "run-4");
  const auto refused = catalog_->RollbackRun("main", "run-3", {});
  ASSERT_EQ(CodeOf(refused), "LAKE-303");
  EXPECT_NE(refused.error().message().find("run-4"), std::string::npos);
  EXPECT_EQ(Find("main", "b"), "b1");
  // Rejected rows are evidence: they stay, and do not hold a rollback up.
  for (const std::string run : {"run-7", "run-8"}) {
    CommitRequest rejected;
    rejected.ref = "main";
    rejected.allow_reserved = true;
    rejected.info = {"leat", run, "", "commit"};
    const bool first = run == "run-7";
    rejected.changes.push_back({ObjectKind::kTable,
                                {"s", "d__rejected"},
                                "u",
                                first ? std::nullopt : std::optional(At("r1")),
                                At(first ? "r1" : "r2")});
    ASSERT_EQ(CodeOf(catalog_->Commit(rejected)), "ok");
  }
  MustMove("main", "d", {}, "d9", "run-7");
  EXPECT_EQ(CodeOf(catalog_->RollbackRun("main", "run-7", {})), "ok");
  EXPECT_EQ(Find("main", "d"), "");
  EXPECT_EQ(Find("main", "d__rejected"), "r2");
  // What others did between two commits of the run is not thrown away.
  MustMove("main", "c", {}, "c1", "run-5");
  MustMove("main", "c", "c1", "c2", "run-6");
  MustMove("main", "c", "c2", "c3", "run-5");
  EXPECT_EQ(CodeOf(catalog_->RollbackRun("main", "run-5", {})), "LAKE-303");
  EXPECT_EQ(Find("main", "c"), "c3");
}

TEST_P(CatalogTest, AFenceThatWasLostStopsTheCommit) {
  auto lease = state::Lease::Take(*store_, "write:s.t", "me", "test", std::chrono::milliseconds(0));
  ASSERT_TRUE(lease.ok());
  CommitRequest request;
  request.ref = "main";
  request.fences = {(*lease)->fence()};
  request.changes.push_back({ObjectKind::kTable, {"s", "t"}, "u", {}, At("t1")});
  ASSERT_TRUE((*lease)->Release().ok());
  EXPECT_EQ(CodeOf(catalog_->Commit(request)), "STATE-402");
  EXPECT_EQ(Find("main", "t"), "");
}

TEST_P(CatalogTest, ALostAnswerCanBeLookedUp) {
  MustMove("main", "t", {}, "t1");
  const CommitId second = MustMove("main", "t", "t1", "t2");
  MustMove("main", "t", "t2", "t3");
  EXPECT_EQ(*catalog_->FindCommitOf("main", {"s", "t"}, At("t2")), second);
  EXPECT_EQ(*catalog_->FindCommitOf("main", {"s", "t"}, At("t9")), std::nullopt);
}

/// Many threads, one catalogue: pointers that wait together share a transaction; a refused one takes nobody with it.
TEST_P(CatalogTest, CommitsOfManyThreadsAreKeptApart) {
  MustMove("main", "clash", {}, "c0");
  std::atomic<int> won{0}, lost{0}, failed{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        std::string mine;
        for (int j = 0; j < 20; ++j) {
          const std::string table = fmt::format("t{}", i), next = fmt::format("t{}-{}", i, j);
          if (!Move("main", table, mine.empty() ? std::nullopt : std::optional<std::string>(mine), next).ok()) ++failed;
          mine = next;
          const auto clash = Move("main", "clash", fmt::format("c{}", j), fmt::format("c{}", j + 1));
          if (clash.ok()) {
            ++won;
          } else {
            ++(clash.error().code() == "LAKE-301" ? lost : failed);
          }
        }
      });
    }
  }
  EXPECT_EQ(failed, 0);
  EXPECT_LE(won, 20);
  EXPECT_EQ(won + lost, 160);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(Find("main", fmt::format("t{}", i)), fmt::format("t{}-19", i));
  // Numbers without gaps or doubles: namespace, clash table, 160 moves and the won ones.
  EXPECT_EQ(MustResolve("main").commit, 2 + 160 + won);
}

TEST_P(CatalogTest, AMovedWarehouseIsNoticed) {
  ASSERT_NE(Open(), nullptr);
  const auto elsewhere = [&] { return Catalog::Open(*store_, *files_, {.warehouse_root = folder_ / "moved"}); };
  EXPECT_EQ(CodeOf(elsewhere()), "ok");  // empty: it may move
  catalog_ = Open();
  MustMove("main", "t", {}, "t1");
  const auto moved = elsewhere();
  ASSERT_EQ(CodeOf(moved), "LAKE-110");
  EXPECT_NE(moved.error().hint().find(folder_ / "warehouse"), std::string::npos);
  // The fix that the hint names: the old path leads to the new place.
  fs::create_directory(folder_ / "moved");
  fs::create_directory_symlink(folder_ / "moved", folder_ / "warehouse");
  const auto mended = elsewhere();
  ASSERT_EQ(CodeOf(mended), "ok");
  EXPECT_EQ((*mended)->options().warehouse_root, "file://" + (folder_ / "warehouse"));
}

/// Random commits, branches and tags against a model that keeps every state as a plain map.
TEST_P(CatalogTest, RandomHistoriesAgreeWithAPlainModel) {
  using Lake = std::map<std::string, std::string>;
  std::minstd_rand random(20261121);
  const auto pick = [&](size_t n) { return static_cast<size_t>(random() % n); };
  std::map<std::string, Lake> heads = {{"main", {}}};
  std::map<std::string, std::pair<View, Lake>> seen;
  const int steps = GetParam() ? 150 : 600;
  for (int i = 0; i < steps; ++i) {
    auto at = heads.begin();
    std::advance(at, static_cast<std::ptrdiff_t>(pick(heads.size())));
    const std::string ref = at->first;
    const size_t action = pick(12);
    if (action == 0 && heads.size() < 8) {
      const std::string name = fmt::format("env/e{}", i);
      ASSERT_TRUE(catalog_->CreateBranch(name, RefKind::kEnv, MustResolve(ref)).ok());
      heads[name] = at->second;
    } else if (action == 1) {
      const std::string name = fmt::format("tag/t{}", i);
      ASSERT_TRUE(catalog_->CreateTag(name, MustResolve(ref)).ok());
      seen[name] = {MustResolve(name), at->second};
    } else if (action == 2) {
      seen[fmt::format("seen{}", i)] = {MustResolve(ref), at->second};
    } else {
      CommitRequest request;
      request.ref = ref;
      Lake next = at->second;
      std::set<std::string> touched;
      for (size_t n = 1 + pick(3); n > 0; --n) {
        const std::string table = fmt::format("t{}", pick(6));
        if (!touched.insert(table).second) continue;
        const auto old = next.find(table);
        const bool exists = old != next.end(), drop = exists && pick(4) == 0;
        const std::string location = fmt::format("{}-{}", table, i);
        request.changes.push_back({ObjectKind::kTable,
                                   {"s", table},
                                   "u",
                                   exists ? std::optional(At(old->second)) : std::nullopt,
                                   drop ? std::nullopt : std::optional(At(location))});
        if (drop) next.erase(old);
        else next[table] = location;
      }
      const bool wrong = pick(6) == 0;
      if (wrong) request.changes.back().expected = At("never");
      const auto commit = catalog_->Commit(request);
      ASSERT_EQ(commit.ok(), !wrong) << i;
      if (!wrong) {
        at->second = next;
        seen[fmt::format("commit/{}", *commit)] = {MustResolve(fmt::format("commit/{}", *commit)), next};
      }
    }
  }
  for (const auto& [ref, lake] : heads) seen[ref] = {MustResolve(ref), lake};
  for (const auto& [name, state] : seen) {
    std::vector<std::string> names;
    for (const auto& [table, location] : state.second) names.push_back(table);
    ASSERT_EQ(List(state.first), names) << name;
    for (int t = 0; t < 6; ++t) {
      const std::string table = fmt::format("t{}", t);
      const auto expected = state.second.find(table);
      ASSERT_EQ(Find(state.first, table), expected == state.second.end() ? "" : expected->second)
          << name << " " << table;
    }
  }
}

TEST_P(CatalogTest, ReadingAgainAfterABrokenConnectionBeginsAnew) {
  MustMove("main", "a", std::nullopt, "1");
  auto branch = catalog_->CreateBranch("env/dev", RefKind::kEnv, MustResolve("main"));
  ASSERT_TRUE(branch.ok()) << branch.error().ToString();
  MustMove("env/dev", "a", "1", "2");
  BreakingStore breaking(*store_);
  auto twice = Catalog::Open(breaking, *files_, {.warehouse_root = folder_ / "warehouse"});
  ASSERT_TRUE(twice.ok()) << twice.error().ToString();
  const auto ids = [](const Result<std::vector<CommitLogEntry>>& log) {
    std::vector<CommitId> found;
    for (const CommitLogEntry& entry : log.value()) found.push_back(entry.id);
    return found;
  };
  EXPECT_EQ(ids((*twice)->Log("env/dev", 0)), ids(catalog_->Log("env/dev", 0)));
  EXPECT_EQ((*twice)->BranchChanges("env/dev")->size(), 1u);
  EXPECT_EQ((*twice)->ListTables(MustResolve("env/dev"), "s")->size(), 1u);
}

}  // namespace
}  // namespace leat::lake
