#pragma once

#include <string>
#include <vector>

#include "imports/import.h"

namespace leat::imports {

struct OpenApiRequest {
  std::string file;                  ///< the document, YAML or JSON
  std::string connection;            ///< name of the connection; a new one, unless `connection_is_there`
  bool connection_is_there = false;  ///< of type http: its address and keys stay
  std::string source;                ///< name of the source
  std::string url;                   ///< address of the API; "" the document's first server
  std::vector<std::string> tables;   ///< patterns of names; empty: all
};

/// A source of what an OpenAPI document 3.0 or 3.1 says: a table of each path whose GET gives a list, with where its rows stand, its
/// paging and its key, each with the reason beside it. Paths with one level of parameters are filled from the rows of the list above
/// them. What is left out is named with its reason in the source's notes. Errors of reading as config's; APP-212: nothing is a list;
/// APP-215: no such document; APP-217: its address is not whole; APP-219: a pattern means no list.
Result<Imported> ReadOpenApi(const OpenApiRequest& request);

}  // namespace leat::imports
