#pragma once

#include <string>

#include "base/result.h"

namespace leat::app {

/// PROJ-205: `name` cannot name a source.
Status CheckSourceName(const std::string& name);
/// "sources/<name>.yml".
std::string SourcePath(const std::string& name);
/// APP-206: the file, relative to the project, is there already.
Status CheckNewSource(const std::string& root, const std::string& path);
/// Writes a file that must not be there, durably, with its folder. APP-206: it is.
Status WriteNewSource(const std::string& root, const std::string& path, const std::string& text);
/// Puts `text` in the place of a file of the project, or makes it: whole or not at all, with the rights that it had. APP-302.
Status ReplaceProjectFile(const std::string& root, const std::string& path, const std::string& text);

}  // namespace leat::app
