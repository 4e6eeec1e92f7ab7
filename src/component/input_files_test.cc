#include "component/input_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/ids.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;

class InputFilesTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = fs::temp_directory_path() / ("leat-input-" + NewUuidV4());
    fs::create_directories(root_ / "inbound");
  }
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(root_ / "inbound" / name, std::ios::binary) << text;
  }
  Result<std::vector<InputFile>> List(std::vector<std::string> patterns) {
    return ListInputFiles({(root_ / "inbound").string(), std::move(patterns)}, root_.string(), "t");
  }
  fs::path root_;
};

TEST_F(InputFilesTest, PatternsGiveEachFileOnceSortedByOrigin) {
  Write("b_02.csv", "xx");
  Write("b_01.csv", "x");
  Write("c.csv", "");
  fs::create_directories(root_ / "inbound" / "b_dir.csv");
  auto files = List({"b_*.csv", "b_01.csv", "c.csv"});
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  ASSERT_EQ(files->size(), 3u);
  EXPECT_EQ((*files)[0].origin, "inbound/b_01.csv");
  EXPECT_EQ((*files)[1].origin, "inbound/b_02.csv");
  EXPECT_EQ((*files)[1].size_bytes, 2);
  EXPECT_NE((*files)[1].identity, 0u);
  EXPECT_TRUE(List({"nothing_*.csv"})->empty());
}

TEST_F(InputFilesTest, PatternsGoThroughFoldersAndLeaveHiddenFilesOut) {
  for (const char* folder : {"2026-01", "2026-02", "other", "2026-03"})
    fs::create_directories(root_ / "inbound" / folder);
  for (const char* name :
       {"2026-01/b.csv", "2026-01/a.csv", "2026-02/a.csv", "other/a.csv", "2026-02/.a.csv", "top.csv"}) {
    Write(name, "x");
  }
  fs::create_symlink(root_ / "inbound" / "top.csv", root_ / "inbound" / "2026-03" / "link.csv");
  fs::create_symlink(root_ / "inbound" / "nowhere", root_ / "inbound" / "2026-03" / "broken.csv");
  auto files = List({"2026-*/*.csv"});
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  std::string origins;
  for (const InputFile& file : *files) origins += file.origin + " ";
  EXPECT_EQ(origins, "inbound/2026-01/a.csv inbound/2026-01/b.csv inbound/2026-02/a.csv inbound/2026-03/link.csv ");
  auto named = List({"*/a.csv"});
  ASSERT_TRUE(named.ok());
  EXPECT_EQ(named->size(), 3u);
}

TEST_F(InputFilesTest, AListingComesInPiecesAndEndsWhenItsTakerSaysSo) {
  for (size_t i = 0; i < kListedAtOnce + 10; ++i) Write("f" + std::to_string(i), "");
  const FilePatterns all{(root_ / "inbound").string(), {"f*"}};
  size_t pieces = 0;
  size_t files = 0;
  ASSERT_TRUE(EachInputFile(all, root_.string(), "t", [&](const std::vector<ListedFile>& piece) -> Status {
                ++pieces;
                files += piece.size();
                return Ok();
              }).ok());
  EXPECT_EQ(pieces, 2u);
  EXPECT_EQ(files, kListedAtOnce + 10);
  const Status ended = EachInputFile(all, root_.string(), "t", [&](const std::vector<ListedFile>&) -> Status {
    return MakeError("TEST-1", ErrorKind::kCancelled, "enough");
  });
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code(), "TEST-1");
}

TEST_F(InputFilesTest, MissingFileAndFolderAreNamed) {
  Write("flights_01.csv", "x");
  auto file = List({"flight_01.csv"});
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code(), "SRC-201");
  EXPECT_NE(file.error().hint().find("flights_01.csv"), std::string::npos);
  auto folder = List({"nowhere/*.csv"});
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().code(), "SRC-202");
}

TEST_F(InputFilesTest, SamplesHoldWholeLinesOnly) {
  std::string text = "header\n";
  for (int i = 0; i < 20000; ++i) text += "line " + std::to_string(i) + "\n";
  Write("big.txt", text);
  auto files = List({"big.txt"});
  auto sample = SampleText((*files)[0], 1000, 5, 500);
  ASSERT_TRUE(sample.ok());
  EXPECT_FALSE(sample->whole);
  EXPECT_TRUE(sample->head.starts_with("header\n") && sample->head.ends_with("\n"));
  ASSERT_EQ(sample->pieces.size(), 5u);
  for (const std::string& piece : sample->pieces) {
    EXPECT_TRUE(piece.starts_with("line ") && piece.ends_with("\n")) << piece;
    EXPECT_NE(text.find("\n" + piece), std::string::npos);
  }
  EXPECT_GT(text.find(sample->pieces[4]), text.size() * 8 / 10) << "the end of the file is looked at too";
  EXPECT_TRUE(SampleText((*files)[0], 1 << 20, 5, 500)->whole);
}

TEST_F(InputFilesTest, SpoolFilesHoldWhatIsWrittenOrNameTheFolderThatTakesNothing) {
  const auto put = [](std::ostream& out) -> Status {
    out << "x\n1\n";
    return Ok();
  };
  const auto path = WriteSpoolFile((root_ / "new/spool").string(), "sample.csv", "table t: cannot write a sample", put);
  ASSERT_TRUE(path.ok()) << path.error().ToString();
  EXPECT_TRUE(path->ends_with("sample.csv"));
  EXPECT_EQ(*FileFetcher().ReadWhole(*path), std::optional<std::string>("x\n1\n"));
  Write("file", "");
  const std::string folder = (root_ / "inbound/file/spool").string();
  const auto refused = WriteSpoolFile(folder, "sample.csv", "table t: cannot write a sample", put);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "SRC-204");
  EXPECT_NE(refused.error().message().find(folder), std::string::npos);
  const auto stopped = WriteSpoolFile(root_.string(), "sample.csv", "", [](std::ostream&) -> Status {
    return MakeError("TEST-1", ErrorKind::kCancelled, "enough");
  });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), "TEST-1");
}

TEST_F(InputFilesTest, EmptyFilesAreLeftOut) {
  Write("a.csv", "x\n1\n");
  Write("b.csv", "");
  auto files = List({"*.csv"});
  SourceContext context;
  context.spool_folder = (root_ / "spool").string();
  auto prepared = PrepareInputFiles(*files, "utf-8", context);
  ASSERT_TRUE(prepared.ok()) << prepared.error().ToString();
  ASSERT_EQ(prepared->size(), 1u);
  EXPECT_EQ((*prepared)[0].path, (root_ / "inbound/a.csv").string());
}

TEST(SqlText, QuotesAreDoubled) { EXPECT_EQ(SqlText("it's"), "'it''s'"); }

}  // namespace
}  // namespace leat::component
