#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/cancel.h"
#include "base/result.h"
#include "io/sftp/address.h"

namespace leat::io::sftp {

/// A connected socket. IO-407 kEnvironment, Retry::kSafe: the name is not known, nobody answers within `timeout`; RUN-900.
Result<int> ConnectTcp(const Address& address, std::chrono::milliseconds timeout, const CancelToken* cancel);

/// Ends calls on a connection that would wait for ever: a thread of its own that shuts the socket down once a call has
/// lasted longer than `longest` or `cancel` says so; the call fails then. Calls are of one thread at a time.
class SocketWatch {
 public:
  /// Watches a duplicate of `socket`, so it does not matter who closes that.
  SocketWatch(int socket, std::chrono::milliseconds longest, const CancelToken* cancel);
  ~SocketWatch();
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  /// A call is running while one of these lives.
  class Call {
   public:
    explicit Call(SocketWatch& watch) : watch_(watch) { watch_.Mark(true); }
    ~Call() { watch_.Mark(false); }
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

   private:
    SocketWatch& watch_;
  };

  bool stalled() const { return stalled_; }
  /// That a number is still the descriptor of the socket that is watched, and not of what was opened since it was closed.
  bool IsOf(int descriptor) const;

 private:
  void Mark(bool busy);
  void Watch();

  const int socket_;
  const std::chrono::milliseconds longest_;
  const CancelToken* const cancel_;
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  bool busy_ = false;
  std::chrono::steady_clock::time_point since_;
  std::atomic<bool> stalled_{false};
  std::thread thread_;
};

}  // namespace leat::io::sftp
