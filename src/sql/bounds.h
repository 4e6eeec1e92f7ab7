#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "data/value.h"

namespace leat::sql {

/// The value that DuckDB's statistics and casts show as text (time zone UTC, blobs as hex). "infinity" dates and
/// timestamps are the extreme values that Parquet stores for them. SQL-504 kInternal for text that is not one.
Result<data::Value> ValueFromText(std::string_view text, const data::Type& type);

/// Bounds of a column in the single-value encoding, from a file's minimum and maximum as text; nullopt where no true
/// bound can be given. Strings and blobs are cut to 16 characters (bytes), an upper bound then raised by one in its last
/// place; zeros are -0.0 below and +0.0 above (DuckDB's statistics do not tell them apart).
Result<std::optional<std::string>> LowerBound(std::string_view minimum, const data::Type& type);
Result<std::optional<std::string>> UpperBound(std::string_view maximum, const data::Type& type);

}  // namespace leat::sql
