#include "components/source/orc/orc_type.h"

#include "data/type_join.h"

namespace leat::components::orc {
namespace {

using data::OrcKind;
using data::Primitive;
using data::TypeId;
using data::TypePtr;

/// Bytes inside of others come as text: in JSON, in which the engine gets them, there are none.
TypePtr InnerType(const data::OrcType& type) {
  TypePtr inner = LakeType(type);
  return inner->id == TypeId::kBinary ? Primitive(TypeId::kString) : inner;
}

}  // namespace

TypePtr LakeType(const data::OrcType& type) {
  switch (type.kind) {
    case OrcKind::kBoolean: return Primitive(TypeId::kBoolean);
    case OrcKind::kByte:
    case OrcKind::kShort:
    case OrcKind::kInt: return Primitive(TypeId::kInt);
    case OrcKind::kLong: return Primitive(TypeId::kLong);
    case OrcKind::kFloat: return Primitive(TypeId::kFloat);
    case OrcKind::kDouble: return Primitive(TypeId::kDouble);
    case OrcKind::kBinary: return Primitive(TypeId::kBinary);
    case OrcKind::kDate: return Primitive(TypeId::kDate);
    case OrcKind::kTimestamp: return Primitive(TypeId::kTimestamp);
    case OrcKind::kInstant: return Primitive(TypeId::kTimestampTz);
    case OrcKind::kDecimal: return data::Decimal(type.precision, type.scale);
    case OrcKind::kList: return data::List({0, "element", InnerType(type.parts[0])});
    case OrcKind::kMap:
      // Keys are names of members in JSON.
      if (type.parts[0].is_nested()) return Primitive(TypeId::kString);
      return data::Map({0, "key", InnerType(type.parts[0]), true}, {0, "value", InnerType(type.parts[1])});
    case OrcKind::kStruct: {
      std::vector<data::Field> members;
      members.reserve(type.parts.size());
      for (size_t i = 0; i < type.parts.size(); ++i) members.push_back({0, type.names[i], InnerType(type.parts[i])});
      return data::StructOrText(std::move(members));
    }
    case OrcKind::kString:
    case OrcKind::kVarchar:
    case OrcKind::kChar:
    case OrcKind::kUnion: break;
  }
  return Primitive(TypeId::kString);
}

}  // namespace leat::components::orc
