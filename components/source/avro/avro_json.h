#pragma once

#include <string>

#include "components/source/avro/avro_leaf.h"

namespace leat::components::avro {

/// Appends one value as JSON: records and maps as objects, bytes in hexadecimal digits, a value of a union without one type as
/// {"branch": value}.
void AppendJson(data::AvroDecoder& in, const data::AvroSchema& schema, std::string& out);

/// Appends one value as the JSON that the engine reads as exactly this value of `type`; decimals are quoted: a number of JSON would
/// lose digits. `refused`: set to what is not exactly one, where there is such a part; the value is gone over all the same.
void AppendJsonAs(data::AvroDecoder& in, const data::AvroSchema& schema, const data::Type& type, std::string& out,
                  std::string& refused);

}  // namespace leat::components::avro
