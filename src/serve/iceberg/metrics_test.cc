#include "serve/iceberg/metrics.h"

#include <gtest/gtest.h>

#include "serve/iceberg/rest_fixture.h"

namespace leat::serve::iceberg {
namespace {

using nlohmann::json;

class MetricsTest : public RestFixture {
 protected:
  static json Report(const std::string& type) {
    return {{"report-type", type}, {"table-name", "shop.orders"},
            {"snapshot-id", 7},    {"filter", {{"type", "eq"}, {"term", "note"}, {"value", "a person's name"}}},
            {"schema-id", 0},      {"metrics", {{"result-data-files", {{"unit", "count"}, {"value", 3}}}}}};
  }
  int64_t Kept() { return store_->Read("SELECT count(*) FROM metrics_report")->Int(0, 0); }
};

TEST_F(MetricsTest, ReportsAreKept) {
  MakeOrders();
  const std::string target = std::string(kOrders) + "/metrics";
  EXPECT_EQ(Call("POST", target, Report("scan-report")).status, 204);
  EXPECT_EQ(Call("POST", target, Report("commit-report")).status, 204);
  rest_.reset();  // the end of a server writes what waits
  const auto rows = store_->Read(
      "SELECT kind, ns, table_name, snapshot_id, user_name, client, report "
      "FROM metrics_report ORDER BY kind DESC");
  ASSERT_EQ(rows->size(), 2u);
  EXPECT_EQ(rows->Text(0, 0), "scan");
  EXPECT_EQ(rows->Text(0, 1) + "." + rows->Text(0, 2), "shop.orders");
  EXPECT_EQ(rows->Int(0, 3), 7);
  EXPECT_EQ(rows->Text(0, 4) + "/" + rows->Text(0, 5), "tester/test");
  const json report = json::parse(rows->Text(0, 6));
  EXPECT_EQ(report["metrics"]["result-data-files"]["value"], 3);
  EXPECT_FALSE(report.contains("filter"));  // it quotes data
}

TEST_F(MetricsTest, ReportsThatAreRefused) {
  MakeOrders();
  const std::string target = std::string(kOrders) + "/metrics";
  EXPECT_EQ(Call("POST", target, Report("other")).status, 400);
  EXPECT_EQ(Call("POST", target, json::object()).status, 400);
  EXPECT_EQ(Call("POST", std::string(kTables) + "/none/metrics", Report("scan-report")).type(), "NoSuchTableException");
  json large = Report("scan-report");
  large["metadata"] = {{"x", std::string(300'000, 'x')}};
  EXPECT_EQ(Call("POST", target, large).status, 400);
}

TEST_F(MetricsTest, OldReportsAndTooManyGo) {
  MetricsKeeper keeper(*store_);
  const TimeMicros now = SystemClock().Now();
  const auto report = [](TimeMicros at) {
    return MetricsReport{at, "scan", "main", "shop", "orders", std::nullopt, "u", "c", "{}"};
  };
  keeper.Add(report(now - std::chrono::microseconds(MetricsKeeper::kRetention).count() - 1'000'000));
  ASSERT_TRUE(keeper.Flush().ok());
  EXPECT_EQ(Kept(), 0);
  const Status filled = store_->Write([&](state::Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute(
        "INSERT INTO metrics_report SELECT 'old' || v, ?1 + v, 'scan', 'main', 's', 't', NULL, '', '', '' "
        "FROM (WITH RECURSIVE n(v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < ?2) SELECT v FROM n)",
        {now - 10'000'000, MetricsKeeper::kMostReports}));
    return Ok();
  });
  ASSERT_TRUE(filled.ok()) << filled.error().ToString();
  for (int i = 0; i < 5; ++i) keeper.Add(report(now + i));
  ASSERT_TRUE(keeper.Flush().ok());
  EXPECT_EQ(Kept(), MetricsKeeper::kMostReports);
}

}  // namespace
}  // namespace leat::serve::iceberg
