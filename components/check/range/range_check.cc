#include <fmt/format.h>

#include "component/row_check.h"
#include "component/spec.h"
#include "component/sql_text.h"
#include "config/scalar.h"

namespace {

using namespace leat;
using namespace leat::component;

class Range : public RowCheck {
 public:
  Range(std::string min, std::string max, bool exclusive)
      : min_(std::move(min)), max_(std::move(max)), exclusive_(exclusive) {}

  std::string BadRow(const CheckTarget& target) const override {
    // Text is compared as a number when the bounds are numbers; what is no number is out of any range.
    const bool text = target.type != nullptr && target.type->id == data::TypeId::kString;
    const bool as_number = text && Numeric(min_) && Numeric(max_);
    const std::string value = as_number ? fmt::format("TRY_CAST({} AS DECIMAL(38, 10))", target.column) : target.column;
    std::string outside;
    if (!min_.empty())
      outside = fmt::format("{} {} {}", value, exclusive_ ? "<=" : "<", Bound(min_, text && !as_number));
    if (!max_.empty()) {
      outside += fmt::format("{}{} {} {}", outside.empty() ? "" : " OR ", value, exclusive_ ? ">=" : ">",
                             Bound(max_, text && !as_number));
    }
    return fmt::format("({} IS NOT NULL AND coalesce({}, {}))", target.column, outside, as_number ? "TRUE" : "FALSE");
  }

  std::string Describe(const CheckTarget& target) const override {
    const std::string_view how = exclusive_ ? ", bounds excluded" : "";
    if (max_.empty()) return fmt::format("{} must be at least {}{}", target.column, min_, how);
    if (min_.empty()) return fmt::format("{} must be at most {}{}", target.column, max_, how);
    return fmt::format("{} must be between {} and {}{}", target.column, min_, max_, how);
  }

 protected:
  std::string Observed(const CheckTarget& target, const std::string&) const override {
    return fmt::format(
        "'from ' || coalesce(min({0})::VARCHAR, 'nothing') || ' to ' || coalesce(max({0})::VARCHAR, 'nothing')",
        target.column);
  }

 private:
  static bool Numeric(const std::string& bound) { return bound.empty() || config::ParseNumber(bound).has_value(); }
  // A literal in quotes takes the column's type (dates, times).
  static std::string Bound(const std::string& bound, bool text) {
    return !text && config::ParseNumber(bound) ? bound : SqlLiteral(bound);
  }

  std::string min_, max_;
  bool exclusive_;
};

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  const std::string min = arguments.Text("min");
  const std::string max = arguments.Text("max");
  if (min.empty() && max.empty()) {
    return MakeError("CHK-101", ErrorKind::kConfig, "range: give min, max or both").At(arguments.span);
  }
  const auto low = config::ParseNumber(min);
  const auto high = config::ParseNumber(max);
  if (low && high && *low > *high) {
    return MakeError("CHK-101", ErrorKind::kConfig, "range: min {} is above max {}", min, max)
        .At(arguments.Where("min"));
  }
  return std::unique_ptr<Check>(new Range(min, max, arguments.Boolean("exclusive")));
}

}  // namespace

leat::component::Spec leat_check_range_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "range";
  spec.summary = "every value of the column lies between two bounds";
  spec.description =
      "NULL passes (add not_null to refuse it). Bounds are numbers, dates or times and belong to the range.";
  spec.examples = {"checks:\n  - range: { min: 0, max: 24 }", "checks:\n  - range: { min: 2013-01-01 }"};
  spec.fields = {{.name = "min", .description = "The least value; default: none.", .example = "0"},
                 {.name = "max", .description = "The greatest value; default: none.", .example = "24"},
                 {.name = "exclusive",
                  .type = config::FieldType::kBoolean,
                  .description = "The bounds themselves are outside.",
                  .default_value = "false"}};
  spec.check.row_level = true;
  spec.make_check = Make;
  return spec;
}
