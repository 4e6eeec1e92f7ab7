#include "component/row_check.h"

#include <fmt/format.h>

namespace leat::component {

std::string RowCheck::Count(const CheckTarget& target) const {
  const std::string bad = BadRow(target);
  return fmt::format(
      "SELECT (count(*) FILTER (WHERE {0}))::BIGINT AS failures, count(*)::BIGINT AS total, ({1})::VARCHAR AS observed "
      "FROM {2}",
      bad, Observed(target, bad), target.relation);
}

std::string RowCheck::Observed(const CheckTarget&, const std::string& bad) const {
  return fmt::format("(count(*) FILTER (WHERE {})) || ' of ' || count(*) || ' rows'", bad);
}

}  // namespace leat::component
