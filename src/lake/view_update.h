#pragma once

#include <variant>
#include <vector>

#include "lake/table_update.h"
#include "lake/view_metadata.h"

namespace leat::lake {

/// The commit model of views ("CommitViewRequest" of the REST catalogue specification). Ids of -1 mean "the last one added by
/// this commit".

struct AddViewVersion {
  ViewVersion version;  ///< its schema id may be -1
};
struct SetCurrentViewVersion {
  int64_t id = -1;
};

using ViewUpdate = std::variant<AssignUuid, UpgradeFormatVersion, AddSchema, SetLocation, SetProperties,
                                RemoveProperties, AddViewVersion, SetCurrentViewVersion>;

struct AssertViewUuid {
  std::string uuid;
};

/// Reads the arrays "requirements" and "updates" of a request. LAKE-104 kUsage: a member is missing or of the wrong type, or
/// a type or action is not one of views; the message says which.
Result<std::vector<AssertViewUuid>> ParseViewRequirements(const nlohmann::json& array);
Result<std::vector<ViewUpdate>> ParseViewUpdates(const nlohmann::json& array);

/// LAKE-301 kConflict with what was expected and what is.
Status CheckViewRequirements(const std::vector<AssertViewUuid>& requirements, const ViewMetadata& base);

/// Returns `base` (null: a new view) with the updates applied; nothing is written. A version that says what another one says
/// is that one; a replacement keeps the dialects of the one before unless the property replace.drop-dialect.allowed is true;
/// at most version.history.num-entries (10) versions are kept. LAKE-105 kUsage for an update that cannot be applied.
Result<ViewMetadata> ApplyViewUpdates(const std::vector<ViewUpdate>& updates, const ViewMetadata* base, TimeMicros now);

}  // namespace leat::lake
