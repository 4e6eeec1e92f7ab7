#pragma once

#include "state/store.h"

namespace leat::state {

/// Runs a statement of a writing transaction whose outcome nobody needs before the next one. PostgreSQL gets it together with
/// that (no round trip of its own), and its error comes out there, at the latest of the commit. SQLite runs it at once.
Status ExecuteLater(Transaction& tx, std::string_view sql, const Params& params = {});

}  // namespace leat::state
