#include <fmt/format.h>

#include "component/row_check.h"
#include "component/spec.h"

// A part that only a test builds: that this folder is all it takes.
namespace {

using namespace leat;
using namespace leat::component;

class Dummy : public RowCheck {
 public:
  std::string BadRow(const CheckTarget& target) const override {
    return fmt::format("coalesce({} = 'dummy', FALSE)", target.column);
  }
  std::string Describe(const CheckTarget& target) const override {
    return fmt::format("{} must not be a dummy", target.column);
  }
};

Result<std::unique_ptr<Check>> Make(const config::Values&) { return std::unique_ptr<Check>(new Dummy()); }

}  // namespace

leat::component::Spec leat_check_dummy_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "dummy";
  spec.summary = "no value of the column is a dummy";
  spec.description = "A part that a test adds.";
  spec.examples = {"checks: [dummy]"};
  spec.fields = {{.name = "loudness",
                  .type = config::FieldType::kInteger,
                  .description = "How loud it is.",
                  .default_value = "11"}};
  spec.check.row_level = true;
  spec.make_check = Make;
  return spec;
}
