#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "data/int128.h"
#include "lake/deletion_vector.h"
#include "lake/table_fixture.h"

// Tables that test/interop/avro_check.py reads with other implementations. With LEAT_SAMPLES=<folder> they are left there,
// beside expected.json, which says what a reader must find; without it only our own reader looks at them.
namespace leat::lake {
namespace {

using data::Primitive;
using data::TypeId;
using data::Value;
using nlohmann::json;

struct Column {
  const char* name;
  data::TypePtr type;
  Value value;       // of the one row and partition
  const char* text;  // as the checker writes it
};

std::vector<Column> EveryType() {
  const std::string uuid("\xf7\x9c\x3e\x09\x67\x7c\x4b\xbd\xa4\x79\x3f\x34\x9c\xb7\x85\xe7", 16);
  return {
      {"a_boolean", Primitive(TypeId::kBoolean), true, "True"},
      {"an_int", Primitive(TypeId::kInt), int32_t{-7}, "-7"},
      {"a_long", Primitive(TypeId::kLong), int64_t{1} << 40, "1099511627776"},
      {"a_float", Primitive(TypeId::kFloat), 1.5F, "1.5"},
      {"a_double", Primitive(TypeId::kDouble), -2.25, "-2.25"},
      {"a_decimal", data::Decimal(9, 2), data::FromInt64(-1250), "-12.50"},
      {"a_wide_decimal", data::Decimal(38, 3), *data::ParseDecimal("12345678901234567890123456789012345.678", 3),
       "12345678901234567890123456789012345.678"},
      {"a_date", Primitive(TypeId::kDate), int32_t{17486}, "17486"},
      {"a_time", Primitive(TypeId::kTime), int64_t{81068000000}, "81068000000"},
      {"a_timestamp", Primitive(TypeId::kTimestamp), int64_t{1510871468000001}, "1510871468000001"},
      {"a_timestamptz", Primitive(TypeId::kTimestampTz), int64_t{-1}, "-1"},
      {"a_string", Primitive(TypeId::kString), std::string("d\xc3\xa9j\xc3\xa0 \"vu\""), "d\xc3\xa9j\xc3\xa0 \"vu\""},
      {"a_uuid", Primitive(TypeId::kUuid), uuid, "f79c3e09677c4bbda4793f349cb785e7"},
      {"a_fixed", data::Fixed(3), std::string("abc"), "616263"},
      {"a_binary", Primitive(TypeId::kBinary), std::string("\0\xff", 2), "00ff"}};
}

class Samples : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* kept = std::getenv("LEAT_SAMPLES");
    root_ = kept != nullptr ? kept : temporary_.path();
    files_ = io::MakeLocalFileSystem(false);
    ASSERT_TRUE(files_->RemoveFolder(root_).ok());
  }
  void TearDown() override { ASSERT_TRUE(files_->WriteNew(root_ + "/expected.json", expected_.dump(1)).ok()); }

  TableMetadata NewTable(const std::string& name, data::Schema schema, PartitionSpec spec, int version) {
    auto made = NewTableMetadata("0190a0b0-0000-7000-8000-00000000000" + std::to_string(version),
                                 "file://" + root_ + "/" + name, std::move(schema), std::move(spec), {}, {},
                                 1'700'000'000'000'000, version);
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    return std::move(made).value();
  }

  void Apply(TableMetadata& table, const DataChange& change) {
    ChangeInfo info;
    info.now = now_ += 1'000'000;
    info.summary["leat.bookmark.k"] = std::to_string(now_);
    auto after = ApplyChange(*files_, table, change, info, written_);
    ASSERT_TRUE(after.ok()) << after.error().ToString();
    table = std::move(after).value();
  }

  /// Writes the metadata and what our own plan says about it.
  void Keep(const std::string& name, TableMetadata& table, json partition = json::object(),
            json bounds = json::object()) {
    const auto location = WriteMetadata(*files_, table, "", written_);
    ASSERT_TRUE(location.ok()) << location.error().ToString();
    const auto read = ParseTableMetadata(*files_->Read(*location));
    ASSERT_TRUE(read.ok()) << read.error().ToString();
    const auto plan = PlanScan(*files_, *read, read->current_snapshot());
    ASSERT_TRUE(plan.ok()) << plan.error().ToString();
    json files = json::array();
    for (const ScanFile& scan : plan->files) {
      json deletes = json::array();
      for (const DataFile& file : scan.position_deletes) {
        if (!IsDeletionVector(file)) deletes.push_back(file.path);
      }
      files.push_back({{"path", scan.file.path},
                       {"rows", scan.file.record_count},
                       {"bytes", scan.file.size_bytes},
                       {"sequence", scan.sequence_number},
                       {"deletes", std::move(deletes)}});
    }
    expected_["tables"].push_back({{"name", name},
                                   {"metadata", io::LocalPath(*location)},
                                   {"version", read->format_version},
                                   {"snapshots", read->snapshots.size()},
                                   {"records", read->current_snapshot()->summary.at("total-records")},
                                   {"files", std::move(files)},
                                   {"partition", std::move(partition)},
                                   {"bounds", std::move(bounds)}});
  }

  leat::test::TempFolder temporary_;
  std::string root_;
  std::unique_ptr<io::FileSystem> files_;
  std::vector<std::string> written_;
  TimeMicros now_ = 1'700'000'000'000'000;
  json expected_ = {{"tables", json::array()}, {"vectors", json::array()}};
};

TEST_F(Samples, AreWritten) {
  // Every type as partition and as bound, in each format version.
  for (const int version : {1, 2, 3}) {
    data::Schema schema;
    PartitionSpec spec;
    DataFile file;
    json partition = json::object();
    json bounds = json::object();
    int id = 0;
    for (const Column& column : EveryType()) {
      ++id;
      schema.fields.push_back({.id = id, .name = column.name, .type = column.type});
      spec.fields.push_back(
          {.source_id = id, .field_id = 0, .name = std::string(column.name) + " part", .transform = "identity"});
      file.partition.push_back(column.value);
      file.value_counts[id] = 1;
      file.null_counts[id] = 0;
      file.column_sizes[id] = 40;
      file.lower_bounds[id] = file.upper_bounds[id] = data::EncodeSingleValue(column.value, *column.type);
      partition[std::string(column.name) + " part"] = column.text;
      bounds[column.name] = column.text;
    }
    file.nan_counts = {{4, 0}, {5, 0}};
    file.record_count = 1;
    file.size_bytes = 1234;
    file.split_offsets = {4};
    const std::string name = "types_v" + std::to_string(version);
    TableMetadata table = NewTable(name, schema, spec, version);
    file.path = table.location + "/data/every.parquet";
    DataFile nulls = file;
    nulls.path = table.location + "/data/nulls.parquet";
    nulls.partition.assign(spec.fields.size(), std::monostate());
    nulls.lower_bounds.clear();
    nulls.upper_bounds.clear();
    Apply(table, Append{{file}});
    Apply(table, Append{{nulls}});
    Keep(name, table, partition, bounds);
  }

  // All kinds of changes, small manifests merged, old snapshots dropped.
  data::Schema schema;
  schema.fields = {
      {.id = 1, .name = "id", .type = Primitive(TypeId::kLong), .required = true, .doc = "the key"},
      {.id = 2, .name = "day", .type = Primitive(TypeId::kDate)},
      {.id = 3, .name = "tags", .type = data::List({.id = 4, .name = "", .type = Primitive(TypeId::kString)})}};
  PartitionSpec spec;
  spec.fields = {{.source_id = 2, .field_id = 0, .name = "day_month", .transform = "month"},
                 {.source_id = 1, .field_id = 0, .name = "id_bucket", .transform = "bucket[4]"}};
  for (const int version : {2, 3}) {
    const std::string name = "changes_v" + std::to_string(version);
    TableMetadata table = NewTable(name, schema, spec, version);
    table.properties["commit.manifest.min-count-to-merge"] = "5";
    table.properties["leat.metadata.max-snapshots"] = "7";
    const auto file = [&table](int n, int32_t month) {
      DataFile out;
      out.path = fmt::format("{}/data/{}.parquet", table.location, n);
      out.partition = {month, int32_t{n % 4}};
      out.record_count = 10 + n;
      out.size_bytes = 1000 + n;
      return out;
    };
    for (int n = 0; n < 12; ++n) Apply(table, Append{{file(n, 600 + n % 2)}});
    if (version == 2) {
      DataFile deletes = file(100, 600);
      deletes.content = FileContent::kPositionDeletes;
      deletes.partition = file(0, 600).partition;
      deletes.record_count = 2;
      Apply(table, RowDelta{{file(12, 600)}, {deletes}, {file(1, 601).path}});
    } else {
      const std::vector<int64_t> positions = {0, 3, 70'000, 5'000'000'000};
      const auto vectors = WriteDeletionVectors(*files_, table.location + "/data/v.puffin",
                                                {{file(0, 600).path, 0, file(0, 600).partition, positions}});
      ASSERT_TRUE(vectors.ok());
      Apply(table, RowDelta{{file(12, 600)}, *vectors, {file(1, 601).path}});
      expected_["vectors"].push_back({{"path", io::LocalPath((*vectors)[0].path)}, {"positions", positions}});
    }
    Apply(table, ReplacePartitions{{file(20, 600)}, {{int32_t{601}, int32_t{3}}}});
    Apply(table, Rewrite{{file(2, 600).path}, {file(30, 600)}});
    Keep(name, table);
  }
}

}  // namespace
}  // namespace leat::lake
