#include <filesystem>

#include "base/nearest.h"
#include "config/field_item.h"
#include "project/fields.h"
#include "project/reader.h"
#include "project/structured.h"

namespace leat::project {
namespace {

// One `models:` entry of a YAML file, until the SQL file of that name is known.
struct ModelEntry {
  config::Values values;
  SourceSpan where;
  std::string path;
};

struct ModelText {
  std::string path;
  std::string text;
  config::Node config;  ///< of {{ config(…) }}
  bool readable = true;
};

// dbt's other blocks stand in the same files: named, so that nobody believes they work.
void RefuseOtherBlocks(ReadState& state, config::Node& node) {
  static const std::vector<std::string> kLater = {"sources",   "seeds",           "snapshots",     "macros",
                                                  "exposures", "semantic_models", "metrics",       "unit_tests",
                                                  "groups",    "saved_queries",   "saved-queries", "analyses"};
  std::vector<config::Node::Member> kept;
  for (config::Node::Member& member : node.members) {
    if (std::find(kLater.begin(), kLater.end(), member.key) == kLater.end()) {
      kept.push_back(std::move(member));
      continue;
    }
    state.findings.Add(
        MakeError("PROJ-213", ErrorKind::kUnsupported, "'{}' in model files is not supported yet", member.key)
            .WithHint(member.key == "sources" ? "describe what to pull in sources/*.yml" : "remove the block")
            .At(member.key_span));
  }
  node.members = std::move(kept);
}

void ReadModelYaml(ReadState& state, const std::string& path, std::map<std::string, ModelEntry>& entries) {
  auto node = state.ReadYaml(path);
  if (!node) return;
  RefuseOtherBlocks(state, *node);
  const config::Values file =
      config::Validate(*node, ModelFileFields(), fmt::format("model file {}", path), state.env, state.findings);
  const config::Node* models = file.Raw("models");
  if (models == nullptr || !models->is_list()) return;
  for (const config::Node& model : models->items) {
    const config::Node* name = model.Find("name");
    const std::string shown = name != nullptr && name->is_scalar() ? name->scalar : "?";
    ModelEntry entry;
    entry.values = config::Validate(model, ModelFields(), fmt::format("model '{}'", shown), state.env, state.findings);
    if (!entry.values.Has("name")) continue;
    entry.where = entry.values.Where("name");
    entry.path = path;
    const auto [other, is_new] = entries.emplace(shown, std::move(entry));
    if (!is_new) {
      state.findings.Add(MakeError("PROJ-202", ErrorKind::kConfig, "model '{}' is described twice, first at {}", shown,
                                   other->second.where.ToString())
                             .WithHint("put both into one entry")
                             .At(name->span));
    }
  }
}

// The first pass over a model: only config() says something, the rest is resolved when all models are known.
ModelText ReadModelText(ReadState& state, const std::string& path, std::string text) {
  ModelText model;
  model.path = path;
  model.config.kind = config::Node::Kind::kMap;
  model.config.span = {path, 0, 0, 0};
  const size_t before = state.findings.errors.size();
  const auto take_config = [&](const config::Expression& e) -> Result<std::string> {
    if (e.name != "config") return std::string();
    if (!e.positional.empty()) {
      return MakeError("CFG-123", ErrorKind::kConfig, "config() takes arguments by name")
          .WithHint("config(materialized='view')");
    }
    for (const config::Node::Member& member : e.named.members) {
      if (const config::Node* other = model.config.Find(member.key)) {
        return MakeError("CFG-102", ErrorKind::kConfig, "config '{}' is given twice, first at {}", member.key,
                         other->span.ToString())
            .At(member.key_span);
      }
      model.config.members.push_back(member);
    }
    if (model.config.span.line == 0) model.config.span = e.where;
    return std::string();
  };
  config::RenderTemplate(text, path, take_config, state.findings);
  model.readable = state.findings.errors.size() == before;
  model.text = std::move(text);
  return model;
}

// {{ config() }} wins over `config:` of the YAML, key by key.
config::Node MergedConfig(const ModelText& model, const ModelEntry* entry) {
  config::Node merged = model.config;
  const config::Node* yaml = entry == nullptr ? nullptr : entry->values.Raw("config");
  if (yaml == nullptr) return merged;
  for (const config::Node::Member& member : yaml->members) {
    if (merged.Find(member.key) == nullptr) merged.members.push_back(member);
  }
  if (merged.members.size() == yaml->members.size() && model.config.members.empty()) merged.span = yaml->span;
  return merged;
}

Materialisation MaterialisationOf(const std::string& word) {
  if (word == "view") return Materialisation::kView;
  if (word == "incremental") return Materialisation::kIncremental;
  return Materialisation::kTable;
}

// What an incremental model needs to know for its strategy.
void CheckStrategy(ReadState& state, const Asset& asset, const config::Values& values) {
  const bool incremental = asset.materialised == Materialisation::kIncremental;
  const auto report = [&](const char* code, const char* field, std::string message, const char* hint) {
    state.findings.Add(MakeError(code, ErrorKind::kConfig, "model '{}' {}", asset.name, message)
                           .WithHint(hint)
                           .At(values.Where(field)));
  };
  if (incremental && asset.strategy == "insert_overwrite") {
    if (asset.partition_by.empty())
      report("PROJ-214", "incremental_strategy", "overwrites partitions, but has none",
             "name them: partition_by=['month(date)']");
  } else if (incremental && asset.strategy != "append" && asset.unique_key.empty()) {
    report("PROJ-214", "materialized", "is incremental without a unique_key",
           "name the columns of a row's key: config(materialized='incremental', unique_key='id')");
  }
  if (!incremental && values.Has("incremental_strategy"))
    report("PROJ-214", "incremental_strategy", "has a strategy, but is not incremental",
           "set materialized='incremental', or leave incremental_strategy out");
  if (!asset.delete_when.empty() && (!incremental || asset.strategy != "merge")) {
    report("PROJ-217", "delete_when", "has delete_when, which needs rows that replace each other by key",
           "set materialized='incremental' and a unique_key, or leave delete_when out");
  }
  if (!asset.soft_delete) return;
  const bool table = asset.materialised == Materialisation::kTable && !asset.unique_key.empty();
  if (!table && (!incremental || asset.delete_when.empty())) {
    report("PROJ-217", "soft_delete", "has soft_delete, but nothing says which rows are gone",
           "a table needs a unique_key, an incremental model delete_when");
  }
}

void AddModel(ReadState& state, const std::string& name, ModelText model, const ModelEntry* entry) {
  // What the YAML gave was checked with its entry: report only what stands in the SQL file.
  config::Findings scratch;
  const config::Node merged = MergedConfig(model, entry);
  config::Validate(model.config, ModelConfigFields(), fmt::format("config of model '{}'", name), state.env,
                   state.findings);
  const config::Values values = config::Validate(merged, ModelConfigFields(), "config", state.env, scratch);
  const SourceSpan file{model.path, 0, 0, 0};
  if (!values.Boolean("enabled")) {
    state.disabled_models[name] = values.Where("enabled");
    return;
  }
  Asset asset;
  asset.id = "model." + name;
  asset.name = name;
  asset.path = model.path;
  asset.kind = AssetKind::kModel;
  asset.zone = values.Text("zone");
  asset.where = file;
  asset.table = {values.Has("schema") ? values.Text("schema") : state.settings.default_schema,
                 values.Has("alias") ? values.Text("alias") : name};
  asset.tags = values.TextList("tags");
  asset.materialised = MaterialisationOf(values.Text("materialized"));
  asset.unique_key = values.TextList("unique_key");
  asset.delete_when = values.Text("delete_when");
  asset.strategy = values.Text("incremental_strategy");
  asset.soft_delete = values.Boolean("soft_delete");
  asset.partition_by = values.TextList("partition_by");
  asset.sort_by = values.TextList("sort_by");
  asset.max_reject = values.Has("max_reject") ? values.Percent("max_reject") : state.settings.max_reject;
  asset.table_properties = TableProperties(state, values);
  if (const std::string spark = values.Text("spark_sql"); !spark.empty()) {
    asset.table_properties["leat.spark-sql"] = spark;  // the view's text in that dialect (run/model_view.h)
    if (asset.materialised != Materialisation::kView) {
      state.findings.Add(
          MakeError("PROJ-218", ErrorKind::kConfig, "model '{}' has a spark_sql, but is no view", name)
              .WithHint("set materialized='view', or leave spark_sql out: Spark reads tables as they are")
              .At(values.Where("spark_sql")));
    }
  }
  asset.raw_sql = std::move(model.text);
  if (entry != nullptr) {
    asset.description = entry->values.Text("description");
    for (std::string& tag : entry->values.TextList("tags")) asset.tags.push_back(std::move(tag));
    for (const config::Values& column : entry->values.Objects("columns")) {
      ColumnInfo info;
      info.name = column.Text("name");
      info.description = column.Text("description");
      info.data_type = column.Text("data_type");
      asset.columns.push_back(std::move(info));
    }
  }
  CheckStrategy(state, asset, values);
  const auto index = state.AddAsset(std::move(asset));
  if (!index) return;
  state.models.push_back({*index, model.readable});
  if (entry == nullptr) return;
  CollectChecks(state, *index, "", entry->values);
  CollectColumns(state, *index, entry->values);
}

}  // namespace

void CollectChecks(ReadState& state, size_t asset, const std::string& column, const config::Values& values) {
  for (const char* field : {"checks", "tests", "data_tests"}) {
    const config::Node* list = values.Raw(field);
    if (list == nullptr || !list->is_list()) continue;
    for (const config::Node& node : list->items) state.checks.push_back({asset, column, node});
  }
}

void CollectColumns(ReadState& state, size_t asset, const config::Values& values) {
  std::map<std::string, SourceSpan> seen;
  for (const config::Values& column : values.Objects("columns")) {
    const std::string name = column.Text("name");
    const auto [other, is_new] = seen.emplace(LowerName(name), column.Where("name"));
    if (!is_new) {
      state.findings.Add(MakeError("PROJ-202", ErrorKind::kConfig, "column '{}' is described twice, first at {}", name,
                                   other->second.ToString())
                             .WithHint("put both into one entry")
                             .At(column.Where("name")));
    }
    // Under `structured` columns are named as in raw, but checked as they are in the copy.
    const bool structured = state.assets[asset].kind == AssetKind::kStructured;
    const std::string renamed = structured ? column.Text("rename_to") : "";
    CollectChecks(state, asset, !renamed.empty() ? renamed : structured ? CleanColumnName(name) : name, column);
  }
}

void ReadModels(ReadState& state) {
  std::map<std::string, ModelEntry> entries;
  for (const std::string& path : ListProjectFiles(state.root, "models", {".yml", ".yaml"}))
    ReadModelYaml(state, path, entries);
  std::map<std::string, SourceSpan> files;
  for (const std::string& path : ListProjectFiles(state.root, "models", {".sql"})) {
    auto text = state.ReadFile(path);
    if (!text) continue;
    const std::string name = std::filesystem::path(path).stem().string();
    const auto [other, is_new] = files.emplace(name, SourceSpan{path, 0, 0, 0});
    if (!is_new) {
      state.findings.Add(MakeError("PROJ-202", ErrorKind::kConfig, "there are two models named '{}', the other is {}",
                                   name, other->second.file)
                             .WithHint("rename one of the files: ref('" + name + "') must mean one model")
                             .At({path, 0, 0, 0}));
      continue;
    }
    const auto entry = entries.find(name);
    AddModel(state, name, ReadModelText(state, path, std::move(*text)),
             entry == entries.end() ? nullptr : &entry->second);
  }
  std::vector<std::string> names;
  names.reserve(files.size());
  for (const auto& [name, unused] : files) names.push_back(name);
  for (const auto& [name, entry] : entries) {
    if (files.count(name) > 0) continue;
    const std::string near = DidYouMean(name, names);
    state.findings.Add(MakeError("PROJ-210", ErrorKind::kConfig,
                                 "model '{}' is described, but there is no models/**/{}.sql", name, name)
                           .WithHint(near.empty() ? "add the file or remove the entry" : near)
                           .At(entry.where));
  }
}

}  // namespace leat::project
