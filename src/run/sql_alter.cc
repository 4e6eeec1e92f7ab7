#include "run/sql_alter.h"

#include <algorithm>

#include "base/nearest.h"
#include "lake/table_update.h"

namespace leat::run {
namespace {

using Kind = sql::WriteStatement::Kind;

bool Partitions(const lake::TableMetadata& metadata, int field_id) {
  const auto& parts = metadata.default_spec().fields;
  const auto& sorts = metadata.default_sort_order().fields;
  return std::any_of(parts.begin(), parts.end(), [&](const auto& one) { return one.source_id == field_id; }) ||
         std::any_of(sorts.begin(), sorts.end(), [&](const auto& one) { return one.source_id == field_id; });
}

Error Refused(const std::string& sql, const sql::WrittenName& name, const std::string& message) {
  return Error("RUN-604", ErrorKind::kUsage, message).At(sql::PositionAt(sql, name.offset, name.length, ""));
}

}  // namespace

Error NoSuchColumn(const data::Schema& schema, const std::string& sql, const sql::WrittenName& name) {
  std::vector<std::string> names;
  std::string all;
  for (const data::Field& field : schema.fields) {
    names.push_back(field.name);
    all += (all.empty() ? "" : ", ") + field.name;
  }
  const std::string near = DidYouMean(name.text, names);
  return Refused(sql, name, "the table has no column '" + name.text + "'")
      .WithHint(near.empty() ? "it has " + all : near);
}

Result<lake::TableMetadata> AlterTable(const lake::TableMetadata& before, const std::string& sql,
                                       const sql::WriteStatement& statement, const data::TypePtr& type,
                                       TimeMicros now) {
  data::Schema schema = before.current_schema();
  const sql::WrittenName& name = statement.columns[0];
  const data::Field* known = schema.FindColumn(name.text);
  if (statement.kind == Kind::kAddColumn) {
    if (known != nullptr && statement.column_if_exists) return before;
    if (known != nullptr) return Refused(sql, name, "the table has a column '" + known->name + "' already");
    data::Field field;
    field.name = name.text;
    field.type = type;
    schema.fields.push_back(std::move(field));
    data::AssignFieldIds(schema, before.last_column_id + 1);
  } else if (known == nullptr) {
    if (statement.column_if_exists) return before;
    return NoSuchColumn(schema, sql, name);
  } else {
    const auto at = schema.fields.begin() + (known - schema.fields.data());
    if (statement.kind == Kind::kRenameColumn) {
      const data::Field* other = schema.FindColumn(statement.new_name);
      if (other != nullptr && other != known)
        return Refused(sql, name, "the table has a column '" + other->name + "' already");
      at->name = statement.new_name;
    } else if (statement.kind == Kind::kDropColumn) {
      if (Partitions(before, known->id))
        return Refused(sql, name, "the table is partitioned or sorted by column '" + known->name + "'")
            .WithHint("make the table anew: CREATE OR REPLACE TABLE … AS");
      if (schema.fields.size() == 1) return Refused(sql, name, "a table keeps at least one column");
      std::erase(schema.identifier_field_ids, known->id);
      schema.fields.erase(at);
    } else {
      if (data::TypeName(*known->type) == data::TypeName(*type)) return before;
      if (!data::CanPromote(*known->type, *type)) {
        return Refused(sql, name,
                       fmt::format("column '{}' of type {} cannot become {} in place", known->name,
                                   data::TypeName(*known->type), data::TypeName(*type)))
            .WithHint(
                "int -> long, float -> double and a wider decimal can; else add a column, UPDATE it and drop the "
                "old one");
      }
      at->type = type;
    }
  }
  return lake::ApplyUpdates({lake::AddSchema{std::move(schema)}, lake::SetCurrentSchema{}}, &before, now);
}

}  // namespace leat::run
