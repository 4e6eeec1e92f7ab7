#include "component/statement_stream.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "component/row_columns.h"

namespace leat::component {
namespace {

/// The condition of each statement is a number, and as many rows with that number are its answer.
class NumberStream : public StatementStream {
 public:
  NumberStream(const std::shared_ptr<StatementReading<SourceColumn>>& reading, ColumnBatch batch)
      : StatementStream(reading, std::move(batch), {}) {}

 protected:
  Status Begin(const std::string& sql) override {
    left_ = number_ = std::stoll(sql.substr(sql.find_last_of(' ') + 1));
    if (left_ < 0) return MakeError("SRC-279", ErrorKind::kData, "table numbers: {}", sql);
    return Ok();
  }
  Result<bool> PutRow(int64_t row, int64_t& bytes) override {
    if (left_-- == 0) return false;
    batch_.Values<int64_t>(0)[row] = number_;
    PutVerdict(batch_, 1, row, "", "");
    bytes = 8;
    return true;
  }
  Result<std::vector<TextRow>> Ask(const std::string&) override { return std::vector<TextRow>(); }

 private:
  int64_t left_ = 0, number_ = 0;
};

class StatementStreamTest : public testing::Test {
 protected:
  StatementStreamTest() {
    reading_->what = "table numbers";
    reading_->columns = {{"n", data::Primitive(data::TypeId::kLong), ""}};
  }
  std::unique_ptr<NumberStream> Open() {
    return std::make_unique<NumberStream>(reading_,
                                          std::move(ColumnBatch::Make(StreamColumns(reading_->columns)).value()));
  }
  /// The numbers of the next batch; none at the end.
  static std::optional<std::vector<int64_t>> Next(ArrowStream& stream) {
    ArrowArray array{};
    ArrowSchema schema{};
    const auto more = stream.Next(&array, &schema);
    EXPECT_TRUE(more.ok()) << more.error().ToString();
    if (!more.ok() || !*more) return std::nullopt;
    EXPECT_EQ(schema.n_children, 4);
    const auto* values = static_cast<const int64_t*>(array.children[0]->buffers[1]);
    std::vector<int64_t> numbers(values, values + array.length);
    array.release(&array);
    schema.release(&schema);
    return numbers;
  }

  std::shared_ptr<StatementReading<SourceColumn>> reading_ = std::make_shared<StatementReading<SourceColumn>>();
};

TEST_F(StatementStreamTest, NoStatementsAndNoRowsAreOneEmptyBatch) {
  reading_->statements.Add("0");
  const auto stream = Open(), second = Open();
  for (ArrowStream* one : {static_cast<ArrowStream*>(stream.get()), static_cast<ArrowStream*>(second.get())}) {
    EXPECT_EQ(Next(*one), std::vector<int64_t>());
    EXPECT_EQ(Next(*one), std::nullopt);
    EXPECT_EQ(one->rows_read(), 0);
  }
}

TEST_F(StatementStreamTest, BatchesGoOnOverTheEndsOfStatements) {
  for (const char* rows : {"3", "0", "2046", "2", "2047"}) reading_->statements.Add(rows);
  const auto stream = Open();
  std::vector<int64_t> all, sizes;
  while (const auto batch = Next(*stream)) {
    sizes.push_back(static_cast<int64_t>(batch->size()));
    all.insert(all.end(), batch->begin(), batch->end());
  }
  EXPECT_EQ(sizes, (std::vector<int64_t>{2048, 2048, 2}));
  std::vector<int64_t> expected;
  for (const int64_t rows : {3, 2046, 2, 2047}) expected.insert(expected.end(), static_cast<size_t>(rows), rows);
  EXPECT_EQ(all, expected);
  EXPECT_EQ(stream->rows_read(), 4098);
}

TEST_F(StatementStreamTest, FailureIsTheStatements) {
  reading_->statements.Add("-1");
  ArrowArray array{};
  ArrowSchema schema{};
  EXPECT_EQ(Open()->Next(&array, &schema).error().code(), "SRC-279");
}

TEST_F(StatementStreamTest, FailureIsToldToWhoOpensTheNextStream) {
  reading_->statements.Add("2");
  reading_->statements.Add("-1");
  const auto failed = std::make_shared<std::atomic<bool>>(false);
  const auto stream = Open();
  stream->TellFailure(failed);
  ArrowArray array{};
  ArrowSchema schema{};
  EXPECT_FALSE(*failed);
  EXPECT_FALSE(stream->Next(&array, &schema).ok());
  EXPECT_TRUE(*failed);
}

/// Each piece is a range of keys from 1 to 5000, a row for each; the server ends a statement behind 3000 rows.
class EndedStream : public StatementStream {
 public:
  EndedStream(const std::shared_ptr<StatementReading<SourceColumn>>& reading, ColumnBatch batch)
      : StatementStream(reading, std::move(batch), {}) {}
  int ended = 0;

 protected:
  Status Begin(const std::string& sql) override {
    const auto number = [&](const char* sign, int64_t otherwise) {
      const size_t at = sql.find(sign);
      return at == std::string::npos ? otherwise : std::stoll(sql.substr(at + std::string(sign).size()));
    };
    next_ = number("k > ", 0) + 1;
    last_ = number("k <= ", 5000);
    rows_ = 0;
    return Ok();
  }
  Result<bool> PutRow(int64_t row, int64_t& bytes) override {
    if (next_ > last_) return false;
    if (++rows_ > 3000) {
      ++ended;
      return MakeError(kStatementEnded, ErrorKind::kEnvironment, "too long");
    }
    batch_.Values<int64_t>(0)[row] = next_++;
    PutVerdict(batch_, 1, row, "", "");
    bytes = 8;
    return true;
  }
  Result<std::vector<TextRow>> Ask(const std::string&) override { return std::vector<TextRow>{{"1", "5000"}}; }

 private:
  int64_t next_ = 0, last_ = 0, rows_ = 0;
};

TEST_F(StatementStreamTest, RowsOfAStatementThatWasEndedComeOnce) {
  reading_->statements.longest = std::chrono::seconds(1);
  PieceCut& cut = reading_->statements.cut;
  cut.columns.push_back({"k", data::Primitive(data::TypeId::kLong), "k", "MIN(k)", "MAX(k)",
                         [](const auto& text) { return text; },
                         [](const auto& value) { return Result<std::string>(value); }});
  reading_->statements.Add("");
  EndedStream stream(reading_, std::move(ColumnBatch::Make(StreamColumns(reading_->columns)).value()));
  std::vector<int64_t> all;
  while (const auto batch = Next(stream)) all.insert(all.end(), batch->begin(), batch->end());
  EXPECT_EQ(stream.ended, 1);
  ASSERT_EQ(all.size(), 5000u);
  for (size_t i = 0; i < all.size(); ++i) ASSERT_EQ(all[i], static_cast<int64_t>(i) + 1);
  EXPECT_EQ(stream.rows_read(), 5000);
}

TEST_F(StatementStreamTest, WhatCannotBeCutEndsWithTheReason) {
  reading_->statements.longest = std::chrono::seconds(1);
  reading_->statements.cut.uncut = "it has no primary key";
  reading_->statements.Add("");
  EndedStream stream(reading_, std::move(ColumnBatch::Make(StreamColumns(reading_->columns)).value()));
  EXPECT_EQ(Next(stream).value_or(std::vector<int64_t>()).size(), 2048u);
  ArrowArray array{};
  ArrowSchema schema{};
  const auto ended = stream.Next(&array, &schema);
  ASSERT_FALSE(ended.ok());
  EXPECT_EQ(ended.error().code(), "SRC-441");
  EXPECT_NE(ended.error().message().find("no primary key"), std::string::npos) << ended.error().message();
}

TEST(StatementQueue, GivesEachStatementOnceToAnyThread) {
  StatementQueue queue;
  queue.select = "SELECT 1";
  for (int i = 0; i < 1000; ++i) queue.Add(std::to_string(i));
  EXPECT_EQ(queue.size(), 1000);
  std::vector<std::string> taken[2];
  std::vector<std::thread> threads;
  for (auto& mine : taken) {
    threads.emplace_back([&] {
      while (auto piece = queue.Take(nullptr).value()) mine.push_back(queue.TextOf(*piece));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all(taken[0].begin(), taken[0].end());
  all.insert(taken[1].begin(), taken[1].end());
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_EQ(taken[0].size() + taken[1].size(), 1000u);
  EXPECT_TRUE(all.contains("SELECT 1 WHERE 999"));
  EXPECT_EQ(queue.size(), 0);
}

}  // namespace
}  // namespace leat::component
