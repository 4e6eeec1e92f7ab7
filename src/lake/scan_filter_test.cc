#include "lake/scan_filter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lake/table_fixture.h"

namespace leat::lake {
namespace {

using nlohmann::json;
using test::Names;
using test::TableFixture;

class ScanFilterTest : public ::testing::Test {
 protected:
  /// Three files: a with ids 0-9 of eu, b with 10-19 of us, c with 20-29 of za.
  ScanFilterTest() {
    Append change;
    change.files = {lake_.File("a", 0, 10, "eu"), lake_.File("b", 10, 10, "us"), lake_.File("c", 20, 10, "za")};
    lake_.table() = lake_.Apply(lake_.table(), change);
  }

  Names Files(const json& expression, bool case_sensitive = true) {
    const auto filter = ScanFilterFromJson(expression, lake_.table().current_schema(), case_sensitive);
    if (!filter.ok()) return {filter.error().code()};
    const auto plan = PlanFilteredScan(lake_.files(), lake_.table(), lake_.table().current_snapshot(), *filter);
    EXPECT_TRUE(plan.ok()) << plan.error().ToString();
    Names names;
    for (const ScanFile& file : plan->files) names.push_back(TableFixture::Name(file.file));
    std::sort(names.begin(), names.end());
    return names;
  }

  static json Is(const char* type, const json& value, const char* column = "id") {
    return {{"type", type}, {"term", column}, {"value", value}};
  }
  static json Not(const json& child) { return {{"type", "not"}, {"child", child}}; }
  static json Both(const char* type, const json& left, const json& right) {
    return {{"type", type}, {"left", left}, {"right", right}};
  }

  TableFixture lake_;
};

TEST_F(ScanFilterTest, EveryKindOfExpression) {
  const Names all = {"a", "b", "c"};
  EXPECT_EQ(Files({{"type", "true"}}), all);
  EXPECT_EQ(Files({{"type", "false"}}), Names{});
  EXPECT_EQ(Files(true), all);
  EXPECT_EQ(Files(Not(true)), Names{});
  EXPECT_EQ(Files(Is("eq", 12)), (Names{"b"}));
  EXPECT_EQ(Files(Is("not-eq", 12)), all);
  EXPECT_EQ(Files(Not(Is("not-eq", 12))), (Names{"b"}));
  EXPECT_EQ(Files(Is("lt", 10)), (Names{"a"}));
  EXPECT_EQ(Files(Is("lt-eq", 10)), (Names{"a", "b"}));
  EXPECT_EQ(Files(Is("gt", 19)), (Names{"c"}));
  EXPECT_EQ(Files(Is("gt-eq", 19)), (Names{"b", "c"}));
  EXPECT_EQ(Files(Not(Is("lt", 20))), (Names{"c"}));
  EXPECT_EQ(Files({{"type", "in"}, {"term", "id"}, {"values", {1, 25}}}), (Names{"a", "c"}));
  EXPECT_EQ(Files({{"type", "in"}, {"term", "id"}, {"values", json::array()}}), Names{});
  EXPECT_EQ(Files({{"type", "not-in"}, {"term", "id"}, {"values", {1, 25}}}), all);
  EXPECT_EQ(Files(Not({{"type", "not-in"}, {"term", "id"}, {"values", {1}}})), (Names{"a"}));
  EXPECT_EQ(Files({{"type", "is-null"}, {"term", "id"}}), Names{});
  EXPECT_EQ(Files({{"type", "not-null"}, {"term", "id"}}), all);
  EXPECT_EQ(Files({{"type", "is-nan"}, {"term", "id"}}), all);
  EXPECT_EQ(Files(Is("starts-with", "u", "region")), (Names{"b"}));
  EXPECT_EQ(Files(Is("starts-with", "", "region")), all);
  EXPECT_EQ(Files(Is("not-starts-with", "u", "region")), all);
  EXPECT_EQ(Files({{"type", "eq"},
                   {"term", {{"type", "transform"}, {"transform", "bucket[4]"}, {"term", "id"}}},
                   {"value", 1}}),
            all);
  EXPECT_EQ(Files({{"type", "eq"}, {"term", {{"type", "reference"}, {"term", "id"}}}, {"value", 1}}), (Names{"a"}));
}

TEST_F(ScanFilterTest, AndOrNot) {
  EXPECT_EQ(Files(Both("and", Is("gt", 5), Is("eq", "us", "region"))), (Names{"b"}));
  EXPECT_EQ(Files(Both("or", Is("eq", 5), Is("eq", "za", "region"))), (Names{"a", "c"}));
  EXPECT_EQ(Files(Not(Both("or", Is("lt", 10), Is("gt", 19)))), (Names{"b"}));
  EXPECT_EQ(Files(Not(Both("and", Is("gt-eq", 10), Is("gt-eq", 0)))), (Names{"a"}));
  EXPECT_EQ(Files(Both("and", Both("or", Is("eq", 1), Is("eq", 11)), Both("or", Is("eq", "us", "region"), false))),
            (Names{"b"}));
  // More alternatives than are worth it: all files, not an error, and not for ever.
  json wide = Is("eq", 1);
  for (int i = 0; i < 150; ++i) wide = Both("or", wide, Is("eq", i));
  EXPECT_EQ(Files(wide).size(), 3u);
  json product = Both("or", Is("eq", 1), Is("eq", 2));
  for (int i = 0; i < 60; ++i) product = Both("and", product, Both("or", Is("eq", 1), Is("eq", 2)));
  EXPECT_EQ(Files(product), (Names{"a"}));
}

TEST_F(ScanFilterTest, NamesWithAndWithoutCase) {
  EXPECT_EQ(Files(Is("eq", 1, "ID")), (Names{"LAKE-120"}));
  EXPECT_EQ(Files(Is("eq", 1, "ID"), /*case_sensitive=*/false), (Names{"a"}));
}

TEST_F(ScanFilterTest, WhatIsWrong) {
  json deep = Is("eq", 1);
  for (int i = 0; i < 300; ++i) deep = Not(deep);
  for (const json& wrong :
       {json(1), json("x"), json::object(), json{{"type", 1}}, json{{"type", "no-such"}, {"term", "id"}},
        Is("eq", 1, "none"), Is("eq", "x"), Is("eq", 1.5), Is("eq", nullptr), Is("starts-with", 1),
        json{{"type", "eq"}, {"value", 1}}, json{{"type", "in"}, {"term", "id"}, {"values", 1}}, json{{"type", "not"}},
        json{{"type", "and"}, {"left", true}}, deep}) {
    EXPECT_EQ(Files(wrong), (Names{"LAKE-120"})) << wrong;
  }
}

TEST_F(ScanFilterTest, FieldsByTheirFullNames) {
  data::Schema schema;
  const auto text = data::Primitive(data::TypeId::kString);
  schema.fields = {
      {.id = 1, .name = "a.b", .type = text},
      {.id = 2, .name = "a", .type = data::Struct({{.id = 3, .name = "c", .type = text}})},
      {.id = 4,
       .name = "l",
       .type = data::List({.id = 5, .name = "element", .type = data::Struct({{.id = 6, .name = "x", .type = text}})})}};
  const auto id = [&schema](const char* name) {
    const data::Field* field = FindField(schema, name, true);
    return field == nullptr ? 0 : field->id;
  };
  EXPECT_EQ(id("a.b"), 1);
  EXPECT_EQ(id("a.c"), 3);
  EXPECT_EQ(id("l.element.x"), 6);
  EXPECT_EQ(id("l.x"), 0);
  EXPECT_EQ(id("a."), 0);
}

TEST_F(ScanFilterTest, AppendsBetweenSnapshots) {
  const int64_t first = lake_.table().current_snapshot()->id;
  Append append;
  append.files = {lake_.File("d", 30, 10)};
  lake_.table() = lake_.Apply(lake_.table(), append);
  append.files = {lake_.File("e", 40, 10)};
  lake_.table() = lake_.Apply(lake_.table(), append);
  const Snapshot last = *lake_.table().current_snapshot();
  const auto since = [&](int64_t from, const Snapshot& to, const ScanFilter& filter) {
    const auto plan = PlanAppends(lake_.files(), lake_.table(), from, to, filter);
    if (!plan.ok()) return Names{plan.error().code()};
    Names names;
    for (const ScanFile& file : plan->files) names.push_back(TableFixture::Name(file.file));
    return names;
  };
  EXPECT_EQ(since(first, last, {{}}), (Names{"d", "e"}));
  EXPECT_EQ(since(*last.parent_id, last, {{}}), (Names{"e"}));
  EXPECT_EQ(since(last.id, last, {{}}), Names{});
  EXPECT_EQ(since(first, last, {}), Names{});
  EXPECT_EQ(since(first, last, *ScanFilterFromJson(Is("lt", 35), lake_.table().current_schema(), true)), (Names{"d"}));
  EXPECT_EQ(since(last.id, *lake_.table().FindSnapshot(first), {{}}), (Names{"LAKE-122"}));
}

}  // namespace
}  // namespace leat::lake
