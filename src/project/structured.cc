#include "project/structured.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/nearest.h"
#include "project/reader.h"

namespace leat::project {
namespace {

using data::TypeId;

// What the load step adds at the end of a raw table, besides the copy of the source.
const std::vector<std::string>& LoadColumns() {
  static const std::vector<std::string> names = {"_loaded_at", "_batch_id", "_source_file", "_source_row"};
  return names;
}

// What a structured table has at its end.
const std::vector<std::string>& AuditColumns() {
  static const std::vector<std::string> names = {"_loaded_at", "_batch_id",  "_source_file",
                                                 "_op",        "_source_ts", "_row_hash"};
  return names;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::any_of(names.begin(), names.end(), [&](const auto& n) { return LowerName(n) == LowerName(name); });
}

bool IsTime(TypeId id) {
  return id == TypeId::kTimestamp || id == TypeId::kTimestampTz || id == TypeId::kTimestampNs ||
         id == TypeId::kTimestampTzNs;
}

bool HasZone(TypeId id) { return id == TypeId::kTimestampTz || id == TypeId::kTimestampTzNs; }

class StructuredBuilder {
 public:
  StructuredBuilder(const Project& project, const Asset& asset, const data::Schema& raw)
      : project_(project), asset_(asset), raw_(raw) {}

  Result<StructuredSql> Build() {
    LEAT_TRY(CheckConfigured());
    std::string list;
    for (const data::Field& field : raw_.fields) {
      if (Contains(LoadColumns(), field.name) || IsDeletedAt(field.name)) continue;
      LEAT_ASSIGN(const std::string expression, Expression(field));
      const std::string name = FreeName(field.name);
      if (name != field.name) mapping_[name] = field.name;
      list += fmt::format("  {} AS {},\n", expression, sql::QuoteName(name));
      hashed_.push_back(field);
    }
    list += Audit();
    StructuredSql result;
    result.select = fmt::format("SELECT\n{}\nFROM {}\n", list, QualifiedName(project_.settings, Raw()->table));
    result.properties["leat.run-bound"] = "_loaded_at,_batch_id";
    if (!mapping_.empty()) result.properties["leat.column-mapping"] = mapping_.dump();
    return result;
  }

 private:
  const Asset* Raw() const {
    const Asset* raw =
        asset_.depends_on.empty() ? nullptr : project_.Find("source" + asset_.id.substr(asset_.id.find('.')));
    return raw == nullptr ? &asset_ : raw;
  }

  bool IsDeletedAt(const std::string& name) const { return asset_.soft_delete && LowerName(name) == "_deleted_at"; }

  const ColumnInfo* Configured(const std::string& name) const {
    for (const ColumnInfo& column : asset_.columns) {
      if (LowerName(column.name) == LowerName(name)) return &column;
    }
    return nullptr;
  }

  Status CheckConfigured() const {
    std::vector<std::string> names;
    names.reserve(raw_.fields.size());
    for (const data::Field& field : raw_.fields) names.push_back(field.name);
    for (const ColumnInfo& column : asset_.columns) {
      if (Contains(names, column.name)) continue;
      // Checks may stand under a clean name or an audit column; only what changes a column must name one of raw.
      if (column.rename_to.empty() && column.time_zone.empty() && column.format.empty()) continue;
      const std::string near = DidYouMean(column.name, names);
      return MakeError("PROJ-231", ErrorKind::kConfig, "structured copy {}: the raw table has no column '{}'",
                       asset_.table.ToString(), column.name)
          .WithHint(near.empty() ? "use the column's name in raw" : near)
          .At(asset_.where);
    }
    return Ok();
  }

  Result<std::string> Expression(const data::Field& field) const {
    const std::string column = sql::QuoteName(field.name);
    const ColumnInfo* info = Configured(field.name);
    if (info == nullptr || (info->format.empty() && info->time_zone.empty())) return column;
    std::string value = column;
    bool has_zone = HasZone(field.type->id);
    if (!info->format.empty() && field.type->id == TypeId::kString) {
      value = fmt::format("strptime({}, {})", column, sql::QuoteLiteral(info->format));
      has_zone = info->format.find("%z") != std::string::npos;
    }
    if (info->time_zone.empty() || has_zone) return value;
    const bool time = IsTime(field.type->id) || field.type->id == TypeId::kString;
    if (!time) {
      return MakeError("PROJ-232", ErrorKind::kConfig, "structured copy {}: column '{}' is {}, it has no local time",
                       asset_.table.ToString(), field.name, data::TypeName(*field.type))
          .WithHint("take time_zone out, or give the format of the text")
          .At(asset_.where);
    }
    return fmt::format("timezone({}, CAST({} AS TIMESTAMP))", sql::QuoteLiteral(info->time_zone), value);
  }

  // The name in the copy; names that are equal without case after cleaning get _2, _3, …
  std::string FreeName(const std::string& raw_name) {
    const ColumnInfo* info = Configured(raw_name);
    const std::string wanted =
        info != nullptr && !info->rename_to.empty() ? info->rename_to : CleanColumnName(raw_name);
    std::string name = wanted;
    for (int n = 2; Contains(AuditColumns(), name) || IsDeletedAt(name) || !taken_.insert(LowerName(name)).second;
         ++n) {
      name = fmt::format("{}_{}", wanted, n);
    }
    return name;
  }

  std::string Audit() const {
    std::string list;
    for (const char* name : {"_loaded_at", "_batch_id", "_source_file", "_deleted_at"}) {
      if (name == std::string_view("_deleted_at") && !asset_.soft_delete) continue;  // a column of the source
      if (raw_.FindColumn(name) != nullptr) list += fmt::format("  {},\n", sql::QuoteName(name));
    }
    const bool whole = asset_.replaces_all() || asset_.mode == "snapshot" || asset_.mode == "partition";
    const char* op = whole ? "snapshot" : asset_.mode == "incremental" ? "upsert" : "insert";
    list += fmt::format("  '{}' AS \"_op\",\n", op);
    const data::Field* key = asset_.update_key.empty() ? nullptr : raw_.FindColumn(asset_.update_key);
    if (key != nullptr && (IsTime(key->type->id) || key->type->id == TypeId::kDate)) {
      const auto expression = Expression(*key);
      list += fmt::format("  CAST({} AS TIMESTAMPTZ) AS \"_source_ts\",\n",
                          expression.ok() ? *expression : sql::QuoteName(key->name));
    }
    return list + "  " + RowHash() + " AS \"_row_hash\"";
  }

  // Of the source's values as text, each with its length before it: NULL is apart from '' and no two rows run together.
  std::string RowHash() const {
    std::string parts;
    for (const data::Field& field : hashed_) {
      const std::string text = fmt::format("CAST({} AS VARCHAR)", sql::QuoteName(field.name));
      parts += fmt::format("{}coalesce(strlen({}) || ':' || {}, '-')", parts.empty() ? "" : ", ", text, text);
    }
    return parts.empty() ? "md5('')" : fmt::format("md5(concat({}))", parts);
  }

  const Project& project_;
  const Asset& asset_;
  const data::Schema& raw_;
  std::vector<data::Field> hashed_;
  std::set<std::string> taken_;
  nlohmann::json mapping_ = nlohmann::json::object();
};

}  // namespace

std::string CleanColumnName(std::string_view name) {
  std::string clean;
  bool gap = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool good =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || byte >= 0x80;
    if (!good) {
      gap = true;
      continue;
    }
    if (gap && !clean.empty()) clean += '_';
    gap = false;
    clean += c;
  }
  if (clean.empty()) return "column";
  if (clean[0] >= '0' && clean[0] <= '9') return "_" + clean;
  return clean;
}

Result<StructuredSql> StructuredSelect(const Project& project, const Asset& asset, const data::Schema& raw) {
  return StructuredBuilder(project, asset, raw).Build();
}

}  // namespace leat::project
