#pragma once

#include <optional>
#include <string>
#include <vector>

#include "component/date_pattern.h"
#include "config/field.h"

namespace leat::component {

/// The patterns of one table of files, to tell the period of a file from its origin (its path from the project's root).
class DatedFiles {
 public:
  /// SRC-206 kConfig: a pattern that cannot be read. `folder`: what relative ones are below. Of a source without these
  /// fields: none.
  static Result<DatedFiles> Of(const std::string& folder, const std::vector<std::string>& patterns,
                               const std::string& project_root);
  static Result<DatedFiles> Make(const config::Values& connection, const config::Values& table,
                                 const std::string& project_root);

  std::optional<TimeMicros> PeriodOf(const std::string& origin) const;
  /// The origin is of a name that one of the patterns means, dates looked at.
  bool Takes(const std::string& origin) const;
  /// A period as the patterns tell it: "2026-11", "2026-11-20", "2026-11-20 07:00".
  std::string Text(TimeMicros period) const;
  /// The one pattern with a date, null when there are several or none.
  const DatePattern* single() const;
  bool has_dates() const;
  /// In the order in which they were given, as origins.
  const std::vector<DatePattern>& patterns() const { return patterns_; }

 private:
  std::vector<DatePattern> patterns_;
};

}  // namespace leat::component
