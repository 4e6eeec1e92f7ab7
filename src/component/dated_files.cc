#include "component/dated_files.h"

#include <algorithm>

#include "component/file_listing.h"
#include "component/input_files.h"

namespace leat::component {

Result<DatedFiles> DatedFiles::Of(const std::string& folder, const std::vector<std::string>& patterns,
                                  const std::string& project_root) {
  DatedFiles files;
  for (const std::string& text : patterns) {
    LEAT_ASSIGN(DatePattern pattern, DatePattern::Parse(OriginOf(PatternPath(folder, text), project_root)));
    files.patterns_.push_back(std::move(pattern));
  }
  return files;
}

Result<DatedFiles> DatedFiles::Make(const config::Values& connection, const config::Values& table,
                                    const std::string& project_root) {
  if (!connection.items.contains("path") || !table.items.contains("files")) return DatedFiles();
  return Of(BelowProject(project_root, connection.Text("path")), table.TextList("files"), project_root);
}

std::optional<TimeMicros> DatedFiles::PeriodOf(const std::string& origin) const {
  for (const DatePattern& pattern : patterns_) {
    if (const std::optional<TimeMicros> period = pattern.PeriodOf(origin)) return period;
  }
  return std::nullopt;
}

bool DatedFiles::Takes(const std::string& origin) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const DatePattern& pattern) { return pattern.Matches(origin); });
}

std::string DatedFiles::Text(TimeMicros period) const {
  int smallest = 1;
  for (const DatePattern& pattern : patterns_) smallest = std::max(smallest, pattern.smallest_field());
  return PeriodText(period, smallest == 1 ? PeriodKind::kMonth : smallest == 2 ? PeriodKind::kDay : PeriodKind::kHour);
}

const DatePattern* DatedFiles::single() const {
  return patterns_.size() == 1 && patterns_[0].has_date() ? &patterns_[0] : nullptr;
}

bool DatedFiles::has_dates() const {
  return std::any_of(patterns_.begin(), patterns_.end(), [](const DatePattern& pattern) { return pattern.has_date(); });
}

}  // namespace leat::component
