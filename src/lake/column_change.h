#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "lake/table_metadata.h"

namespace leat::lake {

/// Changes of a table's columns (specification, "Schema Evolution"). `path` names a column at any depth: "address.street",
/// "tags.element", "prices.value.amount"; a name with dots stands in double quotes. Names are found without case.

/// Where a column goes among its neighbours.
struct ColumnPlace {
  enum class Where { kLast, kFirst, kAfter, kBefore } where = Where::kLast;
  std::string other;  ///< name of a neighbour, of kAfter and kBefore
};

struct AddColumn {
  std::string path;
  data::TypePtr type;
  bool required = false;
  std::string doc = {};
  /// JSON of the specification's single-value encoding: what rows that are there have, and new ones that do not say. Only
  /// format version 3.
  std::optional<std::string> default_json = {};
  ColumnPlace place = {};
};
struct DropColumn {
  std::string path;
};
struct RenameColumn {
  std::string path;
  std::string name;
};
struct ChangeColumnType {
  std::string path;
  data::TypePtr type;
};
/// Required to optional always; to required only while the table has no rows.
struct SetColumnRequired {
  std::string path;
  bool required = false;
};
struct MoveColumn {
  std::string path;
  ColumnPlace place;
};
struct CommentColumn {
  std::string path;
  std::string doc;
};
/// What new rows that do not say have (write-default); nullopt: NULL. Only format version 3.
struct SetColumnDefault {
  std::string path;
  std::optional<std::string> json;
};

using ColumnChange = std::variant<AddColumn, DropColumn, RenameColumn, ChangeColumnType, SetColumnRequired, MoveColumn,
                                  CommentColumn, SetColumnDefault>;

/// `before` with the changes applied in order, as one new schema; ids of columns stay, new ones get new ids. Nothing is
/// written. The same metadata comes back when nothing differs. LAKE-120 kUsage names the column and why its change is
/// refused; LAKE-122 kNotFound: there is no such column (nearest names).
Result<TableMetadata> ChangeColumns(const TableMetadata& before, const std::vector<ColumnChange>& changes);

/// Whoever changed the schema: rows that stay must still be readable. LAKE-120 names a column that has the id of another type
/// which its values cannot become (specification, "Schema Evolution"). A commit that replaces the rows may change anything.
Status CheckTypesFollow(const TableMetadata& before, const TableMetadata& after);

/// The column at `path`, or null.
const data::Field* FindColumnAt(const data::Schema& schema, const std::string& path);

/// Equal in all that a schema says, docs and defaults too.
bool SameColumns(const std::vector<data::Field>& a, const std::vector<data::Field>& b);

/// LAKE-120 names the column of the current schema whose type or default the table's format version does not have, or whose
/// default is no value of its type.
Status CheckColumnsFitFormat(const TableMetadata& metadata);

/// "address.street" -> {"address", "street"}; quotes keep dots together.
std::vector<std::string> SplitColumnPath(const std::string& path);

}  // namespace leat::lake
