#include "config/field.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/secret.h"
#include "config/env.h"
#include "config/scalar.h"

namespace leat::config {
namespace {

EnvLookup Env(std::map<std::string, std::string> values) {
  return [values](const std::string& name) -> std::optional<std::string> {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional(found->second);
  };
}

std::vector<FieldSpec> Fields() {
  std::vector<FieldSpec> fields(12);
  fields[0].name = "table";
  fields[0].required = true;
  fields[1].name = "count";
  fields[1].type = FieldType::kInteger;
  fields[1].minimum = 1;
  fields[1].maximum = 10;
  fields[1].default_value = "3";
  fields[2].name = "mode";
  fields[2].type = FieldType::kEnum;
  fields[2].allowed = {"append", "full-refresh"};
  fields[3].name = "within";
  fields[3].type = FieldType::kDuration;
  fields[4].name = "limit";
  fields[4].type = FieldType::kBytes;
  fields[5].name = "share";
  fields[5].type = FieldType::kPercent;
  fields[5].default_value = "1%";
  fields[6].name = "keys";
  fields[6].type = FieldType::kList;
  fields[6].scalar_ok = true;
  fields[7].name = "columns";
  fields[7].type = FieldType::kList;
  fields[7].fields = {FieldSpec{.name = "name", .required = true}, FieldSpec{.name = "note"}};
  fields[8].name = "tables";
  fields[8].deprecated_by = "table";
  fields[9].name = "password";
  fields[9].secret = true;
  fields[10].name = "on";
  fields[10].type = FieldType::kBoolean;
  fields[11].name = "options";
  fields[11].type = FieldType::kMap;
  return fields;
}

struct Checked {
  Values values;
  Findings findings;
};

Checked Check(const std::string& text, const EnvLookup& env = Env({})) {
  Checked checked;
  const auto node = ParseYaml(text, "a.yml");
  EXPECT_TRUE(node.ok());
  checked.values = Validate(*node, Fields(), "source 'orders' (csv)", env, checked.findings);
  return checked;
}

TEST(Validate, ReadsEveryTypeAndDefaults) {
  const Checked c = Check(
      "table: t\nmode: append\nwithin: 1h30m\nlimit: 4GiB\nkeys: id\ncolumns:\n  - name: a\non: true\noptions: {x: 1, "
      "y: z}\n");
  ASSERT_TRUE(c.findings.ok()) << c.findings.ToError().ToString();
  EXPECT_EQ(c.values.Text("table"), "t");
  EXPECT_EQ(c.values.Integer("count"), 3);
  EXPECT_FALSE(c.values.Has("count"));
  EXPECT_EQ(c.values.Duration("within"), std::chrono::minutes(90));
  EXPECT_EQ(c.values.Bytes("limit"), int64_t{4} << 30);
  EXPECT_DOUBLE_EQ(c.values.Percent("share"), 0.01);
  EXPECT_EQ(c.values.TextList("keys"), std::vector<std::string>{"id"});
  ASSERT_EQ(c.values.Objects("columns").size(), 1u);
  EXPECT_EQ(c.values.Objects("columns")[0].Text("name"), "a");
  EXPECT_TRUE(c.values.Boolean("on"));
  EXPECT_EQ(c.values.TextMap("options").at("y"), "z");
  EXPECT_EQ(c.values.Where("mode").ToString(), "a.yml:2:7");
}

struct Bad {
  const char* name;
  const char* text;
  const char* code;
  const char* place;
  const char* in_text;
};

class BadFieldTest : public testing::TestWithParam<Bad> {};

TEST_P(BadFieldTest, IsFoundAtItsPlace) {
  const Checked c = Check(GetParam().text);
  ASSERT_EQ(c.findings.errors.size(), 1u);
  const Error& error = c.findings.errors[0];
  EXPECT_EQ(error.code(), GetParam().code);
  EXPECT_EQ(error.where().ToString(), GetParam().place);
  EXPECT_NE(error.ToString().find(GetParam().in_text), std::string::npos) << error.ToString();
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadFieldTest,
    testing::Values(
        Bad{"unknown", "table: t\nmodee: x\n", "CFG-104", "a.yml:2:1", "did you mean 'mode'"},
        Bad{"unknown_lists_allowed", "table: t\nzzz: x\n", "CFG-104", "a.yml:2:1", "allowed here: table, count"},
        Bad{"missing", "count: 1\n", "CFG-105", "a.yml:1:1", "'table'"},
        Bad{"missing_as_empty", "table:\n", "CFG-105", "a.yml:1:1", "'table'"},
        Bad{"integer", "table: t\ncount: many\n", "CFG-106", "a.yml:2:8", "found 'many'"},
        Bad{"integer_is_a_list", "table: t\ncount: [1]\n", "CFG-106", "a.yml:2:8", "found a list"},
        Bad{"bounds", "table: t\ncount: 11\n", "CFG-107", "a.yml:2:8", "between 1 and 10"},
        Bad{"enum", "table: t\nmode: apend\n", "CFG-107", "a.yml:2:7", "did you mean 'append'"},
        Bad{"duration_without_unit", "table: t\nwithin: 24\n", "CFG-106", "a.yml:2:9", "unit"},
        Bad{"boolean_yes", "table: t\non: yes\n", "CFG-106", "a.yml:2:5", "true or false"},
        Bad{"list_item", "table: t\nkeys: [{a: 1}]\n", "CFG-106", "a.yml:2:8", "keys[1]"},
        Bad{"nested_missing", "table: t\ncolumns: [{note: x}]\n", "CFG-105", "a.yml:2:11", "columns[1]"},
        Bad{"nested_unknown", "table: t\ncolumns: [{name: x, nam: y}]\n", "CFG-104", "a.yml:2:21", "column 'x'"},
        Bad{"variable", "table: ${env:NOWHERE}\n", "CFG-108", "a.yml:1:8", "looked in: environment variable"},
        Bad{"not_a_variable", "table: ${NOWHERE}\n", "CFG-110", "a.yml:1:8", "${env:NAME}"},
        Bad{"not_a_map", "- 1\n", "CFG-106", "a.yml:1:1", "a map"}),
    [](const auto& one) { return one.param.name; });

TEST(Validate, ReportsEverythingAtOnce) {
  const Checked c = Check("count: 0\nmode: x\nfoo: 1\nlimit: much\n");
  EXPECT_EQ(c.findings.errors.size(), 5u);
  const Error error = c.findings.ToError();
  EXPECT_EQ(error.others().size(), 4u);
  int last = 0;
  for (const Error& other : error.others()) {
    EXPECT_GE(other.where().line, last);
    last = other.where().line;
  }
}

TEST(Validate, DeprecatedIsAWarning) {
  const Checked c = Check("table: t\ntables: u\n");
  EXPECT_TRUE(c.findings.ok());
  ASSERT_EQ(c.findings.warnings.size(), 1u);
  EXPECT_EQ(c.findings.warnings[0].code(), "CFG-109");
}

TEST(Validate, SecretsAreRegistered) {
  const Checked c = Check("table: t\npassword: ${env:PW}\n", Env({{"PW", "correct-horse"}}));
  EXPECT_EQ(c.values.Text("password"), "correct-horse");
  EXPECT_EQ(MakeError("X-1", ErrorKind::kConfig, "login with correct-horse failed").message(), "login with *** failed");
}

TEST(ReplaceVariables, Table) {
  const auto env = Env({{"A", "1"}, {"B", "two"}});
  EXPECT_EQ(ReplaceVariables("x${env:A}y${env:B}", env).value(), "x1ytwo");
  EXPECT_EQ(ReplaceVariables("$${env:A}", env).value(), "${env:A}");
  EXPECT_EQ(ReplaceVariables("plain $ {", env).value(), "plain $ {");
  EXPECT_FALSE(ReplaceVariables("${env:A", env).ok());
}

TEST(DotEnv, LinesQuotesAndMistakes) {
  const auto values = ParseDotEnv("# c\nA=1\nexport B = 'x # y'\nC=\"a\\nb\"\nD=v # c\r\n\nE=\n", ".env");
  ASSERT_TRUE(values.ok()) << values.error().ToString();
  EXPECT_EQ(values->at("A"), "1");
  EXPECT_EQ(values->at("B"), "x # y");
  EXPECT_EQ(values->at("C"), "a\nb");
  EXPECT_EQ(values->at("D"), "v");
  EXPECT_EQ(values->at("E"), "");
  const auto bad = ParseDotEnv("A=1\nsecret stuff\n", ".env");
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().where().line, 2);
  EXPECT_EQ(bad.error().ToString().find("stuff"), std::string::npos);
}

TEST(Scalars, Tables) {
  EXPECT_EQ(ParseDuration("90s"), std::chrono::seconds(90));
  EXPECT_EQ(ParseDuration("1d 2h"), std::chrono::hours(26));
  EXPECT_EQ(ParseDuration("1.5h"), std::chrono::minutes(90));
  for (const char* bad : {"", "h", "5", "5y", "-1h", "1h5"}) EXPECT_FALSE(ParseDuration(bad)) << bad;
  EXPECT_EQ(ParseBytes("4GB"), 4'000'000'000);
  EXPECT_EQ(ParseBytes("1 KiB"), 1024);
  EXPECT_EQ(ParseBytes("17"), 17);
  for (const char* bad : {"", "GB", "-1", "1XB", "99999999TB"}) EXPECT_FALSE(ParseBytes(bad)) << bad;
  EXPECT_DOUBLE_EQ(*ParsePercent("2.5%"), 0.025);
  for (const char* bad : {"", "1", "%", "x%"}) EXPECT_FALSE(ParsePercent(bad)) << bad;
  EXPECT_EQ(ParseInteger("-7"), -7);
  for (const char* bad : {"", "1.0", "0x1", "9223372036854775808", "1 "}) EXPECT_FALSE(ParseInteger(bad)) << bad;
  EXPECT_DOUBLE_EQ(*ParseNumber("1e3"), 1000);
  for (const char* bad : {"", "nan", "inf", "1,5"}) EXPECT_FALSE(ParseNumber(bad)) << bad;
}

TEST(ObjectSchema, SaysTypesRequiredAndDefaults) {
  const auto json = nlohmann::json::parse(ObjectSchema(Fields()));
  EXPECT_EQ(json["additionalProperties"], false);
  EXPECT_EQ(json["required"], nlohmann::json::array({"table"}));
  EXPECT_EQ(json["properties"]["count"]["default"], 3);
  EXPECT_EQ(json["properties"]["mode"]["enum"].size(), 2u);
  EXPECT_EQ(json["properties"]["columns"]["items"]["required"][0], "name");
}

}  // namespace
}  // namespace leat::config
