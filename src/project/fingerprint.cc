#include "config/field_item.h"
#include "io/hash.h"
#include "project/column_mask.h"
#include "project/reader.h"

namespace leat::project {
namespace {

// Length before text: no two different lists of parts give the same bytes.
void Put(std::string& out, std::string_view part) { out += fmt::format("{}:{}", part.size(), part); }

void PutAll(std::string& out, const std::vector<std::string>& parts) {
  Put(out, std::to_string(parts.size()));
  for (const std::string& part : parts) Put(out, part);
}

// Words for readers do not change what a step does; checks and masks are put apart.
bool IsForReaders(const std::string& field) {
  return field == "description" || field == "checks" || field == "tests" || field == "data_tests" || field == "meta" ||
         field == "tags" || field == "structured" || field == "docs" || field == "mask";
}

// How something is read does not change what is read.
bool IsForReading(const std::string& field) {
  return field == "budget" || field == "part_rows" || field == "resume_within" || field == "reconcile" ||
         field == "required_columns";
}

// Fields that came later count only where they are used: fingerprints of earlier builds stay.
bool IsLater(const std::string& field) {
  return field == "soft_delete" || field == "into" || field == "on_empty" || field == "look_back" ||
         field == "exclude" || field == "drift" || field == "renames";
}

void PutValues(std::string& out, const config::Values& values, const std::vector<config::FieldSpec>& fields) {
  for (const auto& [name, item] : values.items) {
    bool secret = false;
    for (const config::FieldSpec& field : fields) secret = secret || (field.name == name && field.secret);
    // A new password does not change what is loaded.
    if (secret || IsForReaders(name) || IsForReading(name) || (IsLater(name) && !item->given)) continue;
    Put(out, name);
    Put(out, item->text);
    PutAll(out, item->list);
    for (const auto& [key, value] : item->map) {
      Put(out, key);
      Put(out, value);
    }
    for (const config::Values& object : item->objects) PutValues(out, object, {});
  }
}

}  // namespace

std::string FingerprintOf(const Asset& asset) {
  std::string out;
  Put(out, "1");  // version of this list
  Put(out, std::to_string(static_cast<int>(asset.kind)));
  Put(out, asset.table.ns);
  Put(out, asset.table.name);
  Put(out, asset.zone);
  Put(out, fmt::format("{}", asset.max_reject));
  for (const auto& [key, value] : asset.table_properties) {
    Put(out, key);
    Put(out, value);
  }
  PutAll(out, asset.partition_by);
  PutAll(out, asset.sort_by);
  for (const ColumnInfo& column : asset.columns)
    PutAll(out, {column.name, column.data_type, column.rename_to, column.format, column.time_zone});
  for (const ColumnInfo& column : asset.columns) {
    if (column.mask != nullptr) PutAll(out, {"mask", column.name, column.mask->mark});
  }
  for (const CheckUse& check : asset.checks) {
    PutAll(out, {check.id, check.check, check.column, std::to_string(static_cast<int>(check.on_fail)),
                 check.arguments_text});
  }
  if (asset.source != nullptr) {
    Put(out, asset.source->name);
    PutValues(out, asset.connection_values, asset.source->connection_fields);
    PutValues(out, asset.table_values, asset.source->fields);
  }
  PutAll(out, {asset.connection, asset.mode, asset.update_key});
  PutAll(out, asset.primary_key);
  Put(out, std::to_string(static_cast<int>(asset.materialised)));
  Put(out, asset.sql);
  PutAll(out, asset.unique_key);
  Put(out, asset.delete_when);
  if (!asset.strategy.empty() && asset.strategy != "merge") Put(out, "strategy " + asset.strategy);
  if (asset.soft_delete && asset.kind != AssetKind::kSourceTable) Put(out, "soft_delete");
  PutAll(out, asset.depends_on);
  return io::HashBytes(out);
}

}  // namespace leat::project
