#include <fmt/format.h>

#include "component/row_check.h"
#include "component/spec.h"

namespace {

using namespace leat;
using namespace leat::component;

class NotNull : public RowCheck {
 public:
  std::string BadRow(const CheckTarget& target) const override { return fmt::format("({} IS NULL)", target.column); }
  std::string Describe(const CheckTarget& target) const override {
    return fmt::format("{} must have a value", target.column);
  }
};

Result<std::unique_ptr<Check>> Make(const config::Values&) { return std::unique_ptr<Check>(new NotNull()); }

}  // namespace

leat::component::Spec leat_check_not_null_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "not_null";
  spec.summary = "every row has a value in the column";
  spec.description = "Bad is a row whose value is NULL. An empty text is a value.";
  spec.examples = {"checks: [not_null]", "checks:\n  - not_null: { on_fail: quarantine }"};
  spec.check.row_level = true;
  spec.make_check = Make;
  return spec;
}
