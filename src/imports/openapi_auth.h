#pragma once

#include <set>
#include <string>
#include <vector>

#include "imports/draft.h"
#include "imports/openapi_document.h"

namespace leat::imports {

/// The connection that a document describes.
struct ApiConnection {
  ConnectionDraft draft;
  std::set<std::string> schemes;   ///< security schemes that it fulfils
  std::vector<std::string> notes;  ///< what somebody should look at
};

/// Address and authorisation of a document; `url`: of --url, "" the document's first server. Secrets are references. APP-217 kConfig: no
/// server's address is whole.
Result<ApiConnection> ReadApiConnection(const OpenApiDocument& document, const std::string& name,
                                        const std::string& url, const std::string& file, SecretNames& secrets);

/// "" when a request may be made with these schemes, else what it asks for.
std::string AsksForMore(const OpenApiDocument& document, const config::Node& operation,
                        const std::set<std::string>& schemes);

}  // namespace leat::imports
