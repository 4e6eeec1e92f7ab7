#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "config/tree.h"

namespace leat::imports {

/// Files that an OpenAPI document refers to, by their paths, read once each.
using OpenApiFiles = std::map<std::string, config::Node>;

/// Reads the files beside and below `file` that `root`, its tree, refers to, and those that these refer to (200 at most). Every `$ref`
/// to one of them becomes `<its path>#/…` wherever it stands, those to `file` itself `#/…`. References to other places, and to files
/// that are not there, stay as they are. CFG-101 and the like: a file that is no YAML.
Result<OpenApiFiles> ReadOpenApiFiles(config::Node& root, const std::string& file);

}  // namespace leat::imports
