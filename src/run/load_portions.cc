#include "run/load_portions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "base/fault.h"
#include "base/log.h"
#include "base/retry.h"
#include "component/budget.h"
#include "component/budget_fields.h"
#include "data/schema_json.h"
#include "io/hash.h"
#include "lake/scan.h"
#include "lake/snapshot_writer.h"
#include "run/inputs.h"
#include "run/load_rejects.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr double kBytesPerValue = 6;           ///< in a data file, before any was written
constexpr double kLongestPortionSeconds = 60;  ///< of reading that a crash may cost
constexpr double kGentleRows = 1e6;            ///< of the first portion, where a budget says that the source is slow
constexpr int kTries = 3;

/// The layout of files that are read again before they become the table's: no partitions, no order.
Layout PlainLayout(const Layout& layout) {
  Layout plain = layout;
  plain.metadata.specs = {lake::PartitionSpec()};
  plain.metadata.default_spec_id = plain.metadata.specs.front().spec_id;
  plain.metadata.sort_orders = {lake::SortOrder()};
  plain.metadata.default_sort_order_id = 0;
  return plain;
}

double EstimatedRows(const std::vector<component::TablePart>& parts) {
  double rows = 0;
  for (const component::TablePart& part : parts) rows += static_cast<double>(part.estimated_rows);
  return rows;
}

}  // namespace

LoadPortions::LoadPortions(StepContext& context, component::Source& source, const state::Fence& fence)
    : context_(context),
      source_(source),
      kept_(context.lakehouse, context.step.load_key, fence),
      streams_(context.careful ? 1 : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()))) {
  const config::Values& values = context.asset.table_values;
  if (values.items.contains("resume_within")) resume_within_ = values.Duration("resume_within");
  if (values.items.contains("part_rows") && values.Has("part_rows")) part_rows_ = values.Integer("part_rows");
}

Result<std::string> LoadPortions::HashOf(const component::ReadRequest& request, const RegisteredTable& registered,
                                         const Target& target) {
  LEAT_ASSIGN(fingerprint_, source_.Fingerprint());
  std::string identity;
  if (fingerprint_.empty()) {
    LEAT_ASSIGN(identity, source_.PartsIdentity());
  }
  nlohmann::json parts = {ConfigHash(context_.project, context_.asset), request.update_key, request.bookmark,
                          fingerprint_ + identity, RegisteredToJson(registered)};
  if (target.metadata != nullptr) {
    parts.push_back(target.metadata->uuid);
    parts.push_back(data::SchemaToJson(target.metadata->current_schema()));
  }
  return io::HashBytes(parts.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Status LoadPortions::LookForLeft(const component::ReadRequest& request, const RegisteredTable& registered,
                                 const Target& target) {
  LEAT_ASSIGN(hash_, HashOf(request, registered, target));
  LEAT_ASSIGN(left_, kept_.Left());
  if (left_ && (left_->hash != hash_ || resume_within_.count() == 0)) left_.reset();
  return Ok();
}

Result<bool> LoadPortions::Plan(component::ReadRequest& request, const Layout& layout, bool by_key) {
  request_ = request;
  const bool ordered =
      !layout.metadata.default_spec().is_unpartitioned() || !layout.metadata.default_sort_order().fields.empty();
  staged_ = by_key || ordered;
  layout_ = staged_ ? PlainLayout(layout) : layout;
  const int64_t target_bytes = lake::PositiveProperty(layout.metadata.properties, "write.target-file-size-bytes",
                                                      sql::WriteOptions().target_file_bytes);
  const double row_bytes = kBytesPerValue * static_cast<double>(std::max<size_t>(1, layout.schema.fields.size()));
  portion_rows_ = static_cast<double>(target_bytes) * streams_ / row_bytes;
  LEAT_ASSIGN(const component::BudgetLimits limits, component::ReadBudget(context_.asset.connection_values));
  if (limits.any()) portion_rows_ = std::min(portion_rows_, kGentleRows * streams_);
  if (left_) {
    plan_ = *left_;
    return true;
  }
  LEAT_TRY(kept_.Drop());
  LEAT_ASSIGN(component::TableParts split, source_.Split(request, {part_rows_, streams_}));
  // Parts may only be put together from two reads if nothing moved between them from one to another (rows change their pages
  // when they change, and a broken connection loses its snapshot).
  if (!split.lasting && fingerprint_.empty()) return false;
  Log(LogLevel::kInfo, "read_in_parts",
      {{"asset", context_.asset.id}, {"parts", std::to_string(split.parts.size())}, {"reason", split.reason}});
  if (split.parts.size() < 2) return false;
  if (EstimatedRows(split.parts) <= portion_rows_) {
    request.parts = std::move(split.parts);
    return false;
  }
  plan_ = {hash_, request.upper, layout.metadata.uuid, context_.run_id, split.reason, std::move(split.parts)};
  LEAT_TRY(kept_.Begin(plan_, resume_within_));
  LEAT_FAULT_POINT("load.parts.planned");
  return true;
}

std::vector<component::TablePart> LoadPortions::Take(std::vector<component::TablePart>& missing) const {
  size_t count = 0;
  double rows = 0;
  while (count < missing.size() && (count < static_cast<size_t>(streams_) || rows < portion_rows_)) {
    rows += static_cast<double>(missing[count++].estimated_rows);
  }
  const auto end = missing.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<component::TablePart> taken(missing.begin(), end);
  missing.erase(missing.begin(), end);
  return taken;
}

Result<Portion> LoadPortions::Read(const std::vector<component::TablePart>& parts, const std::string& folder,
                                   const WritePortion& write) {
  component::ReadRequest request = request_;
  request.parts = parts;
  Portion portion;
  RetryPolicy policy;
  policy.attempts = kTries;
  policy.first_wait = std::chrono::milliseconds(500);
  policy.longest_wait = std::chrono::seconds(10);
  policy.budget = std::chrono::minutes(10);
  int attempt = 0;
  const Status status = RunWithRetry(policy, context_.cancel, [&]() -> Status {
    portion = {};
    portion.folder = fmt::format("{}-{}", folder, ++attempt);
    portion.run_id = context_.run_id;
    for (const component::TablePart& part : parts) portion.parts.push_back(part.id);
    SplitResult split;
    split.keep = [&portion](const RejectedRow& row) {
      portion.rejected.push_back(row);
      return Ok();
    };
    auto written = write(request, portion.folder, split, portion.rows_in);
    if (written.ok()) {
      portion.files = std::move(written->files);
      portion.rows_out = written->rows;
      portion.rows_filtered = split.skipped_rows;
      portion.check_failures = split.check_failures;
      return Ok();
    }
    (void)context_.lakehouse.files->RemoveFolder(portion.folder).ok();
    const Error& error = written.error();
    if (error.retry() == Retry::kSafe) {
      Log(LogLevel::kWarn, "portion_failed",
          {{"asset", context_.asset.id}, {"try", std::to_string(attempt)}, {"error", error.message()}});
    }
    // Who has waited long enough for the source does not wait three times as long.
    return error.code() == "SRC-240" ? Error(error).WithRetry(Retry::kNever) : error;
  });
  if (status.ok()) return portion;
  return status.error().code() == "SRC-240" ? Error(status.error()).WithRetry(Retry::kSafe) : status.error();
}

Result<PortionsRead> LoadPortions::ReadAll(const WritePortion& write) {
  LEAT_ASSIGN(portions_, kept_.Adopt(layout_.metadata));
  PortionsRead all;
  std::set<std::string> runs;
  size_t adopted_parts = 0;
  for (const Portion& portion : portions_) {
    if (portion.run_id == context_.run_id) continue;
    runs.insert(portion.run_id);
    adopted_parts += portion.parts.size();
    all.rows_adopted += portion.rows_out;
  }
  if (!runs.empty()) {
    all.adopted =
        fmt::format("{} of {} parts taken over from run {}", adopted_parts, plan_.parts.size(), fmt::join(runs, ", "));
  }
  std::vector<component::TablePart> missing = Missing(plan_, portions_);
  const std::string folder = DataFolder(context_, layout_.metadata.location);
  if (!missing.empty()) LEAT_TRY(kept_.UseFolder(folder));
  for (int number = 0; !missing.empty(); ++number) {
    if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
    const auto began = SteadyClock::now();
    const std::vector<component::TablePart> parts = Take(missing);
    LEAT_ASSIGN(Portion portion, Read(parts, io::JoinUri(folder, fmt::format("p{}", number)), write));
    LEAT_FAULT_POINT("load.portion.written");
    LEAT_TRY(kept_.Keep(portion, layout_.metadata));
    LEAT_FAULT_POINT("load.portion.kept");
    // The next one by what this one showed: files of the target size, and no longer than a crash may cost.
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
    int64_t bytes = 0;
    for (const lake::DataFile& file : portion.files) bytes += file.size_bytes;
    if (bytes > 0 && portion.rows_out > 0) {
      const int64_t target_bytes = lake::PositiveProperty(layout_.metadata.properties, "write.target-file-size-bytes",
                                                          sql::WriteOptions().target_file_bytes);
      const double by_size = static_cast<double>(target_bytes) * streams_ * static_cast<double>(portion.rows_out) /
                             static_cast<double>(bytes);
      portion_rows_ = std::min(by_size, static_cast<double>(portion.rows_in) * kLongestPortionSeconds / seconds);
    }
    portions_.push_back(std::move(portion));
  }
  LEAT_TRY(CheckWhole(plan_, portions_));
  LEAT_ASSIGN(const std::string fingerprint, source_.Fingerprint());
  if (fingerprint != fingerprint_) {
    LEAT_TRY(kept_.Drop());
    all.changed_meanwhile = true;
    return all;
  }
  for (const Portion& portion : portions_) {
    all.files.insert(all.files.end(), portion.files.begin(), portion.files.end());
    all.rejected.insert(all.rejected.end(), portion.rejected.begin(), portion.rejected.end());
    all.rows_in += portion.rows_in;
    all.rows_out += portion.rows_out;
    all.rows_filtered += portion.rows_filtered;
    all.check_failures.resize(std::max(all.check_failures.size(), portion.check_failures.size()));
    for (size_t i = 0; i < portion.check_failures.size(); ++i) all.check_failures[i] += portion.check_failures[i];
  }
  return all;
}

Status LoadPortions::MakeTable(StepWork& work, const std::string& name,
                               const std::vector<lake::DataFile>& files) const {
  lake::ScanPlan plan;
  for (const lake::DataFile& file : files) {
    lake::ScanFile& one = plan.files.emplace_back();
    one.file = file;
  }
  LEAT_ASSIGN(const std::string rows,
              sql::ReadSql(*context_.lakehouse.files, work.connection(), layout_.metadata, layout_.schema, plan));
  return work.connection().Execute("CREATE OR REPLACE TEMP TABLE " + sql::QuoteName(name) + " AS SELECT " +
                                   ColumnList(layout_.schema) + " FROM (" + rows + ")");
}

Status LoadPortions::CleanUp() {
  if (staged_) return kept_.Drop();
  for (const Portion& portion : portions_) {
    LEAT_TRY(context_.lakehouse.files->Remove(io::JoinUri(portion.folder, "portion.avro")));
  }
  return Ok();
}

}  // namespace leat::run
