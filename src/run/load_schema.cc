#include "run/load_schema.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "run/schema_history.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using component::SourceColumn;

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

}  // namespace

const project::ColumnInfo* FindColumnInfo(const project::Asset& asset, const std::string& name) {
  for (const project::ColumnInfo& column : asset.columns) {
    if (Lower(column.name) == Lower(name)) return &column;
  }
  return nullptr;
}

Status DecideTypes(const project::Asset& asset, std::vector<SourceColumn>& columns, bool declared) {
  for (SourceColumn& column : columns) {
    const project::ColumnInfo* info = declared ? FindColumnInfo(asset, column.name) : nullptr;
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

std::set<std::string> DeclaredColumns(const project::Asset& asset, const std::vector<SourceColumn>& columns) {
  std::set<std::string> declared;
  for (const SourceColumn& column : columns) {
    const project::ColumnInfo* info = FindColumnInfo(asset, column.name);
    if (info != nullptr && !info->data_type.empty()) declared.insert(column.name);
  }
  return declared;
}

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

namespace {

std::set<std::string> AuditNames(bool soft_delete) {
  std::set<std::string> names = {kLoadedAt, kBatchId, kSourceFile, kSourceRow};
  if (soft_delete) names.insert(kDeletedAt);
  return names;
}

std::string FreeName(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (int again = 2; !taken.insert(Lower(name)).second; ++again) name = wanted + "_" + std::to_string(again);
  return name;
}

}  // namespace

std::vector<std::string> RawColumnNames(const std::vector<SourceColumn>& columns, bool soft_delete) {
  std::set<std::string> taken = AuditNames(soft_delete);
  std::vector<std::string> names;
  names.reserve(columns.size());
  for (const SourceColumn& column : columns) names.push_back(FreeName(column.name, taken));
  return names;
}

bool IsRegistered(const RegisteredTable& registered, const std::string& name) {
  return std::any_of(registered.table.columns.begin(), registered.table.columns.end(),
                     [&](const SourceColumn& column) { return column.name == name; });
}

std::string NewRawName(const RegisteredTable& registered, const std::string& name, bool soft_delete) {
  std::set<std::string> taken = AuditNames(soft_delete);
  for (const std::string& one : registered.names) taken.insert(Lower(one));
  for (const LeftOutColumn& one : registered.left_out) taken.insert(Lower(one.column));
  return FreeName(name, taken);
}

bool RenameRegistered(RegisteredTable& registered, const std::string& from, const std::string& to, bool soft_delete) {
  const auto rename = [&](std::string& name, std::string& column) {
    name = to;
    column.clear();  // its own name is free
    column = NewRawName(registered, to, soft_delete);
    registered.changed = true;
    for (std::string& key : registered.table.primary_key) key = key == from ? to : key;
    auto type = registered.source_types.extract(from);
    if (!type.empty()) {
      type.key() = to;
      registered.source_types.insert(std::move(type));
    }
  };
  for (size_t i = 0; i < registered.names.size(); ++i) {
    if (registered.table.columns[i].name != from) continue;
    rename(registered.table.columns[i].name, registered.names[i]);
    return true;
  }
  for (size_t i = 0; i < registered.left_out.size(); ++i) {
    LeftOutColumn& left = registered.left_out[i];
    if (left.name != from || left.why == LeftOutColumn::Why::kDiscarded) continue;
    rename(left.name, left.column);
    registered.table.columns.push_back({to, left.type, ""});
    registered.names.push_back(left.column);
    registered.left_out.erase(registered.left_out.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }
  return false;
}

bool IsExcluded(const project::Asset& asset, const std::string& column) {
  return asset.table_values.items.contains("exclude") &&
         project::MatchesColumn(asset.table_values.TextList("exclude"), column);
}

namespace {

/// Takes excluded columns out: they are not asked for, and not known.
void LeaveOutExcluded(const project::Asset& asset, RegisteredTable& registered) {
  std::vector<SourceColumn>& columns = registered.table.columns;
  for (size_t i = columns.size(); i-- > 0;) {
    if (!IsExcluded(asset, columns[i].name)) continue;
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(i));
    registered.names.erase(registered.names.begin() + static_cast<std::ptrdiff_t>(i));
    registered.changed = true;
  }
}

Result<RegisteredTable> FindAllRegistered(StepContext& context, const Target& target, component::Source& source) {
  RegisteredTable registered;
  if (target.metadata != nullptr) {
    LEAT_ASSIGN(const std::string newest, NewestSchema(*context.lakehouse.store, target.view, context.step.load_key));
    if (!newest.empty()) {
      LEAT_ASSIGN(registered, RegisteredFromJson(newest));
      registered.known = true;
      // A type that the user declares afterwards is taken where Iceberg allows the change.
      for (size_t i = 0; i < registered.table.columns.size(); ++i) {
        SourceColumn& column = registered.table.columns[i];
        const project::ColumnInfo* info = FindColumnInfo(context.asset, column.name);
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
  const std::set<std::string> declared = DeclaredColumns(context.asset, registered.table.columns);
  for (const SourceColumn& column : registered.table.columns) {
    if (column.type != nullptr) registered.source_types[column.name] = column.type;
  }
  LEAT_TRY(DecideTypes(context.asset, registered.table.columns));
  for (const SourceColumn& column : registered.table.columns) {
    if (!declared.contains(column.name)) registered.source_types.emplace(column.name, column.type);
  }
  registered.names = RawColumnNames(registered.table.columns, context.asset.soft_delete);
  registered.changed = true;
  if (target.metadata != nullptr) {
    for (size_t i = 0; i < registered.names.size(); ++i) {
      const data::Field* field = target.metadata->current_schema().FindColumn(registered.names[i]);
      const project::ColumnInfo* info = FindColumnInfo(context.asset, registered.table.columns[i].name);
      const bool masked = info != nullptr && info->mask != nullptr;  // the table's type is the mask's
      if (field != nullptr && !masked) registered.table.columns[i].type = field->type;
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

WantedSchema RawSchema(const StepContext& context, const RegisteredTable& registered,
                       const std::vector<data::Field>& derived) {
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
    if (registered.watched.contains(registered.table.columns[i].name)) continue;
    const project::ColumnInfo* info = FindColumnInfo(context.asset, registered.table.columns[i].name);
    add(registered.names[i], registered.table.columns[i].type, info == nullptr ? "" : info->description);
  }
  wanted.fields.insert(wanted.fields.end(), derived.begin(), derived.end());
  add(kLoadedAt, data::Primitive(data::TypeId::kTimestampTz), "When the row was loaded");
  add(kBatchId, data::Primitive(data::TypeId::kString), "The run that loaded the row");
  add(kSourceFile, data::Primitive(data::TypeId::kString), "The file that the row came from");
  add(kSourceRow, data::Primitive(data::TypeId::kLong),
      "The number of the row in its source, where the source has one");
  if (context.asset.soft_delete) wanted.fields.push_back(DeletedAtField());
  return wanted;
}

}  // namespace leat::run
