#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <map>
#include <string>
#include <string_view>

namespace leat::serve {

/// A plain HTTP client over one socket for tests: what it sends and gets is seen byte by byte. Waits at most 10 s.
class TestClient {
 public:
  explicit TestClient(int port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~TestClient() { ::close(socket_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }

  void Send(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<size_t>(sent));
    }
  }

  struct Answer {
    int status = 0;  ///< 0: the connection was closed
    std::map<std::string, std::string> headers;
    std::string body;
  };

  Answer Read(bool with_body = true) {
    Answer answer;
    size_t end;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return answer;
    }
    const std::string head = pending_.substr(0, end + 2);
    pending_.erase(0, end + 4);
    answer.status = std::stoi(head.substr(9, 3));
    for (size_t line = head.find("\r\n") + 2; line < head.size();) {
      const size_t stop = head.find("\r\n", line);
      const size_t colon = head.find(": ", line);
      answer.headers[head.substr(line, colon - line)] = head.substr(colon + 2, stop - colon - 2);
      line = stop + 2;
    }
    const size_t length =
        with_body && answer.headers.count("Content-Length") ? std::stoul(answer.headers["Content-Length"]) : 0;
    while (pending_.size() < length && Fill()) {}
    answer.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return answer;
  }

  Answer Call(const std::string& method, const std::string& target, const std::string& body = "",
              const std::string& more_headers = "") {
    Send(method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\n" + more_headers +
         (body.empty() ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n") + "\r\n" + body);
    return Read(method != "HEAD");
  }

  /// True when the server has closed the connection (waits for it).
  bool Closed() { return !Fill(); }

 private:
  bool Fill() {
    char bytes[16384];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    pending_.append(bytes, static_cast<size_t>(count));
    return true;
  }

  int socket_;
  bool connected_ = false;
  std::string pending_;
};

}  // namespace leat::serve
