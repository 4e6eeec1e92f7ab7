#pragma once

#include "lake/catalog.h"
#include "lake/table_change.h"
#include "sql/session.h"
#include "sql/test_engine.h"
#include "sql/writer.h"
#include "state/store.h"

namespace leat::sql {

/// A lake in a fresh folder, with tables written by this folder's own writer.
class LakeTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    auto store = state::Store::Open((folder_ / "state.db").string());
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    store_ = std::move(*store);
    auto catalog = lake::Catalog::Open(*store_, *files_, {.warehouse_root = Data("warehouse")});
    ASSERT_TRUE(catalog.ok()) << catalog.error().ToString();
    catalog_ = std::move(*catalog);
    ASSERT_TRUE(catalog_->CreateNamespace("main", "shop", {}, {}).ok());
  }
  void TearDown() override {
    session_.reset();
    catalog_.reset();
    store_.reset();
    EngineTest::TearDown();
  }

  lake::View Main() {
    auto view = catalog_->Resolve("main");
    EXPECT_TRUE(view.ok());
    return *view;
  }

  /// Commits `metadata` as the next state of the table.
  void Commit(const std::string& name, lake::TableMetadata& metadata) {
    lake::TableName table{"shop", name};
    auto entry = catalog_->FindTable(Main(), table);
    ASSERT_TRUE(entry.ok());
    std::optional<std::string> before;
    if (*entry) before = (*entry)->location;
    std::vector<std::string> written;
    auto location = lake::WriteMetadata(*files_, metadata, before.value_or(""), written);
    ASSERT_TRUE(location.ok()) << location.error().ToString();
    lake::CommitRequest request;
    request.ref = "main";
    request.changes.push_back({lake::ObjectKind::kTable, table, metadata.uuid, before, *location});
    auto commit = catalog_->Commit(request);
    ASSERT_TRUE(commit.ok()) << commit.error().ToString();
  }
  lake::TableMetadata Load(const std::string& name) {
    auto entry = catalog_->FindTable(Main(), {"shop", name});
    EXPECT_TRUE(entry.ok() && *entry);
    auto metadata = catalog_->LoadMetadata((*entry)->location);
    EXPECT_TRUE(metadata.ok());
    return **metadata;
  }
  /// A new, empty table with the columns of `select`.
  void Create(const std::string& name, const std::string& select,
              const std::vector<lake::PartitionField>& fields = {}) {
    auto columns = connection_->Describe(select);
    ASSERT_TRUE(columns.ok()) << columns.error().ToString();
    auto schema = SchemaForColumns(*columns);
    ASSERT_TRUE(schema.ok()) << schema.error().ToString();
    std::string uuid = NewUuidV4();
    lake::PartitionSpec spec;
    spec.fields = fields;
    auto metadata =
        lake::NewTableMetadata(uuid, catalog_->NewTableLocation({"shop", name}, uuid, {}), *schema, spec, {}, {}, 1);
    ASSERT_TRUE(metadata.ok()) << metadata.error().ToString();
    Commit(name, *metadata);
  }
  /// Appends the rows of `select` as one snapshot.
  void Append(const std::string& name, const std::string& select) {
    lake::TableMetadata metadata = Load(name);
    WriteOptions options;
    options.folder = io::JoinUri(metadata.location, "data/" + NewUuidV7());
    auto written =
        WriteFiles(*files_, *connection_, select, metadata.current_schema(), metadata.default_spec(), {}, options);
    ASSERT_TRUE(written.ok()) << written.error().ToString();
    Change(name, lake::Append{written->files});
  }
  void Change(const std::string& name, const lake::DataChange& change) {
    lake::TableMetadata metadata = Load(name);
    std::vector<std::string> files;
    lake::ChangeInfo info;
    info.now = ++now_ * 1'000'000;
    auto after = lake::ApplyChange(*files_, metadata, change, info, files);
    ASSERT_TRUE(after.ok()) << after.error().ToString();
    Commit(name, *after);
  }

  std::unique_ptr<Session> Open(SessionOptions options = {}) {
    options.view = Main();
    auto session = Session::Open(*engine_, *catalog_, std::move(options));
    EXPECT_TRUE(session.ok()) << session.error().ToString();
    return session.ok() ? std::move(*session) : nullptr;
  }
  static std::string Show(Session& session, const std::string& sql) {
    auto rows = session.Query(sql);
    if (!rows.ok()) return rows.error().ToString();
    std::string text;
    for (const auto& row : rows->rows) {
      for (size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : "|") + row[i].value_or("NULL");
      text += "\n";
    }
    if (!text.empty()) text.pop_back();
    return text;
  }

  std::unique_ptr<io::FileSystem> files_ = io::MakeLocalFileSystem(false);
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<lake::Catalog> catalog_;
  std::unique_ptr<Session> session_;
  int64_t now_ = 1'700'000'000;
};

}  // namespace leat::sql
