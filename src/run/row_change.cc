#include "run/row_change.h"

#include <algorithm>
#include <set>

#include "lake/row_lineage.h"
#include "lake/scan.h"
#include "lake/snapshot_summary.h"
#include "run/load_schema.h"
#include "sql/walker.h"

namespace leat::run {
namespace {

constexpr const char* kReplaced = "temp.leat_replaced";

int64_t Number(const sql::TextRows& rows, size_t column) {
  return std::strtoll(rows.At(0, column).value_or("0").c_str(), nullptr, 10);
}

/// One change by key: what the staged rows are held against, and the files that come of it.
class KeyedChange {
 public:
  KeyedChange(StepContext& context, StepWork& work, const Target& target, const Layout& layout, const KeyedRows& rows,
              const std::string& folder)
      : context_(context),
        work_(work),
        connection_(work.connection()),
        target_(target),
        layout_(layout),
        rows_(rows),
        folder_(folder),
        table_("temp." + sql::QuoteName(rows.staged)) {}

  Result<RowChange> Upsert() {
    LEAT_TRY(Begin());
    LEAT_TRY(OneRowPerKey());
    if (rows_.late && !rows_.newest_by.empty()) LEAT_TRY(LeaveLate());
    if (rows_.leave_equal && !old_rows_.empty()) LEAT_TRY(LeaveEqual());
    std::string mark = rows_.marked;
    if (!rows_.source_keys.empty() && !old_rows_.empty()) {
      LEAT_TRY(AddGone());
      mark = mark.empty() ? "leat_gone" : "(leat_gone OR " + mark + ")";
    }
    const std::string unmarked = mark.empty() ? "" : " WHERE NOT " + mark;
    LEAT_ASSIGN(const int64_t marked, Count(table_, mark));
    LEAT_ASSIGN(const int64_t staged, Count(table_, "true"));
    AddFilter(kDeleteRule, marked - change_.rows_gone);
    if (mark.empty()) mark = "false";
    const bool look = !old_rows_.empty() && staged > 0;
    if (look) LEAT_TRY(FindReplaced(mark, "old_rows.* EXCLUDE (leat_file, leat_row)"));
    LEAT_TRY(look && lineage_ ? WriteWithRowIds(unmarked, staged - marked) : WriteNew(unmarked));
    change_.rows_inserted = change_.rows_out;
    if (!look) return std::move(change_);
    LEAT_ASSIGN(const sql::TextRows counts,
                connection_.Query("SELECT count(*) FILTER (NOT leat_marked), count(*) FILTER (leat_marked), "
                                  "count(DISTINCT leat_key) FILTER (NOT leat_marked) FROM " +
                                  std::string(kReplaced)));
    const int64_t replaced = Number(counts, 0), gone = Number(counts, 1), keys = Number(counts, 2);
    change_.rows_inserted = change_.rows_out - keys;
    change_.rows_updated = keys + (rows_.soft_delete ? gone : 0);
    change_.rows_deleted = replaced - keys + (rows_.soft_delete ? 0 : gone);
    if (rows_.soft_delete && gone > 0) LEAT_TRY(WriteGone("leat_marked"));
    LEAT_TRY(WriteDeletes(replaced + gone));
    return std::move(change_);
  }

  Result<RowChange> Insert() {
    LEAT_TRY(Begin());
    LEAT_TRY(OneRowPerKey());
    std::string only;
    if (!old_rows_.empty()) {
      LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE leat_known AS SELECT DISTINCT " + list_ + " FROM (" +
                                   old_rows_ + ") AS old_rows"));
      const std::string known = "EXISTS (SELECT 1 FROM temp.leat_known AS old_rows WHERE " + match_ + ")";
      LEAT_ASSIGN(const sql::TextRows there,
                  connection_.Query("SELECT count(*) FROM " + table_ + " AS new_rows WHERE " + known));
      AddFilter(kExistingRule, Number(there, 0));
      only = " AS new_rows WHERE NOT " + known;
    }
    LEAT_TRY(WriteNew(only));
    change_.rows_inserted = change_.rows_out;
    return std::move(change_);
  }

  Result<RowChange> Delete() {
    LEAT_TRY(Begin());
    LEAT_ASSIGN(const int64_t keys, Count(table_, "true"));
    AddFilter(kDeleteKeyRule, keys);
    if (old_rows_.empty() || keys == 0) return std::move(change_);
    LEAT_TRY(FindReplaced("true", "old_rows.* EXCLUDE (leat_file, leat_row)", "SELECT DISTINCT " + list_));
    LEAT_ASSIGN(const int64_t gone, Count(kReplaced, "true"));
    (rows_.soft_delete ? change_.rows_updated : change_.rows_deleted) = gone;
    if (rows_.soft_delete && gone > 0) LEAT_TRY(WriteGone("true"));
    LEAT_TRY(WriteDeletes(gone));
    return std::move(change_);
  }

  Result<RowChange> ReplaceAll() {
    LEAT_TRY(Begin());
    LEAT_TRY(WriteNew(""));
    change_.rows_inserted = change_.rows_out;
    change_.rows_deleted = RowsBefore(target_);
    if (old_rows_.empty()) return std::move(change_);
    // NULL is a key like any other here: old rows without one are gone only if no new row is without.
    std::string same;
    for (const std::string& key : names_)
      same += fmt::format("{}new_rows.{} IS NOT DISTINCT FROM old_rows.{}", same.empty() ? "" : " AND ", key, key);
    LEAT_TRY(connection_.Execute(
        "CREATE OR REPLACE TEMP TABLE leat_replaced AS SELECT old_rows.* EXCLUDE (leat_file, "
        "leat_row) FROM (" +
        old_rows_ + ") AS old_rows WHERE NOT EXISTS (SELECT 1 FROM " + table_ + " AS new_rows WHERE " + same + ")"));
    LEAT_ASSIGN(change_.rows_updated, Count(kReplaced, std::string(kDeletedAt) + " IS NULL"));
    LEAT_TRY(WriteGone("true"));
    int64_t kept = 0;
    for (const lake::DataFile& file : change_.kept) kept += file.record_count;
    change_.rows_deleted -= kept;
    return std::move(change_);
  }

 private:
  /// Names of the key's columns and the old rows with their places.
  Status Begin() {
    for (const std::string& key : rows_.keys) {
      const data::Field* field = layout_.schema.FindColumn(key);
      if (field == nullptr) {
        return MakeError("RUN-534", ErrorKind::kConfig, "table {}: the key column '{}' is not among its columns",
                         context_.asset.table.ToString(), key)
            .At(context_.asset.where)
            .WithHint("it has " + ColumnList(layout_.schema));
      }
      const std::string name = sql::QuoteName(field->name);
      names_.push_back(name);
      const char* const also = present_.empty() ? "" : " AND ";
      list_ += fmt::format("{}{}", list_.empty() ? "" : ", ", name);
      match_ += fmt::format("{}old_rows.{} = new_rows.{}", also, name, name);
      present_ += fmt::format("{}{} IS NOT NULL", also, name);
    }
    if (target_.metadata == nullptr || target_.metadata->current_snapshot() == nullptr) return Ok();
    LEAT_ASSIGN(const lake::ScanPlan plan,
                lake::PlanScan(*context_.lakehouse.files, *target_.metadata, target_.metadata->current_snapshot()));
    if (plan.files.empty()) return Ok();
    // In the shape that the table has from now on: what is written again must have it.
    lineage_ = layout_.metadata.format_version > 2;
    LEAT_ASSIGN(old_rows_, sql::ReadSql(*context_.lakehouse.files, connection_, layout_.metadata, layout_.schema, plan,
                                        {.places = true, .lineage = lineage_}));
    return Ok();
  }

  Result<int64_t> Count(const std::string& table, const std::string& condition) {
    if (condition.empty()) return int64_t{0};
    LEAT_ASSIGN(const sql::TextRows rows, connection_.Query("SELECT count(*) FROM " + table + " WHERE " + condition));
    return Number(rows, 0);
  }

  void AddFilter(const char* rule, int64_t rows) {
    if (rows > 0) change_.filters.push_back({rule, rows});
  }

  /// The keys that come more than once, and one of them.
  Result<sql::TextRows> Twice() {
    return connection_.Query("SELECT count(*), any_value(k) FROM (SELECT row(" + list_ + ")::VARCHAR AS k FROM " +
                             table_ + " WHERE " + present_ + " GROUP BY " + list_ + " HAVING count(*) > 1)");
  }

  Status OneRowPerKey() {
    LEAT_ASSIGN(sql::TextRows twice, Twice());
    if (Number(twice, 0) == 0) return Ok();
    if (!rows_.newest_by.empty()) {
      LEAT_TRY(LeaveNewest());
      LEAT_ASSIGN(twice, Twice());
      if (Number(twice, 0) == 0) return Ok();
    }
    return MakeError("RUN-533", ErrorKind::kData,
                     "table {}: {} keys ({}) come more than once in the new rows{}, for example {}",
                     context_.asset.table.ToString(), Number(twice, 0), list_,
                     rows_.newest_by.empty() ? "" : " with one " + rows_.newest_by, twice.At(0, 1).value_or(""))
        .WithHint(rows_.newest_by.empty()
                      ? "make the key unique, name an `update_key` so that the newest row of each key counts, or "
                        "quarantine duplicates with a `unique` check and `keep`"
                      : "make the key unique, or quarantine duplicates with a `unique` check and `keep`");
  }

  Result<const data::Field*> NewestBy() const {
    const data::Field* by = layout_.schema.FindColumn(rows_.newest_by);
    if (by != nullptr) return by;
    return MakeError("RUN-534", ErrorKind::kConfig, "table {}: the update_key '{}' is not among its columns",
                     context_.asset.table.ToString(), rows_.newest_by)
        .At(context_.asset.where)
        .WithHint("it has " + ColumnList(layout_.schema));
  }

  /// Rows that are older than the table's row of their key go, and are counted.
  Status LeaveLate() {
    LEAT_ASSIGN(const data::Field* by, NewestBy());
    if (old_rows_.empty()) return Ok();
    const std::string name = sql::QuoteName(by->name);
    LEAT_TRY(connection_.Execute(fmt::format(
        "CREATE OR REPLACE TEMP TABLE leat_late AS SELECT DISTINCT {0} FROM (SELECT new_rows.* FROM ({1}) AS old_rows JOIN {2} AS "
        "new_rows ON {3} WHERE old_rows.{4} > new_rows.{4} OR (new_rows.{4} IS NULL AND old_rows.{4} IS NOT NULL))",
        list_, old_rows_, table_, match_, name)));
    const std::string late = "EXISTS (SELECT 1 FROM temp.leat_late AS old_rows WHERE " + match_ + ")";
    LEAT_ASSIGN(const sql::TextRows count,
                connection_.Query("SELECT count(*) FROM " + table_ + " AS new_rows WHERE " + late));
    if (Number(count, 0) == 0) return Ok();
    AddFilter(kLateRule, Number(count, 0));
    LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE leat_in_time AS SELECT * FROM " + table_ +
                                 " AS new_rows WHERE NOT " + late));
    return connection_.Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(rows_.staged) +
                               " AS SELECT * FROM temp.leat_in_time");
  }

  /// Of several rows of one key those with the greatest value stay; the others are counted.
  Status LeaveNewest() {
    LEAT_ASSIGN(const data::Field* by, NewestBy());
    LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE leat_versions AS SELECT *, CASE WHEN " + present_ +
                                 " THEN rank() OVER (PARTITION BY " + list_ + " ORDER BY " + sql::QuoteName(by->name) +
                                 " DESC NULLS LAST) ELSE 1 END AS leat_rank FROM " + table_));
    LEAT_ASSIGN(const int64_t older, Count("temp.leat_versions", "leat_rank > 1"));
    AddFilter(kOlderRule, older);
    return connection_.Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(rows_.staged) +
                               " AS SELECT * EXCLUDE (leat_rank) FROM temp.leat_versions WHERE leat_rank = 1");
  }

  /// Takes the rows that the table has already out of the staged ones, and counts them.
  Status LeaveEqual() {
    std::string equal = match_;
    for (const data::Field& field : layout_.schema.fields) {
      const bool of_load = field.name == kLoadedAt || field.name == kBatchId || field.name == kSourceFile ||
                           field.name == kSourceRow || field.name == kDeletedAt;
      const std::string name = sql::QuoteName(field.name);
      if (!of_load) equal += fmt::format(" AND old_rows.{} IS NOT DISTINCT FROM new_rows.{}", name, name);
    }
    if (rows_.soft_delete) equal += fmt::format(" AND old_rows.{} IS NULL", kDeletedAt);
    const std::string mark = rows_.marked.empty() ? "false" : rows_.marked;
    LEAT_ASSIGN(const int64_t before, Count(table_, "true"));
    LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE leat_changed AS SELECT * FROM (SELECT *, " + mark +
                                 " AS leat_mark FROM " + table_ +
                                 ") AS new_rows WHERE leat_mark OR NOT EXISTS (SELECT 1 FROM (" + old_rows_ +
                                 ") AS old_rows WHERE " + equal + ")"));
    LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(rows_.staged) +
                                 " AS SELECT * EXCLUDE (leat_mark) FROM temp.leat_changed"));
    LEAT_ASSIGN(const int64_t after, Count(table_, "true"));
    AddFilter(kUnchangedRule, before - after);
    return Ok();
  }

  /// Adds the old rows whose keys the source no longer has to the staged ones, marked by leat_gone.
  Status AddGone() {
    std::string among_keys, among_new;
    for (const std::string& key : names_) {
      among_keys += fmt::format("{}source_keys.{} = old_rows.{}", among_keys.empty() ? "" : " AND ", key, key);
      among_new += fmt::format("{}staged.{} = old_rows.{}", among_new.empty() ? "" : " AND ", key, key);
    }
    LEAT_TRY(connection_.Execute(
        "CREATE OR REPLACE TEMP TABLE leat_gone AS SELECT old_rows.* EXCLUDE (leat_file, leat_row) FROM (" + old_rows_ +
        ") AS old_rows WHERE " + present_ + " AND NOT EXISTS (SELECT 1 FROM temp." + sql::QuoteName(rows_.source_keys) +
        " AS source_keys WHERE " + among_keys + ") AND NOT EXISTS (SELECT 1 FROM " + table_ + " AS staged WHERE " +
        among_new + ")" + (rows_.soft_delete ? " AND old_rows." + std::string(kDeletedAt) + " IS NULL" : "")));
    LEAT_ASSIGN(change_.rows_gone, Count("temp.leat_gone", "true"));
    const std::string columns = ColumnList(layout_.schema);
    LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE leat_with_gone AS SELECT " + columns +
                                 ", false AS leat_gone FROM " + table_ + " UNION ALL SELECT " + columns +
                                 ", true FROM temp.leat_gone"));
    return connection_.Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(rows_.staged) +
                               " AS SELECT * FROM temp.leat_with_gone");
  }

  /// `condition`: what follows the table in FROM.
  Status WriteNew(const std::string& condition) {
    LEAT_ASSIGN(const int64_t staged, Count(table_, "true"));
    LEAT_ASSIGN(sql::WriteResult written,
                work_.WriteFiles("SELECT " + ColumnList(layout_.schema) + " FROM " + table_ + condition, layout_,
                                 folder_, staged));
    change_.delta.files = std::move(written.files);
    change_.rows_out = written.rows;
    return Ok();
  }

  /// The same, where rows that replace others keep their row ids (format v3).
  Status WriteWithRowIds(const std::string& condition, int64_t rows) {
    std::string key;
    for (size_t i = 0; i < names_.size(); ++i)
      key += fmt::format("{}k{} := new_rows.{}", i == 0 ? "" : ", ", i, names_[i]);
    const std::string ids = fmt::format(
        "SELECT leat_key, min({0}) AS {0} FROM {1} WHERE NOT leat_marked GROUP BY leat_key", lake::kRowId, kReplaced);
    LEAT_ASSIGN(
        sql::WriteResult written,
        WriteAgain(fmt::format("SELECT {}, {}, NULL FROM (SELECT * FROM {}{}) AS new_rows LEFT JOIN ({}) AS ids "
                               "ON struct_pack({}) = ids.leat_key",
                               ColumnList(layout_.schema), lake::kRowId, table_, condition, ids, key),
                   folder_, rows));
    change_.delta.files = std::move(written.files);
    change_.rows_out = written.rows;
    return Ok();
  }

  /// Files of rows with the columns of the layout, their row ids and when they were changed last (NULL: now).
  Result<sql::WriteResult> WriteAgain(const std::string& select, const std::string& folder,
                                      std::optional<int64_t> rows = std::nullopt) {
    Layout layout = layout_;
    layout.schema = lake::WithRowLineage(layout.schema);
    return work_.WriteFiles(select, layout, folder, rows);
  }

  /// leat_replaced: the old rows of the staged keys with their places, and whether they are taken out. Of those, a row that
  /// is gone already stays as it is.
  Status FindReplaced(const std::string& mark, const std::string& columns, const std::string& keys = "") {
    std::string members;  // named: a temporary table cannot keep an unnamed struct
    for (size_t i = 0; i < names_.size(); ++i)
      members += (i == 0 ? "k" : ", k") + std::to_string(i) + " := new_rows." + names_[i];
    const std::string alive =
        rows_.soft_delete ? " WHERE NOT leat_marked OR old_rows." + std::string(kDeletedAt) + " IS NULL" : "";
    return connection_.Execute(
        "CREATE OR REPLACE TEMP TABLE leat_replaced AS SELECT old_rows.leat_file AS leat_file, "
        "old_rows.leat_row AS leat_row, struct_pack(" +
        members + ") AS leat_key, leat_marked" +
        (rows_.soft_delete ? ", " + columns
         : lineage_        ? std::string(", old_rows.") + lake::kRowId
                           : "") +
        " FROM (" + old_rows_ + ") AS old_rows JOIN (SELECT *, " + mark + " AS leat_marked FROM (" +
        (keys.empty() ? "SELECT *" : keys) + " FROM " + table_ + ")) AS new_rows ON " + match_ + alive);
  }

  /// Writes rows of leat_replaced again, with the time at which they went.
  Status WriteGone(const std::string& condition) {
    std::string columns;
    for (const data::Field& field : layout_.schema.fields) {
      const std::string name = sql::QuoteName(field.name);
      const bool gone = field.name == kDeletedAt;
      columns += columns.empty() ? "" : ", ";
      columns += gone ? fmt::format("coalesce({}, {}) AS {}", name, TimeLiteral(SystemClock().Now()), name) : name;
    }
    const std::string from = std::string(" FROM ") + kReplaced + " WHERE " + condition;
    const std::string folder = io::JoinUri(folder_, "gone");
    // A row that was gone before is only written again: it keeps the time of its last change, too.
    LEAT_ASSIGN(sql::WriteResult written,
                lineage_ ? WriteAgain(fmt::format("SELECT {}, {}, CASE WHEN {} IS NOT NULL THEN {} END{}", columns,
                                                  lake::kRowId, kDeletedAt, lake::kLastUpdated, from),
                                      folder)
                         : work_.WriteFiles("SELECT " + columns + from, layout_, folder));
    change_.kept = std::move(written.files);
    return Ok();
  }

  Status WriteDeletes(int64_t places) {
    if (places == 0) return Ok();
    sql::WriteOptions options;
    options.folder = io::JoinUri(folder_, "deletes");  // goes with the folder when the commit fails
    options.memory_limit_bytes = context_.memory_bytes;
    LEAT_ASSIGN(sql::WriteResult deletes,
                sql::WriteRowDeletes(
                    *context_.lakehouse.files, connection_,
                    "SELECT leat_file, leat_row FROM " + std::string(kReplaced) + " ORDER BY leat_file, leat_row",
                    layout_.metadata, options));
    change_.delta.deletes = std::move(deletes.files);
    change_.delta.replaced_deletes = std::move(deletes.replaced);
    for (const lake::DataFile& file : change_.kept) change_.delta.files.push_back(file);
    return Ok();
  }

  StepContext& context_;
  StepWork& work_;
  sql::Connection& connection_;
  const Target& target_;
  const Layout& layout_;
  const KeyedRows& rows_;
  const std::string& folder_;
  const std::string table_;
  std::vector<std::string> names_;
  std::string list_, present_, match_;
  std::string old_rows_;  ///< "": there are none
  bool lineage_ = false;  ///< old rows have row ids that they keep
  RowChange change_;
};

}  // namespace

int64_t RowChange::rows_filtered() const {
  int64_t rows = 0;
  for (const NamedCount& filter : filters) rows += filter.rows;
  return rows;
}

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

Result<RowChange> UpsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                             const KeyedRows& rows, const std::string& folder) {
  return KeyedChange(context, work, target, layout, rows, folder).Upsert();
}

Result<RowChange> InsertRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                             const KeyedRows& rows, const std::string& folder) {
  return KeyedChange(context, work, target, layout, rows, folder).Insert();
}

Result<RowChange> DeleteRows(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                             const KeyedRows& rows, const std::string& folder) {
  return KeyedChange(context, work, target, layout, rows, folder).Delete();
}

Result<RowChange> ReplaceKeepingGone(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                                     const KeyedRows& rows, const std::string& folder) {
  return KeyedChange(context, work, target, layout, rows, folder).ReplaceAll();
}

int64_t RowsBefore(const Target& target) {
  const lake::Snapshot* snapshot = target.metadata == nullptr ? nullptr : target.metadata->current_snapshot();
  if (snapshot == nullptr) return 0;
  const auto total = [&](const char* key) {
    const auto found = snapshot->summary.find(key);
    return found == snapshot->summary.end() ? 0 : std::strtoll(found->second.c_str(), nullptr, 10);
  };
  return total("total-records") - total("total-position-deletes");
}

Result<int64_t> RowsInPartitions(StepContext& context, sql::Connection& connection, const Target& target,
                                 const Layout& layout, const std::vector<lake::DataFile>& files) {
  if (target.metadata == nullptr || target.metadata->current_snapshot() == nullptr) return int64_t{0};
  std::set<std::string> replaced;
  for (const lake::DataFile& file : files) replaced.insert(lake::PartitionKey(file));
  LEAT_ASSIGN(lake::ScanPlan plan,
              lake::PlanScan(*context.lakehouse.files, *target.metadata, target.metadata->current_snapshot()));
  const int spec = layout.metadata.default_spec_id;
  const bool other = std::any_of(plan.files.begin(), plan.files.end(),
                                 [&](const lake::ScanFile& one) { return one.file.spec_id != spec; });
  if (other) {
    return MakeError("RUN-538", ErrorKind::kUnsupported,
                     "table {} has files from before its `partition_by` changed: their partitions cannot be replaced",
                     context.asset.table.ToString())
        .At(context.asset.where)
        .WithHint("load it once with `mode: full-refresh`, then with `mode: partition` again");
  }
  std::erase_if(plan.files,
                [&](const lake::ScanFile& one) { return !replaced.contains(lake::PartitionKey(one.file)); });
  if (plan.files.empty()) return int64_t{0};
  LEAT_ASSIGN(const std::string rows,
              sql::ReadSql(*context.lakehouse.files, connection, layout.metadata, layout.schema, plan));
  LEAT_ASSIGN(const sql::TextRows count, connection.Query("SELECT count(*) FROM (" + rows + ")"));
  return Number(count, 0);
}

}  // namespace leat::run
