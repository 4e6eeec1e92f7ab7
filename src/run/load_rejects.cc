#include "run/load_rejects.h"

namespace leat::run {
std::string TextColumn(size_t i) { return "leat_t" + std::to_string(i); }

std::string ReaderReason(const component::Relation& relation, const RegisteredTable& registered,
                         const LoadMasks& masks) {
  std::string cases;
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    if (!relation.columns[i].checked) continue;
    if (masks.Has(i)) {
      cases += " WHEN " + TextColumn(i) + " IS NOT NULL THEN 'c" + std::to_string(i) + "|'";
      continue;
    }
    cases += " WHEN " + sql::QuoteName(registered.names[i]) + " IS NULL AND " + TextColumn(i) + " IS NOT NULL THEN 'c" +
             std::to_string(i) + "|' || " + TextColumn(i);
  }
  return cases.empty() ? "" : "CASE" + cases + " END";
}

void DescribeReaderReason(const std::string& reason, const RegisteredTable& registered, const LoadMasks& masks,
                          RejectedRow& row) {
  size_t bar = reason.find('|');
  std::string kind = reason.substr(0, bar);
  std::string detail = bar == std::string::npos ? "" : reason.substr(bar + 1);
  if (kind.starts_with("c")) {
    auto at = static_cast<size_t>(std::atoi(kind.c_str() + 1));
    constexpr size_t kShownBytes = 100;
    row.reason_code = "cast";
    row.column = registered.names[at];
    if (detail.size() > kShownBytes) detail = detail.substr(0, kShownBytes) + "…";
    row.message = (masks.Has(at) ? "the value (masked)" : "'" + detail + "'") + " is not exactly a " +
                  data::TypeName(*registered.table.columns[at].type);
  } else {
    component::RefusedParts parts = component::SplitRefusedRow(detail);
    row.reason_code = parts.reason_code;
    row.column = parts.column;
    row.message = parts.message;
    if (masks.any() && parts.column.empty())
      row.message = "the row cannot be read (its text is left out: columns are masked)";
    else if (masks.HasColumn(parts.column)) row.message = "the value (masked) does not fit the column";
  }
}

}  // namespace leat::run
