#include <cstring>
#include <deque>
#include <mutex>

#include "data/arrow_abi.h"
#include "sql/test_engine.h"

namespace leat::sql {
namespace {

int released_arrays = 0;
int released_schemas = 0;

/// A batch of two columns, n BIGINT with a NULL at each third row and s VARCHAR, that frees itself when released.
struct OwnedBatch {
  std::vector<int64_t> numbers;
  std::vector<uint8_t> validity;
  std::vector<int32_t> offsets{0};
  std::string bytes;
  const void* number_buffers[2];
  const void* text_buffers[3];
  const void* none[1] = {nullptr};
  ArrowArray children[2]{};
  ArrowArray* child_pointers[2];
  ArrowSchema schema_children[2]{};
  ArrowSchema* schema_pointers[2];
};

void Keep(ArrowArray* array) { array->release = nullptr; }
void KeepSchema(ArrowSchema* schema) { schema->release = nullptr; }

void Fill(std::deque<OwnedBatch>& store, int64_t first, int64_t rows, ArrowArray* array, ArrowSchema* schema) {
  OwnedBatch& batch = store.emplace_back();
  batch.validity.assign(static_cast<size_t>(rows / 8 + 1), 0);
  for (int64_t i = 0; i < rows; ++i) {
    batch.numbers.push_back(first + i);
    if ((first + i) % 3 != 0) batch.validity[static_cast<size_t>(i / 8)] |= static_cast<uint8_t>(1U << (i % 8));
    batch.bytes += "row " + std::to_string(first + i);
    batch.offsets.push_back(static_cast<int32_t>(batch.bytes.size()));
  }
  batch.number_buffers[0] = batch.validity.data();
  batch.number_buffers[1] = batch.numbers.data();
  batch.text_buffers[0] = nullptr;
  batch.text_buffers[1] = batch.offsets.data();
  batch.text_buffers[2] = batch.bytes.data();
  batch.children[0] = {rows, -1, 0, 2, 0, batch.number_buffers, nullptr, nullptr, Keep, nullptr};
  batch.children[1] = {rows, 0, 0, 3, 0, batch.text_buffers, nullptr, nullptr, Keep, nullptr};
  batch.schema_children[0] = {"l", "n", nullptr, 2, 0, nullptr, nullptr, KeepSchema, nullptr};
  batch.schema_children[1] = {"u", "S t", nullptr, 2, 0, nullptr, nullptr, KeepSchema, nullptr};
  for (int i = 0; i < 2; ++i) {
    batch.child_pointers[i] = &batch.children[i];
    batch.schema_pointers[i] = &batch.schema_children[i];
  }
  *array = {rows,
            0,
            0,
            1,
            2,
            batch.none,
            batch.child_pointers,
            nullptr,
            [](ArrowArray* a) {
              ++released_arrays;
              a->release = nullptr;
            },
            nullptr};
  *schema = {"+s",
             "",
             nullptr,
             0,
             2,
             batch.schema_pointers,
             nullptr,
             [](ArrowSchema* s) {
               ++released_schemas;
               s->release = nullptr;
             },
             nullptr};
}

/// A reader of batches of `sizes` rows, numbered from `first` on.
Connection::BatchReader Reader(std::deque<OwnedBatch>& store, std::vector<int64_t> sizes, int64_t first) {
  auto batch = std::make_shared<size_t>(0);
  auto next = std::make_shared<int64_t>(first);
  return [&store, sizes, batch, next](ArrowArray* array, ArrowSchema* schema) -> Result<bool> {
    if (*batch == sizes.size()) return false;
    static std::mutex mutex;  // the store is the test's, not the stream's
    std::lock_guard lock(mutex);
    Fill(store, *next, sizes[*batch], array, schema);
    *next += sizes[(*batch)++];
    return true;
  };
}

TEST_F(EngineTest, StreamGivesEveryRowOfEveryReaderOnce) {
  released_arrays = released_schemas = 0;
  std::deque<OwnedBatch> store;
  std::vector<Connection::BatchReader> readers;
  for (int64_t i = 0; i < 3; ++i) readers.push_back(Reader(store, {1, 2048, 0, 2000, 951}, i * 5000));
  auto columns = connection_->RegisterStream("s", std::move(readers));
  ASSERT_TRUE(columns.ok()) << columns.error().ToString();
  ASSERT_EQ(columns->size(), 2U);
  EXPECT_EQ((*columns)[0].type, "BIGINT");
  EXPECT_EQ((*columns)[1].name, "S t");
  EXPECT_EQ(
      Rows("SELECT count(*), count(n), sum(n), count(DISTINCT \"S t\") FROM s()"),
      Rows("SELECT count(*), count(i) FILTER (i % 3 != 0), sum(i) FILTER (i % 3 != 0), count(DISTINCT 'row ' || i) "
           "FROM range(15000) t(i)"));
  EXPECT_EQ(released_arrays, 15);
  EXPECT_EQ(released_schemas, 15);
  EXPECT_EQ(Rows("SELECT count(*) FROM s()"), "0") << "what was read is gone";
  ASSERT_TRUE(connection_->RegisterStream("s", {Reader(store, {7}, 0)}).ok());
  EXPECT_EQ(Rows("SELECT count(*) FROM s()"), "7") << "registered again, it reads again";
}

TEST_F(EngineTest, StreamErrorsAreTheStatements) {
  std::deque<OwnedBatch> store;
  ASSERT_TRUE(connection_->RegisterStream("no_rows", {Reader(store, {0}, 0)}).ok());
  EXPECT_EQ(Rows("SELECT count(n) FROM no_rows()"), "0");
  auto nothing = connection_->RegisterStream("nil", {[](ArrowArray*, ArrowSchema*) -> Result<bool> { return false; }});
  ASSERT_FALSE(nothing.ok());
  EXPECT_EQ(nothing.error().code(), "SQL-206");
  auto lost = [&store, calls = 0](ArrowArray* array, ArrowSchema* schema) mutable -> Result<bool> {
    if (calls++ == 2) return MakeError("SRC-1", ErrorKind::kEnvironment, "peer lost");
    Fill(store, 0, 10, array, schema);
    return true;
  };
  ASSERT_TRUE(connection_->RegisterStream("bad", {lost}).ok());
  auto failing = connection_->Query("SELECT sum(n) FROM bad()");
  ASSERT_FALSE(failing.ok());
  EXPECT_EQ(failing.error().code(), "SRC-1");
  ASSERT_TRUE(connection_->RegisterStream("big", {Reader(store, {1, 4096}, 0)}).ok());
  auto big = connection_->Query("SELECT sum(n) FROM big()");
  ASSERT_FALSE(big.ok());
  EXPECT_EQ(big.error().code(), "SQL-206");
}

}  // namespace
}  // namespace leat::sql
