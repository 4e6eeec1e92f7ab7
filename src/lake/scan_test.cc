#include "lake/scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "lake/deletion_vector.h"
#include "lake/scan_pruning.h"
#include "lake/table_fixture.h"

namespace leat::lake {
namespace {

using test::Names;
using test::TableFixture;
using Op = ScanPredicate::Op;

ScanPredicate Id(Op op, std::vector<data::Value> values) { return {1, op, std::move(values)}; }
ScanPredicate Region(Op op, std::vector<data::Value> values) { return {2, op, std::move(values)}; }

TEST(PlanScan, OfNothingIsEmpty) {
  TableFixture t;
  EXPECT_TRUE(t.Scan(t.table()).files.empty());
}

TEST(PlanScan, LeavesOutWhatCannotMatch) {
  TableFixture t(true);
  TableMetadata table = t.Apply(t.table(), Append{{t.File("eu1", 0, 10, "eu"), t.File("us1", 10, 10, "us")}});
  table = t.Apply(table, Append{{t.File("eu2", 20, 10, "eu")}});
  DataFile nowhere = t.File("null1", 30, 10);
  nowhere.partition = {std::monostate()};
  nowhere.null_counts[2] = 10;
  nowhere.lower_bounds.erase(2);
  nowhere.upper_bounds.erase(2);
  table = t.Apply(table, Append{{nowhere}});
  const auto id = [](int64_t value) { return data::Value(value); };
  const auto text = [](const char* value) { return data::Value(std::string(value)); };
  const struct {
    std::vector<ScanPredicate> predicates;
    Names files;
  } cases[] = {
      {{}, {"eu1", "eu2", "null1", "us1"}},
      {{Id(Op::kEqual, {id(9)})}, {"eu1"}},
      {{Id(Op::kLess, {id(10)})}, {"eu1"}},
      {{Id(Op::kLessEqual, {id(10)})}, {"eu1", "us1"}},
      {{Id(Op::kGreater, {id(29)})}, {"null1"}},
      {{Id(Op::kGreaterEqual, {id(29)})}, {"eu2", "null1"}},
      {{Id(Op::kIn, {id(5), id(35)})}, {"eu1", "null1"}},
      {{Id(Op::kIsNull, {})}, {}},
      {{Id(Op::kNotNull, {})}, {"eu1", "eu2", "null1", "us1"}},
      {{Region(Op::kEqual, {text("us")})}, {"us1"}},
      {{Region(Op::kIsNull, {})}, {"null1"}},
      {{Region(Op::kNotNull, {})}, {"eu1", "eu2", "us1"}},
      {{Region(Op::kGreater, {text("eu")})}, {"us1"}},
      {{Region(Op::kEqual, {text("eu")}), Id(Op::kGreater, {id(15)})}, {"eu2"}},
      {{Id(Op::kEqual, {text("of another type")})}, {"eu1", "eu2", "null1", "us1"}},
      {{{99, Op::kEqual, {id(1)}}}, {"eu1", "eu2", "null1", "us1"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(t.Live(table, c.predicates), c.files) << (&c - cases);
    EXPECT_EQ(t.Scan(table, c.predicates).files_total, 4);
    EXPECT_EQ(t.Scan(table, c.predicates).rows_total, 40);
  }
}

// A file that is left out must hold no matching row: for random bounds and predicates, whatever the transform.
TEST(PlanScan, NeverLeavesOutAMatch) {
  const auto long_type = data::Primitive(data::TypeId::kLong);
  uint64_t state = 42;
  const auto random = [&state](int64_t from, int64_t to) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return from + static_cast<int64_t>((state >> 33) % static_cast<uint64_t>(to - from + 1));
  };
  for (const char* text : {"identity", "bucket[4]", "truncate[5]"}) {
    data::Schema schema;
    schema.fields = {{.id = 1, .name = "id", .type = long_type}};
    PartitionSpec spec;
    spec.fields = {{.source_id = 1, .field_id = 0, .name = "p", .transform = text}};
    const auto metadata = NewTableMetadata("u", "/t", schema, spec, {}, {}, 0);
    ASSERT_TRUE(metadata.ok());
    const auto transform = ParseTransform(text);
    int pruned = 0;
    for (int i = 0; i < 3'000; ++i) {
      // One row per file: bounds and partition are exactly that row.
      const int64_t row = random(-20, 20);
      DataFile file;
      file.partition = {*ApplyTransform(*transform, row, *long_type)};
      file.value_counts = {{1, 1}};
      file.null_counts = {{1, 0}};
      if (i % 2 == 0) file.lower_bounds = file.upper_bounds = {{1, data::EncodeSingleValue(row, *long_type)}};
      const auto op = static_cast<Op>(random(0, 4));
      const int64_t value = random(-20, 20);
      const bool matches = (op == Op::kEqual && row == value) || (op == Op::kLess && row < value) ||
                           (op == Op::kLessEqual && row <= value) || (op == Op::kGreater && row > value) ||
                           (op == Op::kGreaterEqual && row >= value);
      const auto pruner = ScanPruner::Make(*metadata, {{1, op, {value}}});
      ManifestEntry entry;
      entry.file = file;
      const auto listed = DescribeManifest("m", 1, {entry}, schema, metadata->default_spec(), false, 1, 1);
      ASSERT_TRUE(listed.ok());
      if (matches) {
        ASSERT_TRUE(pruner->MayMatch(file)) << text << " " << row << " " << value << " op " << static_cast<int>(op);
        ASSERT_TRUE(pruner->MayMatch(*listed)) << text << " " << row << " " << value << " op " << static_cast<int>(op);
      }
      if (!pruner->MayMatch(file)) ++pruned;
    }
    EXPECT_GT(pruned, 300) << text;
  }
}

TEST(PlanScan, KeepsFilesThatMayHoldNaN) {
  data::Schema schema;
  schema.fields = {{.id = 1, .name = "x", .type = data::Primitive(data::TypeId::kDouble)}};
  const auto metadata = NewTableMetadata("u", "/t", schema, {}, {}, {}, 0);
  DataFile file;
  file.value_counts = {{1, 5}};
  file.null_counts = {{1, 0}};
  const auto bound = [](double value) {
    return data::EncodeSingleValue(value, *data::Primitive(data::TypeId::kDouble));
  };
  file.lower_bounds = {{1, bound(0.0)}};
  file.upper_bounds = {{1, bound(5.0)}};
  const auto may = [&](Op op, double value) { return ScanPruner::Make(*metadata, {{1, op, {value}}})->MayMatch(file); };
  // Without a count of NaN there may be one, and NaN is above everything.
  EXPECT_TRUE(may(Op::kGreater, 5.0));
  EXPECT_FALSE(may(Op::kEqual, 6.0));
  file.nan_counts = {{1, 0}};
  EXPECT_FALSE(may(Op::kGreater, 5.0));
  EXPECT_TRUE(may(Op::kGreaterEqual, 5.0));
  EXPECT_TRUE(may(Op::kEqual, -0.0)) << "-0.0 equals 0.0";
  EXPECT_TRUE(may(Op::kEqual, std::nan("")));
  file.nan_counts = {{1, 1}};
  EXPECT_TRUE(may(Op::kGreater, std::numeric_limits<double>::infinity()));
}

TEST(PlanScan, AppliesDeletesBySequencePartitionAndFile) {
  TableFixture t(true);
  TableMetadata table = t.Apply(t.table(), Append{{t.File("eu1", 0, 10, "eu"), t.File("us1", 0, 10, "us")}});
  DataFile for_one = t.Deletes("only", 1, "eu");
  for_one.referenced_data_file = t.File("eu1", 0, 10).path;
  // Another engine says the same with equal bounds of file_path.
  DataFile by_bounds = t.Deletes("bounds", 1, "us");
  by_bounds.lower_bounds = by_bounds.upper_bounds = {{2147483546, t.File("nobody", 0, 1).path}};
  table = t.Apply(table, RowDelta{{t.File("eu2", 0, 10, "eu")},
                                  {t.Deletes("pos", 1, "eu"), t.Deletes("eq", 1, "eu", FileContent::kEqualityDeletes),
                                   for_one, by_bounds},
                                  {}});
  // Equality deletes apply to older files only, position deletes also to those of their own snapshot.
  EXPECT_EQ(t.Live(table), (Names{"eu1+=eq+only+pos", "eu2+pos", "us1"}));
  table = t.Apply(table, Append{{t.File("eu3", 0, 1, "eu")}});
  EXPECT_EQ(t.Live(table), (Names{"eu1+=eq+only+pos", "eu2+pos", "eu3", "us1"}));
}

TEST(PlanScan, RefusesWhatItCannotRead) {
  const struct {
    const char* code;
    void (*change)(DataFile&);
  } cases[] = {{"LAKE-121", [](DataFile& file) { file.format = "ORC"; }},
               {"LAKE-115", [](DataFile& file) { file.key_metadata = "k"; }}};
  for (const auto& c : cases) {
    TableFixture t;
    DataFile file = t.File("a", 0, 1);
    c.change(file);
    const TableMetadata table = t.Apply(t.table(), Append{{file}});
    EXPECT_EQ(PlanScan(t.files(), table, table.current_snapshot()).error().code(), c.code);
  }
}

TEST(PlanScan, NamesTheFileThatIsMissing) {
  TableFixture t;
  const TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 1)}});
  ASSERT_TRUE(t.files().Remove(table.current_snapshot()->manifest_list).ok());
  const auto plan = PlanScan(t.files(), table, table.current_snapshot());
  ASSERT_FALSE(plan.ok());
  EXPECT_NE(plan.error().message().find(table.current_snapshot()->manifest_list), std::string::npos);
}

TEST(DeletionVector, RoundTripsAndDetectsDamage) {
  TableFixture t;
  const std::vector<int64_t> sparse = {0, 5, 65'535, 65'536, 4'294'967'295, 4'294'967'296, 10'000'000'000};
  std::vector<int64_t> dense;
  for (int64_t i = 100; i < 200'100; ++i) dense.push_back(i);
  const std::string uri = t.table().location + "/data/v.puffin";
  std::vector<int64_t> unordered(sparse.rbegin(), sparse.rend());
  unordered.push_back(5);
  const auto vectors =
      WriteDeletionVectors(t.files(), uri, {{"a", 0, {}, unordered}, {"b", 0, {}, dense}, {"c", 0, {}, {}}});
  ASSERT_TRUE(vectors.ok());
  EXPECT_EQ((*vectors)[0].record_count, 7);
  EXPECT_EQ((*vectors)[1].referenced_data_file, "b");
  EXPECT_TRUE(IsDeletionVector((*vectors)[1]));
  EXPECT_EQ(*ReadDeletionVector(t.files(), (*vectors)[0]), sparse);
  EXPECT_EQ(*ReadDeletionVector(t.files(), (*vectors)[1]), dense);
  EXPECT_TRUE(ReadDeletionVector(t.files(), (*vectors)[2])->empty());
  EXPECT_LT((*vectors)[1].content_size_bytes, 200) << "runs are stored as runs";
  const std::string bytes = *t.files().Read(uri);
  const auto end = static_cast<size_t>(*(*vectors)[0].content_offset + *(*vectors)[0].content_size_bytes);
  for (size_t i = static_cast<size_t>(*(*vectors)[0].content_offset); i < end; ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    ASSERT_TRUE(t.files().Remove(uri).ok());
    ASSERT_TRUE(t.files().WriteNew(uri, damaged).ok());
    EXPECT_EQ(ReadDeletionVector(t.files(), (*vectors)[0]).error().code(), "LAKE-132") << i;
  }
}

}  // namespace
}  // namespace leat::lake
