#include "component/spec_render.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace leat::component {
namespace {

TEST(SpecList, HasEveryPartOnce) {
  const auto json = nlohmann::json::parse(ListJson().value());
  ASSERT_EQ(json.size(), AllSpecs().size());
  EXPECT_GE(SpecNames("check").size(), 8u);
  const std::string text = ListText("check").value();
  for (const std::string& name : SpecNames("check")) EXPECT_NE(text.find("  " + name + " "), std::string::npos) << name;
}

TEST(SpecList, UnknownNamesBringTheNearest) {
  EXPECT_EQ(ListText("chekc").error().code(), "CMP-101");
  const auto spec = FindSpecOrExplain("check", "not_nul");
  ASSERT_FALSE(spec.ok());
  EXPECT_EQ(spec.error().code(), "CMP-102");
  EXPECT_NE(spec.error().hint().find("did you mean 'not_null'"), std::string::npos);
}

// What a spec must say to be of use in docs and editors, for every part that is built in.
TEST(Specs, AreComplete) {
  for (const Spec& spec : AllSpecs()) {
    const std::string name = spec.kind + " " + spec.name;
    EXPECT_FALSE(spec.summary.empty()) << name;
    EXPECT_FALSE(spec.description.empty()) << name;
    EXPECT_FALSE(spec.examples.empty()) << name;
    for (const auto* fields : {&spec.fields, &spec.connection_fields}) {
      for (const config::FieldSpec& field : *fields) {
        EXPECT_FALSE(field.description.empty()) << name << " " << field.name;
        EXPECT_EQ(field.type == config::FieldType::kEnum, !field.allowed.empty()) << name << " " << field.name;
      }
    }
    EXPECT_EQ(spec.kind == "check", spec.make_check != nullptr) << name;
    EXPECT_EQ(spec.kind == "source", spec.make_source != nullptr) << name;
    EXPECT_EQ(spec.kind == "mask", spec.make_mask != nullptr) << name;
    const std::string text = DescribeText(spec);
    for (const config::FieldSpec& field : spec.fields)
      EXPECT_NE(text.find("  " + field.name + "  ("), std::string::npos);
    EXPECT_EQ(nlohmann::json::parse(DescribeJson(spec))["fields"].size(), spec.fields.size());
  }
}

TEST(FieldsText, WrapsAtTheWidth) {
  const std::vector<config::FieldSpec> fields = {
      {.name = "a", .description = "one two three four five six seven eight nine ten eleven twelve"}};
  const std::string text = FieldsText(fields, 30);
  size_t start = 0;
  while (start < text.size()) {
    const size_t end = text.find('\n', start);
    EXPECT_LE(end - start, 30u);
    start = end + 1;
  }
}

}  // namespace
}  // namespace leat::component
