#include "serve/access.h"

#include <gtest/gtest.h>

namespace leat::serve {
namespace {

Request With(std::map<std::string, std::string> headers) {
  Request request;
  request.headers = std::move(headers);
  return request;
}

TEST(Access, WithoutTokensOnlyLoopbackNamesAreServed) {
  const struct {
    std::string host, origin;
    bool admitted;
  } cases[] = {
      {"127.0.0.1:8080", "", true},
      {"localhost", "", true},
      {"LOCALHOST:1", "", true},
      {"[::1]:8080", "http://localhost:8080", true},
      {"", "", false},
      {"evil.example", "", false},
      {"127.0.0.1.evil.example", "", false},
      {"localhost:8080@evil", "", false},
      {"127.0.0.1:8080", "http://evil.example", false},
      {"127.0.0.1:8080", "http://localhost.evil.example", false},
      {"127.0.0.1:8080", "null", false},
  };
  const Gatekeeper open(nullptr);
  for (const auto& c : cases) {
    auto headers = std::map<std::string, std::string>{{"host", c.host}};
    if (!c.origin.empty()) headers["origin"] = c.origin;
    const auto identity = open.Admit(With(headers));
    EXPECT_EQ(identity.ok(), c.admitted) << c.host << " " << c.origin;
    if (!identity.ok()) {
      EXPECT_EQ(identity.error().code(), "SERVE-204");
    }
  }
}

}  // namespace
}  // namespace leat::serve
