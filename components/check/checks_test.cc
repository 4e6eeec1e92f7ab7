#include <gtest/gtest.h>

#include "component/spec.h"
#include "config/field.h"
#include "sql/engine.h"

namespace leat::component {
namespace {

// Each check on a fixture with real rows: how many of them are bad, by its predicate and by its count.
struct Case {
  const char* name;
  const char* check;
  const char* arguments;  // YAML
  data::TypePtr type;     // of the column
  const char* rows;       // SELECT that gives column v (and w)
  int failures;
};

class CheckTest : public testing::TestWithParam<Case> {
 protected:
  static sql::Connection& Db() {
    static const auto engine = [] {
      sql::EngineOptions options;
      options.private_folder = testing::TempDir() + "leat-checks";
      options.memory_limit_bytes = 256 << 20;
      options.threads = 1;
      return sql::Engine::Open(options).value();
    }();
    static const auto connection = engine->Connect().value();
    return *connection;
  }
};

TEST_P(CheckTest, FindsExactlyTheBadRows) {
  const Case& c = GetParam();
  const Spec* spec = FindSpec("check", c.check);
  ASSERT_NE(spec, nullptr);
  config::Findings findings;
  const auto node = config::ParseYaml(c.arguments, "arguments.yml");
  ASSERT_TRUE(node.ok());
  const auto values = config::Validate(*node, spec->fields, c.check, {}, findings);
  ASSERT_TRUE(findings.ok()) << findings.ToError().ToString();
  const auto check = spec->make_check(values);
  ASSERT_TRUE(check.ok()) << check.error().ToString();

  ASSERT_TRUE(
      Db().Execute("CREATE OR REPLACE TEMP TABLE parent AS SELECT * FROM (VALUES ('a'), ('b'), (NULL)) AS t(faa)")
          .ok());
  ASSERT_TRUE(Db().Execute(std::string("CREATE OR REPLACE TEMP TABLE rows AS ") + c.rows).ok());
  CheckTarget target;
  target.relation = "rows";
  target.column = "\"v\"";
  target.type = c.type.get();
  target.now = "TIMESTAMP '2026-01-02 00:00:00'";
  const auto counted = Db().Query((*check)->Count(target));
  ASSERT_TRUE(counted.ok()) << counted.error().ToString();
  EXPECT_EQ(counted->At(0, 0), std::to_string(c.failures));
  EXPECT_TRUE(counted->At(0, 1).has_value());
  EXPECT_TRUE(counted->At(0, 2).has_value());
  EXPECT_FALSE((*check)->Describe(target).empty());

  const std::string bad = (*check)->BadRow(target);
  EXPECT_EQ(bad.empty(), !spec->check.row_level);
  if (bad.empty()) return;
  const auto split =
      Db().Query("SELECT count(*) FILTER (WHERE bad), count(*) FILTER (WHERE bad IS NULL) FROM (SELECT " + bad +
                 " AS bad FROM rows)");
  ASSERT_TRUE(split.ok()) << split.error().ToString();
  // A row that is kept by `keep` is no bad row, but the key is still not unique.
  if ((*check)->KeepOrder().empty()) EXPECT_EQ(split->At(0, 0), std::to_string(c.failures));
  else EXPECT_EQ(split->At(0, 0), std::to_string(c.failures / 2));
  EXPECT_EQ(split->At(0, 1), "0");
}

const data::TypePtr kText = data::Primitive(data::TypeId::kString);
const data::TypePtr kLong = data::Primitive(data::TypeId::kLong);
const data::TypePtr kDouble = data::Primitive(data::TypeId::kDouble);
const data::TypePtr kDate = data::Primitive(data::TypeId::kDate);

INSTANTIATE_TEST_SUITE_P(
    Checks, CheckTest,
    testing::Values(
        Case{"not_null_pass", "not_null", "", kText, "SELECT * FROM (VALUES ('a'), ('')) t(v)", 0},
        Case{"not_null_fail", "not_null", "", kText, "SELECT * FROM (VALUES ('a'), (NULL), (NULL)) t(v)", 2},
        Case{"unique_pass", "unique", "", kLong, "SELECT * FROM (VALUES (1), (2), (NULL), (NULL)) t(v)", 0},
        Case{"unique_fail", "unique", "", kLong, "SELECT * FROM (VALUES (1), (1), (1), (2), (3), (3)) t(v)", 5},
        Case{"unique_columns", "unique", "columns: [v, w]", kLong,
             "SELECT * FROM (VALUES (1, 1), (1, 2), (2, 2), (2, 2), (3, NULL), (3, NULL)) t(v, w)", 2},
        Case{"unique_keep", "unique", "keep: last by w", kLong, "SELECT * FROM (VALUES (1, 1), (1, 2), (2, 2)) t(v, w)",
             2},
        Case{"unique_empty", "unique", "", kLong, "SELECT 1 AS v WHERE FALSE", 0},
        Case{"accepted_values_pass", "accepted_values", "values: [a, \"it's\"]", kText,
             "SELECT * FROM (VALUES ('a'), ('it''s'), (NULL)) t(v)", 0},
        Case{"accepted_values_fail", "accepted_values", "values: [a, b]", kText,
             "SELECT * FROM (VALUES ('a'), ('A'), (''), ('c')) t(v)", 3},
        Case{"accepted_values_numbers", "accepted_values", "values: [1, 2.0, x]", kDouble,
             "SELECT v::DOUBLE AS v FROM (VALUES (1), (2), (3)) t(v)", 1},
        Case{"accepted_values_no_type", "accepted_values", "values: [1, 2]", nullptr,
             "SELECT * FROM (VALUES (1), (2), (3)) t(v)", 1},
        Case{"relationships_pass", "relationships", "{ to: parent, field: faa }", kText,
             "SELECT * FROM (VALUES ('a'), (NULL)) t(v)", 0},
        Case{"relationships_fail", "relationships", "{ to: parent, field: faa }", kText,
             "SELECT * FROM (VALUES ('a'), ('x'), ('y'), ('x')) t(v)", 3},
        Case{"range_pass", "range", "{ min: 0, max: 24 }", kLong, "SELECT * FROM (VALUES (0), (24), (NULL)) t(v)", 0},
        Case{"range_fail", "range", "{ min: 0, max: 24 }", kLong, "SELECT * FROM (VALUES (-1), (25), (3)) t(v)", 2},
        Case{"range_exclusive", "range", "{ min: 0, exclusive: true }", kLong, "SELECT * FROM (VALUES (0), (1)) t(v)",
             1},
        Case{"range_nan", "range", "{ max: 1 }", kDouble, "SELECT * FROM (VALUES ('nan'::DOUBLE), (0.5)) t(v)", 1},
        Case{"range_dates", "range", "{ min: 2013-01-01 }", kDate,
             "SELECT * FROM (VALUES (DATE '2012-12-31'), (DATE '2013-01-01')) t(v)", 1},
        Case{"range_text", "range", "{ min: 5 }", kText, "SELECT * FROM (VALUES ('10'), ('4'), ('x')) t(v)", 2},
        Case{"regex_pass", "regex", "pattern: '^N[0-9A-Z]+$'", kText, "SELECT * FROM (VALUES ('N1A'), (NULL)) t(v)", 0},
        Case{"regex_fail", "regex", "pattern: '^N[0-9A-Z]+$'", kText,
             "SELECT * FROM (VALUES ('n1'), ('N1 '), ('N1')) t(v)", 2},
        Case{"regex_number", "regex", "pattern: '^1'", kLong, "SELECT * FROM (VALUES (10), (20)) t(v)", 1},
        Case{"row_count_pass", "row_count", "{ min: 2, max: 2 }", nullptr, "SELECT * FROM (VALUES (1), (2)) t(v)", 0},
        Case{"row_count_low", "row_count", "{ min: 3 }", nullptr, "SELECT * FROM (VALUES (1), (2)) t(v)", 1},
        Case{"row_count_high", "row_count", "{ max: 1 }", nullptr, "SELECT * FROM (VALUES (1), (2)) t(v)", 1},
        Case{"freshness_pass", "freshness", "{ column: v, within: 24h }", nullptr,
             "SELECT TIMESTAMP '2026-01-01 00:00:00' AS v", 0},
        Case{"freshness_old", "freshness", "{ within: 23h }", nullptr, "SELECT TIMESTAMP '2026-01-01 00:00:00' AS v",
             1},
        Case{"freshness_date", "freshness", "{ column: v, within: 1d }", nullptr, "SELECT DATE '2026-01-01' AS v", 0},
        Case{"freshness_empty", "freshness", "{ column: v, within: 1d }", nullptr,
             "SELECT DATE '2026-01-01' AS v WHERE FALSE", 1}),
    [](const auto& one) { return one.param.name; });

struct BadArguments {
  const char* name;
  const char* check;
  const char* arguments;
  const char* code;
};
class BadArgumentsTest : public testing::TestWithParam<BadArguments> {};

TEST_P(BadArgumentsTest, AreRefused) {
  const Spec* spec = FindSpec("check", GetParam().check);
  ASSERT_NE(spec, nullptr);
  config::Findings findings;
  const auto node = config::ParseYaml(GetParam().arguments, "a.yml");
  ASSERT_TRUE(node.ok());
  const auto values = config::Validate(*node, spec->fields, GetParam().check, {}, findings);
  if (!findings.ok()) {
    EXPECT_EQ(findings.errors[0].code(), GetParam().code);
    return;
  }
  const auto check = spec->make_check(values);
  ASSERT_FALSE(check.ok());
  EXPECT_EQ(check.error().code(), GetParam().code);
  EXPECT_TRUE(check.error().where().known());
}

INSTANTIATE_TEST_SUITE_P(Checks, BadArgumentsTest,
                         testing::Values(BadArguments{"no_values", "accepted_values", "values: []", "CHK-101"},
                                         BadArguments{"values_missing", "accepted_values", "quote: true", "CFG-105"},
                                         BadArguments{"range_without_bounds", "range", "exclusive: true", "CHK-101"},
                                         BadArguments{"range_upside_down", "range", "{ min: 2, max: 1 }", "CHK-101"},
                                         BadArguments{"bad_pattern", "regex", "pattern: '('", "CHK-101"},
                                         BadArguments{"row_count_upside_down", "row_count", "{ min: 2, max: 1 }",
                                                      "CHK-101"},
                                         BadArguments{"row_count_negative", "row_count", "{ min: -1 }", "CFG-107"},
                                         BadArguments{"freshness_without_unit", "freshness", "within: 24", "CFG-106"},
                                         BadArguments{"keep_word", "unique", "keep: newest", "CHK-102"}),
                         [](const auto& one) { return one.param.name; });

}  // namespace
}  // namespace leat::component
