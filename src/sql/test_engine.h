#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "base/ids.h"
#include "sql/engine.h"

namespace leat::sql {

/// An engine over a fresh folder, for the tests of this folder.
class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("leat-sql-" + NewUuidV4());
    std::filesystem::create_directories(folder_ / "data");
    OpenEngine({});
  }
  void TearDown() override {
    connection_.reset();
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  void OpenEngine(EngineOptions options) {
    connection_.reset();
    engine_.reset();
    options.private_folder = (folder_ / "private").string();
    options.allowed_folders = {(folder_ / "data").string()};
    if (options.threads == 0) options.threads = 4;
    if (options.memory_limit_bytes == 0) options.memory_limit_bytes = 1LL << 30;
    auto engine = Engine::Open(options);
    ASSERT_TRUE(engine.ok()) << engine.error().ToString();
    engine_ = std::move(engine).value();
    auto connection = engine_->Connect();
    ASSERT_TRUE(connection.ok()) << connection.error().ToString();
    connection_ = std::move(connection).value();
  }

  std::string Data(const std::string& name) const { return (folder_ / "data" / name).string(); }
  std::string DataText(const std::string& name) const { return QuoteLiteral(Data(name)); }

  void Run(const std::string& sql) {
    Status status = connection_->Execute(sql);
    ASSERT_TRUE(status.ok()) << sql << "\n" << status.error().ToString();
  }
  /// Rows as "a|b\nc|d", NULL as "NULL".
  std::string Rows(const std::string& sql) {
    auto rows = connection_->Query(sql);
    if (!rows.ok()) return rows.error().ToString();
    std::string text;
    for (const auto& row : rows->rows) {
      for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row[i].value_or("NULL");
      text += "\n";
    }
    if (!text.empty()) text.pop_back();
    return text;
  }

  std::filesystem::path folder_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace leat::sql
