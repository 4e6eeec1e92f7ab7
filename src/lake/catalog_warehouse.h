#pragma once

#include <string>

#include "base/result.h"
#include "state/store.h"

namespace leat::lake {

/// Notes in the store where its warehouse is, and gives back the root to use. Tables know their files by absolute URI, so a
/// warehouse that was moved cannot be read at its new place: LAKE-110 says so and how to mend it. The new place may be the
/// old one by another name (a symbolic link): then the old name is used. An empty warehouse may move freely.
Result<std::string> BindWarehouse(state::Store& store, const std::string& name, const std::string& root);

}  // namespace leat::lake
