#include "sql/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>

#include "base/fault.h"
#include "base/ids.h"
#include "lake/snapshot_writer.h"
#include "lake/transform.h"
#include "sql/bounds.h"
#include "sql/connection.h"
#include "sql/copy_stats.h"
#include "sql/transform_sql.h"

namespace leat::sql {
namespace {

/// More partitions than these in one COPY keep too many files open at once (decisions: "Writing files").
constexpr size_t kPartitionsPerCopy = 500;
constexpr int64_t kMostZstdLevel = 22;

/// The value of FIELD_IDS: {'a': 1, 'st': {'__duckdb_field_id': 2, 'x': 3}}.
std::string FieldIds(const std::vector<data::Field>& fields, data::TypeId parent) {
  std::string text;
  static constexpr const char* kMapNames[] = {"key", "value"};
  for (size_t i = 0; i < fields.size(); ++i) {
    const data::Field& field = fields[i];
    std::string name = parent == data::TypeId::kList  ? "element"
                       : parent == data::TypeId::kMap ? kMapNames[i]
                                                      : field.name;
    std::string value = std::to_string(field.id);
    if (field.type->is_nested())
      value = fmt::format("{{__duckdb_field_id: {}, {}}}", value, FieldIds(field.type->fields, field.type->id));
    text += (text.empty() ? "" : ", ") + QuoteLiteral(name) + ": " + value;
  }
  return text;
}

class Writer {
 public:
  Writer(io::FileSystem& files, DuckConnection& connection, const data::Schema& schema, const WriteOptions& options)
      : files_(files), connection_(connection), given_(schema), schema_(schema), options_(options) {
    // Columns of type unknown hold nothing but NULL and have no place in files (specification, "Parquet").
    std::erase_if(schema_.fields, [](const data::Field& field) { return field.type->id == data::TypeId::kUnknown; });
  }

  Result<WriteResult> Write(const std::string& select, const lake::PartitionSpec& spec, const lake::SortOrder& order) {
    auto started = std::chrono::steady_clock::now();
    Status status = WriteAll(select, spec, order);
    if (!status.ok()) {
      DropRows();
      (void)files_.RemoveFolder(options_.folder);
      return std::move(status).error();
    }
    result_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return std::move(result_);
  }

 private:
  Status WriteAll(const std::string& select, const lake::PartitionSpec& spec, const lake::SortOrder& order) {
    LEAT_TRY(CheckWritable(given_.fields, ""));
    LEAT_ASSIGN(std::vector<Column> columns, connection_.Describe(select));
    if (columns.size() != given_.fields.size())
      return MakeError("SQL-502", ErrorKind::kConfig, "the SELECT gives {} columns, the table has {}", columns.size(),
                       given_.fields.size())
          .WithHint("name the columns in the SELECT in the order of the table");
    std::string names;
    std::string casts;
    for (size_t i = 0; i < columns.size(); ++i) {
      const data::Field& field = given_.fields[i];
      std::string name = fmt::format("c{}", i);
      names += (i == 0 ? "" : ", ") + name;
      if (field.type->id == data::TypeId::kUnknown) continue;
      auto cast = CastExpression(name, columns[i].type, *field.type);
      if (!cast.ok()) return std::move(cast).error().In("column " + field.name);
      casts += (casts.empty() ? "" : ", ") + *cast + " AS " + QuoteName(field.name);
    }
    head_ = "SELECT " + casts + " FROM (";
    tail_ = "\n) AS leat_rows(" + names + ")";
    LEAT_TRY(files_.CreateFolder(options_.folder));
    if (spec.is_unpartitioned()) {
      LEAT_ASSIGN(std::string by, OrderBy(order));
      LEAT_TRY(by.empty() ? CopyMany(select) : CopySorted(select, by, order.order_id));
    } else {
      LEAT_TRY(CopyPartitioned(select, spec, order));
    }
    std::vector<std::string> written;
    for (auto& file : result_.files) {
      file.spec_id = spec.spec_id;
      result_.rows += file.record_count;
      written.push_back(file.path);
    }
    LEAT_FAULT_POINT("sql.copy.done");
    if (written.empty()) return files_.RemoveFolder(options_.folder);
    return files_.Sync(written);
  }

  /// What the engine cannot store as the specification wants it, at any depth.
  static Status CheckWritable(const std::vector<data::Field>& fields, const std::string& path) {
    for (const data::Field& field : fields) {
      const bool nested_unknown = field.type->id == data::TypeId::kUnknown && !path.empty();
      if (field.type->id == data::TypeId::kTimestampTzNs || nested_unknown) {
        return MakeError("SQL-501", ErrorKind::kUnsupported, "column {}{} of type {} cannot be written", path,
                         field.name, data::TypeName(*field.type))
            .WithHint(nested_unknown ? "take the member out of the table, or give it a type"
                                     : "the engine keeps microseconds of times with a zone: take a column of type "
                                       "timestamptz, or timestamp_ns in UTC");
      }
      LEAT_TRY(CheckWritable(field.type->fields, path + field.name + "."));
    }
    return Ok();
  }

  std::string Folder() const { return io::LocalPath(options_.folder); }

  std::string Format(const std::string& more) const {
    const std::string groups =
        options_.row_group_rows > 0 ? fmt::format(", ROW_GROUP_SIZE {}", options_.row_group_rows) : "";
    const std::string level =
        options_.compression == "zstd" ? fmt::format(", COMPRESSION_LEVEL {}", options_.compression_level) : "";
    return fmt::format(" (FORMAT parquet, COMPRESSION {}{}, RETURN_STATS, FIELD_IDS {{{}}}{}{})",
                       QuoteLiteral(options_.compression), level, FieldIds(schema_.fields, data::TypeId::kStruct),
                       groups, more);
  }

  /// Runs one COPY; files without rows are deleted. `shift`: bytes before the user's SELECT.
  Result<std::vector<CopiedFile>> Copy(const std::string& sql, size_t shift, bool count) {
    std::vector<CopiedFile> copied;
    auto read = [&](QueryResult& result) {
      copied = ReadCopiedFiles(result);
      return Ok();
    };
    LEAT_TRY(count ? connection_.RunProfiled(sql, shift, result_.counts, read) : connection_.Run(sql, shift, read));
    std::vector<CopiedFile> kept;
    for (auto& file : copied) {
      if (file.rows == 0) {
        LEAT_TRY(files_.Remove(file.path));
      } else {
        kept.push_back(std::move(file));
      }
    }
    return kept;
  }

  Status Add(const std::vector<CopiedFile>& copied, std::optional<int> sort_order_id) {
    for (const auto& file : copied) {
      LEAT_ASSIGN(lake::DataFile described, DescribeFile(file, schema_));
      described.sort_order_id = sort_order_id;
      result_.files.push_back(std::move(described));
    }
    return Ok();
  }

  std::string ManyFiles() const {
    return fmt::format(", FILENAME_PATTERN '{{uuidv7}}', FILE_SIZE_BYTES {}", options_.target_file_bytes);
  }

  /// Unsorted, unpartitioned: several threads, files of the target size.
  Status CopyMany(const std::string& select) {
    std::string before = "COPY (" + head_;
    std::string sql = before + select + tail_ + ") TO " + QuoteLiteral(Folder()) + Format(ManyFiles());
    LEAT_ASSIGN(std::vector<CopiedFile> copied, Copy(sql, before.size(), true));
    return Add(copied, std::nullopt);
  }

  Result<std::string> OrderBy(const lake::SortOrder& order) const {
    std::string by;
    for (const auto& field : order.fields) {
      const data::Field* column = nullptr;
      for (const auto& one : schema_.fields)
        if (one.id == field.source_id) column = &one;
      if (column == nullptr)
        return MakeError("SQL-505", ErrorKind::kConfig,
                         "the sort order names column {}, which is not at the top of the schema", field.source_id);
      LEAT_ASSIGN(lake::Transform transform, lake::ParseTransform(field.transform));
      LEAT_TRY(RegisterHashes(transform));
      LEAT_ASSIGN(std::string key, TransformSql(transform, *column->type, QuoteName(column->name)));
      by += fmt::format("{}{} {} NULLS {}", by.empty() ? "" : ", ", key, field.ascending ? "ASC" : "DESC",
                        field.nulls_first ? "FIRST" : "LAST");
    }
    return by;
  }

  /// Sorted: one file holds one range of the order, in order. Several files only when the rows are known to be many: they
  /// are then kept in a temporary table, so that the SELECT runs once, and cut into ranges of equal row counts.
  Status CopySorted(const std::string& select, const std::string& by, int order_id) {
    constexpr int64_t kBytesPerRow = 64;  // rough; only decides how many files there are
    int64_t parts = 1;
    if (options_.estimated_rows)
      parts = 1 + *options_.estimated_rows * kBytesPerRow / std::max<int64_t>(1, options_.target_file_bytes);
    if (parts <= 1) {
      std::string before = "COPY (SELECT * FROM (" + head_;
      std::string sql = before + select + tail_ + ") ORDER BY " + by + ") TO " +
                        QuoteLiteral(Folder() + "/" + NewName()) + Format("");
      LEAT_ASSIGN(std::vector<CopiedFile> copied, Copy(sql, before.size(), true));
      return Add(copied, order_id);
    }
    LEAT_TRY(KeepRows(select, ", row_number() OVER (ORDER BY " + by + ") AS leat_place", "leat_place"));
    LEAT_ASSIGN(TextRows total, connection_.Query("SELECT count(*) FROM " + rows_table_));
    int64_t rows = std::stoll(total.At(0, 0).value_or("0"));
    int64_t each = std::max<int64_t>(1, (rows + parts - 1) / parts);
    for (int64_t first = 1; first <= rows; first += each) {
      std::string sql = fmt::format(
          "COPY (SELECT * EXCLUDE (leat_place) FROM {} WHERE leat_place BETWEEN {} AND {} ORDER BY leat_place) TO {}{}",
          rows_table_, first, first + each - 1, QuoteLiteral(Folder() + "/" + NewName()), Format(""));
      LEAT_ASSIGN(std::vector<CopiedFile> copied, Copy(sql, 0, false));
      LEAT_TRY(Add(copied, order_id));
    }
    DropRows();
    return Ok();
  }

  static std::string NewName() { return NewUuidV7() + ".parquet"; }

  /// Materialises the SELECT once, cast, with further columns, in the order given.
  Status KeepRows(const std::string& select, const std::string& more, const std::string& by) {
    static std::atomic<int64_t> next{0};
    rows_table_ = fmt::format("temp.main.leat_rows_{}", next++);
    std::string before = "CREATE TEMP TABLE " + rows_table_.substr(10) + " AS SELECT *" + more + " FROM (" + head_;
    std::string sql = before + select + tail_ + ")" + (by.empty() ? "" : " ORDER BY " + by);
    return connection_.RunProfiled(sql, before.size(), result_.counts, [](QueryResult&) { return Ok(); });
  }

  void DropRows() {
    if (!rows_table_.empty()) (void)connection_.Execute("DROP TABLE IF EXISTS " + rows_table_);
    rows_table_.clear();
  }

  Status RegisterHashes(const lake::Transform& transform) const {
    if (transform.kind != lake::TransformKind::kBucket) return Ok();
    Instance& instance = connection_.instance();
    std::lock_guard lock(instance.mutex);
    if (instance.has_hashes) return Ok();
    instance.has_hashes = true;
    return RegisterBucketFunctions(connection_.raw());
  }

  /// One distinct partition: its number, its values as the manifest has them.
  struct Partition {
    std::vector<data::Value> values;
  };

  Status CopyPartitioned(const std::string& select, const lake::PartitionSpec& spec, const lake::SortOrder& order) {
    std::string keys;   // ", <expression> AS leat_p0"
    std::string names;  // leat_p0, leat_p1
    std::string shown;  // as text that ValueFromText reads
    LEAT_ASSIGN(std::vector<data::TypePtr> types, lake::PartitionTypes(spec, schema_));
    std::vector<int> place(spec.fields.size(), -1);  // of each field among the keys; -1: void
    int count = 0;
    for (size_t i = 0; i < spec.fields.size(); ++i) {
      LEAT_ASSIGN(lake::Transform transform, lake::ParseTransform(spec.fields[i].transform));
      if (transform.kind == lake::TransformKind::kVoid) continue;
      LEAT_TRY(RegisterHashes(transform));
      const data::Field* source = nullptr;
      std::string column = ColumnPath(spec.fields[i].source_id, source);
      if (source == nullptr)
        return MakeError("SQL-505", ErrorKind::kConfig,
                         "the partition field {} names a column that the schema does not have", spec.fields[i].name);
      LEAT_ASSIGN(std::string key, TransformSql(transform, *source->type, column));
      std::string name = fmt::format("leat_p{}", count);
      keys += fmt::format(", {} AS {}", key, name);
      names += (count == 0 ? "" : ", ") + name;
      bool bytes = types[i]->id == data::TypeId::kBinary || types[i]->id == data::TypeId::kFixed;
      shown += (count == 0 ? "" : ", ") + (bytes ? "hex(" + name + ")" : name);
      place[i] = count++;
    }
    LEAT_ASSIGN(std::string by, OrderBy(order));
    LEAT_TRY(KeepRows(select, keys, ""));
    std::string keyed = rows_table_ + "_keys";
    LEAT_TRY(connection_.Execute("CREATE OR REPLACE TEMP TABLE " + keyed.substr(10) +
                                 " AS SELECT *, row_number() OVER (ORDER BY " + names +
                                 ") AS leat_part FROM (SELECT DISTINCT " + names + " FROM " + rows_table_ + ")"));
    Status status = CopyParts(types, place, names, shown, keyed, by);
    (void)connection_.Execute("DROP TABLE IF EXISTS " + keyed);
    LEAT_TRY(std::move(status));
    DropRows();
    return Ok();
  }

  Status CopyParts(const std::vector<data::TypePtr>& types, const std::vector<int>& place, const std::string& names,
                   const std::string& shown, const std::string& keyed, const std::string& by) {
    LEAT_ASSIGN(TextRows distinct, connection_.Query("SELECT " + shown + " FROM " + keyed + " ORDER BY leat_part"));
    std::vector<Partition> partitions;
    for (const auto& row : distinct.rows) {
      Partition partition;
      for (size_t i = 0; i < types.size(); ++i) {
        data::Value value;
        const std::optional<std::string> text = place[i] >= 0 ? row[static_cast<size_t>(place[i])] : std::nullopt;
        if (text.has_value()) {
          LEAT_ASSIGN(value, ValueFromText(text.value(), *types[i]));
        }
        partition.values.push_back(std::move(value));
      }
      partitions.push_back(std::move(partition));
    }
    std::string match;
    for (int i = 0; i < static_cast<int>(distinct.columns.size()); ++i)
      match += fmt::format("{}r.leat_p{} IS NOT DISTINCT FROM k.leat_p{}", i == 0 ? "" : " AND ", i, i);
    std::string rows = fmt::format("SELECT r.* EXCLUDE ({}), k.leat_part FROM {} AS r JOIN {} AS k ON {}", names,
                                   rows_table_, keyed, match);
    for (size_t first = 1; first <= partitions.size(); first += kPartitionsPerCopy) {
      std::string sql = fmt::format(
          "COPY ({} WHERE k.leat_part BETWEEN {} AND {} ORDER BY leat_part{}) TO {}{}", rows, first,
          first + kPartitionsPerCopy - 1, by.empty() ? "" : ", " + by, QuoteLiteral(Folder()),
          Format(
              ", PARTITION_BY (leat_part), HIVE_FILE_PATTERN false, FILENAME_PATTERN '{uuidv7}', OVERWRITE_OR_IGNORE"));
      LEAT_ASSIGN(std::vector<CopiedFile> copied, Copy(sql, 0, false));
      for (auto& file : copied) {
        size_t part = std::stoull(file.partition["leat_part"].value_or("0"));
        if (part == 0 || part > partitions.size())
          return MakeError("SQL-504", ErrorKind::kInternal, "a file without a partition: {}", file.path);
        size_t begin = result_.files.size();
        if (file.size_bytes > 2 * options_.target_file_bytes) {
          LEAT_TRY(SplitPartition(rows, part, file, copied));
        } else {
          LEAT_TRY(Add({file}, std::nullopt));
        }
        for (size_t i = begin; i < result_.files.size(); ++i) result_.files[i].partition = partitions[part - 1].values;
      }
    }
    return Ok();
  }

  /// Writes an oversized partition again in files of the target size (FILE_SIZE_BYTES does not go with PARTITION_BY).
  Status SplitPartition(const std::string& rows, size_t part, const CopiedFile& file,
                        const std::vector<CopiedFile>& all) {
    auto same = std::count_if(all.begin(), all.end(), [&](const CopiedFile& one) {
      auto key = one.partition.find("leat_part");
      return key != one.partition.end() && key->second == std::to_string(part);
    });
    if (same != 1) return Add({file}, std::nullopt);  // several files of this partition: leave them as they are
    LEAT_TRY(files_.Remove(file.path));
    std::string folder = Folder() + "/" + NewUuidV7();
    LEAT_TRY(files_.CreateFolder(folder));
    std::string sql = fmt::format("COPY (SELECT * EXCLUDE (leat_part) FROM ({} WHERE k.leat_part = {})) TO {}{}", rows,
                                  part, QuoteLiteral(folder), Format(ManyFiles()));
    LEAT_ASSIGN(std::vector<CopiedFile> copied, Copy(sql, 0, false));
    return Add(copied, std::nullopt);
  }

  /// SQL of a column or struct member by id ("a" or "st"."x").
  std::string ColumnPath(int id, const data::Field*& found) const {
    std::string path;
    Find(schema_.fields, id, "", path, found);
    return path;
  }
  static void Find(const std::vector<data::Field>& fields, int id, const std::string& prefix, std::string& path,
                   const data::Field*& found) {
    for (const auto& field : fields) {
      std::string name = prefix + QuoteName(field.name);
      if (field.id == id) {
        found = &field;
        path = name;
      } else if (field.type->id == data::TypeId::kStruct) {
        Find(field.type->fields, id, name + ".", path, found);
      }
    }
  }

  io::FileSystem& files_;
  DuckConnection& connection_;
  const data::Schema& given_;  ///< columns of the SELECT
  data::Schema schema_;        ///< columns of the files
  const WriteOptions& options_;
  std::string head_;  ///< SQL before and after the user's SELECT: rows cast and named as stored
  std::string tail_;
  std::string rows_table_;
  WriteResult result_;
};

}  // namespace

WriteOptions OptionsOfTable(const lake::Properties& properties) {
  WriteOptions options;
  options.target_file_bytes =
      lake::PositiveProperty(properties, "write.target-file-size-bytes", options.target_file_bytes);
  if (const auto codec = properties.find("write.parquet.compression-codec"); codec != properties.end()) {
    static const std::map<std::string, std::string> kCodecs = {
        {"zstd", "zstd"},        {"snappy", "snappy"}, {"gzip", "gzip"},
        {"lz4", "lz4_raw"},      {"brotli", "brotli"}, {"uncompressed", "uncompressed"},
        {"none", "uncompressed"}};
    if (const auto known = kCodecs.find(codec->second); known != kCodecs.end()) options.compression = known->second;
  }
  const int64_t level =
      lake::PositiveProperty(properties, "write.parquet.compression-level", options.compression_level);
  if (level <= kMostZstdLevel) options.compression_level = static_cast<int>(level);
  return options;
}

Result<WriteResult> WriteFiles(io::FileSystem& files, Connection& connection, const std::string& select,
                               const data::Schema& schema, const lake::PartitionSpec& spec,
                               const lake::SortOrder& order, const WriteOptions& options) {
  return Writer(files, static_cast<DuckConnection&>(connection), schema, options).Write(select, spec, order);
}

}  // namespace leat::sql
