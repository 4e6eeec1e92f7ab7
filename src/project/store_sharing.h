#pragma once

#include <string>

#include "base/result.h"
#include "config/field.h"

namespace leat::project {

/// Of `storage:` in leat.yml, what only `leat serve` needs: how other engines get at the files of a warehouse at s3://.
struct StoreSharing {
  std::string vend = "sign";  ///< sign | role | keys | none
  std::string role;           ///< of `vend: role`
  std::string sts_endpoint;   ///< who gives keys for it, without '/' at the end; "" is AWS's own of the region
};

/// The errors are those of ReadSettings.
Result<StoreSharing> ReadStoreSharing(const std::string& root, const config::EnvLookup& env);

}  // namespace leat::project
