#include <gtest/gtest.h>

#include <fstream>

#include "sql/settings.h"
#include "sql/test_engine.h"
#include "test/support/s3_server.h"
#include "test/support/temp_folder.h"

namespace leat::sql {
namespace {

ObjectStore Store(const std::string& endpoint) {
  io::s3::StorageSettings settings;
  settings.endpoint = endpoint;
  ObjectStore store;
  store.scope = "s3://lake/engine";
  store.endpoint = *io::s3::Resolve(settings, [](const std::string&) { return std::nullopt; });
  store.credentials = []() -> Result<io::s3::Credentials> {
    return io::s3::Credentials{"leat-test-key", "leat-test-secret", "", 0, "the test"};
  };
  return store;
}

TEST(ObjectStore, SecretOfTheEngine) {
  const ObjectStore store = Store("https://s3.example.com");
  EXPECT_EQ(StoreSecretSql(store, {"id", "it's", "token", 0, ""}),
            "CREATE OR REPLACE TEMPORARY SECRET leat_warehouse (TYPE s3, PROVIDER config, KEY_ID 'id', SECRET 'it''s', "
            "SESSION_TOKEN 'token', REGION 'us-east-1', ENDPOINT 's3.example.com', URL_STYLE 'path', "
            "SCOPE 's3://lake/engine/', USE_SSL true)");
}

class ObjectStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    LEAT_NEEDS_OBJECT_STORE();
    Open(test::S3Server::Get().url());
  }

  void Open(const std::string& endpoint) {
    EngineOptions options;
    options.private_folder = folder_ / "private";
    options.allowed_folders = {"s3://lake/engine"};
    options.store = Store(endpoint);
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = std::move(*engine);
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    connection_ = std::move(*connection);
  }
  std::string Code(const std::string& sql) const {
    const Status status = connection_->Execute(sql);
    return status.ok() ? "" : status.error().code();
  }

  test::TempFolder folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Connection> connection_;
};

TEST_F(ObjectStoreTest, WritesAndReadsBelowTheWarehouseAlone) {
  const Status written = connection_->Execute(
      "COPY (SELECT i AS id, 'x' || i AS name FROM range(5000) r(i)) TO 's3://lake/engine/a b=c/one.parquet'");
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  auto rows = connection_->Query(
      "SELECT count(*), sum(id) FROM read_parquet(['s3://lake/engine/a b=c/one.parquet']) WHERE id > 10");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(*rows->At(0, 0), "4989");
  EXPECT_EQ(Code("COPY (SELECT 1) TO 's3://lake/elsewhere/x.parquet'"), "SQL-205");
  EXPECT_EQ(Code("SELECT * FROM read_parquet('s3://lake/elsewhere/x.parquet')"), "SQL-205");
  EXPECT_EQ(Code("SELECT * FROM read_parquet('s3://lake/engine/../elsewhere/x.parquet')") == "", false);
  EXPECT_EQ(Code("SELECT * FROM read_csv('" + test::S3Server::Get().url() + "/health')"), "SQL-205");
}

TEST_F(ObjectStoreTest, KeysAreNotShown) {
  auto rows = connection_->Query("SELECT secret_string FROM duckdb_secrets()");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(rows->At(0, 0)->find("leat-test-secret"), std::string::npos);
  EXPECT_NE(rows->At(0, 0)->find("redacted"), std::string::npos);
}

TEST_F(ObjectStoreTest, SettingsAreInForce) {
  auto rows = connection_->Query("SELECT name, value FROM duckdb_settings()");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  std::map<std::string, std::string> found;
  for (const auto& row : rows->rows) found[*row[0]] = row[1].value_or("NULL");
  for (const EngineSetting& setting : StoreSettings(Store("http://h"))) {
    std::string value = setting.value;
    std::erase(value, '\'');
    EXPECT_EQ(found[setting.name], value) << setting.name;
  }
  EXPECT_EQ(Code("SET http_retries = 1") == "", false) << "the instance is locked";
}

}  // namespace
}  // namespace leat::sql
