#include "run/load_work.h"

#include "io/hash.h"
#include "lake/snapshot_writer.h"
#include "run/load_schema.h"

namespace leat::run {
namespace {

/// A sixteenth of the engine's default: wide rows fit into little memory.
constexpr int64_t kCarefulRowGroup = 7680;

bool NeedsOrder(const Layout& layout) {
  return !layout.metadata.default_spec().is_unpartitioned() || !layout.metadata.default_sort_order().fields.empty();
}

}  // namespace

std::string ColumnList(const data::Schema& schema) {
  std::string list;
  for (const data::Field& field : schema.fields) list += (list.empty() ? "" : ", ") + sql::QuoteName(field.name);
  return list;
}

Result<std::unique_ptr<StepWork>> StepWork::Open(StepContext& context, const lake::View& view,
                                                 const std::vector<const project::CheckUse*>& checks, bool session) {
  LEAT_ASSIGN(sql::Engine * engine, context.lakehouse.Engine(sql::InstanceKind::kEngine));
  auto work = std::unique_ptr<StepWork>(new StepWork(context));
  std::string read;
  for (const project::CheckUse* use : checks) {
    for (const std::string& table : use->instance->Reads()) read += (read.empty() ? "SELECT 1 FROM " : ", ") + table;
  }
  if (session || !read.empty()) {
    sql::SessionOptions options;
    options.view = view;
    options.default_namespace = context.asset.table.ns;
    options.confined = true;
    options.allow_read_below = context.project.settings.read_files_below;
    LEAT_ASSIGN(work->session_, sql::Session::Open(*engine, *context.lakehouse.catalog, std::move(options)));
    if (!read.empty()) {
      LEAT_ASSIGN(auto reads, work->session_->Prepare(read));
      (void)reads;
    }
  } else {
    LEAT_ASSIGN(work->connection_, engine->Connect());
  }
  if (context.cancel != nullptr) {
    sql::Connection& connection = work->connection();
    work->cancel_callback_ = context.cancel->AddCallback([&connection] { connection.Interrupt(); });
    LEAT_TRY(context.cancel->Check());
  }
  return work;
}

StepWork::~StepWork() {
  if (cancel_callback_ >= 0) context_.cancel->RemoveCallback(cancel_callback_);
  session_.reset();
  connection_.reset();
  for (const Split& split : splits_) ReleaseSplit(split);
}

Status StepWork::Stage(SplitInput& input, StepWrite& write) {
  sql::StatementCounts counts;
  LEAT_ASSIGN(sql::TextRows made,
              connection().QueryProfiled("CREATE OR REPLACE TEMP TABLE leat_stage AS " + input.select, counts));
  (void)made;
  LEAT_ASSIGN(sql::TextRows rows, connection().Query("SELECT count(*) FROM temp.leat_stage"));
  write.rows_scanned = counts.rows_scanned;
  write.rows_staged = std::strtoll(rows.At(0, 0).value_or("0").c_str(), nullptr, 10);
  input.select = "SELECT * FROM temp.leat_stage";
  return Ok();
}

Result<sql::WriteResult> StepWork::WriteFiles(const std::string& select, const Layout& layout,
                                              const std::string& folder, std::optional<int64_t> rows) {
  sql::WriteOptions options = sql::OptionsOfTable(layout.metadata.properties);
  options.folder = folder;
  options.memory_limit_bytes = context_.memory_bytes;
  options.estimated_rows = rows ? rows : context_.step.estimated_rows;
  if (context_.careful) options.row_group_rows = kCarefulRowGroup;
  return sql::WriteFiles(*context_.lakehouse.files, connection(), select, layout.schema, layout.metadata.default_spec(),
                         layout.metadata.default_sort_order(), options);
}

Result<StepWrite> StepWork::Write(const SplitInput& input, const std::vector<const project::CheckUse*>& checks,
                                  const Layout& layout, const std::string& folder, SplitResult& split_result) {
  if (NeedsOrder(layout)) {  // such writes read their rows more than once: the split must have happened before
    LEAT_ASSIGN(StepWrite write, WriteTable(input, checks, layout.schema, "leat_good", split_result));
    LEAT_ASSIGN(sql::WriteResult files,
                WriteFiles("SELECT " + ColumnList(layout.schema) + " FROM temp.leat_good", layout, folder, write.rows));
    write.files = std::move(files.files);
    write.rows = files.rows;
    return write;
  }
  StepWrite write;
  SplitInput inner = input;
  bool staged = NeedsStage(checks) || (inner.count_input && (!checks.empty() || !inner.skip_if.empty()));
  if (staged) LEAT_TRY(Stage(inner, write));
  LEAT_ASSIGN(Split split, MakeSplit(connection(), inner, checks, layout.schema, split_result));
  splits_.push_back(split);
  LEAT_ASSIGN(sql::WriteResult files, WriteFiles(split.select, layout, folder));
  if (!staged) {
    write.rows_scanned = files.counts.rows_scanned;
    write.rows_staged = files.counts.result_rows;
  }
  write.files = std::move(files.files);
  write.rows = files.rows;
  return write;
}

Result<StepWrite> StepWork::WriteTable(const SplitInput& input, const std::vector<const project::CheckUse*>& checks,
                                       const data::Schema& schema, const std::string& name, SplitResult& split_result) {
  StepWrite write;
  SplitInput inner = input;
  bool staged = NeedsStage(checks) || (inner.count_input && (!checks.empty() || !inner.skip_if.empty()));
  if (staged) LEAT_TRY(Stage(inner, write));
  LEAT_ASSIGN(Split split, MakeSplit(connection(), inner, checks, schema, split_result));
  splits_.push_back(split);
  sql::StatementCounts counts;
  LEAT_ASSIGN(sql::TextRows made,
              connection().QueryProfiled("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(name) + " AS " + split.select,
                                         counts));
  (void)made;
  LEAT_ASSIGN(sql::TextRows rows, connection().Query("SELECT count(*) FROM temp." + sql::QuoteName(name)));
  write.rows = std::strtoll(rows.At(0, 0).value_or("0").c_str(), nullptr, 10);
  if (!staged) {
    write.rows_scanned = counts.rows_scanned;
    write.rows_staged = write.rows;
  }
  return write;
}

}  // namespace leat::run
