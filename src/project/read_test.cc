#include "config/tree.h"
#include "project/test_project.h"
#include "sql/walker.h"

namespace leat::project {
namespace {

using Texts = std::vector<std::string>;

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class ReadTest : public TestProject {};

TEST_F(ReadTest, AssetsComeInOrderWithTheirEdges) {
  Write("models/fct.sql",
        "{{ config(schema='marts', tags=['daily']) }}\nselect * from {{ source('shop', 'orders') }} o\njoin dim using "
        "(id)\n");
  Write("models/dim.sql", "-- plain names make edges too\nselect * from raw_shop.customers\n");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  std::vector<std::string> ids;
  for (const Asset& asset : project->assets) {
    for (const std::string& on : asset.depends_on) EXPECT_EQ(std::count(ids.begin(), ids.end(), on), 1) << asset.id;
    ids.push_back(asset.id);
  }
  EXPECT_EQ(ids.size(), 6u);
  const Asset& fct = *project->Find("model.fct");
  EXPECT_EQ(fct.depends_on, (Texts{"model.dim", "structured.shop.orders"}));
  EXPECT_EQ(fct.table.ToString(), "marts.fct");
  EXPECT_EQ(fct.tags, (Texts{"daily"}));
  // Short names become full ones: dim is not in fct's namespace.
  EXPECT_PRED2(Has, fct.sql, "join \"lake\".\"trusted\".\"dim\" using (id)");
  EXPECT_PRED2(Has, fct.sql, "\"lake\".\"structured_shop\".\"orders\" o");
  EXPECT_EQ(fct.line_map, (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(project->Find("model.dim")->depends_on, (Texts{"source.shop.customers"}));
  EXPECT_EQ(project->Find("structured.shop.orders")->depends_on, (Texts{"source.shop.orders"}));
  EXPECT_EQ(project->FindTable({"raw_shop", "orders"})->mode, "append");
}

TEST_F(ReadTest, TablesOfOthersAreOutsideAndCtesAreNothing) {
  Write("models/m.sql", "with orders as (select 1 as id) select * from orders join other.things t using (id)");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  const Asset& m = *project->Find("model.m");
  EXPECT_TRUE(m.depends_on.empty());
  ASSERT_EQ(m.outside.size(), 1u);
  EXPECT_EQ(m.outside[0].ToString(), "other.things");
}

TEST_F(ReadTest, SettingsHaveDefaultsAndAbsolutePlaces) {
  Write("leat.yml",
        "version: 1\nname: shop\nthreads: 2\nmemory_limit: 1GB\ndefaults: { max_reject: 2.5% }\nmodels: { schema: gold "
        "}\n");
  Write("models/m.sql", "select 1 as id;  \n");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  EXPECT_EQ(project->settings.warehouse, "file://" + root_ + "/.leat/warehouse");
  EXPECT_EQ(project->settings.state, root_ + "/.leat/state.db");
  EXPECT_EQ(project->settings.memory_limit_bytes, 1'000'000'000);
  EXPECT_DOUBLE_EQ(project->Find("source.shop.orders")->max_reject, 0.025);
  EXPECT_EQ(project->Find("model.m")->table.ns, "gold");
  EXPECT_EQ(project->Find("model.m")->sql, "select 1 as id\n");
  Write("leat.yml", "version: 1\nname: shop\nwarehouse: s3://bucket/lake/\nstate: postgresql://u:sesame-open@h/db\n");
  const auto settings = ReadSettings(root_, {});
  ASSERT_TRUE(settings.ok()) << settings.error().ToString();
  EXPECT_EQ(settings->warehouse, "s3://bucket/lake");
  EXPECT_EQ(settings->state, "postgresql://u:sesame-open@h/db");
  EXPECT_EQ(MakeError("X-1", ErrorKind::kConfig, "{}", settings->state).message(), "postgresql://u:***@h/db");
}

TEST_F(ReadTest, ChecksOfAllFormsAreBuilt) {
  Write("models/dim.sql", "select 1 as id");
  Write("models/m.sql", "select * from {{ ref('dim') }}");
  Write("models/models.yml",
        "version: 2\nmodels:\n  - name: m\n    columns:\n      - name: id\n        tests:\n          - not_null\n"
        "          - unique:\n              config: { severity: warn }\n"
        "          - accepted_values:\n              arguments: { values: [1, 2] }\n"
        "        checks:\n          - relationships: { to: ref('dim'), field: id, on_fail: quarantine }\n          - "
        "not_null: { on_fail: warn }\n"
        "    data_tests:\n      - row_count: { min: 1 }\n");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  std::map<std::string, const CheckUse*> checks;
  for (const CheckUse& use : project->Find("model.m")->checks) checks[use.id] = &use;
  ASSERT_EQ(checks.size(), 6u);
  EXPECT_EQ(checks.at("model.m.id.unique")->on_fail, OnFail::kWarn);
  EXPECT_EQ(checks.at("model.m.id.accepted_values")->on_fail, OnFail::kBlock);
  EXPECT_EQ(checks.at("model.m.id.relationships")->on_fail, OnFail::kQuarantine);
  EXPECT_EQ(checks.at("model.m.id.relationships")->instance->Reads(), (Texts{"\"lake\".\"trusted\".\"dim\""}));
  EXPECT_EQ(checks.at("model.m.id.not_null#2")->severity == Severity::kWarn,
            checks.at("model.m.id.not_null")->severity == Severity::kError);
  EXPECT_EQ(checks.at("model.m.row_count")->column, "");
}

TEST_F(ReadTest, AChecksTableComesFirstUnlessThatMakesARing) {
  Write("models/a.sql", "select 1 as id");
  Write("models/b.sql", "select * from {{ ref('a') }}");
  Write("models/m.yml",
        "models:\n  - name: a\n    columns:\n      - { name: id, checks: [ { relationships: { to: ref('b'), field: id "
        "} } ] }\n"
        "  - name: b\n    columns:\n      - { name: id, checks: [ { relationships: { to: raw_shop.customers, field: id "
        "} } ] }\n");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  EXPECT_TRUE(project->Find("model.a")->depends_on.empty());
  EXPECT_EQ(project->Find("model.b")->depends_on, (Texts{"model.a", "source.shop.customers"}));
  ASSERT_EQ(project->warnings.size(), 1u);
  EXPECT_EQ(project->warnings[0].code(), "PROJ-221");
}

TEST_F(ReadTest, VolatileModelsAreReported) {
  Write("models/m.sql", "select now() as at");
  Write("models/n.sql", "select 1 as at");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  EXPECT_TRUE(project->Find("model.m")->is_volatile);
  EXPECT_FALSE(project->Find("model.n")->is_volatile);
  ASSERT_EQ(project->warnings.size(), 1u);
  EXPECT_EQ(project->warnings[0].code() + " " + project->warnings[0].where().ToString(), "PROJ-222 models/m.sql");
}

TEST_F(ReadTest, FingerprintsChangeWithWhatAStepDoes) {
  const auto model = [&](const std::string& sql, const std::string& yaml) {
    Write("models/m.sql", sql);
    Write("models/m.yml", yaml);
    const auto project = Read();
    EXPECT_TRUE(project.ok()) << project.error().ToString();
    return project->Find("model.m")->fingerprint;
  };
  const std::string base =
      model("select 1 as id", "models: [{ name: m, columns: [{ name: id, checks: [not_null] }] }]");
  EXPECT_EQ(
      model("select 1 as id", "models: [{ name: m, description: words, columns: [{ name: id, checks: [not_null] }] }]"),
      base);
  EXPECT_NE(model("select 2 as id", "models: [{ name: m, columns: [{ name: id, checks: [not_null] }] }]"), base);
  EXPECT_NE(model("select 1 as id", "models: [{ name: m, columns: [{ name: id, checks: [unique] }] }]"), base);
  EXPECT_NE(
      model("select 1 as id", "models: [{ name: m, columns: [{ name: id, checks: [not_null: { on_fail: warn }] }] }]"),
      base);
  EXPECT_NE(model("select 1 as id",
                  "models: [{ name: m, config: { sort_by: id }, columns: [{ name: id, checks: [not_null] }] }]"),
            base);
}

TEST_F(ReadTest, FingerprintsChangeWithMaskAndSalt) {
  const auto customers = [&](const std::string& column) {
    Write("sources/s.yml", "connection: ops\ntables: [{ name: c, columns: [" + column + "] }]");
    const auto project = Read();
    EXPECT_TRUE(project.ok()) << project.error().ToString();
    return project->Find("source.s.c")->fingerprint;
  };
  const std::string plain = customers("{ name: email }");
  const std::string salted = customers("{ name: email, mask: { type: sha256, salt: 'sixteen letters!' } }");
  EXPECT_NE(salted, plain);
  EXPECT_NE(customers("{ name: email, mask: { type: sha256, salt: 'another 16 bytes' } }"), salted);
  EXPECT_NE(customers("{ name: email, mask: nothing }"), plain);
  EXPECT_EQ(customers("{ name: email, mask: { type: sha256, salt: 'sixteen letters!' } }"), salted);
}

TEST_F(ReadTest, PlacesOfSqlErrorsAreInTheFile) {
  Write("models/m.sql",
        "{# two\n lines #}{{ config(tags='x') }}\nselect *,\n  {{ ref('d') }}.nope\nfrom {{ ref('d') }}\n");
  Write("models/d.sql", "select 1 as id");
  const auto project = Read();
  ASSERT_TRUE(project.ok()) << project.error().ToString();
  const Asset& m = *project->Find("model.m");
  const size_t at = m.sql.find("nope");
  const SourceSpan inside = sql::PositionAt(m.sql, at, 4, "");
  const Error placed = PlaceInFile(m, MakeError("SQL-201", ErrorKind::kConfig, "no column").At(inside));
  EXPECT_EQ(placed.where().ToString(), "models/m.sql:4:18");
  EXPECT_EQ(placed.where().length, 4);
}

struct BadProject {
  const char* name;
  std::map<std::string, std::string> files;
  std::vector<std::string> findings;
  const char* in_text;
};

class BadProjectTest : public TestProject, public testing::WithParamInterface<BadProject> {};

TEST_P(BadProjectTest, ReportsAllFindingsAtTheirPlaces) {
  for (const auto& [name, text] : GetParam().files) Write(name, text);
  const auto project = Read();
  ASSERT_FALSE(project.ok());
  EXPECT_EQ(Findings(project.error()), GetParam().findings) << project.error().ToString();
  EXPECT_PRED2(Has, project.error().ToString(), GetParam().in_text);
  EXPECT_FALSE(config::RenderError(project.error(), root_, false).empty());
}

const char* const kModel = "select 1 as id\n";

INSTANTIATE_TEST_SUITE_P(
    Cases, BadProjectTest,
    testing::Values(
        BadProject{"malformed", {{"leat.yml", "version: 1\nname: [\n"}}, {"CFG-101 leat.yml:3:1"}, "not valid YAML"},
        BadProject{"malformed_source",
                   {{"sources/shop.yml", "tables:\n  - name: a\n   files: b\n"}},
                   {"CFG-101 sources/shop.yml:3:4"},
                   "YAML"},
        BadProject{"duplicate_key",
                   {{"sources/shop.yml", "source: shop\ntables: []\nsource: x\n"}},
                   {"CFG-102 sources/shop.yml:3:1"},
                   "1:1"},
        BadProject{"unknown_key",
                   {{"sources/shop.yml", "source: shop\ntabels: []\n"}},
                   {"CFG-105 sources/shop.yml:1:1", "CFG-104 sources/shop.yml:2:1"},
                   "did you mean 'tables'"},
        BadProject{"unknown_field_of_the_source",
                   {{"sources/shop.yml", "tables:\n  - { name: a, files: a.csv, delimeter: ',' }\n"}},
                   {"CFG-104 sources/shop.yml:2:30"},
                   "table 'a' (csv)"},
        BadProject{"unknown_connection",
                   {{"sources/x.yml", "connection: shp\ntables: [a]\n"}},
                   {"PROJ-206 sources/x.yml:1:13"},
                   "did you mean 'shop'"},
        BadProject{"unknown_type",
                   {{"connections.yml", "connections:\n  shop: { type: cvs, path: x }\n"}},
                   {"PROJ-206 connections.yml:2:17"},
                   "did you mean 'csv'"},
        BadProject{"unknown_ref",
                   {{"models/orders_dim.sql", kModel}, {"models/m.sql", "select *\nfrom {{ ref('order_dim') }}"}},
                   {"PROJ-203 models/m.sql:2:9"},
                   "did you mean 'orders_dim'"},
        BadProject{"ref_to_a_source",
                   {{"models/m.sql", "select * from {{ ref('orders') }}"}},
                   {"PROJ-203 models/m.sql:1:18"},
                   "source('shop', 'orders')"},
        BadProject{"unknown_source_table",
                   {{"models/m.sql", "select * from {{ source('shop', 'order') }}"}},
                   {"PROJ-204 models/m.sql:1:18"},
                   "did you mean 'orders'"},
        BadProject{"unknown_source",
                   {{"models/m.sql", "select * from {{ source('shp', 'orders') }}"}},
                   {"PROJ-204 models/m.sql:1:18"},
                   "did you mean 'shop'"},
        BadProject{"unknown_plain_name",
                   {{"models/m.sql", "select *\nfrom raw_shop.ordres"}},
                   {"PROJ-203 models/m.sql:2:6"},
                   "raw_shop.orders"},
        BadProject{"unknown_short_name",
                   {{"models/m.sql", "select * from nothing_like_it"}},
                   {"PROJ-203 models/m.sql:1:15"},
                   "with their namespace"},
        BadProject{"ring_of_three",
                   {{"models/a.sql", "select * from {{ ref('b') }}"},
                    {"models/b.sql", "select *\nfrom c"},
                    {"models/c.sql", "select * from {{ ref('a') }}"}},
                   {"PROJ-201 models/a.sql:1:18"},
                   "model.b names model.c at models/b.sql:2:6"},
        BadProject{"ring_of_one",
                   {{"models/a.sql", "select * from {{ this }}"}},
                   {"PROJ-201 models/a.sql:1:15"},
                   "model.a -> model.a"},
        BadProject{"two_models_of_one_name",
                   {{"models/a/m.sql", kModel}, {"models/b/m.sql", kModel}},
                   {"PROJ-202 models/b/m.sql"},
                   "models/a/m.sql"},
        BadProject{"two_assets_of_one_table",
                   {{"models/x.sql", "{{ config(schema='raw_shop', alias='ORDERS') }}select 1 as id"}},
                   {"PROJ-202 models/x.sql"},
                   "source.shop.orders"},
        BadProject{"not_a_select", {{"models/m.sql", "create table x (a int)"}}, {"SQL-401 models/m.sql"}, "SELECT"},
        BadProject{"two_statements", {{"models/m.sql", "select 1; select 2"}}, {"SQL-401 models/m.sql"}, "SELECT"},
        BadProject{"empty_model", {{"models/m.sql", "-- nothing\n"}}, {"SQL-401 models/m.sql"}, "SELECT"},
        BadProject{"syntax_error",
                   {{"models/m.sql", "{{ config(tags='x') }}\nselect 1 as\n  id frm t"}},
                   {"SQL-200 models/m.sql:3:6"},
                   "m"},
        BadProject{
            "reads_a_file", {{"models/m.sql", "select *\nfrom read_csv('x.csv')"}}, {"SQL-402 models/m.sql:2:6"}, "m"},
        BadProject{"statement",
                   {{"models/m.sql", "{% if true %}select 1{% endif %}"}},
                   {"CFG-122 models/m.sql:1:1", "CFG-122 models/m.sql:1:22"},
                   "later"},
        BadProject{"unknown_config",
                   {{"models/m.sql", "{{ config(materialised='table') }} select 1"}},
                   {"CFG-104 models/m.sql:1:11"},
                   "did you mean 'materialized'"},
        BadProject{"unknown_materialisation",
                   {{"models/m.sql", "{{ config(materialized='vew') }} select 1"}},
                   {"CFG-107 models/m.sql:1:24"},
                   "did you mean 'view'"},
        BadProject{"unknown_function",
                   {{"models/m.sql", "select {{ env_var('x') }}"}},
                   {"PROJ-212 models/m.sql:1:11"},
                   "known: ref"},
        BadProject{"incremental_without_key",
                   {{"models/m.sql", "{{ config(materialized='incremental') }} select 1"}},
                   {"PROJ-214 models/m.sql:1:24"},
                   "unique_key"},
        BadProject{"described_but_missing",
                   {{"models/m.sql", kModel}, {"models/m.yml", "models:\n  - name: n\n"}},
                   {"PROJ-210 models/m.yml:2:11"},
                   "n.sql"},
        BadProject{"unknown_check",
                   {{"models/m.sql", kModel},
                    {"models/m.yml", "models:\n  - name: m\n    columns: [{ name: id, tests: [uniqe] }]\n"}},
                   {"PROJ-208 models/m.yml:3:35"},
                   "did you mean 'unique'"},
        BadProject{"check_argument",
                   {{"models/m.sql", kModel},
                    {"models/m.yml", "models:\n  - name: m\n    checks:\n      - row_count: { mn: 1 }\n"}},
                   {"CFG-104 models/m.yml:4:22"},
                   "did you mean 'min'"},
        BadProject{
            "check_without_its_argument",
            {{"models/m.sql", kModel}, {"models/m.yml", "models:\n  - name: m\n    checks:\n      - row_count\n"}},
            {"CHK-101 models/m.yml:4:9"},
            "min"},
        BadProject{"quarantine_of_a_table",
                   {{"models/m.sql", kModel},
                    {"models/m.yml",
                     "models:\n  - name: m\n    checks:\n      - row_count: { min: 1, on_fail: quarantine }\n"}},
                   {"PROJ-207 models/m.yml:4:39"},
                   "warn or block"},
        BadProject{"check_in_the_wrong_place",
                   {{"models/m.sql", kModel},
                    {"models/m.yml",
                     "models:\n  - name: m\n    checks: [not_null]\n    columns: [{ name: id, checks: [row_count: "
                     "{min: 1}] }]\n"}},
                   {"PROJ-207 models/m.yml:3:14", "PROJ-207 models/m.yml:4:36"},
                   "under the column"},
        BadProject{"check_not_indented",
                   {{"models/m.sql", kModel},
                    {"models/m.yml",
                     "models:\n  - name: m\n    columns:\n      - name: id\n        checks:\n          - unique:\n     "
                     "       severity: warn\n"}},
                   {"PROJ-207 models/m.yml:7:13"},
                   "indent"},
        BadProject{"check_on_an_unknown_table",
                   {{"models/m.sql", kModel},
                    {"models/m.yml",
                     "models:\n  - name: m\n    columns: [{ name: id, checks: [relationships: { to: ref('mm'), field: "
                     "id }] }]\n"}},
                   {"PROJ-203 models/m.yml:3:57"},
                   "did you mean 'm'"},
        BadProject{"sources_in_models",
                   {{"models/m.yml", "version: 2\nsources: []\n"}},
                   {"PROJ-213 models/m.yml:2:1"},
                   "sources/*.yml"},
        BadProject{"newer_project", {{"leat.yml", "version: 2\nname: x\n"}}, {"PROJ-102 leat.yml:1:10"}, "newer leat"},
        BadProject{"time_zone",
                   {{"leat.yml", "version: 1\nname: x\ndisplay_timezone: Mars/Olympus\n"}},
                   {"PROJ-103 leat.yml:3:19"},
                   "IANA"},
        BadProject{"reserved_name",
                   {{"models/m.sql", "{{ config(schema='leat') }} select 1"}},
                   {"PROJ-205 models/m.sql"},
                   "reserved"},
        BadProject{"reserved_ending",
                   {{"models/orders__rejected.sql", kModel}},
                   {"PROJ-205 models/orders__rejected.sql"},
                   "__rejected"},
        BadProject{"variable",
                   {{"connections.yml", "connections:\n  shop: { type: csv, path: '${env:NO_SUCH_FOLDER}' }\n"}},
                   {"CFG-108 connections.yml:2:28"},
                   "NO_SUCH_FOLDER"},
        BadProject{"append_would_double",
                   {{"sources/ops.yml", "tables: [{ name: a, mode: append }]\n"}},
                   {"PROJ-209 sources/ops.yml:1:27"},
                   "every row again"},
        BadProject{"source_twice",
                   {{"sources/zzz.yml", "source: shop\nconnection: shop\ntables: []\n"}},
                   {"PROJ-202 sources/zzz.yml:1:9"},
                   "sources/shop.yml"},
        BadProject{"two_columns",
                   {{"models/m.sql", kModel},
                    {"models/m.yml", "models:\n  - name: m\n    columns:\n      - name: id\n      - name: ID\n"}},
                   {"PROJ-202 models/m.yml:5:15"},
                   "4:15"},
        BadProject{"several_files_at_once",
                   {{"leat.yml", "version: 1\nname: x\ncolour: red\n"},
                    {"sources/shop.yml", "tables: 5\n"},
                    {"models/m.sql", "select * from {{ ref('gone') }}"}},
                   {"CFG-104 leat.yml:3:1", "PROJ-203 models/m.sql:1:18", "CFG-106 sources/shop.yml:1:9"},
                   "colour"}),
    [](const auto& one) { return one.param.name; });

TEST_F(ReadTest, WithoutLeatYmlItIsNoProject) {
  Remove("leat.yml");
  const auto root = FindProjectRoot(root_ + "/sources");
  ASSERT_FALSE(root.ok());
  EXPECT_EQ(root.error().code(), "PROJ-101");
  Write("leat.yml", "version: 1\nname: x\n");
  EXPECT_EQ(FindProjectRoot(root_ + "/sources").value(), root_);
}

}  // namespace
}  // namespace leat::project
