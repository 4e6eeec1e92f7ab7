#include <algorithm>
#include <set>

#include "base/clock.h"
#include "component/object_store_fields.h"
#include "component/spec.h"
#include "component/table_source.h"
#include "components/source/delta/deleted_rows.h"
#include "components/source/delta/table_list.h"
#include "components/source/delta/table_log.h"
#include "components/source/delta/table_shape.h"
#include "config/field_builders.h"

namespace leat::components::delta {
namespace {

using component::ReadRequest;
using component::TableRead;
using component::TableState;

/// One Delta table.
class DeltaSource : public component::TableSource {
 public:
  DeltaSource(const config::Values& connection, const config::Values& table, std::string name,
              component::SourceContext context)
      : TableSource(std::move(name), std::move(context)), connection_(connection), table_(table) {}

 protected:
  Result<TableState> Load() override {
    TableState state;
    state.files = FilesOf(connection_, context_, What());
    folder_ = io::JoinUri(RootOf(connection_, context_), table_.Text("table").empty() ? name_ : table_.Text("table"));
    auto log = TableLog::Open(*state.files, context_, folder_, What());
    if (!log.ok()) return std::move(log).error();
    log_ = std::make_unique<TableLog>(std::move(*log));
    LEAT_ASSIGN(const int64_t version, ChooseVersion());
    LEAT_ASSIGN(snapshot_, log_->Read(version));
    LEAT_ASSIGN(shape_, ReadShape(snapshot_.definition, snapshot_.protocol, What()));
    state.schema = shape_.schema;
    state.by_name = shape_.by_name;
    state.ids_stay = shape_.ids_stay;
    state.metadata.format_version = 2;
    state.metadata.schemas = {shape_.schema};
    state.metadata.specs = {shape_.spec};
    state.metadata.properties["schema.name-mapping.default"] = shape_.name_mapping;
    state.identity = snapshot_.definition.id;
    state.version = fmt::format("{}@{}", snapshot_.version, snapshot_.definition.id);
    state.shown = fmt::format("version {}", snapshot_.version);
    return state;
  }

  Result<TableRead> Plan(const TableState& state, const ReadRequest& request) override {
    TableRead read;
    std::string why = "all of it";
    if (!request.bookmark.empty()) {
      LEAT_ASSIGN(const bool known, PlanSince(state, request, read, why));
      if (known) return read;
    }
    read.reason = why;
    for (const auto& [key, live] : snapshot_.files) LEAT_TRY(Take(live.file, state, read));
    return read;
  }

 private:
  Result<int64_t> ChooseVersion() const {
    const std::string as_of = table_.Text("as_of");
    if (table_.Has("version")) return table_.Integer("version");
    if (as_of.empty()) return log_->newest();
    const Result<TimeMicros> time = ParseTime(as_of);
    if (!time.ok()) {
      return MakeError("SRC-425", ErrorKind::kConfig, "{}: `as_of: {}` is no time", What(), as_of)
          .At(table_.Where("as_of"))
          .WithHint("write 2026-01-31T12:00:00Z, or give a `version`");
    }
    return log_->VersionAt(*time, as_of);
  }

  /// What came behind the bookmark; false where only the whole table can be read, for the reason `why`.
  Result<bool> PlanSince(const TableState& state, const ReadRequest& request, TableRead& read, std::string& why) {
    const size_t at = request.bookmark.find('@');
    const int64_t last = std::strtoll(request.bookmark.c_str(), nullptr, 10);
    std::string broken;
    Changes changes;
    if (at == std::string::npos || request.bookmark.substr(at + 1) != snapshot_.definition.id) {
      broken = "the table was made anew since version " + request.bookmark.substr(0, at) + " was read";
    } else if (last > snapshot_.version) {
      broken = fmt::format("version {} was read last, and version {} is the one to read", last, snapshot_.version);
    } else {
      LEAT_ASSIGN(changes, log_->Between(last, snapshot_.version));
      broken = changes.missing;
    }
    if (!request.by_key) {
      if (broken.empty()) broken = changes.rewrite;
      if (!broken.empty()) return CannotGoOn(broken);
      read.reason = fmt::format("what was added since version {}", last);
      for (const AddedFile& file : changes.added) LEAT_TRY(Take(file, state, read));
      return true;
    }
    why = "all of it: " + broken;
    if (!broken.empty()) return false;
    read.reason = fmt::format("files that are new since version {}{}", last,
                              changes.rewrite.empty() ? "" : ": " + changes.rewrite);
    // Files that were compacted since are found in what they became.
    std::set<std::string> live;
    for (const auto& [key, one] : snapshot_.files) live.insert(one.file.path);
    const bool all_there = std::all_of(changes.added.begin(), changes.added.end(),
                                       [&](const AddedFile& file) { return live.contains(file.path); });
    std::set<std::string> added;
    for (const AddedFile& file : changes.added) added.insert(file.path);
    for (const auto& [key, one] : snapshot_.files) {
      if (all_there ? added.contains(one.file.path) : one.added_in > last) LEAT_TRY(Take(one.file, state, read));
      // Of what lies in a checkpoint behind the bookmark it is not known when it came.
      else if (!all_there && one.added_in == kBefore) LEAT_TRY(Take(one.file, state, read));
    }
    return true;
  }

  Status Take(const AddedFile& file, const TableState& state, TableRead& read) const {
    lake::ScanFile& scan = read.plan.files.emplace_back();
    scan.file.path = PlaceOf(file.path, folder_);
    scan.file.size_bytes = file.size_bytes;
    scan.file.record_count = file.rows;
    for (size_t i = 0; i < shape_.spec.fields.size(); ++i) {
      const auto value = file.partition.find(shape_.partition_names[i]);
      if (value == file.partition.end()) {
        return MakeError("SRC-427", ErrorKind::kData, "{}: the log gives {} no value of the partition column {}",
                         What(), file.path, shape_.spec.fields[i].name)
            .WithHint("the table's log is damaged: have the file added again");
      }
      LEAT_ASSIGN(data::Value typed,
                  PartitionValue(value->second, *shape_.schema.FindById(shape_.spec.fields[i].source_id), What()));
      scan.file.partition.push_back(std::move(typed));
    }
    if (!file.deleted) return Ok();
    LEAT_ASSIGN(lake::DataFile deleted, DeletedRows(*file.deleted, folder_, *state.files, What()));
    scan.position_deletes.push_back(std::move(deleted));
    return Ok();
  }

  const config::Values connection_, table_;
  std::string folder_;
  std::unique_ptr<TableLog> log_;
  TableSnapshot snapshot_;
  TableShape shape_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<DeltaSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::delta

leat::component::Spec leat_source_delta_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "delta";
  spec.summary = "Delta tables in folders and buckets.";
  spec.description =
      "Reads Delta tables by their log: checkpoints, deletion vectors, column mapping, widened types. What a table asks its\n"
      "readers for and what is not known is refused by name. `mode: append` and `incremental` need no update_key: what was\n"
      "added since the version that was read last is read. Where versions between took rows away, `append` fails, and\n"
      "`incremental` reads all files that are new by their key; rows that are gone are found by `reconcile` or `mode:\n"
      "full-refresh`.";
  spec.examples = {
      "connections:\n  partner: { type: delta, path: s3://partner/tables }\n",
      "source: partner\nconnection: partner\ntables:\n  - name: orders\n    table: sales/orders\n    mode: append\n"};
  config::FieldSpec storage;
  storage.name = "storage";
  storage.type = config::FieldType::kObject;
  storage.description = "How the object store of the tables is reached.";
  storage.fields = component::ObjectStoreFields();
  config::FieldSpec path = config::MakeField(
      "path", config::FieldType::kPath, "Folder or s3:// prefix of the tables; files that lie elsewhere are refused.",
      "", "lake/tables");
  path.required = true;
  config::FieldSpec version =
      config::MakeField("version", config::FieldType::kInteger, "Version to read; default: the newest.", "", "12");
  version.minimum = 0;
  spec.connection_fields = {path, storage};
  spec.fields = {
      config::TextField("table", "Folder of the table below `path`; default: the entry's name."), version,
      config::TextField("as_of", "Read the version that was the newest at this time.", "", "2026-01-31T00:00:00Z")};
  spec.source.incremental = true;
  spec.source.own_bookmark = true;
  spec.source.splits = true;
  spec.list_tables = &components::delta::List;
  spec.make_source = &components::delta::Make;
  return spec;
}
