#include "serve/token.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "serve/access.h"

namespace leat::serve {
namespace {

class TokenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("leat-token-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    state::StoreOptions options;
    options.durable = false;
    options.clock = &clock_;
    auto store = state::Store::Open((folder_ / "state.db").string(), options);
    ASSERT_TRUE(store.ok()) << store.error().ToString();
    store_ = std::move(*store);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  static constexpr TimeMicros kSecond = 1'000'000;
  std::filesystem::path folder_;
  FixedClock clock_{1'700'000'000 * kSecond};
  std::unique_ptr<state::Store> store_;
};

TEST(Sha256, MatchesThePublishedVector) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(TokenTest, AreKeptAsHashOnly) {
  const auto token = CreateToken(*store_, "ann", Scope::kWrite, std::nullopt);
  ASSERT_TRUE(token.ok());
  EXPECT_EQ(token->secret.size(), 5u + 64u);
  const auto rows = store_->Read("SELECT * FROM token");
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 1u);
  bool hash_found = false;
  for (const state::Value& value : rows->rows[0]) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) continue;
    EXPECT_EQ(text->find(token->secret), std::string::npos);
    hash_found |= *text == Sha256Hex(token->secret);
  }
  EXPECT_TRUE(hash_found);
}

TEST_F(TokenTest, VerifyKnowsUserAndScope) {
  TokenVerifier verifier(*store_, clock_);
  const auto token = CreateToken(*store_, "ann", Scope::kWrite, std::nullopt);
  for (int again = 0; again < 2; ++again) {  // from the store, then remembered
    const auto who = verifier.Verify(token->secret);
    ASSERT_TRUE(who.ok());
    EXPECT_EQ(who->user, "ann");
    EXPECT_EQ(who->scope, Scope::kWrite);
    EXPECT_EQ(who->token_id, token->id);
  }
  EXPECT_EQ(verifier.Verify("leat_wrong").error().code(), "SERVE-203");
  EXPECT_EQ(verifier.Verify("").error().code(), "SERVE-203");
}

TEST_F(TokenTest, ExpireToTheSecond) {
  TokenVerifier verifier(*store_, clock_);
  const auto token = CreateToken(*store_, "ann", Scope::kRead, std::chrono::seconds(60));
  EXPECT_TRUE(verifier.Verify(token->secret).ok());
  clock_.Set(clock_.Now() + 59 * kSecond);
  EXPECT_TRUE(verifier.Verify(token->secret).ok());
  clock_.Set(clock_.Now() + kSecond);
  EXPECT_FALSE(verifier.Verify(token->secret).ok());  // also while the answer is remembered
}

TEST_F(TokenTest, RevokedTokensStopWithinTheTimeThatAnswersAreRemembered) {
  TokenVerifier verifier(*store_, clock_);
  const auto token = CreateToken(*store_, "ann", Scope::kAdmin, std::nullopt);
  ASSERT_TRUE(verifier.Verify(token->secret).ok());
  ASSERT_TRUE(RevokeToken(*store_, token->id).ok());
  clock_.Set(clock_.Now() + std::chrono::microseconds(TokenVerifier::kRemember).count());
  EXPECT_FALSE(verifier.Verify(token->secret).ok());
  EXPECT_EQ(RevokeToken(*store_, "none").error().code(), "SERVE-202");
  const auto tokens = ListTokens(*store_);
  ASSERT_TRUE(tokens.ok());
  EXPECT_TRUE(tokens->front().revoked_at.has_value());
}

TEST_F(TokenTest, IssuedTokensEndWithTheirClientAndOldOnesGo) {
  TokenVerifier verifier(*store_, clock_);
  const auto client =
      CreateToken(*store_, "etl", Scope::kRead, std::chrono::hours(3), *TableRights::Make({"a.*"}), true);
  ASSERT_TRUE(client.ok());
  const auto first = IssueToken(*store_, "etl", client->secret);
  ASSERT_TRUE(first.ok()) << first.error().ToString();
  EXPECT_EQ(*first->expires_at - clock_.Now(), 3'600 * kSecond);
  EXPECT_EQ(verifier.Verify(first->secret)->tables.patterns(), (std::vector<std::string>{"a.*"}));
  clock_.Set(clock_.Now() + 9'000 * kSecond);  // half an hour before the client ends
  EXPECT_FALSE(verifier.Verify(first->secret).ok());
  const auto last = IssueToken(*store_, client->id, client->secret);
  ASSERT_TRUE(last.ok());
  EXPECT_EQ(*last->expires_at - clock_.Now(), 1'800 * kSecond);
  EXPECT_EQ(store_->Read("SELECT count(*) FROM token WHERE parent IS NOT NULL")->Int(0, 0),
            1);  // the first one is gone
  clock_.Set(clock_.Now() + 1'800 * kSecond);
  EXPECT_EQ(IssueToken(*store_, "etl", client->secret).error().code(), "SERVE-203");
  EXPECT_EQ(IssueToken(*store_, "etl", "wrong").error().code(), "SERVE-203");
}

TEST_F(TokenTest, TheGatekeeperWantsABearerToken) {
  TokenVerifier verifier(*store_, clock_);
  const Gatekeeper gate(&verifier);
  const auto token = CreateToken(*store_, "ann", Scope::kRead, std::nullopt);
  const auto admit = [&](const std::string& authorization) {
    Request request;
    if (!authorization.empty()) request.headers["authorization"] = authorization;
    return gate.Admit(request).ok();
  };
  EXPECT_TRUE(admit("Bearer " + token->secret));
  EXPECT_TRUE(admit("bearer " + token->secret));
  EXPECT_FALSE(admit(""));
  EXPECT_FALSE(admit("Bearer wrong"));
  EXPECT_FALSE(admit("Basic " + token->secret));
  EXPECT_FALSE(admit(token->secret));
}

}  // namespace
}  // namespace leat::serve
