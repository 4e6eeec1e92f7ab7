#include "serve/iceberg/rest.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "serve/iceberg/policy.h"
#include "serve/iceberg/rest_fixture.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

class RestTest : public RestFixture {};

TEST_F(RestTest, ConfigGivesThePrefixOfTheRef) {
  const Answer config = Call("GET", "/v1/config?warehouse=lake");
  EXPECT_EQ(config.status, 200);
  EXPECT_EQ(config.body["overrides"]["prefix"], "lake");
  const json endpoints = config.body["endpoints"];
  EXPECT_NE(std::find(endpoints.begin(), endpoints.end(), "GET /v1/{prefix}/namespaces/{namespace}/tables/{table}"),
            endpoints.end());
  EXPECT_EQ(Call("GET", "/v1/config").body["overrides"]["prefix"], "lake");
  const Answer other = Call("GET", "/v1/config?warehouse=other");
  EXPECT_EQ(other.status, 404);
  EXPECT_NE(other.message().find("SERVE-301"), std::string::npos);
  EXPECT_EQ(Call("GET", "/v1/config?warehouse=lake@env/none").status, 404);
}

TEST_F(RestTest, Namespaces) {
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"shop"}}, {"properties", {{"a", "1"}}}}).status, 200);
  const Answer again = Call("POST", "/v1/lake/namespaces", {{"namespace", {"shop"}}});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.type(), "AlreadyExistsException");
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/shop").body["properties"]["a"], "1");
  EXPECT_EQ(Call("HEAD", "/v1/lake/namespaces/shop").status, 204);
  EXPECT_EQ(Call("HEAD", "/v1/lake/namespaces/none").status, 404);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/none").type(), "NoSuchNamespaceException");

  EXPECT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"none", "below"}}}).type(), "NoSuchNamespaceException");
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"shop", "below"}}}).status, 200);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces").body["namespaces"], json::parse(R"([["shop"]])"));
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces?parent=shop").body["namespaces"], json::parse(R"([["shop","below"]])"));
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces?parent=none").status, 404);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/shop%1Fbelow").status, 200);

  const Answer changed =
      Call("POST", "/v1/lake/namespaces/shop/properties", {{"updates", {{"b", "2"}}}, {"removals", {"a", "none"}}});
  EXPECT_EQ(changed.body["updated"], json::array({"b"}));
  EXPECT_EQ(changed.body["removed"], json::array({"a"}));
  EXPECT_EQ(changed.body["missing"], json::array({"none"}));
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/shop").body["properties"], json({{"b", "2"}}));
  EXPECT_EQ(
      Call("POST", "/v1/lake/namespaces/shop/properties", {{"updates", {{"b", "2"}}}, {"removals", {"b"}}}).status,
      422);

  EXPECT_EQ(Call("DELETE", "/v1/lake/namespaces/shop").type(), "NamespaceNotEmptyException");
  EXPECT_EQ(Call("DELETE", "/v1/lake/namespaces/shop%1Fbelow").status, 204);
  EXPECT_EQ(Call("DELETE", "/v1/lake/namespaces/shop").status, 204);
  EXPECT_EQ(Call("DELETE", "/v1/lake/namespaces/shop").status, 404);
}

TEST_F(RestTest, CreatedTablesHaveFreshIdsAndTheirFolders) {
  MakeOrders();
  const Answer loaded = Call("GET", kOrders);
  ASSERT_EQ(loaded.status, 200) << loaded.body;
  const json& metadata = loaded.body["metadata"];
  EXPECT_EQ(metadata["format-version"], 2);
  EXPECT_EQ(metadata["schemas"][0]["fields"][0]["id"], 1);
  EXPECT_EQ(metadata["schemas"][0]["fields"][1]["id"], 2);
  EXPECT_EQ(metadata["last-column-id"], 2);
  EXPECT_EQ(metadata["properties"]["gc.enabled"], "false");
  EXPECT_EQ(metadata["properties"]["owner"], "tests");
  const std::filesystem::path location = io::LocalPath(metadata["location"].get<std::string>());
  EXPECT_TRUE(std::filesystem::is_directory(location / "metadata"));
  EXPECT_TRUE(std::filesystem::is_directory(location / "data"));
  EXPECT_TRUE(std::filesystem::exists(io::LocalPath(loaded.body["metadata-location"].get<std::string>())));
  EXPECT_EQ(Call("POST", kTables, OrdersRequest()).type(), "AlreadyExistsException");
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/none/tables", OrdersRequest()).type(), "NoSuchNamespaceException");
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/shop/tables/none").type(), "NoSuchTableException");
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/none/tables/none").type(), "NoSuchTableException");
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/none/tables").type(), "NoSuchNamespaceException");
  EXPECT_EQ(Call("HEAD", kOrders).status, 204);
}

TEST_F(RestTest, LoadAnswersAreSharedAndTagged) {
  MakeOrders();
  const Response first = Raw("GET", kOrders), second = Raw("GET", kOrders);
  EXPECT_EQ(first.body.get(), second.body.get());  // the same bytes, made once
  const std::string tag = first.headers.front().second;
  EXPECT_EQ(Raw("GET", kOrders, nullptr, {{"if-none-match", tag}}).status, 304);
  EXPECT_EQ(Call("POST", kOrders, SetProperty("x", "1")).status, 200);
  const Response changed = Raw("GET", kOrders, nullptr, {{"if-none-match", tag}});
  EXPECT_EQ(changed.status, 200);
  EXPECT_NE(changed.headers.front().second, tag);
}

TEST_F(RestTest, CreationsThatAreRefused) {
  MakeOrders();
  const auto with = [](const char* member, const json& value) {
    json request = OrdersRequest("other");
    request[member] = value;
    return request;
  };
  EXPECT_EQ(Call("POST", kTables, with("location", "file:///etc/leat")).status, 400);
  EXPECT_EQ(Call("POST", kTables, with("location", catalog_->options().warehouse_root + "/../x")).status, 400);
  EXPECT_EQ(Call("POST", kTables, with("schema", nullptr)).status, 400);
  EXPECT_EQ(Call("POST", kTables, with("name", 1)).status, 400);
  EXPECT_EQ(Call("POST", kTables, with("properties", {{"format-version", "9"}})).status, 400);
  EXPECT_EQ(Call("POST", kTables, "not json").status, 400);
  EXPECT_EQ(Call("GET", std::string(kTables)).body["identifiers"].size(), 1u);
}

TEST_F(RestTest, StagedCreationCommitsNothingUntilItsCommit) {
  MakeOrders();
  json request = OrdersRequest("staged");
  request["stage-create"] = true;
  const Answer staged = Call("POST", kTables, request);
  ASSERT_EQ(staged.status, 200) << staged.body;
  EXPECT_FALSE(staged.body.contains("metadata-location"));
  EXPECT_TRUE(std::filesystem::is_directory(
      std::filesystem::path(io::LocalPath(staged.body["metadata"]["location"].get<std::string>())) / "data"));
  EXPECT_EQ(Call("GET", std::string(kTables) + "/staged").status, 404);

  const json& metadata = staged.body["metadata"];
  const json commit = {
      {"requirements", json::array({{{"type", "assert-create"}}})},
      {"updates", json::array({{{"action", "assign-uuid"}, {"uuid", metadata["table-uuid"]}},
                               {{"action", "upgrade-format-version"}, {"format-version", 2}},
                               {{"action", "add-schema"}, {"schema", metadata["schemas"][0]}, {"last-column-id", 2}},
                               {{"action", "set-current-schema"}, {"schema-id", -1}},
                               {{"action", "add-spec"}, {"spec", metadata["partition-specs"][0]}},
                               {{"action", "set-default-spec"}, {"spec-id", -1}},
                               {{"action", "add-sort-order"}, {"sort-order", metadata["sort-orders"][0]}},
                               {{"action", "set-default-sort-order"}, {"sort-order-id", -1}},
                               {{"action", "set-location"}, {"location", metadata["location"]}}})}};
  const Answer committed = Call("POST", std::string(kTables) + "/staged", commit);
  ASSERT_EQ(committed.status, 200) << committed.body;
  EXPECT_EQ(committed.body["metadata"]["table-uuid"], metadata["table-uuid"]);
  EXPECT_EQ(committed.body["metadata"]["location"], metadata["location"]);
  EXPECT_EQ(committed.body["metadata"]["properties"]["gc.enabled"], "false");
  // The same commit again, as when its answer was lost; another creation of the name is refused.
  const Answer again = Call("POST", std::string(kTables) + "/staged", commit);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_EQ(again.body["metadata-location"], committed.body["metadata-location"]);
  json other = commit;
  other["updates"][0]["uuid"] = "00000000-0000-4000-8000-000000000000";
  EXPECT_EQ(Call("POST", std::string(kTables) + "/staged", other).type(), "AlreadyExistsException");
}

TEST_F(RestTest, CommitsCheckTheirRequirementsOnTheNewestState) {
  MakeOrders();
  const std::string uuid = Call("GET", kOrders).body["metadata"]["table-uuid"];
  json commit = SetProperty("x", "1");
  commit["requirements"] = json::array({{{"type", "assert-table-uuid"}, {"uuid", uuid}}});
  EXPECT_EQ(Call("POST", kOrders, commit).body["metadata"]["properties"]["x"], "1");
  commit["requirements"] =
      json::array({{{"type", "assert-table-uuid"}, {"uuid", "00000000-0000-4000-8000-000000000000"}}});
  const Answer conflict = Call("POST", kOrders, commit);
  EXPECT_EQ(conflict.status, 409);
  EXPECT_EQ(conflict.type(), "CommitFailedException");
  EXPECT_EQ(Call("POST", std::string(kTables) + "/none", commit).type(), "NoSuchTableException");
  EXPECT_EQ(Call("POST", kOrders, SetProperty("gc.enabled", "true")).status / 100, 4);
  json unknown = SetProperty("x", "1");
  unknown["updates"] = json::array({{{"action", "no-such-action"}}});
  EXPECT_EQ(Call("POST", kOrders, unknown).status, 400);
  EXPECT_EQ(Call("GET", kOrders).body["metadata"]["properties"]["gc.enabled"], "false");
}

TEST_F(RestTest, CommitsWithoutAClashAllLand) {
  MakeOrders();
  constexpr int kThreads = 4, kEach = 5;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = "p" + std::to_string(thread) + "." + std::to_string(i);
        // No requirement fails, so only a pointer that moves five times in a row is the client's matter.
        while (Call("POST", kOrders, SetProperty(name, "x")).status == 409) {}
      }
    });
  }
  threads.clear();
  const json properties = Call("GET", kOrders).body["metadata"]["properties"];
  for (int thread = 0; thread < kThreads; ++thread) {
    for (int i = 0; i < kEach; ++i) {
      EXPECT_TRUE(properties.contains("p" + std::to_string(thread) + "." + std::to_string(i)));
    }
  }
}

TEST_F(RestTest, TransactionsMoveAllTablesOrNone) {
  MakeOrders();
  ASSERT_EQ(Call("POST", kTables, OrdersRequest("lines")).status, 200);
  const auto change = [](const char* table, const std::string& value, json requirements) {
    json one = SetProperty("x", value);
    one["requirements"] = std::move(requirements);
    one["identifier"] = {{"namespace", {"shop"}}, {"name", table}};
    return one;
  };
  const json wrong = json::array({{{"type", "assert-table-uuid"}, {"uuid", "00000000-0000-4000-8000-000000000000"}}});
  const lake::CommitId before = Main().commit;
  EXPECT_EQ(Call("POST", "/v1/lake/transactions/commit",
                 {{"table-changes", {change("orders", "1", json::array()), change("lines", "1", wrong)}}})
                .status,
            409);
  EXPECT_EQ(Main().commit, before);
  EXPECT_FALSE(Call("GET", kOrders).body["metadata"]["properties"].contains("x"));
  EXPECT_EQ(Call("POST", "/v1/lake/transactions/commit",
                 {{"table-changes", {change("orders", "2", json::array()), change("lines", "2", json::array())}}})
                .status,
            204);
  EXPECT_EQ(Call("GET", kOrders).body["metadata"]["properties"]["x"], "2");
  EXPECT_EQ(Call("GET", std::string(kTables) + "/lines").body["metadata"]["properties"]["x"], "2");
  EXPECT_EQ(catalog_->Log("main", 1)->front().changes.size(), 2u);  // one commit
  EXPECT_EQ(Call("POST", "/v1/lake/transactions/commit",
                 {{"table-changes", {change("orders", "3", json::array()), change("orders", "3", json::array())}}})
                .status,
            400);
  EXPECT_EQ(Call("POST", "/v1/lake/transactions/commit", {{"table-changes", json::array()}}).status, 400);
}

TEST_F(RestTest, RenameDropAndRegister) {
  MakeOrders();
  const json orders = {{"namespace", {"shop"}}, {"name", "orders"}};
  const json sales = {{"namespace", {"shop"}}, {"name", "sales"}};
  const std::string uuid = Call("GET", kOrders).body["metadata"]["table-uuid"];
  EXPECT_EQ(Call("POST", "/v1/lake/tables/rename", {{"source", orders}, {"destination", sales}}).status, 204);
  EXPECT_EQ(Call("HEAD", kOrders).status, 404);
  const Answer renamed = Call("GET", std::string(kTables) + "/sales");
  EXPECT_EQ(renamed.body["metadata"]["table-uuid"], uuid);
  EXPECT_EQ(Call("POST", "/v1/lake/tables/rename", {{"source", orders}, {"destination", sales}}).status, 404);
  ASSERT_EQ(Call("POST", kTables, OrdersRequest()).status, 200);
  EXPECT_EQ(Call("POST", "/v1/lake/tables/rename", {{"source", orders}, {"destination", sales}}).status, 409);

  const std::string file = renamed.body["metadata-location"];
  EXPECT_EQ(Call("DELETE", std::string(kTables) + "/sales?purgeRequested=true").status, 204);
  EXPECT_EQ(Call("DELETE", std::string(kTables) + "/sales").status, 404);
  EXPECT_TRUE(std::filesystem::exists(io::LocalPath(file)));  // a tombstone: other refs may need the files
  const Answer registered =
      Call("POST", "/v1/lake/namespaces/shop/register", {{"name", "again"}, {"metadata-location", file}});
  ASSERT_EQ(registered.status, 200) << registered.body;
  EXPECT_EQ(registered.body["metadata"]["table-uuid"], uuid);
  EXPECT_EQ(
      Call("POST", "/v1/lake/namespaces/shop/register", {{"name", "bad"}, {"metadata-location", "/etc/passwd"}}).status,
      400);
}

TEST_F(RestTest, RegisteredTablesKeepTheirFiles) {
  MakeOrders();
  const Answer loaded = Call("GET", kOrders);
  json metadata = loaded.body["metadata"];
  metadata["properties"].erase("gc.enabled");
  const std::string file = io::JoinUri(metadata["location"].get<std::string>(), "metadata/other.metadata.json");
  ASSERT_TRUE(files_->WriteNew(file, metadata.dump()).ok());
  const Answer registered =
      Call("POST", "/v1/lake/namespaces/shop/register", {{"name", "again"}, {"metadata-location", file}});
  ASSERT_EQ(registered.status, 200) << registered.body;
  EXPECT_EQ(registered.body["metadata"]["properties"]["gc.enabled"], "false");
  EXPECT_NE(registered.body["metadata-location"], file);
}

TEST_F(RestTest, ListsPageByPage) {
  MakeOrders();
  for (const char* name : {"a", "b", "c"}) ASSERT_EQ(Call("POST", kTables, OrdersRequest(name)).status, 200);
  const Answer all = Call("GET", kTables);
  EXPECT_EQ(all.body["identifiers"].size(), 4u);
  EXPECT_TRUE(all.body["next-page-token"].is_null());
  const Answer page = Call("GET", std::string(kTables) + "?pageSize=3&pageToken=");
  EXPECT_EQ(page.body["identifiers"].size(), 3u);
  const Answer rest = Call("GET", std::string(kTables) + "?pageSize=3&pageToken=" +
                                      PercentEncode(page.body["next-page-token"].get<std::string>()));
  EXPECT_EQ(rest.body["identifiers"], json::parse(R"([{"namespace":["shop"],"name":"orders"}])"));
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/shop/views").body["identifiers"], json::array());
}

TEST_F(RestTest, SpacesInNamesCanBeWrittenBothWays) {
  ASSERT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"my shop"}}}).status, 200);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/my%20shop").status, 200);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces/my+shop").status, 200);
}

TEST_F(RestTest, OtherEnginesWriteOnlyWhereTheyMay) {
  MakeOrders();
  ASSERT_EQ(Call("POST", "/v1/lake/namespaces/shop/properties", {{"updates", {{kOwner, "flights"}}}}).status, 200);
  who_ = {"guest", Scope::kWrite, "t"};
  const Answer refused = Call("POST", kOrders, SetProperty("x", "1"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.type(), "ForbiddenException");
  EXPECT_NE(refused.message().find("SERVE-305"), std::string::npos);
  EXPECT_EQ(Call("DELETE", kOrders).status, 403);
  EXPECT_EQ(Call("POST", kTables, OrdersRequest("other")).status, 403);
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/shop/properties", {{"updates", {{kExternalWrites, "allow"}}}}).status,
            403);
  EXPECT_EQ(Call("GET", kOrders).status, 200);
  who_ = {"admin", Scope::kAdmin, "t"};
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/shop/properties", {{"updates", {{kExternalWrites, "allow"}}}}).status,
            200);
  who_ = {"guest", Scope::kWrite, "t"};
  EXPECT_EQ(Call("POST", kOrders, SetProperty("x", "1")).status, 200);
  who_ = {"reader", Scope::kRead, "t"};
  EXPECT_EQ(Call("POST", kOrders, SetProperty("x", "2")).status, 403);
  EXPECT_EQ(Call("GET", kOrders).status, 200);
}

TEST_F(RestTest, CommitsOfOtherEnginesAreRunsOfTheirOwn) {
  MakeOrders();
  ASSERT_EQ(Call("POST", kOrders, SetProperty("x", "1")).status, 200);
  const auto log = catalog_->Log("main", 1);
  ASSERT_TRUE(log.ok());
  const lake::CommitInfo& info = log->front().info;
  EXPECT_EQ(info.kind, "external");
  EXPECT_EQ(info.author, "tester");
  const auto runs = store_->Read("SELECT commit_id, options FROM run WHERE id = ?1", {info.run_id});
  ASSERT_TRUE(runs.ok());
  ASSERT_EQ(runs->size(), 1u);
  EXPECT_EQ(runs->Int(0, 0), log->front().id);
  EXPECT_EQ(json::parse(runs->Text(0, 1))["client"], "test");
}

TEST_F(RestTest, BranchesHaveTheirOwnTablesAndCommitsAreReadOnly) {
  MakeOrders();
  ASSERT_TRUE(catalog_->CreateBranch("env/dev", lake::RefKind::kEnv, Main()).ok());
  ASSERT_TRUE(catalog_->CreateTag("tag/v1.2", Main()).ok());
  const std::string snapshot = Call("GET", "/v1/config?warehouse=lake@snapshot").body["overrides"]["prefix"];
  EXPECT_EQ(snapshot, "lake~c~" + std::to_string(Main().commit));
  const std::string dev = "/v1/lake~env~dev/namespaces/shop/tables";
  EXPECT_EQ(Call("POST", dev, OrdersRequest("only_dev")).status, 200);
  EXPECT_EQ(Call("POST", dev + "/orders", SetProperty("x", "dev")).status, 200);
  EXPECT_EQ(Call("HEAD", std::string(kTables) + "/only_dev").status, 404);
  EXPECT_FALSE(Call("GET", kOrders).body["metadata"]["properties"].contains("x"));
  EXPECT_EQ(Call("GET", dev + "/orders").body["metadata"]["properties"]["x"], "dev");

  ASSERT_EQ(Call("POST", kOrders, SetProperty("x", "main")).status, 200);
  for (const std::string& prefix : {snapshot, std::string("lake~tag~v1.2e2")}) {
    const std::string then = "/v1/" + prefix + "/namespaces/shop/tables/orders";
    EXPECT_EQ(Call("GET", then).status, 200) << prefix;
    EXPECT_FALSE(Call("GET", then).body["metadata"]["properties"].contains("x")) << prefix;
    const Answer written = Call("POST", then, SetProperty("x", "no"));
    EXPECT_EQ(written.status, 403) << prefix;
    EXPECT_NE(written.message().find("SERVE-307"), std::string::npos) << written.message();
  }
  EXPECT_EQ(Call("GET", "/v1/lake~env~none/namespaces").status, 404);
  EXPECT_EQ(Call("GET", "/v1/lake~c~999/namespaces").status, 404);
}

TEST_F(RestTest, ARunsBranchIsItsOwn) {
  MakeOrders();
  ASSERT_TRUE(catalog_->CreateBranch("run/01970000-0000-7000-8000-000000000000", lake::RefKind::kRun, Main()).ok());
  const std::string orders = "/v1/lake~run~01970000-0000-7000-8000-000000000000/namespaces/shop/tables/orders";
  EXPECT_EQ(Call("GET", orders).status, 200);
  EXPECT_EQ(Call("POST", orders, SetProperty("x", "1")).status, 403);
}

TEST_F(RestTest, WhatIsNotAsDescribedIsRefused) {
  MakeOrders();
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces?pageSize=9223372036854775808").status, 400);
  EXPECT_EQ(Call("GET", std::string(kOrders) + "?snapshots=some").status, 400);
  EXPECT_EQ(Call("GET", std::string(kOrders) + "?snapshots=all").status, 200);
  EXPECT_EQ(Call("DELETE", std::string(kOrders) + "?purgeRequested=maybe").status, 400);
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/shop/properties", {{"removals", json::object()}}).status, 400);
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/shop/properties", {{"removals", nullptr}}).status, 200);
  const auto update = [this](const json& one) {
    return Call("POST", kOrders, {{"requirements", json::array()}, {"updates", json::array({one})}}).status;
  };
  EXPECT_EQ(update({{"action", "remove-properties"}, {"removals", {1}}}), 400);
  EXPECT_EQ(update({{"action", "set-properties"}, {"updates", {"a", "b"}}}), 400);
  EXPECT_EQ(update({{"action", "set-properties"}, {"updates", "a"}}), 400);
  // What came in as the description of a file of statistics stands in the metadata as it is: others have to read it.
  json statistics = {{"snapshot-id", 1}, {"statistics-path", "s"}, {"file-size-in-bytes", 1}};
  const auto set = [&](const char* action, const char* member) {
    return update({{"action", action}, {member, statistics}});
  };
  EXPECT_EQ(set("set-partition-statistics", "partition-statistics"), 200);
  EXPECT_EQ(set("set-statistics", "statistics"), 400);
  statistics["file-footer-size-in-bytes"] = 1;
  statistics["blob-metadata"] =
      json::array({{{"type", "t"}, {"snapshot-id", 1}, {"sequence-number", 1}, {"fields", {1}}}});
  EXPECT_EQ(set("set-statistics", "statistics"), 200);
  statistics["blob-metadata"][0]["fields"] = "none";
  EXPECT_EQ(set("set-statistics", "statistics"), 400);
  statistics["blob-metadata"][0]["fields"] = json::array({4294967297});
  EXPECT_EQ(set("set-statistics", "statistics"), 400);
  statistics["blob-metadata"][0]["fields"] = json::array({1});
  statistics["blob-metadata"][0]["properties"] = {{"a", 1}};
  EXPECT_EQ(set("set-statistics", "statistics"), 400);
  statistics["blob-metadata"][0]["properties"] = nullptr;
  EXPECT_EQ(set("set-statistics", "statistics"), 400);
  EXPECT_EQ(update({{"action", "add-schema"},
                    {"schema", {{"type", "struct"}, {"schema-id", 4294967297}, {"fields", json::array()}}}}),
            400);
  EXPECT_EQ(update({{"action", "remove-schemas"}, {"schema-ids", {4294967297}}}), 400);  // not schema 1
  statistics["file-size-in-bytes"] = "many";
  EXPECT_EQ(set("set-partition-statistics", "partition-statistics"), 400);
}

TEST_F(RestTest, UnknownPathsAndMethods) {
  EXPECT_EQ(Call("GET", "/").status, 404);
  EXPECT_EQ(Call("GET", "/v2/lake/namespaces").status, 404);
  EXPECT_EQ(Call("GET", "/v1/lake/nonsense").status, 404);
  EXPECT_EQ(Call("PATCH", "/v1/lake/namespaces").status, 405);
  EXPECT_EQ(Raw("PATCH", "/v1/lake/namespaces").headers.front(),
            std::make_pair(std::string("Allow"), std::string("GET, POST")));
}

TEST_F(RestTest, TokensComeBackFromTheTokenEndpoint) {
  TokenVerifier verifier(*store_, SystemClock());
  const RestCatalog rest(*catalog_, SystemClock(), &verifier);
  const auto token = CreateToken(*store_, "ann", Scope::kWrite, std::nullopt);
  ASSERT_TRUE(token.ok());
  Request request;
  request.method = "POST";
  request.body = "grant_type=client_credentials&client_id=ann&client_secret=" + token->secret;
  const Response issued = rest.IssueToken(request);
  EXPECT_EQ(issued.status, 200);
  EXPECT_EQ(json::parse(*issued.body)["access_token"], token->secret);
  request.body = "grant_type=client_credentials&client_id=ann&client_secret=wrong";
  EXPECT_EQ(rest.IssueToken(request).status, 401);
  EXPECT_EQ(json::parse(*rest.IssueToken(request).body)["error"], "invalid_client");
  request.body = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&subject_token=" + token->secret;
  EXPECT_EQ(rest.IssueToken(request).status, 400);
  EXPECT_EQ(json::parse(*rest.IssueToken(request).body)["error"], "unsupported_grant_type");
  request.body = "";
  EXPECT_EQ(json::parse(*rest.IssueToken(request).body)["error"], "invalid_request");
}

TEST_F(RestTest, ClientsGetTokensForAnHour) {
  TokenVerifier verifier(*store_, SystemClock());
  const RestCatalog rest(*catalog_, SystemClock(), &verifier);
  const auto client = CreateToken(*store_, "spark", Scope::kWrite, std::nullopt, {}, /*client=*/true);
  ASSERT_TRUE(client.ok());
  EXPECT_FALSE(verifier.Verify(client->secret).ok());  // the secret itself opens nothing
  Request request;
  request.method = "POST";
  request.body = "grant_type=client_credentials&scope=catalog&client_id=spark&client_secret=" + client->secret;
  const Response issued = rest.IssueToken(request);
  ASSERT_EQ(issued.status, 200);
  const json answer = json::parse(*issued.body);
  EXPECT_NE(answer["access_token"], client->secret);
  EXPECT_GT(answer["expires_in"], 3590);
  EXPECT_LE(answer["expires_in"], 3600);
  const auto who = verifier.Verify(answer["access_token"].get<std::string>());
  ASSERT_TRUE(who.ok());
  EXPECT_EQ(who->user, "spark");
  EXPECT_EQ(who->scope, Scope::kWrite);
  request.body = "grant_type=client_credentials&client_id=other&client_secret=" + client->secret;
  EXPECT_EQ(rest.IssueToken(request).status, 401);
  // The same by HTTP's Basic, here "x:y".
  request.body = "grant_type=client_credentials";
  request.headers["authorization"] = "Basic eDp5";
  EXPECT_EQ(rest.IssueToken(request).status, 401);
  ASSERT_EQ(ListTokens(*store_)->size(), 1u);  // issued tokens are the client's
  EXPECT_TRUE(ListTokens(*store_)->front().client);
  ASSERT_TRUE(RevokeToken(*store_, client->id).ok());
  const auto rows = store_->Read("SELECT count(*) FROM token WHERE revoked_at IS NULL");
  EXPECT_EQ(rows->Int(0, 0), 0);
  request.headers.clear();
  request.body = "grant_type=client_credentials&client_id=spark&client_secret=" + client->secret;
  EXPECT_EQ(rest.IssueToken(request).status, 401);
}

TEST_F(RestTest, TokensForSomeTablesOnly) {
  MakeOrders();
  ASSERT_EQ(Call("POST", kTables, OrdersRequest("secret")).status, 200);
  ASSERT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"hr"}}}).status, 200);
  const auto token =
      CreateToken(*store_, "guest", Scope::kWrite, std::nullopt, *TableRights::Make({"shop.orders", "shop.new_*"}));
  ASSERT_TRUE(token.ok());
  who_ = *TokenVerifier(*store_, SystemClock()).Verify(token->secret);
  EXPECT_EQ(Call("GET", kOrders).status, 200);
  EXPECT_EQ(Call("POST", kOrders, SetProperty("x", "1")).status, 200);
  const std::string secret = std::string(kTables) + "/secret";
  for (const Answer& answer :
       {Call("GET", secret), Call("HEAD", secret), Call("DELETE", secret), Call("POST", secret, SetProperty("x", "1")),
        Call("GET", std::string(kTables) + "/none"), Call("POST", secret + "/plan", json::object()),
        Call("POST", kTables, OrdersRequest("other")),
        Call("POST", "/v1/lake/namespaces/shop/register", {{"name", "other"}, {"metadata-location", "x"}}),
        Call("POST", "/v1/lake/namespaces", {{"namespace", {"mine"}}}), Call("DELETE", "/v1/lake/namespaces/shop"),
        Call("POST", "/v1/lake/tables/rename",
             {{"source", {{"namespace", {"shop"}}, {"name", "orders"}}},
              {"destination", {{"namespace", {"shop"}}, {"name", "other"}}}})}) {
    EXPECT_EQ(answer.status, 403) << answer.body;
  }
  EXPECT_NE(Call("GET", secret).message().find("SERVE-206"), std::string::npos);
  EXPECT_EQ(Call("POST", kTables, OrdersRequest("new_one")).status, 200);
  EXPECT_EQ(Call("GET", kTables).body["identifiers"].size(), 2u);
  EXPECT_EQ(Call("GET", "/v1/lake/namespaces").body["namespaces"], json::parse(R"([["shop"]])"));
  // Lists are kept for those who ask again: for each with what he may see, whatever he sends along.
  const Identity guest = who_;
  who_ = {"admin", Scope::kAdmin, ""};
  EXPECT_EQ(Call("GET", kTables).body["identifiers"].size(), 3u);
  who_ = {"other", Scope::kRead, "t", *TableRights::Make({"shop.secret", "shop.orders"})};
  EXPECT_EQ(Call("GET", std::string(kTables) + "?pageToken=").body["identifiers"].size(), 2u);
  who_ = {"mallory", Scope::kRead, "t", *TableRights::Make({"shop.orders"})};
  EXPECT_EQ(Call("GET", std::string(kTables) + "?pageToken=%0Amay%20shop.secret").body["identifiers"].size(), 1u);
  EXPECT_EQ(Call("GET", std::string(kTables) + "?pageToken=%FF").status, 400);
  who_ = guest;
  EXPECT_EQ(Call("GET", kTables).body["identifiers"].size(), 2u);
}

}  // namespace
}  // namespace leat::serve::iceberg
