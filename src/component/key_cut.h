#pragma once

#include <functional>
#include <string>
#include <vector>

#include "component/key_ranges.h"
#include "component/server_reading.h"

namespace leat::component {

/// One table of a server that is to be cut by its primary key, and how the server is asked.
struct KeyCut {
  std::vector<std::string> names;    ///< of the key's columns; empty: there is none
  std::vector<std::string> columns;  ///< the same in SQL
  data::TypePtr type;                ///< of the first one
  bool behind_bookmark = false;      ///< only rows that came since the last load: few, found by another index
  bool lasting = false;              ///< as TableParts
  int streams = 1;                   ///< that can read at once
  SplitAim aim;
  KeyWays ways;
  /// How many rows there are about and, with `ends`, the least and the greatest value of the first column.
  std::function<Result<KeyEnds>(bool ends)> measure;
  NextBound next;  ///< of the first column
  /// The server knows how to evaluate the condition.
  std::function<Status(const std::string& condition)> check;
};

/// The parts of the table and why so: ranges of a key that is one whole number, of equal width where its values lie close together;
/// ranges that end at keys that were looked up, where they do not and where only the first column has an order (dates, moments,
/// decimals, composite keys); for several streams parts by a hash where nothing has one. One piece, where parts would be read one after
/// the other and in one transaction. Errors: those of the questions; where the server's SQL is not known for sure only a cancel.
Result<TableParts> CutByKey(const KeyCut& cut);

}  // namespace leat::component
