#include "data/value_json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace leat::data {
namespace {

using nlohmann::json;

TEST(ValueJsonTest, ValuesComeBackAsTheyWere) {
  const std::vector<std::pair<TypePtr, json>> cases = {
      {Primitive(TypeId::kBoolean), true},
      {Primitive(TypeId::kInt), -2147483648},
      {Primitive(TypeId::kLong), std::numeric_limits<int64_t>::max()},
      {Primitive(TypeId::kFloat), 1.5},
      {Primitive(TypeId::kDouble), -0.25},
      {Decimal(9, 4), "123.4500"},
      {Decimal(38, 0), "99999999999999999999999999999999999999"},
      {Primitive(TypeId::kDate), "2007-12-03"},
      {Primitive(TypeId::kTime), "22:31:08.123456"},
      {Primitive(TypeId::kTimestamp), "2007-12-03T10:15:30.123456"},
      {Primitive(TypeId::kTimestampTz), "1969-12-31T23:59:59.999999+00:00"},
      {Primitive(TypeId::kString), "it's é"},
      {Primitive(TypeId::kUuid), "eb26bdb1-a1d8-4aa6-990e-da940875492c"},
      {Fixed(3), "78797A"},
      {Primitive(TypeId::kBinary), "00FF"},
  };
  for (const auto& [type, written] : cases) {
    const auto value = ValueFromJson(written, *type);
    ASSERT_TRUE(value.ok()) << TypeName(*type) << ": " << value.error().ToString();
    EXPECT_EQ(ValueToJson(*value, *type), written) << TypeName(*type);
  }
}

TEST(ValueJsonTest, OtherFormsOfClients) {
  EXPECT_EQ(*ValueFromJson(3, *Primitive(TypeId::kDate)), Value(int32_t{3}));
  EXPECT_EQ(*ValueFromJson(1.25, *Decimal(4, 2)), *ValueFromJson("1.25", *Decimal(4, 2)));
  EXPECT_EQ(*ValueFromJson("2007-12-03T10:15:30Z", *Primitive(TypeId::kTimestampTz)),
            *ValueFromJson("2007-12-03T10:15:30+00:00", *Primitive(TypeId::kTimestampTz)));
  EXPECT_EQ(*ValueFromJson("1970-01-01T00:00:00.000001", *Primitive(TypeId::kTimestampNs)), Value(int64_t{1000}));
  EXPECT_EQ(*ValueFromJson(nullptr, *Primitive(TypeId::kLong)), Value());
  EXPECT_TRUE(ValueToJson(Value(std::numeric_limits<double>::infinity()), *Primitive(TypeId::kDouble)).is_null());
}

TEST(ValueJsonTest, WhatIsNoValueOfTheType) {
  const std::vector<std::pair<TypePtr, json>> cases = {
      {Primitive(TypeId::kBoolean), 1},
      {Primitive(TypeId::kInt), 2147483648},
      {Primitive(TypeId::kInt), 1.5},
      {Primitive(TypeId::kLong), 9223372036854775808ULL},
      {Primitive(TypeId::kLong), "1"},
      {Decimal(4, 2), "1.255"},
      {Primitive(TypeId::kDate), "2007-13-03"},
      {Primitive(TypeId::kTimestamp), "2007-12-03T10:15:30+00:00"},
      {Primitive(TypeId::kUuid), "eb26"},
      {Fixed(3), "7879"},
      {Primitive(TypeId::kBinary), "0G"},
      {Primitive(TypeId::kString), json::array()},
      {List({.id = 1, .name = "element", .type = Primitive(TypeId::kInt)}), 1},
  };
  for (const auto& [type, written] : cases) {
    const auto value = ValueFromJson(written, *type);
    ASSERT_FALSE(value.ok()) << TypeName(*type) << " " << written;
    EXPECT_EQ(value.error().code(), "DATA-105");
  }
}

}  // namespace
}  // namespace leat::data
