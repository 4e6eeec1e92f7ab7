#include "io/s3/client.h"

#include <gtest/gtest.h>

#include "io/test_server.h"

namespace leat::io::s3 {
namespace {

using Request = TestServer::Request;

std::unique_ptr<Client> Open(const TestServer& server, int64_t multipart_bytes = 1 << 20) {
  StoreOptions options;
  options.settings = {server.url(), "eu-west-1", std::nullopt, "", "", "AKID", "a-secret-key", ""};
  options.environment = [](const std::string&) { return std::nullopt; };
  options.retry.first_wait = std::chrono::milliseconds(1);
  options.retry.longest_wait = std::chrono::milliseconds(2);
  options.http.stall_timeout = std::chrono::seconds(2);
  options.multipart_bytes = multipart_bytes;
  auto client = Client::Open(std::move(options));
  EXPECT_TRUE(client.ok());
  return std::move(*client);
}

const Address kObject{"lake", "a/b c.avro"};

TEST(S3Client, Addresses) {
  EXPECT_EQ(ParseAddress("s3://lake/a/b")->key, "a/b");
  EXPECT_EQ(ParseAddress("s3://lake")->bucket, "lake");
  for (const char* bad : {"s3://", "s3:///a", "s3://Lake/a", "s3://a_b/c", "s3://ab", "/lake/a", "s3://a..b"})
    EXPECT_EQ(ParseAddress(bad).error().code(), "IO-501") << bad;
}

TEST(S3Client, TriesAgainWhileTheStoreIsBusyOrCuts) {
  int asked = 0;
  TestServer server([&](const Request&) {
    switch (++asked) {
      case 1: return TestServer::ErrorAnswer(503, "SlowDown");
      case 2: return std::string();
      case 3: return std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf");
      case 4: return TestServer::ErrorAnswer(500, "InternalError");
      default: return TestServer::Answer(200, "whole");
    }
  });
  const auto client = Open(server);
  const auto read = client->Get(kObject);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(*read, "whole");
  // libcurl itself sends again what a kept connection did not take.
  EXPECT_EQ(server.requests().size(), 5U);
  EXPECT_EQ(client->counts().sent(RequestKind::kGet), 4);
  EXPECT_EQ(client->counts().retries(), 3);
  EXPECT_EQ(server.requests().at(0).Line(), "GET /lake/a/b%20c.avro HTTP/1.1");
}

TEST(S3Client, RemovesByTagWhereTheStoreKnowsHow) {
  TestServer server([&](const Request& request) {
    return request.head.find("if-match") != std::string::npos ? TestServer::ErrorAnswer(501, "NotImplemented")
                                                              : TestServer::Answer(204, "");
  });
  const auto client = Open(server);
  const Status removed = client->DeleteTagged(kObject, "\"tag\"");
  ASSERT_TRUE(removed.ok()) << removed.error().ToString();
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(S3Client, ACopyThatFailsLateIsMadeAgain) {
  int asked = 0;
  TestServer server([&](const Request&) {
    if (++asked == 1) return TestServer::Answer(200, "<Error><Code>InternalError</Code></Error>");
    return TestServer::Answer(200, "<CopyObjectResult><ETag>x</ETag></CopyObjectResult>");
  });
  const Status copied = Open(server)->Copy(kObject, {"a/b c.avro", 3, 0, "\"tag\""}, {"lake", "done/b"});
  ASSERT_TRUE(copied.ok()) << copied.error().ToString();
  EXPECT_EQ(asked, 2);
}

TEST(S3Client, GivesUpAndSaysWhy) {
  TestServer server([](const Request&) { return TestServer::ErrorAnswer(503, "SlowDown"); });
  const auto client = Open(server);
  EXPECT_EQ(client->Get(kObject).error().code(), "IO-513");
  EXPECT_EQ(client->Get(kObject).error().retry(), Retry::kSafe);
  EXPECT_EQ(client->PutNew(kObject, "x").error().retry(), Retry::kUnknownOutcome) << "it may have been written";
}

TEST(S3Client, ErrorsThatAPersonCanActOn) {
  std::string answer;
  TestServer server([&](const Request&) { return answer; });
  const auto client = Open(server);
  const struct {
    int status;
    const char* code;
    const char* more;
    const char* expected;
    const char* said;
  } cases[] = {
      {404, "NoSuchKey", "", "IO-201", "no such file"},
      {404, "NoSuchBucket", "", "IO-526", "no bucket 'lake'"},
      {403, "InvalidAccessKeyId", "", "IO-522", "does not know the access key of leat.yml"},
      {403, "SignatureDoesNotMatch", "", "IO-522", "secret key of leat.yml"},
      {403, "AccessDenied", "", "IO-523", "no right"},
      {403, "RequestTimeTooSkewed", "<ServerTime>2013-05-24T00:00:00Z</ServerTime>", "IO-524", "2013-05-24"},
      {400, "ExpiredToken", "", "IO-525", "have ended"},
      {301, "PermanentRedirect", "<Region>us-west-2</Region>", "IO-527", "us-west-2, asked was eu-west-1"},
      {400, "AuthorizationHeaderMalformed", "<Region>sa-east-1</Region>", "IO-527", "sa-east-1"},
      {418, "Teapot", "", "IO-514", "418 Teapot"},
      {507, "QuotaExceeded", "", "IO-301", "full"},
  };
  for (const auto& one : cases) {
    answer = TestServer::ErrorAnswer(one.status, one.code, one.more);
    const auto read = client->Get(kObject);
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), one.expected) << one.code;
    EXPECT_NE(read.error().message().find(one.said), std::string::npos) << read.error().message();
    EXPECT_NE(read.error().message().find("s3://lake/a/b c.avro"), std::string::npos);
  }
  answer = TestServer::Answer(403, "<html>a proxy</html>");
  EXPECT_EQ(client->Get(kObject).error().code(), "IO-523");
}

TEST(S3Client, WrittenOnceWhenTheAnswerIsLost) {
  std::string stored;
  int puts = 0;
  TestServer server([&](const Request& request) {
    if (request.Line().starts_with("PUT")) {
      EXPECT_NE(request.head.find("if-none-match: *"), std::string::npos);
      if (++puts > 1) return TestServer::ErrorAnswer(412, "PreconditionFailed");
      stored = request.body;
      return std::string();  // the work is done, nobody hears of it
    }
    if (request.Line().starts_with("HEAD"))
      return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(stored.size()) + "\r\n\r\n";
    return TestServer::Answer(200, stored);
  });
  const auto client = Open(server);
  EXPECT_TRUE(client->PutNew(kObject, "bytes").ok());
  EXPECT_GE(puts, 2);
  stored = "other";
  EXPECT_EQ(client->PutNew(kObject, "bytes").error().code(), "IO-202");
  stored = "longer bytes";
  EXPECT_EQ(client->PutNew(kObject, "bytes").error().code(), "IO-202");
}

TEST(S3Client, LargeFilesGoInParts) {
  std::map<int, std::string> parts;
  std::mutex mutex;
  int completed = 0;
  std::string stored;
  TestServer server([&](const Request& request) {
    std::lock_guard lock(mutex);
    const std::string line = request.Line();
    if (line.find("?uploads=") != std::string::npos)
      return TestServer::Answer(
          200, "<InitiateMultipartUploadResult><UploadId>id/1</UploadId></InitiateMultipartUploadResult>");
    if (line.starts_with("PUT")) {
      const int part = std::stoi(line.substr(line.find("partNumber=") + 11));
      EXPECT_NE(line.find("uploadId=id%2F1"), std::string::npos);
      parts[part] = request.body;
      return TestServer::Answer(200, "", "ETag: \"t" + std::to_string(part) + "\"\r\n");
    }
    if (line.starts_with("POST")) {
      EXPECT_NE(request.body.find("<PartNumber>3</PartNumber><ETag>&quot;t3&quot;</ETag>"), std::string::npos);
      switch (++completed) {
        case 1: return TestServer::ErrorAnswer(200, "InternalError");  // a success that is none
        case 2: stored = parts[1] + parts[2] + parts[3]; return std::string();
        default: return TestServer::ErrorAnswer(404, "NoSuchUpload");
      }
    }
    if (line.starts_with("HEAD"))
      return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(stored.size()) + "\r\n\r\n";
    return TestServer::Answer(200, stored);
  });
  const auto client = Open(server, 4);
  const Status written = client->PutNew(kObject, "0123456789");
  EXPECT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_EQ(stored, "0123456789");
}

TEST(S3Client, AFailedUploadIsEnded) {
  std::atomic<int> ended{0};
  TestServer server([&](const Request& request) {
    const std::string line = request.Line();
    if (line.find("?uploads=") != std::string::npos) return TestServer::Answer(200, "<R><UploadId>u</UploadId></R>");
    if (line.starts_with("DELETE")) ++ended;
    return line.starts_with("DELETE") ? TestServer::Answer(204, "") : TestServer::ErrorAnswer(403, "AccessDenied");
  });
  EXPECT_EQ(Open(server, 4)->PutNew(kObject, "0123456789").error().code(), "IO-523");
  EXPECT_EQ(ended, 1);
}

TEST(S3Client, ListsPageByPage) {
  TestServer server([&](const Request& request) {
    const bool second = request.Line().find("continuation-token=next%3D1") != std::string::npos;
    EXPECT_NE(request.Line().find("list-type=2&prefix=a%2F"), std::string::npos) << request.Line();
    return TestServer::Answer(
        200,
        second
            ? "<R><Contents><Key>a/z</Key><Size>7</Size></Contents><IsTruncated>false</IsTruncated></R>"
            : "<R><IsTruncated>true</IsTruncated><NextContinuationToken>next=1</NextContinuationToken><Contents>"
              "<Key>a/x&amp;y</Key><Size>5</Size><LastModified>2026-11-01T12:00:00.000Z</LastModified></Contents></R>");
  });
  const auto client = Open(server);
  const auto first = client->List({"lake", "a/"}, "");
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  ASSERT_EQ(first->objects.size(), 1U);
  EXPECT_EQ(first->objects[0].key, "a/x&y");
  EXPECT_EQ(first->objects[0].size_bytes, 5);
  EXPECT_EQ(first->objects[0].modified_ns, *ParseTime("2026-11-01T12:00:00Z") * 1000);
  const auto second = client->List({"lake", "a/"}, first->next);
  EXPECT_EQ(second->objects[0].key, "a/z");
  EXPECT_EQ(second->next, "");
}

TEST(S3Client, DeletesInBulkWithAChecksum) {
  int asked = 0;
  TestServer server([&](const Request& request) {
    EXPECT_NE(request.head.find("content-md5: " + Base64(Md5(request.body))), std::string::npos);
    EXPECT_NE(request.head.find("x-amz-checksum-sha256: " + Base64(Sha256(request.body))), std::string::npos);
    EXPECT_NE(request.body.find("<Key>a&amp;b</Key>"), std::string::npos);
    const std::string refused = "<D><Error><Key>a&amp;b</Key><Code>";
    switch (++asked) {
      case 1: return TestServer::Answer(200, refused + "SlowDown</Code></Error></D>");
      case 2: return TestServer::Answer(200, "<D/>");
      default: return TestServer::Answer(200, refused + "AccessDenied</Code></Error></D>");
    }
  });
  const auto client = Open(server);
  EXPECT_TRUE(client->DeleteMany("lake", {"a&b"}).ok());
  EXPECT_EQ(asked, 2);
  EXPECT_EQ(client->DeleteMany("lake", {"a&b"}).error().code(), "IO-523");
}

TEST(S3Client, ACancelEndsTheWaiting) {
  CancelToken cancel;
  TestServer server([&](const Request&) {
    cancel.Cancel();
    return TestServer::ErrorAnswer(503, "SlowDown");
  });
  StoreOptions options;
  options.settings.endpoint = server.url();
  options.settings.access_key_id = "a";
  options.settings.secret_access_key = "b";
  options.environment = [](const std::string&) { return std::nullopt; };
  options.cancel = &cancel;
  const auto client = Client::Open(std::move(options));
  EXPECT_EQ((*client)->Get(kObject).error().code(), "RUN-900");
}

}  // namespace
}  // namespace leat::io::s3
