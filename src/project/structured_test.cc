#include "project/structured.h"

#include <nlohmann/json.hpp>

#include "project/test_project.h"
#include "sql/engine.h"

namespace leat::project {
namespace {

using data::TypeId;

class StructuredTest : public TestProject {
 protected:
  void SetUp() override {
    sql::EngineOptions options;
    options.private_folder = root_ + "/.leat/engine";
    options.memory_limit_bytes = 256 << 20;
    options.threads = 1;
    engine_ = sql::Engine::Open(options).value();
    db_ = engine_->Connect().value();
    Run("ATTACH ':memory:' AS lake");
    Run("CREATE SCHEMA lake.raw_shop");
  }
  void Run(const std::string& sql) const {
    const auto status = db_->Execute(sql);
    ASSERT_TRUE(status.ok()) << status.error().ToString();
  }
  static data::Schema Columns(std::vector<std::pair<std::string, TypeId>> columns) {
    data::Schema schema;
    for (const char* name : {"_loaded_at", "_batch_id", "_source_file", "_source_row"}) {
      columns.emplace_back(name, std::string(name) == "_loaded_at"    ? TypeId::kTimestampTz
                                 : std::string(name) == "_source_row" ? TypeId::kLong
                                                                      : TypeId::kString);
    }
    for (auto& [name, type] : columns) {
      data::Field field;
      field.name = name;
      field.type = data::Primitive(type);
      schema.fields.push_back(std::move(field));
    }
    return schema;
  }
  void MakeRaw(const std::string& columns, const std::string& rows) const {
    Run("CREATE OR REPLACE TABLE lake.raw_shop.orders (" + columns +
        ", _loaded_at TIMESTAMPTZ, _batch_id VARCHAR, _source_file VARCHAR, _source_row BIGINT)");
    Run("INSERT INTO lake.raw_shop.orders SELECT *, '2026-01-01'::TIMESTAMPTZ, 'b', 'f.csv', 1 FROM (VALUES " + rows +
        ")");
  }
  Result<StructuredSql> Make(const data::Schema& raw) const {
    const auto project = Read();
    if (!project.ok()) return project.error();
    return StructuredSelect(*project, *project->Find("structured.shop.orders"), raw);
  }
  std::unique_ptr<sql::Engine> engine_;
  std::unique_ptr<sql::Connection> db_;
};

TEST_F(StructuredTest, CleansNamesAndAddsAuditColumns) {
  MakeRaw("id BIGINT, \"Tail Num.\" VARCHAR, \"tail-num\" VARCHAR, \"_op\" VARCHAR", "(1, 'x', 'y', 'z')");
  const auto made = Make(Columns({{"id", TypeId::kLong},
                                  {"Tail Num.", TypeId::kString},
                                  {"tail-num", TypeId::kString},
                                  {"_op", TypeId::kString}}));
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  const auto columns = db_->Describe(made->select);
  ASSERT_TRUE(columns.ok()) << columns.error().ToString();
  std::string names;
  for (const auto& column : *columns) names += column.name + " ";
  EXPECT_EQ(names, "id Tail_Num tail_num_2 _op_2 _loaded_at _batch_id _source_file _op _row_hash ");
  EXPECT_EQ(made->properties.at("leat.run-bound"), "_loaded_at,_batch_id");
  const auto mapping = nlohmann::json::parse(made->properties.at("leat.column-mapping"));
  EXPECT_EQ(mapping["tail_num_2"], "tail-num");
  EXPECT_FALSE(mapping.contains("id"));
  const auto rows = db_->Query(made->select);
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  EXPECT_EQ(rows->At(0, 7), "insert");
}

TEST_F(StructuredTest, LocalTimesBecomeUtc) {
  Write("sources/shop.yml",
        "source: shop\ntables:\n  - name: orders\n    files: o.csv\n    update_key: seen\n    structured:\n      "
        "columns:\n"
        "        - { name: seen, time_zone: America/New_York }\n"
        "        - { name: said, time_zone: America/New_York, format: '%d.%m.%Y %H:%M' }\n"
        "        - { name: utc, time_zone: America/New_York }\n"
        "        - { name: id, rename_to: order_id }\n");
  MakeRaw("id BIGINT, seen TIMESTAMP, said VARCHAR, utc TIMESTAMPTZ",
          "(1, TIMESTAMP '2013-07-01 08:00:00', '01.02.2013 08:00', TIMESTAMPTZ '2013-07-01 08:00:00Z')");
  const auto made = Make(Columns(
      {{"id", TypeId::kLong}, {"seen", TypeId::kTimestamp}, {"said", TypeId::kString}, {"utc", TypeId::kTimestampTz}}));
  ASSERT_TRUE(made.ok()) << made.error().ToString();
  const auto rows = db_->Query(
      "SELECT order_id, epoch_us(seen), epoch_us(said), epoch_us(utc), epoch_us(_source_ts), typeof(seen) FROM (" +
      made->select + ")");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  const auto at = [](const char* text) { return std::to_string(ParseTime(text).value()); };
  EXPECT_EQ(rows->At(0, 1), at("2013-07-01T12:00:00Z"));
  EXPECT_EQ(rows->At(0, 2), at("2013-02-01T13:00:00Z"));
  EXPECT_EQ(rows->At(0, 3), at("2013-07-01T08:00:00Z"));
  EXPECT_EQ(rows->At(0, 4), at("2013-07-01T12:00:00Z"));
  EXPECT_EQ(rows->At(0, 5), "TIMESTAMP WITH TIME ZONE");
}

TEST_F(StructuredTest, RowHashesTellRowsApartAndStandStill) {
  MakeRaw("a VARCHAR, b VARCHAR",
          "('x', NULL), ('x', ''), (NULL, 'x'), ('', 'x'), ('x1:', 'y'), ('x', '1:y'), ('x', 'y'), ('-', '-')");
  const auto made = Make(Columns({{"a", TypeId::kString}, {"b", TypeId::kString}}));
  ASSERT_TRUE(made.ok());
  const auto distinct = db_->Query(
      "SELECT count(DISTINCT _row_hash), count(*) FILTER (WHERE _row_hash IS NULL) FROM (" + made->select + ")");
  ASSERT_TRUE(distinct.ok()) << distinct.error().ToString();
  EXPECT_EQ(distinct->At(0, 0), "8");
  EXPECT_EQ(distinct->At(0, 1), "0");
  const auto before = db_->Query("SELECT string_agg(_row_hash, ',' ORDER BY _row_hash) FROM (" + made->select + ")");
  Run("UPDATE lake.raw_shop.orders SET _loaded_at = '2027-01-01'::TIMESTAMPTZ, _batch_id = 'other', _source_row = 9");
  const auto after = db_->Query("SELECT string_agg(_row_hash, ',' ORDER BY _row_hash) FROM (" + made->select + ")");
  EXPECT_EQ(before->At(0, 0), after->At(0, 0));
}

TEST_F(StructuredTest, ColumnsThatRawDoesNotHaveAreRefused) {
  const std::string head =
      "source: shop\ntables:\n  - name: orders\n    files: o.csv\n    structured:\n      columns:\n        - ";
  Write("sources/shop.yml", head + "{ name: tailnun, rename_to: t }\n");
  const auto unknown = Make(Columns({{"tailnum", TypeId::kString}}));
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), "PROJ-231");
  EXPECT_NE(unknown.error().hint().find("'tailnum'"), std::string::npos);
  Write("sources/shop.yml", head + "{ name: id, time_zone: UTC }\n");
  EXPECT_EQ(Make(Columns({{"id", TypeId::kLong}})).error().code(), "PROJ-232");
}

TEST_F(StructuredTest, TheRawTableIsTheFirstThingItNeeds) {
  Write("sources/shop.yml",
        "source: shop\ntables:\n  - name: orders\n    files: o.csv\n    structured:\n      columns:\n"
        "        - { name: id, checks: [ { relationships: { to: ref('a'), field: id } } ] }\n");
  Write("models/a.sql", "select 1 as id");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  EXPECT_EQ(project->Find("structured.shop.orders")->depends_on,
            (std::vector<std::string>{"source.shop.orders", "model.a"}));
}

TEST_F(StructuredTest, ChecksStandUnderTheNamesOfTheCopy) {
  Write("sources/shop.yml",
        "source: shop\ntables:\n  - name: orders\n    files: o.csv\n    structured:\n      columns:\n"
        "        - { name: Order Id, rename_to: order_id, checks: [unique] }\n        - { name: tail-num, checks: "
        "[not_null] }\n");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  const auto& checks = project->Find("structured.shop.orders")->checks;
  ASSERT_EQ(checks.size(), 2u);
  EXPECT_EQ(checks[0].column, "order_id");
  EXPECT_EQ(checks[1].column, "tail_num");
}

TEST_F(StructuredTest, FalseLeavesItOut) {
  Write("sources/shop.yml", "source: shop\ntables: [{ name: orders, files: o.csv, structured: false }]\n");
  Write("models/m.sql", "select * from {{ source('shop', 'orders') }}");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  EXPECT_EQ(project->Find("structured.shop.orders"), nullptr);
  EXPECT_EQ(project->Find("model.m")->depends_on, std::vector<std::string>{"source.shop.orders"});
}

TEST(CleanColumnName, Table) {
  const std::vector<std::pair<std::string, std::string>> cases = {{"id", "id"},       {"Tail Num.", "Tail_Num"},
                                                                  {"  a  b ", "a_b"}, {"2013", "_2013"},
                                                                  {"%", "column"},    {"price (€)", "price_€"},
                                                                  {"größe", "größe"}, {"a-b/c", "a_b_c"},
                                                                  {"_x_", "_x_"},     {"", "column"}};
  for (const auto& [name, clean] : cases) EXPECT_EQ(CleanColumnName(name), clean) << name;
}

}  // namespace
}  // namespace leat::project
