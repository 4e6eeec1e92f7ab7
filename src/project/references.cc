#include <algorithm>

#include "base/nearest.h"
#include "config/text.h"
#include "project/reader.h"
#include "project/shape_cache.h"

namespace leat::project {
namespace {

bool IsSystemSchema(const std::string& schema) {
  const std::string lower = LowerName(schema);
  return lower == "leat" || lower == "information_schema" || lower == "pg_catalog";
}

std::vector<std::string> TableNames(const ReadState& state, const std::string& ns) {
  std::vector<std::string> names;
  for (const Asset& asset : state.assets) {
    if (ns.empty() || LowerName(asset.table.ns) == LowerName(ns)) names.push_back(asset.table.ToString());
  }
  return names;
}

bool OwnsNamespace(const ReadState& state, const std::string& ns) {
  return std::any_of(state.assets.begin(), state.assets.end(),
                     [&](const Asset& asset) { return LowerName(asset.table.ns) == LowerName(ns); });
}

// What a name in SQL or YAML means: an asset, or a table of the lake that no asset makes.
struct Meaning {
  const Asset* asset = nullptr;
  std::optional<lake::TableName> outside;
  bool system = false;
};

Result<Meaning> ResolveName(ReadState& state, const std::string& schema, const std::string& table,
                            const std::string& own_namespace, const SourceSpan& where) {
  Meaning meaning;
  if (IsSystemSchema(schema)) {
    meaning.system = true;
    return meaning;
  }
  if (schema.empty()) {
    meaning.asset = state.FindTable(own_namespace, table);
    if (meaning.asset == nullptr) meaning.asset = state.FindTable(state.settings.default_schema, table);
    if (meaning.asset == nullptr) {
      std::vector<const Asset*> models;
      for (const Asset& asset : state.assets) {
        if (asset.kind == AssetKind::kModel && LowerName(asset.table.name) == LowerName(table))
          models.push_back(&asset);
      }
      if (models.size() == 1) meaning.asset = models.front();
      if (models.size() > 1) {
        return MakeError("PROJ-203", ErrorKind::kConfig, "'{}' may mean {} or {}", table, models[0]->table.ToString(),
                         models[1]->table.ToString())
            .WithHint("write the namespace before the name")
            .At(where);
      }
    }
    if (meaning.asset != nullptr) return meaning;
    std::vector<std::string> names = TableNames(state, "");
    for (const Asset& asset : state.assets) {
      if (asset.kind == AssetKind::kModel) names.push_back(asset.table.name);
    }
    const std::string near = DidYouMean(table, names);
    return MakeError("PROJ-203", ErrorKind::kConfig, "there is no table '{}'", table)
        .WithHint((near.empty() ? "" : near + "\n") + "tables that no asset makes are named with their namespace")
        .At(where);
  }
  meaning.asset = state.FindTable(schema, table);
  if (meaning.asset != nullptr) return meaning;
  const bool rejected = table.size() > 10 && table.compare(table.size() - 10, 10, "__rejected") == 0;
  if (OwnsNamespace(state, schema) && !rejected) {
    const std::string near = DidYouMean(schema + "." + table, TableNames(state, schema));
    return MakeError("PROJ-203", ErrorKind::kConfig, "this project makes no table '{}.{}'", schema, table)
        .WithHint(near.empty() ? fmt::format("namespace {} is made by this project: `leat ls` lists its tables", schema)
                               : near)
        .At(where);
  }
  meaning.outside = lake::TableName{schema, table};
  return meaning;
}

// Second pass over one model: its names become quoted names, its text gets its final form.
class ModelResolver {
 public:
  ModelResolver(ReadState& state, Asset& asset, ShapeCache& shapes)
      : state_(state), asset_(asset), shapes_(shapes), lines_(asset.raw_sql) {}

  void Resolve() {
    config::Findings scratch;  // mistakes of the template itself were found in the first pass
    const size_t before = state_.findings.errors.size();
    config::Rendered rendered = config::RenderTemplate(
        asset_.raw_sql, asset_.path, [this](const config::Expression& e) { return Expand(e); }, scratch);
    for (Error& error : scratch.errors) state_.findings.Add(std::move(error));
    EndWithLine(rendered);
    asset_.sql = std::move(rendered.text);
    asset_.sql_map = std::move(rendered.map);
    asset_.line_map = std::move(rendered.line_map);
    if (state_.findings.errors.size() == before) Walk();
  }

 private:
  // No trailing ';', and a last line break, so that the text can stand in brackets whatever comment ends it.
  void EndWithLine(config::Rendered& rendered) const {
    const size_t last = rendered.text.find_last_not_of(" \t\r\n;");
    const size_t size = last == std::string::npos ? 0 : last + 1;
    config::TextMap shorter;
    shorter.AddCopy(size, 0);
    shorter.AddReplacement(1, size, 0);
    rendered.map = shorter.After(rendered.map);
    rendered.text.resize(size);
    rendered.text += '\n';
  }

  Result<std::string> Expand(const config::Expression& e) {
    if (e.name == "config") return std::string();
    if (e.name == "this") return QualifiedName(state_.settings, asset_.table);
    if (e.name == "this.schema" || e.name == "this.database" || e.name == "this.identifier" || e.name == "this.name") {
      if (e.name == "this.schema") return asset_.table.ns;
      return e.name == "this.database" ? state_.settings.warehouse_name : asset_.table.name;
    }
    if (e.name == "target.type") return std::string("duckdb");
    if (e.name == "target.schema") return state_.settings.default_schema;
    if (e.name == "ref" || e.name == "source") {
      LEAT_ASSIGN(const Asset* asset, Called(e));
      Depend(*asset, e.where);
      return QualifiedName(state_.settings, asset->table);
    }
    static const std::vector<std::string> kKnown = {"ref", "source", "config", "this", "target.type", "target.schema"};
    const std::string near = DidYouMean(e.name, kKnown);
    return MakeError("PROJ-212", ErrorKind::kUnsupported, "'{}' is not known in models", e.name)
        .WithHint((near.empty() ? "" : near + "\n") +
                  "known: ref, source, config, this; dbt's whole language comes later");
  }

  Result<const Asset*> Called(const config::Expression& e) {
    const auto& arguments = e.positional;
    const bool texts = std::all_of(arguments.begin(), arguments.end(), [](const auto& a) { return a.is_scalar(); });
    if (e.name == "source" && texts && arguments.size() == 2 && e.named.members.empty()) {
      return ResolveSource(state_, arguments[0].scalar, arguments[1].scalar, e.where);
    }
    if (e.name == "ref" && texts && (arguments.size() == 1 || arguments.size() == 2) && e.named.members.empty()) {
      if (arguments.size() == 2 && arguments[0].scalar != state_.settings.name) {
        return MakeError("PROJ-203", ErrorKind::kUnsupported, "ref('{}', …): packages are not supported yet",
                         arguments[0].scalar)
            .At(e.where);
      }
      return ResolveRef(state_, arguments.back().scalar, e.where);
    }
    return MakeError("CFG-123", ErrorKind::kConfig, "{}() takes {}", e.name,
                     e.name == "ref" ? "one text: ref('model')" : "two texts: source('source', 'table')")
        .At(e.where);
  }

  void Depend(const Asset& on, const SourceSpan& where) {
    // An incremental model may read what it has made.
    if (on.id == asset_.id && asset_.materialised == Materialisation::kIncremental) return;
    auto& references = state_.references[asset_.id];
    const bool known =
        std::any_of(references.begin(), references.end(), [&](const Reference& r) { return r.to == on.id; });
    if (!known) references.push_back({on.id, where, false});
  }

  SourceSpan Place(size_t offset, size_t length) const {
    const auto [begin, size] = asset_.sql_map.Find(offset, length);
    const auto [line, column] = lines_.Position(begin);
    const std::string_view span = std::string_view(asset_.raw_sql).substr(std::min(begin, asset_.raw_sql.size()), size);
    return {asset_.path, line, column, config::CountCharacters(span.substr(0, span.find('\n')))};
  }

  // Plain table names: edges, and full names in place of short ones.
  void Walk() {
    if (asset_.sql == "\n") {
      state_.findings.Add(MakeError("SQL-401", ErrorKind::kUnsupported, "model '{}' is empty", asset_.name)
                              .WithHint("write one SELECT")
                              .At({asset_.path, 0, 0, 0}));
      return;
    }
    auto shape = shapes_.Get(asset_.sql);
    if (!shape.ok()) {
      state_.findings.Add(PlaceInFile(asset_, std::move(shape).error().In(fmt::format("model '{}'", asset_.name))));
      return;
    }
    const Status confined = sql::CheckConfined(*shape, asset_.sql, state_.settings.read_files_below);
    if (!confined.ok())
      state_.findings.Add(PlaceInFile(asset_, Error(confined.error()).In(fmt::format("model '{}'", asset_.name))));
    asset_.is_volatile = shape->is_volatile;
    if (asset_.is_volatile) {
      state_.findings.Warn(
          MakeError("PROJ-222", ErrorKind::kConfig,
                    "model '{}' calls a function whose value changes from run to run (now(), random(), …)", asset_.name)
              .WithHint("two runs over the same data give different rows; take the time from a column instead")
              .At({asset_.path, 0, 0, 0}));
    }
    std::vector<std::pair<const sql::TableReference*, std::string>> renamed;
    for (const sql::TableReference& table : shape->tables) Take(table, renamed);
    Rewrite(renamed);
  }

  void Take(const sql::TableReference& table,
            std::vector<std::pair<const sql::TableReference*, std::string>>& renamed) {
    const SourceSpan where = Place(table.offset, table.length);
    if (!table.catalog.empty() && LowerName(table.catalog) != LowerName(state_.settings.warehouse_name)) {
      state_.findings.Add(
          MakeError("PROJ-203", ErrorKind::kConfig, "there is no catalogue '{}'", table.catalog)
              .WithHint(fmt::format("this project's is '{}', and it may be left out", state_.settings.warehouse_name))
              .At(where));
      return;
    }
    auto meaning = ResolveName(state_, table.schema, table.table, asset_.table.ns, where);
    if (!meaning.ok()) {
      state_.findings.Add(std::move(meaning).error());
      return;
    }
    if (const auto& outside = meaning->outside; outside) {
      if (std::find(asset_.outside.begin(), asset_.outside.end(), *outside) == asset_.outside.end())
        asset_.outside.push_back(*outside);
    } else if (meaning->asset != nullptr) {
      Depend(*meaning->asset, where);
      if (table.schema.empty()) renamed.emplace_back(&table, QualifiedName(state_.settings, meaning->asset->table));
    }
  }

  // Short names are looked up here once and for all: the step need not know this project's rules.
  void Rewrite(std::vector<std::pair<const sql::TableReference*, std::string>>& renamed) {
    std::sort(renamed.begin(), renamed.end(),
              [](const auto& a, const auto& b) { return a.first->offset < b.first->offset; });
    std::string text;
    config::TextMap map;
    size_t at = 0;
    for (const auto& [table, name] : renamed) {
      const std::string written = asset_.sql.substr(table->offset, table->length);
      const std::string bare =
          written.size() > 1 && written.front() == '"' ? written.substr(1, written.size() - 2) : written;
      // Only what is there for certain is replaced; the session resolves the rest.
      if (table->offset < at || LowerName(bare) != LowerName(table->table)) continue;
      text += asset_.sql.substr(at, table->offset - at);
      map.AddCopy(table->offset - at, at);
      text += name;
      map.AddReplacement(name.size(), table->offset, table->length);
      at = table->offset + table->length;
    }
    if (at == 0) return;
    text += asset_.sql.substr(at);
    map.AddCopy(asset_.sql.size() - at, at);
    asset_.sql = std::move(text);
    asset_.sql_map = map.After(asset_.sql_map);
  }

  ReadState& state_;
  Asset& asset_;
  ShapeCache& shapes_;
  config::Lines lines_;
};

}  // namespace

std::string QualifiedName(const Settings& settings, const lake::TableName& table) {
  return fmt::format("{}.{}.{}", sql::QuoteName(settings.warehouse_name), sql::QuoteName(table.ns),
                     sql::QuoteName(table.name));
}

Result<const Asset*> ResolveRef(ReadState& state, const std::string& model, const SourceSpan& where) {
  if (const Asset* asset = state.FindModel(model)) return asset;
  const auto disabled = state.disabled_models.find(model);
  if (disabled != state.disabled_models.end()) {
    return MakeError("PROJ-203", ErrorKind::kConfig, "model '{}' is switched off at {}", model,
                     disabled->second.ToString())
        .WithHint("set enabled to true, or remove the ref")
        .At(where);
  }
  const auto names = state.ModelNames();
  std::string hint = DidYouMean(model, names);
  for (const Asset& asset : state.assets) {
    if (asset.kind == AssetKind::kSourceTable && asset.name == model) {
      hint = fmt::format("that is a source's table: source('{}', '{}')", asset.source_name, asset.name);
    }
  }
  return MakeError("PROJ-203", ErrorKind::kConfig, "there is no model '{}'", model)
      .WithHint(hint.empty() ? "a model is a file models/**/<name>.sql" : hint)
      .At(where);
}

Result<const Asset*> ResolveSource(ReadState& state, const std::string& source, const std::string& table,
                                   const SourceSpan& where) {
  if (const Asset* asset = state.FindAsset(fmt::format("structured.{}.{}", source, table))) return asset;
  if (const Asset* asset = state.FindAsset(fmt::format("source.{}.{}", source, table))) return asset;
  std::vector<std::string> sources;
  std::vector<std::string> tables;
  for (const Asset& asset : state.assets) {
    if (asset.kind != AssetKind::kSourceTable) continue;
    sources.push_back(asset.source_name);
    if (asset.source_name == source) tables.push_back(asset.name);
  }
  const std::string near = tables.empty() ? DidYouMean(source, sources) : DidYouMean(table, tables);
  std::string all;
  for (const std::string& name : tables) all += (all.empty() ? "tables: " : ", ") + name;
  const std::string message = tables.empty() ? fmt::format("there is no source '{}'", source)
                                             : fmt::format("source '{}' has no table '{}'", source, table);
  std::string hint = near + (near.empty() || all.empty() ? "" : "\n") + all;
  if (hint.empty()) hint = "describe it in sources/*.yml";
  return MakeError("PROJ-204", ErrorKind::kConfig, "{}", message).WithHint(hint).At(where);
}

Result<const Asset*> ResolveTableText(ReadState& state, const std::string& text, const SourceSpan& where,
                                      const std::string& own_namespace) {
  if (text.find('(') != std::string::npos) {
    LEAT_ASSIGN(const config::Expression e, config::ParseExpression(text, where));
    const bool texts =
        std::all_of(e.positional.begin(), e.positional.end(), [](const auto& a) { return a.is_scalar(); });
    if (e.name == "ref" && texts && e.positional.size() == 1) return ResolveRef(state, e.positional[0].scalar, where);
    if (e.name == "source" && texts && e.positional.size() == 2) {
      return ResolveSource(state, e.positional[0].scalar, e.positional[1].scalar, where);
    }
    return MakeError("CFG-123", ErrorKind::kConfig, "'{}' names no table", text)
        .WithHint("ref('model'), source('source', 'table') or namespace.table")
        .At(where);
  }
  const size_t dot = text.find('.');
  const std::string schema = dot == std::string::npos ? "" : text.substr(0, dot);
  const std::string table = dot == std::string::npos ? text : text.substr(dot + 1);
  LEAT_ASSIGN(const Meaning meaning, ResolveName(state, schema, table, own_namespace, where));
  if (meaning.asset != nullptr) return meaning.asset;
  return MakeError("PROJ-203", ErrorKind::kConfig, "this project makes no table '{}'", text)
      .WithHint(DidYouMean(text, TableNames(state, "")))
      .At(where);
}

void ResolveModels(ReadState& state) {
  ShapeCache shapes(state.root);
  for (const PendingModel& model : state.models) {
    if (model.readable) ModelResolver(state, state.assets[model.asset], shapes).Resolve();
  }
  shapes.Save();
}

Error PlaceInFile(const Asset& asset, Error error) {
  if (asset.path.empty() || asset.kind != AssetKind::kModel) return error;
  const SourceSpan& at = error.where();
  if (!at.file.empty()) return error;
  if (at.line == 0) return std::move(error).At({asset.path, 0, 0, 0});
  // Line and column inside the compiled text -> bytes of it -> bytes of the file.
  size_t begin = 0;
  for (int line = 1; line < at.line && begin != std::string::npos; ++line) {
    begin = asset.sql.find('\n', begin);
    if (begin != std::string::npos) ++begin;
  }
  if (begin == std::string::npos) return std::move(error).At({asset.path, 0, 0, 0});
  size_t offset = begin;
  for (int column = 1; column < at.column && offset < asset.sql.size(); ++column)
    config::NextCodePoint(asset.sql, offset);
  size_t end = offset;
  for (int i = 0; i < std::max(1, at.length) && end < asset.sql.size(); ++i) config::NextCodePoint(asset.sql, end);
  const auto [source, length] = asset.sql_map.Find(offset, end - offset);
  const config::Lines lines(asset.raw_sql);
  const auto [line, column] = lines.Position(source);
  const std::string_view span = std::string_view(asset.raw_sql).substr(std::min(source, asset.raw_sql.size()), length);
  const int shown = std::max(1, config::CountCharacters(span.substr(0, span.find('\n'))));
  return std::move(error).At({asset.path, line, column, shown});
}

}  // namespace leat::project
