#include "base/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/json_quoted.h"
#include "base/secret.h"

namespace leat {
namespace {

struct State {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  std::atomic<LogLevel> level{LogLevel::kWarn};
  bool json = false;
};

State& TheState() {
  static State state;
  return state;
}

thread_local std::string current_run;  // NOLINT: the run id belongs to the thread that works on it

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarn: return "warn";
    case LogLevel::kError: return "error";
  }
  return "error";
}

}  // namespace

void ConfigureLog(const LogSettings& settings) {
  State& state = TheState();
  std::lock_guard lock(state.mutex);
  try {
    spdlog::sink_ptr sink;
    if (settings.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(settings.file, 100U << 20, 5);
    }
    state.logger = std::make_shared<spdlog::logger>("leat", sink);
    state.logger->set_pattern("%v");
    state.logger->set_level(spdlog::level::trace);
    state.logger->flush_on(spdlog::level::trace);
    state.json = settings.json || !settings.file.empty();
    state.level = settings.level;
  } catch (const std::exception&) {
    state.logger.reset();
  }
}

void Log(LogLevel level, std::string_view event, const std::vector<std::pair<std::string_view, std::string>>& fields) {
  State& state = TheState();
  if (level < state.level.load(std::memory_order_relaxed)) return;
  std::lock_guard lock(state.mutex);
  if (state.logger == nullptr) return;
  std::string line;
  const std::string time = FormatTime(SystemClock().Now());
  if (state.json) {
    line = fmt::format("{{\"time\":\"{}\",\"level\":\"{}\",\"event\":{}", time, LevelName(level), JsonQuoted(event));
    if (!current_run.empty()) line += fmt::format(",\"run_id\":{}", JsonQuoted(current_run));
    for (const auto& [name, value] : fields) line += fmt::format(",{}:{}", JsonQuoted(name), JsonQuoted(value));
    line += "}";
  } else {
    line = fmt::format("{} {:5} {}", time, LevelName(level), event);
    if (!current_run.empty()) line += " run_id=" + current_run;
    for (const auto& [name, value] : fields) line += fmt::format(" {}={}", name, value);
  }
  try {
    state.logger->info("{}", MaskSecrets(std::move(line)));
  } catch (const std::exception&) {  // a full disk must not end the work that is logged
  }
}

LogScope::LogScope(std::string run_id) : previous_(std::exchange(current_run, std::move(run_id))) {}
LogScope::~LogScope() { current_run = previous_; }

}  // namespace leat
