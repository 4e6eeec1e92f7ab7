#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::serve {

/// Which tables and views a token reaches: patterns of namespace.table where * stands for any characters ("sales.*",
/// "sales.orders", "*.public_*"). None: all. Names are compared exactly.
class TableRights {
 public:
  TableRights() = default;
  /// SERVE-207 (kUsage): a pattern that no table can match.
  static Result<TableRights> Make(std::vector<std::string> patterns);

  bool everything() const { return patterns_.empty(); }
  const std::vector<std::string>& patterns() const { return patterns_; }

  bool AllowTable(std::string_view ns, std::string_view table) const;
  /// All of the namespace: what it takes to make, change or drop it.
  bool AllowNamespace(std::string_view ns) const;
  /// Is there anything to see in the namespace or below it?
  bool SeeNamespace(std::string_view ns) const;

 private:
  std::vector<std::string> patterns_;
};

}  // namespace leat::serve
