#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace leat {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// One log event: a stable name and fields, written as one JSON line (or as text on a terminal). No data values at
/// info; secrets are masked. Never throws, never blocks on anything but the file. Set the run id with LogScope.
void Log(LogLevel level, std::string_view event,
         const std::vector<std::pair<std::string_view, std::string>>& fields = {});

/// Where events go: stderr ("text" or "json") and, for serve, a rotated file. `level`: events below are dropped.
struct LogSettings {
  LogLevel level = LogLevel::kWarn;
  bool json = false;
  std::string file;  ///< empty: stderr
};
void ConfigureLog(const LogSettings& settings);

/// Puts run_id on every event of this thread while it lives.
class LogScope {
 public:
  explicit LogScope(std::string run_id);
  ~LogScope();
  LogScope(const LogScope&) = delete;
  LogScope& operator=(const LogScope&) = delete;

 private:
  std::string previous_;
};

}  // namespace leat
