#pragma once

#include <string>
#include <vector>

#include "component/source.h"
#include "component/table_list.h"
#include "run/source_profile.h"

namespace leat::run {

/// A choice, and why it was made.
struct Advised {
  std::string value;  ///< "" leaves it out
  std::string reason;
};

/// How a table would best be loaded.
struct TableAdvice {
  std::string
      left_out;  ///< why the table should not be loaded at all: not readable, an audit table of the source; "" it should
  std::string size;  ///< small (below 1,000,000 rows), medium, large (from 100,000,000 on) or unknown
  Advised mode;
  Advised update_key;
  Advised look_back;
  Advised reconcile;  ///< how often, "1d"
  std::vector<std::string> key;
  std::string key_reason;
  std::vector<std::string> notes;  ///< what somebody who knows the table should look at
};

/// The decision tree of extraction: a column that the source or its programs set on each change, with a key -> incremental with a
/// look-back and a reconciliation of keys; a table that by its server's counters only grows -> append by its key; else all rows,
/// with a warning where these are many. By what the source's catalogue tells and, where it was measured, by `profile`.
/// `can`: what the source can do.
TableAdvice Advise(const component::ListedTable& table, const TableProfile* profile = nullptr,
                   const component::SourceCapabilities& can = {});

/// "1,234,567".
std::string Grouped(int64_t number);

}  // namespace leat::run
