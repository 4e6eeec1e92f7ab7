#pragma once

#include <string>
#include <string_view>

#include "lake/catalog.h"

namespace leat::lake {

/// The form in which names are compared without case (ASCII, as our SQL does).
std::string FoldName(std::string_view name);

/// True for the tables of rejected rows, <table>__rejected.
bool IsRejectedName(std::string_view name);

/// LAKE-203 for names that nobody may give: empty, over 255 bytes, with control characters or a slash, and the reserved
/// ones unless `allow_reserved` (namespaces leat, information_schema, pg_catalog, main; anything that ends in __rejected).
Status CheckNamespaceName(const std::string& ns, bool allow_reserved);
Status CheckTableName(const TableName& name, bool allow_reserved);

/// LAKE-203 unless `name` is run/<id>, env/<name> or tag/<name> as `kind` says.
Status CheckRefName(const std::string& name, RefKind kind);

std::string_view RefKindName(RefKind kind);
RefKind ParseRefKind(std::string_view name);
std::string_view ObjectKindName(ObjectKind kind);
ObjectKind ParseObjectKind(std::string_view name);

/// Locations are kept relative to the warehouse root; those outside of it as they are.
class Locations {
 public:
  /// `root`: absolute URI or path of the warehouse folder.
  explicit Locations(const std::string& root);
  const std::string& root() const { return root_; }
  std::string ToStored(const std::string& location) const;
  std::string ToAbsolute(const std::string& stored) const;

 private:
  std::string root_;  ///< URI without a slash at the end
};

/// The folder name of a new table below the root: <namespace>/<table>-<8 hex>, <source>/raw/<table>-<8 hex> for raw zones.
/// The hex digits are the last ones of the uuid: the first ones of a time-ordered uuid repeat within a minute.
std::string TableFolder(const TableName& name, const std::string& uuid, const Properties& namespace_properties);

}  // namespace leat::lake
