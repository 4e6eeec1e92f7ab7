#include "io/http.h"

#include <gtest/gtest.h>

#include <thread>

#include "io/http_reader.h"
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
  threads.reserve(4);
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

std::string Redirect(int status, const std::string& to) {
  return TestServer::Answer(status, "elsewhere", "Location: " + to + "\r\n");
}

TEST(Http, RedirectsTakeNoKeysToOthers) {
  TestServer other([](const TestServer::Request&) { return TestServer::Answer(200, "there"); });
  TestServer server([&](const TestServer::Request& request) {
    if (request.Line().find("/away") != std::string::npos) return Redirect(302, other.url() + "/file");
    if (request.Line().find("/here") != std::string::npos) return Redirect(307, "/end?x=1");
    return TestServer::Answer(200, "end");
  });
  HttpOptions options;
  options.redirects = 3;
  HttpReader reader(options);
  const std::vector<std::pair<std::string, std::string>> headers = {
      {"X-Api-Key", "k"}, {"Authorization", "Basic k"}, {"Cookie", "k"}, {"Range", "bytes=1-"}};
  const auto away = reader.Send({"GET", server.url() + "/away", headers, {}});
  ASSERT_TRUE(away.ok()) << away.error().ToString();
  EXPECT_EQ(away->body, "there");
  EXPECT_EQ(away->url, other.url() + "/file");
  const std::string head = other.requests().at(0).head;
  for (const char* name : {"X-Api-Key", "Authorization", "Cookie"})
    EXPECT_EQ(head.find(name), std::string::npos) << name;
  EXPECT_NE(head.find("Range: bytes=1-"), std::string::npos);
  const auto here = reader.Send({"POST", server.url() + "/here", headers, "body"});
  ASSERT_TRUE(here.ok()) << here.error().ToString();
  EXPECT_EQ(here->url, server.url() + "/end?x=1");
  EXPECT_NE(server.requests().back().head.find("X-Api-Key: k"), std::string::npos);
  EXPECT_EQ(server.requests().back().body, "body") << "307 keeps the method";
  // Of a client that follows none the redirect is the answer.
  EXPECT_EQ(HttpReader({}).Send({"GET", server.url() + "/away", {}, {}})->status, 302);
}

TEST(Http, RedirectsEnd) {
  TestServer server([](const TestServer::Request& request) {
    if (request.Line().starts_with("POST")) return Redirect(303, "/seen");
    return request.Line().find("/seen") != std::string::npos ? TestServer::Answer(200, "ok") : Redirect(301, "/x");
  });
  HttpOptions options;
  options.redirects = 3;
  HttpReader reader(options);
  EXPECT_EQ(reader.Send(Get(server)).error().code(), "IO-420");
  EXPECT_EQ(server.requests().size(), 4U);
  const auto posted = reader.Send({"POST", server.url() + "/x", {}, "body"});
  ASSERT_TRUE(posted.ok()) << posted.error().ToString();
  EXPECT_EQ(posted->body, "ok");
  EXPECT_EQ(server.requests().back().Line(), "GET /seen HTTP/1.1");
}

TEST(Http, BodiesInPieces) {
  TestServer server([](const TestServer::Request& request) {
    return TestServer::Answer(request.Line().find("/x") != std::string::npos ? 200 : 404, std::string(1'000'000, 'x'),
                              "X-Some: a\r\n");
  });
  HttpOptions options;
  options.longest_answer_bytes = 2'000'000;
  HttpReader reader(options);
  size_t got = 0;
  const auto answer = reader.Send(Get(server), [&](const HttpAnswer& head, std::string_view bytes) -> Status {
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.Header("x-some"), "a");
    got += bytes.size();
    return Ok();
  });
  ASSERT_TRUE(answer.ok()) << answer.error().ToString();
  EXPECT_EQ(got, 1'000'000U);
  EXPECT_EQ(answer->body, "");
  const auto refuse = [](const HttpAnswer&, std::string_view) -> Status {
    return MakeError("X-1", ErrorKind::kData, "no");
  };
  EXPECT_EQ(reader.Send(Get(server), refuse).error().code(), "X-1");
  const auto none = reader.Send({"GET", server.url() + "/y", {}, {}}, refuse);
  ASSERT_TRUE(none.ok()) << "what is no answer to it is not taken";
  EXPECT_EQ(none->body.size(), 1'000'000U);
}

}  // namespace
}  // namespace leat::io
