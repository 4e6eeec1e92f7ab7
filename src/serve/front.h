#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "serve/access.h"
#include "serve/iceberg/warehouses.h"
#include "serve/openapi/page.h"

namespace leat::serve {

/// What `leat serve` answers: finds who is asked for and whether the client may ask. Thread-safe.
class Front {
 public:
  /// `catalogs` and `rest` are of the same warehouses. `verifier` may be null: no tokens are needed.
  Front(std::vector<lake::Catalog*> catalogs, iceberg::Warehouses& rest, TokenVerifier* verifier)
      : catalogs_(std::move(catalogs)), rest_(rest), verifier_(verifier), gate_(verifier) {}

  Response Handle(const Request& request);

  /// Everything that is answered, from the tables that requests are dispatched by.
  static std::vector<openapi::Operation> Operations();

 private:
  struct Route;
  static const std::vector<Route>& Routes();

  Response Health(const Request& request, const Identity& who);
  Response Page(const Request& request, const Identity& who);
  Response Config(const Request& request, const Identity& who);
  Response Token(const Request& request, const Identity& who);

  const std::vector<lake::Catalog*> catalogs_;
  iceberg::Warehouses& rest_;
  TokenVerifier* verifier_;
  const Gatekeeper gate_;
  std::once_flag page_made_;
  Response page_;
};

}  // namespace leat::serve
