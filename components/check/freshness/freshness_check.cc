#include <fmt/format.h>

#include "component/spec.h"
#include "component/sql_text.h"

namespace {

using namespace leat;
using namespace leat::component;

class Freshness : public Check {
 public:
  Freshness(std::string column, std::string within, int64_t within_us)
      : column_(std::move(column)), within_(std::move(within)), within_us_(within_us) {}

  std::string Count(const CheckTarget& target) const override {
    const std::string column = ColumnOf(target);
    return fmt::format(
        "SELECT (newest IS NULL OR epoch_us({2}) - epoch_us(newest) > {3})::BIGINT AS failures, total, "
        "coalesce('newest is ' || newest::VARCHAR, 'no value at all') AS observed "
        "FROM (SELECT max({0}) AS newest, count(*)::BIGINT AS total FROM {1})",
        column, target.relation, target.now, within_us_);
  }

  std::string Describe(const CheckTarget& target) const override {
    return fmt::format("the newest {} must be at most {} old", ColumnOf(target), within_);
  }

 private:
  std::string ColumnOf(const CheckTarget& target) const { return column_.empty() ? target.column : SqlName(column_); }

  std::string column_;
  std::string within_;
  int64_t within_us_;
};

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  return std::unique_ptr<Check>(
      new Freshness(arguments.Text("column"), arguments.Text("within"), arguments.Duration("within").count()));
}

}  // namespace

leat::component::Spec leat_check_freshness_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "freshness";
  spec.summary = "the newest value of a date or time column is not too old";
  spec.description =
      "Compared with the time of the run. A table without any value fails. Times without a zone are UTC.";
  spec.examples = {"checks:\n  - freshness: { column: time_hour, within: 24h }"};
  spec.fields = {
      {.name = "column",
       .description = "The date or time column, at the table level; default: the column that the check stands under.",
       .example = "time_hour"},
      {.name = "within",
       .type = config::FieldType::kDuration,
       .description = "The greatest age, with a unit (s, m, h, d, w).",
       .required = true,
       .example = "24h"}};
  spec.make_check = Make;
  return spec;
}
