#include "project/draft_check.h"

#include "project/reader.h"

namespace leat::project {

std::vector<Error> CheckDrafts(const std::string& root, const config::EnvLookup& env,
                               const std::map<std::string, std::string>& files) {
  ReadState state;
  state.root = root;
  state.env = env;
  state.drafts = files;
  if (const auto node = state.ReadYaml("leat.yml")) ParseSettings(state, *node);
  ReadConnections(state);
  ReadSources(state);
  BuildChecks(state);
  std::vector<Error> found;
  for (Error& error : state.findings.errors) {
    if (files.contains(error.where().file) && error.code() != "CFG-108") found.push_back(std::move(error));
  }
  return found;
}

}  // namespace leat::project
