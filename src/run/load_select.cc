#include "run/load_select.h"

#include <fmt/format.h>

#include <algorithm>

#include "component/text_inference.h"
#include "run/load_rejects.h"

namespace leat::run {

component::Relation StreamRelation(const project::Asset& asset, const RegisteredTable& registered,
                                   const std::vector<component::InputFile>& files, const LoadStream& stream) {
  component::Relation relation;
  relation.from = "FROM " + stream.from();
  for (size_t i = 0; i < registered.names.size(); ++i) {
    std::string column = "k" + std::to_string(i);
    const data::Type& type = *registered.table.columns[i].type;
    bool as_text = stream.columns()[i].type == "VARCHAR" && type.id != data::TypeId::kString;
    relation.columns.push_back({as_text ? component::ExactCast(column, type) : column, column, as_text});
  }
  if (asset.source->source.files) {
    std::string origins;
    for (const component::InputFile& file : files)
      origins += (origins.empty() ? "" : ", ") + sql::QuoteLiteral(file.origin);
    relation.origin_file = files.size() == 1 ? origins : "list_extract([" + origins + "], leat_file + 1)";
  } else {
    relation.origin_file = sql::QuoteLiteral(asset.connection + "." + registered.table.name);
  }
  relation.origin_row = "leat_row";
  return relation;
}

SplitInput LoadSelect(const LoadSelectInput& load) {
  const auto& [context, registered, relation, rows_schema, loaded_at, stream, large, masks] = load;
  SplitInput input;
  for (const data::Field& field : rows_schema.fields) input.columns.push_back(field.name);
  std::string payload;
  std::string sql = "SELECT ";
  for (size_t i = 0; i < registered.names.size(); ++i) {
    const component::ReadColumn& column = relation.columns[i];
    std::string name = sql::QuoteName(registered.names[i]);
    sql += large.Select(i, registered.names[i], masks.Select(i, column.value));
    if (column.checked) {
      const std::string text = masks.Has(i) ? fmt::format("CASE WHEN ({}) IS NULL AND ({}) IS NOT NULL THEN '' END",
                                                          column.value, column.text)
                                            : column.text;
      sql += text + " AS " + TextColumn(i) + ", ";
    }
    // A decimal as text: a number of JSON would lose digits.
    bool decimal =
        registered.table.columns[i].type != nullptr && registered.table.columns[i].type->id == data::TypeId::kDecimal;
    payload += (payload.empty() ? "" : ", ") + name + " := " +
               (column.checked && !masks.Has(i) ? "coalesce(" + TextColumn(i) + ", " + name + "::VARCHAR)"
                : decimal                       ? name + "::VARCHAR"
                                                : name);
  }
  for (const data::Field& field : rows_schema.fields) {
    bool audit =
        field.name == kLoadedAt || field.name == kBatchId || field.name == kSourceFile || field.name == kSourceRow;
    bool delivered = large.Gives(field.name) ||
                     std::find(registered.names.begin(), registered.names.end(), field.name) != registered.names.end();
    if (!audit && !delivered) sql += sql::NotGivenSql(field) + " AS " + sql::QuoteName(field.name) + ", ";
  }
  std::string origin = relation.origin_file.empty() ? "NULL::VARCHAR" : relation.origin_file;
  std::string row = relation.origin_row.empty() ? "NULL::BIGINT" : relation.origin_row;
  sql += loaded_at + " AS " + kLoadedAt + ", " + sql::QuoteLiteral(context.run_id) + " AS " + kBatchId + ", " + origin +
         " AS " + kSourceFile + ", (" + row + ")::BIGINT AS " + kSourceRow;
  input.origin = kSourceFile;
  input.row = kSourceRow;
  input.payload = "to_json(struct_pack(" + payload + "))";
  input.reader_reason = ReaderReason(relation, registered, masks);
  if (stream) {
    sql += ", leat_bad, leat_payload";
    input.reader_reason =
        input.reader_reason.empty() ? "'b|' || leat_bad" : "coalesce('b|' || leat_bad, " + input.reader_reason + ")";
    // The text of a row may be of any form: where columns are masked, none of it is kept.
    input.payload = masks.any() ? "CASE WHEN leat_bad IS NULL THEN " + input.payload + "::VARCHAR END"
                                : "coalesce(leat_payload, " + input.payload + "::VARCHAR)";
  }
  input.select = sql + " FROM (" + relation.from + ")";
  return input;
}

}  // namespace leat::run
