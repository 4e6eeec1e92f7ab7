#pragma once

#include <map>
#include <string>
#include <vector>

#include "project/column_mask.h"
#include "run/load_schema.h"
#include "run/schema_note.h"

namespace leat::run {

/// Property of a raw table: which of its columns were masked when, as JSON {"email": "sha256 1f0c9a4be3d27815"}.
inline constexpr const char* kMasksProperty = "leat.masks";

/// The masked columns of a load: the one place where it asks for them. A value of theirs is masked in the statement that
/// reads it; what cannot be masked because it was refused as it stood (a text that is no number, a line that is no row) is
/// left out of the rejected rows and their messages.
class LoadMasks {
 public:
  LoadMasks() = default;
  /// RUN-567 kConfig: the column's values are of a type that its mask is not for. RUN-568 kConfig: no such column is read (it has
  /// another name now, or is left out): under the new name its values would come as they are.
  static Result<LoadMasks> Of(const project::Asset& asset, const RegisteredTable& registered);
  /// RUN-568 for a masked column that is missing from some of the files, or has another name there.
  static Status CheckDrift(const project::Asset& asset, const std::vector<DriftNote>& notes);

  bool any() const { return !columns_.empty(); }
  bool Has(size_t i) const { return columns_.contains(i); }
  /// A column of the source, or of the raw table, by name.
  bool HasColumn(const std::string& name) const;

  /// A column of a key is masked, the project's or the source's: bounds of its values may not be kept.
  bool MasksKey(const project::Asset& asset, const RegisteredTable& registered) const;

  /// The raw table's type of registered column `i`, whose values have `type`.
  data::TypePtr RawType(size_t i, const data::TypePtr& type) const;
  /// Gives the raw table's fields the types that their masks make.
  void Retype(std::vector<data::Field>& fields) const;
  /// What the raw table gets of `value`, the SQL of registered column `i`.
  std::string Select(size_t i, const std::string& value) const;

  /// kMasksProperty of a table that has masks, or had some.
  void AddProperty(const Target& target, lake::Properties& properties) const;
  /// Columns, as a list for people, whose rows in the table have another mask than those of this load, or none; "": there
  /// are no such rows. `renamed`: WantedSchema's. RUN-569 kConfig: rows would be found by such a column.
  Result<std::string> CheckOldRows(const project::Asset& asset, const Target& target,
                                   const std::map<std::string, std::string>& renamed) const;

 private:
  std::string Marks() const;

  struct Column {
    std::string source_name, raw_name;
    data::TypePtr type;  ///< of the source's values
    const project::ColumnMask* mask = nullptr;
  };
  std::map<size_t, Column> columns_;  ///< by registered column
};

/// Whether the project masks columns of the asset.
bool MasksColumns(const project::Asset& asset);

}  // namespace leat::run
