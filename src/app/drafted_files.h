#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "config/env.h"
#include "imports/import.h"

namespace leat::app {

/// What drafts become on disk.
struct DraftedFiles {
  std::string connections;                                   ///< the whole new text; "" it stays
  std::vector<std::pair<std::string, std::string>> sources;  ///< path, text
};

/// The connections of the project by name and type. Mistakes in its files do not matter here.
std::map<std::string, std::string> KnownConnections(const std::string& root);

/// The files as they will be. Tables that the project would not take are left out of `imported`. `header`: see
/// imports::DraftSourceYaml; `dry`: they are only shown. PROJ-205, APP-206, APP-209, APP-212, APP-214; what the project would not take of
/// a file as a whole.
Result<DraftedFiles> FilesOf(imports::Imported& imported, const std::string& root,
                             const std::map<std::string, std::string>& known, const config::EnvLookup& env,
                             const std::string& header, bool dry);

/// The entries that connections.yml gets.
std::string NewConnections(const imports::Imported& imported);

/// Sources that are there are never changed (APP-206); connections.yml is replaced whole or not at all.
Status WriteDrafts(const std::string& root, const DraftedFiles& files);

}  // namespace leat::app
