#include "component/check_policy.h"

namespace leat::component {

using config::FieldSpec;
using config::FieldType;

const std::vector<FieldSpec>& CheckPolicyFields() {
  static const std::vector<FieldSpec> fields = {
      {.name = "on_fail",
       .type = FieldType::kEnum,
       .description =
           "What happens to bad rows: warn counts them, quarantine sets them aside, block stops the publish. Default: "
           "block, or warn with `severity: warn`.",
       .allowed = {"warn", "quarantine", "block"}},
      {.name = "severity",
       .type = FieldType::kEnum,
       .description = "dbt's word: warn means `on_fail: warn`.",
       .default_value = "error",
       .allowed = {"warn", "error"}},
      {.name = "name", .description = "A name of its own; default: made of asset, column and check."},
      {.name = "description", .description = "Why it is checked."},
  };
  return fields;
}

}  // namespace leat::component
