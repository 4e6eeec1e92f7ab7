#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::data {

/// The types of the Iceberg specification ("Schemas and Data Types"), v1 to v3.
enum class TypeId {
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kDecimal,
  kDate,
  kTime,
  kTimestamp,
  kTimestampTz,
  kTimestampNs,
  kTimestampTzNs,
  kString,
  kUuid,
  kFixed,
  kBinary,
  kVariant,
  kUnknown,
  kStruct,
  kList,
  kMap,
};

struct Field;
struct Type;
using TypePtr = std::shared_ptr<const Type>;

/// One type, immutable. Decimal: precision 1-38 and scale. Fixed: length in bytes. Struct: `fields`. List:
/// fields[0] is "element". Map: fields[0] is "key" (required), fields[1] is "value".
struct Type {
  TypeId id = TypeId::kString;
  int precision = 0;
  int scale = 0;
  int length = 0;
  std::vector<Field> fields;

  bool is_nested() const { return id == TypeId::kStruct || id == TypeId::kList || id == TypeId::kMap; }
};

/// A column or a member. `id` is the Iceberg field id, unique in a table for ever, 0 while not yet assigned.
/// Defaults (v3) are kept as the JSON text of the specification's single-value encoding.
struct Field {
  int id = 0;
  std::string name;
  TypePtr type;
  bool required = false;
  std::string doc = {};
  std::optional<std::string> initial_default = {};
  std::optional<std::string> write_default = {};
};

/// Columns of a table in order. Names are kept as given; FindColumn looks without case, as our SQL does.
struct Schema {
  int schema_id = 0;
  std::vector<Field> fields;
  std::vector<int> identifier_field_ids;

  const Field* FindColumn(std::string_view name) const;
  /// Any depth.
  const Field* FindById(int id) const;
  /// The greatest field id at any depth, 0 when empty.
  int HighestId() const;
};

TypePtr Primitive(TypeId id);
TypePtr Decimal(int precision, int scale);
TypePtr Fixed(int length);
TypePtr Struct(std::vector<Field> fields);
TypePtr List(Field element);
TypePtr Map(Field key, Field value);

/// Equal types, names and ids at any depth (docs and defaults are not compared).
bool SameType(const Type& a, const Type& b);
bool SameSchema(const Schema& a, const Schema& b);

/// The specification's name: "long", "decimal(9,2)", "timestamptz", "struct<...>", "list<...>".
std::string TypeName(const Type& type);
/// Reads the name of a primitive type. Unknown name: DATA-101.
Result<TypePtr> ParsePrimitive(std::string_view name);
/// The DuckDB type that holds it without loss: "BIGINT", "DECIMAL(9,2)", "STRUCT(\"a\" BIGINT, \"b\" VARCHAR[])" (names quoted).
std::string DuckDbTypeName(const Type& type);

/// Gives new ids, from `next_id` on, to every field without one; returns the next free id.
int AssignFieldIds(Schema& schema, int next_id);

/// True when Iceberg allows changing a column from one to the other (int->long, float->double, wider decimal).
bool CanPromote(const Type& from, const Type& to);

}  // namespace leat::data
