#include "run/load_schema.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/schema_json.h"
#include "io/hash.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using component::SourceColumn;
using nlohmann::json;

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

const project::ColumnInfo* FindInfo(const project::Asset& asset, const std::string& name) {
  for (const project::ColumnInfo& column : asset.columns) {
    if (Lower(column.name) == Lower(name)) return &column;
  }
  return nullptr;
}

/// Declared types win; what the source left to the engine is decided by the table of types.
Status DecideTypes(const project::Asset& asset, std::vector<SourceColumn>& columns) {
  for (SourceColumn& column : columns) {
    const project::ColumnInfo* info = FindInfo(asset, column.name);
    if (info != nullptr && !info->data_type.empty()) {
      auto type = ParseDeclaredType(info->data_type);
      if (!type.ok())
        return std::move(std::move(type).error()).In("table " + asset.table.ToString() + ", column " + column.name);
      column.type = std::move(type).value();
    } else if (column.type == nullptr) {
      LEAT_ASSIGN(data::Schema schema, sql::SchemaForColumns({{column.name, column.engine_type}}, 1,
                                                             std::max(2, FormatVersionIn(asset.table_properties))));
      column.type = schema.fields[0].type;
    }
    column.engine_type.clear();
  }
  return Ok();
}

}  // namespace

Result<data::TypePtr> ParseDeclaredType(const std::string& text) {
  using data::TypeId;
  static const std::map<std::string, TypeId> kNames = {
      {"bigint", TypeId::kLong},
      {"int8", TypeId::kLong},
      {"integer", TypeId::kInt},
      {"int4", TypeId::kInt},
      {"smallint", TypeId::kInt},
      {"tinyint", TypeId::kInt},
      {"int2", TypeId::kInt},
      {"varchar", TypeId::kString},
      {"text", TypeId::kString},
      {"char", TypeId::kString},
      {"bool", TypeId::kBoolean},
      {"float8", TypeId::kDouble},
      {"double precision", TypeId::kDouble},
      {"real", TypeId::kFloat},
      {"float4", TypeId::kFloat},
      {"datetime", TypeId::kTimestamp},
      {"timestamp with time zone", TypeId::kTimestampTz},
      {"blob", TypeId::kBinary},
      {"bytea", TypeId::kBinary},
  };
  std::string name = Lower(text);
  auto known = kNames.find(name);
  if (known != kNames.end()) return data::Primitive(known->second);
  int precision = 0, scale = 0, used = 0;
  for (const char* pattern : {"numeric(%d,%d)%n", "decimal(%d,%d)%n", "numeric(%d)%n", "decimal(%d)%n"}) {
    std::string compact;
    for (char c : name) {
      if (c != ' ') compact += c;
    }
    precision = scale = used = 0;
    bool two = std::string_view(pattern).find(',') != std::string_view::npos;
    int matched = two ? std::sscanf(compact.c_str(), pattern, &precision, &scale, &used)
                      : std::sscanf(compact.c_str(), pattern, &precision, &used);
    if (matched >= (two ? 2 : 1) && used == static_cast<int>(compact.size()) && precision >= 1 && precision <= 38 &&
        scale >= 0 && scale <= precision) {
      return data::Decimal(precision, scale);
    }
  }
  if (name.starts_with("varchar(") || name.starts_with("char(")) return data::Primitive(TypeId::kString);
  auto primitive = data::ParsePrimitive(name);
  if (primitive.ok()) return primitive;
  return MakeError("RUN-512", ErrorKind::kConfig, "data_type '{}' is not known", text)
      .WithHint(
          "write boolean, int, bigint, decimal(p,s), double, date, time, timestamp, timestamptz, string, uuid or "
          "binary");
}

std::vector<std::string> RawColumnNames(const std::vector<SourceColumn>& columns, bool soft_delete) {
  std::set<std::string> taken = {kLoadedAt, kBatchId, kSourceFile, kSourceRow};
  if (soft_delete) taken.insert(kDeletedAt);
  std::vector<std::string> names;
  for (const SourceColumn& column : columns) {
    std::string name = column.name;
    for (int again = 2; !taken.insert(Lower(name)).second; ++again) name = column.name + "_" + std::to_string(again);
    names.push_back(name);
  }
  return names;
}

namespace {

std::vector<std::string> Excluded(const project::Asset& asset) {
  return asset.table_values.items.contains("exclude") ? asset.table_values.TextList("exclude")
                                                      : std::vector<std::string>();
}

/// Takes excluded columns out: they are not asked for, and not known.
void LeaveOutExcluded(const project::Asset& asset, RegisteredTable& registered) {
  const std::vector<std::string> patterns = Excluded(asset);
  std::vector<SourceColumn>& columns = registered.table.columns;
  for (size_t i = columns.size(); i-- > 0;) {
    if (!project::MatchesColumn(patterns, columns[i].name)) continue;
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(i));
    registered.names.erase(registered.names.begin() + static_cast<std::ptrdiff_t>(i));
    registered.changed = true;
  }
}

Result<RegisteredTable> FindAllRegistered(StepContext& context, const Target& target, component::Source& source) {
  RegisteredTable registered;
  if (target.metadata != nullptr) {
    LEAT_ASSIGN(state::Rows rows,
                context.lakehouse.store->Read(
                    "SELECT schema_json FROM registered_schema WHERE load_key = ?1 ORDER BY at DESC LIMIT 1",
                    {state::Value(context.step.load_key)}));
    if (!rows.empty()) {
      LEAT_ASSIGN(registered, RegisteredFromJson(rows.Text(0, 0)));
      // A type that the user declares afterwards is taken where Iceberg allows the change.
      for (size_t i = 0; i < registered.table.columns.size(); ++i) {
        SourceColumn& column = registered.table.columns[i];
        const project::ColumnInfo* info = FindInfo(context.asset, column.name);
        if (info == nullptr || info->data_type.empty()) continue;
        LEAT_ASSIGN(data::TypePtr type, ParseDeclaredType(info->data_type));
        if (data::TypeName(*type) == data::TypeName(*column.type)) continue;
        const bool all_new = context.asset.mode == "full-refresh" && !context.asset.soft_delete;
        if (!data::CanPromote(*column.type, *type) && !all_new) {
          return MakeError(
                     "RUN-513", ErrorKind::kConfig, "table {}, column {}: {} cannot become {} while old rows stay",
                     context.asset.table.ToString(), column.name, data::TypeName(*column.type), data::TypeName(*type))
              .WithHint("load it with `mode: full-refresh`, or drop the table first");
        }
        column.type = type;
        registered.changed = true;
      }
      return registered;
    }
  }
  LEAT_ASSIGN(registered.table, source.Discover());
  LEAT_TRY(DecideTypes(context.asset, registered.table.columns));
  registered.names = RawColumnNames(registered.table.columns, context.asset.soft_delete);
  registered.changed = true;
  if (target.metadata != nullptr) {
    for (size_t i = 0; i < registered.names.size(); ++i) {
      const data::Field* field = target.metadata->current_schema().FindColumn(registered.names[i]);
      if (field != nullptr) registered.table.columns[i].type = field->type;
    }
  }
  return registered;
}

}  // namespace

Result<RegisteredTable> FindRegistered(StepContext& context, const Target& target, component::Source& source) {
  LEAT_ASSIGN(RegisteredTable registered, FindAllRegistered(context, target, source));
  const bool any = !registered.table.columns.empty();
  LeaveOutExcluded(context.asset, registered);
  if (any && registered.table.columns.empty()) {
    return MakeError("RUN-548", ErrorKind::kConfig, "table {}: `exclude` leaves no column",
                     context.asset.table.ToString())
        .At(context.asset.where)
        .WithHint("exclude fewer columns");
  }
  return registered;
}

Result<bool> AddColumns(StepContext& context, RegisteredTable& registered, const std::vector<SourceColumn>& added) {
  std::vector<SourceColumn> found = added;
  const std::vector<std::string> excluded = Excluded(context.asset);
  std::erase_if(found, [&](const SourceColumn& one) { return project::MatchesColumn(excluded, one.name); });
  std::vector<SourceColumn> columns = found;
  LEAT_TRY(DecideTypes(context.asset, columns));
  bool changed = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    SourceColumn& column = columns[i];
    const auto known = std::find_if(registered.table.columns.begin(), registered.table.columns.end(),
                                    [&](const SourceColumn& other) { return other.name == column.name; });
    if (known == registered.table.columns.end()) {
      registered.table.columns.push_back(std::move(column));
    } else if (data::TypeName(*known->type) == data::TypeName(*column.type) ||
               data::CanPromote(*column.type, *known->type)) {
      continue;
    } else if (data::CanPromote(*known->type, *column.type)) {
      known->type = column.type;
    } else if (sql::CastExpression("x", found[i].engine_type, *known->type).ok()) {
      continue;  // checked when it is written
    } else {
      return MakeError("RUN-514", ErrorKind::kData, "table {}, column {}: the input has {}, the table has {}",
                       context.asset.table.ToString(), column.name, data::TypeName(*column.type),
                       data::TypeName(*known->type))
          .WithHint("declare `data_type` of the column, or load it with `mode: full-refresh` into a new table");
    }
    changed = true;
  }
  if (changed) {
    registered.names = RawColumnNames(registered.table.columns, context.asset.soft_delete);
    registered.changed = true;
  }
  return changed;
}

std::string RegisteredToJson(const RegisteredTable& registered) {
  json columns = json::array();
  for (size_t i = 0; i < registered.table.columns.size(); ++i) {
    const SourceColumn& column = registered.table.columns[i];
    columns.push_back(
        {{"name", column.name}, {"column", registered.names[i]}, {"type", data::TypeToJson(*column.type)}});
  }
  return json{{"version", 1},
              {"name", registered.table.name},
              {"columns", columns},
              {"primary_key", registered.table.primary_key},
              {"settings", registered.table.settings}}
      .dump();
}

Result<RegisteredTable> RegisteredFromJson(const std::string& text) {
  try {
    json parsed = json::parse(text);
    RegisteredTable registered;
    registered.table.name = parsed.at("name");
    registered.table.primary_key = parsed.at("primary_key").get<std::vector<std::string>>();
    registered.table.settings = parsed.at("settings").get<std::map<std::string, std::string>>();
    for (const json& column : parsed.at("columns")) {
      LEAT_ASSIGN(data::TypePtr type, data::TypeFromJson(column.at("type")));
      registered.table.columns.push_back({column.at("name"), type, ""});
      registered.names.push_back(column.at("column"));
    }
    return registered;
  } catch (const json::exception& failure) {
    return MakeError("RUN-502", ErrorKind::kEnvironment, "the registered schema of a source cannot be read: {}",
                     failure.what())
        .WithHint("the state store is damaged: restore it from its newest copy");
  }
}

Status WriteRegistered(state::Transaction& tx, const std::string& load_key, const std::string& run_id,
                       const RegisteredTable& registered) {
  std::string text = RegisteredToJson(registered);
  // Newest counts; two in one microsecond still get an order of their own.
  LEAT_ASSIGN(state::Rows newest,
              tx.Query("SELECT max(at) FROM registered_schema WHERE load_key = ?1", {state::Value(load_key)}));
  int64_t at = std::max<int64_t>(tx.Now(), newest.empty() ? 0 : newest.OptInt(0, 0).value_or(0) + 1);
  LEAT_ASSIGN(
      int64_t rows,
      tx.Execute("INSERT INTO registered_schema (load_key, hash, schema_json, run_id, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                 {state::Value(load_key), state::Value(io::HashBytes(text)), state::Value(text), state::Value(run_id),
                  state::Value(at)}));
  (void)rows;
  return Ok();
}

WantedSchema RawSchema(const StepContext& context, const RegisteredTable& registered) {
  WantedSchema wanted;
  wanted.keep_others = true;
  auto add = [&](const std::string& name, data::TypePtr type, const std::string& doc) {
    data::Field field;
    field.name = name;
    field.type = std::move(type);
    field.doc = doc;
    wanted.fields.push_back(std::move(field));
  };
  for (size_t i = 0; i < registered.names.size(); ++i) {
    const project::ColumnInfo* info = FindInfo(context.asset, registered.table.columns[i].name);
    add(registered.names[i], registered.table.columns[i].type, info == nullptr ? "" : info->description);
  }
  add(kLoadedAt, data::Primitive(data::TypeId::kTimestampTz), "When the row was loaded");
  add(kBatchId, data::Primitive(data::TypeId::kString), "The run that loaded the row");
  add(kSourceFile, data::Primitive(data::TypeId::kString), "The file that the row came from");
  add(kSourceRow, data::Primitive(data::TypeId::kLong),
      "The number of the row in its source, where the source has one");
  if (context.asset.soft_delete) wanted.fields.push_back(DeletedAtField());
  return wanted;
}

}  // namespace leat::run
