#include "sql/writer.h"

#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include "data/int128.h"
#include "lake/scan.h"
#include "lake/table_update.h"
#include "lake/table_change.h"
#include "lake/transform.h"
#include "sql/bounds.h"
#include "sql/connection.h"
#include "sql/session.h"
#include "sql/test_engine.h"
#include "sql/transform_sql.h"

namespace leat::sql {
namespace {

using data::TypeId;
using data::Value;

class WriterTest : public EngineTest {
 protected:
  data::Schema SchemaOf(const std::string& select) {
    auto columns = connection_->Describe(select);
    EXPECT_TRUE(columns.ok()) << columns.error().ToString();
    auto schema = SchemaForColumns(*columns);
    EXPECT_TRUE(schema.ok()) << schema.error().ToString();
    return *schema;
  }
  Result<WriteResult> Write(const std::string& select, const data::Schema& schema, const lake::PartitionSpec& spec = {},
                            const lake::SortOrder& order = {}, WriteOptions options = {}) {
    options.folder = Data("out" + std::to_string(next_++));
    folder_of_last_ = options.folder;
    return WriteFiles(*files_, *connection_, select, schema, spec, order, options);
  }
  std::string Stored(const std::string& select) {
    auto columns = connection_->Describe(select);
    if (!columns.ok()) return columns.error().ToString();
    auto schema = SchemaForColumns(*columns);
    return schema.ok() ? data::TypeName(*schema->fields[0].type) : schema.error().code();
  }
  lake::TableMetadata Table(const data::Schema& schema, const lake::PartitionSpec& spec = {}, int version = 2) {
    auto metadata =
        lake::NewTableMetadata(NewUuidV4(), Data("table" + std::to_string(next_++)), schema, spec, {}, {}, 1, version);
    EXPECT_TRUE(metadata.ok()) << metadata.error().ToString();
    return *metadata;
  }
  void Apply(lake::TableMetadata& metadata, const lake::DataChange& change) {
    std::vector<std::string> written;
    lake::ChangeInfo info;
    info.now = 1'000'000LL * (100 + next_++);
    auto after = lake::ApplyChange(*files_, metadata, change, info, written);
    ASSERT_TRUE(after.ok()) << after.error().ToString();
    metadata = *after;
  }
  std::string Read(const lake::TableMetadata& metadata, const std::string& what = "*", bool positions = false) {
    auto plan = lake::PlanScan(*files_, metadata, metadata.current_snapshot());
    if (!plan.ok()) return plan.error().ToString();
    auto sql = ReadSql(*files_, *connection_, metadata, metadata.current_schema(), *plan, {.places = positions});
    if (!sql.ok()) return sql.error().ToString();
    return Rows("SELECT " + what + " FROM (" + *sql + ")");
  }

  std::unique_ptr<io::FileSystem> files_ = io::MakeLocalFileSystem(false);
  int next_ = 0;
  std::string folder_of_last_;
};

TEST_F(WriterTest, TypesByTheTable) {
  struct Case {
    const char* value;
    const char* stored;
  };
  for (const Case& c : {Case{"1::TINYINT", "int"},
                        Case{"1::USMALLINT", "int"},
                        Case{"1::UINTEGER", "long"},
                        Case{"1::UBIGINT", "decimal(20,0)"},
                        Case{"sum(1)", "decimal(38,0)"},
                        Case{"1::UHUGEINT", "decimal(38,0)"},
                        Case{"1.5", "decimal(2,1)"},
                        Case{"'a'::ENUM('a','b')", "string"},
                        Case{"'{}'::JSON", "string"},
                        Case{"'101'::BIT", "string"},
                        Case{"uuid()", "uuid"},
                        Case{"now()", "timestamptz"},
                        Case{"'2020-01-01'::TIMESTAMP_S", "timestamp"},
                        Case{"'2020-01-01'::TIMESTAMP_NS", "timestamp"},
                        Case{"[1]::INT[1]", "list<int>"},
                        Case{"map {1: 'x'}", "map<int, string>"},
                        Case{"INTERVAL '1 day'", "SQL-501"},
                        Case{"'10:00+02'::TIMETZ", "SQL-501"},
                        Case{"union_value(k := 1)", "SQL-501"},
                        Case{"[INTERVAL '1 day']", "SQL-501"},
                        Case{"'x'::BLOB", "binary"},
                        Case{"1::FLOAT", "float"}})
    EXPECT_EQ(Stored(std::string("SELECT ") + c.value + " AS x"), c.stored) << c.value;
}

TEST_F(WriterTest, CastsNeverLose) {
  struct Case {
    const char* value;
    data::TypePtr to;
    const char* expected;  ///< "error": fails while running; SQL-…: refused
  };
  for (const Case& c : {
           Case{"300::SMALLINT", data::Primitive(TypeId::kInt), "300"},
           Case{"9223372036854775807::HUGEINT", data::Primitive(TypeId::kLong), "9223372036854775807"},
           Case{"9223372036854775808::HUGEINT", data::Primitive(TypeId::kLong), "error"},
           Case{"'170141183460469231731687303715884105727'::HUGEINT", data::Decimal(38, 0), "error"},
           Case{"12345678901234567890123456789012345678::HUGEINT", data::Decimal(38, 0),
                "12345678901234567890123456789012345678"},
           Case{"1.25::DECIMAL(9,2)", data::Decimal(9, 1), "error"},
           Case{"1.20::DECIMAL(9,2)", data::Decimal(9, 1), "1.2"},
           Case{"0.1::DOUBLE", data::Decimal(9, 2), "0.10"},
           Case{"0.123::DOUBLE", data::Decimal(9, 2), "error"},
           Case{"2.0::DOUBLE", data::Primitive(TypeId::kLong), "2"},
           Case{"2.5::DOUBLE", data::Primitive(TypeId::kLong), "error"},
           Case{"9007199254740993", data::Primitive(TypeId::kDouble), "error"},
           Case{"'x'", data::Primitive(TypeId::kInt), "SQL-503"},
           Case{"now()", data::Primitive(TypeId::kTimestamp), "SQL-503"},
           Case{"TIMESTAMP '2020-01-01 00:00:00'", data::Primitive(TypeId::kTimestampTz), "SQL-503"},
           Case{"'2020-01-01 00:00:00.000001'::TIMESTAMP_NS", data::Primitive(TypeId::kTimestamp),
                "2020-01-01 00:00:00.000001"},
           Case{"'2020-01-01 00:00:00.000000001'::TIMESTAMP_NS", data::Primitive(TypeId::kTimestamp), "error"},
           Case{"TIMESTAMP '2020-01-01 01:00:00'", data::Primitive(TypeId::kDate), "error"},
           Case{"'ab'::BLOB", data::Fixed(3), "error"},
           Case{"'abc'::BLOB", data::Fixed(3), "abc"},
           Case{"42", data::Primitive(TypeId::kString), "42"},
           Case{"NULL::DOUBLE", data::Primitive(TypeId::kInt), "NULL"},
           Case{"'nan'::DOUBLE", data::Primitive(TypeId::kFloat), "nan"},
       }) {
    auto columns = connection_->Describe(std::string("SELECT ") + c.value);
    ASSERT_TRUE(columns.ok()) << columns.error().ToString();
    auto cast = CastExpression("v", (*columns)[0].type, *c.to);
    std::string got;
    if (!cast.ok()) {
      got = cast.error().code();
    } else {
      auto rows = connection_->Query("SELECT " + *cast + " FROM (SELECT " + c.value + ") t(v)");
      got = rows.ok() ? rows->At(0, 0).value_or("NULL") : "error";
    }
    EXPECT_EQ(got, c.expected) << c.value << " to " << data::TypeName(*c.to);
  }
}

TEST_F(WriterTest, BoundsPerType) {
  struct Case {
    data::TypePtr type;
    const char* text;
    Value lower;
    std::optional<Value> upper;
  };
  std::string long_text = "0123456789abcdefg";
  auto both = [](data::TypePtr type, const char* text, Value value) { return Case{type, text, value, value}; };
  for (const Case& c : {
           both(data::Primitive(TypeId::kBoolean), "1", true),
           both(data::Primitive(TypeId::kInt), "-7", int32_t{-7}),
           both(data::Primitive(TypeId::kLong), "9223372036854775807", int64_t{9223372036854775807}),
           both(data::Primitive(TypeId::kDouble), "1e+300", 1e300),
           both(data::Primitive(TypeId::kDouble), "-inf", -HUGE_VAL),
           Case{data::Primitive(TypeId::kDouble), "0.0", -0.0, 0.0},
           Case{data::Primitive(TypeId::kFloat), "-0.0", -0.0F, 0.0F},
           both(data::Decimal(9, 2), "-12.34", data::FromInt64(-1234)),
           both(data::Primitive(TypeId::kDate), "1969-12-31", int32_t{-1}),
           both(data::Primitive(TypeId::kDate), "0045-03-15 (BC)", int32_t{-735525}),
           both(data::Primitive(TypeId::kDate), "infinity", int32_t{2147483647}),
           both(data::Primitive(TypeId::kTime), "24:00:00", int64_t{86400000000}),
           both(data::Primitive(TypeId::kTimestamp), "1969-12-31 23:59:59.5", int64_t{-500000}),
           both(data::Primitive(TypeId::kTimestamp), "-infinity", -INT64_MAX),
           both(data::Primitive(TypeId::kTimestampTz), "1970-01-01 00:00:01+00", int64_t{1000000}),
           both(data::Primitive(TypeId::kTimestampNs), "1970-01-01 00:00:00.000000001", int64_t{1}),
           both(data::Primitive(TypeId::kString), "short", std::string("short")),
           both(data::Primitive(TypeId::kString), "", std::string()),
           Case{data::Primitive(TypeId::kString), "0123456789abcdefg", std::string("0123456789abcdef"),
                Value(std::string("0123456789abcdeg"))},
           Case{data::Primitive(TypeId::kString), "ääääääääääääääääx", std::string("ääääääääääääääää"),
                Value(std::string("äääääääääääääääå"))},
           Case{data::Primitive(TypeId::kString), "aaaaaaaaaaaaaaa\U0010FFFFx",
                std::string("aaaaaaaaaaaaaaa\U0010FFFF"), Value(std::string("aaaaaaaaaaaaaab"))},
           Case{data::Primitive(TypeId::kString),
                "\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF"
                "\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFFx",
                std::string("\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF"
                            "\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF\U0010FFFF"),
                std::nullopt},
           Case{data::Primitive(TypeId::kBinary), "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", std::string(16, '\xFF'),
                std::nullopt},
           Case{data::Primitive(TypeId::kBinary), "00FF00FF00FF00FF00FF00FF00FF00FF01",
                std::string("\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF", 16),
                Value(std::string("\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF\0\xFF\x01", 15))},
           both(data::Primitive(TypeId::kUuid), "00000000-0000-0000-0000-0000000000ff", std::string(15, '\0') + '\xFF'),
       }) {
    auto lower = LowerBound(c.text, *c.type);
    auto upper = UpperBound(c.text, *c.type);
    ASSERT_TRUE(lower.ok() && upper.ok()) << c.text;
    ASSERT_TRUE(lower->has_value());
    EXPECT_EQ(**lower, data::EncodeSingleValue(c.lower, *c.type)) << c.text;
    ASSERT_EQ(upper->has_value(), c.upper.has_value()) << c.text;
    if (c.upper) {
      EXPECT_EQ(**upper, data::EncodeSingleValue(*c.upper, *c.type)) << c.text;
    }
  }
  EXPECT_FALSE(LowerBound("nan", *data::Primitive(TypeId::kDouble))->has_value());
  EXPECT_EQ(LowerBound("x", *data::Primitive(TypeId::kInt)).error().code(), "SQL-504");
}

// Whatever is written, every value lies between the file's bounds.
TEST_F(WriterTest, BoundsHoldEveryValue) {
  std::string select =
      "SELECT i % 2 = 0 AS bo, (i * 7919 % 1000 - 500)::INTEGER AS i4, (hash(i) // 2)::BIGINT % 1000000 AS i8, ((i % "
      "37) - 18)::FLOAT / 3 AS f, "
      "CASE WHEN i % 50 = 0 THEN 'nan'::DOUBLE WHEN i % 51 = 0 THEN -0.0 ELSE (i - 500) / 7 END AS d, ((i - 500) / "
      "8)::DECIMAL(9,3) AS de, "
      "DATE '1969-06-01' + i::INTEGER AS da, TIME '00:00:00' + INTERVAL (i) SECOND AS ti, TIMESTAMP '1969-12-31 "
      "23:50:00' + INTERVAL (i) SECOND AS ts, "
      "TIMESTAMPTZ '1969-12-31 23:50:00+00' + INTERVAL (i) SECOND AS tz, repeat(chr((i % 200 + 50)::INTEGER), (i % "
      "40)::INTEGER) AS s, "
      "md5(i::VARCHAR)::UUID AS u, unhex(md5(i::VARCHAR) || md5(i::VARCHAR)) AS b, {'x': i, 'y': [i]} AS st, CASE WHEN "
      "i % 3 = 0 THEN NULL ELSE i END AS n "
      "FROM range(1000) t(i)";
  data::Schema schema = SchemaOf(select);
  auto written = Write(select, schema);
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_EQ(written->rows, 1000);
  ASSERT_EQ(written->files.size(), 1U);
  const auto& file = written->files[0];
  for (const auto& field : schema.fields) {
    if (field.type->is_nested()) continue;
    ASSERT_TRUE(file.lower_bounds.count(field.id) > 0 && file.upper_bounds.count(field.id) > 0) << field.name;
    auto lower = data::DecodeSingleValue(file.lower_bounds.at(field.id), *field.type);
    auto upper = data::DecodeSingleValue(file.upper_bounds.at(field.id), *field.type);
    ASSERT_TRUE(lower.ok() && upper.ok());
    std::string shown = field.type->id == TypeId::kBinary ? "hex(" + field.name + ")" : field.name;
    auto rows = connection_->Query("SELECT " + shown + " FROM (" + select + ") WHERE " + field.name + " IS NOT NULL");
    ASSERT_TRUE(rows.ok());
    for (const auto& row : rows->rows) {
      auto value = ValueFromText(*row[0], *field.type);
      ASSERT_TRUE(value.ok()) << value.error().ToString();
      if (*row[0] == "nan") continue;
      EXPECT_LE(data::Compare(*lower, *value, *field.type), 0) << field.name << " " << *row[0];
      EXPECT_GE(data::Compare(*upper, *value, *field.type), 0) << field.name << " " << *row[0];
    }
    EXPECT_EQ(file.value_counts.at(field.id), 1000);
  }
  EXPECT_EQ(file.null_counts.at(schema.FindColumn("n")->id), 334);
  EXPECT_EQ(file.nan_counts.count(schema.FindColumn("d")->id), 0U);
  EXPECT_EQ(file.nan_counts.at(schema.FindColumn("f")->id), 0);
  int element = schema.FindColumn("st")->type->fields[1].type->fields[0].id;
  EXPECT_EQ(file.lower_bounds.count(element) + file.value_counts.count(element), 0U) << "nothing below lists";
  EXPECT_EQ(file.value_counts.at(schema.FindColumn("st")->type->fields[0].id), 1000);
}

TEST_F(WriterTest, RoundTripsEveryTypeThroughTheTable) {
  std::string select =
      "SELECT 1::TINYINT AS a, 4000000000::UINTEGER AS b, 18446744073709551615::UBIGINT AS c, sum(9223372036854775807) "
      "AS d, 12.34::DECIMAL(9,2) AS e, "
      "'b'::ENUM('a','b') AS f, '{\"k\": 1}'::JSON AS g, '0f47ac10-58cc-4372-a567-0e02b2c3d479'::UUID AS h, "
      "'2020-01-01 00:00:01'::TIMESTAMP_S AS i, "
      "[1, NULL]::INT[2] AS j, {'A b': 1, 'q\"x': [{'z': 1.5}]} AS k, map {'x': [1, 2]} AS l, '\\xAA\\x00'::BLOB AS m, "
      "TIMESTAMPTZ '2020-01-01 00:00:00+00' AS n, "
      "TIME '01:02:03' AS o, NULL::VARCHAR AS p, '' AS q FROM (VALUES (1), (2))";
  data::Schema schema = SchemaOf(select);
  lake::TableMetadata table = Table(schema);
  auto written = Write(select, table.current_schema());
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  Apply(table, lake::Append{written->files});
  EXPECT_EQ(Read(table),
            "1|4000000000|18446744073709551615|18446744073709551614|12.34|b|{\"k\": "
            "1}|0f47ac10-58cc-4372-a567-0e02b2c3d479|2020-01-01 00:00:01|"
            "[1, NULL]|{'A b': 1, 'q\"x': [{'z': 1.5}]}|{x=[1, 2]}|\\xAA\\x00|2020-01-01 00:00:00+00|01:02:03|NULL|");
}

TEST_F(WriterTest, EmptyAndFailingWritesLeaveNothing) {
  data::Schema schema = SchemaOf("SELECT 1 AS x");
  auto empty = Write("SELECT 1 AS x WHERE false", schema);
  ASSERT_TRUE(empty.ok()) << empty.error().ToString();
  EXPECT_TRUE(empty->files.empty());
  EXPECT_FALSE(std::filesystem::exists(folder_of_last_));
  auto failing =
      Write("SELECT CASE WHEN i = 90000 THEN error('boom') ELSE 'x' END::VARCHAR::INTEGER AS x FROM range(100000) t(i)",
            schema);
  EXPECT_FALSE(failing.ok());
  EXPECT_FALSE(std::filesystem::exists(folder_of_last_));
  auto wrong = Write("SELECT 1, 2", schema);
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code(), "SQL-502");
  auto placed = Write("SELECT\n nope", schema);
  ASSERT_FALSE(placed.ok());
  EXPECT_EQ(placed.error().where().line, 2);
  auto late = Write("SELECT x FROM (SELECT\n'a'::INTEGER AS x FROM range(3))", schema);
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().where().line, 2) << late.error().ToString();
}

TEST_F(WriterTest, ManyFilesOfTheTargetSize) {
  WriteOptions options;
  options.target_file_bytes = 1 << 20;
  options.compression = "uncompressed";
  std::string select = "SELECT i, hash(i) AS h FROM range(1000000) t(i)";
  auto schema = SchemaOf(select);
  auto written = Write(select, schema, {}, {}, options);
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_GT(written->files.size(), 4U);
  EXPECT_EQ(written->rows, 1000000);
  EXPECT_EQ(written->counts.result_rows, 1000000);
  for (const auto& file : written->files) {
    EXPECT_EQ(static_cast<int64_t>(std::filesystem::file_size(io::LocalPath(file.path))), file.size_bytes);
    EXPECT_GT(file.record_count, 0);
  }
}

// The value of every transform is the catalogue's own, for each type.
TEST_F(WriterTest, TransformsAgreeWithTheSpecification) {
  struct Case {
    data::TypePtr type;
    const char* values;
    std::vector<const char*> transforms;
  };
  ASSERT_TRUE(RegisterBucketFunctions(static_cast<DuckConnection&>(*connection_).raw()).ok());
  for (
      const Case& c : {
          Case{data::Primitive(TypeId::kInt),
               "(34), (0), (-1), (2147483647), (-2147483640), (1)",
               {"identity", "bucket[16]", "truncate[10]"}},
          Case{data::Primitive(TypeId::kLong),
               "(34), (0), (-1), (9223372036854775807), (-9223372036854775798), (-10)",
               {"identity", "bucket[7]", "truncate[10]"}},
          Case{data::Decimal(9, 2),
               "(14.20), (-0.01), (10.65), (-10.65), (0), (9999999.99)",
               {"identity", "bucket[16]", "truncate[50]"}},
          Case{data::Decimal(38, 10),
               "(1234567890123456789012345678.0123456789), (-0.0000000001), (0)",
               {"identity", "bucket[16]", "truncate[3]"}},
          Case{data::Primitive(TypeId::kDate),
               "('2017-11-16'), ('1969-12-31'), ('0045-03-15 (BC)'), ('1970-01-01')",
               {"identity", "bucket[16]", "year", "month", "day"}},
          Case{data::Primitive(TypeId::kTime),
               "('22:31:08'), ('00:00:00'), ('23:59:59.999999')",
               {"identity", "bucket[16]"}},
          Case{data::Primitive(TypeId::kTimestamp),
               "('2017-11-16 22:31:08'), ('1969-12-31 23:59:59.999999'), ('1969-12-31 22:00:00'), ('0045-03-15 (BC) "
               "01:00:00')",
               {"identity", "bucket[16]", "year", "month", "day", "hour"}},
          Case{
              data::Primitive(TypeId::kTimestampNs),
              "('2017-11-16 22:31:08.123456789'), ('1969-12-31 23:59:59.999999999'), ('1969-12-31 22:59:59.999999999'), "
              "('1970-01-01 00:00:00.000000001'), ('1677-09-22 00:00:00')",
              {"identity", "bucket[16]", "year", "month", "day", "hour"}},
          Case{data::Primitive(TypeId::kTimestampTz),
               "('2017-11-16 22:31:08+00'), ('1969-12-31 23:59:59.999999+00')",
               {"identity", "bucket[16]", "year", "month", "day", "hour"}},
          Case{data::Primitive(TypeId::kString),
               "('iceberg'), (''), ('äöü€\xF0\x9F\x98\x80'), ('a longer text than that')",
               {"identity", "bucket[16]", "truncate[3]"}},
          Case{data::Primitive(TypeId::kUuid),
               "('f79c3e09-677c-4bbd-a479-3f349cb785e7'), ('00000000-0000-0000-0000-000000000000')",
               {"identity", "bucket[16]"}},
          Case{data::Primitive(TypeId::kBinary),
               "('\\x00\\x01\\x02\\x03'::BLOB), (''::BLOB), ('\\xFF\\xFE\\xFD\\xFC\\xFB'::BLOB)",
               {"identity", "bucket[16]", "truncate[2]"}},
          Case{data::Primitive(TypeId::kBoolean), "(true), (false)", {"identity"}},
      }) {
    for (const char* text : c.transforms) {
      auto transform = lake::ParseTransform(text);
      ASSERT_TRUE(transform.ok());
      auto sql = TransformSql(*transform, *c.type, "v");
      ASSERT_TRUE(sql.ok()) << text;
      auto result_type = lake::TransformType(*transform, c.type);
      ASSERT_TRUE(result_type.ok());
      auto shown = [](const data::Type& type, const std::string& e) {
        return type.id == TypeId::kBinary ? "hex(" + e + ")" : e;
      };
      auto rows = connection_->Query("SELECT " + shown(*c.type, "v") + ", " + shown(**result_type, *sql) +
                                     " FROM (SELECT CAST(v AS " + data::DuckDbTypeName(*c.type) +
                                     ") AS v FROM (VALUES " + c.values + ", (NULL)) t(v))");
      ASSERT_TRUE(rows.ok()) << rows.error().ToString();
      for (const auto& row : rows->rows) {
        if (!row[0]) {
          EXPECT_FALSE(row[1].has_value()) << text;
          continue;
        }
        auto value = ValueFromText(*row[0], *c.type);
        ASSERT_TRUE(value.ok()) << value.error().ToString();
        auto expected = lake::ApplyTransform(*transform, *value, *c.type);
        ASSERT_TRUE(expected.ok()) << expected.error().ToString();
        auto got = ValueFromText(*row[1], **result_type);
        ASSERT_TRUE(got.ok()) << got.error().ToString();
        EXPECT_EQ(data::Compare(*got, *expected, **result_type), 0)
            << data::TypeName(*c.type) << " " << text << "(" << *row[0] << ") = " << *row[1];
      }
    }
  }
}

TEST_F(WriterTest, PartitionsCarryTheirValues) {
  std::string select =
      "SELECT i, CASE WHEN i % 4 = 0 THEN NULL ELSE 'p/' || (i % 4) END AS s, TIMESTAMP '2020-01-30 00:00:00' + "
      "INTERVAL (i) HOUR AS ts, {'in': i % 2} AS st FROM range(96) t(i)";
  data::Schema schema = SchemaOf(select);
  lake::PartitionSpec spec;
  spec.spec_id = 0;
  spec.fields = {{schema.FindColumn("s")->id, 1000, "s", "identity"},
                 {schema.FindColumn("ts")->id, 1001, "ts_day", "day"},
                 {schema.FindColumn("i")->id, 1002, "i_void", "void"},
                 {schema.FindColumn("st")->type->fields[0].id, 1003, "st_in", "identity"}};
  lake::TableMetadata table = Table(schema, spec);
  auto written = Write(select, table.current_schema(), table.default_spec());
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_EQ(written->rows, 96);
  EXPECT_EQ(written->counts.result_rows, 96);
  EXPECT_EQ(written->files.size(), 16U);
  std::set<std::string> seen;
  for (const auto& file : written->files) {
    ASSERT_EQ(file.partition.size(), 4U);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(file.partition[2]));
    std::string s =
        std::holds_alternative<std::monostate>(file.partition[0]) ? "" : std::get<std::string>(file.partition[0]);
    int32_t day = std::get<int32_t>(file.partition[1]);
    std::string condition = (s.empty() ? std::string("s IS NULL") : "s = " + QuoteLiteral(s)) +
                            " AND ts::DATE = DATE '1970-01-01' + " + std::to_string(day) +
                            " AND st.\"in\" = " + std::to_string(std::get<int64_t>(file.partition[3]));
    EXPECT_EQ(Rows("SELECT count(*), count(*) FILTER (" + condition + ") FROM read_parquet(" +
                   QuoteLiteral(io::LocalPath(file.path)) + ")"),
              std::to_string(file.record_count) + "|" + std::to_string(file.record_count));
    seen.insert(condition);
  }
  EXPECT_EQ(seen.size(), 16U);
  Apply(table, lake::Append{written->files});
  EXPECT_EQ(Read(table, "count(*), sum(i), count(s), min(ts), max(ts)"),
            Rows("SELECT count(*), sum(i), count(s), min(ts), max(ts) FROM (" + select + ")"));
}

TEST_F(WriterTest, ManyPartitionsInLittleMemory) {
  EngineOptions engine;
  engine.memory_limit_bytes = 500LL << 20;
  OpenEngine(engine);
  std::string select = "SELECT i, i % 1203 AS p, hash(i) AS h FROM range(600000) t(i)";
  data::Schema schema = SchemaOf(select);
  lake::PartitionSpec spec;
  spec.fields = {{schema.FindColumn("p")->id, 1000, "p", "identity"}};
  auto written = Write(select, schema, spec);
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_EQ(written->rows, 600000);
  std::set<int64_t> partitions;
  for (const auto& file : written->files) partitions.insert(std::get<int64_t>(file.partition[0]));
  EXPECT_EQ(partitions.size(), 1203U);
}

// FILE_SIZE_BYTES does not go with PARTITION_BY: what is too large is written again in pieces, the rest stays.
TEST_F(WriterTest, OversizedPartitionsAreSplit) {
  const std::string select =
      "SELECT i, hash(i) AS h, CASE WHEN i < 1000 THEN 1 ELSE 2 END AS p FROM range(1000000) t(i)";
  data::Schema schema = SchemaOf(select);
  lake::PartitionSpec spec;
  spec.fields = {{schema.FindColumn("p")->id, 1000, "p", "identity"}};
  WriteOptions options;
  options.target_file_bytes = 1 << 20;
  options.compression = "uncompressed";
  auto written = Write(select, schema, spec, {}, options);
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  EXPECT_EQ(written->rows, 1000000);
  std::map<int32_t, int64_t> rows;
  std::map<int32_t, int> files;
  for (const auto& file : written->files) {
    const int32_t part = std::get<int32_t>(file.partition[0]);
    rows[part] += file.record_count;
    ++files[part];
    EXPECT_TRUE(std::filesystem::exists(io::LocalPath(file.path))) << file.path;
  }
  EXPECT_EQ(rows, (std::map<int32_t, int64_t>{{1, 1000}, {2, 999000}}));
  EXPECT_EQ(files[1], 1);
  EXPECT_GT(files[2], 4);
  EXPECT_EQ(Rows("SELECT count(*), count(DISTINCT i), count(*) FILTER (p = 1) FROM read_parquet(" +
                 DataText("**/*.parquet") + ", hive_partitioning = false)"),
            "1000000|1000000|1000");
}

TEST_F(WriterTest, PropertiesOfTheTableDecideOnCompression) {
  const std::string select = "SELECT i FROM range(1000) t(i)";
  for (const auto& [codec, stored] : {std::pair("snappy", "SNAPPY"), {"lz4", "LZ4_RAW"}, {"lzo", "ZSTD"}}) {
    auto written =
        Write(select, SchemaOf(select), {}, {}, OptionsOfTable({{"write.parquet.compression-codec", codec}}));
    ASSERT_TRUE(written.ok()) << written.error().ToString();
    const std::string path = io::LocalPath(written->files.at(0).path);
    EXPECT_EQ(Rows("SELECT DISTINCT compression FROM parquet_metadata('" + path + "')"), stored);
  }
  EXPECT_EQ(OptionsOfTable({{"write.parquet.compression-level", "9"}}).compression_level, 9);
  EXPECT_EQ(OptionsOfTable({{"write.parquet.compression-level", "99"}}).compression_level, 1);
}

TEST_F(WriterTest, SortedFilesAreSorted) {
  std::string select = "SELECT (hash(i) // 2)::BIGINT AS k, i FROM range(300000) t(i)";
  data::Schema schema = SchemaOf(select);
  lake::SortOrder order;
  order.order_id = 3;
  order.fields = {{1, "identity", false, false}};
  for (std::optional<int64_t> estimate : {std::optional<int64_t>(), std::optional<int64_t>(300000)}) {
    WriteOptions options;
    options.estimated_rows = estimate;
    options.target_file_bytes = 8 << 20;
    auto written = Write(select, schema, {}, order, options);
    ASSERT_TRUE(written.ok()) << written.error().ToString();
    EXPECT_EQ(written->files.size(), estimate ? 3U : 1U);
    EXPECT_EQ(written->rows, 300000);
    for (const auto& file : written->files) {
      EXPECT_EQ(file.sort_order_id, 3);
      EXPECT_EQ(
          Rows("SELECT count(*) FROM (SELECT k, lag(k) OVER (ORDER BY file_row_number) AS before FROM read_parquet(" +
               QuoteLiteral(io::LocalPath(file.path)) + ")) WHERE before < k"),
          "0");
    }
  }
}

TEST_F(WriterTest, PositionDeletesBelongToTheirPartition) {
  std::string select = "SELECT i, i % 2 AS p FROM range(1000) t(i)";
  data::Schema schema = SchemaOf(select);
  lake::PartitionSpec spec;
  spec.fields = {{schema.FindColumn("p")->id, 1000, "p", "identity"}};
  lake::TableMetadata table = Table(schema, spec);
  auto written = Write(select, table.current_schema(), table.default_spec());
  ASSERT_TRUE(written.ok()) << written.error().ToString();
  Apply(table, lake::Append{written->files});
  auto plan = lake::PlanScan(*files_, table, table.current_snapshot());
  ASSERT_TRUE(plan.ok());
  auto read = ReadSql(*files_, *connection_, table, table.current_schema(), *plan, {.places = true});
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  WriteOptions options;
  options.folder = Data("deletes");
  auto deletes =
      WriteRowDeletes(*files_, *connection_, "SELECT leat_file, leat_row FROM (" + *read + ") WHERE i < 100 OR i = 999",
                      table, options);
  ASSERT_TRUE(deletes.ok()) << deletes.error().ToString();
  EXPECT_EQ(deletes->rows, 101);
  ASSERT_EQ(deletes->files.size(), 2U);
  for (const auto& file : deletes->files) {
    EXPECT_EQ(file.content, lake::FileContent::kPositionDeletes);
    EXPECT_EQ(file.partition.size(), 1U);
    ASSERT_TRUE(file.referenced_data_file.has_value());
  }
  Apply(table, lake::RowDelta{{}, deletes->files, {}});
  EXPECT_EQ(Read(table, "count(*), min(i), max(i), sum(i)"),
            Rows("SELECT 899, 100, 998, sum(i) FROM range(100, 999) t(i)"));
  EXPECT_EQ(Read(table, "count(*), count(DISTINCT (leat_file, leat_row))", true), "899|899");
  auto unknown = WriteRowDeletes(*files_, *connection_, "SELECT 'nowhere', 1", table, options);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().code(), "SQL-506");
}

// Deletes of a table that was upgraded with position delete files: each data file has one vector with all of them.
TEST_F(WriterTest, VectorsTakeOverOlderDeletes) {
  const std::string select = "SELECT i FROM range(100) t(i)";
  lake::TableMetadata table = Table(SchemaOf(select));
  for (int file = 0; file < 3; ++file) {
    auto written = Write(select, table.current_schema());
    ASSERT_TRUE(written.ok()) << written.error().ToString();
    Apply(table, lake::Append{written->files});
  }
  const auto delete_rows = [&](const std::string& where) {
    auto plan = lake::PlanScan(*files_, table, table.current_snapshot());
    ASSERT_TRUE(plan.ok());
    auto read = ReadSql(*files_, *connection_, table, table.current_schema(), *plan, {.places = true});
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    WriteOptions options;
    options.folder = Data("deletes" + std::to_string(next_++));
    auto deletes = WriteRowDeletes(*files_, *connection_,
                                   "SELECT leat_file, leat_row FROM (" + *read + ") WHERE " + where, table, options);
    ASSERT_TRUE(deletes.ok()) << deletes.error().ToString();
    Apply(table, lake::RowDelta{{}, deletes->files, {}, deletes->replaced});
  };
  delete_rows("i = 1");  // one file for all three
  ASSERT_EQ(table.current_snapshot()->summary.at("total-delete-files"), "1");
  auto upgraded = lake::ApplyUpdates({lake::UpgradeFormatVersion{3}}, &table, 1);
  ASSERT_TRUE(upgraded.ok());
  table = *upgraded;
  auto plan = lake::PlanScan(*files_, table, table.current_snapshot());
  ASSERT_TRUE(plan.ok());
  const std::string first = QuoteLiteral(plan->files[0].file.path);
  delete_rows("i = 2 AND leat_file = " + first);
  EXPECT_EQ(table.current_snapshot()->summary.at("total-delete-files"), "3");
  EXPECT_EQ(table.current_snapshot()->summary.at("total-position-deletes"), "4");
  delete_rows("i = 3 AND leat_file = " + first);
  EXPECT_EQ(table.current_snapshot()->summary.at("added-dvs"), "1");
  EXPECT_EQ(table.current_snapshot()->summary.at("total-delete-files"), "3");
  EXPECT_EQ(Read(table, "count(*), sum(i)"), "295|14842");
  plan = lake::PlanScan(*files_, table, table.current_snapshot());
  ASSERT_TRUE(plan.ok());
  for (const lake::ScanFile& file : plan->files) {
    ASSERT_EQ(file.position_deletes.size(), 1U);
    EXPECT_EQ(file.position_deletes[0].format, "PUFFIN");
  }
}

}  // namespace
}  // namespace leat::sql
