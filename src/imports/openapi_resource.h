#pragma once

#include <optional>
#include <string>
#include <vector>

#include "imports/draft.h"
#include "imports/openapi_document.h"

namespace leat::imports {

/// A path with a GET, as a table would ask for it.
struct ApiResource {
  std::string path;  ///< as the document has it
  std::string name;  ///< of the table: the path's words
  SourceSpan where;
  const config::Node* get = nullptr;
  std::string description;
  std::string why_not;   ///< it is no table; "" it is one
  DraftMembers request;  ///< path, params, headers, records, format, pagination
  ApiShape row;
  std::string updated;  ///< the member that is the update_key; "" none
  std::string updated_reason;
  std::string time_format;         ///< "" as the API gives it
  std::vector<std::string> notes;  ///< what somebody should look at
};

/// Without the slashes at its end; "/" for none.
std::string ApiPath(std::string path);

ApiResource ReadApiResource(const OpenApiDocument& document, const config::Node::Member& path,
                            const config::Node& path_item, const config::Node& get);

/// mode, keys and where a load goes on. `parent_member`: of the parent's rows, where the table has one.
DraftMembers LoadOf(const ApiResource& resource, const std::string& parent_member);

/// A path whose parameters stand for members of a parent's row.
struct FilledPath {
  std::string path;    ///< /people/{parent.id}/orders
  std::string member;  ///< id
};

/// The first parameter, and those in the segments right behind it, are filled with members of that name; a single one also with the
/// member whose name it ends with (personId: id). nullopt: a parameter has no such member.
std::optional<FilledPath> FillPath(const std::string& path, const ApiShape& row);

/// `pattern` with * and ?, without case.
bool MatchesName(const std::string& pattern, const std::string& name);

}  // namespace leat::imports
