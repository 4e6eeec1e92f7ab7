#pragma once

#include "data/avro_schema.h"
#include "data/type.h"

namespace leat::components::avro {

/// What the lake keeps values of a schema as; the whole table: docs/fidelity/avro.md. Never null.
data::TypePtr LakeType(const data::AvroSchema& schema);

/// True of a union whose values do not share one type: each is JSON text that names its branch.
bool IsTagged(const data::AvroSchema& schema);

}  // namespace leat::components::avro
