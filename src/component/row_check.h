#pragma once

#include <string>

#include "component/check.h"

namespace leat::component {

/// A check that is a predicate per row: Count follows from BadRow.
class RowCheck : public Check {
 public:
  std::string Count(const CheckTarget& target) const override;

 protected:
  /// An aggregate (VARCHAR) over the rows of the table that says what was seen; `bad` is the BadRow predicate.
  /// Default: how many rows are bad. Keep data values out of it unless the check is about few known values.
  virtual std::string Observed(const CheckTarget& target, const std::string& bad) const;
};

}  // namespace leat::component
