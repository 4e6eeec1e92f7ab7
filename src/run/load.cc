#include <filesystem>
#include <set>

#include "base/fault.h"
#include "base/ids.h"
#include "base/log.h"
#include "component/file_source.h"
#include "component/row_columns.h"
#include "component/text_inference.h"
#include "state/lease.h"
#include "run/gates_split.h"
#include "run/differing_keys.h"
#include "run/load_archive.h"
#include "run/load_bad_files.h"
#include "run/load_content.h"
#include "run/load_drift.h"
#include "run/load_masks.h"
#include "run/load_portions.h"
#include "run/load_rejects.h"
#include "run/load_schema.h"
#include "run/load_select.h"
#include "run/load_stream.h"
#include "run/load_target.h"
#include "run/load_verdict.h"
#include "run/load_work.h"
#include "run/look_back.h"
#include "run/reconcile.h"
#include "run/reject_file.h"
#include "run/rename_evidence.h"
#include "run/replace_files.h"
#include "run/required_columns.h"
#include "run/row_change.h"
#include "run/source_documents.h"
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

    outcome_.rejected = std::make_shared<RejectFile>(context_.lakehouse, context_.run_id, context_.asset.table,
                                                     context_.asset.id, MasksColumns(context_.asset));
    split_.keep = [this](RejectedRow row) {
      if (row.reason_code == component::kBlankLine) {
        ++blank_lines_;
        return Ok();
      }
      return drift_.Keep(row) ? outcome_.rejected->Add(row) : Ok();
    };
    split_.describe_reader = [this](const std::string& reason, RejectedRow& row) {
      DescribeReaderReason(reason, registered_, masks_, row);
    };
    LEAT_TRY(OpenInput());
    outcome_.result.rows_in = outcome_.result.rows_rejected = bad_files_;
    if (nothing_) return std::move(outcome_);
    LEAT_FAULT_POINT("load.opened");
    LEAT_TRY(WriteRows());
    if (outcome_.result.status == StepStatus::kBlocked) return std::move(outcome_);
    LEAT_FAULT_POINT("load.written");
    if (has_files()) {
      LEAT_ASSIGN(outcome_.files, KeepFiles(context_, files_.empty() ? nullptr : &work_->connection(), files_));
    }
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
  bool is(const char* mode) const { return context_.asset.mode == mode; }
  bool replaces_all() const { return context_.asset.replaces_all(); }
  /// Rows are held against those of their key. The first load of a database is not: its key is unique there.
  bool keyed() const {
    if (is("insert") || is("delete") || (replaces_all() && context_.asset.soft_delete)) return true;
    return is("incremental") && !context_.asset.primary_key.empty() && (target_.metadata != nullptr || has_files());
  }
  bool stream() const { return !context_.asset.source->source.relation; }
  bool has_files() const { return context_.asset.source->source.files; }
  /// What is read was read before: the bookmark stays where it is.
  bool backfill() const { return context_.step.backfill.has_value(); }
  /// How far before the bookmark rows are read again, "" where they are not.
  std::string look_back() const {
    const config::Values& values = context_.asset.table_values;
    return values.items.contains("look_back") ? values.Text("look_back") : "";
  }
  /// The table may be read in parts that are kept one by one. Not where a check must see all rows before the first is written.
  bool ReadsInParts() const {
    return stream() && context_.asset.source->source.splits && !is("delete") && !backfill() &&
           !NeedsStage(QuarantineChecks(context_.asset));
  }

  Status Nothing(const std::string& reason) {
    nothing_ = true;
    outcome_.result.reason = reason;
    return Ok();
  }

  /// Opens the source and finds out what is to be read, with which columns.
  Status OpenInput() {
    std::string spool = context_.run_id + "-" + RandomHex(4);
    LEAT_ASSIGN(source_, OpenSource(context_.lakehouse, context_.project, context_.asset, spool, context_.cancel,
                                    BudgetUser{context_.run_id, context_.asset.id, context_.waiting}));
    spool_folder_ = io::LocalPath(io::JoinUri(io::JoinUri(context_.lakehouse.private_folder(), "spool"), spool));
    if (context_.asset.bookmarked()) {
      request_.update_key = context_.asset.update_key;
      request_.bookmark = context_.step.bookmark;
      request_.by_key = !is("append") && !context_.asset.primary_key.empty();
      if (const auto& range = context_.step.backfill) {
        request_.bookmark = range->from;
        request_.inclusive = true;
      } else if (!request_.bookmark.empty() && !look_back().empty()) {
        LEAT_ASSIGN(request_.bookmark, EarlierBookmark(context_.step.bookmark, look_back()));
      }
    }
    if (!backfill()) {
      LEAT_ASSIGN(reconcile_, ReconcileIsDue(context_));
    }
    LEAT_TRY(source_->Begin(request_));
    if (has_files()) {
      if (context_.step.files.empty() && !replaces_all()) return Nothing("");  // the plan says why
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
    LEAT_ASSIGN(large_, LargeColumns::Of(context_, registered_));
    WantedSchema wanted = RawSchema(context_, registered_, large_.fields());
    wanted.renamed = drift_.decision().renamed;
    masks_.Retype(wanted.fields);
    LEAT_ASSIGN(otherwise_masked_, masks_.CheckOldRows(context_.asset, target_, wanted.renamed));
    if (is("delete")) {
      rows_schema_.fields = wanted.fields;
      LEAT_ASSIGN(layout_, LayOutDelete(context_, target_));
      return Ok();
    }
    const std::string uuid = portions_ != nullptr && portions_->left() != nullptr ? portions_->left()->table_uuid : "";
    lake::Properties properties{{"leat.run-bound", std::string(kLoadedAt) + "," + kBatchId}};
    masks_.AddProperty(target_, properties);
    LEAT_ASSIGN(layout_, LayOut(context_, target_, wanted, properties, uuid));
    rows_schema_ = layout_.schema;
    // Of the load that made the table: others that append to it must not take turns in changing it.
    if (layout_.created) layout_.metadata.properties["leat.load-key"] = context_.step.load_key;
    return Ok();
  }

  /// The files that can be read. Those that cannot are named: by an error, or, where the table says `on_bad_file: skip`, as
  /// rejected. A full refresh never leaves one out: the table would lose its rows. `failed`: the error of all of them
  /// together, which is the answer when each alone is good.
  Result<std::vector<InputFile>> GoodFiles(const std::vector<InputFile>& files, const Error& failed) {
    const bool skip =
        !replaces_all() && component::SkipsBadFiles(context_.asset.connection_values, context_.asset.table_values);
    LEAT_ASSIGN(FilesApart apart, TellFilesApart(*source_, !stream(), registered_.table, files));
    for (const FilesApart::Bad& bad : apart.bad) {
      // Damage may look like a feature that is not known.
      const bool of_the_file = bad.error.kind() == ErrorKind::kData || bad.error.kind() == ErrorKind::kUnsupported;
      if (!skip || !of_the_file || failed.code() == "SRC-213") return bad.error;
      LEAT_TRY(split_.keep({"file", bad.error.message(), "", bad.file.origin, ""}));
      bad_origins_.insert(bad.file.origin);
      ++bad_files_;
    }
    if (apart.bad.empty()) return failed;
    return std::move(apart.good);
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
    request_.table = registered_.table;
    if (Status lacking = CheckRequiredColumns(context_, *source_, request_); !lacking.ok()) {
      outcome_.result.status = StepStatus::kBlocked;
      outcome_.result.error = std::move(lacking).error();
      return Nothing(outcome_.result.error->message());
    }
    LEAT_TRY(LookForDrift());
    if (nothing_) return Ok();
    LEAT_ASSIGN(masks_, LoadMasks::Of(context_.asset, registered_));
    if (ReadsInParts() && !masks_.MasksKey(context_.asset, registered_)) {
      portions_ = std::make_unique<LoadPortions>(context_, *source_, lease_->fence());
      LEAT_TRY(portions_->LookForLeft(request_, registered_, target_));
    }
    if (const auto& range = context_.step.backfill) {
      request_.upper = range->to;
    } else if (context_.asset.bookmarked()) {
      if (portions_ != nullptr && portions_->left() != nullptr) {
        request_.upper = portions_->left()->upper;
      } else {
        LEAT_ASSIGN(request_.upper, source_->Upper(request_.update_key));
      }
      if (request_.upper.empty() || (request_.upper == context_.step.bookmark && look_back().empty() && !reconcile_))
        return Nothing("nothing after '" + request_.bookmark + "'");
      outcome_.result.watermark_after = request_.upper;
    } else if (context_.asset.source->source.own_bookmark) {
      LEAT_ASSIGN(outcome_.result.watermark_after, source_->Upper(""));  // the state that was read
    }
    request_.table = registered_.table;
    // A relation of files is the one that was opened to look for drift; another reads up to the bookmark that was found since.
    const bool open =
        has_files() ? !request_.files.empty() && (relation_.columns.empty() || registered_.changed) : true;
    if (!stream() && open) {
      LEAT_ASSIGN(relation_, source_->OpenRelation(request_));
    }
    return Ok();
  }

  /// Holds what is there against what is registered; by policy the load reads other columns, leaves rows out, or stops.
  Status LookForDrift() {
    std::string changes = !registered_.known    ? fmt::format("{} columns", registered_.table.columns.size())
                          : registered_.changed ? "as the project says"
                                                : "";
    if (registered_.known && !(has_files() && request_.files.empty())) {
      project::DriftRules rules = project::DriftRulesOf(context_.asset);
      // A file that calls a masked column otherwise must be seen.
      if (MasksColumns(context_.asset)) rules.compare_each_file = true;
      request_.table = registered_.table;
      if (!stream()) {
        LEAT_ASSIGN(relation_, source_->OpenRelation(request_));
      }
      LEAT_ASSIGN(const auto observed,
                  ObserveSource(context_.asset, *source_, request_, rules, stream() ? nullptr : &relation_));
      LEAT_ASSIGN(const std::vector<RenameEvidence> evidence,
                  FindRenames(context_, *source_, request_, target_, registered_, observed));
      const data::Schema* held = target_.metadata == nullptr ? nullptr : &target_.metadata->current_schema();
      LEAT_ASSIGN(DriftDecision decision,
                  DecideDrift(context_.asset, rules, held, observed, request_.files, evidence, registered_));
      LEAT_TRY(LoadMasks::CheckDrift(context_.asset, decision.notes));
      outcome_.drift = decision.news;
      for (const DriftNote& note : decision.news) LogDrift(context_, note);
      if (decision.fails()) {
        outcome_.result.status = StepStatus::kBlocked;
        outcome_.result.error = DriftError(context_.asset, decision);
        return Nothing(outcome_.result.error->message());
      }
      if (!decision.changes.empty()) changes += (changes.empty() ? "" : "; ") + decision.changes;
      drift_ = DriftRows(rules, std::move(decision));
    }
    if (registered_.changed)
      outcome_.schema = {RegisteredToJson(registered_), RegisteredHash(registered_), std::move(changes)};
    return Ok();
  }

  Status WriteRows() {
    folder_ = DataFolder(context_, layout_.metadata.location);
    loaded_at_ = TimeLiteral(SystemClock().Now());
    checks_ = QuarantineChecks(context_.asset);
    const bool no_rows = has_files() && request_.files.empty();  // every file is empty
    std::vector<std::string> replaced;
    if (has_files() && is("append")) {
      LEAT_ASSIGN(replaced, FilesToReplace(context_, target_.view, bad_origins_));
    }
    if (no_rows && replaced.empty()) return Ok();
    LEAT_ASSIGN(work_, StepWork::Open(context_, target_.view, checks_));
    if (no_rows) return TakeOut(replaced);
    LEAT_ASSIGN(marked_, DeleteCondition(context_, work_->connection()));
    if (portions_ != nullptr) {
      LEAT_ASSIGN(const bool in_parts, portions_->Plan(request_, layout_, keyed()));
      if (in_parts) return WritePortions();
    }
    return WriteWhole(replaced);
  }

  /// What is split from the rows that `request` reads, as the mode wants it.
  Result<SplitInput> OpenRows(const component::ReadRequest& request) {
    if (stream()) {
      if (stream_ == nullptr) {
        LEAT_ASSIGN(stream_, LoadStream::Open(context_, *source_, request, work_->connection()));
      } else {
        LEAT_TRY(stream_->OpenNext(*source_, request, work_->connection()));
      }
      relation_ = StreamRelation(context_.asset, registered_, request_.files, *stream_);
    }
    LEAT_TRY(large_.Open(work_->connection()));
    SplitInput input =
        LoadSelect({context_, registered_, relation_, rows_schema_, loaded_at_, stream(), large_, masks_});
    drift_.AddTo(input, request_.files);
    if (marked_.empty()) return input;
    if (keyed()) {
      input.exempt_if = marked_;
    } else {  // the first load: what is to be deleted is not there yet
      input.skip_if = marked_;
      input.skip_rule = kDeleteRule;
    }
    return input;
  }

  /// Everything in one statement. `replaced`: ReplacedFiles.
  Status WriteWhole(const std::vector<std::string>& replaced) {
    LEAT_ASSIGN(const SplitInput input, OpenRows(request_));
    StepWrite written;
    int64_t read = 0;
    if (keyed()) {
      LEAT_ASSIGN(written, work_->WriteTable(input, checks_, rows_schema_, "leat_good", split_));
      if (stream()) read = stream_->rows_read();
      LEAT_ASSIGN(change_, ChangeByKey(marked_));
      written.rows = change_.rows_out;
      written.files = change_.delta.files;
    } else {
      LEAT_ASSIGN(written, work_->Write(input, checks_, layout_, folder_, split_));
      if (stream()) read = stream_->rows_read();
    }
    if (!stream()) read = written.rows_scanned;
    files_ = std::move(written.files);
    LEAT_TRY(TakeOut(replaced));
    return Count(read, written.rows);
  }

  /// After the new rows: COPY wants a folder without files.
  Status TakeOut(const std::vector<std::string>& origins) {
    if (backfill() && !keyed()) {
      LEAT_ASSIGN(replaced_, TakeOutRange(context_, *work_, {request_.bookmark, request_.upper}, target_, layout_,
                                          registered_, folder_));
      return Ok();
    }
    LEAT_ASSIGN(replaced_, TakeOutFiles(context_, *work_, target_, layout_, origins, folder_));
    return Ok();
  }

  /// Portion by portion, those of a run that broke off first; then what the mode does with all of them.
  Status WritePortions() {
    LEAT_ASSIGN(const PortionsRead all,
                portions_->ReadAll([&](const component::ReadRequest& request, const std::string& folder,
                                       SplitResult& split, int64_t& read) -> Result<StepWrite> {
                  LEAT_ASSIGN(const SplitInput input, OpenRows(request));
                  split.describe_reader = split_.describe_reader;
                  LEAT_ASSIGN(StepWrite written, work_->Write(input, checks_, portions_->layout(), folder, split));
                  read = stream_->rows_read();
                  stream_->Close();
                  return written;
                }));
    if (all.changed_meanwhile) {
      Log(LogLevel::kInfo, "read_again",
          {{"asset", context_.asset.id}, {"reason", "it was written while it was read"}});
      return WriteWhole({});
    }
    for (const RejectedRow& row : all.rejected) LEAT_TRY(split_.keep(row));
    split_.skipped_rows = all.rows_filtered;
    split_.check_failures = all.check_failures;
    outcome_.result.rows_adopted = all.rows_adopted;
    if (!all.adopted.empty()) outcome_.result.reason = context_.step.reason + "; " + all.adopted;
    if (!portions_->staged()) {
      files_ = all.files;
      return Count(all.rows_in, all.rows_out);
    }
    LEAT_TRY(portions_->MakeTable(*work_, "leat_good", all.files));
    if (keyed()) {
      LEAT_ASSIGN(change_, ChangeByKey(marked_));
      files_ = change_.delta.files;
      return Count(all.rows_in, change_.rows_out);
    }
    LEAT_ASSIGN(sql::WriteResult written,
                work_->WriteFiles("SELECT " + ColumnList(layout_.schema) + " FROM temp.leat_good", layout_, folder_,
                                  all.rows_out));
    files_ = std::move(written.files);
    return Count(all.rows_in, written.rows);
  }

  /// What the rows of leat_good do to the table.
  Result<RowChange> ChangeByKey(const std::string& marked) {
    const project::Asset& asset = context_.asset;
    KeyedRows rows{"leat_good", asset.primary_key, marked, asset.update_key, asset.soft_delete};
    // A database is read behind what was read before; files come when they come.
    rows.late = !request_.files.empty() || backfill();
    rows.leave_equal = !look_back().empty() || backfill();
    if (is("insert")) return InsertRows(context_, *work_, target_, layout_, rows, folder_);
    if (replaces_all()) return ReplaceKeepingGone(context_, *work_, target_, layout_, rows, folder_);
    if (is("incremental") && reconcile_ && stream_ != nullptr) {
      if (!masks_.MasksKey(asset, registered_)) {  // sums of values are no sums of what stands for them
        LEAT_ASSIGN(keys_compared_, ReadDifferingKeys({context_, *source_, registered_, *stream_, *work_, target_,
                                                       layout_, rows.staged, "leat_keys"}));
      }
      if (!keys_compared_) {
        LEAT_ASSIGN(keys_compared_, ReadKeys(context_, *source_, registered_, masks_, *stream_, *work_, "leat_keys"));
      }
      if (keys_compared_->keys > 0) rows.source_keys = "leat_keys";
    }
    if (!is("delete")) return UpsertRows(context_, *work_, target_, layout_, rows, folder_);
    const project::Asset* into = context_.project.Find(asset.into);
    rows.soft_delete = into != nullptr && into->soft_delete;
    return DeleteRows(context_, *work_, target_, layout_, rows, folder_);
  }

  /// The four numbers of the ledger, each from its own place, and what they say.
  Status Count(int64_t read, int64_t written) {
    StepResult& result = outcome_.result;
    result.rows_in = read + bad_files_;
    result.rows_out = written;
    result.rows_rejected = outcome_.rejected->rows();
    result.rows_filtered = blank_lines_ + split_.skipped_rows + change_.rows_filtered() + drift_.filtered();
    result.rows_inserted = written;
    for (const lake::DataFile& file : files_) result.bytes_out += file.size_bytes;
    for (const lake::DataFile& file : change_.kept) result.bytes_out += file.size_bytes;
    outcome_.filters = change_.filters;
    for (const NamedCount& count : drift_.filters()) outcome_.filters.push_back(count);
    if (blank_lines_ > 0) outcome_.filters.push_back({component::kBlankLine, blank_lines_});
    if (split_.skipped_rows > 0) outcome_.filters.push_back({kDeleteRule, split_.skipped_rows});
    outcome_.checks = WriteTimeResults(split_, checks_, read);
    if (!otherwise_masked_.empty()) outcome_.checks.push_back(OtherMasks(context_.asset, otherwise_masked_));
    if (keys_compared_) outcome_.checks.push_back(ReconcileResult(context_, *keys_compared_, change_.rows_gone));
    if (result.rows_in != result.rows_out + result.rows_rejected + result.rows_filtered) {
      LEAT_TRY(ThrowAway());
      return MakeError("RUN-522", ErrorKind::kInternal,
                       "step {}: the counts do not balance: {} in, {} out, {} rejected, {} filtered", context_.asset.id,
                       result.rows_in, result.rows_out, result.rows_rejected, result.rows_filtered);
    }
    std::optional<std::string> over =
        OverMaxReject(context_.asset, result.rows_rejected - bad_files_ - drift_.rejected(), read);
    if (over) {
      LEAT_TRY(ThrowAway());
      result.status = StepStatus::kBlocked;
      result.reason = *over;
      result.rows_inserted = 0;
      result.error = TooManyRejected(context_.asset, *over, *outcome_.rejected);
    }
    return Ok();
  }

  Status Commit() {
    StepResult& result = outcome_.result;
    lake::Properties summary{{"leat.rows-in", std::to_string(result.rows_in)},
                             {"leat.rows-out", std::to_string(result.rows_out)},
                             {"leat.rows-rejected", std::to_string(result.rows_rejected)}};
    if (context_.asset.bookmarked())
      summary["leat.bookmark." + context_.step.load_key] = outcome_.result.watermark_after;
    if (replaces_all() && KeepsWhatIsThere(context_.asset, RowsBefore(target_), drift_.set_aside(), outcome_)) {
      (void)ThrowAway().ok();
      return Ok();
    }
    LEAT_ASSIGN(const std::optional<lake::DataChange> change, MakeChange(summary));
    if (!change) return ThrowAway();
    if (!is("delete")) LEAT_TRY(WriteSourceDocuments(context_, target_, layout_, registered_, masks_, summary));
    auto also = [&](state::Transaction& tx, lake::CommitId) -> Status {
      return portions_ != nullptr ? portions_->Forget(tx) : Ok();
    };
    LEAT_ASSIGN(Committed committed,
                CommitTable(context_, target_, layout_, change, summary, {lease_->fence()}, folder_, also));
    result.snapshot_branch = committed.snapshot_id;
    outcome_.changed = true;
    const Status cleaned = portions_ != nullptr ? portions_->CleanUp() : Ok();
    if (!cleaned.ok())  // the rows are committed: what is left goes with the next load
      Log(LogLevel::kWarn, "portions_left", {{"asset", context_.asset.id}, {"error", cleaned.error().message()}});
    return Ok();
  }

  /// Removes what was written and will not be committed.
  Status ThrowAway() {
    if (!folder_.empty()) (void)context_.lakehouse.files->RemoveFolder(folder_).ok();
    return portions_ != nullptr ? portions_->Drop() : Ok();
  }

  /// The change to commit, its kind and the rows that it inserts, updates and deletes; nullopt: there is nothing to do.
  Result<std::optional<lake::DataChange>> MakeChange(lake::Properties& summary) {
    using Change = lake::PublishItem::Change;
    StepResult& result = outcome_.result;
    const bool reshaped = layout_.created || layout_.schema_changed;
    const auto kind = [&](Change change) {
      outcome_.item.change = layout_.created ? Change::kCreate : layout_.schema_changed ? Change::kSchema : change;
    };
    if (replaces_all() || is("snapshot")) {
      kind(replaces_all() ? Change::kOverwrite : Change::kAppend);
      std::vector<lake::DataFile> all_files = files_;
      all_files.insert(all_files.end(), change_.kept.begin(), change_.kept.end());
      const bool against_last = is("snapshot");
      LEAT_ASSIGN(const bool equal, EqualContent(context_, work_.get(), target_, layout_,
                                                 {std::move(all_files), against_last, !reshaped}, summary));
      if (equal) {
        result.reason = "the content is as before";
        result.rows_inserted = 0;
        return std::optional<lake::DataChange>();
      }
      if (!replaces_all()) return std::optional<lake::DataChange>(lake::Append{files_});
      lake::Overwrite all{files_};
      all.files.insert(all.files.end(), change_.kept.begin(), change_.kept.end());
      result.rows_updated = change_.rows_updated;
      result.rows_deleted = keyed() ? change_.rows_deleted : RowsBefore(target_);
      return std::optional<lake::DataChange>(std::move(all));
    }
    if (is("partition") && !files_.empty()) {
      kind(Change::kReplacePartitions);
      LEAT_ASSIGN(result.rows_deleted, RowsInPartitions(context_, work_->connection(), target_, layout_, files_));
      return std::optional<lake::DataChange>(lake::ReplacePartitions{files_, {}});
    }
    if (!keyed() && !replaced_.deletes.empty()) {
      result.rows_deleted = replaced_.rows;
      summary[lake::kNoRebase] =
          backfill() ? "by range" : "by file";  // the places hold for this state of the table only
      outcome_.item.change = layout_.created ? Change::kCreate : Change::kRowDelta;
      return std::optional<lake::DataChange>(lake::RowDelta{files_, replaced_.deletes, {}, replaced_.replaced_deletes});
    }
    if (!keyed()) {
      kind(Change::kAppend);
      return std::optional<lake::DataChange>(lake::Append{files_});
    }
    result.rows_inserted = change_.rows_inserted;
    result.rows_updated = change_.rows_updated;
    result.rows_deleted = change_.rows_deleted;
    // What was found by key holds for this state of the table only: never re-based.
    summary[lake::kNoRebase] = "by key";
    outcome_.item.change = layout_.created ? Change::kCreate : Change::kRowDelta;
    if (change_.touches_old_rows()) return std::optional<lake::DataChange>(change_.delta);
    const bool moved = context_.asset.bookmarked() && result.watermark_after != context_.step.bookmark;
    // Files that are read once are done with a commit, also when they change no row.
    if (files_.empty() && !reshaped && !moved && request_.files.empty()) {
      result.reason = "no row of the table changes";
      return std::optional<lake::DataChange>();
    }
    return std::optional<lake::DataChange>(lake::Append{files_});
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
  LargeColumns large_;
  LoadMasks masks_;
  std::string otherwise_masked_;  ///< columns, for people
  Layout layout_;
  std::string folder_;
  std::unique_ptr<LoadStream> stream_;  ///< outlives the connection that reads it
  std::unique_ptr<StepWork> work_;
  std::unique_ptr<LoadPortions> portions_;  ///< null: the source is read as a whole
  std::string marked_;                      ///< what DeleteCondition gave
  std::string loaded_at_;                   ///< SQL of the time that all rows get
  std::vector<const project::CheckUse*> checks_;
  SplitResult split_;
  std::vector<lake::DataFile> files_;
  data::Schema rows_schema_;  ///< of the rows that are read: the table's, but for mode delete
  RowChange change_;          ///< of what goes by key
  RowsOfFiles replaced_;
  DriftRows drift_;
  std::set<std::string> bad_origins_;
  bool reconcile_ = false;  ///< all keys of the source are compared
  std::optional<KeysRead> keys_compared_;
  int64_t blank_lines_ = 0;
  int64_t bad_files_ = 0;  ///< set aside: each is one entry that came in and was rejected
  bool nothing_ = false;
};

}  // namespace

Result<StepOutcome> ExecuteLoad(StepContext& context) { return Load(context).Run(); }

}  // namespace leat::run
