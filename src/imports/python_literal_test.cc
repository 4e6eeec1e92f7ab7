#include "imports/python_literal.h"

#include <gtest/gtest.h>

#include "config/yaml_text.h"

namespace leat::imports {
namespace {

using config::Node;

/// The configuration around one value: its tree, or the error's code.
std::string Read(const std::string& value) {
  const auto config = ReadPythonConfig("x = {'client': " + value + ", 'resources': []}\n", "a.py");
  if (!config.ok()) return config.error().code();
  return config::YamlFlow(*config->Find("client"));
}

struct Case {
  const char* python;
  const char* tree;
};

class LiteralTest : public testing::TestWithParam<Case> {};

TEST_P(LiteralTest, IsReadAsPythonMeansIt) { EXPECT_EQ(Read(GetParam().python), GetParam().tree); }

INSTANTIATE_TEST_SUITE_P(
    Cases, LiteralTest,
    testing::Values(Case{"'a'", "a"}, Case{"\"it's\"", "\"it's\""}, Case{"'a' \"b\" 'c'", "abc"},
                    Case{"('x' 'y')", "xy"}, Case{"'''two\nlines'''", "\"two\\u000alines\""},
                    Case{"r'\\d'", "\"\\\\d\""}, Case{"'\\x41\\u00e9\\t\\''", "\"Aé\\u0009'\""}, Case{"1_000", "1000"},
                    Case{"-2.5", "-2.5"}, Case{"True", "true"}, Case{"None", "null"}, Case{"'True'", "\"True\""},
                    Case{"[1, 'a', None,]", "[1, a, null]"}, Case{"(1,)", "[1]"}, Case{"(1)", "1"}, Case{"()", "[]"},
                    Case{"{'a': 1, 'b': {'c': [True]},}", "{ a: 1, b: { c: [true] } }"},
                    Case{"{'a': 1, 'a': 2}", "{ a: 2 }"}, Case{"{'a': 1, # }\n 'b': 2}", "{ a: 1, b: 2 }"},
                    Case{"BearerTokenAuth('t')", "{ type: bearer, token: t }"},
                    Case{"auth.HttpBasicAuth(username='u', password='p')",
                         "{ type: http_basic, username: u, password: p }"},
                    Case{"OffsetPaginator(50, offset_param='skip')", "{ type: offset, limit: 50, offset_param: skip }"},
                    Case{"SinglePagePaginator()", "{ type: single_page }"}));

TEST(ReadPythonConfig, ReferencesAreNamedAndExpressionsAreKeptApart) {
  const std::string text =
      "x = {'client': {'a': dlt.secrets['api.token'], 'b': os.environ[\"B\"], 'c': os.getenv('C'), 'd': f'{x}', 'e': g(1, [2]) + 3,\n"
      " 'f': lambda a, b: {a: b}, 'g': Unknown(1), **more, 'h': 'a' % b, 'i': [x for x in y]}, 'resources': []}";
  const auto config = ReadPythonConfig(text, "a.py");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  const Node& client = *config->Find("client");
  ASSERT_EQ(client.members.size(), 10U);
  EXPECT_EQ(*PythonReference(*client.Find("a")), "${env:API__TOKEN}");
  EXPECT_EQ(*PythonReference(*client.Find("b")), "${env:B}");
  EXPECT_EQ(*PythonReference(*client.Find("c")), "${env:C}");
  EXPECT_EQ(*PythonExpression(*client.Find("d")), "f'{x}'");
  EXPECT_EQ(*PythonExpression(*client.Find("e")), "g(1, [2]) + 3");
  EXPECT_EQ(*PythonExpression(*client.Find("g")), "Unknown(1)");
  EXPECT_EQ(*PythonExpression(*client.Find("**")), "**more");
  EXPECT_EQ(*PythonExpression(*client.Find("h")), "'a' % b");
  EXPECT_EQ(PythonReference(*client.Find("h")), nullptr);
  EXPECT_EQ(*PythonExpression(*client.Find("f")), "lambda a, b: {a: b}");
  EXPECT_EQ(*PythonExpression(client.Find("i")->items.at(0)), "x for x in y");
}

TEST(ReadPythonConfig, PlacesAreThoseOfTheFile) {
  const auto config =
      ReadPythonConfig("'''é {'''\nc = {\n  'client': {'base_url': 'x'},\n  'resources': ['é', 'b']}\n", "a.py");
  ASSERT_TRUE(config.ok()) << config.error().ToString();
  EXPECT_EQ(config->members[0].key_span.ToString(), "a.py:3:3");
  EXPECT_EQ(config->Find("client")->members[0].key_span.ToString(), "a.py:3:14");
  EXPECT_EQ(config->Find("resources")->items[1].span.ToString(), "a.py:4:22");
}

TEST(ReadPythonConfig, NoneAndSeveralAreErrors) {
  EXPECT_EQ(ReadPythonConfig("", "a.py").error().code(), "APP-210");
  EXPECT_EQ(ReadPythonConfig("client = {'resources': []}", "a.py").error().code(), "APP-210");
  EXPECT_EQ(ReadPythonConfig("a = {'client': {}, 'resources': []", "a.py").error().code(), "APP-210");
  const auto two = ReadPythonConfig("a = {'client': {}, 'resources': []}\nb = {'client': {}, 'resources': []}", "a.py");
  EXPECT_EQ(two.error().where().ToString(), "a.py:2:5");
  EXPECT_EQ(ReadPythonConfig("\xff", "a.py").error().code(), "APP-210");
}

TEST(ReadPythonConfig, HostileTextEndsSoon) {
  for (const char* piece : {"{", "[", "(", "{'a':", "{'client': {'a': f(", "'", "\"\"\"", "\\",
                            "{'client': {}, 'resources': [", "**", "BearerTokenAuth("}) {
    std::string text;
    for (int i = 0; i < 20'000; ++i) text += piece;
    (void)ReadPythonConfig(text, "a.py");
  }
  const std::string sound =
      "x = {'client': {'auth': APIKeyAuth(name='k', api_key=dlt.secrets['a'])}, 'resources': [{'name': 'a', 'b': (1, -2)}]}";
  for (size_t i = 0; i < sound.size(); ++i) {
    (void)ReadPythonConfig(sound.substr(0, i), "a.py");
    for (const char c : {'{', '}', '\'', '(', '\\', '\0'}) {
      std::string changed = sound;
      changed[i] = c;
      (void)ReadPythonConfig(changed, "a.py");
    }
  }
}

}  // namespace
}  // namespace leat::imports
