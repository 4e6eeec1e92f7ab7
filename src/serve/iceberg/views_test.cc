#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "serve/iceberg/rest_fixture.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

constexpr const char* kViews = "/v1/lake/namespaces/shop/views";
constexpr const char* kBig = "/v1/lake/namespaces/shop/views/big";

json Text(const std::string& dialect, const std::string& sql) {
  return {{"type", "sql"}, {"sql", sql}, {"dialect", dialect}};
}

json Version(json texts, int schema_id = 0) {
  return {{"version-id", 1},
          {"timestamp-ms", 1'700'000'000'000},
          {"schema-id", schema_id},
          {"summary", {{"engine-name", "test"}}},
          {"default-namespace", {"shop"}},
          {"representations", std::move(texts)}};
}

json ViewRequest(const std::string& name, const std::string& sql) {
  return {{"name", name},
          {"schema",
           {{"type", "struct"},
            {"schema-id", 0},
            {"fields", json::array({{{"id", 0}, {"name", "id"}, {"type", "long"}, {"required", false}}})}}},
          {"view-version", Version(json::array({Text("spark", sql)}))},
          {"properties", {{"owner", "tests"}}}};
}

json Replacement(const std::string& uuid, const json& version) {
  return {{"requirements", json::array({{{"type", "assert-view-uuid"}, {"uuid", uuid}}})},
          {"updates", json::array({{{"action", "add-view-version"}, {"view-version", version}},
                                   {{"action", "set-current-view-version"}, {"view-version-id", -1}}})}};
}

class ViewsTest : public RestFixture {
 protected:
  void MakeBig() {
    MakeOrders();
    const Answer made = Call("POST", kViews, ViewRequest("big", "select id from orders"));
    ASSERT_EQ(made.status, 200) << made.body;
  }
};

TEST_F(ViewsTest, ReplacementsOfOneViewTakeTurns) {
  MakeBig();
  std::vector<std::string> refused(8);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < refused.size(); ++i) {
      threads.emplace_back([&, i] {
        for (int n = 0; n < 25; ++n) {
          const json change = {{"updates", json::array({{{"action", "set-properties"},
                                                         {"updates", {{fmt::format("p{}-{}", i, n), "set"}}}}})}};
          const Answer answer = Call("POST", kBig, change);
          if (answer.status != 200 && refused[i].empty()) refused[i] = answer.body.dump();
        }
      });
    }
  }
  EXPECT_EQ(refused, std::vector<std::string>(refused.size()));
  EXPECT_EQ(Call("GET", kBig).body["metadata"]["properties"].size(), 8u * 25u + 1u);
  // Nobody lost a race: there are no more files than commits.
  const std::string location = io::LocalPath(Call("GET", kBig).body["metadata-location"].get<std::string>());
  size_t files = 0;
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(location).parent_path()))
    files += file.is_regular_file();
  EXPECT_EQ(files, 8u * 25u + 1u);
}

TEST_F(ViewsTest, MadeLoadedListedAndDropped) {
  MakeBig();
  const Answer loaded = Call("GET", kBig);
  ASSERT_EQ(loaded.status, 200) << loaded.body;
  const json& metadata = loaded.body["metadata"];
  EXPECT_EQ(metadata["format-version"], 1);
  EXPECT_EQ(metadata["current-version-id"], 1);
  EXPECT_EQ(metadata["properties"]["owner"], "tests");
  EXPECT_EQ(metadata["versions"][0]["representations"][0]["sql"], "select id from orders");
  EXPECT_TRUE(std::filesystem::exists(io::LocalPath(loaded.body["metadata-location"].get<std::string>())));
  EXPECT_EQ(Call("HEAD", kBig).status, 204);
  EXPECT_EQ(Call("GET", kViews).body["identifiers"], json::parse(R"([{"namespace":["shop"],"name":"big"}])"));
  EXPECT_EQ(Call("GET", kTables).body["identifiers"].size(), 1u);
  EXPECT_EQ(Call("DELETE", "/v1/lake/namespaces/shop").type(), "NamespaceNotEmptyException");
  EXPECT_EQ(Call("DELETE", kBig).status, 204);
  EXPECT_EQ(Call("DELETE", kBig).type(), "NoSuchViewException");
  EXPECT_EQ(Call("HEAD", kBig).status, 404);
  EXPECT_EQ(Call("GET", kBig).type(), "NoSuchViewException");
}

TEST_F(ViewsTest, TablesAndViewsShareTheirNames) {
  MakeBig();
  EXPECT_EQ(Call("POST", kViews, ViewRequest("big", "select 1")).type(), "AlreadyExistsException");
  EXPECT_EQ(Call("POST", kViews, ViewRequest("orders", "select 1")).type(), "AlreadyExistsException");
  EXPECT_EQ(Call("POST", kTables, OrdersRequest("big")).type(), "AlreadyExistsException");
  json staged = OrdersRequest("big");
  staged["stage-create"] = true;
  EXPECT_EQ(Call("POST", kTables, staged).type(), "AlreadyExistsException");
  EXPECT_EQ(Call("GET", std::string(kTables) + "/big").type(), "NoSuchTableException");
  EXPECT_EQ(Call("POST", std::string(kTables) + "/big", SetProperty("x", "1")).type(), "NoSuchTableException");
  EXPECT_EQ(Call("DELETE", std::string(kTables) + "/big").type(), "NoSuchTableException");
  EXPECT_EQ(Call("GET", std::string(kViews) + "/orders").type(), "NoSuchViewException");
  EXPECT_EQ(Call("DELETE", std::string(kViews) + "/orders").type(), "NoSuchViewException");
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/none/views", ViewRequest("v", "select 1")).type(),
            "NoSuchNamespaceException");
}

TEST_F(ViewsTest, Renames) {
  MakeBig();
  ASSERT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"other"}}}).status, 200);
  const auto id = [](const char* ns, const char* name) { return json{{"namespace", {ns}}, {"name", name}}; };
  const auto rename = [&](const json& from, const json& to, const char* kind = "views") {
    return Call("POST", std::string("/v1/lake/") + kind + "/rename", {{"source", from}, {"destination", to}});
  };
  EXPECT_EQ(rename(id("shop", "big"), id("shop", "orders")).type(), "AlreadyExistsException");
  EXPECT_EQ(rename(id("shop", "orders"), id("shop", "new")).type(), "NoSuchViewException");
  EXPECT_EQ(rename(id("shop", "big"), id("none", "new")).type(), "NoSuchNamespaceException");
  EXPECT_EQ(rename(id("shop", "big"), id("shop", "new"), "tables").type(), "NoSuchTableException");
  EXPECT_EQ(rename(id("shop", "orders"), id("shop", "big"), "tables").type(), "AlreadyExistsException");
  const std::string uuid = Call("GET", kBig).body["metadata"]["view-uuid"];
  EXPECT_EQ(rename(id("shop", "big"), id("other", "new")).status, 204);
  EXPECT_EQ(Call("HEAD", kBig).status, 404);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/other/views/new").body["metadata"]["view-uuid"], uuid);
}

TEST_F(ViewsTest, ReplacementsCheckTheirRequirements) {
  MakeBig();
  const std::string uuid = Call("GET", kBig).body["metadata"]["view-uuid"];
  const json both = Version(json::array({Text("spark", "select id from orders"), Text("duckdb", "from orders")}));
  const Answer replaced = Call("POST", kBig, Replacement(uuid, both));
  ASSERT_EQ(replaced.status, 200) << replaced.body;
  EXPECT_EQ(replaced.body["metadata"]["current-version-id"], 2);
  EXPECT_EQ(replaced.body["metadata"]["versions"].size(), 2u);
  // The same again, as when the answer was lost, changes nothing.
  const lake::CommitId commit = Main().commit;
  const Answer again = Call("POST", kBig, Replacement(uuid, both));
  EXPECT_EQ(again.body["metadata-location"], replaced.body["metadata-location"]);
  EXPECT_EQ(Main().commit, commit);

  EXPECT_EQ(Call("POST", kBig, Replacement("other", both)).type(), "CommitFailedException");
  EXPECT_EQ(Call("POST", std::string(kViews) + "/none", Replacement(uuid, both)).type(), "NoSuchViewException");
  const Answer lost = Call("POST", kBig, Replacement(uuid, Version(json::array({Text("spark", "select 1 as id")}))));
  EXPECT_EQ(lost.status, 400);
  EXPECT_NE(lost.message().find("duckdb"), std::string::npos) << lost.message();
  EXPECT_EQ(
      Call("POST", kBig, {{"updates", json::array({{{"action", "set-current-schema"}, {"schema-id", 0}}})}}).status,
      400);
  EXPECT_EQ(Call("POST", kBig, json::object()).status, 400);
  const json move = {{"updates", json::array({{{"action", "set-location"}, {"location", "file:///etc"}}})}};
  EXPECT_EQ(Call("POST", kBig, move).status, 400);
  const json properties = {
      {"updates", json::array({{{"action", "set-properties"}, {"updates", {{"comment", "c"}}}},
                               {{"action", "remove-properties"}, {"removals", {"owner", "none"}}}})}};
  EXPECT_EQ(Call("POST", kBig, properties).body["metadata"]["properties"], json({{"comment", "c"}}));
}

TEST_F(ViewsTest, CreationsThatAreRefused) {
  MakeOrders();
  const auto with = [](const char* member, const json& value) {
    json request = ViewRequest("v", "select 1");
    request[member] = value;
    return request;
  };
  EXPECT_EQ(Call("POST", kViews, with("location", "file:///etc/leat")).status, 400);
  EXPECT_EQ(Call("POST", kViews, with("view-version", nullptr)).status, 400);
  EXPECT_EQ(Call("POST", kViews, with("view-version", Version(json::array()))).status, 400);
  EXPECT_EQ(Call("POST", kViews, with("schema", json::array())).status, 400);
  EXPECT_EQ(Call("POST", kViews, with("name", "a/b")).status, 400);
  EXPECT_EQ(Call("GET", kViews).body["identifiers"].size(), 0u);
  who_ = {"reader", Scope::kRead, "t"};
  EXPECT_EQ(Call("POST", kViews, ViewRequest("v", "select 1")).status, 403);
}

TEST_F(ViewsTest, ViewsOfABranchAreItsOwn) {
  MakeBig();
  ASSERT_TRUE(catalog_->CreateBranch("env/dev", lake::RefKind::kEnv, Main()).ok());
  EXPECT_EQ(Call("DELETE", "/v1/lake~env~dev/namespaces/shop/views/big").status, 204);
  EXPECT_EQ(Call("HEAD", kBig).status, 204);
  EXPECT_EQ(Call("DELETE", "/v1/lake~c~" + std::to_string(Main().commit) + "/namespaces/shop/views/big").status, 403);
}

}  // namespace
}  // namespace leat::serve::iceberg
