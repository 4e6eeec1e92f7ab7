#include "lake/manifest.h"

#include <gtest/gtest.h>

#include "data/int128.h"
#include "lake/avro_record.h"

namespace leat::lake {
namespace {

using data::Primitive;
using data::TypeId;
using data::Value;

// A table partitioned by one column of every type.
TableMetadata EveryPartitionType() {
  const std::vector<data::TypePtr> types = {Primitive(TypeId::kBoolean),     Primitive(TypeId::kInt),
                                            Primitive(TypeId::kLong),        Primitive(TypeId::kFloat),
                                            Primitive(TypeId::kDouble),      data::Decimal(9, 2),
                                            data::Decimal(38, 10),           Primitive(TypeId::kDate),
                                            Primitive(TypeId::kTime),        Primitive(TypeId::kTimestamp),
                                            Primitive(TypeId::kTimestampTz), Primitive(TypeId::kString),
                                            Primitive(TypeId::kUuid),        data::Fixed(3),
                                            Primitive(TypeId::kBinary)};
  data::Schema schema;
  PartitionSpec spec;
  int id = 0;
  for (const auto& type : types) {
    ++id;
    // Names that Avro does not allow are encoded.
    const std::string name = fmt::format("{}-{}", id, data::TypeName(*type));
    schema.fields.push_back({.id = id, .name = name, .type = type});
    spec.fields.push_back({.source_id = id, .field_id = 0, .name = name, .transform = "identity"});
  }
  auto metadata = NewTableMetadata("u", "/t", schema, spec, {}, {}, 0);
  EXPECT_TRUE(metadata.ok()) << metadata.error().ToString();
  return std::move(metadata).value();
}

std::vector<Value> SomePartition(int seed) {
  return {seed % 2 == 0,
          int32_t{-seed},
          int64_t{seed} << 40,
          1.5F * static_cast<float>(seed),
          -2.5 * seed,
          data::FromInt64(seed * 100),
          data::FromInt64(-seed),
          int32_t{seed},
          int64_t{seed},
          int64_t{-seed},
          int64_t{seed},
          std::string("t") + std::to_string(seed),
          std::string(16, static_cast<char>(seed)),
          std::string("ab") + static_cast<char>('0' + seed),
          std::string("\0\xff", 2)};
}

ManifestEntry FullEntry(int seed) {
  ManifestEntry entry;
  DataFile& file = entry.file;
  file.path = fmt::format("file:///t/data/{}.parquet", seed);
  file.partition = SomePartition(seed);
  file.record_count = 10 + seed;
  file.size_bytes = 1000 + seed;
  file.column_sizes = {{1, 100}, {2, 200}};
  file.value_counts = {{1, 10}, {2, 10}};
  file.null_counts = {{1, 0}, {2, 3}};
  file.nan_counts = {{4, 1}};
  file.lower_bounds = {{1, std::string("\0", 1)}, {12, "a"}};
  file.upper_bounds = {{1, "\1"}, {12, "z"}};
  file.split_offsets = {4, 1000};
  file.sort_order_id = 1;
  return entry;
}

void ExpectSameFile(const DataFile& a, const DataFile& b) {
  EXPECT_EQ(a.content, b.content);
  EXPECT_EQ(a.path, b.path);
  EXPECT_EQ(a.format, b.format);
  EXPECT_EQ(a.spec_id, b.spec_id);
  EXPECT_EQ(a.partition, b.partition);
  EXPECT_EQ(a.record_count, b.record_count);
  EXPECT_EQ(a.size_bytes, b.size_bytes);
  EXPECT_EQ(a.column_sizes, b.column_sizes);
  EXPECT_EQ(a.value_counts, b.value_counts);
  EXPECT_EQ(a.null_counts, b.null_counts);
  EXPECT_EQ(a.nan_counts, b.nan_counts);
  EXPECT_EQ(a.lower_bounds, b.lower_bounds);
  EXPECT_EQ(a.upper_bounds, b.upper_bounds);
  EXPECT_EQ(a.split_offsets, b.split_offsets);
  EXPECT_EQ(a.equality_ids, b.equality_ids);
  EXPECT_EQ(a.sort_order_id, b.sort_order_id);
  EXPECT_EQ(a.first_row_id, b.first_row_id);
  EXPECT_EQ(a.referenced_data_file, b.referenced_data_file);
  EXPECT_EQ(a.content_offset, b.content_offset);
  EXPECT_EQ(a.content_size_bytes, b.content_size_bytes);
}

class ManifestVersion : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(All, ManifestVersion, ::testing::Values(1, 2, 3));

TEST_P(ManifestVersion, KeepsEntries) {
  const int version = GetParam();
  const TableMetadata metadata = EveryPartitionType();
  std::vector<ManifestEntry> entries = {FullEntry(1), FullEntry(2), FullEntry(3)};
  entries[1].status = EntryStatus::kExisting;
  entries[1].snapshot_id = 77;
  entries[2].file.partition.assign(entries[2].file.partition.size(), std::monostate());
  if (version == 1) entries[0].snapshot_id = entries[2].snapshot_id = 99;
  if (version > 1) {
    entries[1].sequence_number = 3;
    entries[1].file_sequence_number = 2;
    entries[0].file.referenced_data_file = "file:///t/x";
  }
  if (version > 2) {
    entries[1].file.first_row_id = 5000;
    entries[1].file.content_offset = 4;
    entries[1].file.content_size_bytes = 44;
  }
  const auto bytes = EncodeManifest(entries, metadata.current_schema(), metadata.default_spec(), false, version);
  ASSERT_TRUE(bytes.ok()) << bytes.error().ToString();
  ManifestFile listed;
  listed.path = "m.avro";
  listed.added_snapshot_id = 99;
  listed.sequence_number = version == 1 ? 0 : 8;
  if (version > 2) listed.first_row_id = 100;
  const auto read = DecodeManifest(*bytes, listed, metadata);
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[0].snapshot_id, 99);
  EXPECT_EQ((*read)[1].snapshot_id, 77);
  EXPECT_EQ((*read)[0].sequence_number, version == 1 ? 0 : 8);
  EXPECT_EQ((*read)[1].sequence_number, version == 1 ? 0 : 3);
  EXPECT_EQ((*read)[1].file_sequence_number, version == 1 ? 0 : 2);
  if (version > 2) {
    // Rows are numbered from the list's first id, leaving out files that have one.
    EXPECT_EQ((*read)[0].file.first_row_id, 100);
    EXPECT_EQ((*read)[1].file.first_row_id, 5000);
    EXPECT_EQ((*read)[2].file.first_row_id, 100 + entries[0].file.record_count);
    entries[0].file.first_row_id = 100;
    entries[2].file.first_row_id = 111;
  }
  for (size_t i = 0; i < entries.size(); ++i) ExpectSameFile((*read)[i].file, entries[i].file);
  const auto raw = DecodeManifestAsWritten(*bytes, listed, metadata);
  EXPECT_EQ((*raw)[0].sequence_number, std::nullopt);
}

TEST_P(ManifestVersion, KeepsTheList) {
  const int version = GetParam();
  const TableMetadata metadata = EveryPartitionType();
  std::vector<ManifestEntry> entries = {FullEntry(1), FullEntry(2), FullEntry(3)};
  entries[1].status = EntryStatus::kExisting;
  entries[1].sequence_number = 3;
  entries[2].status = EntryStatus::kDeleted;
  entries[2].sequence_number = 1;
  entries[2].file.partition[0] = std::monostate();
  auto listed =
      DescribeManifest("/t/m.avro", 4321, entries, metadata.current_schema(), metadata.default_spec(), false, 99, 8);
  ASSERT_TRUE(listed.ok()) << listed.error().ToString();
  EXPECT_EQ(listed->min_sequence_number, 3);
  EXPECT_EQ(listed->added_rows, 11);
  EXPECT_EQ(listed->existing_rows, 12);
  EXPECT_EQ(listed->deleted_files, 1);
  EXPECT_TRUE(listed->partitions[0].contains_null);
  EXPECT_EQ(*listed->partitions[7].lower, std::string("\1\0\0\0", 4));
  EXPECT_EQ(*listed->partitions[7].upper, std::string("\3\0\0\0", 4));
  EXPECT_EQ(listed->partitions[3].contains_nan, false);
  if (version > 2) listed->first_row_id = 50;
  Snapshot snapshot;
  snapshot.id = 99;
  const auto bytes = EncodeManifestList({*listed, *listed}, snapshot, version);
  ASSERT_TRUE(bytes.ok());
  const auto read = DecodeManifestList(*bytes, "list.avro");
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_EQ(read->size(), 2U);
  const ManifestFile& again = (*read)[1];
  EXPECT_EQ(again.path, listed->path);
  EXPECT_EQ(again.length_bytes, 4321);
  EXPECT_EQ(again.sequence_number, version == 1 ? 0 : 8);
  EXPECT_EQ(again.min_sequence_number, version == 1 ? 0 : 3);
  EXPECT_EQ(again.added_snapshot_id, 99);
  EXPECT_EQ(again.existing_files, 1);
  EXPECT_EQ(again.deleted_rows, 13);
  EXPECT_EQ(again.first_row_id, version > 2 ? std::optional<int64_t>(50) : std::nullopt);
  ASSERT_EQ(again.partitions.size(), listed->partitions.size());
  for (size_t i = 0; i < again.partitions.size(); ++i) {
    EXPECT_EQ(again.partitions[i].lower, listed->partitions[i].lower);
    EXPECT_EQ(again.partitions[i].upper, listed->partitions[i].upper);
    EXPECT_EQ(again.partitions[i].contains_null, listed->partitions[i].contains_null);
    EXPECT_EQ(again.partitions[i].contains_nan, listed->partitions[i].contains_nan);
  }
}

TEST(Manifest, RefusesPartitionsThatDoNotFit) {
  const TableMetadata metadata = EveryPartitionType();
  ManifestEntry wrong_type = FullEntry(1);
  wrong_type.file.partition[1] = std::string("text");
  ManifestEntry too_few = FullEntry(1);
  too_few.file.partition.pop_back();
  for (const ManifestEntry& entry : {wrong_type, too_few}) {
    const auto bytes = EncodeManifest({entry}, metadata.current_schema(), metadata.default_spec(), false, 2);
    ASSERT_FALSE(bytes.ok());
    EXPECT_EQ(bytes.error().code(), "LAKE-113");
  }
}

// Damage anywhere is an error that names the file, or (in unused bytes) changes nothing that is read; never a crash.
TEST(Manifest, SurvivesDamage) {
  const TableMetadata metadata = EveryPartitionType();
  const auto bytes =
      EncodeManifest({FullEntry(1), FullEntry(2)}, metadata.current_schema(), metadata.default_spec(), false, 2);
  ASSERT_TRUE(bytes.ok());
  ManifestFile listed;
  listed.path = "damaged.avro";
  for (size_t size = 0; size < bytes->size(); size += 17) {
    const auto read = DecodeManifest(bytes->substr(0, size), listed, metadata);
    if (read.ok()) {
      EXPECT_TRUE(read->empty()) << size;  // cut exactly between header and block
    } else {
      EXPECT_NE(read.error().message().find("damaged.avro"), std::string::npos);
    }
  }
  for (size_t i = 0; i < bytes->size(); i += 29) {
    std::string flipped = *bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x55);
    const auto read = DecodeManifest(flipped, listed, metadata);
    if (!read.ok()) {
      EXPECT_NE(read.error().message().find("damaged.avro"), std::string::npos);
    }
  }
}

TEST(Avro, ReadsNullCodecAndRefusesOthers) {
  const std::string schema =
      R"({"type":"record","name":"r","fields":[{"name":"a","type":["null","long"],"field-id":7}]})";
  const auto file = [&schema](std::string_view codec) {
    data::AvroEncoder out;
    out.Raw(std::string_view("Obj\1", 4));
    out.Long(-2);  // a negative count is followed by the size in bytes
    out.Long(1);
    for (const std::string_view part :
         {std::string_view("avro.schema"), std::string_view(schema), std::string_view("avro.codec"), codec}) {
      out.Bytes(part);
    }
    out.Long(0);
    out.Raw("0123456789abcdef");
    out.Long(2);
    out.Bytes(std::string_view("\2\x54\0", 3));  // branch 1: 42; branch 0: null
    out.Raw("0123456789abcdef");
    return out.bytes();
  };
  const auto read = ReadManifestAvro(file("null"));
  ASSERT_TRUE(read.ok()) << read.error().ToString();
  ASSERT_EQ(read->rows.size(), 2U);
  const AvroRecordView view(*read->schema);
  EXPECT_EQ(view.Find(read->rows[0], 7)->number, 42);
  EXPECT_EQ(view.Find(read->rows[1], 7), nullptr);
  EXPECT_EQ(view.Find(read->rows[0], 8), nullptr);
  EXPECT_EQ(ReadManifestAvro(file("lz4")).error().code(), "LAKE-112");
}

}  // namespace
}  // namespace leat::lake
