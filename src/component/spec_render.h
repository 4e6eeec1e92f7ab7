#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/spec.h"

namespace leat::component {

/// Text and JSON of `leat list` and `leat describe`: all of it comes from the specs.

/// Parts by kind, one line each: name and summary. `kind` "" is all kinds. Unknown kind: CMP-101 (nearest names).
Result<std::string> ListText(std::string_view kind = "");
/// [{"kind", "name", "stability", "summary"}].
Result<std::string> ListJson(std::string_view kind = "");

/// Finds a part for a command. CMP-101 unknown kind, CMP-102 unknown name (nearest names).
Result<const Spec*> FindSpecOrExplain(std::string_view kind, std::string_view name);

/// Everything about one part: fields with type, default, bounds; capabilities; examples. `width`: columns of the terminal.
std::string DescribeText(const Spec& spec, int width = 100);
std::string DescribeJson(const Spec& spec);

/// One field per paragraph, as DescribeText shows them: also for files that are no component (leat.yml).
std::string FieldsText(const std::vector<config::FieldSpec>& fields, int width = 100, int indent = 2);
/// [{"name", "type", "required", "default", …}].
std::string FieldsJson(const std::vector<config::FieldSpec>& fields);

/// "whole number", "list of texts", … for people.
std::string TypeText(const config::FieldSpec& field);

}  // namespace leat::component
