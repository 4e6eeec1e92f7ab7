#pragma once

#include <optional>
#include <string>

#include "imports/draft.h"
#include "imports/report.h"

namespace leat::imports {

/// A literal text, or a reference that Python names, as it is written in YAML of ours. nullopt: neither (an expression, a list, None).
std::optional<std::string> DltText(const config::Node& node);

/// A JSON path of dlt as one of ours that begins at the answer ("data.items" is $.data.items); nullopt when Leat has no such paths.
std::optional<std::string> DltPath(const std::string& text);

/// `pagination:` of a table, or nothing where all rows come at once. `found` is false for `auto`, which only a run of dlt knows, and for
/// kinds that Leat does not have; a note says so. Every key of the paginator is noted.
struct DltPages {
  std::optional<config::Node> pagination;
  bool found = true;
};
DltPages DltPagination(const config::Node& paginator, const SourceSpan& place, Report& report);

/// `auth:`, and where that is not enough headers, of a connection; secrets become references. `hint` begins their names.
void DltAuth(const config::Node& auth, const SourceSpan& place, const std::string& hint, ConnectionDraft& connection,
             SecretNames& secrets, Report& report);

/// Headers of a client or an endpoint; nullopt: none. Those that prove who asks become references.
std::optional<config::Node> DltHeaders(const config::Node& headers, const std::string& hint, SecretNames& secrets,
                                       Report& report);

}  // namespace leat::imports
