#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/tree.h"

namespace leat::imports {

// Python text is read here, never run.

/// What a value stands for that only Python knows: its text ("make_auth()"). nullptr: the node is a literal.
const std::string* PythonExpression(const config::Node& node);

/// A reference that a literal names: dlt.secrets["a.b"] and dlt.config["a.b"] are "${env:A__B}", os.environ["X"] and
/// os.getenv("X") are "${env:X}". nullptr: it is none.
const std::string* PythonReference(const config::Node& node);

/// The one literal dict of a Python file that has the keys `client` and `resources`, as a tree with places in the file: dicts, lists,
/// tuples, texts, numbers, True, False and None. Calls of dlt's authorisation and paginator classes with literal arguments are the
/// maps that mean the same (`type` and their arguments); anything else is a PythonExpression. APP-210 kConfig: there is none,
/// or more than one (all lines are named), or it has no end. Time and memory are linear in the text.
Result<config::Node> ReadPythonConfig(std::string_view text, const std::string& file);

}  // namespace leat::imports
