#include <algorithm>

#include "base/fault.h"
#include "project/structured.h"
#include "run/gates_split.h"
#include "run/load_target.h"
#include "run/load_work.h"
#include "run/model_view.h"
#include "run/reject_file.h"
#include "run/row_change.h"
#include "run/structured_follow.h"
#include "sql/walker.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

/// One model or structured copy, from its SELECT to the commit on the branch.
class Model {
 public:
  explicit Model(StepContext& context) : context_(context) {}

  Result<StepOutcome> Run() {
    outcome_.result.asset = context_.asset.id;
    outcome_.result.table = context_.asset.table;
    outcome_.result.kind = "handover";
    outcome_.result.status = StepStatus::kSuccess;
    LEAT_ASSIGN(target_, OpenTarget(context_));
    outcome_.result.snapshot_before = outcome_.result.snapshot_branch = target_.snapshot_id();
    outcome_.item.table = context_.asset.table;
    outcome_.item.step = context_.asset.id;
    LEAT_TRY(FindText());
    if (nothing_) return std::move(outcome_);
    checks_ = QuarantineChecks(context_.asset);
    outcome_.rejected =
        std::make_shared<RejectFile>(context_.lakehouse, context_.run_id, context_.asset.table, context_.asset.id);
    split_.describe_reader = [](const std::string& reason, RejectedRow& row) { row.reason_code = reason; };
    split_.keep = [this](const RejectedRow& row) {
      if (!row.origin.empty()) return outcome_.rejected->Add(row);
      RejectedRow named = row;
      named.origin = context_.asset.table.ToString();
      return outcome_.rejected->Add(named);
    };
    LEAT_ASSIGN(work_, StepWork::Open(context_, target_.view, checks_, true));
    LEAT_TRY(Bind());
    if (context_.asset.materialised == project::Materialisation::kView &&
        context_.asset.kind == project::AssetKind::kModel) {
      LEAT_TRY(MakeView());
    } else {
      LEAT_TRY(MakeTable());
    }
    return std::move(outcome_);
  }

 private:
  /// The statement to run: a model's own text, or what a structured copy makes of its raw table's columns.
  Status FindText() {
    if (context_.asset.kind != project::AssetKind::kStructured) {
      sql_ = context_.asset.sql;
      while (!sql_.empty() && (sql_.back() == ';' || sql_.back() == ' ' || sql_.back() == '\n' || sql_.back() == '\t' ||
                               sql_.back() == '\r'))
        sql_.pop_back();
      return Ok();
    }
    const project::Asset* raw =
        context_.asset.depends_on.empty() ? nullptr : context_.project.Find(context_.asset.depends_on[0]);
    if (raw == nullptr) return MakeError("RUN-535", ErrorKind::kInternal, "{} has no raw table", context_.asset.id);
    LEAT_ASSIGN(std::optional<lake::Entry> entry, context_.lakehouse.catalog->FindTable(target_.view, raw->table));
    if (!entry) {
      nothing_ = true;
      outcome_.result.reason = "raw table " + raw->table.ToString() + " does not exist yet";
      return Ok();
    }
    LEAT_ASSIGN(lake::MetadataPtr metadata, context_.lakehouse.catalog->LoadMetadata(entry->location));
    LEAT_ASSIGN(project::StructuredSql structured,
                project::StructuredSelect(context_.project, context_.asset, metadata->current_schema()));
    sql_ = structured.select;
    properties_ = structured.properties;
    raw_ = metadata;
    raw_table_ = raw->table;
    made_by_ = MadeBy(context_.asset, sql_);
    return Ok();
  }

  /// An error's place inside the compiled text becomes its place in the user's file, to the column.
  Error InFile(Error error) const { return project::PlaceInFile(context_.asset, std::move(error)); }

  /// Binds the statement: what it reads, its columns, its lineage.
  Status Bind() {
    sql::Session& session = *work_->session();
    auto reads = session.Prepare(sql_);
    if (!reads.ok()) return InFile(std::move(reads).error());
    outcome_.inputs = std::move(reads).value();
    for (const sql::TableRead& read : outcome_.inputs) {
      if (!read.pinned) outcome_.item.reads[read.table] = read.snapshot_id;
    }
    auto columns = session.connection().Describe(sql_);
    if (!columns.ok()) return InFile(std::move(columns).error());
    auto schema = sql::SchemaForColumns(columns.value(), 1, FormatVersionOf(context_, target_));
    if (!schema.ok()) return InFile(std::move(schema).error());
    schema_ = std::move(schema).value();
    for (size_t i = 0; i < schema_.fields.size(); ++i) {
      data::Field& field = schema_.fields[i];
      // Sums of integers are HUGEINT: where the table has a long already, they stay one (checked when written).
      const data::Field* stored =
          target_.metadata == nullptr ? nullptr : target_.metadata->current_schema().FindColumn(field.name);
      if (stored != nullptr && stored->type->id == data::TypeId::kLong && columns.value()[i].type == "HUGEINT")
        field.type = stored->type;
      // Likewise microseconds that the table had before its format knew nanoseconds.
      if (stored != nullptr && stored->type->id == data::TypeId::kTimestamp &&
          field.type->id == data::TypeId::kTimestampNs)
        field.type = stored->type;
      for (const project::ColumnInfo& info : context_.asset.columns) {
        if (info.name != field.name) continue;
        field.doc = info.description;
      }
    }
    auto lineage = session.Lineage(sql_);
    if (lineage.ok()) outcome_.lineage = std::move(lineage).value();
    return Ok();
  }

  Status MakeView() {
    lake::Catalog& catalog = *context_.lakehouse.catalog;
    // Spark resolves names in the view's catalogue: only what it can read there gives a text.
    const auto columns = [this, &catalog](const std::string& ns,
                                          const std::string& name) -> Result<std::optional<data::Schema>> {
      LEAT_ASSIGN(const auto entry, catalog.FindTable(target_.view, {ns, name}));
      if (!entry) return std::optional<data::Schema>();
      if (entry->kind == lake::ObjectKind::kTable) {
        LEAT_ASSIGN(const lake::MetadataPtr metadata, catalog.LoadMetadata(entry->location));
        return std::optional(metadata->current_schema());
      }
      LEAT_ASSIGN(const std::string bytes, context_.lakehouse.files->Read(entry->location));
      const auto view = lake::ParseViewMetadata(bytes);
      const lake::ViewVersion* version = view.ok() ? view->current_version() : nullptr;
      const data::Schema* schema = version == nullptr ? nullptr : view->FindSchema(version->schema_id);
      if (schema == nullptr || version->FindDialect("spark") == nullptr) return std::optional<data::Schema>();
      return std::optional(*schema);
    };
    LEAT_ASSIGN(const sql::SparkText spark,
                sql::ToSparkText(work_->connection(), sql_, catalog.options().warehouse_name, schema_, columns));
    LEAT_ASSIGN(const CommittedView committed, CommitView(context_, target_, sql_, schema_, spark));
    outcome_.item.change = lake::PublishItem::Change::kView;
    outcome_.changed = committed.changed;
    outcome_.result.reason = committed.changed ? committed.note : "the view is as before";
    return Ok();
  }

  Status MakeTable() {
    WantedSchema wanted;
    wanted.fields = schema_.fields;
    for (data::Field& field : wanted.fields) field.id = 0;
    if (soft_delete() && schema_.FindColumn(kDeletedAt) == nullptr) wanted.fields.push_back(DeletedAtField());
    bool merge = context_.asset.materialised == project::Materialisation::kIncremental && target_.metadata != nullptr;
    wanted.keep_others = merge;
    LEAT_ASSIGN(layout_, LayOut(context_, target_, wanted, properties_));
    folder_ = DataFolder(context_, layout_.metadata.location);
    LEAT_TRY(Follow());

    SplitInput input;
    input.count_input = true;
    input.select = "SELECT * FROM (" + sql_ + "\n)";
    for (const data::Field& field : schema_.fields) input.columns.push_back(field.name);
    for (const data::Field& field : layout_.schema.fields) {
      if (schema_.FindColumn(field.name) != nullptr) continue;  // an incremental model that no longer has the column
      input.select =
          "SELECT *, " + sql::NotGivenSql(field) + " AS " + sql::QuoteName(field.name) + " FROM (" + input.select + ")";
      input.columns.push_back(field.name);
    }
    OrderColumns(input);
    LEAT_ASSIGN(std::string marked, DeleteCondition(context_, work_->connection()));
    StepResult& result = outcome_.result;
    LEAT_ASSIGN(const std::optional<lake::DataChange> change, WriteRows(input, marked, merge));
    if (follows_ && result.status != StepStatus::kBlocked)
      result.reason = "follows its raw table: only new rows are added";
    if (result.status == StepStatus::kBlocked) return Ok();
    if (merge && result.rows_out + result.rows_updated + result.rows_deleted == 0 && !layout_.schema_changed) {
      result.reason = "no rows to add";
      return Ok();
    }
    LEAT_FAULT_POINT("model.written");
    lake::Properties summary{{"leat.rows-in", std::to_string(result.rows_in)},
                             {"leat.rows-out", std::to_string(result.rows_out)},
                             {"leat.rows-rejected", std::to_string(result.rows_rejected)}};
    if (raw_ != nullptr) {
      summary[kMadeFrom] = std::to_string(raw_->current_snapshot_id.value_or(0));
      summary[kMadeBy] = made_by_;
    }
    if (outcome_.item.change == lake::PublishItem::Change::kRowDelta)
      summary[lake::kNoRebase] = follows_ ? "copy" : "by key";
    LEAT_ASSIGN(Committed committed, CommitTable(context_, target_, layout_, change, summary, {}, folder_));
    LEAT_FAULT_POINT("model.committed");
    result.snapshot_branch = committed.snapshot_id;
    outcome_.changed = true;
    return Ok();
  }

  /// A structured copy whose raw table only got rows reads these.
  Status Follow() {
    if (raw_ == nullptr || layout_.schema_changed) return Ok();
    sql::Session& session = *work_->session();
    LEAT_ASSIGN(const std::optional<NewRawRows> rows,
                FindNewRawRows(context_, session.connection(), target_, *raw_, made_by_, checks_));
    if (!rows) return Ok();
    session.SetStandIn(raw_table_, rows->relation);
    auto reads = session.Prepare(sql_);
    if (!reads.ok()) return InFile(std::move(reads).error());
    for (sql::TableRead& read : outcome_.inputs) {
      read.files = rows->files;
      read.bytes = rows->bytes;
    }
    follows_ = true;
    return Ok();
  }

  bool soft_delete() const { return context_.asset.kind == project::AssetKind::kModel && context_.asset.soft_delete; }

  /// Writes the SELECT's good rows as the model's strategy says. `merge`: into what the table has.
  Result<std::optional<lake::DataChange>> WriteRows(SplitInput& input, const std::string& marked, bool merge) {
    using Change = lake::PublishItem::Change;
    const project::Asset& asset = context_.asset;
    StepResult& result = outcome_.result;
    const auto kind = [&](Change change) {
      outcome_.item.change = layout_.created ? Change::kCreate : layout_.schema_changed ? Change::kSchema : change;
    };
    const bool inserts = merge && asset.strategy == "insert";
    const bool upserts = merge && asset.strategy == "merge";
    const bool keeps_gone = soft_delete() && asset.materialised == project::Materialisation::kTable;
    if (!inserts && !upserts && !keeps_gone) {
      input.skip_if = marked;
      LEAT_ASSIGN(StepWrite written, work_->Write(input, checks_, layout_, folder_, split_));
      std::vector<NamedCount> marked_rows;
      if (split_.skipped_rows > 0) marked_rows.push_back({kDeleteRule, split_.skipped_rows});
      LEAT_TRY(Count(written.rows_staged, written.rows, marked_rows, written.files));
      result.rows_inserted = written.rows;
      if (follows_ || (merge && asset.strategy == "append")) {
        // What a copy adds holds for these raw rows only: never re-based.
        kind(follows_ ? Change::kRowDelta : Change::kAppend);
        return std::optional<lake::DataChange>(lake::Append{std::move(written.files)});
      }
      if (merge && result.status != StepStatus::kBlocked) {  // insert_overwrite
        kind(Change::kReplacePartitions);
        LEAT_ASSIGN(result.rows_deleted,
                    RowsInPartitions(context_, work_->connection(), target_, layout_, written.files));
        return std::optional<lake::DataChange>(lake::ReplacePartitions{std::move(written.files), {}});
      }
      outcome_.item.change = layout_.created ? Change::kCreate : Change::kOverwrite;
      result.rows_deleted = RowsBefore(target_);
      return std::optional<lake::DataChange>(lake::Overwrite{std::move(written.files)});
    }
    input.exempt_if = marked;
    LEAT_ASSIGN(const StepWrite staged, work_->WriteTable(input, checks_, layout_.schema, "leat_good", split_));
    const KeyedRows rows{"leat_good", asset.unique_key, marked, "", soft_delete()};
    const auto write = inserts ? InsertRows : upserts ? UpsertRows : ReplaceKeepingGone;
    LEAT_ASSIGN(RowChange done, write(context_, *work_, target_, layout_, rows, folder_));
    LEAT_TRY(Count(staged.rows_staged, done.rows_out, done.filters, done.delta.files));
    result.rows_inserted = done.rows_inserted;
    result.rows_updated = done.rows_updated;
    result.rows_deleted = done.rows_deleted;
    outcome_.item.change = layout_.created      ? Change::kCreate
                           : upserts || inserts ? Change::kRowDelta
                                                : Change::kOverwrite;
    if (keeps_gone) {
      done.delta.files.insert(done.delta.files.end(), done.kept.begin(), done.kept.end());
      return std::optional<lake::DataChange>(lake::Overwrite{std::move(done.delta.files)});
    }
    if (done.touches_old_rows()) return std::optional<lake::DataChange>(std::move(done.delta));
    return std::optional<lake::DataChange>(lake::Append{std::move(done.delta.files)});
  }

  /// Files are written by position: the columns in the order of the table's schema.
  void OrderColumns(SplitInput& input) const {
    input.columns.clear();
    for (const data::Field& field : layout_.schema.fields) {
      const data::Field* own = schema_.FindColumn(field.name);
      input.columns.push_back(own == nullptr ? field.name : own->name);
    }
  }

  Status Count(int64_t handed_over, int64_t written, const std::vector<NamedCount>& filters,
               const std::vector<lake::DataFile>& files) {
    StepResult& result = outcome_.result;
    result.rows_in = handed_over;
    result.rows_out = written;
    result.rows_rejected = outcome_.rejected->rows();
    for (const NamedCount& filter : filters) result.rows_filtered += filter.rows;
    outcome_.filters = filters;
    for (const lake::DataFile& file : files) result.bytes_out += file.size_bytes;
    for (const sql::TableRead& read : outcome_.inputs) result.bytes_in += read.bytes;
    outcome_.checks = WriteTimeResults(split_, checks_, handed_over);
    if (result.rows_in != result.rows_out + result.rows_rejected + result.rows_filtered) {
      (void)context_.lakehouse.files->RemoveFolder(folder_).ok();
      return MakeError("RUN-522", ErrorKind::kInternal,
                       "step {}: the counts do not balance: {} in, {} out, {} rejected, {} filtered", context_.asset.id,
                       result.rows_in, result.rows_out, result.rows_rejected, result.rows_filtered);
    }
    std::optional<std::string> over = OverMaxReject(context_.asset, result.rows_rejected, result.rows_in);
    if (over) {
      (void)context_.lakehouse.files->RemoveFolder(folder_).ok();
      result.status = StepStatus::kBlocked;
      result.reason = *over;
      result.error = MakeError("RUN-523", ErrorKind::kData, "table {}: {}", context_.asset.table.ToString(), *over)
                         .WithHint("look at " + context_.asset.table.ToString() +
                                   "__rejected, mend the input, or raise `max_reject`");
    }
    return Ok();
  }

  StepContext& context_;
  StepOutcome outcome_;
  Target target_;
  std::string sql_;
  lake::Properties properties_;
  std::vector<const project::CheckUse*> checks_;
  std::unique_ptr<StepWork> work_;
  data::Schema schema_;
  Layout layout_;
  std::string folder_;
  SplitResult split_;
  lake::MetadataPtr raw_;  ///< of a structured copy: the raw table on the branch
  lake::TableName raw_table_;
  std::string made_by_;
  bool follows_ = false;
  bool nothing_ = false;
};

}  // namespace

Result<StepOutcome> ExecuteModel(StepContext& context) { return Model(context).Run(); }

}  // namespace leat::run
