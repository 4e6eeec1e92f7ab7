// Load-table over REST: one client, an open loop at 1,000 requests a second, and saturation, over a lake of 1,000 tables
// with tokens. Server and clients run in this one process and share its cores.
//   leat_bench_rest [seconds per figure, default 5]
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "lake/catalog.h"
#include "serve/server.h"

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::duration;
constexpr int kTables = 1'000;

/// One keep-alive connection.
class Client {
 public:
  Client(int port, std::string token) : socket_(::socket(AF_INET, SOCK_STREAM, 0)), token_(std::move(token)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  }
  ~Client() { ::close(socket_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void Call(const std::string& method, const std::string& path, const std::string& body = "") {
    const std::string request = method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " +
                                token_ + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    if (::send(socket_, request.data(), request.size(), MSG_NOSIGNAL) < 0) std::abort();
    std::string answer;
    size_t wanted = std::string::npos;
    while (answer.size() < wanted) {
      char bytes[65536];
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) std::abort();
      answer.append(bytes, static_cast<size_t>(count));
      const size_t head = answer.find("\r\n\r\n");
      if (wanted == std::string::npos && head != std::string::npos) {
        if (answer[9] != '2') {
          fmt::print(stderr, "{}\n", answer);
          std::exit(1);
        }
        const size_t length = answer.find("Content-Length: ");
        wanted = head + 4 + (length < head ? std::stoul(answer.substr(length + 16)) : 0);
      }
    }
  }

 private:
  int socket_;
  std::string token_;
};

void Print(const char* what, std::vector<double>& milliseconds, double seconds) {
  std::sort(milliseconds.begin(), milliseconds.end());
  const auto at = [&](double share) {
    return milliseconds[static_cast<size_t>(share * static_cast<double>(milliseconds.size() - 1))];
  };
  fmt::print("{:<34} {:>8.0f}/s   p50 {:.3f} ms   p99 {:.3f} ms   max {:.3f} ms\n", what,
             static_cast<double>(milliseconds.size()) / seconds, at(0.5), at(0.99), milliseconds.back());
}

std::string TablePath(size_t i) { return "/iceberg/v1/lake/namespaces/shop/tables/t" + std::to_string(i % kTables); }

/// `clients` connections, each sending its next request when the last is answered.
void ClosedLoop(const char* what, int port, const std::string& token, int clients, double seconds) {
  std::vector<std::vector<double>> times(static_cast<size_t>(clients));
  const auto begin = Clock::now();
  std::vector<std::jthread> threads;
  for (int c = 0; c < clients; ++c) {
    threads.emplace_back([&, c] {
      Client client(port, token);
      for (size_t i = static_cast<size_t>(c) * 37; duration<double>(Clock::now() - begin).count() < seconds; ++i) {
        const auto start = Clock::now();
        client.Call("GET", TablePath(i));
        times[static_cast<size_t>(c)].push_back(duration<double, std::milli>(Clock::now() - start).count());
      }
    });
  }
  threads.clear();
  const double took = duration<double>(Clock::now() - begin).count();
  std::vector<double> all;
  for (const auto& some : times) all.insert(all.end(), some.begin(), some.end());
  Print(what, all, took);
}

/// `rate` requests a second whatever the answers take: times count from when a request was due.
void OpenLoop(const char* what, int port, const std::string& token, double rate, double seconds) {
  constexpr int kClients = 16;
  const auto begin = Clock::now();
  const auto count = static_cast<size_t>(rate * seconds);
  std::vector<double> times(count);
  std::atomic<size_t> next{0};
  std::vector<std::jthread> threads;
  for (int c = 0; c < kClients; ++c) {
    threads.emplace_back([&] {
      Client client(port, token);
      for (size_t i; (i = next++) < count;) {
        const auto due =
            begin + std::chrono::duration_cast<Clock::duration>(duration<double>(static_cast<double>(i) / rate));
        std::this_thread::sleep_until(due);
        client.Call("GET", TablePath(i));
        times[i] = duration<double, std::milli>(Clock::now() - due).count();
      }
    });
  }
  threads.clear();
  Print(what, times, duration<double>(Clock::now() - begin).count());
}

int Fail(const leat::Error& error) {
  fmt::print(stderr, "{}\n", error.ToString());
  return 1;
}

int Bench(const std::filesystem::path& folder, double seconds) {
  const auto files = leat::io::MakeLocalFileSystem(/*durable=*/false);
  leat::state::StoreOptions store_options;
  store_options.durable = false;
  auto store = leat::state::Store::Open((folder / "state.db").string(), store_options);
  if (!store.ok()) return Fail(store.error());
  leat::lake::CatalogOptions options;
  options.warehouse_root = leat::io::FileUri((folder / "warehouse").string());
  auto catalog = leat::lake::Catalog::Open(**store, *files, options);
  if (!catalog.ok()) return Fail(catalog.error());
  const auto token = leat::serve::CreateToken(**store, "bench", leat::serve::Scope::kAdmin, std::nullopt);
  if (!token.ok()) return Fail(token.error());

  leat::CancelToken cancel;
  std::promise<int> ready;
  leat::serve::ServeOptions serve;
  serve.port = 0;
  std::jthread server([&] {
    const auto served =
        leat::serve::Serve(**catalog, serve, cancel, [&](const std::string&, int port) { ready.set_value(port); });
    if (!served.ok()) std::exit(Fail(served.error()));
  });
  const int port = ready.get_future().get();
  {
    Client client(port, token->secret);
    client.Call("POST", "/iceberg/v1/lake/namespaces", R"({"namespace":["shop"]})");
    for (int i = 0; i < kTables; ++i) {
      std::string fields;
      for (int column = 0; column < 20; ++column) {
        fields += fmt::format(R"({}{{"id":{},"name":"column_{}","type":"long","required":false}})", column ? "," : "",
                              column, column);
      }
      client.Call("POST", "/iceberg/v1/lake/namespaces/shop/tables",
                  fmt::format(R"({{"name":"t{}","schema":{{"type":"struct","fields":[{}]}}}})", i, fields));
    }
  }
  ClosedLoop("load-table, one client", port, token->secret, 1, seconds);
  OpenLoop("load-table, open loop 1,000/s", port, token->secret, 1'000, seconds);
  ClosedLoop("load-table, saturated (16 clients)", port, token->secret, 16, seconds);
  cancel.Cancel();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 5;
  const auto folder = std::filesystem::temp_directory_path() / ("leat-bench-rest-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder / "warehouse");
  const int status = Bench(folder, seconds);
  std::filesystem::remove_all(folder);
  return status;
}
