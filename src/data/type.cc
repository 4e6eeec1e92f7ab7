#include "data/type.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <utility>

namespace leat::data {
namespace {

constexpr std::array<std::pair<TypeId, std::string_view>, 17> kNames = {{
    {TypeId::kBoolean, "boolean"},
    {TypeId::kInt, "int"},
    {TypeId::kLong, "long"},
    {TypeId::kFloat, "float"},
    {TypeId::kDouble, "double"},
    {TypeId::kDate, "date"},
    {TypeId::kTime, "time"},
    {TypeId::kTimestamp, "timestamp"},
    {TypeId::kTimestampTz, "timestamptz"},
    {TypeId::kTimestampNs, "timestamp_ns"},
    {TypeId::kTimestampTzNs, "timestamptz_ns"},
    {TypeId::kString, "string"},
    {TypeId::kUuid, "uuid"},
    {TypeId::kFixed, "fixed"},
    {TypeId::kBinary, "binary"},
    {TypeId::kVariant, "variant"},
    {TypeId::kUnknown, "unknown"},
}};

bool EqualNoCase(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

const Field* FindByIdIn(const std::vector<Field>& fields, int id) {
  for (const Field& field : fields) {
    if (field.id == id) return &field;
    if (const Field* found = FindByIdIn(field.type->fields, id)) return found;
  }
  return nullptr;
}

int HighestIn(const std::vector<Field>& fields) {
  int highest = 0;
  for (const Field& field : fields) highest = std::max({highest, field.id, HighestIn(field.type->fields)});
  return highest;
}

bool SameFields(const std::vector<Field>& a, const std::vector<Field>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Field& x, const Field& y) {
    return x.id == y.id && x.name == y.name && x.required == y.required && SameType(*x.type, *y.type);
  });
}

std::string Quote(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

TypePtr Make(Type type) { return std::make_shared<const Type>(std::move(type)); }

// Reads "12" or "9,2" (blanks allowed) between the brackets of `text`, which starts with `prefix`.
bool ReadNumbers(std::string_view text, std::string_view prefix, char close, std::vector<int>& numbers) {
  if (!text.starts_with(prefix) || !text.ends_with(close)) return false;
  text.remove_prefix(prefix.size());
  text.remove_suffix(1);
  while (true) {
    while (text.starts_with(' ')) text.remove_prefix(1);
    int number = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (code != std::errc()) return false;
    numbers.push_back(number);
    text.remove_prefix(static_cast<size_t>(end - text.data()));
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (text.empty()) return true;
    if (!text.starts_with(',')) return false;
    text.remove_prefix(1);
  }
}

// Names in one scope (children of one field) get ids before the scopes below them, as the specification's examples do.
int AssignIn(std::vector<Field>& fields, int next_id) {
  for (Field& field : fields) {
    if (field.id == 0) field.id = next_id++;
  }
  for (Field& field : fields) {
    if (field.type->fields.empty()) continue;
    Type copy = *field.type;
    next_id = AssignIn(copy.fields, next_id);
    field.type = Make(std::move(copy));
  }
  return next_id;
}

}  // namespace

const Field* Schema::FindColumn(std::string_view name) const {
  for (const Field& field : fields) {
    if (field.name == name) return &field;
  }
  for (const Field& field : fields) {
    if (EqualNoCase(field.name, name)) return &field;
  }
  return nullptr;
}

const Field* Schema::FindById(int id) const { return FindByIdIn(fields, id); }

int Schema::HighestId() const { return HighestIn(fields); }

TypePtr Primitive(TypeId id) {
  Type type;
  type.id = id;
  return Make(std::move(type));
}

TypePtr Decimal(int precision, int scale) {
  Type type;
  type.id = TypeId::kDecimal;
  type.precision = precision;
  type.scale = scale;
  return Make(std::move(type));
}

TypePtr Fixed(int length) {
  Type type;
  type.id = TypeId::kFixed;
  type.length = length;
  return Make(std::move(type));
}

TypePtr Struct(std::vector<Field> fields) {
  Type type;
  type.id = TypeId::kStruct;
  type.fields = std::move(fields);
  return Make(std::move(type));
}

TypePtr List(Field element) {
  Type type;
  type.id = TypeId::kList;
  element.name = "element";
  type.fields.push_back(std::move(element));
  return Make(std::move(type));
}

TypePtr Map(Field key, Field value) {
  Type type;
  type.id = TypeId::kMap;
  key.name = "key";
  key.required = true;
  value.name = "value";
  type.fields.push_back(std::move(key));
  type.fields.push_back(std::move(value));
  return Make(std::move(type));
}

bool SameType(const Type& a, const Type& b) {
  return a.id == b.id && a.precision == b.precision && a.scale == b.scale && a.length == b.length &&
         SameFields(a.fields, b.fields);
}

bool SameSchema(const Schema& a, const Schema& b) {
  return SameFields(a.fields, b.fields) && a.identifier_field_ids == b.identifier_field_ids;
}

std::string TypeName(const Type& type) {
  switch (type.id) {
    case TypeId::kDecimal: return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeId::kFixed: return fmt::format("fixed[{}]", type.length);
    case TypeId::kList: return fmt::format("list<{}>", TypeName(*type.fields[0].type));
    case TypeId::kMap:
      return fmt::format("map<{}, {}>", TypeName(*type.fields[0].type), TypeName(*type.fields[1].type));
    case TypeId::kStruct: {
      std::string text = "struct<";
      for (const Field& field : type.fields) {
        if (&field != type.fields.data()) text += ", ";
        text += fmt::format("{}: {}", field.name, TypeName(*field.type));
      }
      return text + ">";
    }
    default:
      for (const auto& [id, name] : kNames) {
        if (id == type.id) return std::string(name);
      }
      return "unknown";
  }
}

Result<TypePtr> ParsePrimitive(std::string_view name) {
  for (const auto& [id, known] : kNames) {
    if (known == name && id != TypeId::kFixed) return Primitive(id);
  }
  std::vector<int> numbers;
  if (ReadNumbers(name, "decimal(", ')', numbers) && numbers.size() == 2 && numbers[0] >= 1 && numbers[0] <= 38 &&
      numbers[1] >= 0 && numbers[1] <= numbers[0]) {
    return Decimal(numbers[0], numbers[1]);
  }
  numbers.clear();
  if (ReadNumbers(name, "fixed[", ']', numbers) && numbers.size() == 1 && numbers[0] >= 0) return Fixed(numbers[0]);
  return MakeError("DATA-101", ErrorKind::kUnsupported, "'{}' is not a type that tables can have", name)
      .WithHint(
          "known: boolean, int, long, float, double, decimal(p,s) with p up to 38, date, time, timestamp, timestamptz, "
          "timestamp_ns, timestamptz_ns, string, uuid, fixed[n], binary, variant, unknown");
}

std::string DuckDbTypeName(const Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return "BOOLEAN";
    case TypeId::kInt: return "INTEGER";
    case TypeId::kLong: return "BIGINT";
    case TypeId::kFloat: return "FLOAT";
    case TypeId::kDouble: return "DOUBLE";
    case TypeId::kDecimal: return fmt::format("DECIMAL({},{})", type.precision, type.scale);
    case TypeId::kDate: return "DATE";
    case TypeId::kTime: return "TIME";
    case TypeId::kTimestamp: return "TIMESTAMP";
    case TypeId::kTimestampTz: return "TIMESTAMP WITH TIME ZONE";
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: return "TIMESTAMP_NS";  // DuckDB has no nanoseconds with a zone; the values are UTC
    case TypeId::kString: return "VARCHAR";
    case TypeId::kUuid: return "UUID";
    case TypeId::kFixed:
    case TypeId::kBinary: return "BLOB";
    case TypeId::kVariant: return "VARIANT";
    case TypeId::kUnknown: return "VARCHAR";  // always NULL
    case TypeId::kList: return DuckDbTypeName(*type.fields[0].type) + "[]";
    case TypeId::kMap:
      return fmt::format("MAP({}, {})", DuckDbTypeName(*type.fields[0].type), DuckDbTypeName(*type.fields[1].type));
    case TypeId::kStruct: {
      std::string text = "STRUCT(";
      for (const Field& field : type.fields) {
        if (&field != type.fields.data()) text += ", ";
        text += Quote(field.name) + " " + DuckDbTypeName(*field.type);
      }
      return text + ")";
    }
  }
  return "VARCHAR";
}

int AssignFieldIds(Schema& schema, int next_id) { return AssignIn(schema.fields, next_id); }

bool CanPromote(const Type& from, const Type& to) {
  if (from.id == to.id) {
    if (from.id == TypeId::kDecimal) return from.scale == to.scale && to.precision >= from.precision;
    return SameType(from, to);
  }
  if (from.id == TypeId::kUnknown) return !to.is_nested();
  return (from.id == TypeId::kInt && to.id == TypeId::kLong) || (from.id == TypeId::kFloat && to.id == TypeId::kDouble);
}

}  // namespace leat::data
