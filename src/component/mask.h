#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "config/field.h"
#include "data/type.h"

namespace leat::component {

/// Plain facts about a mask.
struct MaskCapabilities {
  /// Equal values stay equal and different ones different: joins and keys work as before.
  bool keeps_equal = false;
};

/// One configured mask of a column, put between what a source reads and the raw table. Pure data, no engine; its SQL gives
/// the same for the same value, in every run.
class Mask {
 public:
  virtual ~Mask() = default;
  /// The raw column's type where the source's values have `type`; null: it cannot mask such values.
  virtual data::TypePtr TypeOf(const data::TypePtr& type) const = 0;
  /// SQL of what the raw table gets of `value` (SQL of a value of `type`, which TypeOf takes); NULL of NULL.
  virtual std::string Masked(const std::string& value, const data::Type& type) const = 0;
};

/// Makes a configured mask from its validated arguments.
using MakeMask = Result<std::unique_ptr<Mask>> (*)(const config::Values& arguments);

}  // namespace leat::component
