#include "serve/openapi/page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "serve/front.h"
#include "serve/iceberg/routes.h"

namespace leat::serve::openapi {
namespace {

using nlohmann::json;

json Page(bool tokens = true) {
  PageOptions options;
  options.tokens = tokens;
  auto page = MakePage(Front::Operations(), Parts(), options);
  EXPECT_TRUE(page.ok()) << page.error().ToString();
  return page.ok() ? *page : json();
}

TEST(OpenApiPage, DescribesEachRouteAndNothingElse) {
  const json page = Page();
  EXPECT_EQ(page["openapi"], "3.1.0");
  size_t described = 0;
  for (const json& path : page["paths"]) described += path.size();
  EXPECT_EQ(described, Front::Operations().size());
  for (const iceberg::Route& route : iceberg::Routes()) {
    std::string method(route.method);
    for (char& c : method) c = static_cast<char>(std::tolower(c));
    const json& operation = page["paths"]["/iceberg" + iceberg::PathOf(route)][method];
    EXPECT_EQ(operation["operationId"], route.operation);
    EXPECT_FALSE(operation["summary"].get<std::string>().empty());
  }
}

TEST(OpenApiPage, ARouteWithoutDescriptionIsAnError) {
  std::vector<Operation> operations = Front::Operations();
  operations.push_back({"GET", "/more", "more", true});
  const auto page = MakePage(operations, Parts(), {});
  ASSERT_FALSE(page.ok());
  EXPECT_EQ(page.error().code(), "SERVE-108");
  EXPECT_NE(page.error().message().find("GET /more ('more')"), std::string::npos);
}

TEST(OpenApiPage, ADescriptionWithoutRouteIsAnError) {
  std::vector<Operation> operations = Front::Operations();
  const std::string gone(operations.back().id);
  operations.pop_back();
  const auto page = MakePage(operations, Parts(), {});
  ASSERT_FALSE(page.ok());
  EXPECT_NE(page.error().message().find(gone), std::string::npos) << page.error().message();
}

TEST(OpenApiPage, WrongPartsAreErrors) {
  const auto error = [](const char* text) {
    const auto page = MakePage({{"GET", "/a", "a", false}}, {{"part.yml", text}}, {});
    return page.ok() ? "" : page.error().message();
  };
  const std::string whole = "operations: {a: {tag: t, summary: s, answers: {200: M}}}\nmodels: {M: {type: object}, ";
  EXPECT_EQ(error((whole + "Error: {type: object}}").c_str()), "");
  EXPECT_NE(error((whole + "Error: {$ref: None}}").c_str()).find("no model 'None'"), std::string::npos);
  EXPECT_NE(error((whole + "Error: {type: object}, More: {type: object}}").c_str()).find("'More'"), std::string::npos);
  EXPECT_NE(error("schemas: {}").find("a section 'schemas'"), std::string::npos);
  const std::string query =
      "operations: {a: {tag: t, summary: s, query: [q], answers: {204: }}}\nmodels: {Error: {type: object}}";
  EXPECT_NE(error(query.c_str()).find("no parameter is called 'q'"), std::string::npos);
}

TEST(OpenApiPage, SecurityIsThatOfTheServer) {
  const json page = Page(), open = Page(false);
  const char* config = "/iceberg/v1/config";
  EXPECT_TRUE(page.contains("security"));
  EXPECT_EQ(page["paths"]["/healthz"]["get"]["security"], json::array());
  EXPECT_FALSE(page["paths"][config]["get"].contains("security"));
  EXPECT_TRUE(page["paths"][config]["get"]["responses"].contains("401"));
  EXPECT_FALSE(open.contains("security"));
  EXPECT_FALSE(open["paths"][config]["get"]["responses"].contains("401"));
}

TEST(OpenApiPage, ReferencesAreWhole) {
  const json page = Page(), flat = page.flatten();
  for (const auto& [place, value] : flat.items()) {
    if (!place.ends_with("/$ref")) continue;
    ASSERT_EQ(value.get<std::string>().front(), '#') << place;
    EXPECT_TRUE(page.contains(json::json_pointer(value.get<std::string>().substr(1)))) << value;
  }
}

}  // namespace
}  // namespace leat::serve::openapi
