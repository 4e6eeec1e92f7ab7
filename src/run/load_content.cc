#include "run/load_content.h"

#include "io/hash.h"
#include "lake/scan.h"
#include "run/load_schema.h"
#include "sql/session.h"

namespace leat::run {
namespace {

constexpr const char* kContentHash = "leat.content-hash";

/// Order-free hash over the rows of a planned read: two 64-bit sums of what is hashed once.
Result<std::string> HashRows(StepContext& context, sql::Connection& connection, const Layout& layout,
                             const lake::ScanPlan& plan) {
  std::string types, columns;
  for (const data::Field& field : layout.schema.fields) {
    if (field.name == kLoadedAt || field.name == kBatchId || field.type->id == data::TypeId::kUnknown) continue;
    types += field.name + " " + data::TypeName(*field.type) + ";";
    columns += (columns.empty() ? "" : ", ") + sql::QuoteName(field.name);
  }
  std::string sums = "0-0-0";
  if (!plan.files.empty()) {
    LEAT_ASSIGN(const std::string read,
                sql::ReadSql(*context.lakehouse.files, connection, layout.metadata, layout.schema, plan));
    LEAT_ASSIGN(const sql::TextRows rows,
                connection.Query(
                    "SELECT count(*) || '-' || coalesce(sum(h), 0) || '-' || coalesce(sum(hash(h)), 0) FROM (SELECT "
                    "hash(row(" +
                    columns + ")) AS h FROM (" + read + ") AS content)"));
    sums = rows.At(0, 0).value_or("");
  }
  return io::HashBytes(types + sums);
}

int64_t RowsOf(const lake::ScanPlan& plan) {
  int64_t rows = 0;
  for (const lake::ScanFile& file : plan.files) rows += file.file.record_count;
  return rows;
}

bool HasDeletes(const lake::ScanPlan& plan) {
  for (const lake::ScanFile& file : plan.files)
    if (!file.position_deletes.empty() || !file.equality_deletes.empty()) return true;
  return false;
}

}  // namespace

Result<bool> EqualContent(StepContext& context, StepWork* work, const Target& target, const Layout& layout,
                          const WrittenContent& written, lake::Properties& summary) {
  if (work == nullptr) return false;
  const lake::Snapshot* before = target.metadata == nullptr ? nullptr : target.metadata->current_snapshot();
  lake::ScanPlan made;
  for (const lake::DataFile& file : written.files) made.files.emplace_back().file = file;
  const auto hash_made = [&]() -> Result<std::string> {
    LEAT_ASSIGN(std::string hash, HashRows(context, work->connection(), layout, made));
    summary[kContentHash] = hash;
    return hash;
  };
  std::string known;
  if (before != nullptr)
    if (const auto found = before->summary.find(kContentHash); found != before->summary.end()) known = found->second;
  if (written.each_is_whole) {
    LEAT_ASSIGN(const std::string hash, hash_made());
    return written.may_be_equal && hash == known;
  }
  if (before == nullptr || !written.may_be_equal) return false;
  LEAT_ASSIGN(const lake::ScanPlan live, lake::PlanScan(*context.lakehouse.files, *target.metadata, before));
  if (!HasDeletes(live) && RowsOf(live) != RowsOf(made)) return false;
  LEAT_ASSIGN(const std::string hash, hash_made());
  if (known.empty()) {
    LEAT_ASSIGN(known, HashRows(context, work->connection(), layout, live));
  }
  return hash == known;
}

}  // namespace leat::run
