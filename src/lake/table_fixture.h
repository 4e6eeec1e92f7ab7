#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "lake/scan.h"
#include "lake/table_change.h"
#include "test/support/temp_folder.h"

namespace leat::lake::test {

/// A table (id long, region string) in a folder of its own, for tests of this folder. Partitioned by region when asked. Data
/// files are described, not written: metadata, manifests and scans never open them.
class TableFixture {
 public:
  explicit TableFixture(bool partitioned = false, int format_version = 2, Properties properties = {})
      : files_(io::MakeLocalFileSystem(false)) {
    data::Schema schema;
    schema.fields = {{.id = 1, .name = "id", .type = data::Primitive(data::TypeId::kLong)},
                     {.id = 2, .name = "region", .type = data::Primitive(data::TypeId::kString)}};
    PartitionSpec spec;
    if (partitioned) spec.fields = {{.source_id = 2, .field_id = 0, .name = "region", .transform = "identity"}};
    auto made = NewTableMetadata("0190a0b0-0000-7000-8000-000000000001", folder_ / "t", schema, spec, {}, properties,
                                 1'700'000'000'000'000, format_version);
    EXPECT_TRUE(made.ok()) << made.error().ToString();
    table_ = std::move(made).value();
  }

  /// A data file of `rows` rows with ids from `first` on, in `region` when the table is partitioned.
  DataFile File(const std::string& name, int64_t first, int64_t rows, const std::string& region = "eu") const {
    DataFile file;
    file.path = table_.location + "/data/" + name + ".parquet";
    file.spec_id = table_.default_spec_id;
    if (!table_.default_spec().is_unpartitioned()) file.partition = {region};
    file.record_count = rows;
    file.size_bytes = 1000 + rows;
    file.value_counts = {{1, rows}, {2, rows}};
    file.null_counts = {{1, 0}, {2, 0}};
    const auto type = data::Primitive(data::TypeId::kLong);
    file.lower_bounds = {{1, data::EncodeSingleValue(first, *type)}, {2, region}};
    file.upper_bounds = {{1, data::EncodeSingleValue(first + rows - 1, *type)}, {2, region}};
    return file;
  }

  DataFile Deletes(const std::string& name, int64_t rows, const std::string& region = "eu",
                   FileContent content = FileContent::kPositionDeletes) const {
    DataFile file = File(name, 0, rows, region);
    file.content = content;
    file.value_counts.clear();
    file.null_counts.clear();
    file.lower_bounds.clear();
    file.upper_bounds.clear();
    if (content == FileContent::kEqualityDeletes) file.equality_ids = {1};
    return file;
  }

  ChangeInfo Info(Properties summary = {}) {
    ChangeInfo info;
    info.run_id = "run-1";
    info.step = "raw.t";
    info.summary = std::move(summary);
    info.now = now_ += 1'000'000;
    return info;
  }

  Result<TableMetadata> TryApply(const TableMetadata& base, const DataChange& change, Properties summary = {}) {
    return ApplyChange(*files_, base, change, Info(std::move(summary)), written_);
  }
  TableMetadata Apply(const TableMetadata& base, const DataChange& change, Properties summary = {}) {
    auto after = TryApply(base, change, std::move(summary));
    EXPECT_TRUE(after.ok()) << after.error().ToString();
    return std::move(after).value();
  }

  ScanPlan Scan(const TableMetadata& table, const std::vector<ScanPredicate>& predicates = {}) {
    auto plan = PlanScan(*files_, table, table.current_snapshot(), predicates);
    EXPECT_TRUE(plan.ok()) << plan.error().ToString();
    return std::move(plan).value();
  }
  /// Names of the live data files, sorted, with the deletes that apply: "a", "b+d1+d2".
  std::vector<std::string> Live(const TableMetadata& table, const std::vector<ScanPredicate>& predicates = {}) {
    std::vector<std::string> names;
    for (const ScanFile& scan : Scan(table, predicates).files) {
      std::string name = Name(scan.file);
      std::vector<std::string> deletes;
      for (const DataFile& file : scan.position_deletes) deletes.push_back(Name(file));
      for (const DataFile& file : scan.equality_deletes) deletes.push_back("=" + Name(file));
      std::sort(deletes.begin(), deletes.end());
      for (const std::string& one : deletes) name += "+" + one;
      names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  static std::string Name(const DataFile& file) {
    const size_t slash = file.path.rfind('/') + 1;
    return file.path.substr(slash, file.path.rfind('.') - slash);
  }

  io::FileSystem& files() { return *files_; }
  TableMetadata& table() { return table_; }
  std::vector<std::string>& written() { return written_; }

 private:
  leat::test::TempFolder folder_;
  std::unique_ptr<io::FileSystem> files_;
  TableMetadata table_;
  std::vector<std::string> written_;
  TimeMicros now_ = 1'700'000'000'000'000;
};

inline std::string Value(const TableMetadata& table, const std::string& key) {
  const auto& summary = table.current_snapshot()->summary;
  const auto it = summary.find(key);
  return it == summary.end() ? "" : it->second;
}

using Names = std::vector<std::string>;

}  // namespace leat::lake::test
