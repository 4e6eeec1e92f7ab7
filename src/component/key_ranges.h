#pragma once

#include <string>
#include <vector>

#include "component/source.h"

namespace leat::component {

/// Parts of a table by a key that is one whole number, from `low` to `high` as far as is known: ranges of equal width with about
/// `rows_per_part` (0: a usual number) of its `rows` each, 10,000 at most. The outer ones have no outer bound: rows that come
/// meanwhile belong to one of them, so that every key is in exactly one. `column`: as the server's SQL writes it.
std::vector<TablePart> CutKeyRange(const std::string& column, int64_t low, int64_t high, int64_t rows,
                                   int64_t rows_per_part);

}  // namespace leat::component
