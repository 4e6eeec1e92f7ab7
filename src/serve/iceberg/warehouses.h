#pragma once

#include <map>
#include <memory>
#include <vector>

#include "serve/iceberg/rest.h"

namespace leat::serve::iceberg {

/// The warehouses of one server, each with a catalogue of its own: the warehouse parameter of /v1/config and then the URL's
/// prefix say which. Thread-safe.
class Warehouses {
 public:
  /// `catalogs`: the first is the default, and the one that tokens are of. `parts`: by the name of the warehouse.
  /// SERVE-106 (kUsage): two of one name.
  static Result<std::unique_ptr<Warehouses>> Make(const std::vector<lake::Catalog*>& catalogs, const Clock& clock,
                                                  TokenVerifier* verifier,
                                                  const std::map<std::string, WarehouseParts>& parts);

  /// As RestCatalog. SERVE-301 for a warehouse that is not here.
  Response Handle(const Request& request, std::string_view path, const Identity& who);
  Response IssueToken(const Request& request) const { return rests_.front().second->IssueToken(request); }

 private:
  RestCatalog* Find(std::string_view name) const;

  std::vector<std::pair<std::string, std::unique_ptr<RestCatalog>>> rests_;  ///< by the name of the warehouse
};

}  // namespace leat::serve::iceberg
