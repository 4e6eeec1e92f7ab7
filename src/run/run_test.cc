#include "run/run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "base/fault.h"
#include "run/test_project.h"
#include "test/support/postgres.h"

namespace leat::run {
namespace {

/// orders, items -> both; single stands alone.
void Describe(TestProject& test) {
  test.AddSource("shop", "orders");
  test.AddSource("shop", "items");
  test.AddSource("crm", "single");
  test.AddModel("both", {"source.shop.orders", "source.shop.items"});
  test.AddModel("report", {"model.both"});
}

void Fill(TestProject& test) {
  test.WriteFile("orders_1.csv", 10);
  test.WriteFile("orders_2.csv", 5);
  test.WriteFile("items_1.csv", 7);
  test.WriteFile("single_1.csv", 3);
}

std::string StateUrl(bool postgres) { return postgres ? test::PostgresServer::Get().NewDatabase() : ""; }

/// On both kinds of state store.
class RunTest : public testing::TestWithParam<bool> {
 protected:
  RunTest() : state_(GetParam() && test::PostgresServer::available() ? StateUrl(true) : ""), test_(state_) {
    Describe(test_);
    Fill(test_);
  }
  void SetUp() override { LEAT_NEEDS_POSTGRES(GetParam()); }
  RunResult MustRun(const RunOptions* options = nullptr) {
    auto result = options == nullptr ? test_.RunAll() : run::Run(test_.lakehouse(), test_.project(), *options);
    EXPECT_TRUE(result.ok()) << result.error().ToString();
    if (result.ok() && result->error) ADD_FAILURE() << result->error->ToString();
    return result.ok() ? std::move(result).value() : RunResult();
  }
  void ExpectFilled() {
    EXPECT_EQ(test_.Rows("raw_shop", "orders"), 15);
    EXPECT_EQ(test_.Rows("raw_shop", "items"), 7);
    EXPECT_EQ(test_.Rows("raw_crm", "single"), 3);
    EXPECT_EQ(test_.Rows("trusted", "both"), 22);
    EXPECT_EQ(test_.Rows("trusted", "report"), 22);
  }
  std::string state_;
  TestProject test_;
};

INSTANTIATE_TEST_SUITE_P(Stores, RunTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(RunTest, PublishesEverythingAtOnceAndThenHasNothingToDo) {
  const RunResult first = MustRun();
  EXPECT_EQ(first.status, "success");
  ExpectFilled();
  ASSERT_TRUE(first.commit.has_value());
  EXPECT_EQ(test_.Text("SELECT count(*) FROM commit_log WHERE ref = 'main' AND kind = 'publish'"), "1");
  EXPECT_EQ(test_.Text("SELECT status, published FROM step ORDER BY asset"),
            "success 1\nsuccess 1\nsuccess 1\nsuccess 1\nsuccess 1");
  EXPECT_EQ(test_.Text("SELECT count(*) FROM loaded_file WHERE published_commit = " + std::to_string(*first.commit)),
            "4");
  EXPECT_EQ(test_.Text("SELECT count(*) FROM lease"), "0");

  const int before = test_.steps_run;
  const RunResult second = MustRun();
  EXPECT_EQ(second.status, "nothing");
  EXPECT_EQ(test_.steps_run, before);
  EXPECT_FALSE(second.commit.has_value());
  EXPECT_EQ(TestProject::Step(second, "source.shop.orders").reason, "nothing new: 2 files unchanged");
  EXPECT_EQ(TestProject::Step(second, "model.both").reason, "nothing new: 2 inputs unchanged");
  EXPECT_EQ(test_.Text("SELECT count(*) FROM commit_log WHERE ref = 'main' AND kind = 'publish'"), "1");
}

TEST_P(RunTest, ANewFileLoadsJustThatFileAndRebuildsWhatReadsIt) {
  MustRun();
  test_.WriteFile("orders_3.csv", 100);
  test_.order.clear();
  const RunResult result = MustRun();
  EXPECT_EQ(result.status, "success");
  EXPECT_EQ(test_.order, (std::vector<std::string>{"source.shop.orders", "model.both", "model.report"}));
  EXPECT_EQ(TestProject::Step(result, "source.shop.orders").reason, "1 new file");
  EXPECT_EQ(TestProject::Step(result, "source.shop.orders").rows_in, 100);
  EXPECT_EQ(TestProject::Step(result, "source.crm.single").status, StepStatus::kSkipped);
  EXPECT_EQ(test_.Rows("trusted", "report"), 122);
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST_P(RunTest, ATouchedFileIsNotLoadedAgainAndAChangedOneIs) {
  MustRun();
  test_.WriteFile("orders_1.csv", 10);  // the same bytes, another time
  EXPECT_EQ(MustRun().status, "nothing");
  test_.WriteFile("orders_1.csv", 11);
  const RunResult changed = MustRun();
  EXPECT_EQ(TestProject::Step(changed, "source.shop.orders").reason, "1 changed file");
  EXPECT_EQ(test_.Rows("raw_shop", "orders"), 26);
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST(RunPlan, AFullRefreshReadsAllFilesWhenOneIsGone) {
  TestProject other;
  other.AddSource("shop", "orders", "full-refresh");
  other.WriteFile("orders_1.csv", 10);
  other.WriteFile("orders_2.csv", 5);
  ASSERT_EQ(other.RunAll()->status, "success");
  EXPECT_EQ(other.RunAll()->status, "nothing");
  other.RemoveFile("orders_1.csv");
  const auto result = other.RunAll();
  EXPECT_EQ(TestProject::Step(*result, "source.shop.orders").reason, "1 file gone");
  EXPECT_EQ(other.Rows("raw_shop", "orders"), 5);
  EXPECT_EQ(other.RunAll()->status, "nothing");
}

TEST_P(RunTest, AChangedConfigurationIsAReason) {
  MustRun();
  test_.project().assets[test_.project().by_id["model.both"]].fingerprint = "other";
  const RunResult result = MustRun();
  EXPECT_EQ(TestProject::Step(result, "model.both").reason, "its SQL or configuration changed");
  EXPECT_EQ(result.status, "success");
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST_P(RunTest, ForceRunsEverythingWithoutDoublingRows) {
  MustRun();
  RunOptions options = test_.Options();
  options.plan.force = true;
  const RunResult result = MustRun(&options);
  EXPECT_EQ(result.status, "success");
  EXPECT_EQ(TestProject::Step(result, "model.report").status, StepStatus::kSuccess);
  ExpectFilled();
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST_P(RunTest, ABlockingCheckKeepsItsGroupBackAndTheOthersArePublished) {
  test_.after = [](StepContext& context, StepOutcome& outcome) {
    if (context.asset.id == "model.both")
      outcome.checks.push_back({"both.x", "branch", "block", "fail", 2, 22, "2", "x is wrong"});
    if (context.asset.id == "source.crm.single")
      outcome.checks.push_back({"single.x", "branch", "warn", "warn", 1, 3, "1", "odd"});
  };
  const RunResult result = MustRun();
  EXPECT_EQ(result.status, "partial");
  EXPECT_EQ(TestProject::Step(result, "model.both").status, StepStatus::kBlocked);
  EXPECT_EQ(TestProject::Step(result, "model.both").reason, "x is wrong");
  EXPECT_EQ(TestProject::Step(result, "model.report").status, StepStatus::kUpstreamFailed);
  EXPECT_EQ(TestProject::Step(result, "source.shop.orders").status, StepStatus::kSuccess);
  EXPECT_FALSE(TestProject::Step(result, "source.shop.orders").published);
  EXPECT_EQ(TestProject::Step(result, "source.shop.orders").reason, "held back: model.both did not end well");
  EXPECT_EQ(TestProject::Step(result, "source.crm.single").checks_warned, 1);
  EXPECT_EQ(test_.Rows("raw_crm", "single"), 3);
  EXPECT_EQ(test_.Rows("raw_shop", "orders"), -1);
  EXPECT_EQ(test_.Rows("trusted", "both"), -1);
  EXPECT_EQ(test_.Rows("trusted", "both", result.branch), 22) << "the failed table is open for looking at";

  // Mended: the loads are taken over, not done again.
  test_.after = nullptr;
  test_.order.clear();
  const RunResult mended = MustRun();
  EXPECT_EQ(mended.status, "success");
  EXPECT_EQ(TestProject::Step(mended, "source.shop.orders").status, StepStatus::kAdopted);
  EXPECT_EQ(TestProject::Step(mended, "source.shop.orders").rows_in, 15);
  EXPECT_EQ(test_.order, (std::vector<std::string>{"model.both", "model.report"}));
  EXPECT_EQ(test_.Text("SELECT retry_of FROM run WHERE id = '" + mended.run_id + "'"), result.run_id);
  ExpectFilled();
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST_P(RunTest, PublishAllKeepsEverythingBack) {
  test_.project().settings.publish = "all";
  test_.before = [](StepContext& context) -> Status {
    if (context.asset.id == "source.crm.single") return MakeError("TEST-002", ErrorKind::kData, "no");
    return Ok();
  };
  const RunResult result = MustRun();
  EXPECT_EQ(result.status, "failed");
  EXPECT_EQ(test_.Rows("trusted", "both"), -1);
  EXPECT_EQ(TestProject::Step(result, "source.crm.single").error->code(), "TEST-002");
}

TEST_P(RunTest, AStepOutOfMemoryIsTriedOnceMoreCarefully) {
  std::atomic<int> calls{0};
  test_.before = [&](StepContext& context) -> Status {
    if (context.asset.id != "model.both") return Ok();
    ++calls;
    if (!context.careful) return MakeError("SQL-301", ErrorKind::kResource, "out of memory");
    return Ok();
  };
  EXPECT_EQ(MustRun().status, "success");
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(test_.Text("SELECT attempt FROM step WHERE asset = 'model.both'"), "2");
  ExpectFilled();
}

TEST_P(RunTest, WhatAFirstTryCommittedIsHandedToTheSecond) {
  bool handed_over = false;
  test_.before = [&](StepContext& context) -> Status {
    if (context.asset.id != "model.both") return Ok();
    if (context.careful) {
      handed_over = context.written != nullptr && context.written->result.rows_in == 22;
      return Ok();
    }
    context.written = std::make_shared<StepOutcome>();  // as DoStep does when the gates run out of memory
    context.written->result.rows_in = 22;
    return MakeError("SQL-301", ErrorKind::kResource, "out of memory");
  };
  EXPECT_EQ(MustRun().status, "success");
  EXPECT_TRUE(handed_over);
}

TEST_P(RunTest, ARunThatIsStoppedPublishesNothing) {
  CancelToken cancel;
  test_.before = [&](StepContext& context) -> Status {
    if (context.asset.id == "model.both") cancel.Cancel();
    return Ok();
  };
  RunOptions options = test_.Options();
  options.cancel = &cancel;
  const RunResult result = MustRun(&options);
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(result.status, "failed");
  EXPECT_EQ(test_.Rows("raw_crm", "single"), -1);
  EXPECT_EQ(test_.Text("SELECT count(*) FROM lease"), "0");
  test_.before = nullptr;
  EXPECT_EQ(MustRun().status, "success");
  ExpectFilled();
}

TEST_P(RunTest, AnInputRebasedMeanwhileSendsItsReadersBackToBePlanned) {
  MustRun();
  // While this run builds on orders_3, another run publishes orders_4 into the same table.
  test_.WriteFile("orders_3.csv", 100);
  bool once = true;
  const auto other = TestProject::Of(test_.root(), state_);
  Describe(*other);
  test_.before = [&](StepContext& context) -> Status {
    if (context.asset.id != "model.both" || !once) return Ok();
    once = false;
    test_.WriteFile("orders_4.csv", 1000);
    const auto result = other->RunAll();
    EXPECT_TRUE(result.ok()) << result.error().ToString();
    EXPECT_EQ(result->status, "success");
    return Ok();
  };
  const RunResult result = MustRun();
  EXPECT_EQ(result.status, "success");
  EXPECT_EQ(test_.Rows("raw_shop", "orders"), 1115) << "each file arrived once";
  EXPECT_EQ(test_.Rows("trusted", "both"), 1122);
  EXPECT_EQ(test_.Rows("trusted", "report"), 1122);
  EXPECT_EQ(test_.Text("SELECT count(*) FROM lease"), "0");
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST_P(RunTest, RollingBackMakesTheFilesPendingAgain) {
  MustRun();
  test_.WriteFile("orders_3.csv", 100);
  const RunResult second = MustRun();
  ASSERT_EQ(test_.Rows("trusted", "report"), 122);
  const auto commit = RollbackRun(test_.lakehouse(), second.run_id);
  ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  ExpectFilled();
  EXPECT_EQ(RollbackRun(test_.lakehouse(), "no-such-run").error().code(), "RUN-301");
  const RunResult again = MustRun();
  EXPECT_EQ(TestProject::Step(again, "source.shop.orders").reason, "1 new file");
  EXPECT_EQ(test_.Rows("trusted", "report"), 122);
  EXPECT_EQ(MustRun().status, "nothing");
}

TEST_P(RunTest, ASelectionRunsOnlyItsAssets) {
  Plan plan = *MakePlan(test_.lakehouse(), test_.project(), {});
  EXPECT_EQ(plan.steps.size(), 5u);
  EXPECT_NE(PlanToText(plan).find("load   raw_shop.orders  first load: 2 files"), std::string::npos)
      << PlanToText(plan);
  EXPECT_NE(PlanToJson(plan).find("\"asset\": \"model.report\""), std::string::npos);
}

TEST_P(RunTest, TheRunLogHasItsFields) {
  const RunResult result = MustRun();
  const auto log = ReadRunLog(test_.lakehouse(), result.run_id);
  ASSERT_TRUE(log.ok());
  ASSERT_EQ(log->size(), 3u);
  for (const char* field :
       {"pipeline_name", "run_id", "started_at", "completed_at", "status", "stage", "rows_extracted",
        "rows_transformed", "rows_loaded", "rows_rejected", "quality_checks_passed", "quality_checks_failed",
        "duration_seconds", "error_message", "watermark_before", "watermark_after"}) {
    EXPECT_NE((*log)[0].find(fmt::format("\"{}\":", field)), std::string::npos) << field;
  }
  EXPECT_NE((*log)[0].find("\"rows_extracted\":25"), std::string::npos) << (*log)[0];
  EXPECT_NE((*log)[1].find("\"rows_transformed\":44"), std::string::npos) << (*log)[1];
}

constexpr const char* kChildsFolder = "LEAT_TEST_PROJECT";  ///< set in the child: the project that it runs

/// A run that dies where LEAT_FAULT says.
void RunAsChild(const std::string& folder) {
  const auto test = TestProject::Of(folder);
  Describe(*test);
  (void)test->RunAll();
}

/// The same test in a process of its own, which is the child there.
int RunChild(const std::string& folder, const std::string& fault) {
  const pid_t child = fork();
  if (child == 0) {
    setenv(kChildsFolder, folder.c_str(), 1);
    setenv("LEAT_FAULT", fault.c_str(), 1);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    execl("/proc/self/exe", "unit_run", "--gtest_filter=RunCrash.KilledAnywhereTheNextRunMakesItWhole",
          "--gtest_brief=1", nullptr);
    _exit(99);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(RunCrash, KilledAnywhereTheNextRunMakesItWhole) {
  if (const char* const folder = std::getenv(kChildsFolder)) return RunAsChild(folder);
  int crashed = 0;
  for (const FaultPoint& point : FaultPoints()) {
    const std::string name(point.name);
    for (const int at : {1, 3}) {
      TestProject test;
      Describe(test);
      Fill(test);
      const int exit_code = RunChild(test.root(), fmt::format("{}=crash@{}", name, at));
      if (exit_code != 137) continue;  // this run does not pass the point
      ++crashed;
      const auto result = test.RunAll();
      ASSERT_TRUE(result.ok()) << name << ": " << result.error().ToString();
      EXPECT_TRUE(result->status == "success" || result->status == "nothing") << name << " " << result->status;
      EXPECT_EQ(test.Rows("raw_shop", "orders"), 15) << name;
      EXPECT_EQ(test.Rows("raw_shop", "items"), 7) << name;
      EXPECT_EQ(test.Rows("raw_crm", "single"), 3) << name;
      EXPECT_EQ(test.Rows("trusted", "both"), 22) << name;
      EXPECT_EQ(test.Rows("trusted", "report"), 22) << name;
      EXPECT_EQ(test.Text("SELECT count(*) FROM lease"), "0") << name;
      EXPECT_EQ(test.Text("SELECT count(*) FROM run WHERE status = 'running'"), "0") << name;
      EXPECT_EQ(test.Text("SELECT count(*) FROM ledger WHERE rows_in <> rows_out + rows_rejected + rows_filtered"), "0")
          << name;
      EXPECT_EQ(test.RunAll()->status, "nothing") << name;
    }
  }
  EXPECT_GE(crashed, 15);
}

}  // namespace
}  // namespace leat::run
