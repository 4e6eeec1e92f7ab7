#pragma once

#include <memory>
#include <string_view>

#include "sql/engine.h"

namespace leat::sql {

/// The rows of one SELECT as Arrow batches of at most 2,048 rows, pulled: the statement reads on as they are asked for. One
/// thread at a time; `connection` must outlive it and does nothing else meanwhile (but Interrupt).
class ArrowQuery {
 public:
  virtual ~ArrowQuery() = default;
  /// Fills both and returns true, or returns false at the end. The first call gives a batch even where there are no rows. The
  /// caller releases what it got. UUIDs come as Arrow's extension type, everything else in its plain form.
  virtual Result<bool> Next(ArrowArray* array, ArrowSchema* schema) = 0;
};

/// Errors: as those of Connection.
Result<std::unique_ptr<ArrowQuery>> OpenArrowQuery(Connection& connection, std::string_view sql);

}  // namespace leat::sql
