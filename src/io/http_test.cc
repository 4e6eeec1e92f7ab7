#include "io/http.h"

#include <gtest/gtest.h>

#include <thread>

#include "io/test_server.h"

namespace leat::io {
namespace {

HttpRequest Get(const TestServer& server) { return {"GET", server.url() + "/x", {}, {}}; }

TEST(Http, SendsAndReceivesOverKeptConnections) {
  TestServer server([](const TestServer::Request& request) {
    return TestServer::Answer(request.body == "bytes" ? 200 : 418, "answer", "X-Some: a b \r\n");
  });
  HttpClient client({});
  for (int i = 0; i < 3; ++i) {
    const auto answer = client.Send({"PUT", server.url() + "/a%2Fb/../c?x=", {{"X-Mine", "1"}}, "bytes"});
    ASSERT_TRUE(answer.ok()) << answer.error().ToString();
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->body, "answer");
    EXPECT_EQ(answer->Header("x-some"), "a b");
    EXPECT_EQ(answer->Header("x-other"), "");
  }
  EXPECT_EQ(server.connections(), 1);
  const TestServer::Request seen = server.requests().at(0);
  EXPECT_EQ(seen.Line(), "PUT /a%2Fb/../c?x= HTTP/1.1") << "the path arrives as it was signed";
  EXPECT_NE(seen.head.find("X-Mine: 1"), std::string::npos);
  EXPECT_EQ(seen.head.find("Content-Type"), std::string::npos);
  EXPECT_EQ(seen.head.find("Expect"), std::string::npos);
}

TEST(Http, ConnectionsOfTheirOwnForRequestsAtOnce) {
  TestServer server([](const TestServer::Request&) { return TestServer::Answer(200, "x"); });
  HttpClient client({});
  std::vector<std::thread> threads;
  std::atomic<int> good{0};
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto answer = client.Send(Get(server));
        good += answer.ok() && answer->body == "x" ? 1 : 0;
      }
    });
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(good, 80);
  EXPECT_LE(server.connections(), 4);
}

TEST(Http, NobodyThere) {
  std::string url;
  {
    url = TestServer([](const TestServer::Request&) { return ""; }).url();
  }
  HttpClient client({});
  const auto answer = client.Send({"GET", url + "/secret?X-Amz-Signature=1", {}, {}});
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code(), "IO-511");
  EXPECT_EQ(answer.error().retry(), Retry::kSafe);
  EXPECT_EQ(answer.error().message().find("Signature"), std::string::npos);
  EXPECT_EQ(client.Send({"GET", "ftp://x", {}, {}}).error().code(), "IO-511");
}

TEST(Http, CutsAreOfUnknownOutcome) {
  for (const std::string& cut :
       {std::string(), std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf")}) {
    TestServer server([&](const TestServer::Request&) { return cut; });
    const auto answer = HttpClient({}).Send(Get(server));
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code(), "IO-512");
    EXPECT_EQ(answer.error().retry(), Retry::kUnknownOutcome);
  }
}

TEST(Http, StalledTransfersEnd) {
  std::atomic<bool> end{false};
  TestServer server([&](const TestServer::Request&) {
    while (!end) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return TestServer::Answer(200, "late");
  });
  HttpOptions options;
  options.stall_timeout = std::chrono::seconds(1);
  EXPECT_EQ(HttpClient(options).Send(Get(server)).error().code(), "IO-512");
  // A cancel ends what waits, too.
  CancelToken cancel;
  std::thread stop([&] { cancel.Cancel(); });
  EXPECT_EQ(HttpClient({}).Send(Get(server), &cancel).error().code(), "RUN-900");
  stop.join();
  end = true;
}

TEST(Http, LongAnswersAreRefused) {
  TestServer server([](const TestServer::Request&) { return TestServer::Answer(200, std::string(100, 'x')); });
  HttpOptions options;
  options.longest_answer_bytes = 99;
  EXPECT_EQ(HttpClient(options).Send(Get(server)).error().code(), "IO-514");
}

}  // namespace
}  // namespace leat::io
