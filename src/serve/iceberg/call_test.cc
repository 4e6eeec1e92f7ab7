#include "serve/iceberg/call.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "serve/iceberg/prefix.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

TEST(Call, BodiesThatAreNestedTooDeepAreRefusedBeforeParsing) {
  Request request;
  request.body = "{\"a\":" + std::string(255, '[') + std::string(255, ']') + "}";
  EXPECT_TRUE(ParseBody(request).ok());
  request.body = "{\"a\":" + std::string(256, '[') + std::string(256, ']') + "}";
  EXPECT_EQ(ParseBody(request).error().code(), "SERVE-302");
  request.body = "{\"a\":\"" + std::string(1000, '[') + "\\\"[\"}";  // brackets in a string do not count
  EXPECT_TRUE(ParseBody(request).ok());
  for (const char* text : {"", "[]", "{", "{\"a\":1} x", "nul"}) {
    request.body = text;
    EXPECT_FALSE(ParseBody(request).ok()) << text;
  }
}

TEST(Call, PagesFollowEachOtherWithoutGapsOrRepeats) {
  const std::vector<std::string> names = {"b", "a", "e", "d", "c"};
  for (const size_t size : {1u, 2u, 4u, 5u, 9u}) {
    std::vector<std::string> seen;
    Request request;
    request.query["pageSize"] = std::to_string(size);
    request.query["pageToken"] = "";
    for (int page = 0; page < 10; ++page) {
      std::string next;
      const auto names_of_page = Page(request, names, next);
      ASSERT_TRUE(names_of_page.ok());
      EXPECT_LE(names_of_page->size(), size);
      seen.insert(seen.end(), names_of_page->begin(), names_of_page->end());
      if (next.empty()) break;
      request.query["pageToken"] = next;
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"a", "b", "c", "d", "e"})) << size;
  }
}

TEST(Call, WithoutATokenAllComesAtOnce) {
  Request request;
  std::string next;
  request.query["pageSize"] = "1";
  EXPECT_EQ(Page(request, {"b", "a"}, next)->size(), 2u);
  EXPECT_EQ(next, "");
  for (const char* size : {"0", "-1", "x", "1x", "99999999999999999999999"}) {
    request.query["pageSize"] = size;
    EXPECT_EQ(Page(request, {}, next).error().code(), "SERVE-303") << size;
  }
}

TEST(Call, ErrorsHaveTheStatusAndTypeThatClientsActUpon) {
  const struct {
    Error error;
    int status;
    const char* type;
  } cases[] = {
      {Error("SERVE-401", ErrorKind::kNotFound, "x"), 404, "NoSuchNamespaceException"},
      {Error("SERVE-402", ErrorKind::kNotFound, "x"), 404, "NoSuchTableException"},
      {Error("SERVE-404", ErrorKind::kConflict, "x"), 409, "NamespaceNotEmptyException"},
      {Error("LAKE-202", ErrorKind::kExists, "x"), 409, "AlreadyExistsException"},
      {Error("LAKE-301", ErrorKind::kConflict, "x"), 409, "CommitFailedException"},
      {Error("SERVE-203", ErrorKind::kPermission, "x"), 401, "NotAuthorizedException"},
      {Error("SERVE-305", ErrorKind::kPermission, "x"), 403, "ForbiddenException"},
      {Error("X", ErrorKind::kEnvironment, "x"), 503, "ServiceUnavailableException"},
      {Error("X", ErrorKind::kEnvironment, "x").WithRetry(Retry::kUnknownOutcome), 500, "CommitStateUnknownException"},
  };
  for (const auto& c : cases) {
    const Response response = ErrorResponse(c.error);
    const json body = json::parse(*response.body);
    EXPECT_EQ(response.status, c.status) << c.type;
    EXPECT_EQ(body["error"]["code"], c.status);
    EXPECT_EQ(body["error"]["type"], c.type);
  }
}

TEST(Call, NamespacesAreLevelsOnTheWire) {
  EXPECT_EQ(NamespaceJson("a.b"), json::array({"a", "b"}));
  EXPECT_EQ(*NamespaceMember({{"namespace", {"a", "b"}}}), "a.b");
  for (const json& wrong : {json("a"), json::array(), json::array({1}), json::array({""}), json()}) {
    EXPECT_FALSE(NamespaceMember({{"namespace", wrong}}).ok()) << wrong;
  }
}

TEST(Prefix, NamesTheRef) {
  const struct {
    const char* prefix;
    const char* ref;
  } cases[] = {
      {"lake", "main"},
      {"lake~env~dev", "env/dev"},
      {"lake~env~.4d.79.5f.45nv", "env/My_Env"},
      {"lake~tag~v1.2e2", "tag/v1.2"},
      {"lake~run~01970000-0000-7000-8000-000000000000", "run/01970000-0000-7000-8000-000000000000"},
      {"lake~c~1234", "commit/1234"},
  };
  for (const auto& c : cases) {
    const auto ref = RefTextOfPrefix("lake", c.prefix);
    ASSERT_TRUE(ref.ok()) << c.prefix;
    EXPECT_EQ(*ref, c.ref);
  }
  for (const char* wrong : {"", "other", "lake~", "lake~env", "lake~env~", "lake~x~y", "Lake"}) {
    const auto ref = RefTextOfPrefix("lake", wrong);
    ASSERT_FALSE(ref.ok()) << wrong;
    EXPECT_EQ(ref.error().code(), "SERVE-301");
  }
}

}  // namespace
}  // namespace leat::serve::iceberg
