#include <fmt/format.h>

#include "component/row_check.h"
#include "component/spec.h"
#include "component/sql_text.h"

namespace {

using namespace leat;
using namespace leat::component;

class AcceptedValues : public RowCheck {
 public:
  explicit AcceptedValues(std::vector<std::string> values) : values_(std::move(values)) {}

  std::string BadRow(const CheckTarget& target) const override {
    // Compared in the column's own type; a value that is not of that type matches nothing (IN gives NULL then).
    const bool text = target.type == nullptr || target.type->id == data::TypeId::kString;
    std::string list;
    for (const std::string& value : values_) {
      const std::string literal = SqlLiteral(value);
      list += (list.empty() ? "" : ", ") +
              (text ? literal : fmt::format("TRY_CAST({} AS {})", literal, data::DuckDbTypeName(*target.type)));
    }
    const std::string column = target.type == nullptr ? target.column + "::VARCHAR" : target.column;
    return fmt::format("({} IS NOT NULL AND NOT coalesce({} IN ({}), FALSE))", target.column, column, list);
  }

  std::string Describe(const CheckTarget& target) const override {
    std::string shown;
    for (size_t i = 0; i < values_.size() && i < 5; ++i) shown += (i ? ", " : "") + values_[i];
    if (values_.size() > 5) shown += fmt::format(" and {} more", values_.size() - 5);
    return fmt::format("{} must be one of {}", target.column, shown);
  }

 protected:
  std::string Observed(const CheckTarget& target, const std::string& bad) const override {
    return fmt::format(
        "(count(DISTINCT {0}) FILTER (WHERE {1})) || ' other values' || coalesce(': ' || "
        "array_to_string(list_slice(list_sort("
        "list(DISTINCT {0}::VARCHAR) FILTER (WHERE {1})), 1, 5), ', '), '')",
        target.column, bad);
  }

 private:
  std::vector<std::string> values_;
};

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  auto values = arguments.TextList("values");
  if (values.empty()) {
    return MakeError("CHK-101", ErrorKind::kConfig, "accepted_values: the list of values is empty")
        .At(arguments.Where("values"));
  }
  return std::unique_ptr<Check>(new AcceptedValues(std::move(values)));
}

}  // namespace

leat::component::Spec leat_check_accepted_values_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "accepted_values";
  spec.summary = "every value of the column is one of a list";
  spec.description = "NULL passes (add not_null to refuse it). Values are compared in the column's own type.";
  spec.examples = {"checks:\n  - accepted_values: { values: [EWR, JFK, LGA] }"};
  spec.fields = {
      {.name = "values",
       .type = config::FieldType::kList,
       .description = "The values that are allowed.",
       .required = true,
       .example = "[EWR, JFK, LGA]"},
      {.name = "quote",
       .type = config::FieldType::kBoolean,
       .description = "Accepted for dbt's sake and not needed: values are compared in the column's own type."}};
  spec.check.row_level = true;
  spec.make_check = Make;
  return spec;
}
