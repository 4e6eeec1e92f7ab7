#include <fmt/format.h>

#include "component/row_check.h"
#include "component/spec.h"
#include "component/sql_text.h"

namespace {

using namespace leat;
using namespace leat::component;

class Relationships : public RowCheck {
 public:
  Relationships(std::string to, std::string field) : to_(std::move(to)), field_(std::move(field)) {}

  std::string BadRow(const CheckTarget& target) const override {
    // The alias keeps the field from being found in the row itself when the parent has no such column.
    return fmt::format(
        "({0} IS NOT NULL AND {0} NOT IN (SELECT leat_parent.{1} FROM {2} AS leat_parent WHERE leat_parent.{1} IS NOT "
        "NULL))",
        target.column, SqlName(field_), to_);
  }

  std::vector<std::string> Reads() const override { return {to_}; }

  std::string Describe(const CheckTarget& target) const override {
    return fmt::format("{} must be one of {}.{}", target.column, to_, SqlName(field_));
  }

  // The predicate holds a subquery, which an aggregate's FILTER does not take: flag the rows first, then count.
  std::string Count(const CheckTarget& target) const override {
    return fmt::format(
        "SELECT coalesce(sum(bad::BIGINT), 0)::BIGINT AS failures, count(*)::BIGINT AS total, "
        "coalesce(sum(bad::BIGINT), 0) || ' of ' || count(*) || ' rows, ' || (count(DISTINCT v) FILTER (WHERE bad)) || "
        "' values without a parent' AS observed FROM (SELECT {} AS v, {} AS bad FROM {})",
        target.column, BadRow(target), target.relation);
  }

 private:
  std::string to_;
  std::string field_;
};

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  return std::unique_ptr<Check>(new Relationships(arguments.Text("to"), arguments.Text("field")));
}

}  // namespace

leat::component::Spec leat_check_relationships_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "relationships";
  spec.summary = "every value of the column exists in a column of another table";
  spec.description =
      "NULL passes (add not_null to refuse it). The other table is read as the run leaves it, so this asset is built "
      "after it.";
  spec.examples = {"checks:\n  - relationships: { to: ref('dim_airports'), field: faa, on_fail: warn }"};
  spec.fields = {{.name = "to",
                  .description = "The other table: ref('model'), source('source', 'table') or namespace.table.",
                  .required = true,
                  .names_table = true,
                  .example = "ref('dim_airports')"},
                 {.name = "field", .description = "Its column.", .required = true, .example = "faa"}};
  spec.check.row_level = true;
  spec.check.reads_other = true;
  spec.make_check = Make;
  return spec;
}
