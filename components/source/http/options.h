#pragma once

#include <optional>
#include <string>
#include <vector>

#include "components/source/http/fetch.h"

namespace leat::components::http {

/// What a table of an http connection says, read from its validated YAML.
struct TableOptions {
  Resource resource;
  std::optional<Resource> parent;
  std::optional<Job> job;
  std::string start;  ///< {since} while there is no bookmark
  std::string time_format;
  std::string on_new_column;
};

/// SRC-252 kConfig at the place of what is missing or does not fit.
Result<TableOptions> ReadTableOptions(const config::Values& table, const std::string& name);

std::vector<config::FieldSpec> ConnectionFields();
std::vector<config::FieldSpec> TableFields();

}  // namespace leat::components::http
