#include "io/s3/assume_role.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "io/test_server.h"

namespace leat::io::s3 {
namespace {

using nlohmann::json;

// The answer's form is that of AWS's reference of AssumeRole.
std::string Given(const std::string& id, const std::string& ends = "2026-11-01T13:00:00Z") {
  return TestServer::Answer(
      200,
      R"(<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>)" +
          id +
          "</AccessKeyId><SecretAccessKey>its-secret</SecretAccessKey><SessionToken>its/token=</SessionToken><Expiration>" +
          ends + "</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>");
}

RoleRequest Ask(const TestServer& server) {
  return {server.url(), "eu-central-1", "arn:aws:iam::123456789012:role/lake", "ann b\xc3\xa4r",
          R"({"Version":"2012-10-17"})"};
}

const Credentials kOwn{"OWNKEY", "own-secret", "", 0, "the environment"};

TEST(AssumeRole, GivesKeysThatEnd) {
  TestServer server([](const TestServer::Request&) { return Given("ROLEKEY"); });
  HttpClient http({});
  const Result<Credentials> keys = AssumeRole(http, kOwn, Ask(server));
  ASSERT_TRUE(keys.ok()) << keys.error().ToString();
  EXPECT_EQ(keys->access_key_id, "ROLEKEY");
  EXPECT_EQ(keys->secret_access_key, "its-secret");
  EXPECT_EQ(keys->session_token, "its/token=");
  EXPECT_EQ(keys->expires_at, *ParseTime("2026-11-01T13:00:00Z"));
  const TestServer::Request asked = server.requests().front();
  EXPECT_EQ(asked.Line(), "POST / HTTP/1.1");
  EXPECT_EQ(
      asked.body,
      "Action=AssumeRole&DurationSeconds=3600&Policy=%7B%22Version%22%3A%222012-10-17%22%7D&RoleArn=arn%3Aaws%3Aiam%3A%3A"
      "123456789012%3Arole%2Flake&RoleSessionName=leat-ann-b--r&Version=2011-06-15");
  EXPECT_NE(asked.head.find("Credential=OWNKEY/"), std::string::npos);
  EXPECT_NE(asked.head.find("/eu-central-1/sts/aws4_request"), std::string::npos);
  EXPECT_EQ(asked.head.find("own-secret"), std::string::npos);
}

TEST(AssumeRole, ABusyServiceIsAskedAgainARefusalIsNot) {
  int calls = 0;
  TestServer busy([&calls](const TestServer::Request&) {
    return ++calls == 1 ? TestServer::Answer(503, "later") : calls == 2 ? "" : Given("ROLEKEY");
  });
  HttpClient http({});
  EXPECT_EQ(AssumeRole(http, kOwn, Ask(busy))->access_key_id, "ROLEKEY");
  EXPECT_EQ(calls, 3);

  TestServer refusing([](const TestServer::Request&) {
    return TestServer::Answer(
        403, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>");
  });
  const Result<Credentials> refused = AssumeRole(http, kOwn, Ask(refusing));
  EXPECT_EQ(refused.error().code(), "IO-528");
  EXPECT_NE(refused.error().message().find("AccessDenied (not yours)"), std::string::npos);
  EXPECT_EQ(refusing.requests().size(), 1u);
}

TEST(AssumeRole, AnAnswerWithoutKeysIsNone) {
  for (const std::string& body :
       {std::string("<html/>"), std::string("<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>")}) {
    TestServer server([&body](const TestServer::Request&) { return TestServer::Answer(200, body); });
    HttpClient http({});
    EXPECT_EQ(AssumeRole(http, kOwn, Ask(server)).error().code(), "IO-514") << body;
  }
}

TEST(FolderPolicy, HoldsOneFolderAndNeverDeletes) {
  const json read = json::parse(FolderPolicy({"lake", "shop/orders-1"}, false, "aws"));
  EXPECT_EQ(read["Statement"][0]["Action"], json::array({"s3:GetObject"}));
  EXPECT_EQ(read["Statement"][0]["Resource"], "arn:aws:s3:::lake/shop/orders-1/*");
  EXPECT_EQ(read["Statement"][1]["Resource"], "arn:aws:s3:::lake");
  EXPECT_EQ(read["Statement"][1]["Condition"]["StringLike"]["s3:prefix"], json::array({"shop/orders-1/*"}));
  const json write =
      json::parse(FolderPolicy({"lake", "shop/orders-1"}, true, PartitionOf("arn:aws-cn:iam::1:role/x")));
  EXPECT_EQ(write["Statement"][0]["Action"],
            json::array({"s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"}));
  EXPECT_EQ(write["Statement"][1]["Resource"], "arn:aws-cn:s3:::lake");
  // A name must not become a pattern.
  const json odd = json::parse(FolderPolicy({"lake", "a*b?c$d"}, false, "aws"));
  EXPECT_EQ(odd["Statement"][0]["Resource"], "arn:aws:s3:::lake/a${*}b${?}c${$}d/*");
}

}  // namespace
}  // namespace leat::io::s3
