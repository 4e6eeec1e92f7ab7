#include <gtest/gtest.h>

#include "component/file_expectation.h"

namespace leat::component {
namespace {

TEST(Manifest, ContentsAndRows) {
  const std::string md5 = "900150983CD24FB0D6963F7D28E17F72";
  const std::string sha(64, 'a');
  const auto files = ParseManifest(
      "a.csv rows:3 10 md5:" + md5 + "\nb.csv\n" + sha + "  c d.csv\r\n" + sha + " *e.csv\n" + md5 + " 10\n", "m");
  ASSERT_TRUE(files.ok()) << files.error().ToString();
  ASSERT_EQ(files->size(), 5u);
  EXPECT_EQ((*files)[0].rows, 3);
  EXPECT_EQ((*files)[0].size_bytes, 10);
  EXPECT_EQ((*files)[0].digest + ":" + (*files)[0].digest_hex, "md5:900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ((*files)[2].name + "|" + (*files)[2].digest, "c d.csv|sha256");
  EXPECT_EQ((*files)[3].name + "|" + (*files)[3].digest_hex, "e.csv|" + sha);
  EXPECT_EQ((*files)[4].name, md5) << "a file of this name, with its size";
  const auto promises = PromisesOf({{"in/a.csv", 10}, {"in/b.csv", 1}, {"in/c d.csv", 1}, {"in/x.csv", 1}}, *files);
  ASSERT_EQ(promises.size(), 2u);
  EXPECT_EQ(promises.at("in/a.csv").rows, 3);
  EXPECT_EQ(promises.at("in/c d.csv").digest, "sha256");
}

TEST(Manifest, WhatIsNoLineOfOne) {
  for (const char* wrong : {"a.csv rows:\n", "a.csv rows:1 rows:1\n", "a.csv md5:12\n", "a.csv crc:1\n",
                            "a.csv md5:g00150983cd24fb0d6963f7d28e17f72\n"}) {
    const auto refused = ParseManifest(std::string("b\n") + wrong, "in/m");
    ASSERT_FALSE(refused.ok()) << wrong;
    EXPECT_EQ(refused.error().code(), "SRC-208");
    EXPECT_NE(refused.error().message().find("in/m:2"), std::string::npos);
  }
}

}  // namespace
}  // namespace leat::component
