#pragma once

#include <functional>
#include <string>
#include <vector>

#include "component/source.h"
#include "data/exact_text.h"

namespace leat::component {

/// Finds the type of text columns from a sample, by our own rules: BIGINT, DECIMAL (scale = largest seen) before DOUBLE, DATE,
/// TIMESTAMP with or without zone, BOOLEAN (true and false only), else text. "007" and "+5" are text: reading them as numbers
/// would not be an exact copy. A column without values is text. `relation` is SQL that yields the sample with the VARCHAR
/// `columns` (already quoted); `query` runs it. One type per column, in order.
Result<std::vector<data::TypePtr>> InferTextTypes(
    const std::string& relation, const std::vector<std::string>& columns,
    const std::function<Result<std::vector<std::vector<std::string>>>(const std::string& sql)>& query);

/// The type of a column from what all of its texts have in common (types and-ed, scale and digits the greatest). `any`: there were
/// values.
data::TypePtr TypeOfFacts(bool any, const data::TextFacts& facts);

/// The SQL that turns a text into a value of `type` or NULL, never rounding, never cutting (functions of sql/exact_text.h).
/// Objects and lists are read as JSON, or as the engine shows them. "" for text itself.
std::string ExactCast(const std::string& text, const data::Type& type);

}  // namespace leat::component
