#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// Load on an HTTP server, with keep-alive connections: saturated, or so many requests a second whatever the answers take.
namespace leat::bench {

struct HttpRequest {
  std::string method = "GET";
  std::string path;
  std::string body;
};

/// One keep-alive connection; not for several threads.
class HttpClient {
 public:
  HttpClient(int port, std::string token) : socket_(context_), token_(std::move(token)) {
    namespace ip = boost::asio::ip;
    socket_.connect({ip::make_address("127.0.0.1"), static_cast<ip::port_type>(port)});
    socket_.set_option(ip::tcp::no_delay(true));
  }

  /// The answer's status; its body in `body` until the next call.
  unsigned Call(const HttpRequest& request) {
    namespace http = boost::beast::http;
    http::request<http::string_body> message(http::string_to_verb(request.method), request.path, 11);
    message.set(http::field::host, "127.0.0.1");
    message.set(http::field::content_type, "application/json");
    if (!token_.empty()) message.set(http::field::authorization, "Bearer " + token_);
    message.body() = request.body;
    message.prepare_payload();
    http::write(socket_, message);
    http::response_parser<http::string_body> answer;
    answer.body_limit(uint64_t{1} << 30);
    http::read(socket_, buffer_, answer);
    body = std::move(answer.get().body());
    return answer.get().result_int();
  }

  std::string body;

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
  std::string token_;
};

/// What a load gave. Times of all answers in milliseconds, sorted; `refused` counts answers that are not 2xx, by status.
struct LoadResult {
  std::vector<double> milliseconds;
  std::map<unsigned, size_t> refused;
  double seconds = 0;

  double At(double share) const {
    return milliseconds.empty()
               ? 0
               : milliseconds[static_cast<size_t>(share * static_cast<double>(milliseconds.size() - 1))];
  }
  size_t Good() const {
    size_t bad = 0;
    for (const auto& [status, count] : refused) bad += count;
    return milliseconds.size() - bad;
  }
  double PerSecond() const { return static_cast<double>(Good()) / seconds; }
};

/// `rate` 0: each of `connections` sends its next request when the last is answered. Else so many a second in all, and times
/// count from when a request was due. `request` gets the connection's number and a number that counts its requests (rate 0)
/// or all requests.
inline LoadResult RunLoad(int port, const std::string& token, int connections, double seconds, double rate,
                          const std::function<HttpRequest(int, size_t)>& request) {
  using Clock = std::chrono::steady_clock;
  using std::chrono::duration;
  LoadResult result;
  std::mutex mutex;
  std::atomic<size_t> next{0};
  const auto begin = Clock::now();
  std::vector<std::jthread> threads;
  for (int c = 0; c < connections; ++c) {
    threads.emplace_back([&, c] {
      HttpClient client(port, token);
      std::vector<double> times;
      std::map<unsigned, size_t> refused;
      for (size_t i = 0;; ++i) {
        auto due = Clock::now();
        size_t number = i;
        if (rate > 0) {
          number = next++;
          due =
              begin + std::chrono::duration_cast<Clock::duration>(duration<double>(static_cast<double>(number) / rate));
          if (duration<double>(due - begin).count() >= seconds) break;
          std::this_thread::sleep_until(due);
        } else if (duration<double>(due - begin).count() >= seconds) {
          break;
        }
        const unsigned status = client.Call(request(c, number));
        times.push_back(duration<double, std::milli>(Clock::now() - due).count());
        if (status / 100 != 2) ++refused[status];
      }
      const std::lock_guard lock(mutex);
      result.milliseconds.insert(result.milliseconds.end(), times.begin(), times.end());
      for (const auto& [status, count] : refused) result.refused[status] += count;
    });
  }
  threads.clear();
  result.seconds = duration<double>(Clock::now() - begin).count();
  std::sort(result.milliseconds.begin(), result.milliseconds.end());
  return result;
}

}  // namespace leat::bench
