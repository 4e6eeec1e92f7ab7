#include <fmt/format.h>
#include <re2/re2.h>

#include "component/row_check.h"
#include "component/spec.h"
#include "component/sql_text.h"

namespace {

using namespace leat;
using namespace leat::component;

class Regex : public RowCheck {
 public:
  explicit Regex(std::string pattern) : pattern_(std::move(pattern)) {}

  std::string BadRow(const CheckTarget& target) const override {
    return fmt::format("({0} IS NOT NULL AND NOT regexp_matches({0}::VARCHAR, {1}))", target.column,
                       SqlLiteral(pattern_));
  }

  std::string Describe(const CheckTarget& target) const override {
    return fmt::format("{} must match {}", target.column, pattern_);
  }

 private:
  std::string pattern_;
};

Result<std::unique_ptr<Check>> Make(const config::Values& arguments) {
  const std::string pattern = arguments.Text("pattern");
  // The same library as the engine's: what passes here means the same there.
  const RE2 compiled(pattern, RE2::Quiet);
  if (!compiled.ok()) {
    return MakeError("CHK-101", ErrorKind::kConfig, "regex: {} is not a pattern: {}", pattern, compiled.error())
        .WithHint("the syntax is RE2's: no look-around, no back references")
        .At(arguments.Where("pattern"));
  }
  return std::unique_ptr<Check>(new Regex(pattern));
}

}  // namespace

leat::component::Spec leat_check_regex_spec() {
  Spec spec;
  spec.kind = "check";
  spec.name = "regex";
  spec.summary = "every value of the column matches a pattern";
  spec.description = "RE2 syntax; the pattern may match anywhere in the value unless it has ^ and $. NULL passes.";
  spec.examples = {"checks:\n  - regex: { pattern: '^N[0-9A-Z]+$' }"};
  spec.fields = {{.name = "pattern",
                  .description = "The pattern, in single quotes.",
                  .required = true,
                  .example = "'^N[0-9A-Z]+$'"}};
  spec.check.row_level = true;
  spec.make_check = Make;
  return spec;
}
