#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::data {

enum class AvroKind {
  kNull,
  kBoolean,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kString,
  kBytes,
  kEnum,
  kFixed,
  kArray,
  kMap,
  kRecord,
  kUnion,
  kLink,  ///< the record around it: the schema holds itself
};

/// What a value stands for beside its kind ("Logical Types"). What does not fit its kind is kNone, as the specification wants.
enum class AvroLogical {
  kNone,
  kDecimal,
  kBigDecimal,
  kUuid,
  kDate,
  kTime,       ///< of `unit` in a second, as are the two below
  kTimestamp,  ///< a moment
  kLocalTimestamp,
  kDuration,
};

struct AvroSchema;
using AvroSchemaPtr = std::shared_ptr<AvroSchema>;

struct AvroField {
  std::string name;
  int field_id = -1;  ///< Iceberg's "field-id", -1 without
  AvroSchemaPtr schema;
  std::vector<std::string> aliases{};
};

/// A writer's schema.
struct AvroSchema {
  AvroKind kind = AvroKind::kNull;
  AvroLogical logical = AvroLogical::kNone;
  std::string name;  ///< with its namespace: records, enums, fixed
  int64_t fixed_size = 0;
  int precision = 0, scale = 0;         ///< kDecimal
  int64_t unit = 1;                     ///< times: of these in a second
  std::vector<std::string> symbols;     ///< of an enum
  std::vector<AvroField> fields;        ///< of a record
  std::vector<AvroSchemaPtr> branches;  ///< of a union; [0]: items of an array, values of a map
  const AvroSchema* link = nullptr;     ///< of kLink; lives as long as the whole schema

  /// The fewest bytes that a value takes.
  size_t least_bytes() const { return kind == AvroKind::kLink ? link->least : least; }
  size_t least = 0;
  int64_t parts = 1;  ///< of a record: its fields' at any depth, and itself
};

/// The word that the specification has for the kind: "long", "record".
std::string_view AvroKindName(AvroKind kind);

/// A schema from its JSON text; named types may be used again by name. DATA-106 kData: what is wrong in it.
Result<AvroSchemaPtr> ParseAvroSchema(std::string_view json);

}  // namespace leat::data
