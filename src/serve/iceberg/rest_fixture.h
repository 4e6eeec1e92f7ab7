#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "serve/iceberg/rest.h"

namespace leat::serve::iceberg {

inline constexpr const char* kTables = "/v1/lake/namespaces/shop/tables";
inline constexpr const char* kOrders = "/v1/lake/namespaces/shop/tables/orders";

inline nlohmann::json OrdersRequest(const std::string& name = "orders") {
  return {
      {"name", name},
      {"schema",
       {{"type", "struct"},
        {"fields", nlohmann::json::array({{{"id", 0}, {"name", "id"}, {"type", "long"}, {"required", true}},
                                          {{"id", 1}, {"name", "note"}, {"type", "string"}, {"required", false}}})}}},
      {"properties", {{"owner", "tests"}}}};
}

inline nlohmann::json SetProperty(const std::string& name, const std::string& value) {
  return {{"requirements", nlohmann::json::array()},
          {"updates", nlohmann::json::array({{{"action", "set-properties"}, {"updates", {{name, value}}}}})}};
}

/// A catalogue on a real SQLite state and a local warehouse, called as the HTTP server calls it.
class RestFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("leat-rest-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "warehouse");
    files_ = io::MakeLocalFileSystem(/*durable=*/false);
    state::StoreOptions options;
    options.durable = false;
    auto store = state::Store::Open((folder_ / "state.db").string(), options);
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    store_ = std::move(*store);
    lake::CatalogOptions catalog_options;
    catalog_options.warehouse_root = io::FileUri((folder_ / "warehouse").string());
    auto catalog = lake::Catalog::Open(*store_, *files_, catalog_options);
    ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
    catalog_ = std::move(*catalog);
    rest_ = std::make_unique<RestCatalog>(*catalog_, SystemClock(), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  struct Answer {
    int status = 0;
    nlohmann::json body;
    std::string type() const {
      return body.is_object() ? body.value(nlohmann::json::json_pointer("/error/type"), "") : "";
    }
    std::string message() const {
      return body.is_object() ? body.value(nlohmann::json::json_pointer("/error/message"), "") : "";
    }
  };

  Response Raw(const std::string& method, const std::string& target, const nlohmann::json& body = nullptr,
               std::map<std::string, std::string> headers = {}) {
    Request request;
    request.method = method;
    const size_t question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = ParseForm(target.substr(question + 1));
    if (!body.is_null()) request.body = body.is_string() ? body.get<std::string>() : body.dump();
    request.headers = std::move(headers);
    request.headers["user-agent"] = "test";
    return rest_->Handle(request, request.path, who_);
  }

  Answer Call(const std::string& method, const std::string& target, const nlohmann::json& body = nullptr) {
    const Response response = Raw(method, target, body);
    return {response.status, response.body ? nlohmann::json::parse(*response.body) : nlohmann::json()};
  }

  void MakeOrders() {
    ASSERT_EQ(Call("POST", "/v1/lake/namespaces", {{"namespace", {"shop"}}}).status, 200);
    const Answer created = Call("POST", kTables, OrdersRequest());
    ASSERT_EQ(created.status, 200) << created.body;
  }

  lake::View Main() { return *catalog_->Resolve("main"); }

  std::filesystem::path folder_;
  std::unique_ptr<io::FileSystem> files_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<lake::Catalog> catalog_;
  std::unique_ptr<RestCatalog> rest_;
  Identity who_{"tester", Scope::kAdmin, ""};
};

}  // namespace leat::serve::iceberg
