#pragma once

#include <cstdio>
#include <cstdlib>

#include "base/result.h"

namespace leat::bench {

/// The value, or the end of the program with the error's text.
template <typename T>
T Must(Result<T> result) {
  if (!result.ok()) {
    std::fprintf(stderr, "%s\n", result.error().ToString().c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

inline void Must(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.error().ToString().c_str());
  std::exit(1);
}

}  // namespace leat::bench
