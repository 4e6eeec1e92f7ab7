#pragma once

#include "data/orc_schema.h"
#include "data/type.h"

namespace leat::components::orc {

/// What the lake keeps values of a type as; the whole table: docs/fidelity/orc.md. Never null.
data::TypePtr LakeType(const data::OrcType& type);

}  // namespace leat::components::orc
