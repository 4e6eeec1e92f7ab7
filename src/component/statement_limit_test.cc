#include "component/statement_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>

#include "component/statement_stream.h"

namespace leat::component {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kKeys = 1000;

/// A table with keys 1 to kKeys, asked for in the words of CutPiece: its conditions are "k > a" and "k <= b", joined by AND.
struct Table {
  PieceCut cut;
  int asked = 0;

  explicit Table(data::TypeId id) {
    cut.relation = "t";
    cut.columns.push_back({"k", data::Primitive(id), "k", "MIN(k)", "MAX(k)", [](const auto& text) { return text; },
                           [](const auto& value) { return Result<std::string>(value); }});
    cut.row_behind = [](const std::string& select, int64_t skip) { return select + " SKIP " + std::to_string(skip); };
  }

  static std::vector<int> Rows(const std::string& sql) {
    int above = 0, through = kKeys;
    static const std::regex kBound("k (>|<=) (\\d+)");
    for (std::sregex_iterator at(sql.begin(), sql.end(), kBound), end; at != end; ++at) {
      const int value = std::stoi((*at)[2]);
      if ((*at)[1] == ">") above = std::max(above, value);
      else through = std::min(through, value);
    }
    std::vector<int> rows;
    for (int k = above + 1; k <= through; ++k) rows.push_back(k);
    return rows;
  }

  AskRows Ask() {
    return [this](const std::string& sql) -> Result<std::vector<TextRow>> {
      ++asked;
      const std::vector<int> rows = Rows(sql);
      if (sql.find("MIN(") != std::string::npos) {
        if (rows.empty()) return std::vector<TextRow>{{std::nullopt, std::nullopt}};
        return std::vector<TextRow>{{std::to_string(rows.front()), std::to_string(rows.back())}};
      }
      const auto skip = static_cast<size_t>(std::stoi(sql.substr(sql.find("SKIP ") + 5)));
      if (skip >= rows.size()) return std::vector<TextRow>();
      return std::vector<TextRow>{{std::to_string(rows[skip])}};
    };
  }

  /// Each row of the piece is in one of the pieces.
  void ExpectWhole(const StatementPiece& piece, const std::vector<StatementPiece>& pieces) const {
    std::vector<int> all;
    for (const StatementPiece& one : pieces) {
      const std::vector<int> rows = Rows(cut.ConditionOf(one));
      all.insert(all.end(), rows.begin(), rows.end());
    }
    EXPECT_EQ(all, Rows(cut.ConditionOf(piece)));
  }
};

StatementPiece Piece(const std::string& bounds, int64_t rows) {
  StatementPiece piece;
  piece.bounds = bounds;
  piece.rows = rows;
  return piece;
}

TEST(CutPieceTest, PiecesHoldEachRowOnce) {
  for (const data::TypeId id : {data::TypeId::kLong, data::TypeId::kDate}) {
    Table table(id);
    // Dates of the questions are no numbers: a type whose values are looked up, and are numbers.
    if (id == data::TypeId::kDate) table.cut.columns[0].type = data::Decimal(10, 0);
    for (const int64_t rows : {0, 4, 900, 1'000'000}) {
      const StatementPiece piece = Piece("k > 100", rows);
      const auto pieces = CutPiece(table.cut, piece, 4, table.Ask());
      ASSERT_TRUE(pieces.ok());
      EXPECT_GE(pieces->size(), 2u) << rows;
      EXPECT_LE(pieces->size(), 10u) << rows;
      table.ExpectWhole(piece, *pieces);
      size_t most = 0;
      for (const StatementPiece& one : *pieces) most = std::max(most, Table::Rows(table.cut.ConditionOf(one)).size());
      EXPECT_LT(most, 900u) << rows;
    }
  }
}

TEST(CutPieceTest, OneValueAndNoRowsStayOnePiece) {
  for (const char* bounds : {"k > 6 AND k <= 7", "k > 5000"}) {
    for (const bool looked_up : {false, true}) {
      Table table(data::TypeId::kLong);
      if (looked_up) table.cut.columns[0].type = data::Decimal(10, 0);
      const auto pieces = CutPiece(table.cut, Piece(bounds, 500), 4, table.Ask());
      ASSERT_TRUE(pieces.ok());
      ASSERT_EQ(pieces->size(), 1u) << bounds;
      EXPECT_EQ(table.cut.ConditionOf(pieces->front()), bounds);
    }
  }
}

TEST(CutPieceTest, RowsWithoutAKeyAreInTheFirstPiece) {
  Table table(data::TypeId::kLong);
  table.cut.nullable = true;
  const auto pieces = CutPiece(table.cut, Piece("", 1000), 2, table.Ask());
  ASSERT_TRUE(pieces.ok() && pieces->size() == 2);
  EXPECT_EQ(table.cut.ConditionOf((*pieces)[0]), "(k <= 500 OR k IS NULL)");
  EXPECT_EQ(table.cut.ConditionOf((*pieces)[1]), "k > 500");
}

TEST(CutPieceTest, TheSecondColumnWhereTheFirstHasOneValue) {
  Table table(data::TypeId::kLong);
  const CutColumn second = {"n",
                            data::Primitive(data::TypeId::kLong),
                            "n",
                            "MIN(n)",
                            "MAX(n)",
                            table.cut.columns[0].value_of,
                            table.cut.columns[0].literal};
  table.cut.columns.push_back(second);
  const AskRows of_key = table.Ask();
  const AskRows ask = [&](const std::string& sql) -> Result<std::vector<TextRow>> {
    if (sql.find("MIN(n)") != std::string::npos) return std::vector<TextRow>{{"0", "9"}};
    return of_key(sql);
  };
  const auto pieces = CutPiece(table.cut, Piece("k > 6 AND k <= 7", 10), 2, ask);
  ASSERT_TRUE(pieces.ok() && pieces->size() == 3);
  EXPECT_EQ(table.cut.ConditionOf((*pieces)[0]), "k > 6 AND k <= 7 AND k = 7 AND n <= 4");
  EXPECT_EQ(table.cut.ConditionOf((*pieces)[1]), "k > 6 AND k <= 7 AND k = 7 AND n > 4");
  EXPECT_EQ(table.cut.ConditionOf((*pieces)[2]), "k > 6 AND k <= 7 AND k <> 7");
}

TEST(StatementQueueTest, WhatWasStoppedComesAgainInSmallerPieces) {
  Table table(data::TypeId::kLong);
  StatementQueue queue;
  queue.select = "SELECT";
  queue.condition = "c";
  queue.longest = seconds(1);
  queue.cut = table.cut;
  queue.Add("", kKeys);
  std::set<int> read;
  int stopped = 0;
  // The server gives up what reads more than 40 rows.
  while (auto piece = queue.Take(table.Ask()).value()) {
    const std::vector<int> rows = Table::Rows(queue.TextOf(*piece));
    if (rows.size() > 40) {
      ++stopped;
      ASSERT_TRUE(queue.Stopped(*piece, false, table.Ask()).value());
      continue;
    }
    for (const int row : rows) EXPECT_TRUE(read.insert(row).second) << row;
    SourceCost cost;
    cost.time = milliseconds(20 * rows.size());
    queue.Done(*piece, cost);
  }
  EXPECT_EQ(read.size(), static_cast<size_t>(kKeys));
  EXPECT_LE(stopped, 8);  // what the first ones showed is known of the others
}

TEST(StatementQueueTest, ARowThatNeverComesIsTriedTwelveTimes) {
  Table table(data::TypeId::kLong);
  StatementQueue queue;
  queue.longest = seconds(1);
  queue.cut = table.cut;
  queue.Add("k > 6 AND k <= 7", 1);
  int stopped = 0;
  for (bool again = true; again; ++stopped) {
    const auto piece = queue.Take(table.Ask()).value();
    ASSERT_TRUE(piece.has_value());
    again = queue.Stopped(*piece, false, table.Ask()).value();
  }
  EXPECT_EQ(stopped, kMostStops);
  EXPECT_EQ(queue.size(), 0);
}

TEST(MySqlLimitTest, MariaDbAndMySqlHaveWordsOfTheirOwn) {
  EXPECT_EQ(MySqlLimited("10.11.6-MariaDB", "SELECT 1", milliseconds(1050)),
            "SET STATEMENT max_statement_time=1.050 FOR SELECT 1");
  EXPECT_EQ(MySqlLimited("8.0.36", "SELECT 1", milliseconds(1050)), "SELECT /*+ MAX_EXECUTION_TIME(1050) */ 1");
  EXPECT_EQ(MySqlLimited("8.0.36", "SELECT 1", milliseconds(0)), "SELECT 1");
  EXPECT_EQ(MySqlSessionLimit("10.11.6-MariaDB", seconds(2)), "SET max_statement_time = 2.000");
  EXPECT_EQ(MySqlSessionLimit("8.0.36", seconds(2)), "SET max_execution_time = 2000");
}

TEST(FittingUnitsTest, HalfTheLongestTimeAndSlowGrowth) {
  EXPECT_EQ(FittingUnits(100, seconds(1), 0, seconds(1)), 50);
  EXPECT_EQ(FittingUnits(100, milliseconds(1), 0, seconds(1)), 151);
  EXPECT_EQ(FittingUnits(100, milliseconds(1), 64 << 20, seconds(1)), 50);
  EXPECT_EQ(FittingUnits(0, seconds(100), 0, seconds(1)), 1);
}

}  // namespace
}  // namespace leat::component
