#pragma once

#include <map>
#include <string>

#include "config/field.h"

namespace leat::project {

/// JSON Schema (draft 2020-12) of each kind of project file, for editors and `leat schema`. Keys: "leat.yml",
/// "connections.yml", "sources/*.yml", "models/**/*.yml".
std::map<std::string, std::string> ProjectSchemas();

/// `leat describe project`: every file and field, from the same specs.
std::string DescribeProjectText(int width = 100);
std::string DescribeProjectJson();

}  // namespace leat::project
