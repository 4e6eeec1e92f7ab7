#include "io/s3/sign.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace leat::io::s3 {
namespace {

std::string Header(const SignedRequest& request, const std::string& name) {
  for (const auto& [key, value] : request.headers)
    if (key == name) return value;
  return "";
}

std::string Signature(SignedRequest request, const Credentials& credentials, std::string_view service, TimeMicros now) {
  Sign(request, credentials, "us-east-1", service, now);
  const std::string text = Header(request, "authorization");
  return text.substr(text.rfind('=') + 1);
}

// "Signature Calculations for the Authorization Header" of the S3 API reference, 2013-05-24.
constexpr TimeMicros kOfExamples = 1'369'353'600'000'000;
const Credentials kOfS3{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "", 0, ""};
const std::string kEmpty = Hex(Sha256(""));
const std::string kHost = "examplebucket.s3.amazonaws.com";

TEST(Sign, ExamplesOfTheS3Reference) {
  EXPECT_EQ(
      Signature({"GET", "/test.txt", {}, {{"host", kHost}, {"range", "bytes=0-9"}}, kEmpty}, kOfS3, "s3", kOfExamples),
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  EXPECT_EQ(
      Signature(
          {"PUT",
           EncodePath("/test$file.text"),
           {},
           {{"host", kHost}, {"date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
           Hex(Sha256("Welcome to Amazon S3."))},
          kOfS3, "s3", kOfExamples),
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  // A query whose value is empty keeps its '='.
  EXPECT_EQ(Signature({"GET", "/", {{"lifecycle", ""}}, {{"host", kHost}}, kEmpty}, kOfS3, "s3", kOfExamples),
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  // The query is signed in order, however it was given.
  EXPECT_EQ(Signature({"GET", "/", {{"prefix", "J"}, {"max-keys", "2"}}, {{"host", kHost}}, kEmpty}, kOfS3, "s3",
                      kOfExamples),
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

// The Signature Version 4 test suite, 2015-08-30T12:36:00Z.
constexpr TimeMicros kOfSuite = 1'440'938'160'000'000;
const Credentials kSuite{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "", 0, ""};

TEST(Sign, TestSuite) {
  const Fields host{{"host", "example.amazonaws.com"}};
  EXPECT_EQ(Signature({"GET", "/", {}, host, kEmpty}, kSuite, "service", kOfSuite),
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");  // get-vanilla
  EXPECT_EQ(Signature({"POST", "/", {}, host, kEmpty}, kSuite, "service", kOfSuite),
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");  // post-vanilla
  EXPECT_EQ(
      Signature({"GET", "/", {{"Param2", "value2"}, {"Param1", "value1"}}, host, kEmpty}, kSuite, "service", kOfSuite),
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");  // get-vanilla-query-order-key-case
}

TEST(Sign, TokenIsSignedToo) {
  Credentials credentials = kSuite;
  credentials.session_token = "a token";
  SignedRequest request{"GET", "/", {}, {{"host", "h"}}, kEmpty};
  Sign(request, credentials, "us-east-1", "s3", kOfSuite);
  EXPECT_EQ(Header(request, "x-amz-security-token"), "a token");
  EXPECT_NE(
      Header(request, "authorization").find("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token"),
      std::string::npos);
}

TEST(Sign, TextsAsTheSignatureWantsThem) {
  EXPECT_EQ(EncodePath("/a b/carrier=AA/ü+%"), "/a%20b/carrier%3DAA/%C3%BC%2B%25");
  EXPECT_EQ(EncodeText("a/b~c_d-e.f*"), "a%2Fb~c_d-e.f%2A");
  EXPECT_EQ(QueryText({{"uploads", ""}, {"prefix", "a/b c"}}), "prefix=a%2Fb%20c&uploads=");
  EXPECT_EQ(Base64("leat"), "bGVhdA==");
  const std::string canonical = CanonicalRequest({"GET", "/", {}, {{"x-a", "  one   two "}, {"host", "h"}}, "p"});
  EXPECT_EQ(canonical, "GET\n/\n\nhost:h\nx-a:one two\n\nhost;x-a\np");
}

}  // namespace
}  // namespace leat::io::s3
