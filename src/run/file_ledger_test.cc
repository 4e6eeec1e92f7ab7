#include "run/file_ledger.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "io/hash.h"
#include "run/file_decision.h"
#include "test/support/temp_folder.h"

namespace leat::run {
namespace {

/// A state store with rows in its file ledger, and a folder with files.
class FileLedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto opened = state::Store::Open(folder_ / "state.db");
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(opened).value();
    // main: commits 1, 2, 5; env/dev lies over main at 2 and has commit 3.
    Write("INSERT INTO ref VALUES ('env/dev', 'env', 3, 'main', 2, 0, NULL)");
    for (const auto& [id, ref] : {std::pair{1, "main"}, {2, "main"}, {3, "env/dev"}, {5, "main"}}) {
      Write("INSERT INTO commit_log VALUES (?1, ?2, 0, 0, '', '', '', 'publish', NULL)",
            {int64_t{id}, std::string(ref)});
    }
  }
  void Write(const std::string& sql, const state::Params& params = {}) {
    const Status written = store_->Write([&](state::Transaction& tx) -> Status {
      LEAT_TRY(tx.Execute(sql, params));
      return Ok();
    });
    ASSERT_TRUE(written.ok()) << written.error().ToString();
  }
  void Done(const std::string& origin, const std::string& text, int64_t mtime, int64_t published = 1,
            state::Value revoked = std::monostate{}, const std::string& run = "run-1") {
    component::InputFile file;
    file.origin = origin;
    file.content_hash = io::HashBytes(text);
    Write(
        "INSERT INTO loaded_file (load_key, file_id, origin, size, mtime_ns, inode, content_hash, rows, "
        "run_id, published_commit, revoked_commit) VALUES ('k', ?1, ?2, ?3, ?4, 7, ?5, 1, ?6, ?7, ?8)",
        {FileId(file), origin, static_cast<int64_t>(text.size()), mtime, file.content_hash, run, published, revoked});
  }
  component::InputFile File(const std::string& name, const std::string& text, int64_t mtime) {
    std::ofstream(folder_ / name) << text;
    return {folder_ / name, name, static_cast<int64_t>(text.size()), mtime, 7, ""};
  }
  FileLedger Ledger(const std::string& ref = "main", int64_t commit = 5) {
    lake::View view;
    view.ref = ref;
    view.commit = commit;
    return FileLedger(*store_, "k", *ReachOf(*store_, view));
  }
  Result<FileDecision> Decide(const std::vector<component::InputFile>& files, bool full = false,
                              const std::string& waiting = "") {
    std::vector<component::ListedFile> listed;
    for (const component::InputFile& file : files) listed.push_back({file, waiting});
    FileLedger ledger = Ledger();
    rules_.full = full;
    FileDecider decider(&ledger, rules_, here_);
    LEAT_TRY(decider.Look(listed));
    return decider.Finish();
  }

  test::TempFolder folder_;
  FileRules rules_;
  component::FileFetcher here_;
  std::unique_ptr<state::Store> store_;
};

TEST_F(FileLedgerTest, DecidesByStatAndThenByContent) {
  const std::vector<component::InputFile> listed = {File("same", "abc", 1), File("touched", "abc", 2),
                                                    File("changed", "abd", 2), File("new", "x", 1)};
  for (const char* name : {"same", "touched", "changed", "gone"}) Done(name, "abc", 1);
  const auto decision = Decide(listed);
  ASSERT_TRUE(decision.ok()) << decision.error().ToString();
  EXPECT_EQ(decision->listed, 4u);
  EXPECT_EQ(decision->unchanged, 2u);
  EXPECT_EQ(decision->added, 1u);
  EXPECT_EQ(decision->changed, 1u);
  ASSERT_EQ(decision->pending.size(), 2u);
  EXPECT_EQ(decision->pending[0].origin, "changed");
  EXPECT_EQ(decision->pending[0].content_hash, io::HashBytes("abd"));
  EXPECT_EQ(decision->pending[1].origin, "new");
  ASSERT_EQ(decision->touched.size(), 1u);
  EXPECT_EQ(decision->touched[0].origin, "touched");
}

TEST_F(FileLedgerTest, AFileThatCameBackToAnEarlierVersionIsDone) {
  Done("f", "one", 1);
  Done("f", "two", 2);
  EXPECT_TRUE(Decide({File("f", "one", 9)})->pending.empty());
  EXPECT_EQ(Decide({File("f", "six", 9)})->pending.size(), 1u);
}

TEST_F(FileLedgerTest, AFileThatWentAwayWhileItWasLookedAtIsNamed) {
  Done("none", "abc", 1);
  const auto decision = Decide({{folder_ / "none", "none", 3, 2, 7, ""}});
  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.error().kind(), ErrorKind::kNotFound);
}

TEST_F(FileLedgerTest, AFullRefreshLooksAtTheFilesOfTheNewestRunThatCounts) {
  Done("a", "abc", 1, 1, std::monostate{}, "run-1");
  Done("a", "abc", 1, 2, std::monostate{}, "run-2");
  Done("b", "abc", 1, 2, std::monostate{}, "run-2");
  Done("c", "abc", 1, 5, int64_t{5}, "run-3");        // taken back
  Done("d", "abc", 1, 3, std::monostate{}, "run-4");  // of an environment
  const auto decision = Decide({File("a", "abc", 1), File("c", "abc", 1)}, true);
  ASSERT_TRUE(decision.ok()) << decision.error().ToString();
  EXPECT_EQ(decision->all.size(), 2u);
  EXPECT_EQ(decision->unchanged, 1u);
  EXPECT_EQ(decision->added, 1u);
  EXPECT_EQ(decision->gone, 1u);
  EXPECT_EQ(Decide({}, true)->gone, 2u);
}

TEST_F(FileLedgerTest, MoreFilesThanOneQuestionHoldsAreEachDecidedOnce) {
  std::vector<component::InputFile> listed;
  Write(
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 2999) INSERT INTO loaded_file "
      "(load_key, file_id, origin, size, mtime_ns, inode, content_hash, rows, run_id, published_commit, revoked_commit) SELECT "
      "'k', 'id' || i, 'f' || i, 3, 1, 7, 'h', 1, 'run-1', 1, NULL FROM n WHERE i % 3 <> 0");
  for (int i = 0; i < 3000; ++i) listed.push_back({"", "f" + std::to_string(i), 3, 1, 7, ""});
  const auto decision = Decide(listed);
  ASSERT_TRUE(decision.ok()) << decision.error().ToString();
  EXPECT_EQ(decision->added, 1000u);
  EXPECT_EQ(decision->unchanged, 2000u);
  for (const auto& file : decision->pending) EXPECT_EQ(std::stoi(file.origin.substr(1)) % 3, 0);
}

TEST_F(FileLedgerTest, ContentThatAnotherFileBroughtIsADuplicate) {
  rules_.skip_duplicates = true;
  Done("first", "content", 1);
  Done("taken_back", "revoked", 1, 2, int64_t{5});
  const auto decision =
      Decide({File("again", "content", 3), File("b1", "twin", 1), File("b2", "twin", 1), File("c", "revoked", 1),
              File("other", "contend", 1), File("e1", "", 1), File("e2", "", 1)});
  ASSERT_TRUE(decision.ok()) << decision.error().ToString();
  std::string pending;
  for (const auto& file : decision->pending) pending += file.origin + " ";
  EXPECT_EQ(pending, "b1 c e1 e2 other ");
  ASSERT_EQ(decision->duplicates.size(), 2u);
  EXPECT_EQ(decision->duplicates[0].file.origin, "again");
  EXPECT_EQ(decision->duplicates[0].of, "first");
  EXPECT_EQ(decision->duplicates[0].run_id, "run-1");
  EXPECT_EQ(decision->duplicates[1].file.origin, "b2");
  EXPECT_EQ(decision->duplicates[1].of, "b1");
  EXPECT_EQ(decision->duplicates[1].run_id, "");
  ASSERT_EQ(decision->touched.size(), 1u);  // noted now; the other one once its content is there
  EXPECT_EQ(decision->touched[0].origin, "again");

  rules_.skip_duplicates = false;
  EXPECT_EQ(Decide({File("again", "content", 3)})->pending.size(), 1u);
  rules_.fail_duplicates = true;
  EXPECT_EQ(Decide({File("again", "content", 3)}).error().code(), "RUN-541");
}

TEST_F(FileLedgerTest, WhereRowsAreReplacedOnlyTheNewestVersionCounts) {
  rules_.on_change = component::OnChange::kReplace;
  rules_.skip_duplicates = true;
  Done("f", "one", 1, 1, std::monostate{}, "run-1");
  Done("f", "two", 2, 2, std::monostate{}, "run-2");
  // It came back to what it was: its rows were replaced meanwhile, and are now those of its copy, too.
  auto decision = Decide({File("f", "one", 9), File("copy_of_one", "one", 1)});
  ASSERT_TRUE(decision.ok()) << decision.error().ToString();
  EXPECT_EQ(decision->changed, 1u);
  EXPECT_EQ(decision->replaced, std::vector<std::string>{"f"});
  ASSERT_EQ(decision->duplicates.size(), 1u);
  EXPECT_EQ(decision->duplicates[0].file.origin, "copy_of_one");
  // A copy of a version that is not in the table any more is none.
  decision = Decide({File("f", "two", 2), File("copy_of_one", "one", 1), File("copy_of_two", "two", 1)});
  ASSERT_EQ(decision->pending.size(), 1u);
  EXPECT_EQ(decision->pending[0].origin, "copy_of_one");
  ASSERT_EQ(decision->duplicates.size(), 1u);
  EXPECT_EQ(decision->duplicates[0].of, "f");

  rules_.on_change = component::OnChange::kFail;
  EXPECT_EQ(Decide({File("f", "six", 9)}).error().code(), "RUN-541");
}

TEST_F(FileLedgerTest, AFileThatIsNotReadyWaitsUnlessItIsDone) {
  Done("done", "abc", 1);
  std::vector<component::InputFile> listed = {File("done", "abc", 1), File("new", "abc", 1),
                                              File("done_changed", "abd", 2)};
  const auto decision = Decide(listed, false, "was written to just now");
  EXPECT_EQ(decision->unchanged, 1u);
  EXPECT_EQ(decision->waiting.size(), 2u);
  EXPECT_TRUE(decision->pending.empty());
}

TEST_F(FileLedgerTest, OnlyReachableAndNotRevokedCommitsCount) {
  Done("one", "abc", 1, 1);
  Done("revoked_on_main", "abc", 1, 2, int64_t{5});
  Done("dev", "abc", 1, 3);
  Done("later", "abc", 1, 5);
  const auto names = [&](const std::string& ref, int64_t commit) {
    const auto done = Ledger(ref, commit).Find({"one", "revoked_on_main", "dev", "later"});
    std::set<std::string> found;
    for (const DoneFile& file : *done) found.insert(file.origin);
    return found;
  };
  using Names = std::set<std::string>;
  EXPECT_EQ(names("main", 5), (Names{"one", "later"}));
  EXPECT_EQ(names("main", 2), (Names{"one", "revoked_on_main"}));
  EXPECT_EQ(names("env/dev", 3), (Names{"one", "revoked_on_main", "dev"}));
  EXPECT_EQ(names("main", 0), Names{});
}

}  // namespace
}  // namespace leat::run
