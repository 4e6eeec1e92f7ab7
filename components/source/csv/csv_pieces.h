#pragma once

#include "component/text_pieces.h"
#include "components/source/csv/csv_dialect.h"

namespace leat::components::csv {

/// One file as it is read: where its records begin and how they are written.
struct CsvFile : component::TextFile {
  Dialect dialect;
  char comment = 0;
  size_t layout = 0;  ///< which columns it has: an index that the caller knows
};

/// The quote that closes the one at `open`, npos when none does.
size_t FindClosingQuote(const char* text, size_t size, size_t open, const Dialect& dialect);

/// Bytes of `text` up to the end of its last whole record, 0 when none ends in it. `last`: nothing follows. Where a record
/// ends is found from the quotes as they really stand, never guessed. A quote that is not closed within
/// TextPieces::kMaxRecordBytes is no quote (csv_stream reports its line).
size_t WholeRecords(const char* text, size_t size, const CsvFile& file, bool last);

}  // namespace leat::components::csv
