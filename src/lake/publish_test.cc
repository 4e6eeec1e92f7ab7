// The table of cases (publish.h), row by row, with real metadata, manifests and manifest lists. Data files are only named:
// nothing here reads them.
#include "lake/publish.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/ids.h"
#include "lake/publish_cases.h"
#include "lake/scan.h"
#include "lake/table_change.h"
#include "test/support/temp_folder.h"

namespace leat::lake {
namespace {

using Change = PublishItem::Change;

constexpr const char* kKey = "shop/orders";

class PublishTest : public testing::Test {
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

  static TableName Name(const std::string& table) { return {"s", table}; }
  View At(const std::string& ref) { return Must(catalog_->Resolve(ref)); }
  std::optional<Entry> Find(const std::string& ref, const std::string& table) {
    return Must(catalog_->FindTable(At(ref), Name(table)));
  }
  MetadataPtr MetadataOf(const std::string& ref, const std::string& table) {
    const auto entry = Find(ref, table);
    return entry ? Must(catalog_->LoadMetadata(entry->location)) : nullptr;
  }
  int64_t SnapshotOf(const std::string& ref, const std::string& table) {
    return MetadataOf(ref, table)->current_snapshot_id.value_or(0);
  }

  void Branch(const std::string& name) { Must(catalog_->CreateBranch(name, RefKind::kRun, At("main"))); }

  void Point(const std::string& ref, const std::string& table, const std::string& uuid, std::optional<std::string> to,
             ObjectKind kind = ObjectKind::kTable) {
    const auto entry = Find(ref, table);
    CommitRequest request;
    request.ref = ref;
    request.info = {"tester", ref, "", "commit"};
    request.changes.push_back(
        {kind, Name(table), uuid, entry ? std::optional(entry->location) : std::nullopt, std::move(to)});
    Must(catalog_->Commit(request));
  }

  static data::Schema SchemaOf(const std::vector<std::string>& columns) {
    data::Schema schema;
    int id = 0;
    for (const std::string& column : columns) {
      data::Field field;
      field.id = ++id;
      field.name = column;
      field.type = data::Primitive(data::TypeId::kLong);
      schema.fields.push_back(field);
    }
    return schema;
  }

  void Create(const std::string& ref, const std::string& table,
              const std::vector<std::string>& columns = {"id", "amount"}) {
    const std::string uuid = NewUuidV7();
    TableMetadata metadata = Must(NewTableMetadata(uuid, catalog_->NewTableLocation(Name(table), uuid, {}),
                                                   SchemaOf(columns), {}, {}, {}, SystemClock().Now()));
    std::vector<std::string> written;
    Point(ref, table, uuid, Must(WriteMetadata(*files_, metadata, "", written)));
  }

  void Save(const std::string& ref, const std::string& table, TableMetadata metadata) {
    std::vector<std::string> written;
    const std::string location = Must(WriteMetadata(*files_, metadata, Find(ref, table)->location, written));
    Point(ref, table, metadata.uuid, location);
  }

  void Apply(const std::string& ref, const std::string& table, const DataChange& change,
             const std::string& bookmark = "") {
    ChangeInfo info;
    info.run_id = ref;
    info.step = table;
    info.now = SystemClock().Now();
    if (!bookmark.empty()) info.summary[std::string("leat.bookmark.") + kKey] = bookmark;
    std::vector<std::string> written;
    Save(ref, table, Must(ApplyChange(*files_, *MetadataOf(ref, table), change, info, written)));
  }

  DataFile File(const std::string& table, const std::string& name) {
    DataFile file;
    file.path = io::JoinUri(catalog_->options().warehouse_root, "data/" + table + "/" + name);
    file.record_count = 10;
    file.size_bytes = 1000;
    return file;
  }
  void AppendFile(const std::string& ref, const std::string& table, const std::string& name,
                  const std::string& bookmark = "") {
    Apply(ref, table, Append{{File(table, name)}}, bookmark);
  }
  void OverwriteWith(const std::string& ref, const std::string& table, const std::string& name) {
    Apply(ref, table, Overwrite{{File(table, name)}});
  }
  void Compact(const std::string& ref, const std::string& table, const std::string& from, const std::string& to) {
    Apply(ref, table, Rewrite{{File(table, from).path}, {File(table, to)}});
  }
  void DeleteRows(const std::string& ref, const std::string& table, const std::string& file) {
    DataFile deletes = File(table, file + ".deletes");
    deletes.content = FileContent::kPositionDeletes;
    deletes.referenced_data_file = File(table, file).path;
    deletes.record_count = 1;
    Apply(ref, table, RowDelta{{}, {deletes}, {}});
  }
  void AddColumn(const std::string& ref, const std::string& table, const std::string& column) {
    TableMetadata metadata = *MetadataOf(ref, table);
    data::Schema schema = metadata.current_schema();
    data::Field field;
    field.id = ++metadata.last_column_id;
    field.name = column;
    field.type = data::Primitive(data::TypeId::kLong);
    schema.fields.push_back(field);
    schema.schema_id = static_cast<int>(metadata.schemas.size());
    metadata.current_schema_id = schema.schema_id;
    metadata.schemas.push_back(schema);
    Save(ref, table, metadata);
  }
  void SetProperty(const std::string& ref, const std::string& table, const std::string& key) {
    TableMetadata metadata = *MetadataOf(ref, table);
    metadata.properties[key] = ref;
    Save(ref, table, metadata);
  }
  void MakeView(const std::string& ref, const std::string& name, const std::string& sql) {
    const std::string location = io::JoinUri(catalog_->options().warehouse_root, "views/" + NewUuidV4() + ".json");
    Must(files_->WriteNew(location, R"({"current-version-id": 1, "versions": [{"version-id": 1, "timestamp-ms": )" +
                                        std::to_string(NewSnapshotId()) +
                                        R"(, "representations": [{"type": "sql", "dialect": "duckdb", "sql": ")" + sql +
                                        "\"}]}]}"));
    Point(ref, name, NewUuidV4(), location, ObjectKind::kView);
  }

  /// Names of the live data files, sorted: what the table holds.
  std::vector<std::string> Files(const std::string& ref, const std::string& table) {
    const MetadataPtr metadata = MetadataOf(ref, table);
    std::vector<std::string> names;
    if (metadata == nullptr || metadata->current_snapshot() == nullptr) return names;
    for (const ManifestFile& manifest : Must(ReadManifestList(*files_, *metadata->current_snapshot()))) {
      if (manifest.deletes) continue;
      for (const ManifestEntry& entry : Must(ReadManifest(*files_, manifest, *metadata))) {
        if (entry.status != EntryStatus::kDeleted)
          names.push_back(entry.file.path.substr(entry.file.path.rfind('/') + 1));
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  static PublishItem Item(const std::string& table, Change change) {
    PublishItem item;
    item.table = Name(table);
    item.change = change;
    item.step = table;
    return item;
  }
  PublishItem Load(const std::string& table, const std::string& bookmark_before) {
    PublishItem item = Item(table, Change::kAppend);
    item.load_key = kKey;
    item.bookmark_before = bookmark_before;
    return item;
  }
  Result<PublishResult> Publish(const std::string& branch, std::vector<PublishItem> items) {
    PublishRequest request;
    request.branch = branch;
    request.items = std::move(items);
    request.info = {"tester", branch, "", "publish"};
    return lake::Publish(*catalog_, request);
  }
  /// "moved", "rebased", "replan: <reason>", or the code of the error.
  std::string Outcome(const std::string& branch, PublishItem item) {
    const TableName table = item.table;
    const auto result = Publish(branch, {std::move(item)});
    if (!result.ok()) return result.error().code();
    if (!result->replan.empty()) return "replan: " + result->replan.front().reason;
    return result->rebased.contains(table) ? "rebased" : "moved";
  }
  static bool Replanned(const std::string& outcome) { return outcome.starts_with("replan: "); }

  test::TempFolder folder_;
  std::unique_ptr<state::Store> store_;
  std::unique_ptr<io::FileSystem> files_;
  std::unique_ptr<Catalog> catalog_;
};

using Names = std::vector<std::string>;

TEST_F(PublishTest, UntouchedTargetIsAPointerMove) {
  Create("main", "t");
  AppendFile("main", "t", "a");
  Branch("run/1");
  OverwriteWith("run/1", "t", "b");
  const std::string location = Find("run/1", "t")->location;
  const auto result = Publish("run/1", {Item("t", Change::kOverwrite)});
  ASSERT_TRUE(result.ok()) << result.error().ToString();
  EXPECT_EQ(Find("main", "t")->location, location);
  EXPECT_EQ(result->snapshot_after.at(Name("t")), SnapshotOf("main", "t"));
  EXPECT_EQ(result->commit, At("main").commit);
  EXPECT_EQ(Files("main", "t"), (Names{"b"}));
}

TEST_F(PublishTest, SeveralBranchSnapshotsBecomeOne) {
  Create("main", "t");
  AppendFile("main", "t", "a");
  const int64_t before = SnapshotOf("main", "t");
  Branch("run/1");
  AppendFile("run/1", "t", "b", "7");
  AppendFile("run/1", "t", "c", "9");
  ASSERT_EQ(Outcome("run/1", Load("t", "")), "moved");
  const MetadataPtr after = MetadataOf("main", "t");
  EXPECT_EQ(after->snapshots.size(), 2u);
  EXPECT_EQ(after->current_snapshot()->parent_id, before);
  EXPECT_EQ(Files("main", "t"), (Names{"a", "b", "c"}));
  EXPECT_EQ(FindBookmark(*after, kKey), "9");
}

TEST_F(PublishTest, CreatedTablesBringTheirNamespaceAndOneSnapshot) {
  Branch("run/1");
  Must(catalog_->CreateNamespace("run/1", "new", {{"leat.zone", "raw"}}, {}));
  Create("run/1", "t");
  AppendFile("run/1", "t", "a");
  AppendFile("run/1", "t", "b");
  const auto entry = Find("run/1", "t");
  CommitRequest request;
  request.ref = "run/1";
  request.changes = {{ObjectKind::kTable, {"new", "u"}, entry->uuid, std::nullopt, entry->location}};
  Must(catalog_->Commit(request));
  PublishItem other = Item("t", Change::kCreate);
  other.table = {"new", "u"};
  ASSERT_TRUE(Publish("run/1", {Item("t", Change::kCreate), other}).ok());
  EXPECT_EQ(MetadataOf("main", "t")->snapshots.size(), 1u);
  EXPECT_EQ(Files("main", "t"), (Names{"a", "b"}));
  const auto properties = Must(catalog_->FindNamespace(At("main"), "new"));
  ASSERT_TRUE(properties.has_value());
  EXPECT_EQ(properties->at("leat.zone"), "raw");
}

TEST_F(PublishTest, AppendsAreRebasedOnAppendsDeltasAndCompaction) {
  const std::vector<std::pair<std::string, std::function<void()>>> cases = {
      {"append", [&] { AppendFile("main", "append", "x"); }},
      {"delta", [&] { DeleteRows("main", "delta", "a"); }},
      {"compaction", [&] { Compact("main", "compaction", "a", "a2"); }},
      {"several",
       [&] {
         AppendFile("main", "several", "x");
         DeleteRows("main", "several", "x");
         AppendFile("main", "several", "y");
       }},
      {"property", [&] { SetProperty("main", "property", "x"); }},
  };
  for (const auto& [table, on_main] : cases) {
    Create("main", table);
    AppendFile("main", table, "a", "5");
  }
  Branch("run/1");
  for (const auto& [table, on_main] : cases) {
    AppendFile("run/1", table, "b", "6");
    AppendFile("run/1", table, "c", "7");
    on_main();
    const MetadataPtr head = MetadataOf("main", table);
    Names expected = Files("main", table);
    expected.insert(expected.end(), {"b", "c"});
    std::sort(expected.begin(), expected.end());
    ASSERT_EQ(Outcome("run/1", Load(table, "5")), "rebased") << table;
    const MetadataPtr after = MetadataOf("main", table);
    EXPECT_EQ(Files("main", table), expected) << table;
    EXPECT_EQ(after->snapshots.size(), head->snapshots.size() + 1) << table;
    EXPECT_EQ(after->current_snapshot()->parent_id, head->current_snapshot_id) << table;
    EXPECT_EQ(after->current_snapshot()->sequence_number, head->last_sequence_number + 1) << table;
    EXPECT_GT(after->current_snapshot()->timestamp_ms, head->current_snapshot()->timestamp_ms) << table;
    EXPECT_EQ(after->properties, head->properties) << table;
    EXPECT_EQ(FindBookmark(*after, kKey), "7") << table;
  }
}

TEST_F(PublishTest, AnAppendWhoseBookmarkMovedIsPlannedAgain) {
  Create("main", "t");
  AppendFile("main", "t", "a", "5");
  Branch("run/1");
  AppendFile("run/1", "t", "b", "6");
  AppendFile("main", "t", "b-too", "6");
  const std::string outcome = Outcome("run/1", Load("t", "5"));
  EXPECT_TRUE(Replanned(outcome)) << outcome;
  EXPECT_NE(outcome.find("bookmark"), std::string::npos);
  EXPECT_EQ(Files("main", "t"), (Names{"a", "b-too"}));
}

TEST_F(PublishTest, AnAppendOntoAnOverwrittenOrRolledBackTableIsPlannedAgain) {
  for (const std::string table : {"overwritten", "back", "shape"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  const auto first = Find("main", "back")->location;
  AppendFile("main", "back", "b");
  Branch("run/1");
  for (const std::string table : {"overwritten", "back", "shape"}) AppendFile("run/1", table, "c");
  OverwriteWith("main", "overwritten", "o");
  Point("main", "back", "", first);
  AddColumn("main", "shape", "more");
  for (const std::string table : {"overwritten", "back", "shape"}) {
    EXPECT_TRUE(Replanned(Outcome("run/1", Item(table, Change::kAppend)))) << table;
  }
  EXPECT_EQ(Files("main", "overwritten"), (Names{"o"}));
  EXPECT_EQ(Files("main", "back"), (Names{"a"}));
}

TEST_F(PublishTest, OverwritesAndDeltasOntoATouchedTableArePlannedAgain) {
  for (const std::string table : {"overwrite", "delta", "first"}) Create("main", table);
  AppendFile("main", "overwrite", "a");
  AppendFile("main", "delta", "a");
  Branch("run/1");
  OverwriteWith("run/1", "overwrite", "o");
  DeleteRows("run/1", "delta", "a");
  // An overwrite of an empty table looks like an append in the metadata: what the step says counts.
  OverwriteWith("run/1", "first", "o");
  for (const std::string table : {"overwrite", "delta", "first"}) AppendFile("main", table, "x");
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("overwrite", Change::kOverwrite))));
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("delta", Change::kRowDelta))));
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("first", Change::kOverwrite))));
  EXPECT_EQ(Files("main", "first"), (Names{"x"}));
}

TEST_F(PublishTest, SchemaChangesAreReappliedWhereOnlyDataMoved) {
  for (const std::string table : {"alone", "with_rows", "property", "both"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const std::string table : {"alone", "with_rows", "both"}) AddColumn("run/1", table, "added");
  AppendFile("run/1", "with_rows", "b");
  SetProperty("run/1", "property", "mine");
  for (const std::string table : {"alone", "with_rows", "property"}) AppendFile("main", table, "x");
  AddColumn("main", "both", "other");
  EXPECT_EQ(Outcome("run/1", Item("alone", Change::kSchema)), "rebased");
  EXPECT_EQ(Outcome("run/1", Item("with_rows", Change::kAppend)), "rebased");
  EXPECT_EQ(Outcome("run/1", Item("property", Change::kSchema)), "rebased");
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("both", Change::kSchema))));
  EXPECT_NE(MetadataOf("main", "alone")->current_schema().FindColumn("added"), nullptr);
  EXPECT_EQ(Files("main", "alone"), (Names{"a", "x"}));
  EXPECT_NE(MetadataOf("main", "with_rows")->current_schema().FindColumn("added"), nullptr);
  EXPECT_EQ(Files("main", "with_rows"), (Names{"a", "b", "x"}));
  EXPECT_EQ(MetadataOf("main", "property")->properties.at("mine"), "run/1");
  EXPECT_EQ(Files("main", "property"), (Names{"a", "x"}));
}

TEST_F(PublishTest, PropertiesOfBothSidesStayUnlessTheyAreTheSame) {
  for (const std::string table : {"apart", "clash", "removed"}) {
    Create("main", table);
    SetProperty("main", table, "old");
  }
  Branch("run/1");
  SetProperty("run/1", "apart", "mine");
  AppendFile("run/1", "apart", "b");
  SetProperty("run/1", "clash", "shared");
  TableMetadata without = *MetadataOf("run/1", "removed");
  without.properties.erase("old");
  Save("run/1", "removed", without);
  SetProperty("main", "apart", "theirs");
  AppendFile("main", "apart", "x");
  SetProperty("main", "clash", "shared");
  SetProperty("main", "removed", "theirs");
  EXPECT_EQ(Outcome("run/1", Item("apart", Change::kAppend)), "rebased");
  const Properties both = MetadataOf("main", "apart")->properties;
  EXPECT_EQ(both.at("mine"), "run/1");
  EXPECT_EQ(both.at("theirs"), "main");
  EXPECT_EQ(Files("main", "apart"), (Names{"b", "x"}));
  const std::string refused = Outcome("run/1", Item("clash", Change::kSchema));
  EXPECT_TRUE(Replanned(refused));
  EXPECT_NE(refused.find("the property shared of"), std::string::npos) << refused;
  EXPECT_EQ(Outcome("run/1", Item("removed", Change::kSchema)), "rebased");
  EXPECT_FALSE(MetadataOf("main", "removed")->properties.contains("old"));
  EXPECT_EQ(MetadataOf("main", "removed")->properties.at("theirs"), "main");
}

TEST_F(PublishTest, TablesMadeOnBothSides) {
  Branch("run/1");
  for (const std::string table : {"same", "different"}) {
    Create("run/1", table);
    AppendFile("run/1", table, "a");
  }
  Create("main", "same");
  Create("main", "different", {"id", "other"});
  EXPECT_TRUE(Replanned(Outcome("run/1", Item("same", Change::kCreate))));
  const auto refused = Publish("run/1", {Item("different", Change::kCreate)});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), "LAKE-305");
  EXPECT_NE(refused.error().message().find("run run/1"), std::string::npos) << refused.error().message();
}

TEST_F(PublishTest, Drops) {
  for (const std::string table : {"dropped", "touched", "gone", "wanted", "both"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const std::string table : {"dropped", "touched", "both"}) Point("run/1", table, "", std::nullopt);
  for (const std::string table : {"gone", "wanted"}) AppendFile("run/1", table, "b");
  AppendFile("main", "touched", "x");
  for (const std::string table : {"gone", "wanted", "both"}) Point("main", table, "", std::nullopt);
  EXPECT_EQ(Outcome("run/1", Item("dropped", Change::kDrop)), "moved");
  EXPECT_FALSE(Find("main", "dropped").has_value());
  EXPECT_EQ(Outcome("run/1", Item("touched", Change::kDrop)), "LAKE-305");
  EXPECT_TRUE(Find("main", "touched").has_value());
  EXPECT_EQ(Outcome("run/1", Item("both", Change::kDrop)), "moved");
  EXPECT_EQ(Outcome("run/1", Item("gone", Change::kAppend)), "LAKE-305");
  PublishItem recreate = Item("wanted", Change::kAppend);
  recreate.recreate_dropped = true;
  EXPECT_EQ(Outcome("run/1", recreate), "moved");
  EXPECT_EQ(Files("main", "wanted"), (Names{"a", "b"}));
}

TEST_F(PublishTest, Views) {
  for (const std::string view : {"untouched", "equal", "clash"}) MakeView("main", view, "select 1");
  Branch("run/1");
  for (const std::string view : {"untouched", "equal", "clash", "new"}) MakeView("run/1", view, "select 2");
  MakeView("main", "equal", "select 2");
  MakeView("main", "clash", "select 3");
  EXPECT_EQ(Outcome("run/1", Item("untouched", Change::kView)), "moved");
  EXPECT_EQ(Outcome("run/1", Item("new", Change::kView)), "moved");
  EXPECT_EQ(Find("main", "untouched")->location, Find("run/1", "untouched")->location);
  const std::string before = Find("main", "equal")->location;
  EXPECT_EQ(Outcome("run/1", Item("equal", Change::kView)), "moved");
  EXPECT_EQ(Find("main", "equal")->location, before);
  EXPECT_EQ(Outcome("run/1", Item("clash", Change::kView)), "LAKE-305");
}

TEST_F(PublishTest, ATableMayBecomeAView) {
  Create("main", "t");
  Branch("run/1");
  Point("run/1", "t", "", std::nullopt);
  MakeView("run/1", "t", "select 1");
  ASSERT_EQ(Outcome("run/1", Item("t", Change::kView)), "moved");
  EXPECT_EQ(Find("main", "t")->kind, ObjectKind::kView);
}

TEST_F(PublishTest, AllOrNothing) {
  for (const std::string table : {"good", "bad"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  OverwriteWith("run/1", "good", "g");
  OverwriteWith("run/1", "bad", "b");
  AppendFile("main", "bad", "x");
  const CommitId head = At("main").commit;
  const auto result = Publish("run/1", {Item("good", Change::kOverwrite), Item("bad", Change::kOverwrite)});
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->replan.size(), 1u);
  EXPECT_EQ(result->replan[0].step, "bad");
  EXPECT_EQ(At("main").commit, head);
}

TEST_F(PublishTest, ReadsAreValidated) {
  for (const std::string table : {"raw", "model", "outside"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  const auto publish = [&](const std::string& branch, std::map<TableName, int64_t> reads, bool with_raw) {
    std::vector<PublishItem> items;
    if (with_raw) items.push_back(Item("raw", Change::kAppend));
    items.push_back(Item("model", Change::kOverwrite));
    items.back().reads = std::move(reads);
    auto result = Publish(branch, items);
    if (!result.ok()) return result.error().code();
    return result->replan.empty() ? std::string("ok")
                                  : result->replan.front().step + ": " + result->replan.front().reason;
  };
  // What is read outside must still be current; compaction is no change.
  Branch("run/1");
  OverwriteWith("run/1", "model", "m1");
  const int64_t outside = SnapshotOf("main", "outside");
  Compact("main", "outside", "a", "a2");
  EXPECT_EQ(publish("run/1", {{Name("outside"), outside}}, false), "ok");
  Branch("run/2");
  OverwriteWith("run/2", "model", "m2");
  EXPECT_TRUE(publish("run/2", {{Name("outside"), 42}}, false).starts_with("model: "));
  EXPECT_TRUE(publish("run/2", {{Name("none"), 42}}, false).starts_with("model: "));
  EXPECT_EQ(publish("run/2", {{Name("none"), 0}}, false), "ok");
  // What was read on the branch and moves along is right; an earlier snapshot of it is not.
  Branch("run/3");
  AppendFile("run/3", "raw", "r1");
  const int64_t early = SnapshotOf("run/3", "raw");
  AppendFile("run/3", "raw", "r2");
  OverwriteWith("run/3", "model", "m3");
  EXPECT_TRUE(publish("run/3", {{Name("raw"), early}}, true).starts_with("model: "));
  EXPECT_EQ(publish("run/3", {{Name("raw"), SnapshotOf("run/3", "raw")}}, true), "ok");
  // A re-based input sends what read it back, and nothing moves.
  Branch("run/4");
  AppendFile("run/4", "raw", "r3");
  OverwriteWith("run/4", "model", "m4");
  AppendFile("main", "raw", "x");
  const CommitId head = At("main").commit;
  EXPECT_TRUE(publish("run/4", {{Name("raw"), SnapshotOf("run/4", "raw")}}, true).starts_with("model: "));
  EXPECT_EQ(At("main").commit, head);
  EXPECT_EQ(Files("main", "model"), (Names{"m3"}));
  // An own table that was read (an incremental model) must be the one that is replaced.
  Branch("run/5");
  AppendFile("run/5", "model", "m5");
  EXPECT_EQ(publish("run/5", {{Name("model"), SnapshotOf("main", "model")}}, false), "ok");
}

TEST_F(PublishTest, ReplanGoesDownstream) {
  for (const std::string table : {"a", "b", "c"}) {
    Create("main", table);
    AppendFile("main", table, "a");
  }
  Branch("run/1");
  for (const std::string table : {"a", "b", "c"}) OverwriteWith("run/1", table, "n");
  AppendFile("main", "a", "x");
  PublishItem b = Item("b", Change::kOverwrite), c = Item("c", Change::kOverwrite);
  b.reads = {{Name("a"), SnapshotOf("run/1", "a")}};
  c.reads = {{Name("b"), SnapshotOf("run/1", "b")}};
  const auto result = Publish("run/1", {c, b, Item("a", Change::kOverwrite)});
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->replan.size(), 3u);
}

TEST_F(PublishTest, PublishingAgainAfterALostAnswerChangesNothing) {
  Create("main", "t");
  Branch("run/1");
  AppendFile("run/1", "t", "a");
  ASSERT_TRUE(Publish("run/1", {Item("t", Change::kAppend)}).ok());
  const CommitId head = At("main").commit;
  const auto again = Publish("run/1", {Item("t", Change::kAppend)});
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(again->replan.empty());
  EXPECT_EQ(At("main").commit, head);
  EXPECT_EQ(again->snapshot_after.at(Name("t")), SnapshotOf("main", "t"));
}

TEST_F(PublishTest, WhatGoesAlongIsInTheSameTransaction) {
  Create("main", "t");
  Branch("run/1");
  AppendFile("run/1", "t", "a");
  PublishRequest request;
  request.branch = "run/1";
  request.items = {Item("t", Change::kAppend)};
  request.also = [&](state::Transaction& tx, const PublishResult& result) -> Status {
    EXPECT_GT(result.commit, 0);
    EXPECT_EQ(result.snapshot_after.count(Name("t")), 1u);
    LEAT_TRY(tx.Execute("INSERT INTO run_log VALUES ('r', 's', 0, 'x')"));
    return MakeError("TEST-001", ErrorKind::kConflict, "no");
  };
  EXPECT_EQ(lake::Publish(*catalog_, request).error().code(), "TEST-001");
  EXPECT_TRUE(Files("main", "t").empty());
  EXPECT_TRUE(store_->Read("SELECT * FROM run_log")->empty());
}

/// Two runs append to one table under different load keys, many times, at once: every file arrives once, no data is redone.
TEST_F(PublishTest, ConcurrentAppendsAllArrive) {
  Create("main", "t");
  constexpr int kRuns = 4, kRounds = 5;
  std::vector<std::string> problems(kRuns);
  {
    std::vector<std::jthread> threads;
    for (int run = 0; run < kRuns; ++run) {
      threads.emplace_back([&, run] {
        for (int round = 0; round < kRounds; ++round) {
          const std::string branch = fmt::format("run/{}-{}", run, round);
          Branch(branch);
          AppendFile(branch, "t", fmt::format("f{}-{}", run, round));
          const std::string outcome = Outcome(branch, Item("t", Change::kAppend));
          if (outcome != "moved" && outcome != "rebased") problems[static_cast<size_t>(run)] = outcome;
        }
      });
    }
  }
  for (const std::string& problem : problems) EXPECT_EQ(problem, "");
  Names expected;
  for (int run = 0; run < kRuns; ++run) {
    for (int round = 0; round < kRounds; ++round) expected.push_back(fmt::format("f{}-{}", run, round));
  }
  EXPECT_EQ(Files("main", "t"), expected);
}

}  // namespace
}  // namespace leat::lake
