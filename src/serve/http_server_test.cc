#include "serve/http_server.h"

#include <gtest/gtest.h>

#include <future>
#include <list>
#include <stdexcept>
#include <thread>

#include "serve/test_client.h"

namespace leat::serve {
namespace {

/// A server that runs until the fixture ends.
class Running {
 public:
  explicit Running(Handler handler, size_t threads = 2, HttpLimits limits = {}) {
    auto server = HttpServer::Listen("127.0.0.1", 0, threads, limits);
    EXPECT_TRUE(server.ok());
    server_ = std::move(*server);
    thread_ = std::jthread([this, handler = std::move(handler)] { EXPECT_TRUE(server_->Run(handler, cancel_).ok()); });
  }
  ~Running() { Stop(); }
  void Cancel() { cancel_.Cancel(); }
  void Stop() {
    cancel_.Cancel();
    if (thread_.joinable()) thread_.join();
  }
  int port() const { return server_->port(); }

 private:
  CancelToken cancel_;
  std::unique_ptr<HttpServer> server_;
  std::jthread thread_;
};

Response Echo(const Request& request) {
  return TextResponse(
      200, request.method + " " + request.path + " q=" + std::string(request.Query("q")) + " " + request.body,
      "text/plain");
}

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
  Running server(Echo);
  TestClient client(server.port());
  const auto first = client.Call("GET", "/a?q=x+y");
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.body, "GET /a q=x y ");
  EXPECT_EQ(first.headers.at("Content-Type"), "text/plain");
  EXPECT_EQ(client.Call("POST", "/b", "body").body, "POST /b q= body");
  const auto head = client.Call("HEAD", "/c");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("Content-Length"), "11");
  EXPECT_EQ(client.Call("GET", "/d").body, "GET /d q= ");
}

TEST(HttpServer, ClosesWhenTheClientAsks) {
  Running server(Echo);
  TestClient client(server.port());
  const auto answer = client.Call("GET", "/", "", "Connection: close\r\n");
  EXPECT_EQ(answer.headers.at("Connection"), "close");
  EXPECT_TRUE(client.Closed());
}

TEST(HttpServer, SendsContinueBeforeABody) {
  Running server(Echo);
  TestClient client(server.port());
  client.Send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("abc");
  EXPECT_EQ(client.Read().body, "POST /x q= abc");
}

TEST(HttpServer, IdleConnectionsHoldNoThread) {
  Running server(Echo, /*threads=*/1);
  std::list<TestClient> idle;
  for (int i = 0; i < 64; ++i) {
    idle.emplace_back(server.port());
    if (i % 2 == 0) {
      EXPECT_EQ(idle.back().Call("GET", "/").status, 200);
    }
  }
  TestClient client(server.port());
  EXPECT_EQ(client.Call("GET", "/alive").body, "GET /alive q= ");
}

TEST(HttpServer, RefusesWhatIsOverALimit) {
  HttpLimits limits;
  limits.body_bytes = 100;
  limits.header_bytes = 1000;
  Running server(Echo, 2, limits);
  EXPECT_EQ(TestClient(server.port()).Call("POST", "/", std::string(100, 'x')).status, 200);
  EXPECT_EQ(TestClient(server.port()).Call("POST", "/", std::string(101, 'x')).status, 413);
  EXPECT_EQ(TestClient(server.port()).Call("GET", "/", "", "X: " + std::string(1000, 'x') + "\r\n").status, 431);
  TestClient malformed(server.port());
  malformed.Send("hello there\r\n\r\n");
  EXPECT_EQ(malformed.Read().status, 400);
  EXPECT_TRUE(malformed.Closed());
}

TEST(HttpServer, RefusesRequestsAboveTheQueue) {
  HttpLimits limits;
  limits.queued = 1;
  std::promise<void> entered, release;
  auto released = release.get_future().share();
  Running server(
      [&](const Request& request) {
        if (request.path == "/slow") {
          entered.set_value();
          released.wait();
        }
        return Echo(request);
      },
      2, limits);
  TestClient slow(server.port()), other(server.port());
  slow.Send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  entered.get_future().wait();
  const auto refused = other.Call("GET", "/");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.at("Retry-After"), "1");
  release.set_value();
  EXPECT_EQ(slow.Read().status, 200);
  EXPECT_EQ(other.Call("GET", "/").status, 200);
}

TEST(HttpServer, RefusesConnectionsAboveTheLimit) {
  HttpLimits limits;
  limits.connections = 1;
  Running server(Echo, 1, limits);
  TestClient first(server.port());
  EXPECT_EQ(first.Call("GET", "/").status, 200);
  TestClient second(server.port());
  EXPECT_EQ(second.Read().status, 503);
  EXPECT_TRUE(second.Closed());
  EXPECT_EQ(first.Call("GET", "/").status, 200);
}

TEST(HttpServer, AHandlerThatThrowsIsAnInternalError) {
  Running server([](const Request&) -> Response { throw std::runtime_error("secret detail"); });
  const auto answer = TestClient(server.port()).Call("GET", "/");
  EXPECT_EQ(answer.status, 500);
  EXPECT_EQ(answer.body.find("secret detail"), std::string::npos);
}

TEST(HttpServer, DrainAnswersWhatIsInWorkAndClosesTheRest) {
  std::promise<void> entered, release;
  auto released = release.get_future().share();
  Running server([&](const Request& request) {
    entered.set_value();
    released.wait();
    return Echo(request);
  });
  TestClient idle(server.port()), busy(server.port());
  busy.Send("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
  entered.get_future().wait();
  server.Cancel();
  EXPECT_TRUE(idle.Closed());
  release.set_value();
  const auto answer = busy.Read();
  EXPECT_EQ(answer.body, "GET /last q= ");
  EXPECT_EQ(answer.headers.at("Connection"), "close");
  server.Stop();
  EXPECT_FALSE(TestClient(server.port()).connected());
}

TEST(HttpServer, DrainGivesUpOnAnswersThatTakeTooLong) {
  HttpLimits limits;
  limits.drain = std::chrono::milliseconds(20);
  std::promise<void> entered, release;
  auto released = release.get_future().share();
  Running server(
      [&](const Request& request) {
        entered.set_value();
        released.wait();
        return Echo(request);
      },
      1, limits);
  TestClient client(server.port());
  client.Send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n");
  entered.get_future().wait();
  server.Cancel();
  EXPECT_EQ(client.Read().status, 0);  // closed although the handler still runs
  release.set_value();
}

TEST(HttpServer, SaysThatThePortIsInUse) {
  Running server(Echo);
  const auto second = HttpServer::Listen("127.0.0.1", server.port(), 1);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code(), "SERVE-101");
  EXPECT_EQ(second.error().kind(), ErrorKind::kEnvironment);
  EXPECT_NE(second.error().message().find(std::to_string(server.port())), std::string::npos);
}

TEST(HttpServer, RefusesWhatIsNoAddressOfThisMachine) {
  for (const char* address : {"example.org", "999.1.1.1", "192.0.2.1"}) {
    const auto server = HttpServer::Listen(address, 0, 1);
    ASSERT_FALSE(server.ok()) << address;
    EXPECT_EQ(server.error().code(), "SERVE-102") << address;
  }
}

TEST(HttpServer, KnowsLoopbackAddresses) {
  for (const char* address : {"127.0.0.1", "127.9.9.9", "::1", "localhost"})
    EXPECT_TRUE(IsLoopback(address)) << address;
  for (const char* address : {"0.0.0.0", "::", "10.0.0.1", "example.org"}) EXPECT_FALSE(IsLoopback(address)) << address;
}

}  // namespace
}  // namespace leat::serve
