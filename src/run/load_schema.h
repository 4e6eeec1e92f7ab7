#pragma once

#include <string>
#include <vector>

#include "run/load_target.h"

namespace leat::run {

/// The columns that a load adds to what the source delivers, last in the raw table.
inline constexpr const char* kLoadedAt = "_loaded_at";
inline constexpr const char* kBatchId = "_batch_id";
inline constexpr const char* kSourceFile = "_source_file";
inline constexpr const char* kSourceRow = "_source_row";

/// What a load key reads and what the columns are called in the raw table: found once, then kept in the state store. Types
/// are never guessed again; a wider value later is rejected.
struct RegisteredTable {
  component::SourceTable table;
  std::vector<std::string> names;  ///< in the raw table, one per column of `table`
  bool changed = false;            ///< not yet in the state store as it is here
};

/// The type that a user's `data_type` names: Iceberg's names and the usual SQL ones. RUN-512 otherwise.
Result<data::TypePtr> ParseDeclaredType(const std::string& text);

/// Names of columns in the raw table: as in the source, the second of two that differ only in case gets "_2". With
/// `soft_delete` the name _deleted_at is Leat's.
std::vector<std::string> RawColumnNames(const std::vector<component::SourceColumn>& columns, bool soft_delete = false);

/// The registered columns of the step's load key, or what the source says now, with the types that the user declared. A table
/// that is there without being registered (made by another engine, restored) keeps its types.
Result<RegisteredTable> FindRegistered(StepContext& context, const Target& target, component::Source& source);
/// Adds columns that appeared in the input; those that are registered already have another type there now: the table's type
/// becomes the wider one where Iceberg allows it. RUN-514 kData when neither holds the other's values. True when anything
/// changed.
Result<bool> AddColumns(StepContext& context, RegisteredTable& registered,
                        const std::vector<component::SourceColumn>& added);

std::string RegisteredToJson(const RegisteredTable& registered);
Result<RegisteredTable> RegisteredFromJson(const std::string& json);
/// Writes the row of registered_schema; part of the branch commit's transaction.
Status WriteRegistered(state::Transaction& tx, const std::string& load_key, const std::string& run_id,
                       const RegisteredTable& registered);

/// The raw table's columns: the registered ones, then the audit columns.
WantedSchema RawSchema(const StepContext& context, const RegisteredTable& registered);

}  // namespace leat::run
