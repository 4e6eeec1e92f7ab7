#pragma once

#include "component/leaf.h"
#include "data/avro.h"

namespace leat::components::avro {

using component::Leaf;

/// Reads one value of a schema that is neither nested nor a union into `leaf`, which is used again and again. After damage: anything.
void ReadLeaf(data::AvroDecoder& in, const data::AvroSchema& schema, Leaf& leaf);

}  // namespace leat::components::avro
