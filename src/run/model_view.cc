#include "run/model_view.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/log.h"
#include "data/schema_json.h"

namespace leat::run {

using nlohmann::json;

std::string FormatViewMetadata(const ViewDefinition& view) {
  int64_t now_ms = view.now / 1000;
  json forms = json::array({{{"type", "sql"}, {"sql", view.sql}, {"dialect", "duckdb"}}});
  for (const lake::ViewRepresentation& other : view.others)
    forms.push_back({{"type", "sql"}, {"sql", other.sql}, {"dialect", other.dialect}});
  json summary = {{"operation", "replace"}, {"engine-name", "leat"}};
  if (const auto from = view.properties.find(kSparkTextFrom); from != view.properties.end())
    summary[kSparkTextFrom] = from->second;
  json version = {{"version-id", 1},
                  {"timestamp-ms", now_ms},
                  {"schema-id", view.schema.schema_id},
                  {"summary", std::move(summary)},
                  {"representations", std::move(forms)},
                  {"default-namespace", json::array({view.default_namespace})}};
  return json{{"view-uuid", view.uuid},
              {"format-version", 1},
              {"location", view.location},
              {"current-version-id", 1},
              {"versions", json::array({version})},
              {"version-log", json::array({{{"timestamp-ms", now_ms}, {"version-id", 1}}})},
              {"schemas", json::array({data::SchemaToJson(view.schema)})},
              {"properties", view.properties}}
      .dump();
}

namespace {

/// Equal names and types in order; a view's columns have no ids that anybody keeps.
bool SameColumns(const data::Schema* before, const data::Schema& now) {
  if (before == nullptr || before->fields.size() != now.fields.size()) return false;
  for (size_t i = 0; i < now.fields.size(); ++i) {
    const data::Field &a = before->fields[i], &b = now.fields[i];
    if (a.name != b.name || data::TypeName(*a.type) != data::TypeName(*b.type)) return false;
  }
  return true;
}

/// The texts in other dialects that the view gets; `view.properties` says where the one for Spark is from.
void ChooseTexts(ViewDefinition& view, const lake::ViewMetadata* before, const sql::SparkText& spark,
                 std::string& note) {
  const auto given = view.properties.find(kGivenSparkText);
  std::string given_text;
  if (given != view.properties.end()) {
    given_text = given->second;
    view.properties.erase(given);
  }
  view.properties.erase(kSparkTextFrom);
  bool has_spark = !given_text.empty();
  if (has_spark) {
    view.others.push_back({given_text, "spark"});
    view.properties[kSparkTextFrom] = "given";
  }
  const lake::ViewVersion* version = before == nullptr ? nullptr : before->current_version();
  std::string gone;
  if (version != nullptr) {
    const bool same = SameColumns(before->FindSchema(version->schema_id), view.schema);
    const lake::ViewRepresentation* of_spark = version->FindDialect("spark");
    const lake::ViewRepresentation* of_duckdb = version->FindDialect("duckdb");
    for (const lake::ViewRepresentation& form : version->representations) {
      if (&form == of_duckdb) continue;
      if (&form == of_spark && (has_spark || version->summary.contains(kSparkTextFrom))) continue;  // ours
      if (!same) {
        gone += (gone.empty() ? "" : ", ") + form.dialect;
        continue;
      }
      has_spark = has_spark || &form == of_spark;
      view.others.push_back(form);
    }
  }
  if (!gone.empty()) {
    note = "its columns changed: the text that another engine wrote for it is gone (" + gone + ")";
    Log(LogLevel::kWarn, "run.view_text_dropped", {{"dialects", gone}});
  }
  if (has_spark || spark.sql.empty()) return;
  view.others.push_back({spark.sql, "spark"});
  view.properties[kSparkTextFrom] = "generated";
}

}  // namespace

Result<CommittedView> CommitView(StepContext& context, const Target& target, const std::string& sql,
                                 const data::Schema& schema, const sql::SparkText& spark) {
  lake::Catalog& catalog = *context.lakehouse.catalog;
  io::FileSystem& files = *context.lakehouse.files;
  bool view_there = target.entry && target.entry->kind == lake::ObjectKind::kView;
  std::optional<lake::ViewMetadata> before;
  if (view_there) {
    LEAT_ASSIGN(std::string bytes, files.Read(target.entry->location));
    if (auto parsed = lake::ParseViewMetadata(bytes); parsed.ok()) before = std::move(*parsed);
  }
  CommittedView done;
  ViewDefinition view;
  view.uuid = view_there ? target.entry->uuid : NewUuidV4();
  view.location = catalog.NewTableLocation(context.asset.table, view.uuid, target.namespace_properties);
  view.sql = sql;
  view.default_namespace = context.asset.table.ns;
  view.schema = schema;
  view.properties = context.asset.table_properties;
  view.properties.erase("format-version");
  ChooseTexts(view, before ? &*before : nullptr, spark, done.note);
  if (before && before->current_version() != nullptr) {
    std::vector<lake::ViewRepresentation> texts = {{sql, "duckdb"}};
    texts.insert(texts.end(), view.others.begin(), view.others.end());
    const auto& present = before->current_version()->representations;
    if (std::is_permutation(texts.begin(), texts.end(), present.begin(), present.end())) return done;
  }
  done.changed = true;
  view.properties["leat.run-id"] = context.run_id;
  if (!context.asset.description.empty()) view.properties["comment"] = context.asset.description;
  view.now = SystemClock().Now();
  std::string location = io::JoinUri(view.location, "metadata/" + NewUuidV7() + ".metadata.json");
  LEAT_TRY(files.WriteNew(location, FormatViewMetadata(view)));

  lake::CommitRequest request;
  request.ref = context.branch;
  request.info.author = "leat";
  request.info.run_id = context.run_id;
  request.info.message = "step " + context.asset.id;
  if (target.entry && !view_there) {  // a table stood there
    lake::PointerChange drop;
    drop.kind = target.entry->kind;
    drop.name = target.entry->name;
    drop.uuid = target.entry->uuid;
    drop.expected = target.entry->location;
    request.changes = {drop};
    LEAT_ASSIGN(lake::CommitId dropped, catalog.Commit(request));
    (void)dropped;
  }
  lake::PointerChange pointer;
  pointer.kind = lake::ObjectKind::kView;
  pointer.name = context.asset.table;
  pointer.uuid = view.uuid;
  if (view_there) pointer.expected = target.entry->location;
  pointer.location = location;
  request.changes = {pointer};
  auto commit = catalog.Commit(request);
  if (commit.ok()) return done;
  if (commit.error().retry() == Retry::kUnknownOutcome) {
    LEAT_ASSIGN(std::optional<lake::CommitId> found,
                catalog.FindCommitOf(context.branch, context.asset.table, location));
    if (found) return done;
  } else {
    (void)files.Remove(location).ok();
  }
  return std::move(commit).error();
}

}  // namespace leat::run
