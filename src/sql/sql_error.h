#pragma once

#include <string_view>

#include "base/error.h"

namespace leat::sql {

/// Turns DuckDB's error text (JSON, errors_as_json) into an Error with the place inside `sql`. `shift`: bytes that were
/// put in front of the user's text; positions before it have no place.
Error MakeSqlError(std::string_view raw, std::string_view sql, size_t shift = 0);

}  // namespace leat::sql
