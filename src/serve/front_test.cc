#include "serve/front.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "serve/iceberg/rest_fixture.h"

namespace leat::serve {
namespace {

using nlohmann::json;

/// Two warehouses of one server, each with a state of its own.
class FrontTest : public iceberg::RestFixture {
 protected:
  void SetUp() override {
    RestFixture::SetUp();
    state::StoreOptions options;
    options.durable = false;
    auto store = state::Store::Open((folder_ / "money.db").string(), options);
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    money_store_ = std::move(*store);
    lake::CatalogOptions catalog_options;
    catalog_options.warehouse_root = io::FileUri((folder_ / "money").string());
    catalog_options.warehouse_name = "money";
    auto catalog = lake::Catalog::Open(*money_store_, *files_, catalog_options);
    ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
    money_ = std::move(*catalog);
    const std::vector<lake::Catalog*> catalogs = {catalog_.get(), money_.get()};
    auto warehouses = iceberg::Warehouses::Make(catalogs, SystemClock(), nullptr, {});
    ASSERT_TRUE(warehouses.ok());
    warehouses_ = std::move(*warehouses);
    front_ = std::make_unique<Front>(catalogs, *warehouses_, nullptr);
  }

  Response Ask(const std::string& method, const std::string& path) {
    Request request;
    request.method = method;
    request.path = path;
    request.headers["host"] = "localhost";
    return front_->Handle(request);
  }

  std::unique_ptr<state::Store> money_store_;
  std::unique_ptr<lake::Catalog> money_;
  std::unique_ptr<iceberg::Warehouses> warehouses_;
  std::unique_ptr<Front> front_;
};

TEST_F(FrontTest, HealthIsThatOfEveryWarehouse) {
  Response answer = Ask("GET", "/healthz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(*answer.body), json::parse(R"({"status":"ok","warehouses":{"lake":"ok","money":"ok"}})"));
  ASSERT_TRUE(money_store_
                  ->Write([](state::Transaction& tx) -> Status {
                    LEAT_TRY(tx.Execute("ALTER TABLE ref RENAME TO gone"));
                    return Ok();
                  })
                  .ok());
  answer = Ask("GET", "/healthz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(json::parse(*answer.body), json::parse(R"({"status":"unavailable","warehouses":{"lake":"ok",
                                                       "money":"the state store does not answer"}})"));
  EXPECT_EQ(Ask("HEAD", "/healthz").status, 503);
}

TEST_F(FrontTest, MethodsOfAPathThatIsServed) {
  const Response answer = Ask("DELETE", "/healthz");
  EXPECT_EQ(answer.status, 405);
  ASSERT_EQ(answer.headers.front().first, "Allow");
  EXPECT_EQ(answer.headers.front().second, "GET, HEAD");
  EXPECT_EQ(Ask("GET", "/healthz/more").status, 404);
  EXPECT_EQ(Ask("GET", "/iceberg").status, 404);
}

TEST_F(FrontTest, EveryOperationIsDispatched) {
  // With names of nothing: what is not found is a warehouse, a namespace or a table, never the endpoint.
  for (const openapi::Operation& operation : Front::Operations()) {
    std::string path = operation.path;
    for (size_t open; (open = path.find('{')) != std::string::npos;)
      path.replace(open, path.find('}') - open + 1, path.compare(open, 8, "{prefix}") == 0 ? "money" : "none");
    const Response answer = Ask(std::string(operation.method), path);
    const std::string body = answer.body ? *answer.body : "";
    EXPECT_EQ(body.find("no such endpoint"), std::string::npos) << operation.id << ": " << body;
    EXPECT_NE(answer.status, 405) << operation.id;
  }
}

}  // namespace
}  // namespace leat::serve
