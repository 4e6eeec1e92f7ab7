#pragma once

#include <vector>

#include "data/type.h"

namespace leat::data {

/// The narrowest type that holds every value of both; null when there is none. `by_value`: long and double meet at double, where each value is
/// looked at. Structs are joined member by member.
TypePtr JoinTypes(const TypePtr& a, const TypePtr& b, bool by_value);

/// A struct of these members; text where the engine has none like it: without members, or with two that differ only in case.
TypePtr StructOrText(std::vector<Field> members);

}  // namespace leat::data
