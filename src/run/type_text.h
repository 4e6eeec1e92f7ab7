#pragma once

#include <string>

#include "base/result.h"
#include "data/type.h"

namespace leat::run {

/// The type that a text names: what ParseDeclaredType knows, and nested ones of it: list<T>, T[], map<K, V>,
/// struct<name: T, name: T not null>. Ids are 0. RUN-512 names the part that is not understood.
Result<data::TypePtr> ParseTypeText(const std::string& text);

}  // namespace leat::run
