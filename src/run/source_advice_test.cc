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

TEST(SourceYaml, NamesThatYamlOrTheLakeWouldMisread) {
  std::vector<AdvisedTable> tables;
  for (const char* name : {"sales.orders", "yes", "a b", "a-b", "ä\"b", "2024", "x: y # z"}) {
    ListedTable table = Orders({Moment("update: d")});
    table.entry = name;
    table.primary_key = {"no", "a, b"};
    tables.push_back({table, Advise(table)});
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

}  // namespace
}  // namespace leat::run
