#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "config/field.h"

namespace leat::config {

/// Where ${env:NAME} of a project looks: the environment of the process first, then the file .env beside leat.yml.
/// ${secret:NAME} is asked as "secret:NAME" and found in the project's private folder (secrets.h); "secret:" alone gives the
/// names that there are, one a line. CFG-112: a line of .env that is neither a comment nor NAME=value.
Result<EnvLookup> ProjectEnv(const std::string& root);

/// Lines "NAME=value", "export NAME=value", with '…' (as it is) or "…" (\n \t \" \\ understood), and comments.
Result<std::map<std::string, std::string>> ParseDotEnv(std::string_view text, const std::string& file);

/// Replaces each ${env:NAME} and ${secret:NAME} in `text`; "$${" stands for "${". Values of secrets are masked from then on,
/// whatever field they stand in. CFG-108 without a value, CFG-110 for other ${…} forms; the
/// error has no place yet.
Result<std::string> ReplaceVariables(const std::string& text, const EnvLookup& env);

}  // namespace leat::config
