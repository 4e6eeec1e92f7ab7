#include "lake/transform.h"

#include <gtest/gtest.h>

#include "data/int128.h"

namespace leat::lake {
namespace {

using data::Decimal;
using data::Primitive;
using data::TypeId;
using data::Value;

// Hashes of the specification, appendix B; buckets are the hash without its sign.
TEST(Transform, BucketsByTheHashesOfTheSpecification) {
  const std::string uuid("\xf7\x9c\x3e\x09\x67\x7c\x4b\xbd\xa4\x79\x3f\x34\x9c\xb7\x85\xe7", 16);
  const struct {
    Value value;
    data::TypePtr type;
    int32_t hash;
  } cases[] = {{int32_t{34}, Primitive(TypeId::kInt), 2017239379},
               {int64_t{34}, Primitive(TypeId::kLong), 2017239379},
               {data::FromInt64(1420), Decimal(9, 2), -500754589},
               {int32_t{17486}, Primitive(TypeId::kDate), -653330422},
               {int64_t{81068000000}, Primitive(TypeId::kTime), -662762989},
               {int64_t{1510871468000000}, Primitive(TypeId::kTimestamp), -2047944441},
               {int64_t{1510871468000001001}, Primitive(TypeId::kTimestampNs), -1207196810},
               {std::string("iceberg"), Primitive(TypeId::kString), 1210000089},
               {uuid, Primitive(TypeId::kUuid), 1488055340},
               {std::string("\0\1\2\3", 4), Primitive(TypeId::kBinary), -188683207}};
  const auto transform = ParseTransform("bucket[2147483647]");
  for (const auto& c : cases) {
    EXPECT_EQ(*ApplyTransform(*transform, c.value, *c.type), Value(static_cast<int32_t>(c.hash & 0x7fffffff)))
        << data::TypeName(*c.type);
  }
}

TEST(Transform, TruncatesAndDates) {
  const auto timestamp = Primitive(TypeId::kTimestamp);
  const auto date = Primitive(TypeId::kDate);
  const struct {
    const char* transform;
    Value value;
    data::TypePtr type;
    Value result;
  } cases[] = {
      {"truncate[10]", int32_t{-1}, Primitive(TypeId::kInt), int32_t{-10}},
      {"truncate[10]", int64_t{19}, Primitive(TypeId::kLong), int64_t{10}},
      {"truncate[50]", data::FromInt64(1065), Decimal(9, 2), data::FromInt64(1050)},
      {"truncate[50]", data::FromInt64(-1), Decimal(9, 2), data::FromInt64(-50)},
      {"truncate[3]", std::string("h\xc3\xa9llo"), Primitive(TypeId::kString), std::string("h\xc3\xa9l")},
      {"truncate[2]", std::string("\xff\xfe\xfd"), Primitive(TypeId::kBinary), std::string("\xff\xfe")},
      {"year", int32_t{-1}, date, int32_t{-1}},
      {"year", int32_t{17486}, date, int32_t{47}},
      {"month", int32_t{-1}, date, int32_t{-1}},
      {"month", int32_t{17486}, date, int32_t{574}},
      {"month", int32_t{11016}, date, int32_t{361}},  // 2000-02-29
      {"day", int64_t{-1}, timestamp, int32_t{-1}},
      {"day", int64_t{1510871468000000}, timestamp, int32_t{17486}},
      {"hour", int64_t{-1}, timestamp, int32_t{-1}},
      {"hour", int64_t{1510871468000000}, timestamp, int32_t{419686}},
      {"void", int32_t{5}, date, std::monostate()},
      {"day", std::monostate(), date, std::monostate()},
  };
  for (const auto& c : cases) {
    const auto transform = ParseTransform(c.transform);
    ASSERT_TRUE(transform.ok());
    EXPECT_EQ(*ApplyTransform(*transform, c.value, *c.type), c.result) << c.transform << data::TypeName(*c.type);
  }
}

TEST(Transform, RefusesWhatItDoesNotKnow) {
  for (const char* text : {"bucket", "bucket[]", "bucket[0]", "bucket[x]", "truncate[-1]", "zorder", ""}) {
    EXPECT_EQ(ParseTransform(text).error().code(), "LAKE-103") << text;
  }
  const auto hour = ParseTransform("hour");
  EXPECT_EQ(TransformType(*hour, Primitive(TypeId::kDate)).error().code(), "LAKE-103");
  EXPECT_EQ(ApplyTransform(*hour, int32_t{1}, *Primitive(TypeId::kDate)).error().code(), "LAKE-103");
}

// A transform that keeps order may prune by ranges: months never go back as days go on.
TEST(Transform, MonthsKeepTheOrderOfDays) {
  const auto month = ParseTransform("month");
  int32_t last = INT32_MIN;
  for (int32_t day = -800'000; day < 800'000; day += 13) {
    const auto result = std::get<int32_t>(*ApplyTransform(*month, day, *Primitive(TypeId::kDate)));
    ASSERT_GE(result, last) << day;
    last = result;
  }
}

}  // namespace
}  // namespace leat::lake
