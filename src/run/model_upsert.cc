#include "run/model_upsert.h"

#include "lake/scan.h"
#include "sql/walker.h"

namespace leat::run {
namespace {

int64_t Number(const sql::TextRows& rows, size_t column) {
  return std::strtoll(rows.At(0, column).value_or("0").c_str(), nullptr, 10);
}

}  // namespace

Result<std::string> DeleteCondition(StepContext& context, sql::Connection& connection) {
  const std::string& condition = context.asset.delete_when;
  if (condition.empty()) return std::string();
  auto wrong = [&](const std::string& why) {
    return MakeError("RUN-536", ErrorKind::kConfig, "table {}: delete_when `{}` {}", context.asset.table.ToString(),
                     condition, why)
        .At(context.asset.where)
        .WithHint("write a condition over the columns of a row, for example: op = 'D'");
  };
  std::string select = "SELECT 1 FROM new_rows WHERE (" + condition + "\n)";
  auto shape = sql::WalkSelect(connection, select);
  if (!shape.ok()) return wrong("cannot be read: " + shape.error().message());
  if (shape->tables.size() != 1) return wrong("reads a table");
  Status confined = sql::CheckConfined(*shape, select);
  if (!confined.ok()) return wrong("is refused: " + confined.error().message());
  return "coalesce((" + condition + "\n), false)";
}

Result<Upsert> UpsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                          const std::string& staged, const std::vector<std::string>& keys, const std::string& marked,
                          const std::string& folder) {
  sql::Connection& connection = work.connection();
  std::string table = "temp." + sql::QuoteName(staged);
  std::string list, present, match;
  for (const std::string& key : keys) {
    const data::Field* field = layout.schema.FindColumn(key);
    if (field == nullptr) {
      return MakeError("RUN-534", ErrorKind::kConfig, "table {}: the key column '{}' is not among its columns",
                       context.asset.table.ToString(), key)
          .At(context.asset.where)
          .WithHint("it has " + ColumnList(layout.schema));
    }
    std::string name = sql::QuoteName(field->name);
    list += (list.empty() ? "" : ", ") + name;
    present += (present.empty() ? "" : " AND ") + name + " IS NOT NULL";
    match += (match.empty() ? "" : " AND ") + std::string("old_rows.") + name + " = new_rows." + name;
  }
  LEAT_ASSIGN(sql::TextRows twice,
              connection.Query("SELECT count(*), any_value(k) FROM (SELECT row(" + list + ")::VARCHAR AS k FROM " +
                               table + " WHERE " + present + " GROUP BY " + list + " HAVING count(*) > 1)"));
  if (Number(twice, 0) > 0) {
    return MakeError("RUN-533", ErrorKind::kData,
                     "table {}: {} keys ({}) come more than once in the new rows, for example {}",
                     context.asset.table.ToString(), Number(twice, 0), list, twice.At(0, 1).value_or(""))
        .WithHint("make the key unique, or quarantine duplicates with a `unique` check and `keep`");
  }

  Upsert upsert;
  std::string keep = marked.empty() ? "" : " WHERE NOT " + marked;
  LEAT_ASSIGN(sql::WriteResult written,
              work.WriteFiles("SELECT " + ColumnList(layout.schema) + " FROM " + table + keep, layout, folder));
  upsert.delta.files = std::move(written.files);
  upsert.rows_out = written.rows;
  upsert.rows_inserted = written.rows;
  if (!marked.empty()) {
    LEAT_ASSIGN(sql::TextRows gone, connection.Query("SELECT count(*) FROM " + table + " WHERE " + marked));
    upsert.rows_marked = Number(gone, 0);
  }
  const lake::TableMetadata& before = *target.metadata;
  const lake::Snapshot* snapshot = before.current_snapshot();
  if (snapshot == nullptr || upsert.rows_out + upsert.rows_marked == 0) return upsert;

  LEAT_ASSIGN(lake::ScanPlan plan, lake::PlanScan(*context.lakehouse.files, before, snapshot));
  if (plan.files.empty()) return upsert;
  LEAT_ASSIGN(std::string old_rows,
              sql::ReadSql(*context.lakehouse.files, connection, before, before.current_schema(), plan, true));
  std::string members;  // named: a temporary table cannot keep an unnamed struct
  for (size_t i = 0; i < keys.size(); ++i)
    members += (i == 0 ? "k" : ", k") + std::to_string(i) + " := new_rows." + sql::QuoteName(keys[i]);
  LEAT_TRY(connection.Execute(
      "CREATE OR REPLACE TEMP TABLE leat_replaced AS SELECT old_rows.leat_file AS file, old_rows.leat_row AS pos, "
      "struct_pack(" +
      members + ") AS leat_key, leat_marked FROM (" + old_rows + ") AS old_rows JOIN (SELECT " + list + ", " +
      (marked.empty() ? "false" : marked) + " AS leat_marked FROM " + table + ") AS new_rows ON " + match));
  LEAT_ASSIGN(
      sql::TextRows counts,
      connection.Query("SELECT count(*), count(DISTINCT leat_key) FILTER (NOT leat_marked) FROM temp.leat_replaced"));
  int64_t replaced = Number(counts, 0);
  upsert.rows_updated = Number(counts, 1);
  upsert.rows_inserted = written.rows - upsert.rows_updated;
  upsert.rows_deleted = replaced - upsert.rows_updated;
  if (replaced == 0) return upsert;
  sql::WriteOptions options;
  options.folder = folder + "-deletes";
  options.memory_limit_bytes = context.memory_bytes;
  LEAT_ASSIGN(sql::WriteResult deletes,
              sql::WritePositionDeletes(*context.lakehouse.files, connection,
                                        "SELECT file, pos FROM temp.leat_replaced ORDER BY file, pos", layout.metadata,
                                        options));
  upsert.delta.deletes = std::move(deletes.files);
  return upsert;
}

}  // namespace leat::run
