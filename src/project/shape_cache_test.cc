#include "project/shape_cache.h"

#include <sys/stat.h>

#include "project/test_project.h"

namespace leat::project {
namespace {

class ShapeCacheTest : public TestProject {
 protected:
  std::string File() const { return root_ + "/.leat/cache/shapes.json"; }
  std::string Content() const {
    std::ifstream in(File());
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(ShapeCacheTest, TheSecondReadingOpensNoEngine) {
  {
    ShapeCache cache(root_);
    const auto shape = cache.Get("select random(), * from a.b as x, range(3)");
    ASSERT_TRUE(shape.ok()) << shape.error().ToString();
    EXPECT_EQ(cache.misses(), 1);
    // Engines take away what nobody has locked in that folder.
    EXPECT_FALSE(std::filesystem::exists(root_ + "/.leat/tmp"));
    cache.Save();
    EXPECT_TRUE(std::filesystem::is_empty(root_ + "/.leat/cache/engine/tmp"));
  }
  ShapeCache cache(root_);
  const auto shape = cache.Get("select random(), * from a.b as x, range(3)");
  ASSERT_TRUE(shape.ok());
  EXPECT_EQ(cache.misses(), 0);
  ASSERT_EQ(shape->tables.size(), 1u);
  EXPECT_EQ(shape->tables[0].schema, "a");
  EXPECT_EQ(shape->tables[0].offset, 24u);
  EXPECT_TRUE(shape->is_volatile);
  EXPECT_EQ(shape->functions.size(), 2u);
}

TEST_F(ShapeCacheTest, OtherTextIsAMissAndOldTextIsForgotten) {
  for (const char* sql : {"select 1", "select 2"}) {
    ShapeCache cache(root_);
    ASSERT_TRUE(cache.Get(sql).ok());
    EXPECT_EQ(cache.misses(), 1);
    cache.Save();
  }
  ShapeCache cache(root_);
  ASSERT_TRUE(cache.Get("select 1").ok());
  EXPECT_EQ(cache.misses(), 1);
}

TEST_F(ShapeCacheTest, ErrorsAreNotKept) {
  ShapeCache cache(root_);
  EXPECT_FALSE(cache.Get("selec 1").ok());
  cache.Save();
  ShapeCache again(root_);
  EXPECT_FALSE(again.Get("selec 1").ok());
  EXPECT_EQ(again.misses(), 1);
}

TEST_F(ShapeCacheTest, AnythingWrongWithTheFileMeansAnEmptyCache) {
  ShapeCache first(root_);
  ASSERT_TRUE(first.Get("select * from a.b").ok());
  first.Save();
  const std::string good = Content();
  struct stat info {};
  ASSERT_EQ(::stat(File().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0600u);
  std::vector<std::string> bad = {"",        "{", "[]", "null", "{\"version\": 99}", good.substr(0, good.size() / 2),
                                  "\xFF\xFE"};
  std::string other = good;
  other.replace(other.find("\"a\""), 3, "7");
  bad.push_back(other);
  for (const std::string& text : bad) {
    Write(".leat/cache/shapes.json", text);
    ShapeCache cache(root_);
    const auto shape = cache.Get("select * from a.b");
    ASSERT_TRUE(shape.ok()) << text;
    EXPECT_EQ(shape->tables.size(), 1u) << text;
    EXPECT_EQ(cache.misses(), 1) << text;
    cache.Save();
    EXPECT_EQ(Content(), good) << text;
  }
}

// The whole reading, not only the cache: nothing changed means the same project and no write.
TEST_F(ShapeCacheTest, ReadingTwiceGivesTheSameProject) {
  Write("models/m.sql", "select * from raw_shop.orders");
  const auto first = Read();
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  const auto written = std::filesystem::last_write_time(File());
  const auto second = Read();
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(std::filesystem::last_write_time(File()), written);
  EXPECT_EQ(first->files_hash, second->files_hash);
  ASSERT_EQ(first->assets.size(), second->assets.size());
  for (size_t i = 0; i < first->assets.size(); ++i)
    EXPECT_EQ(first->assets[i].fingerprint, second->assets[i].fingerprint);
}

}  // namespace
}  // namespace leat::project
