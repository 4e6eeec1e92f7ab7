#include "serve/iceberg/load_cache.h"

#include <gtest/gtest.h>

namespace leat::serve::iceberg {
namespace {

std::shared_ptr<const std::string> Text(size_t size) { return std::make_shared<const std::string>(size, 'x'); }

TEST(LoadCache, DropsWhatWasUsedLongestAgo) {
  LoadCache cache(1000);
  cache.Put("a", Text(240));
  cache.Put("b", Text(240));
  cache.Put("c", Text(240));
  cache.Put("d", Text(240));
  ASSERT_NE(cache.Get("a"), nullptr);  // now the newest
  cache.Put("e", Text(240));
  EXPECT_EQ(cache.Get("b"), nullptr);
  for (const char* key : {"a", "c", "d", "e"}) EXPECT_NE(cache.Get(key), nullptr) << key;
  EXPECT_LE(cache.bytes(), 1000u);
}

TEST(LoadCache, KeepsNoAnswerThatWouldDriveOutTheOthers) {
  LoadCache cache(1000);
  cache.Put("small", Text(10));
  cache.Put("large", Text(300));
  EXPECT_EQ(cache.Get("large"), nullptr);
  EXPECT_NE(cache.Get("small"), nullptr);
}

TEST(LoadCache, SharesTheAnswerItself) {
  LoadCache cache;
  const auto answer = Text(10);
  cache.Put("a", answer);
  cache.Put("a", Text(20));
  EXPECT_EQ(cache.Get("a"), answer);
}

}  // namespace
}  // namespace leat::serve::iceberg
