#include <cstring>
#include <deque>

#include "sql/arrow_abi.h"
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

TEST_F(EngineTest, LoadArrowStoresEveryRowOfEveryBatch) {
  released_arrays = released_schemas = 0;
  std::deque<OwnedBatch> store;
  std::vector<int64_t> sizes{1, 2048, 0, 5000, 100000};
  size_t batch = 0;
  int64_t first = 0;
  auto loaded = connection_->LoadArrow("in", [&](ArrowArray* array, ArrowSchema* schema) -> Result<bool> {
    if (batch == sizes.size()) return false;
    Fill(store, first, sizes[batch], array, schema);
    first += sizes[batch++];
    return true;
  });
  ASSERT_TRUE(loaded.ok()) << loaded.error().ToString();
  EXPECT_EQ(*loaded, 107049);
  EXPECT_EQ(released_arrays, 5);
  EXPECT_EQ(released_schemas, 5);
  EXPECT_EQ(
      Rows("SELECT count(*), count(n), sum(n), count(DISTINCT \"S t\"), max(len(\"S t\")) FROM \"in\""),
      Rows("SELECT count(*), count(i) FILTER (i % 3 != 0), sum(i) FILTER (i % 3 != 0), count(DISTINCT 'row ' || i), 10 "
           "FROM range(107049) t(i)"));
  EXPECT_EQ(Rows("SELECT \"S t\" FROM \"in\" WHERE n = 7049"), "row 7049");
}

TEST_F(EngineTest, LoadArrowOfAnEmptyStream) {
  std::deque<OwnedBatch> store;
  bool given = false;
  auto columns_only = connection_->LoadArrow("none", [&](ArrowArray* array, ArrowSchema* schema) -> Result<bool> {
    if (given) return false;
    given = true;
    Fill(store, 0, 0, array, schema);
    return true;
  });
  ASSERT_TRUE(columns_only.ok()) << columns_only.error().ToString();
  EXPECT_EQ(*columns_only, 0);
  EXPECT_EQ(Rows("SELECT count(n) FROM none"), "0");
  auto nothing = connection_->LoadArrow("nil", [](ArrowArray*, ArrowSchema*) -> Result<bool> { return false; });
  ASSERT_TRUE(nothing.ok());
  EXPECT_EQ(*nothing, 0);
  auto failing = connection_->LoadArrow("bad", [](ArrowArray*, ArrowSchema*) -> Result<bool> {
    return MakeError("SRC-1", ErrorKind::kEnvironment, "peer lost");
  });
  ASSERT_FALSE(failing.ok());
  EXPECT_EQ(failing.error().code(), "SRC-1");
}

}  // namespace
}  // namespace leat::sql
