#pragma once

#include <string>

#include "components/source/orc/orc_column.h"

namespace leat::components::orc {

/// Appends one value as JSON: structs and maps as objects, bytes in hexadecimal digits, a value of a union as {"1": value}, by the place
/// of its type in it.
void AppendJson(const OrcValue& value, const data::OrcType& type, std::string& out);

/// Appends one value as the JSON that the engine reads as exactly this value of `lake`; decimals are quoted: a number of JSON would lose
/// digits. `refused`: set to what is not exactly one, where there is such a part.
void AppendJsonAs(const OrcValue& value, const data::OrcType& type, const data::Type& lake, std::string& out,
                  std::string& refused);

}  // namespace leat::components::orc
