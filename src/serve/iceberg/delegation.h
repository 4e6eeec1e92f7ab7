#pragma once

#include <string>

#include "serve/iceberg/call.h"

namespace leat::serve::iceberg {

/// What an answer tells a client of how to reach a table's files, after its metadata: `,"config":{…}` and, where keys are
/// given, `,"storage-credentials":[…]`.
struct Delegation {
  std::string json;
  bool personal = false;  ///< it has keys, or rests on the client's rights: not for others
};

/// For a client that asks for nothing: where the store is ({} for a warehouse in a folder).
std::string PlainConfig(const Call& call);

/// What X-Iceberg-Access-Delegation asks for (vended-credentials, remote-signing), as far as the warehouse gives it: keys
/// first. A client that may not write the table gets the right to read it. Errors of StoreAccess::Keys.
Result<Delegation> Delegate(Call& call, const lake::TableName& name, const std::string& location);

/// On a warehouse whose store others are let into, a location that a client chooses could be another table's folder: only
/// tokens with scope admin choose, others take what the catalogue chose for the name and uuid. SERVE-306 kUsage.
Status CheckOwnLocation(const Call& call, const lake::TableName& name, const std::string& uuid,
                        const lake::Properties& ns_properties, const std::string& location);

}  // namespace leat::serve::iceberg
