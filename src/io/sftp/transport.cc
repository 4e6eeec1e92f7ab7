#include "io/sftp/transport.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace leat::io::sftp {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};

Error NotReached(const Address& address, const std::string& why) {
  return MakeError("IO-407", ErrorKind::kEnvironment, "no connection to the SFTP server {}: {}", address.server(), why)
      .WithHint("look at host and port in `path:` of the connection, and whether this machine may reach them")
      .WithRetry(Retry::kSafe);
}

struct AddressesFree {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

/// 0, or the errno of why this address does not answer.
int ConnectOne(int socket, const addrinfo& to, SteadyClock::time_point until, const CancelToken* cancel) {
  if (connect(socket, to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  while (true) {
    if (cancel != nullptr && cancel->cancelled()) return ECANCELED;
    pollfd one{socket, POLLOUT, 0};
    const int ready = poll(&one, 1, static_cast<int>(kLook.count()));
    if (ready > 0) break;
    if (SteadyClock::now() > until) return ETIMEDOUT;
  }
  int failure = 0;
  socklen_t size = sizeof failure;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &failure, &size) == 0 ? failure : errno;
}

}  // namespace

Result<int> ConnectTcp(const Address& address, std::chrono::milliseconds timeout, const CancelToken* cancel) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int looked = getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &wanted, &list);
  const std::unique_ptr<addrinfo, AddressesFree> found(list);
  if (looked != 0) return NotReached(address, gai_strerror(looked));
  const SteadyClock::time_point until = SteadyClock::now() + timeout;
  int failure = EHOSTUNREACH;
  for (const addrinfo* to = list; to != nullptr; to = to->ai_next) {
    const int socket = ::socket(to->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (socket < 0) {
      failure = errno;
      continue;
    }
    failure = ConnectOne(socket, *to, until, cancel);
    if (failure == 0) {
      const int on = 1;
      (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      (void)setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      return socket;
    }
    close(socket);
    if (failure == ECANCELED) break;
  }
  if (cancel != nullptr) LEAT_TRY(cancel->Check());
  return NotReached(address, std::strerror(failure));
}

SocketWatch::SocketWatch(int socket, std::chrono::milliseconds longest, const CancelToken* cancel)
    : socket_(fcntl(socket, F_DUPFD_CLOEXEC, 0)), longest_(longest), cancel_(cancel), thread_([this] { Watch(); }) {}

SocketWatch::~SocketWatch() {
  {
    const std::lock_guard lock(mutex_);
    end_ = true;
  }
  ended_.notify_all();
  thread_.join();
  if (socket_ >= 0) close(socket_);
}

bool SocketWatch::IsOf(int descriptor) const {
  struct stat watched {
  }, asked{};
  return fstat(socket_, &watched) == 0 && fstat(descriptor, &asked) == 0 && watched.st_dev == asked.st_dev &&
         watched.st_ino == asked.st_ino;
}

void SocketWatch::Mark(bool busy) {
  const std::lock_guard lock(mutex_);
  busy_ = busy;
  since_ = SteadyClock::now();
}

void SocketWatch::Watch() {
  std::unique_lock lock(mutex_);
  while (!ended_.wait_for(lock, kLook, [this] { return end_; })) {
    if (!busy_) continue;
    const bool cancelled = cancel_ != nullptr && cancel_->cancelled();
    const bool late = SteadyClock::now() - since_ > longest_;
    if (!cancelled && !late) continue;
    if (late) stalled_ = true;
    shutdown(socket_, SHUT_RDWR);
  }
}

}  // namespace leat::io::sftp
