#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "base/ids.h"
#include "lake/lake_fixture.h"
#include "lake/publish.h"
#include "lake/scan.h"
#include "lake/table_change.h"

namespace leat::lake {

/// Tables with real metadata, manifests and manifest lists, changed on branches and on main. Data files are only named: nothing
/// here reads them.
class PublishTest : public LakeTest {
 public:
  using Change = PublishItem::Change;
  using Names = std::vector<std::string>;
  static constexpr const char* kKey = "shop/orders";

 protected:
  static TableName Name(const std::string& table) { return {"s", table}; }
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
};

}  // namespace leat::lake
