#include "project/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "component/spec.h"

namespace leat::project {
namespace {

TEST(ProjectSchemas, AreValidJsonAndKnowTheParts) {
  const auto schemas = ProjectSchemas();
  ASSERT_EQ(schemas.size(), 4u);
  for (const auto& [file, text] : schemas) {
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["$schema"], "https://json-schema.org/draft/2020-12/schema") << file;
    EXPECT_EQ(json["type"], "object") << file;
  }
  const auto models = nlohmann::json::parse(schemas.at("models/**/*.yml"));
  const auto& check = models["$defs"]["check"]["anyOf"];
  EXPECT_EQ(check[0]["enum"].size(), component::SpecNames("check").size());
  EXPECT_TRUE(check[1]["properties"].contains("row_count"));
  const auto& column = models["properties"]["models"]["items"]["properties"]["columns"]["items"];
  EXPECT_EQ(column["properties"]["tests"]["items"]["$ref"], "#/$defs/check");
  const auto connections = nlohmann::json::parse(schemas.at("connections.yml"));
  EXPECT_EQ(connections["properties"]["connections"]["additionalProperties"]["oneOf"].size(),
            component::SpecNames("source").size());
}

TEST(DescribeProject, NamesEveryFile) {
  const std::string text = DescribeProjectText();
  for (const char* part :
       {"leat.yml", "connections.yml", "sources/*.yml", "models/**/*.yml", "on_fail", "memory_limit"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
  EXPECT_TRUE(nlohmann::json::parse(DescribeProjectJson()).contains("leat.yml"));
}

}  // namespace
}  // namespace leat::project
