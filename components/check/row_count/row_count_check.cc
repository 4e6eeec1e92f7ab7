#include <fmt/format.h>

#include "component/spec.h"

namespace {

using namespace leat;
using namespace leat::component;

class RowCount : public Check {
 public:
  RowCount(std::optional<int64_t> min, std::optional<int64_t> max) : min_(min), max_(max) {}

  std::string Count(const CheckTarget& target) const override {
    std::string outside;
    if (min_) outside = fmt::format("count(*) < {}", *min_);
    if (max_) outside += fmt::format("{}count(*) > {}", min_ ? " OR " : "", *max_);
    return fmt::format(
        "SELECT ({})::BIGINT AS failures, count(*)::BIGINT AS total, count(*) || ' rows' AS observed FROM {}", outside,
        target.relation);
  }

  std::string Describe(const CheckTarget&) const override {
    if (min_ && max_) return fmt::format("the table must have between {} and {} rows", *min_, *max_);
    if (min_) return fmt::format("the table must have at least {} rows", *min_);
    return fmt::format("the table must have at most {} rows", max_.value_or(0));
  }

 private:
  std::optional<int64_t> min_, max_;
};

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  std::optional<int64_t> min, max;
  if (arguments.Has("min")) min = arguments.Integer("min");
  if (arguments.Has("max")) max = arguments.Integer("max");
  if (!min && !max)
    return MakeError("CHK-101", ErrorKind::kConfig, "row_count: give min, max or both").At(arguments.span);
  if (min && max && *min > *max) {
    return MakeError("CHK-101", ErrorKind::kConfig, "row_count: min {} is above max {}", *min, *max)
        .At(arguments.Where("min"));
  }
  return std::unique_ptr<Check>(new RowCount(min, max));
}

}  // namespace

leat::component::Spec leat_check_row_count_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "row_count";
  spec.summary = "the table has a number of rows between two bounds";
  spec.description = "Counts the whole table after the run's change, not what the run added.";
  spec.examples = {"checks:\n  - row_count: { min: 1, max: 1000000 }"};
  spec.fields = {{.name = "min",
                  .type = config::FieldType::kInteger,
                  .description = "The least number of rows; default: none.",
                  .minimum = 0,
                  .example = "1"},
                 {.name = "max",
                  .type = config::FieldType::kInteger,
                  .description = "The greatest number of rows; default: none.",
                  .minimum = 0,
                  .example = "1000000"}};
  spec.check.column = false;
  spec.make_check = Make;
  return spec;
}
