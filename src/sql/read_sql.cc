#include <fmt/format.h>

#include <atomic>
#include <map>
#include <nlohmann/json.hpp>

#include "io/file_system.h"
#include "lake/deletion_vector.h"
#include "lake/row_lineage.h"
#include "sql/connection.h"
#include "sql/deletion_vectors.h"
#include "sql/parquet_shape.h"
#include "sql/session.h"

namespace leat::sql {
namespace {

using data::TypeId;
using Json = nlohmann::json;

/// A default value (single-value JSON of the specification) as the text that DuckDB casts to the type; NULL without one.
std::string DefaultLiteral(const data::Field& field, const std::optional<std::string>& value) {
  if (!value || field.type->is_nested()) return "NULL";
  Json json = Json::parse(*value, nullptr, false);
  if (json.is_null() || json.is_discarded()) return "NULL";
  std::string text = json.is_string() ? json.get<std::string>() : json.dump();
  if (field.type->id == TypeId::kBinary || field.type->id == TypeId::kFixed) {
    std::string bytes;
    for (size_t i = 0; i + 1 < text.size(); i += 2) bytes += "\\x" + text.substr(i, 2);
    text = bytes;
  }
  return QuoteLiteral(text);
}

std::string NullOf(const data::Type& type) { return "CAST(NULL AS " + data::DuckDbTypeName(type) + ")"; }

/// The engine gives times with a zone in microseconds, whatever is asked for: a value that it would cut is refused, when it is
/// read. Of other columns the value is as it is.
std::string Readable(const data::Field& field, const std::string& expression) {
  if (field.type->id == TypeId::kUnknown) return NullOf(*field.type);  // whatever a file has there
  if (field.type->id != TypeId::kTimestampTzNs) return expression;
  return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE CAST(error({}) AS TIMESTAMP_NS) END", expression,
                     QuoteLiteral("SQL-411: column " + field.name +
                                  " is of type timestamptz_ns, of which Leat would lose "
                                  "the nanoseconds: read it with another engine, or leave it out"));
}

std::string DefaultExpression(const data::Field& field) {
  return "CAST(" + DefaultLiteral(field, field.initial_default) + " AS " + data::DuckDbTypeName(*field.type) + ")";
}

/// Finds the file's column of a field: by id, or in files without ids by the names of schema.name-mapping.default.
class Resolver {
 public:
  Resolver(bool by_id, const Json* mapping) : by_id_(by_id), mapping_(mapping) {}

  const ParquetNode* Find(const data::Field& field, const ParquetNode& parent) const {
    if (by_id_) return parent.ChildById(field.id);
    const Json* entry = Entry(field.id);
    if (entry == nullptr || !entry->contains("names")) return nullptr;
    for (const Json& name : (*entry)["names"])
      if (const ParquetNode* child = name.is_string() ? parent.ChildByName(name.get<std::string>()) : nullptr)
        return child;
    return nullptr;
  }
  /// The same, inside `field`.
  Resolver Below(const data::Field& field) const {
    const Json* entry = by_id_ ? nullptr : Entry(field.id);
    static const Json kNone = Json::array();
    return {by_id_, entry != nullptr && entry->contains("fields") ? &(*entry)["fields"] : &kNone};
  }

 private:
  const Json* Entry(int id) const {
    if (mapping_ == nullptr || !mapping_->is_array()) return nullptr;
    for (const Json& entry : *mapping_)
      if (entry.value("field-id", 0) == id) return &entry;
    return nullptr;
  }
  bool by_id_;
  const Json* mapping_;
};

/// SQL that makes a value of `field` from the file's column `expression`, by the file's own names at every depth.
std::string Project(const data::Field& field, const ParquetNode& node, const std::string& expression,
                    const Resolver& resolver, int depth) {
  const data::Type& type = *field.type;
  Resolver below = resolver.Below(field);
  std::string item = "x" + std::to_string(depth);
  switch (type.id) {
    case TypeId::kStruct: {
      std::string members;
      for (const data::Field& member : type.fields) {
        const ParquetNode* child = below.Find(member, node);
        std::string value =
            child == nullptr
                ? DefaultExpression(member)
                : Readable(member, Project(member, *child,
                                           "struct_extract(" + expression + ", " + QuoteLiteral(child->name) + ")",
                                           below, depth + 1));
        members += (members.empty() ? "" : ", ") + QuoteName(member.name) + " := " + value;
      }
      return "CASE WHEN " + expression + " IS NULL THEN NULL ELSE struct_pack(" + members + ") END";
    }
    case TypeId::kList:
      if (node.children.empty()) return NullOf(type);
      return fmt::format("list_transform({}, lambda {}: {})", expression, item,
                         Project(type.fields[0], node.children[0], item, below, depth + 1));
    case TypeId::kMap: {
      if (node.children.size() != 2) return NullOf(type);
      std::string key = Project(type.fields[0], node.children[0], item + ".\"key\"", below, depth + 1);
      std::string value = Project(type.fields[1], node.children[1], item + ".\"value\"", below, depth + 1);
      return fmt::format(
          "CASE WHEN {0} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries({0}), lambda {1}: "
          "struct_pack(k := {2}, v := {3}))) END",
          expression, item, key, value);
    }
    default: return "CAST(" + expression + " AS " + data::DuckDbTypeName(type) + ")";
  }
}

/// Files that one read_parquet can read: by ids, or with one set of own names; with the same equality deletes.
struct Group {
  std::vector<const lake::ScanFile*> files;
  ParquetShapePtr own_names;  ///< null: by ids
  bool deletes = false;       ///< has position deletes
  std::vector<const lake::DataFile*> equality;
  const lake::ScanFile* partition = nullptr;  ///< whose identity partition values stand for missing columns
};

class Reader {
 public:
  Reader(io::FileSystem& files, Connection& connection, const lake::TableMetadata& metadata, const data::Schema& schema,
         RowColumns more, const ForeignFiles& foreign)
      : files_(files), connection_(connection), metadata_(metadata), schema_(schema), more_(more), foreign_(foreign) {}

  Result<std::string> Sql(const lake::ScanPlan& plan) {
    if (plan.files.empty()) return EmptyRelation();
    if (auto found = metadata_.properties.find("schema.name-mapping.default"); found != metadata_.properties.end())
      mapping_ = Json::parse(found->second, nullptr, false);
    std::vector<FileToRead> to_read;
    for (const auto& file : plan.files) {
      LEAT_TRY(CheckReadable(file.file));
      to_read.push_back({PathOf(file.file), file.file.size_bytes});
      for (const auto* deletes : {&file.position_deletes, &file.equality_deletes})
        for (const auto& one : *deletes)
          if (!lake::IsDeletionVector(one)) {
            LEAT_TRY(CheckReadable(one));
            to_read.push_back({PathOf(one), one.size_bytes});
          }
    }
    LEAT_ASSIGN(shapes_, ReadShapes(connection_, to_read));
    LEAT_ASSIGN(std::vector<Group> groups, MakeGroups(plan));
    std::string sql;
    for (const Group& group : groups) {
      LEAT_ASSIGN(std::string part, GroupSql(group));
      sql += (sql.empty() ? "" : "\nUNION ALL\n") + part;
    }
    return sql;
  }

 private:
  /// As DuckDB reads it.
  std::string PathOf(const lake::DataFile& file) const {
    const auto found = foreign_.places.find(file.path);
    return found == foreign_.places.end() ? io::LocalPath(file.path) : found->second;
  }

  bool HasIds(const ParquetShape& shape) const { return shape.has_ids && !foreign_.by_name; }

  std::string EmptyRelation() const {
    std::string columns;
    for (const auto& field : schema_.fields)
      columns += (columns.empty() ? "" : ", ") + NullOf(*field.type) + " AS " + QuoteName(field.name);
    if (more_.places) columns += ", CAST(NULL AS VARCHAR) AS leat_file, CAST(NULL AS BIGINT) AS leat_row";
    if (more_.lineage)
      for (const auto& field : lake::RowLineageFields()) columns += ", " + NullOf(*field.type) + " AS " + field.name;
    return "SELECT " + columns + " WHERE false";
  }

  Status CheckReadable(const lake::DataFile& file) const {
    if (file.key_metadata)
      return MakeError("SQL-411", ErrorKind::kUnsupported, "{} is encrypted: Leat does not read encrypted files",
                       file.path)
          .WithHint("rewrite the table without encryption with the engine that wrote it");
    std::string format = file.format;
    for (char& c : format) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (format != "PARQUET")
      return MakeError("SQL-411", ErrorKind::kUnsupported, "{} is a {} file: Leat reads Parquet files only", file.path,
                       format)
          .WithHint("rewrite the table as Parquet with the engine that wrote it");
    return Ok();
  }

  Result<std::vector<Group>> MakeGroups(const lake::ScanPlan& plan) {
    std::map<std::string, Group> groups;
    for (const auto& file : plan.files) {
      const ParquetShapePtr& shape = shapes_[PathOf(file.file)];
      if (!HasIds(*shape) && !mapping_.is_array())
        return MakeError(
                   "SQL-410", ErrorKind::kUnsupported,
                   "{} has no field ids and the table has no schema.name-mapping.default: its columns cannot be told",
                   file.file.path)
            .WithHint("set the property schema.name-mapping.default on the table, or rewrite the file");
      bool by_id = HasIds(*shape);
      bool constants = false;
      for (const auto& field : schema_.fields) {
        by_id = by_id && ReadableById(field, shape->root);
        constants = constants || (PartitionConstant(field, file) && Find(*shape, field) == nullptr);
      }
      by_id = by_id && !constants;
      std::string key = by_id ? "ids" : "own " + shape->signature;
      if (constants)
        for (const auto& field : schema_.fields)
          if (auto constant = PartitionConstant(field, file)) key += "|" + *constant;
      for (const auto& one : file.equality_deletes) key += "|eq " + one.path;
      bool deletes = !file.position_deletes.empty();
      key += deletes ? "|pos" : "";
      Group& group = groups[key];
      group.files.push_back(&file);
      group.deletes = deletes;
      group.partition = &file;
      if (!by_id) group.own_names = shape;
      if (group.equality.empty())
        for (const auto& one : file.equality_deletes) group.equality.push_back(&one);
    }
    std::vector<Group> list;
    list.reserve(groups.size());
    for (auto& [key, group] : groups) list.push_back(std::move(group));
    return list;
  }

  const ParquetNode* Find(const ParquetShape& shape, const data::Field& field) const {
    return Resolver(HasIds(shape), &mapping_).Find(field, shape.root);
  }

  /// The value of an identity partition field, for columns that migrated files do not contain (Iceberg specification,
  /// "Column Projection").
  std::optional<std::string> PartitionConstant(const data::Field& field, const lake::ScanFile& file) const {
    const lake::PartitionSpec* spec = metadata_.FindSpec(file.file.spec_id);
    if (spec == nullptr || field.type->is_nested()) return std::nullopt;
    for (size_t i = 0; i < spec->fields.size() && i < file.file.partition.size(); ++i) {
      if (spec->fields[i].source_id != field.id || spec->fields[i].transform != "identity") continue;
      const data::Value& value = file.file.partition[i];
      if (std::holds_alternative<std::monostate>(value)) return NullOf(*field.type);
      return "CAST(" + QuoteLiteral(data::ToText(value, *field.type)) + " AS " + data::DuckDbTypeName(*field.type) +
             ")";
    }
    return std::nullopt;
  }

  std::string Paths(const std::vector<const lake::ScanFile*>& list) const {
    std::string paths;
    for (const auto* file : list) paths += (paths.empty() ? "" : ", ") + QuoteLiteral(PathOf(file->file));
    return "[" + paths + "]";
  }

  /// read_parquet by ids; columns come as c<id> so that no name can clash with DuckDB's virtual columns. `rows` of the manifests
  /// are what the optimiser plans by: with a schema of ours DuckDB opens no file before, and would take them for empty.
  static std::string ReadById(const std::string& paths, const std::vector<const data::Field*>& fields, int64_t rows) {
    std::string map;
    for (const auto* field : fields)
      map += fmt::format("{}{}: {{name: 'c{}', type: {}, default_value: CAST({} AS VARCHAR)}}", map.empty() ? "" : ", ",
                         field->id, field->id, QuoteLiteral(data::DuckDbTypeName(*field->type)),
                         DefaultLiteral(*field, field->initial_default));
    return fmt::format("read_parquet({}, hive_partitioning = false, explicit_cardinality = {}, schema => MAP {{{}}})",
                       paths, std::max<int64_t>(rows, 1), map);
  }

  /// A value of the row's data file.
  template <typename Get>
  static std::string OfFile(const Group& group, const Get& get) {
    std::string values;
    for (const auto* file : group.files) values += (values.empty() ? "" : ", ") + get(*file);
    return "[" + values + "][CAST(d.file_index AS BIGINT) + 1]";
  }

  /// Row ids: what the file stores, else inherited from its manifest entry (Iceberg specification, "Row Lineage").
  static std::string Lineage(const Group& group, const std::map<int, std::string>& by_field) {
    const std::string first = OfFile(group, [](const lake::ScanFile& file) {
      const auto& id = file.file.first_row_id;
      return "CAST(" + (id ? std::to_string(*id) : std::string("NULL")) + " AS BIGINT)";
    });
    const std::string sequence =
        OfFile(group, [](const lake::ScanFile& file) { return std::to_string(file.sequence_number); });
    return fmt::format(
        ", CASE WHEN {0} IS NULL THEN NULL ELSE coalesce({1}, {0} + d.file_row_number) END AS {2}, CASE WHEN {0} IS NULL "
        "THEN NULL ELSE coalesce({3}, CAST({4} AS BIGINT)) END AS {5}",
        first, by_field.at(lake::kRowIdFieldId), lake::kRowId, by_field.at(lake::kLastUpdatedFieldId), sequence,
        lake::kLastUpdated);
  }

  Result<std::string> GroupSql(const Group& group) {
    std::string columns;
    std::string source;
    auto add = [&](const data::Field& field, const std::string& expression) {
      columns += (columns.empty() ? "" : ", ") + expression + " AS " + QuoteName(field.name);
    };
    std::map<int, std::string> by_field;  // expression of each column, for equality deletes
    int64_t rows = 0;
    for (const lake::ScanFile* file : group.files) rows += file->file.record_count;
    std::vector<data::Field> all = schema_.fields;
    if (more_.lineage)
      for (auto& field : lake::RowLineageFields()) all.push_back(std::move(field));
    if (group.own_names == nullptr) {
      std::vector<const data::Field*> fields;
      fields.reserve(all.size());
      for (const auto& field : all)
        if (field.type->id != TypeId::kUnknown) fields.push_back(&field);
      source = ReadById(Paths(group.files), fields, rows);
      for (const auto& field : all) by_field[field.id] = fmt::format("d.c{}", field.id);
    } else {
      source = fmt::format("read_parquet({}, hive_partitioning = false, explicit_cardinality = {})", Paths(group.files),
                           std::max<int64_t>(rows, 1));
      Resolver resolver(HasIds(*group.own_names), &mapping_);
      for (const auto& field : all) {
        const ParquetNode* node = resolver.Find(field, group.own_names->root);
        if (node != nullptr) {
          by_field[field.id] = Project(field, *node, "d." + QuoteName(node->name), resolver, 0);
        } else if (auto constant = PartitionConstant(field, *group.partition)) {
          by_field[field.id] = *constant;
        } else {
          by_field[field.id] = DefaultExpression(field);
        }
      }
      if (more_.places || more_.lineage || group.deletes)
        for (const auto& child : group.own_names->root.children)
          if (child.name == "file_index" || child.name == "file_row_number")
            return MakeError("SQL-411", ErrorKind::kUnsupported,
                             "{} has a column {} and deleted rows; Leat cannot tell the two apart",
                             group.files[0]->file.path, child.name)
                .WithHint("rewrite the table with the engine that wrote it");
    }
    for (const auto& field : schema_.fields) add(field, Readable(field, by_field[field.id]));
    if (more_.places) {
      columns += ", " + OfFile(group, [](const lake::ScanFile& file) { return QuoteLiteral(file.file.path); }) +
                 " AS leat_file, d.file_row_number AS leat_row";
    }
    if (more_.lineage) columns += Lineage(group, by_field);
    std::string sql = "SELECT " + columns + " FROM " + source + " AS d";
    if (group.deletes) {
      LEAT_ASSIGN(std::string deleted, DeletedPositions(group));
      sql += " ANTI JOIN (" + deleted + ") AS p ON d.file_index = p.i AND d.file_row_number = p.pos";
    }
    std::string conditions;
    for (const auto* one : group.equality) {
      LEAT_ASSIGN(std::string condition, EqualityCondition(*one, by_field));
      conditions += (conditions.empty() ? " WHERE " : " AND ") + condition;
    }
    return sql + conditions;
  }

  /// (i, pos) of the deleted rows of a group's files, i counting the group's files.
  Result<std::string> DeletedPositions(const Group& group) {
    std::map<std::string, size_t> numbers;  // delete file -> its place in the list
    std::vector<lake::DataFile> parquet;
    std::string pairs;
    std::string vector_table;
    for (size_t i = 0; i < group.files.size(); ++i) {
      for (const auto& one : group.files[i]->position_deletes) {
        if (lake::IsDeletionVector(one)) {
          LEAT_TRY(AddVector(one, i, vector_table));
          continue;
        }
        auto [place, fresh] = numbers.emplace(one.path, numbers.size());
        if (fresh) parquet.emplace_back(one).path = PathOf(one);
        pairs += fmt::format("{}({}::UBIGINT, {}, {}::UBIGINT)", pairs.empty() ? "" : ", ", place->second,
                             QuoteLiteral(group.files[i]->file.path), i);
      }
    }
    std::string sql;
    if (!pairs.empty()) {
      LEAT_ASSIGN(const std::string read, ReadPositionDeletes(connection_, parquet));
      sql = "SELECT m.i, r.pos FROM (" + read + ") AS r JOIN (VALUES " + pairs +
            ") AS m(f, path, i) ON m.f = r.file_index AND m.path = r.path";
    }
    if (!vector_table.empty())
      sql += (sql.empty() ? "" : " UNION ALL ") + std::string("SELECT i, pos FROM temp.main.") + vector_table;
    return sql;
  }

  Status AddVector(const lake::DataFile& vector, size_t index, std::string& table) {
    static std::atomic<int64_t> next{0};
    if (table.empty()) {
      table = fmt::format("leat_deleted_{}", next++);
      LEAT_TRY(connection_.Execute("CREATE TEMP TABLE " + table + " (i UBIGINT, pos BIGINT)"));
    }
    LEAT_ASSIGN(std::vector<int64_t> positions, lake::ReadDeletionVector(files_, vector));
    auto& duck = static_cast<DuckConnection&>(connection_);
    duckdb_appender appender = nullptr;
    if (duckdb_appender_create_ext(duck.raw(), "temp", "main", table.c_str(), &appender) != DuckDBSuccess)
      return MakeError("SQL-299", ErrorKind::kInternal, "no appender for {}", table);
    bool failed = false;
    for (int64_t position : positions) {
      failed = failed || duckdb_append_uint64(appender, index) != DuckDBSuccess;
      failed = failed || duckdb_append_int64(appender, position) != DuckDBSuccess;
      failed = failed || duckdb_appender_end_row(appender) != DuckDBSuccess;
    }
    failed = duckdb_appender_destroy(&appender) != DuckDBSuccess || failed;
    if (failed)
      return MakeError("SQL-301", ErrorKind::kResource, "the deletion vector {} does not fit in memory", vector.path);
    return Ok();
  }

  /// Rows whose key is in an equality delete file are gone; NULL equals NULL (Iceberg specification, "Equality Delete
  /// Files").
  Result<std::string> EqualityCondition(const lake::DataFile& deletes, const std::map<int, std::string>& by_field) {
    std::vector<const data::Field*> keys;
    std::string equal;
    for (int id : deletes.equality_ids) {
      const data::Field* field = nullptr;
      for (const auto& column : schema_.fields)
        if (column.id == id) field = &column;
      if (field == nullptr || field->type->is_nested())
        return MakeError(
                   "SQL-411", ErrorKind::kUnsupported,
                   "the equality delete file {} names column {}, which the table's schema does not have at its top",
                   deletes.path, id)
            .WithHint("compact the table with the engine that wrote it");
      keys.push_back(field);
      equal += fmt::format("{}e.c{} IS NOT DISTINCT FROM {}", equal.empty() ? "" : " AND ", id, by_field.at(id));
    }
    const ParquetShapePtr& shape = shapes_[PathOf(deletes)];
    if (keys.empty() || !shape->has_ids)
      return MakeError("SQL-411", ErrorKind::kUnsupported, "the equality delete file {} has no field ids",
                       deletes.path);
    return "NOT EXISTS (SELECT 1 FROM " +
           ReadById("[" + QuoteLiteral(PathOf(deletes)) + "]", keys, deletes.record_count) + " AS e WHERE " + equal +
           ")";
  }

  io::FileSystem& files_;
  Connection& connection_;
  const lake::TableMetadata& metadata_;
  const data::Schema& schema_;
  RowColumns more_;
  const ForeignFiles& foreign_;
  Json mapping_;
  std::map<std::string, ParquetShapePtr> shapes_;
};

}  // namespace

std::string NotGivenSql(const data::Field& field) {
  return "CAST(" + DefaultLiteral(field, field.write_default) + " AS " + data::DuckDbTypeName(*field.type) + ")";
}

Result<std::string> ReadSql(io::FileSystem& files, Connection& connection, const lake::TableMetadata& metadata,
                            const data::Schema& schema, const lake::ScanPlan& plan, RowColumns more,
                            const ForeignFiles& foreign) {
  return Reader(files, connection, metadata, schema, more, foreign).Sql(plan);
}

}  // namespace leat::sql
