#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lake/catalog.h"
#include "test/support/postgres.h"
#include "test/support/temp_folder.h"

namespace leat::lake {

/// A catalogue with the namespace `s`, on SQLite or (parameter true) on PostgreSQL.
class CatalogTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(GetParam());
    url_ = GetParam() ? test::PostgresServer::Get().NewDatabase() : folder_ / "state.db";
    state::StoreOptions options;
    options.clock = &clock_;
    auto store = state::Store::Open(url_, options);
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    store_ = std::move(*store);
    files_ = io::MakeLocalFileSystem(false);
    catalog_ = Open();
    ASSERT_NE(catalog_, nullptr);
    Must(catalog_->CreateNamespace("main", "s", {}, {}));
  }

  std::unique_ptr<Catalog> Open() {
    auto catalog = Catalog::Open(*store_, *files_, {.warehouse_root = folder_ / "warehouse"});
    EXPECT_TRUE(catalog.ok()) << (catalog.ok() ? "" : catalog.error().ToString());
    return catalog.ok() ? std::move(*catalog) : nullptr;
  }

  static void Must(const Status& status) { ASSERT_TRUE(status.ok()) << status.error().ToString(); }

  /// A location below the root; the commit log never looks into it.
  std::string At(const std::string& name) const { return "file://" + (folder_ / "warehouse/") + name; }

  Result<CommitId> Move(const std::string& ref, const std::string& table, std::optional<std::string> from,
                        std::optional<std::string> to, const std::string& run_id = "",
                        const std::string& kind = "commit") {
    CommitRequest request;
    request.ref = ref;
    request.info = {"tester", run_id, "", kind};
    if (from) from = At(*from);
    if (to) to = At(*to);
    request.changes.push_back({ObjectKind::kTable, {"s", table}, "uuid-" + table, from, to});
    return catalog_->Commit(request);
  }

  CommitId MustMove(const std::string& ref, const std::string& table, std::optional<std::string> from,
                    std::optional<std::string> to, const std::string& run_id = "") {
    auto commit = Move(ref, table, std::move(from), std::move(to), run_id);
    EXPECT_TRUE(commit.ok()) << commit.error().ToString();
    return commit.ok() ? *commit : 0;
  }

  View MustResolve(const std::string& text) {
    auto view = catalog_->Resolve(text);
    EXPECT_TRUE(view.ok()) << view.error().ToString();
    return view.ok() ? *view : View();
  }

  /// "" when there is none, else the location below the root.
  std::string Find(const std::string& ref, const std::string& table) { return Find(MustResolve(ref), table); }
  std::string Find(const View& view, const std::string& table) {
    auto entry = catalog_->FindTable(view, {"s", table});
    EXPECT_TRUE(entry.ok()) << entry.error().ToString();
    if (!entry.ok() || !*entry) return "";
    const std::string& location = entry->value().location;
    EXPECT_TRUE(location.starts_with(At("")));
    return location.substr(At("").size());
  }

  std::vector<std::string> List(const View& view) {
    auto entries = catalog_->ListTables(view, "s");
    EXPECT_TRUE(entries.ok());
    std::vector<std::string> names;
    for (const Entry& entry : *entries) names.push_back(entry.name.name);
    return names;
  }

  void Branch(const std::string& name, const std::string& from = "main") {
    auto ref =
        catalog_->CreateBranch(name, name.starts_with("env/") ? RefKind::kEnv : RefKind::kRun, MustResolve(from));
    ASSERT_TRUE(ref.ok()) << ref.error().ToString();
  }

  template <typename T>
  static std::string CodeOf(const Result<T>& result) {
    return result.ok() ? "ok" : result.error().code();
  }

  test::TempFolder folder_;
  FixedClock clock_{1'700'000'000'000'000};
  std::string url_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<io::FileSystem> files_;
  std::unique_ptr<Catalog> catalog_;
};

}  // namespace leat::lake
