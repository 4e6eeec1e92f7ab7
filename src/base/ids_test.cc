#include "base/ids.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

namespace leat {
namespace {

TEST(Ids, VersionSevenGrowsInEachThreadAndIsUniqueOverAll) {
  std::vector<std::vector<std::string>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& ids : made) {
      threads.emplace_back([&ids] {
        for (int i = 0; i < 2000; ++i) ids.push_back(NewUuidV7());
      });
    }
  }
  std::set<std::string> all;
  for (const auto& ids : made) {
    EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end())) << "ids of one process never go back";
    all.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(all.size(), 8000u);
  for (const std::string& id : {*all.begin(), *all.rbegin()}) {
    EXPECT_TRUE(IsUuid(id)) << id;
    EXPECT_EQ(id[14], '7') << id;
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos) << id;
  }
}

TEST(Ids, FormsAndRanges) {
  const std::string four = NewUuidV4();
  EXPECT_TRUE(IsUuid(four));
  EXPECT_EQ(four[14], '4');
  EXPECT_EQ(RandomHex(3).size(), 6u);
  EXPECT_EQ(RandomHex(100).size(), 200u);
  EXPECT_NE(RandomHex(32), RandomHex(32));
  for (int i = 0; i < 1000; ++i) EXPECT_GT(NewSnapshotId(), 0);
  for (const char* text : {"", "1234", "0198a0c0-0000-7000-8000-00000000000g", "0198a0c00000-7000-8000-000000000000-"})
    EXPECT_FALSE(IsUuid(text)) << text;
}

}  // namespace
}  // namespace leat
