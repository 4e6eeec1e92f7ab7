#pragma once

#include <span>

#include "imports/report.h"

namespace leat::imports {

// What the keys of a Sling replication mean here, as data. Those without a text are read by sling.cc.

std::span<const KeyMeaning> SlingFileKeys();
std::span<const KeyMeaning> SlingStreamKeys();
/// `files`: of streams that read files.
std::span<const KeyMeaning> SlingSourceOptions(bool files);
std::span<const KeyMeaning> SlingTargetOptions();

}  // namespace leat::imports
