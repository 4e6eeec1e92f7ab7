#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "base/lower.h"
#include "component/engine_column.h"
#include "component/file_source.h"
#include "component/observed_input.h"
#include "component/spec.h"
#include "component/sql_text.h"
#include "components/source/parquet/column_reading.h"
#include "components/source/parquet/file_shape.h"
#include "components/source/parquet/retold_file.h"

namespace leat::components::parquet {
namespace {

using component::InputFile;
using component::ReadColumn;
using component::SourceColumn;

/// What a table calls the columns of a file, one after the other: as the file, or as a name that differs in case only and that the file
/// has no other column for.
std::vector<std::string> TableNames(const FileShape& shape, const std::vector<SourceColumn>& known) {
  std::unordered_set<std::string> exact, own;
  std::unordered_map<std::string, std::string> alike;
  for (const SourceColumn& column : known) {
    exact.insert(column.name);
    alike.try_emplace(Lower(column.name), column.name);
  }
  for (const FileColumn& column : shape.columns) own.insert(column.name);
  std::vector<std::string> names;
  for (const FileColumn& column : shape.columns) {
    const auto found = exact.contains(column.name) ? alike.end() : alike.find(Lower(column.name));
    const bool renamed = found != alike.end() && !own.contains(found->second);
    names.push_back(renamed ? found->second : column.name);
    if (renamed) alike.erase(found);  // a third one is a column of its own
  }
  return names;
}

/// What values of a type are: those of one kind have a common type, and text is one for all.
std::string KindOf(const std::string& type) {
  if (component::IsNestedEngineType(type)) return "nested";
  if (type == "FLOAT" || type == "DOUBLE" || type.starts_with("DECIMAL") || type.ends_with("INT") ||
      type.ends_with("INTEGER"))
    return "number";
  if (type == "DATE" || (type.starts_with("TIMESTAMP") && !type.ends_with("ZONE"))) return "clock";
  return type;
}

bool MayJoin(const std::string& a, const std::string& b) {
  const std::string kind = KindOf(a), other = KindOf(b);
  return kind == other || kind == "VARCHAR" || other == "VARCHAR";
}

/// Parquet files carry their own types: columns are matched by name over all files.
class ParquetSource : public component::FileSource, public component::SchemaObserver {
 public:
  ParquetSource(const config::Values& connection, const config::Values& table, std::string name,
                component::SourceContext context)
      : FileSource(connection, table, std::move(name), std::move(context)), shapes_(context_.query) {}

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(prepared_, PrepareFiles(files, ""));
    return prepared_;
  }

  Result<component::SourceTable> Discover() override {
    LEAT_TRY(PrepareAll());
    component::SourceTable found;
    found.name = name_;
    if (prepared_.empty()) return found;
    LEAT_TRY(ReadThrough(prepared_));
    LEAT_ASSIGN(found.columns, JoinColumns(prepared_, {}));
    return found;
  }

  Result<std::vector<component::ObservedInput>> Observe(const component::ReadRequest& request,
                                                        const component::ObserveWish& wish) override {
    std::vector<component::ObservedInput> inputs;
    if (!wish.each_file) {
      LEAT_ASSIGN(inputs.emplace_back().columns, JoinColumns(request.files, request.table.columns));
      return inputs;
    }
    for (size_t i = 0; i < request.files.size(); ++i) {
      component::ObservedInput& input = inputs.emplace_back();
      LEAT_ASSIGN(input.columns, JoinColumns({request.files[i]}, request.table.columns));
      input.files = {i};
    }
    return inputs;
  }

  Result<component::Relation> OpenRelation(const component::ReadRequest& request) override {
    LEAT_TRY(ReadThrough(request.files));
    LEAT_ASSIGN(const std::vector<ShapeGroup> groups, GroupsOf(request.files));
    const std::vector<SourceColumn>& wanted = request.table.columns;
    std::vector<std::vector<ReadColumn>> readings;
    std::vector<bool> checked(wanted.size(), false);
    for (const ShapeGroup& group : groups) {
      const std::vector<std::string> names = TableNames(*group.shape, wanted);
      std::unordered_map<std::string, const FileColumn*> present;
      for (size_t i = 0; i < names.size(); ++i) present.try_emplace(names[i], &group.shape->columns[i]);
      std::vector<ReadColumn>& reading = readings.emplace_back();
      for (size_t i = 0; i < wanted.size(); ++i) {
        const auto found = present.find(wanted[i].name);
        const FileColumn* const column = found == present.end() ? nullptr : found->second;
        reading.push_back(column == nullptr ? ReadColumn{"NULL::" + data::DuckDbTypeName(*wanted[i].type), "", false}
                                            : ReadFileColumn(*column, *wanted[i].type));
        checked[i] = checked[i] || reading[i].checked;
      }
    }
    component::Relation relation;
    for (size_t g = 0; g < groups.size(); ++g) {
      LEAT_TRY(ProveNested(groups[g], wanted));
      LEAT_ASSIGN(const std::string select, Select(groups[g], readings[g], checked));
      relation.from += (g == 0 ? "" : " UNION ALL ") + select;
    }
    for (size_t i = 0; i < wanted.size(); ++i) {
      const std::string at = std::to_string(i);
      relation.columns.push_back({"k" + at, checked[i] ? "t" + at : "", checked[i]});
    }
    relation.origin_file = "leat_origin";
    relation.origin_row = "leat_row";
    return relation;
  }

 private:
  /// What a group of files gives: k0, k1 … as the table has them, t0 … what stood there where one is refused.
  Result<std::string> Select(const ShapeGroup& group, const std::vector<ReadColumn>& reading,
                             const std::vector<bool>& checked) {
    std::vector<InputFile> files = group.files;
    if (group.shape->is_delicate()) {
      for (InputFile& file : files) {
        LEAT_ASSIGN(file.path, Retold(file, {group.shape->leaves, false}));
      }
    }
    std::string sql = "SELECT ";
    for (size_t i = 0; i < reading.size(); ++i) {
      const std::string& value = reading[i].value;
      sql += fmt::format("{} AS k{}, ", value, i);
      if (!checked[i]) continue;
      sql += reading[i].checked ? fmt::format("CASE WHEN ({}) IS NULL THEN {} END AS t{}, ", value, reading[i].text, i)
                                : fmt::format("NULL::VARCHAR AS t{}, ", i);
    }
    const std::string place = group.shape->FreeName("leat_file");
    std::string paths, origins;
    for (const InputFile& file : files) {
      paths += (paths.empty() ? "" : ", ") + component::SqlText(file.path);
      origins += (origins.empty() ? "" : ", ") + component::SqlText(file.origin);
    }
    // A column of that name hides the engine's own.
    sql += group.shape->HasEngineName("file_row_number") ? "NULL::BIGINT" : "file_row_number + 1";
    sql += " AS leat_row, ";
    sql += files.size() == 1 ? origins : "map_extract_value(MAP([" + paths + "], [" + origins + "]), " + place + ")";
    return sql + " AS leat_origin FROM " + ReadSql(files, place);
  }

  /// With `on_bad_file: skip` each file is read once before its first row is taken: damage behind its footer shows in its pages
  /// only, when rows of it are on their way already.
  Status ReadThrough(const std::vector<InputFile>& files) {
    if (!component::SkipsBadFiles(connection_, table_)) return Ok();
    for (const InputFile& file : files) {
      if (sound_.contains(file.path)) continue;
      LEAT_ASSIGN(const std::vector<ShapeGroup> groups, GroupsOf({file}));
      const std::string row = groups[0].shape->FreeName("leat_row");
      const std::string from = ReadSql({file}, groups[0].shape->FreeName("leat_file"));
      const auto read = context_.query(fmt::format("SELECT bit_xor(hash({0})) FROM {1} AS {0}", row, from));
      if (!read.ok()) return CannotRead({file}, read.error());
      sound_.insert(file.path);
    }
    return Ok();
  }

  /// Values inside of lists and structs come as the engine reads them: that nothing of them is lost is seen beforehand.
  Status ProveNested(const ShapeGroup& group, const std::vector<SourceColumn>& wanted) {
    if (group.shape->nested.empty()) return Ok();
    const std::vector<std::string> names = TableNames(*group.shape, wanted);
    for (size_t at = 0; at < group.shape->nested.size(); ++at) {
      const NestedLeaf& leaf = group.shape->nested[at];
      const FileColumn& column = group.shape->columns[leaf.column];
      const std::string& name = names[leaf.column];
      if (std::none_of(wanted.begin(), wanted.end(), [&](const SourceColumn& one) { return one.name == name; }))
        continue;
      for (const InputFile& file : group.files) {
        if (!proved_.emplace(file.path, at).second) continue;
        InputFile bare = file;
        LEAT_ASSIGN(bare.path, Retold(file, {group.shape->nested_leaves, true}));
        const auto lost =
            context_.query("SELECT coalesce(sum(" + CountLost(leaf) + "), 0) FROM " + ReadSql({bare}, "leat_file"));
        if (!lost.ok()) return CannotRead({file}, lost.error());
        if (lost.value()[0][0] != "0") return Lost(file, column.name, leaf.delicate, lost.value()[0][0]);
      }
    }
    return Ok();
  }

  Error Lost(const InputFile& file, const std::string& column, Delicate kind, const std::string& count) const {
    return MakeError("SRC-430", ErrorKind::kData, "table {}: {}: inside of the column {} are {} {}", name_, file.origin,
                     column, count,
                     kind == Delicate::kLongDecimal ? "decimals of a type of more than 38 digits"
                                                    : "times that are finer than microseconds")
        .WithHint("have them written with microseconds (decimals: 38 digits), or leave the column out: `exclude:`");
  }

  Result<std::string> Retold(const InputFile& file, const Retelling& retelling) {
    std::string& path = retold_[{file.path, retelling.bare}];
    if (path.empty()) {
      LEAT_ASSIGN(path, WriteRetold(file, retelling, context_.spool_folder, name_));
    }
    return path;
  }

  Error CannotRead(const std::vector<InputFile>& files, const Error& why) const {
    if (why.kind() == ErrorKind::kCancelled || why.code() == "SRC-241") return why;
    return MakeError("SRC-241", ErrorKind::kData, "table {}: {} cannot be read as parquet: {}", name_,
                     files.size() == 1 ? files[0].origin : std::to_string(files.size()) + " files", why.message())
        .WithHint("is each of them a whole parquet file, and do equal columns have types that fit together?");
  }

  static std::string ReadSql(const std::vector<InputFile>& files, const std::string& place) {
    return "read_parquet(" + component::SqlPathList(files) +
           ", hive_partitioning = false, filename = " + component::SqlText(place) + ")";
  }

  Result<std::vector<ShapeGroup>> GroupsOf(const std::vector<InputFile>& files) {
    auto groups = shapes_.GroupsOf(files);
    if (!groups.ok()) return CannotRead(files, groups.error());
    return groups;
  }

  /// The columns of all files, under the names that `known` has for them.
  Result<std::vector<SourceColumn>> JoinColumns(const std::vector<InputFile>& files,
                                                const std::vector<SourceColumn>& known) {
    LEAT_ASSIGN(const std::vector<ShapeGroup> groups, GroupsOf(files));
    struct Joined {
      std::vector<std::string> types, origins;  ///< of the engine; each once, with the first file that has it
    };
    std::vector<SourceColumn> all = known, found;
    std::map<std::string, Joined> joined;
    for (const ShapeGroup& group : groups) {
      const std::vector<std::string> names = TableNames(*group.shape, all);
      for (size_t i = 0; i < names.size(); ++i) {
        const FileColumn& column = group.shape->columns[i];
        const std::string& name = names[i];
        Joined& one = joined[name];
        if (one.types.empty()) {
          found.push_back({name, nullptr, ""});
          all.push_back({name, nullptr, ""});
        }
        if (std::find(one.types.begin(), one.types.end(), column.engine_type) != one.types.end()) continue;
        one.types.push_back(column.engine_type);
        one.origins.push_back(group.files[0].origin);
      }
    }
    for (SourceColumn& column : found) {
      const Joined& one = joined[column.name];
      std::string type = one.types[0];
      for (size_t i = 1; i < one.types.size(); ++i) {
        const auto both = JoinTypes(type, one.types[i]);
        if (!both) {
          return MakeError("SRC-225", ErrorKind::kData, "table {}: the column {} is {} in {} and {} in {}", name_,
                           column.name, one.types[0], one.origins[0], one.types[i], one.origins[i])
              .WithHint("have one of them written anew, or load them as two tables with patterns of their own");
        }
        type = *both;
      }
      column = LakeColumn(column.name, type);
    }
    return found;
  }

  /// The engine's type for values of both; each value is held against it when it is read.
  std::optional<std::string> JoinTypes(const std::string& a, const std::string& b) {
    if (!MayJoin(a, b)) return std::nullopt;
    const auto rows = context_.query("DESCRIBE SELECT NULL::" + a + " AS v UNION ALL SELECT NULL::" + b);
    if (!rows.ok() || rows.value().size() != 1) return std::nullopt;
    const std::string& both = rows.value()[0][1];
    return both == "FLOAT" ? "DOUBLE" : both;  // whole numbers have more digits than a float
  }

  FileShapes shapes_;
  std::set<std::string> sound_;                                 ///< paths of files that were read through
  std::set<std::pair<std::string, size_t>> proved_;             ///< nested values that were looked at, by path
  std::map<std::pair<std::string, bool>, std::string> retold_;  ///< copies, by path
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<ParquetSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::parquet

leat::component::Spec leat_source_parquet_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "parquet";
  spec.summary = "Parquet files: single or by pattern.";
  spec.description =
      "Reads parquet files below a folder with the types that they carry, columns matched by name. New columns are "
      "added to the\n"
      "table; columns that a file lacks are NULL. Values that the table's type does not hold exactly (nanoseconds, types that\n"
      "differ between files) are rejected with their row.";
  spec.examples = {"connections:\n  lakefiles: { type: parquet, path: exports }\n",
                   "source: exports\nconnection: lakefiles\ntables:\n  - name: orders\n    files: orders/*.parquet\n"};
  spec.connection_fields = component::FileConnectionFields({});
  spec.fields = component::FileTableFields({});
  spec.source.relation = true;
  spec.source.files = true;
  spec.make_source = &components::parquet::Make;
  return spec;
}
