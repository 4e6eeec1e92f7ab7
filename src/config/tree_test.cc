#include "config/tree.h"

#include <gtest/gtest.h>

#include "config/text.h"

namespace leat::config {
namespace {

TEST(ParseYaml, KeepsOrderKindsAndPlaces) {
  const auto node = ParseYaml("name: flights\nlist: [1, 'two']\nmap:\n  ké: \"x\"\n  empty:\n", "a.yml");
  ASSERT_TRUE(node.ok()) << node.error().ToString();
  ASSERT_EQ(node->members.size(), 3u);
  EXPECT_EQ(node->members[1].key, "list");
  EXPECT_EQ(node->Find("name")->scalar, "flights");
  EXPECT_EQ(node->Find("name")->span.ToString(), "a.yml:1:7");
  EXPECT_EQ(node->Find("name")->span.length, 7);
  EXPECT_FALSE(node->Find("list")->items[0].quoted);
  EXPECT_TRUE(node->Find("list")->items[1].quoted);
  EXPECT_EQ(node->Find("list")->items[1].span.length, 5);
  // Columns count characters, not bytes.
  EXPECT_EQ(node->Find("map")->Find("ké")->span.ToString(), "a.yml:4:7");
  // An empty value has the place of its key.
  EXPECT_TRUE(node->Find("map")->Find("empty")->is_null());
  EXPECT_EQ(node->Find("map")->Find("empty")->span.ToString(), "a.yml:5:3");
}

TEST(ParseYaml, EmptyFilesAndJsonAreRead) {
  EXPECT_TRUE(ParseYaml("", "a").value().is_null());
  EXPECT_TRUE(ParseYaml("# only a comment\n", "a").value().is_null());
  EXPECT_EQ(ParseYaml("{\"a\": [1, {\"b\": null}]}", "a").value().Find("a")->items.size(), 2u);
  EXPECT_EQ(ParseYaml("\xEF\xBB\xBF"
                      "a: b\r\nc: d\r\n",
                      "a")
                .value()
                .Find("c")
                ->scalar,
            "d");
}

TEST(ParseYaml, AliasesAndMergesCopy) {
  const auto node = ParseYaml("base: &b { x: 1, y: 2 }\nuse: { <<: *b, y: 3 }\n", "a.yml");
  ASSERT_TRUE(node.ok()) << node.error().ToString();
  EXPECT_EQ(node->Find("use")->Find("x")->scalar, "1");
  EXPECT_EQ(node->Find("use")->Find("y")->scalar, "3");
}

struct BadYaml {
  const char* name;
  std::string text;
  const char* code;
  const char* place;
};

class BadYamlTest : public testing::TestWithParam<BadYaml> {};

TEST_P(BadYamlTest, IsRefusedWithCodeAndPlace) {
  const auto node = ParseYaml(GetParam().text, "a.yml");
  ASSERT_FALSE(node.ok());
  EXPECT_EQ(node.error().code(), GetParam().code) << node.error().ToString();
  EXPECT_EQ(node.error().where().ToString(), GetParam().place) << node.error().ToString();
  EXPECT_EQ(node.error().kind(), ErrorKind::kConfig);
}

std::string Nested(size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

std::string Laughs() {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 12; ++i) {
    text += fmt::format("a{0}: &a{0} [", i);
    for (int j = 0; j < 10; ++j) text += fmt::format("{}*a{}", j ? ", " : "", i - 1);
    text += "]\n";
  }
  return text;
}

std::string ManyAliases() {
  std::string text = "a: &a 1\nb: [";
  for (int i = 0; i < 1001; ++i) text += i ? ", *a" : "*a";
  return text + "]\n";
}

INSTANTIATE_TEST_SUITE_P(Cases, BadYamlTest,
                         testing::Values(BadYaml{"duplicate", "a: 1\nb: 2\na: 3\n", "CFG-102", "a.yml:3:1"},
                                         BadYaml{"duplicate_nested", "t:\n  - { x: 1, x: 2 }\n", "CFG-102",
                                                 "a.yml:2:13"},
                                         BadYaml{"tab", "a:\n\tb: 1\n", "CFG-101", "a.yml:2:3"},
                                         BadYaml{"open_quote", "a: \"x\nb: 1\n", "CFG-101", "a.yml:1:4"},
                                         BadYaml{"open_list", "a: [1, 2\nb: 3\n", "CFG-101", "a.yml:2:2"},
                                         BadYaml{"two_documents", "a: 1\n---\nb: 2\n", "CFG-101", "a.yml"},
                                         BadYaml{"key_is_a_list", "[a]: 1\n", "CFG-101", "a.yml:1:1"},
                                         BadYaml{"unknown_alias", "a: *nowhere\n", "CFG-101", "a.yml:1:4"},
                                         BadYaml{"alias_in_itself", "a: &a [*a]\n", "CFG-101", "a.yml:1:8"},
                                         BadYaml{"latin_1", "a: caf\xE9\n", "CFG-101", "a.yml:1:7"},
                                         BadYaml{"nul_byte", std::string("a: b\nc: \0\n", 10), "CFG-101", "a.yml:2:4"},
                                         BadYaml{"utf_16",
                                                 std::string("\xFF\xFE"
                                                             "a\0:\0",
                                                             6),
                                                 "CFG-101", "a.yml:1:1"},
                                         BadYaml{"too_deep", Nested(65), "CFG-103", "a.yml:1:65"},
                                         BadYaml{"far_too_deep", Nested(100'000), "CFG-103", "a.yml:1:65"},
                                         BadYaml{"many_aliases", ManyAliases(), "CFG-103", "a.yml:2:4005"},
                                         BadYaml{"laughs", Laughs(), "CFG-103", "a.yml:6:10"},
                                         BadYaml{"too_long", std::string((10u << 20) + 1, ' '), "CFG-103", "a.yml"}),
                         [](const auto& one) { return one.param.name; });

TEST(ParseYaml, DuplicateKeysNameBothPlacesAndAllOfThem) {
  const auto node = ParseYaml("a: 1\nb: 2\na: 3\nb: 4\n", "a.yml");
  ASSERT_FALSE(node.ok());
  EXPECT_NE(node.error().message().find("1:1"), std::string::npos);
  ASSERT_EQ(node.error().others().size(), 1u);
  EXPECT_NE(node.error().others()[0].message().find("2:1"), std::string::npos);
}

TEST(ParseYaml, SixtyFourLevelsAreFine) { EXPECT_TRUE(ParseYaml(Nested(64), "a").ok()); }

// Whatever the bytes, the parser returns, and every place lies inside the text.
TEST(ParseYaml, MutilatedTextNeverBreaksIt) {
  const std::string good = "a: &x [1, 'b', \"c\\n\"]\nm:\n  - { k: *x, <<: {z: 1} }\n  - |\n    text\n? q\n: r\n";
  for (size_t i = 0; i < good.size(); ++i) {
    for (const char c : {'\0', '\t', '\n', '[', '}', ':', '&', '*', '"', '\xC3', '-'}) {
      std::string text = good;
      text[i] = c;
      const auto node = ParseYaml(text, "a.yml");
      if (node.ok()) continue;
      EXPECT_LE(node.error().where().line, Lines(text).count());
      EXPECT_FALSE(RenderError(node.error(), "/nonexistent", false).empty());
    }
    EXPECT_NO_FATAL_FAILURE((void)ParseYaml(good.substr(0, i), "a.yml").ok());
  }
}

TEST(ReadYamlFile, MissingFileIsNotFound) {
  const auto node = ReadYamlFile("/nonexistent/leat.yml", "leat.yml");
  ASSERT_FALSE(node.ok());
  EXPECT_EQ(node.error().code(), "CFG-111");
  EXPECT_EQ(node.error().kind(), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace leat::config
