#include "data/json_path.h"

#include <gtest/gtest.h>

#include "base/json_quoted.h"
#include "data/json_scan.h"

namespace leat::data {
namespace {

TEST(JsonScan, SoundAndBroken) {
  for (const char* text : {"{}", "[]", " [1, -0.5, 1e9, \"a\\n\\u00e9\", true, null, {\"a\":[{}]}] ", "0", "\"\""}) {
    JsonScanner scanner(text);
    std::string_view value;
    EXPECT_TRUE(scanner.TakeSoundValue(value) && scanner.AtEnd()) << text;
  }
  for (const char* text : {"", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "[1}", "01", "1.", "+1", "tru", "\"a", "\"\\x\"",
                           "\"a\nb\"", "{a:1}", "[1] 2", "nan", "--1", "1e", "{\"a\":1]"}) {
    JsonScanner scanner(text);
    std::string_view value;
    EXPECT_FALSE(scanner.TakeSoundValue(value) && scanner.AtEnd()) << text;
  }
  const std::string deep = std::string(1'000, '[') + std::string(1'000, ']');
  std::string_view value;
  EXPECT_FALSE(JsonScanner(deep).TakeSoundValue(value));
}

TEST(JsonScan, QuotedComesBack) {
  const std::string odd = std::string("a\"b\\c\n\t\x01", 8) + "é\xF0\x9F\x98\x80";
  std::string back;
  ASSERT_TRUE(JsonValueText(JsonQuoted(odd), back));
  EXPECT_EQ(back, odd);
}

std::string FindIn(const std::string& path, std::string_view json) {
  auto parsed = JsonPath::Parse(path);
  if (!parsed.ok()) return parsed.error().code();
  const auto found = parsed.value().Find(json);
  return found ? std::string(*found) : "(none)";
}

TEST(JsonPath, Find) {
  const char* json = R"({"a": {"b c": [10, {"d": "x"}], "é": 1.50}, "e\u0066": null})";
  const struct {
    const char *path, *expected;
  } kCases[] = {{"$", R"({"a": {"b c": [10, {"d": "x"}], "é": 1.50}, "e\u0066": null})"},
                {"$.a.é", "1.50"},
                {"a['b c'][0]", "10"},
                {"$.a['b c'][1].d", "\"x\""},
                {"$.a['b c'][2]", "(none)"},
                {"ef", "null"},
                {"$.x.y", "(none)"},
                {"$a", "DATA-120"},
                {"a.", "DATA-120"},
                {"a[", "DATA-120"},
                {"a[x]", "DATA-120"},
                {"a..b", "DATA-120"}};
  for (const auto& test : kCases) EXPECT_EQ(FindIn(test.path, json), test.expected) << test.path;
}

/// "outcome: record (value of `field`) …"
std::string Records(const std::string& path, const std::string& field, std::string_view json) {
  const auto parsed = JsonPath::Parse(path);
  const auto other = JsonPath::Parse(field);
  std::string text;
  const auto outcome = parsed.value().Each(json, [&](const JsonPath::Chain& chain) {
    const auto found = other.value().FindFor(chain);
    text += " " + std::string(chain.back()) + "(" + (found ? std::string(*found) : "-") + ")";
    return Ok();
  });
  const char* names[] = {"found", "absent", "malformed"};
  return names[static_cast<int>(outcome.value())] + (":" + text);
}

TEST(JsonPath, RecordsAndWhatIsAroundThem) {
  const char* json = R"({"n":7,"data":[{"id":1,"lines":[{"x":1},{"x":2}]},{"id":2,"lines":[]},{"id":3,"lines":null}]})";
  EXPECT_EQ(Records("$.data", "id", json),
            R"(found: {"id":1,"lines":[{"x":1},{"x":2}]}(1) {"id":2,"lines":[]}(2) {"id":3,"lines":null}(3))");
  EXPECT_EQ(Records("$.data[*].lines", "^.id", json), R"(found: {"x":1}(1) {"x":2}(1))");
  EXPECT_EQ(Records("$.data[*].lines[*]", "$.n", json), R"(found: {"x":1}(7) {"x":2}(7))");
  EXPECT_EQ(Records("$.data[0]", "^.n", json), R"(found: {"id":1,"lines":[{"x":1},{"x":2}]}(7))");
  EXPECT_EQ(Records("$.none", "id", json), "absent:");
  EXPECT_EQ(Records("$.data[*].none", "id", json), "absent:");
  EXPECT_EQ(Records("$", "^^^.id", "[1,2]"), "found: 1(-) 2(-)");
  EXPECT_EQ(Records("$", "id", "{\"id\":1"), "malformed:");
  EXPECT_EQ(Records("$.a", "id", "{\"a\":null}"), "found:");
}

}  // namespace
}  // namespace leat::data
