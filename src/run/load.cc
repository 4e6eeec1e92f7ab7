#include <filesystem>

#include "base/fault.h"
#include "base/ids.h"
#include "component/file_source.h"
#include "component/text_inference.h"
#include "state/lease.h"
#include "run/gates_split.h"
#include "run/load_archive.h"
#include "run/load_lines.h"
#include "run/load_rejects.h"
#include "run/load_schema.h"
#include "run/load_stream.h"
#include "run/load_target.h"
#include "run/load_work.h"
#include "run/model_upsert.h"
#include "run/reject_file.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using component::InputFile;

constexpr std::chrono::seconds kLeaseWait{60};

/// One load, from its input to the commit on the branch. The members are filled in the order of Run.
class Load {
 public:
  explicit Load(StepContext& context) : context_(context) {}
  ~Load() {
    std::error_code ignored;
    std::filesystem::remove_all(spool_folder_, ignored);
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  Result<StepOutcome> Run() {
    outcome_.result.asset = context_.asset.id;
    outcome_.result.table = context_.asset.table;
    outcome_.result.kind = "load";
    outcome_.result.status = StepStatus::kSuccess;
    outcome_.result.watermark_before = context_.step.bookmark;
    outcome_.result.watermark_after = context_.step.bookmark;
    LEAT_ASSIGN(lease_, state::Lease::Take(*context_.lakehouse.store, "load:" + context_.step.load_key, context_.run_id,
                                           "step " + context_.asset.id, kLeaseWait));
    LEAT_ASSIGN(target_, OpenTarget(context_));
    outcome_.result.snapshot_before = outcome_.result.snapshot_branch = target_.snapshot_id();
    outcome_.item = {};
    outcome_.item.table = context_.asset.table;
    outcome_.item.step = context_.asset.id;
    outcome_.item.load_key = context_.step.load_key;
    outcome_.item.bookmark_before = context_.step.bookmark;

    outcome_.rejected =
        std::make_shared<RejectFile>(context_.lakehouse, context_.run_id, context_.asset.table, context_.asset.id);
    split_.keep = [this](const RejectedRow& row) { return outcome_.rejected->Add(row); };
    split_.describe_reader = [this](const std::string& reason, RejectedRow& row) {
      DescribeReaderReason(reason, relation_, registered_, row);
    };
    LEAT_TRY(OpenInput());
    outcome_.result.rows_in = outcome_.result.rows_rejected = bad_files_;
    if (nothing_) return std::move(outcome_);
    LEAT_FAULT_POINT("load.opened");
    LEAT_TRY(WriteRows());
    if (outcome_.result.status == StepStatus::kBlocked) return std::move(outcome_);
    LEAT_FAULT_POINT("load.written");
    LEAT_TRY(CountFiles());
    LEAT_TRY(Commit());
    LEAT_FAULT_POINT("load.committed");
    if (lease_->lost()) {
      return MakeError("STATE-402", ErrorKind::kConflict, "the lease load:{} was lost while the step ran",
                       context_.step.load_key)
          .WithRetry(Retry::kSafe);
    }
    return std::move(outcome_);
  }

 private:
  bool full_refresh() const { return context_.asset.mode == "full-refresh"; }
  bool incremental() const { return context_.asset.mode == "incremental"; }
  /// Rows that changed at an incremental source replace their old ones by key.
  bool upsert() const { return incremental() && target_.metadata != nullptr && !context_.asset.primary_key.empty(); }
  bool stream() const { return !context_.asset.source->source.relation; }
  bool has_files() const { return context_.asset.source->source.files; }

  Status Nothing(const std::string& reason) {
    nothing_ = true;
    outcome_.result.reason = reason;
    return Ok();
  }

  /// Opens the source and finds out what is to be read, with which columns.
  Status OpenInput() {
    std::string spool = context_.run_id + "-" + RandomHex(4);
    LEAT_ASSIGN(source_, OpenSource(context_.lakehouse, context_.project, context_.asset, spool, context_.cancel));
    spool_folder_ = io::LocalPath(io::JoinUri(io::JoinUri(context_.lakehouse.private_folder(), "spool"), spool));
    if (has_files()) {
      if (context_.step.files.empty() && !full_refresh()) return Nothing("no new files");
      for (const InputFile& file : context_.step.files) outcome_.result.bytes_in += file.size_bytes;
    }
    std::vector<InputFile> files = context_.step.files;
    Status opened = OpenFiles(files);
    while (!opened.ok() && has_files() && opened.error().kind() == ErrorKind::kData) {
      LEAT_ASSIGN(files, GoodFiles(files, opened.error()));
      opened = OpenFiles(files);
    }
    if (!opened.ok()) return opened;
    if (nothing_) return Ok();
    LEAT_ASSIGN(layout_, LayOut(context_, target_, RawSchema(context_, registered_),
                                {{"leat.run-bound", std::string(kLoadedAt) + "," + kBatchId}}));
    // Of the load that made the table: others that append to it must not take turns in changing it.
    if (layout_.created) layout_.metadata.properties["leat.load-key"] = context_.step.load_key;
    return Ok();
  }

  /// The files that can be read. Those that cannot are named: by an error, or, where the table says `on_bad_file: skip`, as
  /// rejected. A full refresh never leaves one out: the table would lose its rows. `failed`: the error of all of them
  /// together, which is the answer when each alone is good.
  Result<std::vector<InputFile>> GoodFiles(const std::vector<InputFile>& files, const Error& failed) {
    const bool skip =
        !full_refresh() && component::SkipsBadFiles(context_.asset.connection_values, context_.asset.table_values);
    std::vector<InputFile> good;
    for (const InputFile& file : files) {
      const Status status = OpenAlone(file);
      if (status.ok()) {
        good.push_back(file);
        continue;
      }
      if (!skip || status.error().kind() != ErrorKind::kData || failed.code() == "SRC-213") return status.error();
      LEAT_TRY(split_.keep({"file", status.error().message(), "", file.origin, ""}));
      ++bad_files_;
    }
    if (good.size() == files.size()) return failed;
    return good;
  }

  Status OpenAlone(const InputFile& file) {
    component::ReadRequest one;
    one.table = registered_.table;
    LEAT_ASSIGN(one.files, source_->Prepare({file}));
    if (one.files.empty()) return Ok();
    const auto outcome = [](const auto& opened) { return opened.ok() ? Ok() : Status(opened.error()); };
    if (one.table.columns.empty()) return outcome(source_->Discover());
    return stream() ? outcome(source_->FindAdded(one)) : outcome(source_->OpenRelation(one));
  }

  Status OpenFiles(const std::vector<InputFile>& files) {
    if (has_files()) {
      const bool none = files.empty() && bad_files_ > 0;
      // A source that is asked for its columns without a file looks at all of its files.
      if (none && target_.metadata == nullptr) return Nothing("no file can be read");
      request_.files.clear();
      if (!none) {
        LEAT_ASSIGN(request_.files, source_->Prepare(files));
      }
    }
    LEAT_ASSIGN(registered_, FindRegistered(context_, target_, *source_));
    if (registered_.table.columns.empty()) return Nothing("the input is empty and its columns are not known yet");
    if (incremental()) {
      request_.update_key = context_.asset.update_key;
      request_.bookmark = context_.step.bookmark;
      LEAT_ASSIGN(request_.upper, source_->Upper(request_.update_key));
      if (request_.upper.empty() || request_.upper == request_.bookmark)
        return Nothing("nothing after '" + request_.bookmark + "'");
      outcome_.result.watermark_after = request_.upper;
    }
    request_.table = registered_.table;
    if (context_.asset.source->source.relation && !request_.files.empty()) {
      LEAT_ASSIGN(relation_, source_->OpenRelation(request_));
      if (!relation_.added.empty()) {
        LEAT_ASSIGN(const bool changed, AddColumns(context_, registered_, relation_.added));
        if (changed) {
          request_.table = registered_.table;
          LEAT_ASSIGN(relation_, source_->OpenRelation(request_));
        }
      }
    } else if (stream()) {
      LEAT_ASSIGN(std::vector<component::SourceColumn> added, source_->FindAdded(request_));
      if (!added.empty()) {
        LEAT_ASSIGN(const bool changed, AddColumns(context_, registered_, added));
        if (changed) request_.table = registered_.table;
      }
    }
    return Ok();
  }

  /// What a stream delivers, in the words of a relation.
  component::Relation StreamRelation() const {
    component::Relation relation;
    relation.from = "FROM " + stream_->from();
    for (size_t i = 0; i < registered_.names.size(); ++i) {
      std::string column = "k" + std::to_string(i);
      const data::Type& type = *registered_.table.columns[i].type;
      bool as_text = stream_->columns()[i].type == "VARCHAR" && type.id != data::TypeId::kString;
      relation.columns.push_back({as_text ? component::ExactCast(column, type) : column, column, as_text});
    }
    if (has_files()) {
      std::string origins;
      for (const InputFile& file : request_.files)
        origins += (origins.empty() ? "" : ", ") + sql::QuoteLiteral(file.origin);
      relation.origin_file = request_.files.size() == 1 ? origins : "list_extract([" + origins + "], leat_file + 1)";
    } else {
      relation.origin_file = sql::QuoteLiteral(context_.asset.connection + "." + registered_.table.name);
    }
    relation.origin_row = "leat_row";
    return relation;
  }

  /// The inner SELECT: typed columns by name, audit columns, and what the split needs beside them.
  SplitInput Input() const {
    SplitInput input;
    for (const data::Field& field : layout_.schema.fields) input.columns.push_back(field.name);
    std::string loaded_at = TimeLiteral(SystemClock().Now());
    std::string payload;
    std::string sql = "SELECT ";
    for (size_t i = 0; i < registered_.names.size(); ++i) {
      const component::ReadColumn& column = relation_.columns[i];
      std::string name = sql::QuoteName(registered_.names[i]);
      sql += column.value + " AS " + name + ", ";
      if (column.checked) sql += column.text + " AS " + TextColumn(i) + ", ";
      // A decimal as text: a number of JSON would lose digits.
      bool decimal = registered_.table.columns[i].type != nullptr &&
                     registered_.table.columns[i].type->id == data::TypeId::kDecimal;
      payload += (payload.empty() ? "" : ", ") + name + " := " +
                 (column.checked ? TextColumn(i)
                  : decimal      ? name + "::VARCHAR"
                                 : name);
    }
    for (const data::Field& field : layout_.schema.fields) {
      bool audit =
          field.name == kLoadedAt || field.name == kBatchId || field.name == kSourceFile || field.name == kSourceRow;
      bool delivered =
          std::find(registered_.names.begin(), registered_.names.end(), field.name) != registered_.names.end();
      if (!audit && !delivered)
        sql += "NULL::" + data::DuckDbTypeName(*field.type) + " AS " + sql::QuoteName(field.name) + ", ";
    }
    std::string origin = relation_.origin_file.empty() ? "NULL::VARCHAR" : relation_.origin_file;
    std::string row = relation_.origin_row.empty() ? "NULL::BIGINT" : relation_.origin_row;
    sql += loaded_at + " AS " + kLoadedAt + ", " + sql::QuoteLiteral(context_.run_id) + " AS " + kBatchId + ", " +
           origin + " AS " + kSourceFile + ", (" + row + ")::BIGINT AS " + kSourceRow;
    input.origin = kSourceFile;
    input.row = kSourceRow;
    input.payload = "to_json(struct_pack(" + payload + "))";
    input.reader_reason = ReaderReason(relation_, registered_);
    if (stream()) {
      sql += ", leat_bad, leat_payload";
      input.reader_reason =
          input.reader_reason.empty() ? "'b|' || leat_bad" : "coalesce('b|' || leat_bad, " + input.reader_reason + ")";
      input.payload = "coalesce(leat_payload, " + input.payload + "::VARCHAR)";
    } else {
      if (!relation_.bad_entry.empty()) sql += ", (" + relation_.bad_entry + ") AS leat_bad_entry";
      if (!relation_.blank_entry.empty()) sql += ", (" + relation_.blank_entry + ") AS leat_blank_entry";
      if (!relation_.payload.empty()) {
        sql += ", " + relation_.payload + " AS leat_payload";
        input.payload = "leat_payload";
      }
      if (!relation_.blank_entry.empty()) {
        input.skip_if = "leat_blank_entry";
        input.skip_rule = "blank_line";
      }
    }
    input.select = sql + " FROM (" + relation_.from + ")";
    return input;
  }

  Status WriteRows() {
    folder_ = DataFolder(context_, layout_.metadata.location);
    checks_ = QuarantineChecks(context_.asset);
    if (has_files() && request_.files.empty()) return Ok();  // every file is empty: no rows
    LEAT_ASSIGN(work_, StepWork::Open(context_, target_.view, checks_));
    sql::Connection& connection = work_->connection();
    if (stream()) {
      LEAT_ASSIGN(stream_, LoadStream::Open(context_, *source_, request_, connection));
      relation_ = StreamRelation();
    }
    StepWrite written;
    LEAT_ASSIGN(std::string marked, DeleteCondition(context_, connection));
    if (upsert()) {
      SplitInput input = Input();
      input.exempt_if = marked;
      LEAT_ASSIGN(written, work_->WriteTable(input, checks_, layout_.schema, "leat_good", split_));
      LEAT_ASSIGN(upsert_, UpsertRows(context_, *work_, target_, layout_, "leat_good", context_.asset.primary_key,
                                      marked, folder_));
      written.rows = upsert_.rows_out;
      written.files = upsert_.delta.files;
    } else {
      SplitInput input = Input();
      if (!marked.empty()) {  // the first load: what is to be deleted is not there yet
        input.skip_if = marked;
        input.skip_rule = kDeleteRule;
      }
      LEAT_ASSIGN(written, work_->Write(input, checks_, layout_, folder_, split_));
    }
    int64_t read = stream() ? stream_->rows_read() : written.rows_scanned;
    if (!stream()) {
      const int64_t before = outcome_.rejected->rows();
      LEAT_TRY(ReadReaderRejects(connection, relation_, request_.files, split_.keep));
      read += outcome_.rejected->rows() - before;
      // A reader that cannot say where an entry stands: its text is found again, if it was rejected.
      if (relation_.origin_row.empty() && !relation_.payload.empty())
        LEAT_TRY(AddLineNumbers(*outcome_.rejected, request_.files));
    }
    files_ = std::move(written.files);
    return Count(read, written.rows);
  }

  /// The four numbers of the ledger, each from its own place, and what they say.
  Status Count(int64_t read, int64_t written) {
    StepResult& result = outcome_.result;
    result.rows_in = read + bad_files_;
    result.rows_out = written;
    result.rows_rejected = outcome_.rejected->rows();
    result.rows_filtered = split_.skipped_rows + upsert_.rows_marked;
    result.rows_inserted = written;
    for (const lake::DataFile& file : files_) result.bytes_out += file.size_bytes;
    if (upsert_.rows_marked > 0) outcome_.filters.push_back({kDeleteRule, upsert_.rows_marked});
    if (split_.skipped_rows > 0)
      outcome_.filters.push_back(
          {context_.asset.delete_when.empty() ? "blank_line" : kDeleteRule, split_.skipped_rows});
    outcome_.checks = WriteTimeResults(split_, checks_, read);
    if (result.rows_in != result.rows_out + result.rows_rejected + result.rows_filtered) {
      (void)context_.lakehouse.files->RemoveFolder(folder_).ok();
      return MakeError("RUN-522", ErrorKind::kInternal,
                       "step {}: the counts do not balance: {} in, {} out, {} rejected, {} filtered", context_.asset.id,
                       result.rows_in, result.rows_out, result.rows_rejected, result.rows_filtered);
    }
    std::optional<std::string> over = OverMaxReject(context_.asset, result.rows_rejected - bad_files_, read);
    if (over) {
      (void)context_.lakehouse.files->RemoveFolder(folder_).ok();
      result.status = StepStatus::kBlocked;
      result.reason = *over;
      result.rows_inserted = 0;
      std::string first = outcome_.rejected->first()
                              ? outcome_.rejected->first()->origin + ": " + outcome_.rejected->first()->message
                              : "";
      result.error =
          MakeError("RUN-523", ErrorKind::kData, "table {}: {}; the first is {}", context_.asset.table.ToString(),
                    *over, first)
              .WithHint("mend the input, declare `data_type` of the column, or raise `max_reject`; the rows are in " +
                        context_.asset.table.ToString() + "__rejected");
    }
    return Ok();
  }

  /// Rows of each input file, for the file ledger; the files as they came go into landing.
  Status CountFiles() {
    if (!has_files()) return Ok();
    LEAT_ASSIGN(std::vector<std::string> archived, ArchiveFiles(context_, context_.step.files));
    std::map<std::string, int64_t> rows;
    if (!files_.empty()) {
      std::string paths;
      for (const lake::DataFile& file : files_)
        paths += (paths.empty() ? "" : ", ") + sql::QuoteLiteral(io::LocalPath(file.path));
      LEAT_ASSIGN(sql::TextRows counts,
                  work_->connection().Query("SELECT " + std::string(kSourceFile) + ", count(*) FROM read_parquet([" +
                                            paths + "], hive_partitioning = false) GROUP BY 1"));
      for (const auto& row : counts.rows)
        rows[row[0].value_or("")] = std::strtoll(row[1].value_or("0").c_str(), nullptr, 10);
    }
    for (size_t i = 0; i < context_.step.files.size(); ++i) {
      const InputFile& listed = context_.step.files[i];
      LoadedFile loaded;
      loaded.file = listed;
      loaded.archived_as = archived[i];
      for (const auto& [origin, count] : rows) {
        if (origin == listed.origin || origin.starts_with(listed.origin + "!")) loaded.rows += count;
      }
      outcome_.files.push_back(std::move(loaded));
    }
    return Ok();
  }

  Status Commit() {
    StepResult& result = outcome_.result;
    lake::Properties summary{{"leat.rows-in", std::to_string(result.rows_in)},
                             {"leat.rows-out", std::to_string(result.rows_out)},
                             {"leat.rows-rejected", std::to_string(result.rows_rejected)}};
    if (incremental()) summary["leat.bookmark." + context_.step.load_key] = request_.upper;
    using Change = lake::PublishItem::Change;
    std::optional<lake::DataChange> change;
    outcome_.item.change = layout_.created          ? Change::kCreate
                           : layout_.schema_changed ? Change::kSchema
                           : full_refresh()         ? Change::kOverwrite
                                                    : Change::kAppend;
    if (full_refresh()) {
      LEAT_ASSIGN(bool equal, EqualContent(summary));
      if (equal && !layout_.created && !layout_.schema_changed) {
        (void)context_.lakehouse.files->RemoveFolder(folder_).ok();
        result.reason = "the content is as before";
        result.rows_inserted = 0;
        return Ok();
      }
      change = lake::Overwrite{files_};
      if (target_.metadata != nullptr) result.rows_deleted = RowsBefore();
    } else if (!upsert_.delta.deletes.empty()) {
      change = upsert_.delta;
      if (!layout_.schema_changed) outcome_.item.change = Change::kRowDelta;
    } else {
      change = lake::Append{files_};
    }
    if (upsert()) {
      result.rows_inserted = upsert_.rows_inserted;
      result.rows_updated = upsert_.rows_updated;
      result.rows_deleted = upsert_.rows_deleted;
    }
    auto also = [&](state::Transaction& tx, lake::CommitId) -> Status {
      return registered_.changed ? WriteRegistered(tx, context_.step.load_key, context_.run_id, registered_) : Ok();
    };
    LEAT_ASSIGN(Committed committed,
                CommitTable(context_, target_, layout_, change, summary, {lease_->fence()}, folder_, also));
    result.snapshot_branch = committed.snapshot_id;
    outcome_.changed = true;
    return Ok();
  }

  int64_t RowsBefore() const {
    const lake::Snapshot* snapshot = target_.metadata->current_snapshot();
    if (snapshot == nullptr) return 0;
    auto total = snapshot->summary.find("total-records");
    return total == snapshot->summary.end() ? 0 : std::strtoll(total->second.c_str(), nullptr, 10);
  }

  /// Puts the content hash of what was written into the summary; true when the table holds the same already.
  Result<bool> EqualContent(lake::Properties& summary) {
    if (work_ == nullptr) return false;
    LEAT_ASSIGN(std::string hash, work_->HashFiles(files_, layout_.schema));
    summary["leat.content-hash"] = hash;
    if (target_.metadata == nullptr || target_.metadata->current_snapshot() == nullptr) return false;
    const lake::Properties& before = target_.metadata->current_snapshot()->summary;
    auto known = before.find("leat.content-hash");
    return known != before.end() && known->second == hash;
  }

  StepContext& context_;
  StepOutcome outcome_;
  std::unique_ptr<state::Lease> lease_;
  Target target_;
  std::unique_ptr<component::Source> source_;
  std::string spool_folder_;
  component::ReadRequest request_;
  component::Relation relation_;
  RegisteredTable registered_;
  Layout layout_;
  std::string folder_;
  std::unique_ptr<LoadStream> stream_;  ///< outlives the connection that reads it
  std::unique_ptr<StepWork> work_;
  std::vector<const project::CheckUse*> checks_;
  SplitResult split_;
  std::vector<lake::DataFile> files_;
  Upsert upsert_;
  int64_t bad_files_ = 0;  ///< set aside: each is one entry that came in and was rejected
  bool nothing_ = false;
};

}  // namespace

Result<StepOutcome> ExecuteLoad(StepContext& context) { return Load(context).Run(); }

}  // namespace leat::run
