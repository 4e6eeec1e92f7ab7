#include "data/json_member.h"

#include <gtest/gtest.h>

namespace leat::data {
namespace {

std::string Find(std::string_view line, std::string_view key) {
  std::string text;
  switch (FindJsonMember(line, key, text)) {
    case JsonMember::kAbsent: return "<absent>";
    case JsonMember::kNull: return "<null>";
    case JsonMember::kMalformed: return "<malformed>";
    case JsonMember::kText: return text;
  }
  return "";
}

TEST(JsonMember, Cases) {
  const struct {
    std::string_view line, key, expected;
  } cases[] = {
      {R"({"a":0.10,"b":12345678901234567.89})", "a", "0.10"},
      {R"({"a":0.10,"b":12345678901234567.89})", "b", "12345678901234567.89"},
      {R"( { "a" : "x" , "b" : true } )", "b", "true"},
      {R"({"a":"say \"hi\"\n\u00e9\ud83d\ude00"})", "a", "say \"hi\"\né😀"},
      {R"({"n":{"a":1},"a":2})", "a", "2"},
      {R"({"n":{"s":"}\"]"},"l":[1,{"x":[2]}]})", "l", R"([1,{"x":[2]}])"},
      {R"({"a":null})", "a", "<null>"},
      {R"({"a":1})", "b", "<absent>"},
      {R"({})", "b", "<absent>"},
      {R"({"a":1,"a":2})", "a", "1"},
      {R"({"caf\u00e9":1})", "café", "1"},
      {R"({"a":1)", "b", "<malformed>"},
      {R"([1])", "a", "<malformed>"},
      {R"({"a":"cut)", "a", "<malformed>"},
      {R"({"a":"\ud83d"})", "a", "<malformed>"},
      {R"({"a":})", "a", "<malformed>"},
      {"", "a", "<malformed>"},
  };
  for (const auto& c : cases) EXPECT_EQ(Find(c.line, c.key), c.expected) << c.line << " " << c.key;
}

}  // namespace
}  // namespace leat::data
