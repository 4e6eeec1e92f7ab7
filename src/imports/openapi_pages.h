#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "imports/openapi_document.h"

namespace leat::imports {

/// How an operation gives more rows than fit one answer, by the names of its parameters and of its answer's members.
struct ApiPages {
  std::optional<config::Node> pagination;  ///< `pagination:` of a table; nullopt: nothing tells
  std::string reason;
  std::set<std::string> params;  ///< of the operation that it says
};

/// `answer`: the schema of the answer, with the list of rows in it; `link`: the answer has a header Link. What an answer itself says
/// of the next one goes before numbers that are counted up.
ApiPages FindPages(const OpenApiDocument& document, const std::vector<ApiParam>& params, const config::Node* answer,
                   bool link);

/// A parameter that asks for what changed since a moment, and the member of a row that has it.
struct ApiSince {
  std::string param, member;
  std::string time_format;  ///< "" as the API gave it
};

/// nullopt: no such parameter, or no such member.
std::optional<ApiSince> FindSince(const std::vector<ApiParam>& params, const ApiShape& row);

}  // namespace leat::imports
