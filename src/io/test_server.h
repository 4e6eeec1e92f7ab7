#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace leat::io {

/// A server on a free port of 127.0.0.1 whose answers a test chooses, byte by byte: how a client takes what a store would
/// hardly say on demand. The real store is test/support/s3_server.h.
class TestServer {
 public:
  struct Request {
    std::string head;  ///< request line and headers
    std::string body;
    int connection = 0;  ///< its number, counted from 1
    std::string Line() const { return head.substr(0, head.find("\r\n")); }
  };
  /// Gives the bytes of the answer; "" closes the connection without one.
  using Handler = std::function<std::string(const Request&)>;

  explicit TestServer(Handler handler) : handler_(std::move(handler)), socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    (void)::bind(socket_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(socket_, 16);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { Accept(); });
  }
  ~TestServer() {
    stop_ = true;
    accepting_.join();
    for (std::thread& one : serving_) one.join();
    ::close(socket_);
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }
  std::vector<Request> requests() const {
    std::lock_guard lock(mutex_);
    return requests_;
  }

  static std::string Answer(int status, const std::string& body, const std::string& headers = "") {
    return "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
  }
  static std::string ErrorAnswer(int status, const std::string& code, const std::string& more = "") {
    return Answer(status, "<Error><Code>" + code + "</Code><Message>m</Message>" + more + "</Error>");
  }

 private:
  bool Wait(int socket) const {
    pollfd one{socket, POLLIN, 0};
    while (!stop_)
      if (::poll(&one, 1, 20) > 0) return true;
    return false;
  }

  void Accept() {
    while (Wait(socket_)) {
      const int client = ::accept(socket_, nullptr, nullptr);
      if (client < 0) continue;
      const int number = ++connections_;
      serving_.emplace_back([this, client, number] {
        Serve(client, number);
        ::close(client);
      });
    }
  }

  void Serve(int client, int number) {
    std::string pending;
    for (;;) {
      size_t end;
      while ((end = pending.find("\r\n\r\n")) == std::string::npos)
        if (!More(client, pending)) return;
      Request request{pending.substr(0, end), "", number};
      pending.erase(0, end + 4);
      const size_t length = request.head.find("Content-Length: ");
      const size_t size = length == std::string::npos ? 0 : std::stoul(request.head.substr(length + 16));
      while (pending.size() < size)
        if (!More(client, pending)) return;
      request.body = pending.substr(0, size);
      pending.erase(0, size);
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      const std::string answer = handler_(request);
      // What the handler did is known to the one that answers the next connection.
      { const std::lock_guard lock(mutex_); }
      if (answer.empty()) return;
      for (size_t sent = 0; sent < answer.size();) {
        const ssize_t one = ::send(client, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
        if (one <= 0) return;
        sent += static_cast<size_t>(one);
      }
      if (answer.find("Connection: close") != std::string::npos) return;
    }
  }

  bool More(int client, std::string& pending) const {
    if (!Wait(client)) return false;
    char buffer[65536];
    const ssize_t got = ::recv(client, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    pending.append(buffer, static_cast<size_t>(got));
    return true;
  }

  const Handler handler_;
  const int socket_;
  int port_ = 0;
  std::atomic<bool> stop_{false};
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<Request> requests_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

}  // namespace leat::io
