#pragma once

#include <string>

#include "base/result.h"

namespace leat::components::adbc {

/// What a driver, or the driver manager, said.
struct Diagnosis {
  int status = 0;  ///< ADBC_STATUS_…
  std::string state;
  std::string text;
  bool connecting = false;
};

/// As an error of ours: SRC-310 to SRC-315. `shown`: the driver.
Error ErrorOf(const Diagnosis& diagnosis, const std::string& what, const std::string& shown);

}  // namespace leat::components::adbc
