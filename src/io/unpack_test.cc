#include "io/unpack.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/ids.h"
#include "test/support/pack.h"

namespace leat::io {
namespace {

namespace fs = std::filesystem;

class UnpackTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("leat-unpack-" + NewUuidV4());
    fs::create_directories(folder_);
    options_.spool_folder = (folder_ / "spool").string();
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string Write(const std::string& name, std::string_view bytes) {
    std::string path = (folder_ / name).string();
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
  static std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }
  size_t Spooled() {
    return fs::exists(options_.spool_folder)
               ? static_cast<size_t>(std::distance(fs::directory_iterator(options_.spool_folder), {}))
               : 0;
  }

  fs::path folder_;
  UnpackOptions options_;
};

TEST_F(UnpackTest, PlainFilesStayWhereTheyAre) {
  std::string path = Write("a.csv", "x\n1\n");
  auto files = Unpack(path, "in/a.csv", options_);
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ((*files)[0].path, path);
  EXPECT_EQ((*files)[0].size_bytes, 4);
  EXPECT_EQ(Spooled(), 0u);
}

TEST_F(UnpackTest, EachMemberOfAZipIsAFile) {
  std::string path =
      Write("a.zip", leat::test::Zip({{"x.csv", "x\n1\n"}, {"__MACOSX/x.csv", "junk"}, {"deep/../y.csv", "y\n2\n"}}));
  EXPECT_EQ(*ListMembers(path, "in/a.zip"), (std::vector<std::string>{"x.csv", "deep/../y.csv"}));
  auto files = Unpack(path, "in/a.zip", options_);
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  ASSERT_EQ(files->size(), 2u);
  EXPECT_EQ((*files)[0].origin, "in/a.zip!x.csv");
  EXPECT_EQ(Read((*files)[1].path), "y\n2\n");
  for (const UnpackedFile& file : *files)
    EXPECT_EQ(fs::path(file.path).parent_path(), options_.spool_folder) << "names of archives are not trusted";
}

TEST_F(UnpackTest, OneMemberOfAZipWithoutAFile) {
  const std::string large(5'000'000, 'x');
  const std::string path = Write("a.zip", leat::test::Zip({{"a.xml", "a"}, {"deep/b.xml", large}, {"c.xml", ""}}));
  const auto read = [&](const std::string& member, const UnpackOptions& options) -> Result<std::string> {
    std::string all;
    LEAT_ASSIGN(const bool found, ReadMember(path, "in/a.zip", member, options, [&](std::string_view bytes) {
                  all += bytes;
                  return Ok();
                }));
    return found ? all : "none";
  };
  EXPECT_EQ(*read("Deep/B.xml", options_), large);
  EXPECT_EQ(*read("c.xml", options_), "");
  EXPECT_EQ(*read("b.xml", options_), "none");
  EXPECT_EQ(Spooled(), 0u);
  options_.max_bytes = 4'000'000;
  const auto large_one = read("deep/b.xml", options_);
  EXPECT_EQ(large_one.error().code(), "IO-402");
  EXPECT_EQ(large_one.error().message().substr(0, 8), "in/a.zip");
  EXPECT_EQ(*read("a.xml", options_), "a");
  const std::string cut = Write("cut.zip", leat::test::Zip({{"a.xml", "a text of some length"}}).substr(0, 40));
  const auto take = [](std::string_view) { return Ok(); };
  EXPECT_EQ(ReadMember(cut, "cut.zip", "a.xml", options_, take).error().code(), "IO-401");
  EXPECT_EQ(ReadMember((folder_ / "none").string(), "none", "a.xml", options_, take).error().code(), "IO-201");
}

TEST_F(UnpackTest, SingleStreams) {
  for (auto pack : {leat::test::Gzip, leat::test::Zstd, leat::test::Bzip2, leat::test::Xz}) {
    std::string path = Write("packed", pack("hello\n"));
    auto files = Unpack(path, "packed", options_);
    ASSERT_TRUE(files.ok()) << files.error().ToString();
    ASSERT_EQ(files->size(), 1u);
    EXPECT_EQ((*files)[0].origin, "packed");
    EXPECT_EQ(Read((*files)[0].path), "hello\n") << PackingName(*DetectPacking(path));
  }
}

TEST_F(UnpackTest, TextInsideIsNeverTakenForAPacking) {
  std::string text = "begin 644 x\n#86)C\n`\nend\n";  // what libarchive's uuencode filter looks for
  auto files = Unpack(Write("text.gz", leat::test::Gzip(text)), "text.gz", options_);
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ(Read((*files)[0].path), text);
}

TEST_F(UnpackTest, EncodingsBecomeUtf8) {
  std::string latin = Write("l.csv", "caf\xe9\n");
  options_.encoding = "latin-1";
  EXPECT_EQ(Read((*Unpack(latin, "l.csv", options_))[0].path), "café\n");
  std::string wide("\xff\xfe", 2);
  for (char c : std::string("a;b\n")) wide += std::string{c, '\0'};
  options_.encoding = "utf-16";
  EXPECT_EQ(Read((*Unpack(Write("w.csv", wide), "w.csv", options_))[0].path), "a;b\n");
  options_.encoding = "klingon";
  EXPECT_EQ(Unpack(latin, "l.csv", options_).error().code(), "IO-404");
  options_.encoding = "shift_jis";
  auto bad = Unpack(Write("b.csv", "ok\n\x81"), "b.csv", options_);
  ASSERT_FALSE(bad.ok()) << "a character that is cut off at the end";
  EXPECT_EQ(bad.error().code(), "IO-403");
}

// Each byte of the packed form is changed once: what unpacks is what was packed, or nothing.
TEST_F(UnpackTest, ADamagedFileIsNeverTakenForAWholeOne) {
  std::string text = "id,amount\n";
  for (int i = 0; i < 40; ++i) text += std::to_string(i) + "," + std::to_string(i * 1000 + 7) + "\n";
  const auto out = [&](const std::string& bytes) -> std::string {
    auto files = Unpack(Write("damaged", bytes), "damaged", options_);
    if (!files.ok()) {
      EXPECT_EQ(files.error().code(), "IO-401") << files.error().ToString();
      return "refused";
    }
    std::string all;
    for (const UnpackedFile& file : *files) {
      all += Read(file.path);
      if (file.path.starts_with(options_.spool_folder)) fs::remove(file.path);
    }
    return all;
  };
  const std::vector<std::pair<std::string, std::string>> kinds{{"gzip", leat::test::Gzip(text)},
                                                               {"gzip twice", leat::test::Gzip(leat::test::Gzip(text))},
                                                               {"bzip2", leat::test::Bzip2(text)},
                                                               {"xz", leat::test::Xz(text)},
                                                               {"zip", leat::test::Zip({{"a.csv", text}})}};
  for (const auto& [name, packed] : kinds) {
    ASSERT_EQ(out(packed), text) << name;
    const size_t directory = packed.rfind("PK\x01\x02");
    for (size_t i = 0; i < packed.size(); ++i) {
      if (name == "zip" && i == directory + 41) continue;  // the kind of the entry: it would be a link
      std::string damaged = packed;
      damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
      const std::string came = out(damaged);
      // A damaged mark at the beginning is another kind of file, a name in a zip is not checked by it.
      if (came != damaged) {
        EXPECT_TRUE(came == text || came == "refused") << name << ", byte " << i << ": " << came;
      }
      const auto in_memory = UnpackBytes(damaged, "damaged", 1 << 20);
      if (in_memory.ok() && *in_memory != damaged) {
        EXPECT_EQ(*in_memory, text) << name << ", byte " << i;
      }
    }
    for (size_t length = 10; length < packed.size() - 1; ++length) {
      EXPECT_EQ(out(packed.substr(0, length)), "refused") << name << ", cut at " << length;
      EXPECT_FALSE(UnpackBytes(packed.substr(0, length), "cut", 1 << 20).ok()) << name << ", cut at " << length;
    }
  }
  EXPECT_EQ(Spooled(), 0u);
}

TEST_F(UnpackTest, GzipOfSeveralMembers) {
  const std::string two = leat::test::Gzip("a\n") + leat::test::Gzip("") + leat::test::Gzip("b\n");
  EXPECT_EQ(*UnpackBytes(two, "two", 100), "a\nb\n");
  EXPECT_EQ(*UnpackBytes(two + std::string(512, '\0'), "padded", 100), "a\nb\n");
  EXPECT_EQ(UnpackBytes(two + "more", "two", 100).error().code(), "IO-401");
  EXPECT_EQ(UnpackBytes(two, "two", 3).error().code(), "IO-402");
  EXPECT_EQ(Read((*Unpack(Write("two.gz", two), "two.gz", options_))[0].path), "a\nb\n");
}

TEST_F(UnpackTest, BytesInMemory) {
  for (auto pack : {leat::test::Gzip, leat::test::Zstd, leat::test::Bzip2, leat::test::Xz})
    EXPECT_EQ(*UnpackBytes(pack("hello\n"), "it", 100), "hello\n");
  EXPECT_EQ(*UnpackBytes("hello\n", "it", 1), "hello\n");
  EXPECT_EQ(*UnpackBytes(leat::test::Zip({{"a.csv", "x\n"}}), "it", 100), "x\n");
  EXPECT_EQ(UnpackBytes(leat::test::Zip({{"a.csv", "x\n"}, {"b.csv", "x\n"}}), "it", 100).error().code(), "IO-401");
  EXPECT_EQ(UnpackBytes(leat::test::Zip({{"a.csv", "xxx\n"}}), "it", 3).error().code(), "IO-402");
}

TEST_F(UnpackTest, FailuresLeaveNothingBehind) {
  std::string text(3 << 20, 'a');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>('a' + (i * i / 7) % 26);
  std::string whole = leat::test::Zip({{"x.csv", "x\n"}, {"y.csv", text}});
  std::string cut = Write("cut.zip", std::string_view(whole).substr(0, whole.size() / 2));
  auto broken = Unpack(cut, "cut.zip", options_);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().code(), "IO-401");
  EXPECT_EQ(Spooled(), 0u);
  std::string bomb = Write("bomb.gz", leat::test::Gzip(std::string(32 << 20, '0')));
  auto refused = Unpack(bomb, "bomb.gz", options_);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "IO-402");
  EXPECT_EQ(Spooled(), 0u);
  EXPECT_EQ(Unpack((folder_ / "none").string(), "none", options_).error().code(), "IO-201");
}

}  // namespace
}  // namespace leat::io
