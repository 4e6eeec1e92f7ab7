#include "config/yaml_text.h"

#include <gtest/gtest.h>

namespace leat::config {
namespace {

TEST(YamlScalar, IsReadAgainAsTheSameText) {
  for (const char* text :
       {"plain",      "a.b-c", "/path/x", "$.a.b", "",    " ",    "yes",       "Null", "12",       "1e5", "0x10",
        "2024-01-01", "a: b",  "a #b",    "# x",   "- a", "it's", "say \"x\"", "a\nb", "${env:A}", "*",   "&a",
        "!b",         "%c",    "@d",      "[x]",   "{y}", ",",    "~",         ".5",   "é",        "\t"}) {
    const auto alone = ParseYaml("x: " + YamlScalar(text) + "\n", "y");
    ASSERT_TRUE(alone.ok()) << text;
    EXPECT_EQ(alone->Find("x")->scalar, text);
    const auto inside = ParseYaml("{ x: [" + YamlScalar(text) + ", z], " + YamlScalar(text) + ": 1 }", "y");
    ASSERT_TRUE(inside.ok()) << text;
    EXPECT_EQ(inside->Find("x")->items.at(0).scalar, text);
    EXPECT_EQ(inside->members.at(1).key, text);
  }
}

TEST(YamlFlow, KeepsKinds) {
  const auto node = ParseYaml("a: 1\nb: 'true'\nc: true\nd: [1, '1', null, {}]\ne: {}\nf:\n", "y");
  ASSERT_TRUE(node.ok());
  EXPECT_EQ(YamlFlow(*node), "{ a: 1, b: \"true\", c: true, d: [1, \"1\", null, {}], e: {}, f: null }");
}

}  // namespace
}  // namespace leat::config
