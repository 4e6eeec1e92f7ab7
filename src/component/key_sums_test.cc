#include "component/key_sums.h"

#include <gtest/gtest.h>

namespace leat::component {
namespace {

using data::Primitive;
using data::TypeId;

TEST(KeySums, OrdinalsAreWrittenAsValues) {
  EXPECT_EQ(OrdinalText(*Primitive(TypeId::kDate), -1, false), "1969-12-31");
  EXPECT_EQ(OrdinalText(*Primitive(TypeId::kTimestamp), -1, false), "1969-12-31 23:59:59.999999");
  EXPECT_EQ(OrdinalText(*data::Decimal(12, 4), -5, false), "-0.0005");
  EXPECT_EQ(OrdinalText(*data::Decimal(12, 4), 123456, false), "12.3456");
  EXPECT_EQ(OrdinalText(*data::Decimal(12, 0), 0, false), "0");
  EXPECT_EQ(OrdinalText(*Primitive(TypeId::kUuid), 0x123456789abcdef, false), "12345678-9abc-def0-0000-000000000000");
  EXPECT_EQ(OrdinalText(*Primitive(TypeId::kUuid), 1, true), "00000000-0000-001f-ffff-ffffffffffff");
  EXPECT_TRUE(HasOrdinalText(*Primitive(TypeId::kDate), -719162, 2932896));
  EXPECT_FALSE(HasOrdinalText(*Primitive(TypeId::kDate), -719163, 0));
  EXPECT_FALSE(HasOrdinalText(*Primitive(TypeId::kTimestamp), 0, 253402300800000000));
}

TEST(KeySums, OrderIsOnlyWhereItIsCertain) {
  const KeyColumn uuid{"u", Primitive(TypeId::kUuid)}, text{"t", Primitive(TypeId::kString)};
  EXPECT_NE(OrdinalSql(KeyDialect::kPostgres, uuid), "");
  EXPECT_EQ(OrdinalSql(KeyDialect::kMySql, uuid), "");
  EXPECT_EQ(OrdinalSql(KeyDialect::kPostgres, text), "");
  EXPECT_EQ(OrdinalSql(KeyDialect::kEngine, {"d", data::Decimal(19, 0)}), "");
  EXPECT_FALSE(HasKeyText(*Primitive(TypeId::kDouble)));
  EXPECT_FALSE(HasPostgresText("bpchar"));
  EXPECT_FALSE(HasPostgresText("numeric"));
}

TEST(KeySums, AnswersOfPiecesAreAdded) {
  KeySums sums;
  AddSums(sums, {{"7", "2", "2", "18446744073709551615"}, {std::nullopt, "3", "3", "5"}});
  AddSums(sums, {{"7", "1", "1", "3"}});
  EXPECT_EQ(sums.keys, 6);
  EXPECT_FALSE(sums.nulls);
  EXPECT_EQ(sums.chunks.size(), 1U);
  EXPECT_EQ(sums.chunks[7], (KeySums::Chunk{3, 2}));
  AddSums(sums, {{"8", "2", "1", "3"}});
  EXPECT_TRUE(sums.nulls);
}

}  // namespace
}  // namespace leat::component
