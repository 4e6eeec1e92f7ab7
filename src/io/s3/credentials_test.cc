#include "io/s3/credentials.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/clock.h"
#include "io/s3/options.h"
#include "io/test_server.h"
#include "test/support/temp_folder.h"

namespace leat::io::s3 {
namespace {

class CredentialsTest : public ::testing::Test {
 protected:
  test::TempFolder folder_;  // first: the next member is made of it
  // No machine's own keys, and nobody is asked over the network.
  std::map<std::string, std::string> variables_{{"HOME", folder_.path()}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  TimeMicros now_ = *ParseTime("2026-11-01T12:00:00Z");

  Environment Variables() {
    return [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables_.find(name);
      return found == variables_.end() ? std::nullopt : std::optional<std::string>(found->second);
    };
  }
  CredentialChain Chain(Credentials given = {}, std::string profile = "") {
    return CredentialChain({std::move(given), std::move(profile), Variables(), [this] { return now_; }});
  }
  void Write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories(folder_ / ".aws");
    std::ofstream(folder_ / name) << text;
  }
  static std::string Keys(const std::string& id, const std::string& expiration) {
    return TestServer::Answer(200, "{\"Code\": \"Success\", \"AccessKeyId\": \"" + id +
                                       "\", \"SecretAccessKey\": \"secret-of-" + id +
                                       "\", \"Token\": \"token\", \"Expiration\": \"" + expiration + "\"}");
  }

  CredentialsTest() { variables_["HOME"] = folder_.path(); }
};

TEST_F(CredentialsTest, OrderOfPlaces) {
  EXPECT_EQ(Chain().Get().error().code(), "IO-521");
  Write(".aws/credentials", "# mine\n[default]\naws_access_key_id = of-default\naws_secret_access_key=s1\n");
  EXPECT_EQ(Chain().Get()->access_key_id, "of-default");
  EXPECT_EQ(Chain().Get()->from, "profile default");
  variables_["AWS_ACCESS_KEY_ID"] = "of-variable";
  EXPECT_EQ(Chain().Get().error().code(), "IO-521") << "half a pair is a mistake, not a reason to look elsewhere";
  variables_["AWS_SECRET_ACCESS_KEY"] = "s2";
  variables_["AWS_SESSION_TOKEN"] = "t2";
  EXPECT_EQ(Chain().Get()->access_key_id, "of-variable");
  EXPECT_EQ(Chain().Get()->session_token, "t2");
  EXPECT_EQ(Chain({"of-file", "s3", "", 0, ""}).Get()->access_key_id, "of-file");
  EXPECT_EQ(Chain({}, "default").Get()->access_key_id, "of-default") << "a profile that leat.yml names";
}

TEST_F(CredentialsTest, Profiles) {
  Write(".aws/credentials",
        "[lake]\naws_access_key_id=a\naws_secret_access_key=b=c==\n\n[half]\naws_access_key_id=x\n");
  Write(".aws/config", "[profile lake]\nregion = eu-west-3\naws_access_key_id = not-this\ns3 =\n  max_queue = 3\n");
  variables_["AWS_PROFILE"] = "lake";
  const auto found = Chain().Get();
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  EXPECT_EQ(found->access_key_id, "a");
  EXPECT_EQ(found->secret_access_key, "b=c==");
  EXPECT_EQ(Resolve({}, Variables())->region, "eu-west-3");
  const auto missing = Chain({}, "lak").Get();
  EXPECT_EQ(missing.error().code(), "IO-521");
  EXPECT_NE(missing.error().hint().find("half, lake"), std::string::npos);
  EXPECT_EQ(Chain({}, "half").Get().error().code(), "IO-521");
}

TEST_F(CredentialsTest, ContainerKeysAreRenewedBeforeTheyEnd) {
  std::atomic<int> asked{0};
  TestServer server([&](const TestServer::Request&) {
    const int time = ++asked;
    return Keys("k" + std::to_string(time), time == 1 ? "2026-11-01T13:00:00Z" : "2026-11-01T14:00:00Z");
  });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url() + "/keys";
  variables_["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "let me in";
  CredentialChain chain = Chain();
  EXPECT_EQ(chain.Get()->access_key_id, "k1");
  now_ += TimeMicros{54} * 60 * 1'000'000;
  EXPECT_EQ(chain.Get()->access_key_id, "k1");
  EXPECT_EQ(asked, 1);
  now_ += TimeMicros{2} * 60 * 1'000'000;
  EXPECT_EQ(chain.Get()->access_key_id, "k2");
  chain.Forget();
  EXPECT_EQ(chain.Get()->access_key_id, "k3");
  EXPECT_NE(server.requests().at(0).head.find("Authorization: let me in"), std::string::npos);
}

TEST_F(CredentialsTest, KeysThatStillHoldAreUsedWhenNobodyAnswers) {
  std::atomic<bool> broken{false};
  TestServer server([&](const TestServer::Request&) {
    return broken ? TestServer::Answer(500, "") : Keys("k", "2026-11-01T13:00:00Z");
  });
  variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.url();
  CredentialChain chain = Chain();
  EXPECT_EQ(chain.Get()->access_key_id, "k");
  broken = true;
  now_ += TimeMicros{58} * 60 * 1'000'000;
  EXPECT_EQ(chain.Get()->access_key_id, "k");
  now_ += TimeMicros{3} * 60 * 1'000'000;
  EXPECT_EQ(chain.Get().error().code(), "IO-521");
}

TEST_F(CredentialsTest, ContainerKeysTravelEncryptedOrOnThisMachine) {
  for (const char* url :
       {"http://example.com/keys", "http://127.0.0.1.example.com/", "http://localhost.example.com/"}) {
    variables_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    const auto refused = Chain().Get();
    EXPECT_EQ(refused.error().code(), "IO-521") << url;
    EXPECT_NE(refused.error().message().find("unencrypted"), std::string::npos) << url;
  }
}

TEST_F(CredentialsTest, InstanceKeys) {
  TestServer server([](const TestServer::Request& request) {
    const std::string line = request.Line();
    if (line == "PUT /latest/api/token HTTP/1.1") return TestServer::Answer(200, "session");
    if (request.head.find("X-aws-ec2-metadata-token: session") == std::string::npos) return TestServer::Answer(401, "");
    if (line == "GET /latest/meta-data/iam/security-credentials/ HTTP/1.1") return TestServer::Answer(200, "role-a");
    if (line == "GET /latest/meta-data/iam/security-credentials/role-a HTTP/1.1")
      return Keys("of-instance", "2026-11-01T18:00:00Z");
    return TestServer::Answer(404, "");
  });
  variables_.erase("AWS_EC2_METADATA_DISABLED");
  variables_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.url() + "/";
  const auto found = Chain().Get();
  ASSERT_TRUE(found.ok()) << found.error().ToString();
  EXPECT_EQ(found->access_key_id, "of-instance");
  EXPECT_EQ(found->session_token, "token");
  EXPECT_EQ(found->expires_at, *ParseTime("2026-11-01T18:00:00Z"));
}

TEST_F(CredentialsTest, Endpoints) {
  EXPECT_EQ(Resolve({}, Variables())->url, "https://s3.us-east-1.amazonaws.com");
  EXPECT_FALSE(Resolve({}, Variables())->path_style);
  variables_["AWS_REGION"] = "eu-north-1";
  variables_["AWS_ENDPOINT_URL"] = "http://127.0.0.1:7070/";
  const auto own = Resolve({}, Variables());
  EXPECT_EQ(own->url, "http://127.0.0.1:7070");
  EXPECT_EQ(own->host, "127.0.0.1:7070");
  EXPECT_FALSE(own->tls);
  EXPECT_TRUE(own->path_style);
  EXPECT_EQ(own->region, "eu-north-1");
  StorageSettings settings;
  settings.endpoint = "https://s3.example.com";
  settings.path_style = false;
  EXPECT_EQ(Resolve(settings, Variables())->host, "s3.example.com");
  EXPECT_FALSE(Resolve(settings, Variables())->path_style);
  for (const char* bad : {"s3.example.com", "https://", "https://h/path", "ftp://h", "https://user@h"}) {
    settings.endpoint = bad;
    EXPECT_EQ(Resolve(settings, Variables()).error().code(), "IO-501") << bad;
  }
  StorageSettings half;
  half.access_key_id = "a";
  EXPECT_EQ(Resolve(half, Variables()).error().code(), "IO-501");
}

}  // namespace
}  // namespace leat::io::s3
