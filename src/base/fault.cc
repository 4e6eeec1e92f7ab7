#include "base/fault.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>

#include "base/nearest.h"

namespace leat {
namespace {

struct Armed {
  std::string action;
  int at = 1;
  int passed = 0;
};

struct Settings {
  std::mutex mutex;
  std::map<std::string, Armed, std::less<>> armed;
  std::atomic<bool> any{false};

  Settings() {
    const char* text = std::getenv("LEAT_FAULT");
    if (text == nullptr) return;
    std::string_view rest(text);
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      std::string_view item = rest.substr(0, comma);
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      const size_t equals = item.find('=');
      if (equals == std::string_view::npos) continue;
      Armed entry;
      std::string_view action = item.substr(equals + 1);
      if (const size_t at = action.find('@'); at != std::string_view::npos) {
        entry.at = std::atoi(std::string(action.substr(at + 1)).c_str());
        action = action.substr(0, at);
      }
      entry.action = std::string(action);
      armed.emplace(std::string(item.substr(0, equals)), entry);
    }
    any = !armed.empty();
  }
};

Settings& TheSettings() {
  static Settings settings;
  return settings;
}

void Pause(std::string_view name) {
  const char* folder = std::getenv("LEAT_FAULT_DIR");
  const std::filesystem::path base = folder == nullptr ? "." : folder;
  std::ofstream(base / (std::string(name) + ".reached")) << getpid();
  const auto go = base / (std::string(name) + ".go");
  for (int i = 0; i < 60'000 && !std::filesystem::exists(go); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

}  // namespace

Status PassFaultPoint(std::string_view name) {
  Settings& settings = TheSettings();
  if (!settings.any.load(std::memory_order_relaxed)) return Ok();
  std::string action;
  {
    std::lock_guard lock(settings.mutex);
    const auto found = settings.armed.find(name);
    if (found == settings.armed.end()) return Ok();
    if (++found->second.passed != found->second.at) return Ok();
    action = found->second.action;
  }
  if (action == "crash") _exit(137);
  if (action == "pause") {
    Pause(name);
    return Ok();
  }
  return MakeError("FAULT-001", ErrorKind::kEnvironment, "fault point {} was armed with an error", name);
}

Status CheckFaultSettings() {
  Settings& settings = TheSettings();
  std::vector<std::string> names;
  for (const FaultPoint& point : FaultPoints()) names.emplace_back(point.name);
  for (const auto& [name, armed] : settings.armed) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return MakeError("FAULT-002", ErrorKind::kUsage, "LEAT_FAULT names the unknown fault point '{}'", name)
          .WithHint(DidYouMean(name, names));
    }
    if (armed.action != "crash" && armed.action != "error" && armed.action != "pause") {
      return MakeError("FAULT-003", ErrorKind::kUsage, "LEAT_FAULT: '{}' is no action of a fault point", armed.action)
          .WithHint("actions: crash, error, pause");
    }
  }
  return Ok();
}

const std::vector<FaultPoint>& FaultPoints() {
  static const std::vector<FaultPoint> points = {
#include "base/fault_points.inc"
  };
  return points;
}

}  // namespace leat
