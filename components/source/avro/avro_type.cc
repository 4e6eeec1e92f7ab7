#include "components/source/avro/avro_type.h"

#include <algorithm>
#include <set>
#include <string>

namespace leat::components::avro {
namespace {

using data::AvroKind;
using data::AvroLogical;
using data::AvroSchema;
using data::Primitive;
using data::TypeId;
using data::TypePtr;

constexpr int kLongestDecimal = 38;

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// Bytes inside of others come as text: in JSON, in which the engine gets them, there are none.
TypePtr InnerType(const AvroSchema& schema) {
  TypePtr type = LakeType(schema);
  return type->id == TypeId::kBinary ? Primitive(TypeId::kString) : type;
}

/// A struct, or text where the engine has none like it: without members, or with two that differ only in case.
TypePtr RecordType(const AvroSchema& schema) {
  std::vector<data::Field> members;
  std::set<std::string> names;
  for (const data::AvroField& field : schema.fields) {
    if (field.name.empty() || !names.insert(Lower(field.name)).second) return Primitive(TypeId::kString);
    members.push_back({0, field.name, InnerType(*field.schema)});
  }
  return members.empty() ? Primitive(TypeId::kString) : data::Struct(std::move(members));
}

/// What all branches but null are read as; null when that is not one type.
TypePtr SharedType(const AvroSchema& schema) {
  TypePtr joined;
  int branches = 0;
  bool nested = false;
  for (const data::AvroSchemaPtr& branch : schema.branches) {
    if (branch->kind == AvroKind::kNull) continue;
    const TypePtr type = LakeType(*branch);
    joined = branches++ == 0 ? type : joined == nullptr ? nullptr : JoinTypes(joined, type, false);
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

TypePtr JoinStructs(const data::Type& a, const data::Type& b, bool by_value) {
  std::vector<data::Field> members = a.fields;
  for (const data::Field& more : b.fields) {
    const auto known =
        std::find_if(members.begin(), members.end(), [&](const data::Field& one) { return one.name == more.name; });
    if (known == members.end()) {
      members.push_back(more);
      continue;
    }
    known->type = JoinTypes(known->type, more.type, by_value);
    if (known->type == nullptr) return nullptr;
  }
  std::set<std::string> names;
  for (const data::Field& one : members) {
    if (!names.insert(Lower(one.name)).second) return nullptr;
  }
  return data::Struct(std::move(members));
}

int RankOf(TypeId id) {
  switch (id) {
    case TypeId::kInt: return 1;
    case TypeId::kLong: return 2;
    case TypeId::kFloat: return 3;
    case TypeId::kDouble: return 4;
    default: return 0;
  }
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

TypePtr JoinTypes(const TypePtr& a, const TypePtr& b, bool by_value) {
  if (data::TypeName(*a) == data::TypeName(*b)) return a;
  if (a->id == TypeId::kStruct && b->id == TypeId::kStruct) return JoinStructs(*a, *b, by_value);
  if (a->id == b->id && (a->id == TypeId::kList || a->id == TypeId::kMap)) {
    const size_t last = a->fields.size() - 1;
    TypePtr inner = JoinTypes(a->fields[last].type, b->fields[last].type, by_value);
    if (inner == nullptr) return nullptr;
    if (last == 0) return data::List({0, "element", std::move(inner)});
    return data::Map(a->fields[0], {0, "value", std::move(inner)});
  }
  if (a->id == TypeId::kDecimal && b->id == TypeId::kDecimal) {
    const int scale = std::max(a->scale, b->scale);
    const int precision = scale + std::max(a->precision - a->scale, b->precision - b->scale);
    return precision > kLongestDecimal ? nullptr : data::Decimal(precision, scale);
  }
  const int low = std::min(RankOf(a->id), RankOf(b->id)), high = std::max(RankOf(a->id), RankOf(b->id));
  if (low == 0) return nullptr;
  if (high == RankOf(TypeId::kLong)) return Primitive(TypeId::kLong);
  // A float has 24 digits of two: an int needs a double, a long fits into neither.
  return low == RankOf(TypeId::kLong) && !by_value ? nullptr : Primitive(TypeId::kDouble);
}

}  // namespace leat::components::avro
