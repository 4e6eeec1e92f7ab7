#include "components/source/sqlite/sqlite_types.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "base/json_quoted.h"
#include "component/text_cell.h"
#include "data/exact_text.h"

namespace leat::components::sqlite {
namespace {

using data::TypeId;

std::string Upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

/// The shortest text that reads back as the same double: what a person typed, for any number of up to 15 digits.
std::string ShortestText(double number) {
  std::array<char, 64> buffer{};
  auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return failure == std::errc() ? std::string(buffer.data(), end) : "nan";
}

bool ReadText(std::string_view text, const data::Type& type, data::Value& value) {
  switch (type.id) {
    case TypeId::kBoolean: {
      bool flag = false;
      if (!data::ParseExact(text, flag)) return false;
      value = flag;
      return true;
    }
    case TypeId::kInt:
    case TypeId::kDate: {
      int32_t number = 0;
      if (!(type.id == TypeId::kInt ? data::ParseExact(text, number) : data::ParseExactDate(text, number)))
        return false;
      value = number;
      return true;
    }
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: {
      int64_t number = 0;
      bool fits = type.id == TypeId::kLong        ? data::ParseExact(text, number)
                  : type.id == TypeId::kTime      ? data::ParseExactTime(text, number)
                  : type.id == TypeId::kTimestamp ? data::ParseExactTimestamp(text, number)
                                                  : data::ParseExactTimestampTz(text, number);
      if (!fits) return false;
      value = number;
      return true;
    }
    case TypeId::kFloat: {
      float number = 0;
      if (!data::ParseExact(text, number)) return false;
      value = number;
      return true;
    }
    case TypeId::kDouble: {
      double number = 0;
      if (!data::ParseExact(text, number)) return false;
      value = number;
      return true;
    }
    case TypeId::kDecimal: {
      data::Int128 number;
      if (!data::ParseExactDecimal(text, type.precision, type.scale, number)) return false;
      value = number;
      return true;
    }
    default: value = std::string(text); return true;
  }
}

std::string_view TextAt(sqlite3_stmt* statement, int at) {
  const void* bytes = sqlite3_column_blob(statement, at);
  return {static_cast<const char*>(bytes), static_cast<size_t>(sqlite3_column_bytes(statement, at))};
}

bool ReadNumber(sqlite3_stmt* statement, int at, int kind, const data::Type& type, data::Value& value) {
  int64_t whole = kind == SQLITE_INTEGER ? sqlite3_column_int64(statement, at) : 0;
  double real = kind == SQLITE_FLOAT ? sqlite3_column_double(statement, at) : static_cast<double>(whole);
  if (kind == SQLITE_FLOAT && real == std::floor(real) && std::fabs(real) < 9e15) {
    whole = static_cast<int64_t>(real);
  } else if (kind == SQLITE_FLOAT &&
             (type.id == TypeId::kLong || type.id == TypeId::kInt || type.id == TypeId::kBoolean)) {
    return false;
  }
  switch (type.id) {
    case TypeId::kBoolean: value = whole == 1; return whole == 0 || whole == 1;
    case TypeId::kLong: value = whole; return true;
    case TypeId::kInt: value = static_cast<int32_t>(whole); return whole >= INT32_MIN && whole <= INT32_MAX;
    case TypeId::kDouble: value = real; return kind == SQLITE_FLOAT || std::llabs(whole) <= (1LL << 53);
    case TypeId::kFloat: value = static_cast<float>(real); return static_cast<double>(static_cast<float>(real)) == real;
    case TypeId::kDecimal:
      return ReadText(kind == SQLITE_INTEGER ? std::to_string(whole) : ShortestText(real), type, value);
    default: return false;  // a number is no date: how it counts (days, seconds, which epoch) is not said
  }
}

}  // namespace

data::TypePtr TypeOfDeclaration(const std::string& declared) {
  std::string name = Upper(declared);
  auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
  if (name.empty() || name == "ANY") return nullptr;
  if (has("BOOL")) return data::Primitive(TypeId::kBoolean);
  if (has("INTERVAL") || has("POINT")) return data::Primitive(TypeId::kString);
  if (has("INT")) return data::Primitive(TypeId::kLong);
  if (has("DEC") || has("NUMERIC") || has("NUMBER")) {
    int precision = 0, scale = 0;
    size_t open = name.find('(');
    if (open != std::string::npos && std::sscanf(name.c_str() + open, "(%d,%d", &precision, &scale) >= 1 &&
        precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision) {
      return data::Decimal(precision, scale);
    }
    return nullptr;
  }
  if (has("CHAR") || has("CLOB") || has("TEXT") || has("STRING") || has("JSON") || has("UUID"))
    return data::Primitive(TypeId::kString);
  if (has("BLOB") || has("BINARY")) return data::Primitive(TypeId::kBinary);
  if (has("REAL") || has("FLOA") || has("DOUB")) return data::Primitive(TypeId::kDouble);
  if (has("TIMESTAMPTZ") || has("WITH TIME ZONE")) return data::Primitive(TypeId::kTimestampTz);
  if (has("TIMESTAMP") || has("DATETIME")) return data::Primitive(TypeId::kTimestamp);
  if (name == "DATE") return data::Primitive(TypeId::kDate);
  if (name == "TIME") return data::Primitive(TypeId::kTime);
  return nullptr;
}

bool ReadCell(sqlite3_stmt* statement, int at, const data::Type& type, data::Value& value, std::string& message) {
  int kind = sqlite3_column_type(statement, at);
  value = std::monostate{};
  if (kind == SQLITE_NULL) return true;
  bool fits = false;
  if (type.id == TypeId::kString) {
    fits = kind != SQLITE_BLOB;
    if (kind == SQLITE_TEXT) {
      value = std::string(TextAt(statement, at));
    } else if (kind == SQLITE_INTEGER) {
      value = std::to_string(sqlite3_column_int64(statement, at));
    } else if (kind == SQLITE_FLOAT) {
      value = ShortestText(sqlite3_column_double(statement, at));
    }
  } else if (type.id == TypeId::kBinary) {
    value = std::string(TextAt(statement, at));
    fits = kind == SQLITE_BLOB || kind == SQLITE_TEXT;
  } else if (kind == SQLITE_TEXT) {
    fits = ReadText(TextAt(statement, at), type, value);
  } else if (kind != SQLITE_BLOB) {
    fits = ReadNumber(statement, at, kind, type, value);
  }
  if (fits) return true;
  value = std::monostate{};
  constexpr size_t kShownBytes = 100;
  std::string shown = CellAsJson(statement, at);
  if (shown.size() > kShownBytes) shown = shown.substr(0, kShownBytes) + "…";
  message = shown + " is not exactly a " + data::TypeName(type);
  return false;
}

std::string CellAsJson(sqlite3_stmt* statement, int at) {
  switch (sqlite3_column_type(statement, at)) {
    case SQLITE_NULL: return "null";
    case SQLITE_INTEGER: return std::to_string(sqlite3_column_int64(statement, at));
    case SQLITE_FLOAT: {
      double number = sqlite3_column_double(statement, at);
      return std::isfinite(number) ? ShortestText(number) : JsonQuoted(ShortestText(number));
    }
    case SQLITE_TEXT: return JsonQuoted(TextAt(statement, at));
    default: return JsonQuoted(component::HexText(TextAt(statement, at)));
  }
}

}  // namespace leat::components::sqlite
