#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "components/source/csv/csv_dialect.h"

namespace leat::components::csv {

/// What a user says about where the records of a file stand and what its columns are called.
struct LayoutRules {
  bool header = true;
  int header_rows = 1;  ///< records that make up the header
  int skip = 0;         ///< lines before it
  int footer = 0;       ///< lines behind the last record
  char comment = 0;
  std::vector<std::string> names;  ///< instead of those of the header
  std::vector<size_t> widths;      ///< of each column, in characters, where they are not delimited

  /// Lines that DuckDB's reader would take for records, or for none.
  bool is_plain() const { return header_rows == 1 && footer == 0 && widths.empty(); }
};

/// What the first bytes of a file say.
struct FileHead {
  size_t begin = 0;                ///< of the records: behind the mark, skipped lines and header
  std::vector<std::string> names;  ///< of the columns, none twice
  size_t header_columns = 0;       ///< 0: without a header
};

/// A header's names: the parts of its rows joined by "_", unless `names` says others; without a header `names`, or column1,
/// column2 … as many as the first record has values.
FileHead ReadHead(std::string_view text, const Dialect& dialect, const LayoutRules& rules);

/// The values of the record at `at`, as NextRecord gives them, or cut by width.
bool NextValues(std::string_view text, const Dialect& dialect, const LayoutRules& rules, size_t& at,
                std::vector<std::string>& values);

/// Offset behind the last record of a file of `size` bytes whose last `footer` lines are none. Empty lines at the very end do
/// not count. SRC-203.
Result<int64_t> EndOfRecords(const std::string& path, const std::string& origin, int64_t size, int footer);

}  // namespace leat::components::csv
