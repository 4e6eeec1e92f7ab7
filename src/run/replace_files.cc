#include "run/replace_files.h"

#include <map>

#include "component/file_source.h"
#include "lake/scan.h"
#include "run/file_ledger.h"
#include "run/load_schema.h"

namespace leat::run {

namespace {

/// The live rows for which `where` is true, and their deletes.
Result<RowsOfFiles> TakeOutRows(StepContext& context, sql::Connection& connection, const Target& target,
                                const Layout& layout, const std::string& where, const std::string& folder) {
  RowsOfFiles found;
  if (target.metadata == nullptr || target.metadata->current_snapshot() == nullptr) return found;
  LEAT_ASSIGN(const lake::ScanPlan plan,
              lake::PlanScan(*context.lakehouse.files, *target.metadata, target.metadata->current_snapshot()));
  if (plan.files.empty()) return found;
  LEAT_ASSIGN(const std::string rows, sql::ReadSql(*context.lakehouse.files, connection, layout.metadata, layout.schema,
                                                   plan, {.places = true}));
  LEAT_TRY(connection.Execute(fmt::format(
      "CREATE OR REPLACE TEMP TABLE leat_replaced AS SELECT leat_file, leat_row FROM ({}) WHERE {}", rows, where)));
  LEAT_ASSIGN(const sql::TextRows count, connection.Query("SELECT count(*) FROM temp.leat_replaced"));
  found.rows = std::strtoll(count.At(0, 0).value_or("0").c_str(), nullptr, 10);
  if (found.rows == 0) return found;
  sql::WriteOptions options;
  options.folder = io::JoinUri(folder, "deletes");  // goes with the folder when the commit fails
  options.memory_limit_bytes = context.memory_bytes;
  LEAT_ASSIGN(sql::WriteResult written,
              sql::WriteRowDeletes(*context.lakehouse.files, connection,
                                   "SELECT leat_file, leat_row FROM temp.leat_replaced ORDER BY leat_file, leat_row",
                                   layout.metadata, options));
  found.deletes = std::move(written.files);
  found.replaced_deletes = std::move(written.replaced);
  return found;
}

}  // namespace

Result<RowsOfFiles> TakeOutFiles(StepContext& context, StepWork& work, const Target& target, const Layout& layout,
                                 const std::vector<std::string>& origins, const std::string& folder) {
  if (origins.empty() || target.metadata == nullptr) return RowsOfFiles();
  sql::Connection& connection = work.connection();
  LEAT_TRY(connection.Execute("CREATE OR REPLACE TEMP TABLE leat_origins (origin VARCHAR)"));
  constexpr size_t kAtOnce = 500;
  for (size_t begin = 0; begin < origins.size(); begin += kAtOnce) {
    std::string values;
    for (size_t i = begin; i < std::min(origins.size(), begin + kAtOnce); ++i)
      values += (i == begin ? "(" : ", (") + sql::QuoteLiteral(origins[i]) + ")";
    LEAT_TRY(connection.Execute("INSERT INTO temp.leat_origins VALUES " + values));
  }
  // A member of an archive is named "<archive>!<member>"; a file's own name may hold a '!', too.
  const std::string where = fmt::format(
      "{} IN (SELECT origin FROM temp.leat_origins) OR regexp_replace({}, '![^!]*$', '') IN (SELECT origin FROM "
      "temp.leat_origins)",
      kSourceFile, kSourceFile);
  return TakeOutRows(context, connection, target, layout, where, folder);
}

Result<RowsOfFiles> TakeOutRange(StepContext& context, StepWork& work, const KeyRange& range, const Target& target,
                                 const Layout& layout, const RegisteredTable& registered, const std::string& folder) {
  const auto& columns = registered.table.columns;
  size_t at = 0;
  while (at < columns.size() && columns[at].name != context.asset.update_key) ++at;
  if (at == columns.size()) {
    return MakeError("RUN-534", ErrorKind::kConfig, "{}: `update_key: {}` is no column of it", context.asset.id,
                     context.asset.update_key);
  }
  const std::string type = data::DuckDbTypeName(*columns[at].type);
  const auto literal = [&](const std::string& text) { return "CAST(" + sql::QuoteLiteral(text) + " AS " + type + ")"; };
  sql::Connection& connection = work.connection();
  const auto beyond = connection.Query("SELECT " + literal(range.to) + " > " + literal(context.step.bookmark) + ", " +
                                       literal(range.from));
  if (!beyond.ok()) {
    return MakeError("RUN-559", ErrorKind::kUsage, "backfill of {}: '{}' or '{}' is no value of {} ({})",
                     context.asset.id, range.from, range.to, context.asset.update_key, type);
  }
  if (beyond->At(0, 0) == "true") {
    return MakeError("RUN-558", ErrorKind::kUsage, "backfill of {}: '{}' lies behind the bookmark '{}'",
                     context.asset.id, range.to, context.step.bookmark)
        .WithHint("what is behind it `leat run` loads; end the range there, or leave `--to` out");
  }
  const std::string key = sql::QuoteName(registered.names[at]);
  return TakeOutRows(context, connection, target, layout,
                     key + " >= " + literal(range.from) + " AND " + key + " <= " + literal(range.to), folder);
}

Result<std::vector<std::string>> FilesToReplace(StepContext& context, const lake::View& view,
                                                const std::set<std::string>& unreadable) {
  const bool replaces =
      component::ReadFilePolicy(context.asset.connection_values, context.asset.table_values).on_change ==
      component::OnChange::kReplace;
  std::map<std::string, std::string> contents;
  std::vector<std::string> origins;
  for (const component::InputFile& file : context.step.files) {
    // What is new has no hash yet where nothing in the ledger is of its size.
    if (file.content_hash.empty() || unreadable.contains(file.origin)) continue;
    contents[file.origin] = file.content_hash;
    origins.push_back(file.origin);
  }
  LEAT_ASSIGN(const Reach reach, ReachOf(*context.lakehouse.store, view));
  FileLedger ledger(*context.lakehouse.store, context.step.load_key, reach);
  LEAT_ASSIGN(const std::vector<DoneFile> done, ledger.Find(origins));
  std::set<std::string> known;
  std::map<std::string, std::set<std::string>> versions;
  for (const DoneFile& file : done) {
    versions[file.origin].insert(file.content_hash);
    if (replaces || file.content_hash == contents[file.origin]) known.insert(file.origin);
  }
  for (const std::string& origin : known) {
    if (replaces || versions[origin].size() == 1) continue;
    return MakeError("RUN-543", ErrorKind::kUnsupported,
                     "table {} has the rows of {} versions of {}: which of them are to be replaced cannot be told",
                     context.asset.table.ToString(), versions[origin].size(), origin)
        .WithHint("with `on_change: replace` a table has those of the newest version only");
  }
  return std::vector<std::string>(known.begin(), known.end());
}

}  // namespace leat::run
