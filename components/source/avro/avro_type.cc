#include "components/source/avro/avro_type.h"

#include <algorithm>
#include <string>

#include "data/type_join.h"

namespace leat::components::avro {
namespace {

using data::AvroKind;
using data::AvroLogical;
using data::AvroSchema;
using data::Primitive;
using data::TypeId;
using data::TypePtr;

constexpr int kLongestDecimal = 38;

/// Bytes inside of others come as text: in JSON, in which the engine gets them, there are none.
TypePtr InnerType(const AvroSchema& schema) {
  TypePtr type = LakeType(schema);
  return type->id == TypeId::kBinary ? Primitive(TypeId::kString) : type;
}

TypePtr RecordType(const AvroSchema& schema) {
  std::vector<data::Field> members;
  members.reserve(schema.fields.size());
  for (const data::AvroField& field : schema.fields) members.push_back({0, field.name, InnerType(*field.schema)});
  return data::StructOrText(std::move(members));
}

/// What all branches but null are read as; null when that is not one type.
TypePtr SharedType(const AvroSchema& schema) {
  TypePtr joined;
  int branches = 0;
  bool nested = false;
  for (const data::AvroSchemaPtr& branch : schema.branches) {
    if (branch->kind == AvroKind::kNull) continue;
    const TypePtr type = LakeType(*branch);
    joined = branches++ == 0 ? type : joined == nullptr ? nullptr : data::JoinTypes(joined, type, false);
    nested = nested || branch->kind >= AvroKind::kArray;
  }
  if (branches == 0) return Primitive(TypeId::kString);
  // Records of two kinds in one type would hide which of them it was.
  return branches > 1 && nested ? nullptr : joined;
}

bool HoldsItself(const AvroSchema& schema, const AvroSchema& record) {
  if (schema.kind == AvroKind::kLink) return schema.link == &record;
  const auto inside = [&](const data::AvroSchemaPtr& part) { return HoldsItself(*part, record); };
  return std::any_of(schema.branches.begin(), schema.branches.end(), inside) ||
         std::any_of(schema.fields.begin(), schema.fields.end(),
                     [&](const data::AvroField& field) { return inside(field.schema); });
}

}  // namespace

// Asked for every value of a union.
bool IsTagged(const AvroSchema& schema) {
  if (schema.kind != AvroKind::kUnion) return false;
  int values = 0;
  bool nested = false;
  for (const data::AvroSchemaPtr& branch : schema.branches) {
    values += branch->kind == AvroKind::kNull ? 0 : 1;
    nested = nested || branch->kind >= AvroKind::kArray;
  }
  return values > 1 && (nested || SharedType(schema) == nullptr);
}

TypePtr LakeType(const AvroSchema& schema) {
  switch (schema.logical) {
    case AvroLogical::kDecimal:
      return schema.precision > kLongestDecimal ? Primitive(TypeId::kString)
                                                : data::Decimal(schema.precision, schema.scale);
    case AvroLogical::kBigDecimal:
    case AvroLogical::kDuration: return Primitive(TypeId::kString);
    case AvroLogical::kUuid: return Primitive(TypeId::kUuid);
    case AvroLogical::kDate: return Primitive(TypeId::kDate);
    case AvroLogical::kTime: return Primitive(TypeId::kTime);
    case AvroLogical::kTimestamp: return Primitive(TypeId::kTimestampTz);
    case AvroLogical::kLocalTimestamp: return Primitive(TypeId::kTimestamp);
    case AvroLogical::kNone: break;
  }
  switch (schema.kind) {
    case AvroKind::kBoolean: return Primitive(TypeId::kBoolean);
    case AvroKind::kInt: return Primitive(TypeId::kInt);
    case AvroKind::kLong: return Primitive(TypeId::kLong);
    case AvroKind::kFloat: return Primitive(TypeId::kFloat);
    case AvroKind::kDouble: return Primitive(TypeId::kDouble);
    case AvroKind::kBytes:
    case AvroKind::kFixed: return Primitive(TypeId::kBinary);
    case AvroKind::kArray: return data::List({0, "element", InnerType(*schema.branches[0])});
    case AvroKind::kMap:
      return data::Map({0, "key", Primitive(TypeId::kString), true}, {0, "value", InnerType(*schema.branches[0])});
    case AvroKind::kRecord:
      for (const data::AvroField& field : schema.fields) {
        if (HoldsItself(*field.schema, schema)) return Primitive(TypeId::kString);
      }
      return RecordType(schema);
    case AvroKind::kUnion: {
      TypePtr shared = SharedType(schema);
      return shared == nullptr ? Primitive(TypeId::kString) : shared;
    }
    case AvroKind::kNull:
    case AvroKind::kString:
    case AvroKind::kEnum:
    case AvroKind::kLink: break;
  }
  return Primitive(TypeId::kString);
}

}  // namespace leat::components::avro
