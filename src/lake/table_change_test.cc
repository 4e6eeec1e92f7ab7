#include "lake/table_change.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "lake/deletion_vector.h"
#include "lake/table_fixture.h"
#include "lake/table_update.h"

namespace leat::lake {
namespace {

using test::Names;
using test::TableFixture;
using test::Value;

TEST(ApplyChange, AppendCountsAndInherits) {
  TableFixture t;
  const TableMetadata one =
      t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}}, {{"leat.bookmark.k", "7"}});
  EXPECT_EQ(t.Live(one), (Names{"a", "b"}));
  EXPECT_EQ(Value(one, "operation"), "append");
  EXPECT_EQ(Value(one, "added-data-files"), "2");
  EXPECT_EQ(Value(one, "added-records"), "15");
  EXPECT_EQ(Value(one, "total-records"), "15");
  EXPECT_EQ(Value(one, "total-files-size"), "2015");
  EXPECT_EQ(Value(one, "total-delete-files"), "0");
  EXPECT_EQ(Value(one, "changed-partition-count"), "1");
  EXPECT_EQ(Value(one, "leat.run-id"), "run-1");
  EXPECT_EQ(one.current_snapshot()->sequence_number, 1);
  EXPECT_EQ(one.refs.at("main").snapshot_id, *one.current_snapshot_id);

  const TableMetadata two = t.Apply(one, Append{{t.File("c", 15, 1)}});
  EXPECT_EQ(t.Live(two), (Names{"a", "b", "c"}));
  EXPECT_EQ(Value(two, "total-records"), "16");
  EXPECT_EQ(two.current_snapshot()->parent_id, one.current_snapshot_id);
  EXPECT_GT(two.current_snapshot()->timestamp_ms, one.current_snapshot()->timestamp_ms);
  EXPECT_EQ(FindBookmark(two, "k"), "7");
  EXPECT_EQ(Value(two, "leat.bookmark.k"), "7") << "carried forward";
  EXPECT_EQ(FindBookmark(two, "other"), std::nullopt);
  const ScanPlan plan = t.Scan(two);
  EXPECT_EQ(plan.files.back().sequence_number, 2);
  EXPECT_EQ(plan.rows_total, 16);
  // The state before is read as it was.
  EXPECT_EQ(t.Live(one), (Names{"a", "b"}));
  EXPECT_EQ(t.written().size(), 4U);
}

TEST(ApplyChange, EmptyAppendMovesOnlyTheBookmark) {
  TableFixture t;
  const TableMetadata one = t.Apply(t.table(), Append{{t.File("a", 0, 10)}}, {{"leat.bookmark.k", "7"}});
  const TableMetadata two = t.Apply(one, Append{}, {{"leat.bookmark.k", "8"}});
  EXPECT_EQ(t.Live(two), (Names{"a"}));
  EXPECT_EQ(FindBookmark(two, "k"), "8");
  EXPECT_EQ(FindBookmark(one, "k"), "7");
  EXPECT_EQ(Value(two, "added-records"), "");
  EXPECT_EQ(Value(two, "total-records"), "10");
}

TEST(ApplyChange, OverwriteReplacesRowsAndDeletes) {
  TableFixture t;
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}});
  table = t.Apply(table, RowDelta{{}, {t.Deletes("d", 3)}, {}});
  EXPECT_EQ(Value(table, "operation"), "delete");
  table = t.Apply(table, Overwrite{{t.File("c", 0, 7)}});
  EXPECT_EQ(t.Live(table), (Names{"c"}));
  EXPECT_EQ(Value(table, "operation"), "overwrite");
  EXPECT_EQ(Value(table, "deleted-data-files"), "2");
  EXPECT_EQ(Value(table, "deleted-records"), "15");
  EXPECT_EQ(Value(table, "removed-delete-files"), "1");
  EXPECT_EQ(Value(table, "removed-position-deletes"), "3");
  EXPECT_EQ(Value(table, "total-records"), "7");
  EXPECT_EQ(Value(table, "total-position-deletes"), "0");
  table = t.Apply(table, Overwrite{});
  EXPECT_EQ(t.Live(table), Names{});
  EXPECT_EQ(Value(table, "operation"), "delete");
  EXPECT_EQ(Value(table, "total-data-files"), "0");
}

TEST(ApplyChange, ReplacePartitionsKeepsTheOthers) {
  TableFixture t(true);
  TableMetadata table = t.Apply(t.table(), Append{{t.File("eu1", 0, 10, "eu"), t.File("us1", 10, 5, "us")}});
  table = t.Apply(table, Append{{t.File("eu2", 20, 1, "eu"), t.File("jp1", 30, 2, "jp")}});
  table = t.Apply(table, RowDelta{{}, {t.Deletes("deu", 1, "eu"), t.Deletes("dus", 1, "us")}, {}});
  table = t.Apply(table, ReplacePartitions{{t.File("eu3", 0, 3, "eu")}, {{std::string("jp")}}});
  EXPECT_EQ(t.Live(table), (Names{"eu3", "us1+dus"}));
  EXPECT_EQ(Value(table, "deleted-data-files"), "3");
  EXPECT_EQ(Value(table, "removed-delete-files"), "1");
  EXPECT_EQ(Value(table, "total-records"), "8");
  EXPECT_EQ(Value(table, "changed-partition-count"), "2");
}

TEST(ApplyChange, ReplacePartitionsRefusesFilesOfAnOlderSpec) {
  TableFixture t(true);
  TableMetadata table = t.Apply(t.table(), Append{{t.File("eu1", 0, 10, "eu")}});
  PartitionSpec wider;
  wider.spec_id = 1;
  wider.fields = {{.source_id = 1, .field_id = 1001, .name = "id_bucket", .transform = "bucket[4]"}};
  table.specs.push_back(wider);
  table.default_spec_id = 1;
  DataFile file = t.File("x", 0, 1);
  file.spec_id = 1;
  file.partition = {int32_t{1}};
  EXPECT_EQ(t.TryApply(table, ReplacePartitions{{file}, {}}).error().code(), "LAKE-118");
  // Appending beside them is fine: two manifests, one per spec.
  const TableMetadata both = t.Apply(table, Append{{file}});
  EXPECT_EQ(t.Live(both), (Names{"eu1", "x"}));
}

TEST(ApplyChange, RowDeltaDeletesOnlyOlderRows) {
  TableFixture t;
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}});
  table = t.Apply(table, RowDelta{{t.File("c", 0, 2)}, {t.Deletes("d", 2)}, {}});
  EXPECT_EQ(Value(table, "operation"), "overwrite");
  EXPECT_EQ(Value(table, "added-position-deletes"), "2");
  EXPECT_EQ(Value(table, "added-position-delete-files"), "1");
  EXPECT_EQ(Value(table, "total-records"), "17");
  // Deletes and rows of one snapshot share a sequence number; position deletes name their files, so they apply to all.
  EXPECT_EQ(t.Live(table), (Names{"a+d", "b+d", "c+d"}));
  table = t.Apply(table, Append{{t.File("e", 20, 1)}});
  EXPECT_EQ(t.Live(table), (Names{"a+d", "b+d", "c+d", "e"}));
  table = t.Apply(table, RowDelta{{}, {}, {t.File("a", 0, 10).path}});
  EXPECT_EQ(t.Live(table), (Names{"b+d", "c+d", "e"}));
  EXPECT_EQ(Value(table, "deleted-records"), "10");
  const auto gone = t.TryApply(table, RowDelta{{}, {}, {t.File("a", 0, 10).path}});
  EXPECT_EQ(gone.error().code(), "LAKE-304");
  EXPECT_EQ(gone.error().kind(), ErrorKind::kConflict);
}

TEST(ApplyChange, RewriteKeepsTheRows) {
  TableFixture t;
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  table = t.Apply(table, Append{{t.File("b", 10, 5)}});
  table = t.Apply(table, Rewrite{{t.File("a", 0, 10).path, t.File("b", 10, 5).path}, {t.File("ab", 0, 15)}});
  EXPECT_EQ(t.Live(table), (Names{"ab"}));
  EXPECT_EQ(Value(table, "operation"), "replace");
  EXPECT_EQ(Value(table, "total-records"), "15");
}

TEST(ApplyChange, RefusesDeletesThatTheFormatDoesNotHave) {
  TableFixture v1(false, 1);
  EXPECT_EQ(v1.TryApply(v1.table(), RowDelta{{}, {v1.Deletes("d", 1)}, {}}).error().code(), "LAKE-114");
  EXPECT_EQ(v1.Live(v1.Apply(v1.table(), Append{{v1.File("a", 0, 1)}})), (Names{"a"}));
  TableFixture v3(false, 3);
  EXPECT_EQ(v3.TryApply(v3.table(), RowDelta{{}, {v3.Deletes("d", 1)}, {}}).error().code(), "LAKE-117");
  EXPECT_EQ(v3.TryApply(v3.table(), Append{{v3.Deletes("d", 1)}}).error().code(), "LAKE-116");
}

TEST(ApplyChange, VersionThreeNumbersRowsAndReplacesVectors) {
  TableFixture t(false, 3);
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}});
  EXPECT_EQ(table.next_row_id, 15);
  const auto vector = [&t](const std::string& name, std::vector<int64_t> positions) {
    auto made = WriteDeletionVectors(t.files(), t.table().location + "/data/" + name + ".puffin",
                                     {{t.File("a", 0, 10).path, 0, {}, std::move(positions)}});
    EXPECT_TRUE(made.ok());
    return std::move(made).value();
  };
  table = t.Apply(table, RowDelta{{t.File("c", 15, 1)}, vector("v1", {1, 2}), {}});
  EXPECT_EQ(t.Live(table), (Names{"a+v1", "b", "c"}));
  EXPECT_EQ(Value(table, "added-dvs"), "1");
  EXPECT_EQ(table.current_snapshot()->first_row_id, 15);
  EXPECT_EQ(table.current_snapshot()->added_rows, 1);
  table = t.Apply(table, RowDelta{{}, vector("v2", {1, 2, 3}), {}});
  EXPECT_EQ(t.Live(table), (Names{"a+v2", "b", "c"}));
  EXPECT_EQ(Value(table, "removed-dvs"), "1");
  EXPECT_EQ(Value(table, "total-position-deletes"), "3");
  const ScanPlan plan = t.Scan(table);
  EXPECT_EQ(*ReadDeletionVector(t.files(), plan.files[0].position_deletes[0]), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(plan.files[0].file.first_row_id, 0);
  EXPECT_EQ(plan.files[1].file.first_row_id, 10);
  EXPECT_EQ(plan.files[2].file.first_row_id, 15);
}

TEST(ApplyChange, CountsTotalsThatAnotherWriterLeftOut) {
  TableFixture t;
  TableMetadata table = t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}});
  table = t.Apply(table, RowDelta{{}, {t.Deletes("d", 2)}, {}});
  table.snapshots.back().summary = {{"operation", "delete"}};
  table = t.Apply(table, Append{{t.File("c", 15, 1)}});
  EXPECT_EQ(Value(table, "total-records"), "16");
  EXPECT_EQ(Value(table, "total-data-files"), "3");
  EXPECT_EQ(Value(table, "total-position-deletes"), "2");
}

TEST(ApplyChange, RefusesBookmarksThatDoNotFit) {
  TableFixture t;
  const auto result = t.TryApply(t.table(), Append{}, {{"leat.bookmark.k", std::string(70'000, 'x')}});
  EXPECT_EQ(result.error().code(), "LAKE-119");
}

// However many commits a table has seen, its metadata and lists stay small, and no file is lost or listed twice.
TEST(ApplyChange, StaysBoundedOverManyCommits) {
  TableFixture t(false, 2, {{"commit.manifest.min-count-to-merge", "10"}, {"leat.metadata.max-snapshots", "20"}});
  TableMetadata table = t.table();
  Names expected;
  size_t longest = 0;
  std::string previous;
  for (int i = 0; i < 400; ++i) {
    expected.push_back(fmt::format("f{:03}", i));
    table = t.Apply(table, Append{{t.File(expected.back(), i, 1)}}, {{"leat.bookmark.k", std::to_string(i)}});
    longest = std::max(longest, ReadManifestList(t.files(), *table.current_snapshot())->size());
    if (i % 40 == 0) previous = *WriteMetadata(t.files(), table, previous, t.written());
  }
  EXPECT_EQ(t.Live(table), expected);
  EXPECT_LE(longest, 25U);
  EXPECT_EQ(table.snapshots.size(), 20U);
  EXPECT_LE(table.snapshot_log.size(), 20U);
  EXPECT_EQ(table.snapshot_log.back().snapshot_id, *table.current_snapshot_id);
  EXPECT_EQ(Value(table, "total-records"), "400");
  EXPECT_EQ(FindBookmark(table, "k"), "399");
  EXPECT_EQ(table.metadata_log.size(), 9U);
  // Files of merged manifests keep the numbers that decide which deletes apply.
  const ScanPlan plan = t.Scan(table);
  for (size_t i = 0; i < plan.files.size(); ++i) {
    ASSERT_EQ(plan.files[i].sequence_number, static_cast<int64_t>(i) + 1);
    ASSERT_EQ(TableFixture::Name(plan.files[i].file), expected[i]);
  }
}

TEST(WriteMetadata, NamesVersionsInOrder) {
  TableFixture t;
  TableMetadata table = t.table();
  const std::string first = *WriteMetadata(t.files(), table, "", t.written());
  const std::string second = *WriteMetadata(t.files(), table, first, t.written());
  const std::string after_foreign =
      *WriteMetadata(t.files(), table, t.table().location + "/metadata/v7.metadata.json", t.written());
  EXPECT_NE(first.find("/metadata/00000-"), std::string::npos);
  EXPECT_NE(second.find("/metadata/00001-"), std::string::npos);
  EXPECT_NE(after_foreign.find("/metadata/00008-"), std::string::npos);
  EXPECT_EQ(table.metadata_log.size(), 2U);
  const auto read = ParseTableMetadata(*t.files().Read(second));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->metadata_log.size(), 1U);
  EXPECT_EQ(read->metadata_log[0].metadata_file, first);
}

TEST(RebaseAppends, PutsTheSameManifestsOnAnotherHead) {
  TableFixture t;
  const TableMetadata base =
      t.Apply(t.table(), Append{{t.File("a", 0, 10)}}, {{"leat.bookmark.k", "1"}, {"leat.bookmark.o", "1"}});
  TableMetadata branch = t.Apply(base, Append{{t.File("b", 10, 5)}}, {{"leat.bookmark.k", "2"}, {"leat.rows-in", "5"}});
  branch = t.Apply(branch, Append{{t.File("c", 15, 1)}}, {{"leat.bookmark.k", "3"}, {"leat.rows-in", "1"}});
  const TableMetadata head = t.Apply(base, Append{{t.File("x", 100, 3)}}, {{"leat.bookmark.o", "9"}});
  const size_t before = t.written().size();
  const auto rebased = RebaseAppends(t.files(), head, branch, *base.current_snapshot_id, t.Info(), t.written());
  ASSERT_TRUE(rebased.ok()) << rebased.error().ToString();
  EXPECT_EQ(t.Live(*rebased), (Names{"a", "b", "c", "x"}));
  EXPECT_EQ(t.written().size(), before + 1) << "only the manifest list is new";
  EXPECT_EQ(rebased->current_snapshot()->parent_id, head.current_snapshot_id);
  EXPECT_EQ(rebased->current_snapshot()->sequence_number, head.last_sequence_number + 1);
  EXPECT_EQ(rebased->snapshots.size(), 3U);
  EXPECT_EQ(Value(*rebased, "added-records"), "6");
  EXPECT_EQ(Value(*rebased, "total-records"), "19");
  EXPECT_EQ(FindBookmark(*rebased, "k"), "3");
  EXPECT_EQ(FindBookmark(*rebased, "o"), "9") << "a bookmark that only the head moved stays";
  EXPECT_EQ(Value(*rebased, "leat.rows-in"), "6");
  for (const ScanFile& scan : t.Scan(*rebased).files) {
    const std::string name = TableFixture::Name(scan.file);
    EXPECT_EQ(scan.sequence_number, name == "a" ? 1 : (name == "x" ? 2 : 3)) << name;
  }
}

TEST(RebaseAppends, TakesOnlyAppends) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  const TableMetadata head = t.Apply(base, Append{{t.File("x", 100, 3)}});
  const TableMetadata branch = t.Apply(base, Overwrite{{t.File("b", 0, 1)}});
  const auto rebased = RebaseAppends(t.files(), head, branch, *base.current_snapshot_id, t.Info(), t.written());
  EXPECT_EQ(rebased.error().code(), "LAKE-306");
  EXPECT_EQ(RebaseAppends(t.files(), head, branch, 42, t.Info(), t.written()).error().code(), "LAKE-306");
}

TEST(RebaseAppends, WritesManifestsOfOthersAgain) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  TableMetadata branch = t.Apply(base, Append{{t.File("b", 10, 5)}});
  // Another engine wrote the ids into its manifest.
  auto manifests = *ReadManifestList(t.files(), *branch.current_snapshot());
  auto entries = *ReadManifest(t.files(), manifests[0], branch);
  ASSERT_EQ(entries[0].sequence_number, 2);
  manifests[0].path += ".foreign";
  ASSERT_TRUE(t.files()
                  .WriteNew(manifests[0].path,
                            *EncodeManifest(entries, branch.current_schema(), branch.default_spec(), false, 2))
                  .ok());
  branch.snapshots.back().manifest_list += ".foreign";
  ASSERT_TRUE(
      t.files()
          .WriteNew(branch.snapshots.back().manifest_list, *EncodeManifestList(manifests, branch.snapshots.back(), 2))
          .ok());
  TableMetadata head = t.Apply(base, Append{{t.File("x", 100, 3)}});
  head = t.Apply(head, Append{{t.File("y", 200, 3)}});
  const auto rebased = RebaseAppends(t.files(), head, branch, *base.current_snapshot_id, t.Info(), t.written());
  ASSERT_TRUE(rebased.ok()) << rebased.error().ToString();
  EXPECT_EQ(t.Live(*rebased), (Names{"a", "b", "x", "y"}));
  EXPECT_EQ(t.Scan(*rebased).files.back().sequence_number, 4);
}

TEST(SquashSnapshots, LeavesOneSnapshotWithTheNetChange) {
  TableFixture t;
  TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}});
  base = t.Apply(base, Append{{t.File("c", 15, 1)}});
  TableMetadata branch = t.Apply(base, Append{{t.File("temporary", 50, 2)}}, {{"leat.bookmark.k", "1"}});
  branch = t.Apply(branch, Rewrite{{t.File("temporary", 50, 2).path}, {t.File("final", 50, 2)}});
  branch = t.Apply(branch, RowDelta{{}, {t.Deletes("d", 1)}, {t.File("b", 10, 5).path}});
  const auto squashed = SquashSnapshots(t.files(), base, branch, t.Info(), t.written());
  ASSERT_TRUE(squashed.ok()) << squashed.error().ToString();
  EXPECT_EQ(squashed->snapshots.size(), base.snapshots.size() + 1);
  EXPECT_EQ(squashed->current_snapshot()->parent_id, base.current_snapshot_id);
  EXPECT_EQ(squashed->current_snapshot()->sequence_number, base.last_sequence_number + 1);
  EXPECT_EQ(t.Live(*squashed), t.Live(branch));
  EXPECT_EQ(t.Live(*squashed), (Names{"a+d", "c+d", "final+d"}));
  EXPECT_EQ(Value(*squashed, "operation"), "overwrite");
  EXPECT_EQ(Value(*squashed, "added-records"), "2");
  EXPECT_EQ(Value(*squashed, "deleted-records"), "5");
  EXPECT_EQ(Value(*squashed, "total-records"), Value(branch, "total-records"));
  EXPECT_EQ(FindBookmark(*squashed, "k"), "1");
  EXPECT_EQ(squashed->snapshot_log.size(), base.snapshot_log.size() + 1);
  // It can be written on as any other state.
  EXPECT_EQ(t.Live(t.Apply(*squashed, Append{{t.File("later", 99, 1)}})), (Names{"a+d", "c+d", "final+d", "later"}));
}

TEST(SquashSnapshots, FilesKeepTheirNumbersWhenEqualityDeletesNeedThem) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  TableMetadata branch = t.Apply(base, Append{{t.File("b", 10, 5)}});
  branch = t.Apply(branch, RowDelta{{t.File("c", 0, 1)}, {t.Deletes("e", 1, "eu", FileContent::kEqualityDeletes)}, {}});
  ASSERT_EQ(t.Live(branch), (Names{"a+=e", "b+=e", "c"}));
  const auto squashed = SquashSnapshots(t.files(), base, branch, t.Info(), t.written());
  ASSERT_TRUE(squashed.ok()) << squashed.error().ToString();
  EXPECT_EQ(t.Live(*squashed), (Names{"a+=e", "b+=e", "c"}));
  EXPECT_EQ(squashed->last_sequence_number, branch.last_sequence_number);
}

Names RowIds(TableFixture& t, const TableMetadata& table) {
  Names ids;
  for (const ScanFile& scan : t.Scan(table).files)
    ids.push_back(fmt::format("{} {}", TableFixture::Name(scan.file), scan.file.first_row_id.value_or(-1)));
  std::sort(ids.begin(), ids.end());
  return ids;
}

TEST(SquashSnapshots, RowIdsOfAnUpgradeOnTheBranchAreGivenOnce) {
  TableFixture t;
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10), t.File("b", 10, 5)}});
  auto upgraded = ApplyUpdates({UpgradeFormatVersion{3}}, &base, 1'800'000'000'000'000);
  ASSERT_TRUE(upgraded.ok());
  TableMetadata branch = t.Apply(*upgraded, Append{{t.File("c", 15, 2)}});
  branch = t.Apply(branch, Append{{t.File("d", 17, 3)}});
  branch = t.Apply(branch, RowDelta{{}, {}, {t.File("b", 10, 5).path}});
  EXPECT_EQ(RowIds(t, branch), (Names{"a 2", "c 0", "d 17"}));
  const auto squashed = SquashSnapshots(t.files(), base, branch, t.Info(), t.written());
  ASSERT_TRUE(squashed.ok()) << squashed.error().ToString();
  EXPECT_EQ(RowIds(t, *squashed), (Names{"a 5", "c 0", "d 2"}));
  EXPECT_EQ(squashed->next_row_id, 15);
  EXPECT_EQ(squashed->current_snapshot()->first_row_id, 0);
  EXPECT_EQ(squashed->current_snapshot()->added_rows, 15);
}

TEST(RebaseAppends, RowsGetTheNextIdsOfTheHead) {
  TableFixture t(false, 3);
  const TableMetadata base = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  const TableMetadata branch = t.Apply(base, Append{{t.File("c", 15, 2)}});
  const TableMetadata head = t.Apply(base, Append{{t.File("b", 10, 5)}});
  const auto rebased = RebaseAppends(t.files(), head, branch, *base.current_snapshot_id, t.Info(), t.written());
  ASSERT_TRUE(rebased.ok()) << rebased.error().ToString();
  EXPECT_EQ(RowIds(t, *rebased), (Names{"a 0", "b 10", "c 15"}));
  EXPECT_EQ(rebased->next_row_id, 17);
}

TEST(SquashSnapshots, OfANewTableStartsFromNothing) {
  TableFixture t;
  TableMetadata branch = t.Apply(t.table(), Append{{t.File("a", 0, 10)}});
  branch = t.Apply(branch, Overwrite{{t.File("b", 0, 4)}});
  const auto squashed = SquashSnapshots(t.files(), t.table(), branch, t.Info(), t.written());
  ASSERT_TRUE(squashed.ok()) << squashed.error().ToString();
  EXPECT_EQ(squashed->snapshots.size(), 1U);
  EXPECT_EQ(Value(*squashed, "operation"), "append");
  EXPECT_EQ(t.Live(*squashed), (Names{"b"}));
  EXPECT_EQ(squashed->current_snapshot()->parent_id, std::nullopt);
}

}  // namespace
}  // namespace leat::lake
