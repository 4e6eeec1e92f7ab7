// Requests that are nearly right: every member of valid bodies replaced by a value of another type, or left out. Whatever
// comes, the answer is the client's fault or a success, never ours.
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

#include "serve/iceberg/rest_fixture.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

void CollectPaths(const json& value, const json::json_pointer& at, std::vector<json::json_pointer>& paths) {
  if (!at.empty()) paths.push_back(at);
  if (value.is_object()) {
    for (const auto& [key, member] : value.items()) CollectPaths(member, at / key, paths);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) CollectPaths(value[i], at / i, paths);
  }
}

/// Calls `body` for every mutation of `valid`.
void ForEachMutation(const json& valid, const std::function<void(const json&)>& body) {
  static const std::vector<json> replacements = {
      nullptr,          true,           -1,          9'223'372'036'854'775'807LL, 1.5, "", "x", json::array(),
      json::array({1}), json::object(), {{"a", "b"}}};
  std::vector<json::json_pointer> paths;
  CollectPaths(valid, json::json_pointer(), paths);
  for (const auto& path : paths) {
    for (const json& replacement : replacements) {
      json mutated = valid;
      mutated[path] = replacement;
      body(mutated);
    }
    json without = valid;
    json& parent = without[path.parent_pointer()];
    if (parent.is_object()) {
      parent.erase(path.back());
      body(without);
    }
  }
}

class MutationTest : public RestFixture {
 protected:
  void Hold(const std::string& method, const std::string& target, const json& valid) {
    int refused = 0;
    ForEachMutation(valid, [&](const json& mutated) {
      const Answer answer = Call(method, target, mutated);
      EXPECT_LT(answer.status, 500) << method << " " << target << " " << mutated.dump() << "\n" << answer.body;
      if (answer.status >= 400) {
        ++refused;
        EXPECT_FALSE(answer.message().empty()) << mutated.dump();
      }
    });
    EXPECT_GT(refused, 0) << target;
  }
};

TEST_F(MutationTest, Namespaces) {
  Hold("POST", "/v1/lake/namespaces", {{"namespace", {"a"}}, {"properties", {{"k", "v"}}}});
  ASSERT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"shop"}}}).status, 200);
  Hold("POST", "/v1/lake/namespaces/shop/properties", {{"updates", {{"k", "v"}}}, {"removals", {"x"}}});
}

TEST_F(MutationTest, CreateTable) {
  ASSERT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"shop"}}}).status, 200);
  const json valid = json::parse(R"json({"name":"t","stage-create":true,"properties":{"k":"v","format-version":"2"},
    "schema":{"type":"struct","schema-id":0,"identifier-field-ids":[1],"fields":[
      {"id":1,"name":"a","type":"long","required":true,"doc":"d"},
      {"id":2,"name":"l","required":false,
       "type":{"type":"list","element-id":3,"element":"decimal(9,2)","element-required":false}},
      {"id":4,"name":"m","required":false,
       "type":{"type":"map","key-id":5,"key":"string","value-id":6,"value":"fixed[4]","value-required":false}}]},
    "partition-spec":{"spec-id":0,"fields":[{"source-id":1,"field-id":1000,"name":"b","transform":"bucket[4]"}]},
    "write-order":{"order-id":1,"fields":[
      {"source-id":1,"transform":"identity","direction":"asc","null-order":"nulls-first"}]}})json");
  EXPECT_EQ(Call("POST", "/v1/lake/namespaces/shop/tables", valid).status, 200);
  Hold("POST", "/v1/lake/namespaces/shop/tables", valid);
}

TEST_F(MutationTest, CommitTable) {
  MakeOrders();
  const json metadata = Call("GET", kOrders).body["metadata"];
  const std::string list = metadata["location"].get<std::string>() + "/metadata/snap-1.avro";
  json valid = json::parse(R"({"identifier":{"namespace":["shop"],"name":"orders"},"requirements":[
    {"type":"assert-ref-snapshot-id","ref":"main","snapshot-id":null},{"type":"assert-current-schema-id","current-schema-id":0},
    {"type":"assert-last-assigned-field-id","last-assigned-field-id":2},{"type":"assert-default-spec-id","default-spec-id":0},
    {"type":"assert-last-assigned-partition-id","last-assigned-partition-id":999},
    {"type":"assert-default-sort-order-id","default-sort-order-id":0}],
   "updates":[
    {"action":"add-schema","schema":{"type":"struct","schema-id":1,"fields":[{"id":1,"name":"id","type":"long","required":true}]}},
    {"action":"set-current-schema","schema-id":-1},
    {"action":"add-spec","spec":{"spec-id":1,"fields":[{"source-id":1,"field-id":1000,"name":"b","transform":"bucket[4]"}]}},
    {"action":"set-default-spec","spec-id":-1},
    {"action":"add-sort-order","sort-order":{"order-id":1,"fields":[{"source-id":1,"transform":"identity","direction":"asc",
      "null-order":"nulls-first"}]}},
    {"action":"set-default-sort-order","sort-order-id":-1},
    {"action":"add-snapshot","snapshot":{"snapshot-id":1,"sequence-number":1,"timestamp-ms":1700000000000,"manifest-list":"",
      "summary":{"operation":"append"},"schema-id":0}},
    {"action":"set-snapshot-ref","ref-name":"other","type":"branch","snapshot-id":1},
    {"action":"remove-snapshot-ref","ref-name":"other"},
    {"action":"set-properties","updates":{"k":"v"}},{"action":"remove-properties","removals":["x"]}]})");
  valid["updates"][6]["snapshot"]["manifest-list"] = list;
  valid["updates"][6]["snapshot"]["timestamp-ms"] = metadata["last-updated-ms"];
  // Never commits, so that each mutation meets the same table.
  valid["requirements"].push_back({{"type", "assert-table-uuid"}, {"uuid", "00000000-0000-4000-8000-000000000000"}});
  Hold("POST", kOrders, valid);
  valid["requirements"].erase(valid["requirements"].size() - 1);
  Hold("POST", kOrders, valid);
  Hold("POST", "/v1/lake/transactions/commit", {{"table-changes", {valid}}});
}

TEST_F(MutationTest, RenameAndRegister) {
  MakeOrders();
  Hold("POST", "/v1/lake/tables/rename",
       {{"source", {{"namespace", {"shop"}}, {"name", "orders"}}},
        {"destination", {{"namespace", {"none"}}, {"name", "b"}}}});
  Hold(
      "POST", "/v1/lake/namespaces/shop/register",
      {{"name", "orders"}, {"metadata-location", Call("GET", kOrders).body["metadata-location"]}, {"overwrite", true}});
}

}  // namespace
}  // namespace leat::serve::iceberg
