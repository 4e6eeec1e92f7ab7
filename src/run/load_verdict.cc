#include "run/load_verdict.h"

namespace leat::run {

Error TooManyRejected(const project::Asset& asset, const std::string& over, const RejectFile& rejected) {
  const std::optional<RejectedRow>& example = rejected.first();
  const std::string first = example ? example->origin + ": " + example->message : "";
  return MakeError("RUN-523", ErrorKind::kData, "table {}: {}; the first is {}", asset.table.ToString(), over, first)
      .WithHint("mend the input, declare `data_type` of the column, or raise `max_reject`; the rows are in " +
                asset.table.ToString() + "__rejected");
}

CheckResult EmptyExtract(const project::Asset& asset, const std::string& reason, bool fails) {
  CheckResult check;
  check.check_id = asset.id + ".on_empty";
  check.when = "write";
  check.on_fail = fails ? "block" : "warn";
  check.status = fails ? "fail" : "warn";
  check.failures = 1;
  check.observed = "0 rows";
  check.message = reason;
  return check;
}

Error EmptyExtractError(const project::Asset& asset, const std::string& reason) {
  return MakeError("RUN-537", ErrorKind::kData, "table {}: {}", asset.table.ToString(), reason)
      .At(asset.where)
      .WithHint("look at the source; where it may be empty, say `on_empty: replace`");
}

}  // namespace leat::run
