#include "run/load_rejects.h"

namespace leat::run {
std::string TextColumn(size_t i) { return "leat_t" + std::to_string(i); }

std::string ReaderReason(const component::Relation& relation, const RegisteredTable& registered) {
  std::string cases;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    if (!relation.columns[i].checked) continue;
    cases += " WHEN " + sql::QuoteName(registered.names[i]) + " IS NULL AND " + TextColumn(i) + " IS NOT NULL THEN 'c" +
             std::to_string(i) + "|' || " + TextColumn(i);
  }
  return cases.empty() ? "" : "CASE" + cases + " END";
}

void DescribeReaderReason(const std::string& reason, const RegisteredTable& registered, RejectedRow& row) {
  size_t bar = reason.find('|');
  std::string kind = reason.substr(0, bar);
  std::string detail = bar == std::string::npos ? "" : reason.substr(bar + 1);
  if (kind.starts_with("c")) {
    auto at = static_cast<size_t>(std::atoi(kind.c_str() + 1));
    constexpr size_t kShownBytes = 100;
    row.reason_code = "cast";
    row.column = registered.names[at];
    row.message = "'" + (detail.size() > kShownBytes ? detail.substr(0, kShownBytes) + "…" : detail) +
                  "' is not exactly a " + data::TypeName(*registered.table.columns[at].type);
  } else {
    component::RefusedParts parts = component::SplitRefusedRow(detail);
    row.reason_code = parts.reason_code;
    row.column = parts.column;
    row.message = parts.message;
  }
}

}  // namespace leat::run
