#pragma once

#include <memory>

namespace leat::run {
class ExternalGate;
}

namespace leat::serve::iceberg {

class StoreAccess;

/// What a warehouse may have beside its catalogue.
struct WarehouseParts {
  std::shared_ptr<StoreAccess> store;             ///< in an object store; /v1/config tells clients where it is
  std::shared_ptr<const run::ExternalGate> gate;  ///< for namespaces with external_writes=gate; without it they refuse
};

}  // namespace leat::serve::iceberg
