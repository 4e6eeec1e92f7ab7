#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "run/load_target.h"

namespace leat::run {

/// The columns that a load adds to what the source delivers, last in the raw table.
inline constexpr const char* kLoadedAt = "_loaded_at";
inline constexpr const char* kBatchId = "_batch_id";
inline constexpr const char* kSourceFile = "_source_file";
inline constexpr const char* kSourceRow = "_source_row";

/// A registered column that is not read.
struct LeftOutColumn {
  /// Gone from the source and accepted so; discarded by policy, as its type was then; gone, and looked for at every load.
  enum class Why { kGone, kDiscarded, kFrozen };
  std::string name;    ///< in the source
  std::string column;  ///< in the raw table, which may have none of it
  data::TypePtr type;
  data::TypePtr source_type;  ///< null: not known
  Why why = Why::kGone;
};

/// What a load key reads and what the columns are called in the raw table: found once, then kept in the state store, each
/// version with the commit that it was published with. Types are never guessed again; what differs later is drift.
struct RegisteredTable {
  component::SourceTable table;
  std::vector<std::string> names;  ///< in the raw table, one per column of `table`
  bool changed = false;            ///< not yet in the state store as it is here
  bool known = false;              ///< it was registered before
  /// Types as the source itself had them, by its names: those of `table` may be wider, or declared by the project.
  std::map<std::string, data::TypePtr> source_types{};
  std::vector<LeftOutColumn> left_out{};
  std::set<std::string> noted{};  ///< differences that were told of and last
  std::set<std::string>
      watched{};  ///< columns of `table` that are read for their values' sake only: not the raw table's
};

/// The type that a user's `data_type` names: Iceberg's names and the usual SQL ones. RUN-512 otherwise.
Result<data::TypePtr> ParseDeclaredType(const std::string& text);

/// Names of columns in the raw table: as in the source, the second of two that differ only in case gets "_2". With
/// `soft_delete` the name _deleted_at is Leat's.
std::vector<std::string> RawColumnNames(const std::vector<component::SourceColumn>& columns, bool soft_delete = false);

/// The registered columns of the step's load key, or what the source says now, with the types that the user declared. A table
/// that is there without being registered (made by another engine, restored) keeps its types.
Result<RegisteredTable> FindRegistered(StepContext& context, const Target& target, component::Source& source);
/// Types of columns that a source told: declared ones win (`declared`); what the source left to the engine is decided by the
/// table of types.
Status DecideTypes(const project::Asset& asset, std::vector<component::SourceColumn>& columns, bool declared = true);
/// What the project says of a column of the source, without case; null: nothing.
const project::ColumnInfo* FindColumnInfo(const project::Asset& asset, const std::string& name);
/// The columns that the project declares a type of, as the source calls them, out of `columns`.
std::set<std::string> DeclaredColumns(const project::Asset& asset, const std::vector<component::SourceColumn>& columns);
/// True when the pattern list `exclude` of the table names the column.
bool IsExcluded(const project::Asset& asset, const std::string& column);

bool IsRegistered(const RegisteredTable& registered, const std::string& name);
/// The raw table's name of one more column of the source.
std::string NewRawName(const RegisteredTable& registered, const std::string& name, bool soft_delete);
/// Column `from` of the source is called `to` now, in the raw table too. False when there is no such column.
bool RenameRegistered(RegisteredTable& registered, const std::string& from, const std::string& to, bool soft_delete);

std::string RegisteredToJson(const RegisteredTable& registered);
Result<RegisteredTable> RegisteredFromJson(const std::string& json);
/// Hash over columns, types and key: equal for what a load would treat equally.
std::string RegisteredHash(const RegisteredTable& registered);

/// The raw table's columns: the registered ones, then those that are made from them, then the audit columns.
WantedSchema RawSchema(const StepContext& context, const RegisteredTable& registered,
                       const std::vector<data::Field>& derived);

}  // namespace leat::run
