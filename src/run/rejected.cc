#include "run/rejected.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/fault.h"
#include "base/ids.h"
#include "base/retry.h"
#include "io/hash.h"
#include "lake/table_change.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using nlohmann::json;

std::string Folder(const Lakehouse& lakehouse) { return io::JoinUri(lakehouse.private_folder(), "rejected"); }

data::Schema RejectedSchema() {
  data::Schema schema;
  int id = 0;
  for (const std::string& column : RejectedColumns()) {
    data::Field field;
    field.id = ++id;
    field.name = column;
    field.type = column == "masked" ? data::Primitive(data::TypeId::kBoolean) : data::Primitive(data::TypeId::kString);
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

/// Which table and step a kept file belongs to: its rows say it, the first is enough.
struct Kept {
  std::string path;
  lake::TableName table;
  std::string step;
};

Result<Kept> ReadKept(io::FileSystem& files, const std::string& path) {
  LEAT_ASSIGN(const std::string head, files.ReadRange(path, 0, 4 << 20));
  const json first = json::parse(std::string_view(head).substr(0, head.find('\n')), nullptr, false);
  if (!first.is_object() || !first.contains("ns")) {
    return MakeError("RUN-105", ErrorKind::kInternal, "the kept rows in {} cannot be read", path)
        .WithHint("move the file away; its rows are rejected rows of a run that was lost");
  }
  return Kept{path, {first.value("ns", ""), first.value("name", "")}, first.value("step", "")};
}

/// The engine's reader takes several times this much memory.
int64_t LongestLine(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  int64_t longest = 1 << 20;
  for (std::string line; std::getline(in, line);) longest = std::max(longest, static_cast<int64_t>(line.size()));
  return longest;
}

/// One table's commit on main. Made again when somebody else committed to the same table meanwhile.
class Writer {
 public:
  Writer(Lakehouse& lakehouse, std::string run_id, std::string branch)
      : lakehouse_(lakehouse), catalog_(*lakehouse.catalog), run_id_(std::move(run_id)), branch_(std::move(branch)) {}

  Result<int64_t> Write(const Kept& kept) {
    int64_t rows = 0;
    LEAT_TRY(EnsureNamespace(kept.table.ns));
    RetryPolicy policy;
    policy.attempts = 10;
    LEAT_TRY(RunWithRetry(policy, nullptr, [&]() -> Status {
      Status status = Try(kept, rows);
      // Somebody else moved the table's pointer: on top of theirs, then.
      if (!status.ok() && status.error().kind() == ErrorKind::kConflict)
        return Error(status.error()).WithRetry(Retry::kSafe);
      return status;
    }));
    return rows;
  }

 private:
  Status EnsureNamespace(const std::string& ns) {
    LEAT_ASSIGN(const lake::View main, catalog_.Resolve("main"));
    LEAT_ASSIGN(const std::optional<lake::Properties> there, catalog_.FindNamespace(main, ns));
    if (there) return Ok();
    lake::Properties properties;
    if (const auto branch = catalog_.Resolve(branch_); branch.ok()) {
      LEAT_ASSIGN(const std::optional<lake::Properties> planned, catalog_.FindNamespace(*branch, ns));
      if (planned) properties = *planned;
    }
    Status made = catalog_.CreateNamespace("main", ns, properties, Info());
    if (!made.ok() && made.error().kind() == ErrorKind::kExists) return Ok();
    return made;
  }

  lake::CommitInfo Info() const {
    // Not the run's own commit: taking the run back must not take its evidence back.
    return {"leat", "", fmt::format("rejected rows of run {}", run_id_), "commit"};
  }

  Status Try(const Kept& kept, int64_t& rows) {
    const lake::TableName name = RejectedTable(kept.table);
    LEAT_ASSIGN(const lake::View main, catalog_.Resolve("main"));
    LEAT_ASSIGN(const std::optional<lake::Entry> entry, catalog_.FindTable(main, name));
    lake::TableMetadata metadata;
    std::string previous;
    if (entry) {
      LEAT_ASSIGN(const lake::MetadataPtr now, catalog_.LoadMetadata(entry->location));
      if (AlreadyIn(*now, kept)) return Ok();
      metadata = *now;
      previous = entry->location;
    } else {
      LEAT_ASSIGN(const std::optional<lake::Properties> ns, catalog_.FindNamespace(main, name.ns));
      const std::string uuid = NewUuidV4();
      LEAT_ASSIGN(metadata, lake::NewTableMetadata(
                                uuid, catalog_.NewTableLocation(name, uuid, ns.value_or(lake::Properties())),
                                RejectedSchema(), lake::PartitionSpec(), lake::SortOrder(), {}, SystemClock().Now()));
    }
    if (files_.files.empty()) LEAT_TRY(WriteDataFiles(kept, metadata));
    std::vector<std::string> written;
    lake::ChangeInfo change{run_id_, kept.step, {}, SystemClock().Now()};
    LEAT_ASSIGN(lake::TableMetadata after,
                lake::ApplyChange(*lakehouse_.files, metadata, lake::Append{files_.files}, change, written));
    LEAT_ASSIGN(const std::string location, catalog_.WriteMetadata(after, previous, written));
    lake::CommitRequest request;
    request.ref = "main";
    request.info = Info();
    request.allow_reserved = true;
    request.changes.push_back({lake::ObjectKind::kTable, name, after.uuid,
                               entry ? std::optional<std::string>(entry->location) : std::nullopt, location});
    LEAT_TRY(catalog_.Commit(request));
    rows = files_.rows;
    return Ok();
  }

  bool AlreadyIn(const lake::TableMetadata& metadata, const Kept& kept) const {
    for (const lake::Snapshot& snapshot : metadata.snapshots) {
      const auto run = snapshot.summary.find("leat.run-id");
      const auto step = snapshot.summary.find("leat.step");
      if (run != snapshot.summary.end() && run->second == run_id_ && step != snapshot.summary.end() &&
          step->second == kept.step) {
        return true;
      }
    }
    return false;
  }

  Status WriteDataFiles(const Kept& kept, const lake::TableMetadata& metadata) {
    LEAT_ASSIGN(sql::Engine * engine, lakehouse_.Engine(sql::InstanceKind::kEngine));
    LEAT_ASSIGN(const std::unique_ptr<sql::Connection> connection, engine->Connect());
    std::string columns;
    std::string types;
    for (const std::string& column : RejectedColumns()) {
      const std::string_view separator = columns.empty() ? "" : ", ";
      columns += fmt::format("{}{}", separator, sql::QuoteName(column));
      types +=
          fmt::format("{}{}: '{}'", separator, sql::QuoteLiteral(column), column == "masked" ? "BOOLEAN" : "VARCHAR");
    }
    const std::string select = fmt::format(
        "SELECT {} FROM read_json({}, format = 'newline_delimited', columns = {{{}}}, maximum_object_size = {})",
        columns, sql::QuoteLiteral(io::LocalPath(kept.path)), types, LongestLine(io::LocalPath(kept.path)) + 1);
    sql::WriteOptions options;
    options.folder =
        io::JoinUri(metadata.location, fmt::format("data/{}/{}", run_id_, io::HashBytes(kept.step).substr(0, 8)));
    options.row_group_rows = 8192;  // payloads may be long, and a run that is short of memory has rejected rows, too
    // A process that died after writing left its files; they belong to no commit.
    LEAT_TRY(lakehouse_.files->RemoveFolder(options.folder));
    LEAT_ASSIGN(files_, sql::WriteFiles(*lakehouse_.files, *connection, select, metadata.current_schema(),
                                        metadata.default_spec(), metadata.default_sort_order(), options));
    return Ok();
  }

  Lakehouse& lakehouse_;
  lake::Catalog& catalog_;
  const std::string run_id_;
  const std::string branch_;
  sql::WriteResult files_;
};

}  // namespace

lake::TableName RejectedTable(const lake::TableName& table) { return {table.ns, table.name + "__rejected"}; }

const std::vector<std::string>& RejectedColumns() {
  static const std::vector<std::string> columns = {"run_id", "step",    "reason_code", "message", "column",
                                                   "origin", "payload", "masked",      "status"};
  return columns;
}

Result<int64_t> CommitRejected(Lakehouse& lakehouse, const std::string& run_id, const std::string& branch) {
  const std::string folder = io::JoinUri(Folder(lakehouse), run_id);
  std::error_code none;
  if (!std::filesystem::exists(folder, none)) return int64_t{0};
  LEAT_FAULT_POINT("run.rejected.before");
  int64_t rows = 0;
  LEAT_ASSIGN(const std::vector<io::FileInfo> kept_files, lakehouse.files->List(folder));
  for (const io::FileInfo& file : kept_files) {
    if (file.uri.ends_with(".part")) {  // of a step that never ended
      LEAT_TRY(lakehouse.files->Remove(file.uri));
      continue;
    }
    LEAT_ASSIGN(const Kept kept, ReadKept(*lakehouse.files, io::LocalPath(file.uri)));
    // A step that died before its ledger row was written never ended: it is done again, with its rejected rows.
    LEAT_ASSIGN(const state::Rows ended,
                lakehouse.store->Read("SELECT 1 FROM ledger WHERE run_id = ?1 AND step = ?2", {run_id, kept.step}));
    if (ended.empty()) {
      LEAT_TRY(lakehouse.files->Remove(file.uri));
      continue;
    }
    Writer writer(lakehouse, run_id, branch);
    LEAT_ASSIGN(const int64_t written, writer.Write(kept));
    rows += written;
    LEAT_FAULT_POINT("run.rejected.committed");
    LEAT_TRY(lakehouse.files->Remove(file.uri));
  }
  LEAT_TRY(lakehouse.files->RemoveFolder(folder));
  return rows;
}

Result<std::vector<std::string>> RunsWithKeptRows(Lakehouse& lakehouse) {
  std::vector<std::string> runs;
  std::error_code error;
  for (std::filesystem::directory_iterator it(Folder(lakehouse), error), end; !error && it != end;
       it.increment(error)) {
    runs.push_back(it->path().filename().string());
  }
  return runs;
}

}  // namespace leat::run
