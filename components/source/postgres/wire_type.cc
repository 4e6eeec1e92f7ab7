#include "components/source/postgres/wire_type.h"

#include <algorithm>
#include <optional>

#include "component/sql_text.h"

namespace leat::components::postgres {
namespace {

using data::Primitive;
using data::TypeId;

// Type numbers of pg_type: fixed for ever.
constexpr uint32_t kBoolOid = 16, kByteaOid = 17, kNameOid = 19, kInt8Oid = 20, kInt2Oid = 21, kInt4Oid = 23,
                   kTextOid = 25, kOidOid = 26, kXidOid = 28, kCidOid = 29, kJsonOid = 114, kFloat4Oid = 700,
                   kFloat8Oid = 701, kMoneyOid = 790, kBpcharOid = 1042, kVarcharOid = 1043, kDateOid = 1082,
                   kTimeOid = 1083, kTimestampOid = 1114, kTimestampTzOid = 1184, kNumericOid = 1700, kUuidOid = 2950,
                   kJsonbOid = 3802;

/// nullopt: it is asked for as text.
std::optional<Wire> WireOf(const ServerType& type) {
  switch (type.oid) {
    case kBoolOid: return Wire::kBool;
    case kInt2Oid: return Wire::kInt2;
    case kInt4Oid: return Wire::kInt4;
    case kInt8Oid: return Wire::kInt8;
    case kOidOid:
    case kXidOid:
    case kCidOid: return Wire::kUInt4;
    case kFloat4Oid: return Wire::kFloat4;
    case kFloat8Oid: return Wire::kFloat8;
    case kNumericOid: return Wire::kNumeric;
    case kDateOid: return Wire::kDate;
    case kTimeOid: return Wire::kTime;
    case kTimestampOid:
    case kTimestampTzOid: return Wire::kTimestamp;
    case kTextOid:
    case kVarcharOid:
    case kBpcharOid:
    case kNameOid:
    case kJsonOid: return Wire::kText;
    case kJsonbOid: return Wire::kJsonb;
    case kUuidOid: return Wire::kUuid;
    case kByteaOid: return Wire::kBytes;
    default: break;
  }
  if (type.kind == 'e' || type.name == "citext") return Wire::kText;
  if (type.name == "geometry" || type.name == "geography") return Wire::kBytes;  // EWKB
  return std::nullopt;
}

/// Precision and scale of numeric(p,s); the scale has 11 bits with a sign since PostgreSQL 15.
data::TypePtr DecimalOf(int32_t modifier) {
  const int32_t digits = modifier - 4;
  int precision = (digits >> 16) & 0xFFFF;
  int scale = ((digits & 0x7FF) ^ 1024) - 1024;
  if (scale < 0) precision -= scale;  // numeric(3,-2): 12300
  precision = std::max(precision, scale);
  scale = std::max(scale, 0);
  return precision <= 38 ? data::Decimal(precision, scale) : Primitive(TypeId::kString);
}

data::TypePtr NaturalType(const ServerType& type, const TypeChoice& choice) {
  if (type.oid == kMoneyOid) return data::Decimal(19, choice.money_scale);
  const std::optional<Wire> wire = WireOf(type);
  if (!wire) return Primitive(TypeId::kString);
  switch (*wire) {
    case Wire::kBool: return Primitive(TypeId::kBoolean);
    case Wire::kInt2:
    case Wire::kInt4: return Primitive(TypeId::kInt);
    case Wire::kInt8:
    case Wire::kUInt4: return Primitive(TypeId::kLong);
    case Wire::kFloat4: return Primitive(TypeId::kFloat);
    case Wire::kFloat8: return Primitive(TypeId::kDouble);
    case Wire::kNumeric:
      if (type.modifier >= 4) return DecimalOf(type.modifier);
      return choice.unconstrained_numeric == nullptr ? Primitive(TypeId::kString) : choice.unconstrained_numeric;
    case Wire::kDate: return Primitive(TypeId::kDate);
    case Wire::kTime: return Primitive(TypeId::kTime);
    case Wire::kTimestamp: return Primitive(type.oid == kTimestampTzOid ? TypeId::kTimestampTz : TypeId::kTimestamp);
    case Wire::kText:
    case Wire::kJsonb: return Primitive(TypeId::kString);
    case Wire::kUuid: return Primitive(TypeId::kUuid);
    case Wire::kBytes: return Primitive(TypeId::kBinary);
    case Wire::kArray: break;
  }
  return Primitive(TypeId::kString);
}

/// Values that come as `wire` are decoded into `type` here, checked.
bool Decodes(Wire wire, const ServerType& server, const data::Type& type) {
  switch (wire) {
    case Wire::kBool: return type.id == TypeId::kBoolean;
    case Wire::kInt2:
    case Wire::kInt4:
    case Wire::kInt8:
    case Wire::kUInt4: return type.id == TypeId::kInt || type.id == TypeId::kLong;
    case Wire::kFloat4: return type.id == TypeId::kFloat || type.id == TypeId::kDouble;
    case Wire::kFloat8: return type.id == TypeId::kDouble;
    case Wire::kNumeric: return type.id == TypeId::kDecimal || type.id == TypeId::kLong || type.id == TypeId::kInt;
    case Wire::kDate: return type.id == TypeId::kDate;
    case Wire::kTime: return type.id == TypeId::kTime;
    case Wire::kTimestamp:
      return type.id == (server.oid == kTimestampTzOid ? TypeId::kTimestampTz : TypeId::kTimestamp);
    case Wire::kText:
    case Wire::kJsonb: return type.id == TypeId::kString;
    case Wire::kUuid: return type.id == TypeId::kUuid || type.id == TypeId::kString;
    case Wire::kBytes: return type.id == TypeId::kBinary;
    case Wire::kArray: break;
  }
  return false;
}

}  // namespace

bool IsUnconstrainedNumeric(const ServerColumn& column) {
  return column.type.oid == kNumericOid && column.type.modifier < 4;
}

data::TypePtr TypeOf(const ServerColumn& column, const TypeChoice& choice) {
  if (column.element.oid == 0) return NaturalType(column.type, choice);
  // Elements are not looked through for digits, and a list of texts is not cast again.
  data::Field element;
  element.name = "element";
  element.type = NaturalType(column.element, {nullptr, choice.money_scale});
  if (element.type->id == TypeId::kUuid) element.type = Primitive(TypeId::kString);
  return data::List(std::move(element));
}

ColumnPlan PlanColumn(const ServerColumn& column, const data::TypePtr& registered) {
  ColumnPlan plan;
  plan.name = column.name;
  plan.expression = component::SqlName(column.name);
  plan.type = registered;
  const bool list = column.element.oid != 0 && registered->id == TypeId::kList;
  const ServerType& server = list ? column.element : column.type;
  const data::Type& type = list ? *registered->fields[0].type : *registered;
  const std::string brackets = list ? "[]" : "";
  Wire& value = list ? plan.element : plan.wire;
  if (list) plan.wire = Wire::kArray;
  std::optional<Wire> wire = WireOf(server);
  if (server.oid == kMoneyOid && type.id == TypeId::kDecimal) {
    wire = Wire::kNumeric;
    plan.expression += "::pg_catalog.numeric" + brackets;
  }
  if (wire && Decodes(*wire, server, type)) {
    value = *wire;
    if (!list && *wire == Wire::kUuid) plan.type = Primitive(TypeId::kString);
    return plan;
  }
  value = Wire::kText;
  if (list && type.id == TypeId::kString) {
    plan.expression += "::pg_catalog.text[]";
    return plan;
  }
  plan.wire = Wire::kText;
  plan.type = Primitive(TypeId::kString);
  // A composite value or an array as JSON: that has the names of its members.
  const bool nested = column.type.kind == 'c' || column.element.oid != 0;
  plan.expression =
      nested ? "pg_catalog.to_json(" + plan.expression + ")::pg_catalog.text" : plan.expression + "::pg_catalog.text";
  return plan;
}

}  // namespace leat::components::postgres
