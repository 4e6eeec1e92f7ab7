#pragma once

#include <string>

#include "base/result.h"

namespace leat::run {

/// The bookmark that lies `look_back` before `bookmark`, written in the same way: a time span ("2h") before a date or time
/// ("2026-01-31", "2026-01-31 12:00:00.5+01"), a number before a whole number. RUN-547 kConfig when the two do not go
/// together.
Result<std::string> EarlierBookmark(const std::string& bookmark, const std::string& look_back);

}  // namespace leat::run
