#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/secret.h"
#include "config/tree.h"

namespace leat::config {
namespace {

class RenderTest : public testing::Test {
 protected:
  RenderTest() : root_(testing::TempDir() + "leat-render-" + NewUuidV4()) {
    std::filesystem::create_directories(root_);
  }
  ~RenderTest() override { std::filesystem::remove_all(root_); }
  void Write(const std::string& name, const std::string& text) { std::ofstream(root_ + "/" + name) << text; }
  std::string root_;
};

TEST_F(RenderTest, ShowsLineCaretAndHint) {
  Write("orders.yml", "a: 1\n    tabel: public.orders\n");
  const Error error = MakeError("CFG-104", ErrorKind::kConfig, "unknown field 'tabel' in source 'orders' (postgres)")
                          .WithHint("did you mean 'table'?\nallowed here: connection, table")
                          .At({"orders.yml", 2, 5, 5});
  EXPECT_EQ(RenderError(error, root_, false),
            "error CFG-104: unknown field 'tabel' in source 'orders' (postgres)\n"
            "  orders.yml:2:5\n"
            "  2 |     tabel: public.orders\n"
            "    |     ^^^^^ did you mean 'table'?\n"
            "  allowed here: connection, table\n");
}

TEST_F(RenderTest, TabsAndWideCharactersKeepTheCaretRight) {
  Write("a.yml", "\t日本 tabel\n");
  const Error error = MakeError("X-1", ErrorKind::kConfig, "m").At({"a.yml", 1, 5, 5});
  EXPECT_EQ(RenderError(error, root_, false),
            "error X-1: m\n"
            "  a.yml:1:5\n"
            "  1 |     日本 tabel\n"
            "    |          ^^^^^\n");
}

TEST_F(RenderTest, LongLinesAreCutAroundTheSpan) {
  Write("a.yml", std::string(500, 'x') + "HERE" + std::string(500, 'y') + "\n");
  const std::string out = RenderError(MakeError("X-1", ErrorKind::kConfig, "m").At({"a.yml", 1, 501, 4}), root_, false);
  const size_t line = out.find("1 |");
  const size_t caret = out.find('^');
  ASSERT_NE(caret, std::string::npos);
  EXPECT_LT(out.size(), 500u);
  EXPECT_NE(out.find("HERE"), std::string::npos);
  // Same column in both lines: "…" is three bytes but one column.
  const size_t shown_at = out.find("HERE") - line - 2;
  const size_t caret_at = caret - out.rfind('\n', caret) - 1 - 2;
  EXPECT_EQ(shown_at, caret_at);
}

TEST_F(RenderTest, WithoutTheFileThePlaceIsStillShown) {
  const std::string out =
      RenderError(MakeError("X-1", ErrorKind::kConfig, "m").WithHint("h").At({"gone.yml", 3, 1, 1}), root_, false);
  EXPECT_EQ(out, "error X-1: m\n  gone.yml:3:1\n  h\n");
}

TEST_F(RenderTest, AllErrorsAreShownAndCounted) {
  Findings findings;
  findings.Add(MakeError("X-2", ErrorKind::kConfig, "second").At({"b.yml", 2, 1, 1}));
  findings.Add(MakeError("X-1", ErrorKind::kConfig, "first").At({"a.yml", 9, 1, 1}));
  const std::string out = RenderError(findings.ToError(), root_, false);
  EXPECT_LT(out.find("first"), out.find("second"));
  EXPECT_NE(out.find("2 errors"), std::string::npos);
  const auto json = nlohmann::json::parse(ErrorToJson(findings.ToError()));
  EXPECT_EQ(json["code"], "X-1");
  EXPECT_EQ(json["line"], 9);
  ASSERT_EQ(json["others"].size(), 1u);
  EXPECT_EQ(json["others"][0]["code"], "X-2");
}

TEST_F(RenderTest, ColoursOnlyWhenAsked) {
  const Error error = MakeError("X-1", ErrorKind::kConfig, "m");
  EXPECT_EQ(RenderError(error, root_, false).find('\x1b'), std::string::npos);
  EXPECT_NE(RenderError(error, root_, true).find('\x1b'), std::string::npos);
}

TEST_F(RenderTest, SecretsInTheShownLineAreMasked) {
  RegisterSecret("hunter2-render");
  Write("a.yml", "password: hunter2-render\n");
  const std::string out = RenderError(MakeError("X-1", ErrorKind::kConfig, "m").At({"a.yml", 1, 1, 8}), root_, false);
  EXPECT_EQ(out.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace leat::config
