#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sql/duckdb_type.h"
#include "sql/writer.h"

namespace leat::sql {
namespace {

using data::TypeId;
using Names = std::set<std::string, std::less<>>;

// Digits that every value of an integer type has at most.
const std::map<std::string, int, std::less<>>& IntegerDigits() {
  static const std::map<std::string, int, std::less<>> kDigits{
      {"TINYINT", 3},   {"SMALLINT", 5},  {"INTEGER", 10}, {"BIGINT", 19},   {"HUGEINT", 39}, {"UTINYINT", 3},
      {"USMALLINT", 5}, {"UINTEGER", 10}, {"UBIGINT", 20}, {"UHUGEINT", 39}, {"BIGNUM", 100}};
  return kDigits;
}

bool IsInteger(const DuckDbType& type) { return IntegerDigits().count(type.name) > 0; }
bool IsFloating(const DuckDbType& type) { return type.name == "FLOAT" || type.name == "DOUBLE"; }

std::string Hint(const std::string& type) {
  if (type == "INTERVAL") return "store its length as a number: epoch(x) gives seconds";
  if (type == "TIME WITH TIME ZONE") return "cast it to TIME, or keep the zone in a column of its own";
  if (type == "UNION") return "store each member in a column of its own";
  return "cast the column to a type of the table of types (docs/types.md): numbers, text, dates, times, structs, "
         "lists, maps";
}

Error Refused(const DuckDbType& from, const std::string& what) {
  return MakeError("SQL-501", ErrorKind::kUnsupported, "{} of type {} cannot be stored", what, from.name)
      .WithHint(Hint(from.name));
}

/// A cast that must give the value back, else the statement fails: numbers are never rounded in silence.
std::string Exact(const std::string& e, const std::string& from, const std::string& to) {
  return fmt::format(
      "CASE WHEN {0} IS NULL OR CAST(CAST({0} AS {2}) AS {1}) = {0} THEN CAST({0} AS {2}) ELSE "
      "CAST(error('value ' || CAST({0} AS VARCHAR) || ' does not fit {2} exactly') AS {2}) END",
      e, from, to);
}

struct Caster {
  Result<std::string> Cast(const std::string& e, const DuckDbType& from, const std::string& from_text,
                           const data::Type& to, int depth) const {
    std::string name = data::DuckDbTypeName(to);
    std::string plain = "CAST(" + e + " AS " + name + ")";
    if (from.name == "NULL") return plain;
    auto no = [&] {
      return MakeError("SQL-503", ErrorKind::kData, "a column of type {} does not fit the stored type {}", from_text,
                       data::TypeName(to))
          .WithHint("cast it in the SELECT, or let the table's type change (drift policy)");
    };
    bool exact_number = IsInteger(from) || from.name == "DECIMAL" || IsFloating(from);
    switch (to.id) {
      case TypeId::kBoolean:
        if (from.name == "BOOLEAN") return plain;
        break;
      case TypeId::kInt:
      case TypeId::kLong:
        if (IsInteger(from)) return plain;  // overflow is an error of the cast
        if (exact_number) return Exact(e, from_text, name);
        break;
      case TypeId::kFloat:
        if (from.name == "FLOAT") return plain;
        if (exact_number) return Exact(e, from_text, name);
        break;
      case TypeId::kDouble: {
        static const Names kWhole{"FLOAT",   "DOUBLE",   "TINYINT",   "SMALLINT",
                                  "INTEGER", "UTINYINT", "USMALLINT", "UINTEGER"};
        if (kWhole.count(from.name) > 0) return plain;
        if (exact_number) return Exact(e, from_text, name);
        break;
      }
      case TypeId::kDecimal:
        if (from.name == "DECIMAL" && from.scale <= to.scale) return plain;
        if (IsInteger(from)) return plain;
        if (exact_number) return Exact(e, from_text, name);
        break;
      case TypeId::kDate:
        if (from.name == "DATE") return plain;
        if (from.name == "TIMESTAMP") return Exact(e, from_text, name);
        break;
      case TypeId::kTime:
        if (from.name == "TIME") return plain;
        break;
      case TypeId::kTimestamp:
        if (from.name == "TIMESTAMP" || from.name == "TIMESTAMP_S" || from.name == "TIMESTAMP_MS" ||
            from.name == "DATE")
          return plain;
        if (from.name == "TIMESTAMP_NS") return Exact(e, from_text, name);
        break;
      case TypeId::kTimestampTz:
        if (from.name == "TIMESTAMP WITH TIME ZONE") return plain;
        break;
      case TypeId::kTimestampNs:
        if (from.name == "TIMESTAMP_NS" || from.name == "TIMESTAMP" || from.name == "TIMESTAMP_S" ||
            from.name == "TIMESTAMP_MS" || from.name == "DATE")
          return plain;  // out of its range (1677 to 2262) is an error of the cast
        break;
      case TypeId::kString: {
        static const Names kNotText{"STRUCT", "LIST",     "ARRAY", "MAP",
                                    "UNION",  "INTERVAL", "BLOB",  "TIME WITH TIME ZONE"};
        if (kNotText.count(from.name) == 0) return plain;
        break;
      }
      case TypeId::kUuid:
        if (from.name == "UUID") return plain;
        break;
      case TypeId::kVariant: return plain;  // holds a value of every type as it is
      case TypeId::kBinary:
        if (from.name == "BLOB") return plain;
        break;
      case TypeId::kFixed:
        if (from.name == "BLOB")
          return fmt::format(
              "CASE WHEN octet_length({0}) = {1} OR {0} IS NULL THEN {0} ELSE CAST(error('a value of ' || "
              "octet_length({0}) || ' bytes does not fit fixed[{1}]') AS BLOB) END",
              e, to.length);
        break;
      case TypeId::kStruct: {
        if (from.name != "STRUCT") break;
        std::string members;
        for (const auto& field : to.fields) {
          auto found = std::find_if(from.members.begin(), from.members.end(),
                                    [&](const auto& m) { return SameName(m.name, field.name); });
          if (found == from.members.end()) return no();
          LEAT_ASSIGN(std::string value, Cast(fmt::format("struct_extract({}, {})", e, QuoteLiteral(found->name)),
                                              found->type, TypeText(found->type), *field.type, depth + 1));
          members += (members.empty() ? "" : ", ") + QuoteName(field.name) + " := " + value;
        }
        if (from.members.size() != to.fields.size()) return no();
        return fmt::format("CASE WHEN {} IS NULL THEN NULL ELSE struct_pack({}) END", e, members);
      }
      case TypeId::kList: {
        if (from.name != "LIST" && from.name != "ARRAY") break;
        std::string item = fmt::format("x{}", depth);
        LEAT_ASSIGN(std::string value,
                    Cast(item, from.members[0].type, TypeText(from.members[0].type), *to.fields[0].type, depth + 1));
        std::string list = from.name == "LIST" ? e : fmt::format("CAST({} AS {}[])", e, TypeText(from.members[0].type));
        return fmt::format("list_transform({}, lambda {}: {})", list, item, value);
      }
      case TypeId::kMap: {
        if (from.name != "MAP") break;
        std::string item = fmt::format("x{}", depth);
        LEAT_ASSIGN(std::string key, Cast(item + ".\"key\"", from.members[0].type, TypeText(from.members[0].type),
                                          *to.fields[0].type, depth + 1));
        LEAT_ASSIGN(std::string value, Cast(item + ".\"value\"", from.members[1].type, TypeText(from.members[1].type),
                                            *to.fields[1].type, depth + 1));
        return fmt::format(
            "CASE WHEN {0} IS NULL THEN NULL ELSE map_from_entries(list_transform(map_entries({0}), lambda {1}: "
            "struct_pack(k := {2}, v := {3}))) END",
            e, item, key, value);
      }
      default: break;
    }
    return no();
  }

  static bool SameName(const std::string& a, const std::string& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
             return std::tolower(x) == std::tolower(y);
           });
  }

  static std::string TypeText(const DuckDbType& type) {
    if (type.name == "DECIMAL") return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    if (type.name == "LIST" || type.name == "ARRAY") return TypeText(type.members[0].type) + "[]";
    if (type.name == "ENUM" || type.name == "NULL") return "VARCHAR";
    if (type.name == "MAP")
      return "MAP(" + TypeText(type.members[0].type) + ", " + TypeText(type.members[1].type) + ")";
    if (type.name != "STRUCT") return type.name;
    std::string text = "STRUCT(";
    for (const auto& member : type.members)
      text += (text.size() > 7 ? ", " : "") + QuoteName(member.name) + " " + TypeText(member.type);
    return text + ")";
  }
};

/// True when the value needs no expression of its own at any depth.
bool Identical(const std::string& from, const data::Type& to) {
  return from == data::DuckDbTypeName(to) && to.id != TypeId::kFixed;
}

Result<data::TypePtr> StoredType(const DuckDbType& type, const std::string& column, int format_version) {
  static const std::map<std::string, TypeId, std::less<>> kSimple{{"BOOLEAN", TypeId::kBoolean},
                                                                  {"TINYINT", TypeId::kInt},
                                                                  {"SMALLINT", TypeId::kInt},
                                                                  {"INTEGER", TypeId::kInt},
                                                                  {"UTINYINT", TypeId::kInt},
                                                                  {"USMALLINT", TypeId::kInt},
                                                                  {"UINTEGER", TypeId::kLong},
                                                                  {"BIGINT", TypeId::kLong},
                                                                  {"FLOAT", TypeId::kFloat},
                                                                  {"DOUBLE", TypeId::kDouble},
                                                                  {"DATE", TypeId::kDate},
                                                                  {"TIME", TypeId::kTime},
                                                                  {"TIMESTAMP", TypeId::kTimestamp},
                                                                  {"TIMESTAMP_S", TypeId::kTimestamp},
                                                                  {"TIMESTAMP_MS", TypeId::kTimestamp},
                                                                  {"TIMESTAMP_NS", TypeId::kTimestamp},
                                                                  {"TIMESTAMP WITH TIME ZONE", TypeId::kTimestampTz},
                                                                  {"VARCHAR", TypeId::kString},
                                                                  {"JSON", TypeId::kString},
                                                                  {"ENUM", TypeId::kString},
                                                                  {"BIT", TypeId::kString},
                                                                  {"UUID", TypeId::kUuid},
                                                                  {"BLOB", TypeId::kBinary},
                                                                  {"VARIANT", TypeId::kVariant},
                                                                  {"NULL", TypeId::kInt}};
  if (type.name == "TIMESTAMP_NS" && format_version > 2) return data::Primitive(TypeId::kTimestampNs);
  if (auto found = kSimple.find(type.name); found != kSimple.end()) return data::Primitive(found->second);
  if (type.name == "UBIGINT") return data::Decimal(20, 0);
  if (type.name == "HUGEINT" || type.name == "UHUGEINT" || type.name == "BIGNUM") return data::Decimal(38, 0);
  if (type.name == "DECIMAL") return data::Decimal(type.precision, type.scale);
  auto field = [&](const DuckDbType::Member& member, bool required) -> Result<data::Field> {
    LEAT_ASSIGN(data::TypePtr stored, StoredType(member.type, column + "." + member.name, format_version));
    data::Field made;
    made.name = member.name;
    made.type = stored;
    made.required = required;
    return made;
  };
  if (type.name == "LIST" || type.name == "ARRAY") {
    LEAT_ASSIGN(data::Field element, field(type.members[0], false));
    return data::List(std::move(element));
  }
  if (type.name == "MAP") {
    LEAT_ASSIGN(data::Field key, field(type.members[0], true));
    LEAT_ASSIGN(data::Field value, field(type.members[1], false));
    return data::Map(std::move(key), std::move(value));
  }
  if (type.name == "STRUCT") {
    std::vector<data::Field> fields;
    for (const auto& member : type.members) {
      LEAT_ASSIGN(data::Field one, field(member, false));
      fields.push_back(std::move(one));
    }
    return data::Struct(std::move(fields));
  }
  return Refused(type, "column " + column);
}

}  // namespace

Result<std::string> CastExpression(const std::string& expression, const std::string& from, const data::Type& to) {
  if (Identical(from, to)) return expression;
  LEAT_ASSIGN(DuckDbType type, ParseDuckDbType(from));
  return Caster().Cast(expression, type, from.rfind("ENUM", 0) == 0 ? "VARCHAR" : from, to, 0);
}

Result<data::Schema> SchemaForColumns(const std::vector<Column>& columns, int next_id, int format_version) {
  data::Schema schema;
  for (const Column& column : columns) {
    LEAT_ASSIGN(DuckDbType type, ParseDuckDbType(column.type));
    data::Field field;
    field.name = column.name;
    LEAT_ASSIGN(field.type, StoredType(type, column.name, format_version));
    schema.fields.push_back(std::move(field));
  }
  data::AssignFieldIds(schema, next_id);
  return schema;
}

}  // namespace leat::sql
