#include "run/source_advice.h"

#include <gtest/gtest.h>

#include "run/source_yaml.h"

namespace leat::run {
namespace {

using component::ListedColumn;
using component::ListedTable;

ListedColumn Moment(const std::string& name, bool nullable = false, bool indexed = true) {
  ListedColumn column;
  column.name = name;
  column.type = "timestamp";
  column.moment = true;
  column.nullable = nullable;
  column.leads_index = indexed;
  return column;
}

ListedTable Orders(std::vector<ListedColumn> columns, int64_t rows = 10) {
  ListedTable table;
  table.name = table.entry = "orders";
  table.kind = "table";
  table.rows = rows;
  table.primary_key = {"id"};
  table.columns = std::move(columns);
  ListedColumn id;
  id.name = "id";
  id.type = "bigint";
  table.columns.push_back(id);
  return table;
}

component::SourceCapabilities OwnBookmark() {
  component::SourceCapabilities can;
  can.own_bookmark = true;
  return can;
}

TEST(SourceAdvice, NamesThatTellAChange) {
  for (const char* name : {"updated_at", "UpdatedAt", "lastModified", "LAST_MODIFIED_DATE", "modification_time",
                           "changed_on", "row-updated", "SystemModstamp", "update time"}) {
    EXPECT_EQ(Advise(Orders({Moment(name)})).update_key.value, name);
  }
  for (const char* name : {"created_at", "ordered_at", "exchanged_at", "outdated", "birthday", ""}) {
    EXPECT_EQ(Advise(Orders({Moment(name)})).update_key.value, "") << name;
  }
}

TEST(SourceAdvice, TheMostReliableColumnIsTaken) {
  ListedColumn by_server = Moment("stamp", true, false);
  by_server.set_on_update = true;
  EXPECT_EQ(Advise(Orders({Moment("updated_at"), by_server})).update_key.value, "stamp");
  EXPECT_EQ(Advise(Orders({Moment("updated_at", true), Moment("modified_at", false, false)})).update_key.value,
            "modified_at");
  EXPECT_EQ(Advise(Orders({Moment("updated_at", false, false), Moment("modified_at")})).update_key.value,
            "modified_at");
  ListedColumn text = Moment("updated_by");
  text.moment = false;
  EXPECT_EQ(Advise(Orders({text})).mode.value, "full-refresh");
}

TEST(SourceAdvice, WhatCannotBeReliedOnIsSaid) {
  const TableAdvice small = Advise(Orders({Moment("updated_at", true)}));
  EXPECT_EQ(small.mode.value, "full-refresh");
  EXPECT_NE(small.mode.reason.find("may be NULL"), std::string::npos);
  ListedTable unknown = Orders({Moment("updated_at", true)});
  unknown.rows.reset();
  EXPECT_EQ(Advise(unknown).mode.value, "full-refresh");
  const TableAdvice medium = Advise(Orders({Moment("updated_at", true, false)}, 2'000'000));
  EXPECT_EQ(medium.mode.value, "incremental");
  ASSERT_EQ(medium.notes.size(), 2u);
  EXPECT_NE(medium.notes[0].find("may be NULL"), std::string::npos);
  EXPECT_NE(medium.notes[1].find("no index begins with updated_at"), std::string::npos);
  ListedTable no_key = Orders({Moment("updated_at")});
  no_key.primary_key.clear();
  EXPECT_EQ(Advise(no_key).mode.value, "full-refresh");
  no_key.unique_key = {"id"};
  EXPECT_EQ(Advise(no_key).mode.value, "incremental");
  EXPECT_EQ(Advise(no_key).key, no_key.unique_key);
}

TEST(SourceAdvice, SizesAndTheirWarnings) {
  EXPECT_EQ(Advise(Orders({}, 999'999)).size, "small");
  EXPECT_EQ(Advise(Orders({}, 1'000'000)).size, "medium");
  EXPECT_EQ(Advise(Orders({}, 100'000'000)).size, "large");
  EXPECT_TRUE(Advise(Orders({}, 10)).notes.empty());
  EXPECT_EQ(Advise(Orders({}, 1'000'000)).notes.size(), 2u);
  ListedTable unknown = Orders({});
  unknown.rows.reset();
  EXPECT_EQ(Advise(unknown).size, "unknown");
  unknown.bytes = int64_t{200} << 20;
  EXPECT_EQ(Advise(unknown).size, "medium");
}

TEST(SourceAdvice, TablesOfTheSourceItselfAreLeftOut) {
  for (const char* name : {"orders_audit", "AuditTrail", "delete_log", "deleted_history", "change_log",
                           "schema_migrations", "DATABASECHANGELOG"}) {
    ListedTable table = Orders({});
    table.name = name;
    EXPECT_NE(Advise(table).left_out, "") << name;
  }
  for (const char* name : {"orders", "log", "price_history", "deleted_orders", "auditors"}) {
    ListedTable table = Orders({});
    table.name = name;
    EXPECT_EQ(Advise(table).left_out, "") << name;
  }
}

TableProfile Measured(int64_t rows) {
  TableProfile profile;
  profile.at = ParseTime("2026-11-22T12:00:00Z").value();
  profile.rows = rows;
  profile.counted = true;
  return profile;
}

MomentProfile Seen(const std::string& column, std::optional<int64_t> nulls) {
  MomentProfile moment;
  moment.column = column;
  moment.seen = 10;
  moment.nulls = nulls;
  moment.step = 1;
  return moment;
}

TEST(SourceAdvice, WhatWasMeasuredDecidesAboutAnUpdateKey) {
  const ListedTable orders = Orders({Moment("updated_at", true)});
  TableProfile profile = Measured(500);
  profile.moments = {Seen("updated_at", 0)};
  EXPECT_EQ(Advise(orders).mode.value, "full-refresh");
  EXPECT_EQ(Advise(orders, &profile).mode.value, "incremental");
  profile.moments = {Seen("updated_at", 2)};
  EXPECT_EQ(Advise(orders, &profile).mode.value, "full-refresh");
  EXPECT_EQ(Advise(orders, &profile).mode.reason, "updated_at is NULL in 2 of 500 rows");
  // Rows were written, and the column did not move.
  profile.moments = {Seen("updated_at", 0)};
  profile.writes = component::WriteCounters{0, 40, 0, ParseTime("2026-11-01").value()};
  profile.moments[0].since_reset = 0;
  EXPECT_EQ(Advise(orders, &profile).mode.value, "full-refresh");
  profile.moments[0].since_reset = 40;
  EXPECT_EQ(Advise(orders, &profile).mode.value, "incremental");
  profile.writes->inserted = 40;
  EXPECT_EQ(Advise(orders, &profile).notes.size(), 2u) << "no more rows moved than were inserted";
  profile.moments[0].unreadable = 1;
  EXPECT_EQ(Advise(orders, &profile).mode.value, "full-refresh");
}

TEST(SourceAdvice, CountersOfTheServerDecideAboutDeletesAndTablesThatOnlyGrow) {
  TableProfile profile = Measured(500);
  profile.writes = component::WriteCounters{10, 3, 0, ParseTime("2026-11-01").value()};
  const ListedTable orders = Orders({Moment("updated_at")});
  EXPECT_EQ(Advise(orders, &profile).reconcile.value, "7d");
  profile.writes->deleted = 1;
  EXPECT_EQ(Advise(orders, &profile).reconcile.value, "1d");
  profile.writes->deleted = 0;
  profile.writes->since = ParseTime("2026-11-20").value();
  EXPECT_EQ(Advise(orders, &profile).reconcile.value, "1d") << "counted for two days only";

  const ListedTable events = Orders({});
  profile.writes = component::WriteCounters{10, 0, 0, ParseTime("2026-11-01").value()};
  EXPECT_EQ(Advise(events, &profile).mode.value, "append");
  EXPECT_EQ(Advise(events, &profile).update_key.value, "id");
  for (const component::WriteCounters& writes :
       {component::WriteCounters{10, 1, 0, profile.writes->since},
        component::WriteCounters{10, 0, 1, profile.writes->since},
        component::WriteCounters{0, 0, 0, profile.writes->since}, component::WriteCounters{10, 0, 0, std::nullopt},
        component::WriteCounters{10, 0, 0, ParseTime("2026-11-20").value()}}) {
    profile.writes = writes;
    EXPECT_EQ(Advise(events, &profile).mode.value, "full-refresh");
  }
}

TEST(SourceAdvice, AKeyIsTakenWhereAllItsValuesAreDifferent) {
  ListedTable table = Orders({Moment("updated_at")});
  table.primary_key.clear();
  TableProfile profile = Measured(500);
  profile.key = KeyProfile{{"id"}, false, 0, 0};
  EXPECT_EQ(Advise(table, &profile).key, std::vector<std::string>{"id"});
  EXPECT_EQ(Advise(table, &profile).mode.value, "incremental");
  profile.key->duplicates = 1;
  EXPECT_TRUE(Advise(table, &profile).key.empty());
  profile.key = KeyProfile{{"id"}, false, 1, 0};
  EXPECT_TRUE(Advise(table, &profile).key.empty());
  profile = Measured(0);
  profile.key = KeyProfile{{"id"}, false, 0, 0};
  EXPECT_TRUE(Advise(table, &profile).key.empty()) << "no rows tell nothing";
}

TEST(SourceYaml, NamesThatYamlOrTheLakeWouldMisread) {
  std::vector<AdvisedTable> tables;
  for (const char* name : {"sales.orders", "yes", "a b", "a-b", "ä\"b", "2024", "x: y # z"}) {
    ListedTable table = Orders({Moment("update: d")});
    table.entry = name;
    table.primary_key = {"no", "a, b"};
    tables.push_back({table, Advise(table), 0, false});
  }
  const std::string text = SourceYaml("s", "c", tables);
  for (const char* line : {"- name: sales.orders ", "- name: \"yes\" ", "- name: a_b ", "- name: a_b_2 ",
                           "table: \"a-b\"", "- name: t_2024 ", "table: \"2024\"", "table: \"x: y # z\"",
                           "update_key: \"update: d\"", "primary_key: [\"no\", \"a, b\"]"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(SourceYaml, Sizes) {
  ListedTable table;
  EXPECT_EQ(SizeText(table), "of unknown size");
  table.rows = 1;
  EXPECT_EQ(SizeText(table), "about 1 row");
  table.rows = 1234567;
  table.bytes = 2'500'000'000;
  EXPECT_EQ(SizeText(table), "about 1,234,567 rows, 2.5 GB");
}

TEST(SourceAdviceTest, SourcesThatTellWhatIsNewNeedNoUpdateKey) {
  component::ListedTable table = Orders({Moment("updated_at")});
  const TableAdvice keyed = Advise(table, nullptr, OwnBookmark());
  EXPECT_EQ(keyed.mode.value, "incremental");
  EXPECT_EQ(keyed.update_key.value, "");
  EXPECT_EQ(keyed.look_back.value, "");
  EXPECT_EQ(keyed.reconcile.value, "1d");
  table.primary_key.clear();
  EXPECT_EQ(Advise(table, nullptr, OwnBookmark()).mode.value, "full-refresh");
}

TEST(SourceAdvice, ASourceWithoutKeysAloneIsNotReconciled) {
  const ListedTable table = Orders({Moment("updated_at")});
  EXPECT_EQ(Advise(table).reconcile.value, "1d");
  component::SourceCapabilities can;
  can.relation = true;
  const TableAdvice advice = Advise(table, nullptr, can);
  EXPECT_EQ(advice.mode.value, "incremental");
  EXPECT_EQ(advice.reconcile.value, "");
  ASSERT_FALSE(advice.notes.empty());
  EXPECT_NE(advice.notes.back().find("rows that are deleted there stay here"), std::string::npos);
}

}  // namespace
}  // namespace leat::run
