#include "component/statement_stream.h"

#include <gtest/gtest.h>

#include <set>
#include <thread>

#include "component/row_columns.h"

namespace leat::component {
namespace {

/// Each statement is a number, and as many rows with that number are its answer.
class NumberStream : public StatementStream {
 public:
  NumberStream(std::shared_ptr<StatementReading<SourceColumn>> reading, ColumnBatch batch)
      : StatementStream(std::move(batch), {}), reading_(std::move(reading)) {}

 protected:
  Result<bool> PutNext(int64_t row, int64_t& bytes) override {
    while (left_ == 0) {
      if (running_) EndStatement();
      const std::optional<std::string> statement = reading_->statements.Take();
      running_ = statement.has_value();
      if (!running_) return false;
      BeginStatement();
      left_ = std::stoll(*statement);
      if (left_ < 0) return MakeError("SRC-279", ErrorKind::kData, "{}: {}", reading_->what, *statement);
      number_ = left_;
    }
    --left_;
    batch_.Values<int64_t>(0)[row] = number_;
    PutVerdict(batch_, 1, row, "", "");
    bytes = 8;
    return true;
  }

 private:
  std::shared_ptr<StatementReading<SourceColumn>> reading_;
  int64_t left_ = 0, number_ = 0;
  bool running_ = false;
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

TEST(StatementQueue, GivesEachStatementOnceToAnyThread) {
  StatementQueue queue;
  queue.select = "SELECT ";
  for (int i = 0; i < 1000; ++i) queue.Add(std::to_string(i));
  EXPECT_EQ(queue.size(), 1000);
  std::vector<std::string> taken[2];
  std::vector<std::thread> threads;
  for (auto& mine : taken) {
    threads.emplace_back([&] {
      while (auto statement = queue.Take()) mine.push_back(std::move(*statement));
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::set<std::string> all(taken[0].begin(), taken[0].end());
  all.insert(taken[1].begin(), taken[1].end());
  EXPECT_EQ(all.size(), 1000u);
  EXPECT_EQ(taken[0].size() + taken[1].size(), 1000u);
  EXPECT_TRUE(all.contains("SELECT 999"));
  EXPECT_EQ(queue.size(), 0);
}

}  // namespace
}  // namespace leat::component
