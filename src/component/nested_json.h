#pragma once

#include <string_view>

#include "data/type.h"

namespace leat::component {

/// False where the engine's cast of JSON text to `type` would round a number, cut a time of the day, or lose one of two members whose names
/// differ in case only, or one that the struct does not have (unless `drops_members`). What it does not cast at all is not looked for.
/// `json`: a sound value.
bool KeepsNested(std::string_view json, const data::Type& type, bool drops_members = false);

/// False where a number somewhere in it is neither a whole one of 64 bits nor one that a double keeps.
bool KeepsNumbers(std::string_view json);

}  // namespace leat::component
