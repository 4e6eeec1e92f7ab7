#pragma once

#include <memory>
#include <string>

#include "component/mask.h"
#include "component/spec.h"

namespace leat::project {

/// `mask:` of a column of a source table.
struct ColumnMask {
  const component::Spec* spec = nullptr;
  std::shared_ptr<const component::Mask> instance;
  /// "sha256 1f0c9a4be3d27815": differs where its values would (another mask, salt or option); tells nothing of a secret.
  std::string mark;
  SourceSpan where;
};

}  // namespace leat::project
