#pragma once

#include "data/arrow_abi.h"

namespace leat::data {

/// One Arrow batch and its columns, released with it.
struct OwnedArrow {
  ArrowArray array{};
  ArrowSchema schema{};
  OwnedArrow() = default;
  OwnedArrow(const OwnedArrow&) = delete;
  OwnedArrow& operator=(const OwnedArrow&) = delete;
  ~OwnedArrow() {
    if (array.release != nullptr) array.release(&array);
    if (schema.release != nullptr) schema.release(&schema);
  }
};

}  // namespace leat::data
