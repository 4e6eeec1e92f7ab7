#include "serve/iceberg/remote_sign.h"

#include <gtest/gtest.h>

namespace leat::serve::iceberg {
namespace {

// What a real store makes of the signatures, and all that is refused: test/interop/store_access.py.
const io::s3::Credentials kKeys{"KEY", "secret", "", 0, ""};
const io::s3::Address kFolder{"lake", "shop/orders-12345678"};

io::s3::Endpoint Aws() {
  io::s3::Endpoint endpoint;
  endpoint.url = "https://s3.eu-central-1.amazonaws.com";
  endpoint.host = "s3.eu-central-1.amazonaws.com";
  endpoint.region = "eu-central-1";
  return endpoint;
}

Result<RemoteSignature> Sign(const RemoteRequest& request, const io::s3::Credentials& keys = kKeys) {
  return SignRemote(request, Aws(), kFolder, keys, 1'369'353'600'000'000);
}

std::string Header(const RemoteSignature& signature, const std::string& name) {
  for (const auto& [key, value] : signature.headers)
    if (key == name) return value;
  return "";
}

TEST(RemoteSign, TheBucketMayBeInTheHostOrInThePath) {
  for (const std::string where :
       {"https://lake.s3.eu-central-1.amazonaws.com/", "https://s3.eu-central-1.amazonaws.com/lake/",
        "https://LAKE.S3.eu-central-1.amazonaws.com/"}) {
    const auto signature = Sign({"GET", where + "shop/orders-12345678/data/x?x-id=GetObject", {}});
    ASSERT_TRUE(signature.ok()) << where << signature.error().ToString();
    EXPECT_TRUE(signature->uri.ends_with("/shop/orders-12345678/data/x?x-id=GetObject")) << signature->uri;
  }
  for (const std::string where :
       {"https://pool.s3.eu-central-1.amazonaws.com/", "http://lake.s3.eu-central-1.amazonaws.com/",
        "https://s3.example.com/lake/", "https://lake.s3.eu-central-1.amazonaws.com@s3.example.com/",
        "https://lake.s3.eu-central-1.amazonaws.com/lake/", ""}) {
    const auto signature = Sign({"GET", where + "shop/orders-12345678/data/x", {}});
    ASSERT_FALSE(signature.ok()) << where;
    EXPECT_EQ(signature.error().code(), "SERVE-208");
  }
}

TEST(RemoteSign, WhatTheClientSentIsCoveredAndNotSentTwice) {
  const std::string uri = "https://lake.s3.eu-central-1.amazonaws.com/shop/orders-12345678/data/x";
  const auto plain = Sign({"PUT", uri, {}});
  EXPECT_EQ(Header(*plain, "x-amz-content-sha256"), "UNSIGNED-PAYLOAD");
  EXPECT_EQ(Header(*plain, "if-none-match"), "*");
  EXPECT_EQ(Header(*plain, "x-amz-date"), "20130524T000000Z");
  EXPECT_EQ(Header(*plain, "host"), "");
  const auto checked = Sign({"PUT",
                             uri,
                             {{"X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"},
                              {"x-amz-trailer", "x-amz-checksum-crc32"},
                              {"Range", "bytes=0-1"}}});
  EXPECT_EQ(Header(*checked, "x-amz-content-sha256"), "");
  const std::string authorization = Header(*checked, "authorization");
  EXPECT_NE(authorization.find("SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;x-amz-trailer,"),
            std::string::npos)
      << authorization;
  EXPECT_NE(authorization.find("Credential=KEY/20130524/eu-central-1/s3/aws4_request"), std::string::npos);
}

TEST(RemoteSign, OnlyHeadersThatChangeNothingElse) {
  const std::string uri = "https://lake.s3.eu-central-1.amazonaws.com/shop/orders-12345678/data/x";
  for (const char* name :
       {"x-amz-checksum-crc32", "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-storage-class", "etag"})
    EXPECT_TRUE(Sign({"PUT", uri, {{name, "v"}}}).ok()) << name;
  for (const char* name :
       {"x-amz-copy-source", "x-amz-copy-source-range", "x-amz-acl", "x-amz-grant-read", "x-amz-tagging",
        "x-amz-object-lock-mode", "x-amz-security-token", "x-amz-website-redirect-location", "X-AMZ-ACL"})
    EXPECT_FALSE(Sign({"PUT", uri, {{name, "v"}}}).ok()) << name;
}

TEST(RemoteSign, KeysThatEndPassTheirToken) {
  const auto signature = Sign({"GET", "https://lake.s3.eu-central-1.amazonaws.com/shop/orders-12345678/data/x", {}},
                              {"KEY", "secret", "token", 0, ""});
  EXPECT_EQ(Header(*signature, "x-amz-security-token"), "token");
}

}  // namespace
}  // namespace leat::serve::iceberg
