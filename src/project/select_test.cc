#include "project/test_project.h"

namespace leat::project {
namespace {

using Texts = std::vector<std::string>;

class SelectTest : public TestProject {
 protected:
  void SetUp() override {
    Write("models/a.sql", "{{ config(tags=['base']) }} select * from {{ source('shop', 'orders') }}");
    Write("models/b.sql", "select * from {{ ref('a') }}");
    Write("models/marts/c.sql",
          "{{ config(materialized='view', schema='marts', tags=['daily']) }} select * from {{ ref('b') }}");
    Write("models/marts/d.sql", "{{ config(schema='marts', tags=['daily', 'base']) }} select * from {{ ref('a') }}");
    auto project = Read();
    ASSERT_TRUE(project.ok()) << project.error().ToString();
    project_ = std::move(project).value();
  }
  // Models without "model.", the rest as it is, sorted by name.
  Texts Choose(const Texts& selectors) const {
    const auto ids = Select(project_, selectors);
    if (!ids.ok()) return {ids.error().code()};
    Texts names;
    for (const std::string& id : *ids) names.push_back(id.compare(0, 6, "model.") == 0 ? id.substr(6) : id);
    std::sort(names.begin(), names.end());
    return names;
  }
  Project project_;
};

TEST_F(SelectTest, Table) {
  const std::string raw = "source.shop.orders";
  const std::string clean = "structured.shop.orders";
  const std::vector<std::pair<Texts, Texts>> cases = {
      {{"a"}, {"a"}},
      {{"A"}, {"a"}},
      {{"model.a"}, {"a"}},
      {{"trusted.a"}, {"a"}},
      {{"marts.*"}, {"c", "d"}},
      {{"+b"}, {"a", "b", raw, clean}},
      {{"1+b"}, {"a", "b"}},
      {{"b+"}, {"b", "c"}},
      {{"a+1"}, {"a", "b", "d"}},
      {{"a+"}, {"a", "b", "c", "d"}},
      {{"+b+"}, {"a", "b", "c", raw, clean}},
      {{"@b"}, {"a", "b", "c", raw, clean}},
      {{"source:shop"}, {"source.shop.customers", raw, "structured.shop.customers", clean}},
      {{"source:shop.orders"}, {raw, clean}},
      {{"source:shop.orders+"}, {"a", "b", "c", "d", raw, clean}},
      {{"tag:daily"}, {"c", "d"}},
      {{"tag:daily,tag:base"}, {"d"}},
      {{"path:models/marts"}, {"c", "d"}},
      {{"path:models/marts/"}, {"c", "d"}},
      {{"path:models/a.sql"}, {"a"}},
      {{"file:c.sql"}, {"c"}},
      {{"config.materialized:view"}, {"c"}},
      {{"zone:raw"}, {"source.shop.customers", raw}},
      {{"a", "c"}, {"a", "c"}},
      {{"a c"}, {"a", "c"}},
      {{"orders"}, {"PROJ-301"}},
      {{"nothing"}, {"PROJ-301"}},
      {{"tag:dayly"}, {"PROJ-301"}},
      {{"tagg:daily"}, {"PROJ-302"}},
  };
  for (const auto& [selectors, names] : cases) EXPECT_EQ(Choose(selectors), names) << selectors[0];
  EXPECT_EQ(Choose({}).size(), project_.assets.size());
}

TEST_F(SelectTest, NothingBringsTheNearestName) {
  EXPECT_NE(Select(project_, {"tag:dayly"}).error().hint().find("'daily'"), std::string::npos);
  EXPECT_NE(Select(project_, {"orders"}).error().hint().find("source:shop.orders"), std::string::npos);
}

TEST_F(SelectTest, TheOrderIsTheProjects) {
  const auto ids = Select(project_, {"c", "a", "b"});
  ASSERT_TRUE(ids.ok());
  EXPECT_EQ(*ids, (Texts{"model.a", "model.b", "model.c"}));
}

}  // namespace
}  // namespace leat::project
