#include "component/object_store_fields.h"
#include "component/spec.h"
#include "component/table_source.h"
#include "components/source/iceberg/states.h"
#include "components/source/iceberg/table_list.h"
#include "components/source/iceberg/table_place.h"
#include "config/field_builders.h"
#include "lake/scan_filter.h"

namespace leat::components::iceberg {
namespace {

using component::ReadRequest;
using component::TableRead;
using component::TableState;

constexpr TimeMicros kMillisecond = 1'000;

/// One Iceberg table of another lake.
class IcebergSource : public component::TableSource {
 public:
  IcebergSource(const config::Values& connection, const config::Values& table, std::string name,
                component::SourceContext context)
      : TableSource(std::move(name), std::move(context)),
        connection_(connection),
        table_(table.Text("table").empty() ? name_ : table.Text("table")),
        as_of_(table.Text("as_of")) {}

 protected:
  Result<TableState> Load() override {
    LEAT_ASSIGN(FoundTable found, FindTable(connection_, table_, context_, What()));
    LEAT_ASSIGN(const ChosenState chosen, ChooseState(found.metadata, as_of_, What()));
    TableState state;
    state.schema = *chosen.schema;
    state.identity = found.metadata.uuid.empty() ? found.metadata.location : found.metadata.uuid;
    state.shown = "no snapshot yet";
    if (chosen.snapshot != nullptr) {
      state.version = std::to_string(chosen.snapshot->id);
      state.shown = fmt::format("snapshot {} of {}", chosen.snapshot->id,
                                FormatTime(chosen.snapshot->timestamp_ms * kMillisecond));
      snapshot_id_ = chosen.snapshot->id;
    }
    // Columns that came without data are another state, too.
    state.identity += fmt::format("/{}", chosen.schema->schema_id);
    for (const int id : chosen.schema->identifier_field_ids) {
      for (const data::Field& field : chosen.schema->fields) {
        if (field.id == id) state.primary_key.push_back(field.name);
      }
    }
    state.files = found.files;
    state.metadata = std::move(found.metadata);
    return state;
  }

  Result<TableRead> Plan(const TableState& state, const ReadRequest& request) override {
    TableRead read;
    read.reason = "all of it";
    if (!snapshot_id_) return read;
    const lake::Snapshot& snapshot = *state.metadata.FindSnapshot(*snapshot_id_);
    if (request.bookmark.empty()) return WholeTable(state, snapshot, std::move(read));
    const int64_t last = std::strtoll(request.bookmark.c_str(), nullptr, 10);
    const Between between = LookBetween(state.metadata, last, snapshot);
    read.reason = "what was added since snapshot " + request.bookmark;
    if (between.why.empty() && !request.by_key) {
      auto plan = lake::PlanAppends(*state.files, state.metadata, last, snapshot, {{}});
      if (!plan.ok()) return std::move(plan).error().In(What());
      read.plan = std::move(*plan);
      return read;
    }
    if (!request.by_key) return CannotGoOn(between.why);
    // Rows that a rollback brought back may lie in files that were there before.
    if (!between.connected) {
      read.reason = "all of it: " + between.why;
      return WholeTable(state, snapshot, std::move(read));
    }
    if (!between.why.empty())
      read.reason = "all files that are new since snapshot " + request.bookmark + ": " + between.why;
    auto plan = PlanNewFiles(*state.files, state.metadata, *state.metadata.FindSnapshot(last), snapshot);
    if (!plan.ok()) return std::move(plan).error().In(What());
    read.plan = std::move(*plan);
    return read;
  }

 private:
  Result<TableRead> WholeTable(const TableState& state, const lake::Snapshot& snapshot, TableRead read) const {
    auto plan = lake::PlanScan(*state.files, state.metadata, &snapshot);
    if (!plan.ok()) return std::move(plan).error().In(What());
    read.plan = std::move(*plan);
    return read;
  }

  const config::Values connection_;
  const std::string table_, as_of_;
  std::optional<int64_t> snapshot_id_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<IcebergSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::iceberg

leat::component::Spec leat_source_iceberg_spec() {
  using namespace leat;
  using config::SecretField;
  using config::TextField;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "iceberg";
  spec.summary = "Iceberg tables of another lake, by REST catalogue or folder.";
  spec.description =
      "Reads Iceberg tables (format versions 1 to 3) of a REST catalogue, or of a folder or bucket, with their deletes.\n"
      "`mode: append` and `incremental` need no update_key: what was added since the snapshot that was read last is read.\n"
      "Where the snapshots between are no appends, `append` fails, and `incremental` reads all files that are new by their\n"
      "key; rows that are gone are found by `reconcile` or `mode: full-refresh`. Renamed columns are followed by their ids.";
  spec.examples = {
      "connections:\n  partner:\n    type: iceberg\n    catalog: https://lake.example.com/iceberg\n    warehouse: lake\n"
      "    token: ${secret:PARTNER_TOKEN}\n",
      "source: partner\nconnection: partner\ntables:\n  - name: orders\n    table: sales.orders\n    mode: append\n"};
  config::FieldSpec headers;
  headers.name = "headers";
  headers.type = config::FieldType::kMap;
  headers.description = "Headers of every request to the catalogue.";
  config::FieldSpec storage;
  storage.name = "storage";
  storage.type = config::FieldType::kObject;
  storage.description = "How the object store of the tables is reached, where the catalogue does not say it.";
  storage.fields = component::ObjectStoreFields();
  spec.connection_fields = {
      TextField("catalog", "Address of an Iceberg REST catalogue, without /v1.", "",
                "https://lake.example.com/iceberg"),
      TextField("warehouse", "Warehouse of the catalogue, where it has several.", "", "lake"),
      SecretField("token", "Token of the catalogue.", "${secret:PARTNER_TOKEN}"),
      SecretField("credential",
                  "Client of the catalogue, id:secret, that gets its tokens (OAuth 2 client credentials).",
                  "${secret:PARTNER_CLIENT}"),
      TextField("token_url", "Where `credential` gets tokens; default: the catalogue's own /v1/oauth/tokens."),
      TextField("scope", "Scope of the tokens that `credential` gets.", "catalog"),
      config::WordField("access", "Keys of the object store: `vended` asks the catalogue for them, `own` does not.",
                        "vended", {"vended", "own"}),
      headers,
      config::MakeField("ca_file", config::FieldType::kPath, "Certificates (PEM) to trust besides the machine's."),
      config::MakeField(
          "path", config::FieldType::kPath,
          "Without a catalogue: the folder or s3:// prefix of the tables. With one: the folder where tables "
          "that it keeps on this machine may lie; local files elsewhere are refused.",
          "", "lake/warehouse"),
      storage};
  spec.fields = {
      TextField("table",
                "With a catalogue: namespace.table, parts with dots in quotes. Else: folder below `path`, or a "
                ".metadata.json there. Default: the entry's name."),
      TextField("as_of", "State to read: a snapshot id, branch, tag or time; default: the current one.", "",
                "2026-01-31T00:00:00Z")};
  spec.source.incremental = true;
  spec.source.own_bookmark = true;
  spec.source.splits = true;
  spec.make_source = &components::iceberg::Make;
  spec.list_tables = &components::iceberg::List;
  return spec;
}
