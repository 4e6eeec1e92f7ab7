#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::serve::openapi {

/// One operation that the server dispatches, as its route tables have it.
struct Operation {
  std::string_view method;
  std::string path;          ///< with {names}: "/iceberg/v1/{prefix}/namespaces/{namespace}"
  std::string_view id;       ///< the name of its description
  bool needs_token = false;  ///< a bearer token, where the server asks for tokens at all
};

/// A file of descriptions. Maps `operations` (by id: `tag`, `summary`, `description`, `query` and `headers` as lists of
/// parameters, `request` or `form` as a model, `answers` and `failure` as status: model, `errors` as a list of statuses with
/// the error model, `etag`), `parameters` and `models` (JSON Schema; a `$ref` is the name of a model). Paths, parameters in
/// them, security and the errors that every operation can have are not written there: they follow from the routes.
struct Part {
  std::string_view name;
  std::string_view text;
};
/// The files that were built in.
const std::vector<Part>& Parts();

struct PageOptions {
  bool tokens = true;           ///< false: the server runs with --no-auth
  std::string prefix = "lake";  ///< an example for {prefix}
};

/// The OpenAPI 3.1 page of `operations`. SERVE-108 (kInternal): an operation that no part describes, a description of none, or
/// a name of a model or parameter that is not there or never used.
Result<nlohmann::json> MakePage(const std::vector<Operation>& operations, const std::vector<Part>& parts,
                                const PageOptions& options);

}  // namespace leat::serve::openapi
