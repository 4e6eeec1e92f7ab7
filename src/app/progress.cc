#include "app/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

namespace leat::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

double Seconds(SteadyClock::duration duration) { return std::chrono::duration<double>(duration).count(); }

class TerminalProgress : public run::Observer {
 public:
  explicit TerminalProgress(const Console& console) : console_(console) {}

  void RunStarted(const std::string& run_id, const run::Plan& plan) override {
    for (const run::PlanStep& step : plan.steps) {
      total_ += step.action == run::StepAction::kSkip ? 0 : 1;
      name_width_ = std::max(name_width_, DisplayWidth(step.table.ToString()));
    }
    name_width_ = std::min<size_t>(name_width_, 40);
    PrintError(Styled(fmt::format("run {}: {} steps", run_id, total_), Style::kDim, console_.err_color) + "\n");
  }

  void StepStarted(const run::PlanStep& step) override {
    running_[step.asset] = {step.table.ToString(), SteadyClock::now(), 0, -1};
    Draw(true);
  }

  void StepProgress(const run::PlanStep& step, int64_t rows, double fraction) override {
    const auto found = running_.find(step.asset);
    if (found == running_.end()) return;
    found->second.rows = rows;
    found->second.fraction = fraction;
    Draw(false);
  }

  void StepWaits(const run::PlanStep& step, const std::string& text) override {
    const auto found = running_.find(step.asset);
    if (found == running_.end()) return;
    found->second.waits = text;
    Draw(true);
  }

  void StepEnded(const run::PlanStep& step, const run::StepResult& result) override {
    running_.erase(step.asset);
    ++done_;
    if (result.status != run::StepStatus::kSkipped) {
      Clear();
      PrintError(EndLine(result) + "\n");
    }
    Draw(true);
  }

  void RunEnded(const run::RunResult&) override { Clear(); }

 private:
  struct Running {
    std::string name;
    SteadyClock::time_point since;
    int64_t rows = 0;
    double fraction = -1;
    std::string waits = {};
  };

  std::string Name(const std::string& name) const {
    const std::string fit = FitWidth(name, name_width_);
    return fit + std::string(name_width_ - std::min(name_width_, DisplayWidth(fit)), ' ');
  }

  std::string EndLine(const run::StepResult& result) const {
    const bool good = result.status == run::StepStatus::kSuccess || result.status == run::StepStatus::kAdopted;
    const Style style = good ? (result.checks_warned > 0 ? Style::kWarn : Style::kGood) : Style::kBad;
    std::string line = fmt::format("{} {}  {:>12} rows  {:>9}", Styled(good ? "✓" : "✗", style, console_.err_color),
                                   Name(result.table.ToString()), Thousands(result.rows_out), Duration(result.seconds));
    if (result.rows_rejected > 0) line += fmt::format("  {} rejected", Thousands(result.rows_rejected));
    if (!good) line += "  " + Styled(std::string(run::StepStatusName(result.status)), Style::kBad, console_.err_color);
    return line;
  }

  std::string RunningLine(const Running& step) const {
    const double seconds = Seconds(SteadyClock::now() - step.since);
    std::string line = "  " + Name(step.name) + "  ";
    if (step.fraction > 0 && step.fraction <= 1) {
      const auto filled = static_cast<size_t>(step.fraction * 20);
      for (size_t i = 0; i < 20; ++i) line += i < filled ? "█" : "░";
      line += fmt::format(" {:3.0f} %", step.fraction * 100);
    } else {
      line += "…";
    }
    if (!step.waits.empty())
      return FitWidth(line + " " + step.waits, static_cast<size_t>(std::max(20, console_.width - 1)));
    if (step.rows > 0 && seconds > 0.2) {
      line += fmt::format("  {} rows, {}/s", Thousands(step.rows),
                          Thousands(static_cast<int64_t>(static_cast<double>(step.rows) / seconds)));
    }
    if (step.fraction > 0.02 && step.fraction < 1 && seconds > 1) {
      line += fmt::format(", {} left", Duration(seconds / step.fraction * (1 - step.fraction)));
    }
    return FitWidth(line, static_cast<size_t>(std::max(20, console_.width - 1)));
  }

  void Clear() {
    std::string text;
    for (size_t i = 0; i < drawn_; ++i) text += "\x1b[1A\x1b[2K";
    drawn_ = 0;
    if (!text.empty()) PrintError(text);
  }

  void Draw(bool now) {
    winsize size{};  // the window may have another size by now
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) console_.width = size.ws_col;
    const auto time = SteadyClock::now();
    if (!now && Seconds(time - last_drawn_) < 0.1) return;
    last_drawn_ = time;
    std::string text;
    for (size_t i = 0; i < drawn_; ++i) text += "\x1b[1A\x1b[2K";
    drawn_ = 0;
    for (const auto& [asset, step] : running_) {
      text += RunningLine(step) + "\n";
      ++drawn_;
    }
    PrintError(text);
  }

  Console console_;
  std::map<std::string, Running> running_;
  size_t total_ = 0, done_ = 0, drawn_ = 0, name_width_ = 12;
  SteadyClock::time_point last_drawn_;
};

/// Where lines cannot be drawn over: only what a person would take for standing still.
class LineProgress : public run::Observer {
 public:
  void StepWaits(const run::PlanStep& step, const std::string& text) override {
    if (!text.empty()) PrintError(fmt::format("{} {}\n", step.table.ToString(), text));
  }
};

}  // namespace

std::unique_ptr<run::Observer> MakeProgress(const Console& console) {
  if (!console.err_color) return std::make_unique<LineProgress>();
  return std::make_unique<TerminalProgress>(console);
}

}  // namespace leat::app
