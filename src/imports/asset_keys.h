#pragma once

#include <span>

#include "imports/report.h"

namespace leat::imports {

// What the keys of an asset of ingestr or Bruin mean here, as data. Those without a text are read by asset.cc.

std::span<const KeyMeaning> AssetKeys();
std::span<const KeyMeaning> AssetParameters();
std::span<const KeyMeaning> AssetMaterialization();
std::span<const KeyMeaning> AssetColumnKeys();

}  // namespace leat::imports
