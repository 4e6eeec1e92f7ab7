#include "run/gates_split.h"

#include <algorithm>
#include <mutex>
#include <set>

namespace leat::run {
namespace {

/// SQL functions live as long as the engine: their names are used again and again, one step at a time.
class FunctionNames {
 public:
  std::string Take() {
    std::lock_guard lock(mutex_);
    for (int number = 0;; ++number) {
      if (taken_.insert(number).second) return "leat_take_" + std::to_string(number);
    }
  }
  void Give(const std::string& name) {
    std::lock_guard lock(mutex_);
    taken_.erase(std::atoi(name.c_str() + std::string_view("leat_take_").size()));
  }

 private:
  std::mutex mutex_;
  std::set<int> taken_;
};

FunctionNames& Names() {
  static FunctionNames names;
  return names;
}

std::string JsonPayload(const std::vector<std::string>& columns) {
  std::string sql = "to_json(struct_pack(";
  for (size_t i = 0; i < columns.size(); ++i)
    sql += (i == 0 ? "" : ", ") + sql::QuoteName(columns[i]) + " := " + sql::QuoteName(columns[i]);
  return sql + "))::VARCHAR";
}

component::CheckTarget TargetOf(const project::CheckUse& use, const data::Schema& schema) {
  component::CheckTarget target;
  if (!use.column.empty()) target.column = sql::QuoteName(use.column);
  const data::Field* field = use.column.empty() ? nullptr : schema.FindColumn(use.column);
  target.type = field == nullptr ? nullptr : field->type.get();
  target.now = TimeLiteral(SystemClock().Now());
  return target;
}

/// A row that left the statement, with its reason code, message and column; counts it for its check.
RejectedRow DeadLetter(const sql::Connection::Rejected& rejected, const std::vector<const project::CheckUse*>& checks,
                       SplitResult& result) {
  RejectedRow row;
  row.origin = rejected.origin;
  if (rejected.row > 0) row.origin += ":" + std::to_string(rejected.row);
  row.payload = rejected.payload;
  const std::string detail = rejected.reason.substr(std::min<size_t>(2, rejected.reason.size()));
  if (!rejected.reason.starts_with(kCheckReason)) {
    result.describe_reader(detail, row);
    return row;
  }
  const auto number = static_cast<size_t>(std::atoi(detail.c_str()));
  const project::CheckUse& use = *checks[number];
  ++result.check_failures[number];
  component::CheckTarget target;
  target.column = use.column;
  row.reason_code = "check:" + use.id;
  row.column = use.column;
  row.message = use.instance->Describe(target);
  return row;
}

}  // namespace

std::string TimeLiteral(TimeMicros time) { return "TIMESTAMPTZ '" + FormatTime(time) + "'"; }

std::vector<const project::CheckUse*> QuarantineChecks(const project::Asset& asset) {
  std::vector<const project::CheckUse*> checks;
  for (const project::CheckUse& use : asset.checks) {
    if (use.on_fail == project::OnFail::kQuarantine && use.spec != nullptr && use.spec->check.row_level)
      checks.push_back(&use);
  }
  return checks;
}

bool NeedsStage(const std::vector<const project::CheckUse*>& checks) {
  return std::any_of(checks.begin(), checks.end(), [](const project::CheckUse* use) {
    return use->spec->check.keyed || !use->instance->Reads().empty();
  });
}

Result<Split> MakeSplit(sql::Connection& connection, const SplitInput& input,
                        const std::vector<const project::CheckUse*>& checks, const data::Schema& schema,
                        SplitResult& result) {
  Split split;
  std::string columns;
  for (const std::string& column : input.columns) columns += (columns.empty() ? "" : ", ") + sql::QuoteName(column);
  std::string found;
  for (size_t i = 0; i < checks.size(); ++i) {
    found += " WHEN " + checks[i]->instance->BadRow(TargetOf(*checks[i], schema)) + " THEN '" + kCheckReason +
             std::to_string(i) + "'";
  }
  if (!input.exempt_if.empty() && !found.empty()) found = " WHEN " + input.exempt_if + " THEN NULL" + found;
  std::string reasons = found.empty() ? "" : "CASE" + found + " END";
  if (!input.reader_reason.empty()) {
    std::string reader = "'" + std::string(kReaderReason) + "' || (" + input.reader_reason + ")";
    reasons = reasons.empty() ? reader : "coalesce(" + reader + ", " + reasons + ")";
  }
  std::string inner =
      "SELECT *, " + (reasons.empty() ? "NULL::VARCHAR" : reasons) + " AS leat_reason FROM (" + input.select + ")";

  std::vector<std::string> conditions;
  if (!input.skip_if.empty()) {
    std::string skip = Names().Take();
    split.functions.push_back(skip);
    LEAT_TRY(connection.RegisterRejecter(skip, [&result](const sql::Connection::Rejected&) {
      ++result.skipped_rows;
      return Ok();
    }));
    conditions.push_back("CASE WHEN NOT coalesce(" + input.skip_if + ", false) THEN true ELSE " + skip +
                         "(NULL, NULL, NULL, NULL) END");
  }
  if (!reasons.empty()) {
    std::string take = Names().Take();
    split.functions.push_back(take);
    result.check_failures.resize(checks.size());
    LEAT_TRY(connection.RegisterRejecter(take, [&result, &checks](const sql::Connection::Rejected& row) {
      return result.keep(DeadLetter(row, checks, result));
    }));
    std::string reject = "CASE WHEN leat_reason IS NULL THEN true ELSE " + take + "(leat_reason, (" + input.origin +
                         ")::VARCHAR, (" + input.row + ")::BIGINT, " +
                         (input.payload.empty() ? JsonPayload(input.columns) : "(" + input.payload + ")::VARCHAR") +
                         ") END";
    // One condition after the other: a row that is nothing is not looked at any further.
    if (!conditions.empty())
      reject = "CASE WHEN coalesce(" + input.skip_if + ", false) THEN true ELSE " + reject + " END";
    conditions.push_back(reject);
  }
  split.select = "SELECT " + columns + " FROM (" + inner + ")";
  for (size_t i = 0; i < conditions.size(); ++i) split.select += (i == 0 ? " WHERE " : " AND ") + conditions[i];
  return split;
}

std::string TakeFunctionName() { return Names().Take(); }
void GiveFunctionName(const std::string& name) { Names().Give(name); }

void ReleaseSplit(const Split& split) {
  for (const std::string& name : split.functions) Names().Give(name);
}

std::vector<CheckResult> WriteTimeResults(const SplitResult& result,
                                          const std::vector<const project::CheckUse*>& checks, int64_t total) {
  std::vector<CheckResult> results;
  for (size_t i = 0; i < checks.size(); ++i) {
    CheckResult one;
    one.check_id = checks[i]->id;
    one.when = "write";
    one.on_fail = "quarantine";
    one.failures = i < result.check_failures.size() ? result.check_failures[i] : 0;
    one.total = total;
    one.status = one.failures == 0 ? "pass" : "quarantined";
    one.observed = std::to_string(one.failures) + " rows set aside";
    component::CheckTarget target;
    target.column = checks[i]->column;
    one.message = checks[i]->instance->Describe(target);
    results.push_back(std::move(one));
  }
  return results;
}

std::optional<std::string> OverMaxReject(const project::Asset& asset, int64_t rejected, int64_t total) {
  if (rejected == 0 || static_cast<double>(rejected) <= asset.max_reject * static_cast<double>(total))
    return std::nullopt;
  return fmt::format("{} of {} rows were rejected ({:.4g} %), more than max_reject ({:.4g} %) allows", rejected, total,
                     100.0 * static_cast<double>(rejected) / static_cast<double>(total), 100.0 * asset.max_reject);
}

}  // namespace leat::run
