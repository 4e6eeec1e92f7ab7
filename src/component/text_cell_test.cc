#include "component/text_cell.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "component/source.h"

namespace leat::component {
namespace {

using data::TypeId;

/// A batch of one column of that type.
ColumnBatch OneColumn(TypeId id) { return std::move(ColumnBatch::Make({{"k0", data::Primitive(id)}}).value()); }

/// Takes the batch: true where its row is no NULL.
std::vector<bool> Valid(ColumnBatch& batch, int64_t rows) {
  ArrowArray array{};
  ArrowSchema schema{};
  batch.Take(rows, &array, &schema);
  const auto* bits = static_cast<const uint8_t*>(array.children[0]->buffers[0]);
  std::vector<bool> valid;
  for (int64_t row = 0; row < rows; ++row) valid.push_back(bits == nullptr || (bits[row / 8] >> (row % 8) & 1) != 0);
  array.release(&array);
  schema.release(&schema);
  return valid;
}

TEST(TextCell, DoubleThatIsNoFloatIsRefused) {
  ColumnBatch batch = OneColumn(TypeId::kFloat);
  const data::TypePtr narrow = data::Primitive(TypeId::kFloat);
  const std::pair<double, bool> cases[] = {{0.5, true},          {16777217.0, false},
                                           {0.1, false},         {std::numeric_limits<double>::infinity(), true},
                                           {std::nan(""), true}, {1e300, false}};
  int64_t row = 0;
  std::vector<bool> expected;
  for (const auto& [value, good] : cases) {
    EXPECT_EQ(PutReal(batch, 0, row++, *narrow, value), good) << value;
    expected.push_back(good);
  }
  EXPECT_EQ(batch.Values<float>(0)[0], 0.5F);
  EXPECT_TRUE(std::isnan(batch.Values<float>(0)[4]));
  EXPECT_EQ(Valid(batch, row), expected);
  ColumnBatch wide = OneColumn(TypeId::kDouble);
  EXPECT_TRUE(PutReal(wide, 0, 0, *data::Primitive(TypeId::kDouble), 1e300));
  EXPECT_EQ(wide.Values<double>(0)[0], 1e300);
}

TEST(TextCell, MomentWithoutZoneIsUtc) {
  ColumnBatch batch = OneColumn(TypeId::kTimestampTz);
  const data::TypePtr moment = data::Primitive(TypeId::kTimestampTz);
  EXPECT_TRUE(PutUtcText(batch, 0, 0, *moment, "1970-01-01 00:00:01.5"));
  EXPECT_EQ(batch.Values<int64_t>(0)[0], 1'500'000);
  EXPECT_FALSE(PutUtcText(batch, 0, 1, *moment, "0000-00-00 00:00:00"));
  EXPECT_EQ(Valid(batch, 2), (std::vector<bool>{true, false}));
  ColumnBatch day = OneColumn(TypeId::kDate);
  EXPECT_TRUE(PutUtcText(day, 0, 0, *data::Primitive(TypeId::kDate), "1970-01-03"));
  EXPECT_EQ(day.Values<int32_t>(0)[0], 2);
}

TEST(TextCell, RefusedCellsAndDigits) {
  const RefusedParts refused =
      SplitRefusedRow(RefusedCell("price", std::string(300, '9'), "decimal(65,0)", *data::Decimal(9, 2)));
  EXPECT_EQ(refused.reason_code, "cast");
  EXPECT_EQ(refused.column, "price");
  EXPECT_EQ(refused.message, "'" + std::string(100, '9') + "' of decimal(65,0) is not exactly a decimal(9,2)");
  EXPECT_EQ(HexText(std::string_view("\x00\x0f\xff", 3)), "000fff");
  EXPECT_EQ(HexText(""), "");
}

}  // namespace
}  // namespace leat::component
