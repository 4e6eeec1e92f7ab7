#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/env.h"

namespace leat::project {

/// What reading the project would find in files that are not written yet. `files`: connections.yml and sources by their paths below
/// `root`, with their texts; they stand in place of the folder's, or beside them. Only errors in these files; a variable or secret that is
/// not set yet (CFG-108) is none. Models are not read.
std::vector<Error> CheckDrafts(const std::string& root, const config::EnvLookup& env,
                               const std::map<std::string, std::string>& files);

}  // namespace leat::project
