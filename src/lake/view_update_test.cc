#include "lake/view_update.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace leat::lake {
namespace {

using nlohmann::json;

json Schema(const std::string& column) {
  return {{"type", "struct"},
          {"schema-id", 0},
          {"fields", json::array({{{"id", 1}, {"name", column}, {"type", "long"}, {"required", false}}})}};
}

json Version(json representations, int schema_id = -1) {
  return {{"version-id", 1},
          {"timestamp-ms", 1'700'000'000'000},
          {"schema-id", schema_id},
          {"summary", {{"engine-name", "test"}}},
          {"default-namespace", {"shop"}},
          {"representations", std::move(representations)}};
}

json Text(const std::string& dialect, const std::string& sql) {
  return {{"type", "sql"}, {"sql", sql}, {"dialect", dialect}};
}

json Replacement(const json& version, const std::string& column = "a") {
  return json::array({{{"action", "add-schema"}, {"schema", Schema(column)}},
                      {{"action", "add-view-version"}, {"view-version", version}},
                      {{"action", "set-current-view-version"}, {"view-version-id", -1}}});
}

constexpr TimeMicros kNow = 1'800'000'000'000'000;

Result<ViewMetadata> Apply(const json& updates, const ViewMetadata* base) {
  auto parsed = ParseViewUpdates(updates);
  if (!parsed.ok()) return std::move(parsed).error();
  return ApplyViewUpdates(*parsed, base, kNow);
}

ViewMetadata Made() {
  json updates = Replacement(Version(json::array({Text("duckdb", "select 1 as a")})));
  updates.push_back({{"action", "assign-uuid"}, {"uuid", "11111111-0000-4000-8000-000000000000"}});
  updates.push_back({{"action", "set-location"}, {"location", "file:///w/shop/v-1/"}});
  auto made = Apply(updates, nullptr);
  EXPECT_TRUE(made.ok()) << made.error().ToString();
  return *made;
}

std::string Code(const json& updates, const ViewMetadata* base) {
  const auto applied = Apply(updates, base);
  return applied.ok() ? "ok" : applied.error().code();
}

TEST(ViewUpdateTest, ANewViewHasOneVersionAndItsLog) {
  const ViewMetadata view = Made();
  EXPECT_EQ(view.location, "file:///w/shop/v-1");
  ASSERT_EQ(view.versions.size(), 1u);
  EXPECT_EQ(view.current_version_id, 1);
  EXPECT_EQ(view.current_version()->schema_id, 0);
  ASSERT_EQ(view.version_log.size(), 1u);
  EXPECT_EQ(view.version_log[0].timestamp_ms, 1'700'000'000'000);
  ASSERT_NE(view.current_version()->FindDialect("DuckDB"), nullptr);
  EXPECT_EQ(view.current_version()->FindDialect("spark"), nullptr);
}

TEST(ViewUpdateTest, MetadataIsReadAsItIsWritten) {
  ViewMetadata view = Made();
  view.properties["comment"] = "it says \"hello\"\n";
  view.versions[0].default_catalog = "lake";
  const std::string text = FormatViewMetadata(view);
  const auto read = ParseViewMetadata(text);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  EXPECT_EQ(FormatViewMetadata(*read), text);
  EXPECT_EQ(ParseViewMetadata("{}").error().code(), "LAKE-101");
  EXPECT_EQ(ParseViewMetadata("no json").error().code(), "LAKE-101");
  json newer = json::parse(text);
  newer["format-version"] = 2;
  EXPECT_EQ(ParseViewMetadata(newer.dump()).error().code(), "LAKE-102");
  json lost = json::parse(text);
  lost["current-version-id"] = 7;
  EXPECT_EQ(ParseViewMetadata(lost.dump()).error().code(), "LAKE-101");
}

TEST(ViewUpdateTest, ReplacementsGetTheNextIdAndTheSameTextsTheOldOne) {
  const ViewMetadata first = Made();
  const json texts = json::array({Text("duckdb", "select 2 as b"), Text("spark", "select 2 b")});
  const auto second = Apply(Replacement(Version(texts), "b"), &first);
  ASSERT_TRUE(second.ok()) << second.error().ToString();
  EXPECT_EQ(second->current_version_id, 2);
  EXPECT_EQ(second->current_version()->schema_id, 1);
  EXPECT_EQ(second->uuid, first.uuid);
  EXPECT_EQ(second->version_log.size(), 2u);
  const auto again = Apply(Replacement(Version(texts), "b"), &*second);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(FormatViewMetadata(*again), FormatViewMetadata(*second));
}

TEST(ViewUpdateTest, ADialectIsNotLostUnlessThatIsAllowed) {
  const ViewMetadata first = Made();
  const json spark_only = Replacement(Version(json::array({Text("spark", "select 1 a")})));
  EXPECT_EQ(Code(spark_only, &first), "LAKE-105");
  json allowed = spark_only;
  allowed.push_back({{"action", "set-properties"}, {"updates", {{"replace.drop-dialect.allowed", "true"}}}});
  EXPECT_EQ(Code(allowed, &first), "ok");
}

TEST(ViewUpdateTest, OldVersionsGoAndTheLogHasNoGaps) {
  ViewMetadata view = Made();
  view.properties["version.history.num-entries"] = "3";
  for (int i = 2; i < 8; ++i) {
    const auto next = Apply(Replacement(Version(json::array({Text("duckdb", "select " + std::to_string(i))}))), &view);
    ASSERT_TRUE(next.ok()) << next.error().ToString();
    view = *next;
  }
  ASSERT_EQ(view.versions.size(), 3u);
  EXPECT_EQ(view.versions.front().id, 5);
  ASSERT_EQ(view.version_log.size(), 3u);
  EXPECT_EQ(view.version_log.front().version_id, 5);
  const auto back = Apply(json::array({{{"action", "set-current-view-version"}, {"view-version-id", 5}}}), &view);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->current_version_id, 5);
  EXPECT_EQ(back->version_log.back().timestamp_ms, kNow / 1000);
  view.properties["version.history.num-entries"] = "none";
  EXPECT_EQ(Code(json::array(), &view), "LAKE-105");
}

TEST(ViewUpdateTest, WhatCannotBeApplied) {
  const ViewMetadata view = Made();
  const auto one = [](json update) { return json::array({std::move(update)}); };
  EXPECT_EQ(Code(one({{"action", "assign-uuid"}, {"uuid", "other"}}), &view), "LAKE-105");
  EXPECT_EQ(Code(one({{"action", "assign-uuid"}, {"uuid", view.uuid}}), &view), "ok");
  EXPECT_EQ(Code(one({{"action", "upgrade-format-version"}, {"format-version", 2}}), &view), "LAKE-102");
  EXPECT_EQ(Code(one({{"action", "upgrade-format-version"}, {"format-version", 1}}), &view), "ok");
  EXPECT_EQ(Code(one({{"action", "set-current-view-version"}, {"view-version-id", 9}}), &view), "LAKE-105");
  EXPECT_EQ(Code(one({{"action", "set-current-view-version"}, {"view-version-id", -1}}), &view), "LAKE-105");
  EXPECT_EQ(Code(one({{"action", "add-snapshot"}, {"snapshot", json::object()}}), &view), "LAKE-101");
  EXPECT_EQ(Code(one({{"action", "set-current-schema"}, {"schema-id", 0}}), &view), "LAKE-104");
  EXPECT_EQ(Code(one({{"action", "no-such"}}), &view), "LAKE-104");
  const auto version = [&one](json texts, int schema) {
    return one({{"action", "add-view-version"}, {"view-version", Version(std::move(texts), schema)}});
  };
  EXPECT_EQ(Code(version(json::array({Text("duckdb", "a")}), -1), &view), "LAKE-105");
  EXPECT_EQ(Code(version(json::array({Text("duckdb", "a")}), 5), &view), "LAKE-105");
  EXPECT_EQ(Code(version(json::array(), 0), &view), "LAKE-105");
  EXPECT_EQ(Code(version(json::array({Text("duckdb", "a"), Text("DUCKDB", "b")}), 0), &view), "LAKE-105");
  EXPECT_EQ(Code(version(json::array({{{"type", "plan"}, {"sql", "a"}, {"dialect", "d"}}}), 0), &view), "LAKE-104");
  EXPECT_EQ(Code(json::array(), nullptr), "LAKE-105");
}

TEST(ViewUpdateTest, RequirementsNameTheUuid) {
  const ViewMetadata view = Made();
  const auto held = ParseViewRequirements(json::array({{{"type", "assert-view-uuid"}, {"uuid", view.uuid}}}));
  ASSERT_TRUE(held.ok());
  EXPECT_TRUE(CheckViewRequirements(*held, view).ok());
  const auto other = ParseViewRequirements(json::array({{{"type", "assert-view-uuid"}, {"uuid", "x"}}}));
  EXPECT_EQ(CheckViewRequirements(*other, view).error().code(), "LAKE-301");
  EXPECT_EQ(ParseViewRequirements(json::array({{{"type", "assert-create"}}})).error().code(), "LAKE-104");
  EXPECT_EQ(ParseViewRequirements(json::object()).error().code(), "LAKE-104");
}

}  // namespace
}  // namespace leat::lake
