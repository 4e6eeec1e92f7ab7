#pragma once

#include <gtest/gtest.h>

#include "lake/catalog.h"
#include "test/support/temp_folder.h"

namespace leat::lake {

/// A catalogue on a state and a warehouse of its own, with the namespace "s".
class LakeTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = state::Store::Open(folder_ / "state.db", {.durable = false});
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    store_ = std::move(*store);
    files_ = io::MakeLocalFileSystem(false);
    auto catalog = Catalog::Open(*store_, *files_, {.warehouse_root = folder_ / "warehouse"});
    ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
    catalog_ = std::move(*catalog);
    Must(catalog_->CreateNamespace("main", "s", {}, {}));
  }

  static void Must(const Status& status) { ASSERT_TRUE(status.ok()) << status.error().ToString(); }
  template <typename T>
  static T Must(Result<T> result) {
    EXPECT_TRUE(result.ok()) << result.error().ToString();
    return std::move(result).value();
  }
  View At(const std::string& ref) { return Must(catalog_->Resolve(ref)); }

  test::TempFolder folder_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<io::FileSystem> files_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace leat::lake
