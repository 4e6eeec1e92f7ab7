#include "run/file_ledger.h"

#include <gtest/gtest.h>

#include <fstream>

#include "io/hash.h"
#include "test/support/temp_folder.h"

namespace leat::run {
namespace {

component::InputFile File(const test::TempFolder& folder, const std::string& name, const std::string& text,
                          int64_t mtime) {
  std::ofstream(folder / name) << text;
  return {folder / name, name, static_cast<int64_t>(text.size()), mtime, 7, ""};
}

DoneFile Done(const std::string& origin, const std::string& text, int64_t mtime) {
  return {"id", origin, static_cast<int64_t>(text.size()), mtime, 7, io::HashBytes(text), "run"};
}

TEST(FileLedger, DecidesByStatAndThenByContent) {
  const test::TempFolder folder;
  const std::vector<component::InputFile> listed = {File(folder, "same", "abc", 1), File(folder, "touched", "abc", 2),
                                                    File(folder, "changed", "abd", 2), File(folder, "new", "x", 1)};
  const std::vector<DoneFile> done = {Done("same", "abc", 1), Done("touched", "abc", 1), Done("changed", "abc", 1),
                                      Done("gone", "abc", 1)};
  const auto decision = DecideFiles(listed, done);
  ASSERT_TRUE(decision.ok()) << decision.error().ToString();
  EXPECT_EQ(decision->unchanged, 2u);
  EXPECT_EQ(decision->added, 1u);
  EXPECT_EQ(decision->changed, 1u);
  EXPECT_EQ(decision->gone, 1u);
  ASSERT_EQ(decision->pending.size(), 2u);
  EXPECT_EQ(decision->pending[0].origin, "changed");
  EXPECT_EQ(decision->pending[0].content_hash, io::HashBytes("abd"));
  EXPECT_EQ(decision->pending[1].origin, "new");
  ASSERT_EQ(decision->touched.size(), 1u);
  EXPECT_EQ(decision->touched[0].origin, "touched");
}

TEST(FileLedger, AFileThatCameBackToAnEarlierVersionIsDone) {
  const test::TempFolder folder;
  const std::vector<DoneFile> done = {Done("f", "one", 1), Done("f", "two", 2)};
  EXPECT_TRUE(DecideFiles({File(folder, "f", "one", 9)}, done)->pending.empty());
  EXPECT_EQ(DecideFiles({File(folder, "f", "six", 9)}, done)->pending.size(), 1u);
}

TEST(FileLedger, AFileThatWentAwayWhileItWasLookedAtIsNamed) {
  const test::TempFolder folder;
  component::InputFile missing{folder / "none", "none", 3, 2, 7, ""};
  const auto decision = DecideFiles({missing}, {Done("none", "abc", 1)});
  ASSERT_FALSE(decision.ok());
  EXPECT_EQ(decision.error().kind(), ErrorKind::kNotFound);
}

TEST(FileLedger, OnlyReachableAndNotRevokedCommitsCount) {
  const test::TempFolder folder;
  auto store = state::Store::Open(folder / "state.db");
  ASSERT_TRUE(store.ok()) << store.error().ToString();
  ASSERT_TRUE(
      (*store)
          ->Write([](state::Transaction& tx) -> Status {
            const auto commit = [&tx](int64_t id, const std::string& ref) {
              return tx.Execute("INSERT INTO commit_log VALUES (?1, ?2, 0, 0, '', '', '', 'publish', NULL)", {id, ref});
            };
            for (const int64_t id : {1, 2, 5}) LEAT_TRY(commit(id, "main"));
            LEAT_TRY(commit(3, "env/dev"));
            LEAT_TRY(tx.Execute("INSERT INTO ref VALUES ('env/dev', 'env', 3, 'main', 2, 0, NULL)"));
            const auto file = [&tx](const std::string& name, int64_t published, state::Value revoked) {
              return tx.Execute("INSERT INTO loaded_file VALUES ('k', ?1, ?1, 1, 1, 1, 'h', 1, 'r', NULL, ?2, ?3)",
                                {name, published, std::move(revoked)});
            };
            LEAT_TRY(file("one", 1, std::monostate{}));
            LEAT_TRY(file("revoked_on_main", 2, int64_t{5}));
            LEAT_TRY(file("dev", 3, std::monostate{}));
            LEAT_TRY(file("later", 5, std::monostate{}));
            return Ok();
          })
          .ok());
  const auto names = [&](const std::string& ref, int64_t commit) {
    lake::View view;
    view.ref = ref;
    view.commit = commit;
    std::string text;
    const auto done = DoneFiles(**store, "k", *ReachOf(**store, view));
    for (const DoneFile& file : *done) text += file.origin + " ";
    return text;
  };
  EXPECT_EQ(names("main", 5), "later one ");
  EXPECT_EQ(names("main", 2), "one revoked_on_main ");
  EXPECT_EQ(names("env/dev", 3), "dev one revoked_on_main ");
  EXPECT_EQ(names("main", 0), "");
}

}  // namespace
}  // namespace leat::run
