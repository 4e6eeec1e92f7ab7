#pragma once

#include <vector>

#include "config/field.h"

namespace leat::component {

/// What every check takes besides its own arguments: on_fail, severity, name, description.
const std::vector<config::FieldSpec>& CheckPolicyFields();

}  // namespace leat::component
