#include "config/template/template.h"

#include <gtest/gtest.h>

#include "config/text.h"

namespace leat::config {
namespace {

Result<std::string> Handle(const Expression& e) {
  if (e.name == "ref" && e.positional.size() == 1) return "\"lake\".\"" + e.positional[0].scalar + "\"";
  if (e.name == "config") return std::string();
  if (e.name == "lines") return std::string("one\ntwo\nthree");
  return MakeError("T-1", ErrorKind::kConfig, "unknown {}", e.name);
}

struct Case {
  const char* name;
  const char* text;
  const char* rendered;
  std::vector<int> lines;
};
class TemplateTest : public testing::TestWithParam<Case> {};

TEST_P(TemplateTest, RendersAndMapsLines) {
  Findings findings;
  const Rendered r = RenderTemplate(GetParam().text, "m.sql", Handle, findings);
  ASSERT_TRUE(findings.ok()) << findings.ToError().ToString();
  EXPECT_EQ(r.text, GetParam().rendered);
  EXPECT_EQ(r.line_map, GetParam().lines);
  EXPECT_EQ(r.map.size(), r.text.size());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, TemplateTest,
    testing::Values(
        Case{"plain", "select 1\nfrom t\n", "select 1\nfrom t\n", {1, 2}},
        Case{"ref", "select *\nfrom {{ ref('a') }} x\nwhere 1", "select *\nfrom \"lake\".\"a\" x\nwhere 1", {1, 2, 3}},
        Case{"config_on_top", "{{ config(materialized='table') }}\nselect 1", "\nselect 1", {1, 2}},
        Case{"long_config", "{{ config(\n  tags=['x'],\n  schema='y'\n) }}\nselect 1", "\nselect 1", {4, 5}},
        Case{"comment_of_lines", "a {# x\n y\n z #} b\nc", "a  b\nc", {1, 4}},
        Case{"longer_text", "a {{ lines }}\nb", "a one\ntwo\nthree\nb", {1, 1, 1, 2}},
        Case{"white_space", "a\n\n  {{- ref('b') -}}\n\n c", "a\"lake\".\"b\"c", {1}},
        Case{"comment_white_space", "a\n{#- x -#}\nb", "ab", {1}},
        Case{"braces_in_text", "select '{' || '}' {a}", "select '{' || '}' {a}", {1}},
        Case{"closing_in_quotes", "{{ config(x='}}') }}1", "1", {1}}, Case{"empty", "", "", {1}}),
    [](const auto& one) { return one.param.name; });

TEST(Template, PlacesAreExact) {
  Findings findings;
  const std::string text = "{# é\n #}select {{ ref('a') }}.x,\n  boom\n";
  const Rendered r = RenderTemplate(text, "m.sql", Handle, findings);
  const auto [boom, length] = r.map.Find(r.text.find("boom"), 4);
  EXPECT_EQ(text.substr(boom, length), "boom");
  const auto [ref, ref_length] = r.map.Find(r.text.find("lake"), 4);
  EXPECT_EQ(text.substr(ref, ref_length), "{{ ref('a') }}");
  const auto [x, x_length] = r.map.Find(r.text.find(".x"), 2);
  EXPECT_EQ(text.substr(x, x_length), ".x");
}

TEST(Template, ArgumentsAreTreesWithPlaces) {
  const auto e = ParseExpression(
      " config(materialized='table', tags=['a', \"b\"], n=-1.5, on=True, off=none, m={'k': 1},) ", {"m.sql", 3, 3, 1});
  ASSERT_TRUE(e.ok()) << e.error().ToString();
  EXPECT_TRUE(e->is_call);
  EXPECT_EQ(e->named.Find("materialized")->scalar, "table");
  EXPECT_EQ(e->named.Find("materialized")->span.ToString(), "m.sql:3:24");
  EXPECT_EQ(e->named.Find("tags")->items[1].scalar, "b");
  EXPECT_EQ(e->named.Find("n")->scalar, "-1.5");
  EXPECT_EQ(e->named.Find("on")->scalar, "true");
  EXPECT_TRUE(e->named.Find("off")->is_null());
  EXPECT_EQ(e->named.Find("m")->Find("k")->scalar, "1");
  EXPECT_EQ(ParseExpression("target.type", {})->name, "target.type");
  EXPECT_FALSE(ParseExpression("this", {})->is_call);
}

struct Bad {
  const char* name;
  const char* text;
  const char* code;
  const char* place;
};
class BadTemplateTest : public testing::TestWithParam<Bad> {};

TEST_P(BadTemplateTest, IsRefusedAtItsPlace) {
  Findings findings;
  RenderTemplate(GetParam().text, "m.sql", Handle, findings);
  ASSERT_EQ(findings.errors.size(), 1u);
  EXPECT_EQ(findings.errors[0].code(), GetParam().code) << findings.errors[0].ToString();
  EXPECT_EQ(findings.errors[0].where().ToString(), GetParam().place) << findings.errors[0].ToString();
}

INSTANTIATE_TEST_SUITE_P(Cases, BadTemplateTest,
                         testing::Values(Bad{"open", "a\n  {{ ref('x')", "CFG-121", "m.sql:2:3"},
                                         Bad{"open_comment", "{# a", "CFG-121", "m.sql:1:1"},
                                         Bad{"statement", "a\n {% if x %}", "CFG-122", "m.sql:2:2"},
                                         Bad{"empty", "{{ }}", "CFG-123", "m.sql:1:4"},
                                         Bad{"filter", "{{ ref('x') | upper }}", "CFG-123", "m.sql:1:13"},
                                         Bad{"open_call", "{{ ref('x' }}", "CFG-123", "m.sql:1:12"},
                                         Bad{"bare_word", "{{ ref(x) }}", "CFG-123", "m.sql:1:8"},
                                         Bad{"twice", "{{ config(a=1, a=2) }}", "CFG-123", "m.sql:1:16"},
                                         Bad{"handler", "x {{ foo('x') }}", "T-1", "m.sql:1:6"},
                                         Bad{"number", "{{ 1 }}", "CFG-123", "m.sql:1:5"}),
                         [](const auto& one) { return one.param.name; });

// Whatever is cut out of a template, rendering ends and every place is inside the text.
TEST(Template, MutilatedTextNeverBreaksIt) {
  const std::string good = "{{ config(a=['x', {'y': 1}]) }}\nselect {#- c -#} {{- ref(\"a\") -}} {% x %} from t";
  for (size_t i = 0; i < good.size(); ++i) {
    for (size_t length = 1; length < 6; ++length) {
      std::string text = good;
      text.erase(i, length);
      Findings findings;
      const Rendered r = RenderTemplate(text, "m.sql", Handle, findings);
      EXPECT_EQ(r.map.size(), r.text.size());
      for (const Error& error : findings.errors) EXPECT_LE(error.where().line, Lines(text).count());
      for (size_t at = 0; at < r.text.size(); ++at) EXPECT_LT(r.map.Find(at, 1).first, text.size());
    }
  }
}

}  // namespace
}  // namespace leat::config
