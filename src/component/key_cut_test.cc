#include "component/key_cut.h"

#include <gtest/gtest.h>

namespace leat::component {
namespace {

using data::TypeId;

struct Server {
  int64_t rows = 1'000'000;
  std::string low = "1", high = "100000000000";
  int bounds = 4;  ///< that are found
  bool knows = true;
  int looked_up = 0, checked = 0;

  KeyCut Cut(std::vector<std::string> names, TypeId type, KeyHash hash = KeyHash::kCrc32) {
    KeyCut cut;
    cut.columns = names;
    cut.names = std::move(names);
    cut.type = data::Primitive(type);
    cut.streams = 2;
    cut.ways = {true, false, false, hash};
    cut.measure = [this](bool ends) { return ends ? KeyEnds{low, high, rows} : KeyEnds{"", "", rows}; };
    cut.next = [this](const std::string&, int64_t) -> Result<std::optional<std::string>> {
      if (!knows) return MakeError("SRC-291", ErrorKind::kData, "near OFFSET: syntax error");
      return ++looked_up > bounds ? std::nullopt : std::optional(std::to_string(looked_up * 10));
    };
    cut.check = [this](const std::string&) -> Status {
      ++checked;
      return knows ? Ok() : Status(MakeError("SRC-291", ErrorKind::kData, "no such function"));
    };
    return cut;
  }
};

TableParts Parts(const KeyCut& cut) {
  auto parts = CutByKey(cut);
  EXPECT_TRUE(parts.ok());
  return parts.ok() ? std::move(parts).value() : TableParts();
}

TEST(CutByKey, WholeNumbersThatLieCloseAreCutByTheirWidth) {
  Server server;
  server.high = "1500000";
  const TableParts parts = Parts(server.Cut({"id"}, TypeId::kLong));
  EXPECT_EQ(server.looked_up, 0);
  EXPECT_TRUE(parts.reason.ends_with("of equal width, 6 parts")) << parts.reason;
}

TEST(CutByKey, OthersAtKeysThatAreLookedUp) {
  for (const bool composite : {false, true}) {
    for (const TypeId type : {TypeId::kLong, TypeId::kDate, TypeId::kTimestamp, TypeId::kTimestampTz}) {
      Server server;
      const TableParts parts =
          Parts(server.Cut(composite ? std::vector<std::string>{"id", "line"} : std::vector<std::string>{"id"}, type));
      ASSERT_EQ(parts.parts.size(), 5U) << parts.reason;
      EXPECT_EQ(parts.parts[1].bounds, "id > 10 AND id <= 20");
      EXPECT_FALSE(parts.lasting);
    }
  }
}

TEST(CutByKey, WithoutAnOrderByAHashForSeveralStreams) {
  Server server;
  const KeyCut cut = server.Cut({"code", "line"}, TypeId::kString);
  const TableParts parts = Parts(cut);
  ASSERT_EQ(parts.parts.size(), 2U) << parts.reason;
  EXPECT_EQ(parts.parts[1].bounds, "CRC32(CONCAT_WS(',', code, line)) % 2 = 1");
  EXPECT_EQ(server.checked, 0);
  KeyCut lasting = cut;
  lasting.lasting = true;
  EXPECT_FALSE(Parts(lasting).lasting) << "the server's function may be another one tomorrow";
  lasting.streams = 1;
  EXPECT_TRUE(Parts(lasting).parts.empty()) << "one connection would read the table twice";
  EXPECT_TRUE(Parts(server.Cut({"code"}, TypeId::kString, KeyHash::kNone)).parts.empty());
  server.rows = 9'000;
  EXPECT_TRUE(Parts(cut).parts.empty()) << "so few rows are not worth it";
}

TEST(CutByKey, AFirstColumnOfOneValueTellsNothing) {
  Server server;
  server.bounds = 0;
  EXPECT_TRUE(Parts(server.Cut({"day", "id"}, TypeId::kDate)).reason.starts_with("a hash of the primary key day, id"));
}

TEST(CutByKey, NothingIsLookedUpThatNobodyReadsApart) {
  Server server;
  KeyCut whole = server.Cut({"id"}, TypeId::kLong), day = server.Cut({"day"}, TypeId::kDate);
  for (KeyCut* cut : {&whole, &day}) cut->streams = 1;
  EXPECT_EQ(Parts(whole).parts.size(), 6U);
  EXPECT_TRUE(Parts(day).parts.empty());
  for (KeyCut* cut : {&whole, &day}) {
    cut->streams = 2;
    cut->behind_bookmark = true;
  }
  EXPECT_EQ(Parts(whole).parts.size(), 6U);
  EXPECT_TRUE(Parts(day).parts.empty());
  EXPECT_EQ(server.looked_up, 0);
  day.behind_bookmark = false;
  day.streams = 1;
  day.lasting = true;
  EXPECT_TRUE(Parts(day).lasting);
}

TEST(CutByKey, EmptyTablesAndTablesWithoutAKey) {
  Server server;
  EXPECT_TRUE(Parts(server.Cut({}, TypeId::kLong)).parts.empty());
  server.low = server.high = "";
  server.rows = 0;
  EXPECT_EQ(Parts(server.Cut({"id"}, TypeId::kLong)).reason, "no rows");
  EXPECT_EQ(Parts(server.Cut({"day"}, TypeId::kDate)).reason, "no rows");
}

TEST(CutByKey, RowsWithoutAKeyComeWithTheFirstPart) {
  for (const char* const high : {"1500000", "100000000000"}) {  // by width, and at keys that are looked up
    Server server;
    server.high = high;
    KeyCut cut = server.Cut({"id"}, TypeId::kLong);
    cut.ways.nullable = true;
    const TableParts parts = Parts(cut);
    ASSERT_GT(parts.parts.size(), 1U) << parts.reason;
    EXPECT_TRUE(parts.parts[0].bounds.ends_with(" OR id IS NULL)")) << parts.parts[0].bounds;
    EXPECT_EQ(parts.parts[1].bounds.find("NULL"), std::string::npos);
  }
}

TEST(CutByKey, ServersOfOtherWordsAreCutAsTheyCan) {
  Server server;
  server.knows = false;
  EXPECT_EQ(CutByKey(server.Cut({"id"}, TypeId::kLong)).error().code(), "SRC-291");
  EXPECT_EQ(CutByKey(server.Cut({"day"}, TypeId::kDate)).error().code(), "SRC-291");
  for (const TypeId type : {TypeId::kLong, TypeId::kDate, TypeId::kString}) {
    KeyCut cut = server.Cut({"key"}, type);
    cut.ways.unsure = true;
    EXPECT_EQ(Parts(cut).parts.empty(), type != TypeId::kLong);
  }
  KeyCut cut = server.Cut({"key"}, TypeId::kLong);
  cut.ways.unsure = true;
  cut.next = [](const std::string&, int64_t) -> Result<std::optional<std::string>> {
    return MakeError("RUN-900", ErrorKind::kCancelled, "stopped");
  };
  EXPECT_EQ(CutByKey(cut).error().code(), "RUN-900");
}

}  // namespace
}  // namespace leat::component
