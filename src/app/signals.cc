#include "app/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace leat::app {
namespace {

constexpr int kPatienceMs = 5'000;

struct State {
  CancelToken token;
  std::atomic<int> stopped_by{0};
  int pipe_ends[2] = {-1, -1};
  std::mutex mutex;
  std::function<void()> on_interrupt;
  std::function<void()> on_hangup;
};

/// Lives for ever: the watching thread and the handler use it until the process ends.
State& TheState() {
  static State* state = new State;
  return *state;
}

int g_wake = -1;

extern "C" void LeatOnSignal(int signal) {
  const char byte = static_cast<char>(signal);
  [[maybe_unused]] const ssize_t written = write(g_wake, &byte, 1);
}

void Watch() {
  State& state = TheState();
  while (true) {
    pollfd waited{state.pipe_ends[0], POLLIN, 0};
    const bool stopping = state.stopped_by != 0;
    const int ready = poll(&waited, 1, stopping ? kPatienceMs : -1);
    if (ready == 0) _exit(128 + state.stopped_by);
    char byte = 0;
    if (ready < 0 || read(state.pipe_ends[0], &byte, 1) != 1) continue;
    std::function<void()> action;
    {
      std::lock_guard lock(state.mutex);
      action = byte == SIGHUP ? state.on_hangup : byte == SIGINT ? state.on_interrupt : nullptr;
    }
    if (action) {
      action();
    } else if (byte != SIGHUP) {
      if (stopping) _exit(128 + byte);
      state.stopped_by = byte;
      state.token.Cancel();
    }
  }
}

}  // namespace

CancelToken& InstallSignalHandlers() {
  State& state = TheState();
  static std::once_flag once;
  std::call_once(once, [&state] {
    if (pipe2(state.pipe_ends, O_CLOEXEC) != 0) return;
    g_wake = state.pipe_ends[1];
    std::thread(Watch).detach();
    struct sigaction action {};
    action.sa_handler = LeatOnSignal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGHUP, &action, nullptr);
  });
  return state.token;
}

int StoppedBy() { return TheState().stopped_by; }

void SetInterruptAction(std::function<void()> action) {
  std::lock_guard lock(TheState().mutex);
  TheState().on_interrupt = std::move(action);
}

void SetHangupAction(std::function<void()> action) {
  std::lock_guard lock(TheState().mutex);
  TheState().on_hangup = std::move(action);
}

}  // namespace leat::app
