#include "imports/hidden_texts.h"

#include <gtest/gtest.h>

namespace leat::imports {
namespace {

TEST(ProvesWhoAsks, ByNameAndValue) {
  for (const char* name : {"Authorization", "X-Api-Key", "api_key", "apikey", "access_token", "token", "X-Auth-Token",
                           "client_secret", "password", "Cookie", "private-key", "sig"}) {
    EXPECT_TRUE(ProvesWhoAsks(name, "v")) << name;
  }
  for (const char* name : {"page", "page_token", "nextPageToken", "next_token", "sort", "key", "author", "id", ""})
    EXPECT_FALSE(ProvesWhoAsks(name, "v")) << name;
  EXPECT_TRUE(ProvesWhoAsks("key", "AIzaSyA-0123456789"));
}

struct Case {
  const char* address;
  const char* hidden;
};

class AddressTest : public testing::TestWithParam<Case> {};

TEST_P(AddressTest, KeepsWhatIsNoSecret) {
  SecretNames secrets;
  EXPECT_EQ(HiddenInAddress(GetParam().address, "api", secrets), GetParam().hidden);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, AddressTest,
    testing::Values(Case{"https://h/p?a=1", "https://h/p?a=1"}, Case{"", ""}, Case{"?", "?"}, Case{"://", "://"},
                    Case{"https://u:pw12@h:8/p", "https://u:${secret:API_PASSWORD}@h:8/p"},
                    Case{"https://u@h:8/p", "https://u@h:8/p"}, Case{"https://h:8/p@x", "https://h:8/p@x"},
                    Case{"https://u:p@ss@h", "https://u:${secret:API_PASSWORD}@h"},
                    Case{"https://u:${env:A}@h", "https://u:${env:A}@h"},
                    Case{"/p?a=1&token=abcd&b=2", "/p?a=1&token=${secret:API_TOKEN}&b=2"},
                    Case{"/p?token=abcd&token=abcd#f", "/p?token=${secret:API_TOKEN}&token=${secret:API_TOKEN}#f"},
                    Case{"/p?token={parent.id}", "/p?token={parent.id}"}, Case{"/p?token=&x", "/p?token=&x"}));

}  // namespace
}  // namespace leat::imports
