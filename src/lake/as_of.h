#pragma once

#include "lake/catalog.h"

namespace leat::lake {

/// The state of `view`'s ref at `time`: its newest commit up to then, never later than the view. Before a branch was made that
/// is what it was laid over. Commit 0, where nothing is, before the first commit.
Result<View> ViewAsOf(Catalog& catalog, const View& view, TimeMicros time);

}  // namespace leat::lake
