#include "sql/value_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>

#include "sql/engine.h"

namespace leat::sql {
namespace {

__extension__ typedef __int128 Wide;
__extension__ typedef unsigned __int128 UnsignedWide;

const char* SimpleTypeName(duckdb_type id) {
  switch (id) {
    case DUCKDB_TYPE_BOOLEAN: return "BOOLEAN";
    case DUCKDB_TYPE_TINYINT: return "TINYINT";
    case DUCKDB_TYPE_SMALLINT: return "SMALLINT";
    case DUCKDB_TYPE_INTEGER: return "INTEGER";
    case DUCKDB_TYPE_BIGINT: return "BIGINT";
    case DUCKDB_TYPE_UTINYINT: return "UTINYINT";
    case DUCKDB_TYPE_USMALLINT: return "USMALLINT";
    case DUCKDB_TYPE_UINTEGER: return "UINTEGER";
    case DUCKDB_TYPE_UBIGINT: return "UBIGINT";
    case DUCKDB_TYPE_FLOAT: return "FLOAT";
    case DUCKDB_TYPE_DOUBLE: return "DOUBLE";
    case DUCKDB_TYPE_TIMESTAMP: return "TIMESTAMP";
    case DUCKDB_TYPE_DATE: return "DATE";
    case DUCKDB_TYPE_TIME: return "TIME";
    case DUCKDB_TYPE_INTERVAL: return "INTERVAL";
    case DUCKDB_TYPE_HUGEINT: return "HUGEINT";
    case DUCKDB_TYPE_UHUGEINT: return "UHUGEINT";
    case DUCKDB_TYPE_VARCHAR: return "VARCHAR";
    case DUCKDB_TYPE_BLOB: return "BLOB";
    case DUCKDB_TYPE_TIMESTAMP_S: return "TIMESTAMP_S";
    case DUCKDB_TYPE_TIMESTAMP_MS: return "TIMESTAMP_MS";
    case DUCKDB_TYPE_TIMESTAMP_NS: return "TIMESTAMP_NS";
    case DUCKDB_TYPE_UUID: return "UUID";
    case DUCKDB_TYPE_BIT: return "BIT";
    case DUCKDB_TYPE_TIME_TZ: return "TIME WITH TIME ZONE";
    case DUCKDB_TYPE_TIMESTAMP_TZ: return "TIMESTAMP WITH TIME ZONE";
    case DUCKDB_TYPE_BIGNUM: return "BIGNUM";
    case DUCKDB_TYPE_VARIANT: return "VARIANT";
    case DUCKDB_TYPE_SQLNULL: return "\"NULL\"";
    default: return "UNKNOWN";
  }
}

std::string MemberName(const char* name) {
  std::string_view text = name;
  bool plain = !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
               std::all_of(text.begin(), text.end(), [](unsigned char c) {
                 return (std::islower(c) != 0) || (std::isdigit(c) != 0) || c == '_';
               });
  return plain ? std::string(text) : QuoteName(text);
}

template <typename T>
const T& At(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb_vector_get_data(vector))[row];
}

void AppendWide(Wide value, std::string& text) {
  UnsignedWide rest = value < 0 ? ~static_cast<UnsignedWide>(value) + 1 : static_cast<UnsignedWide>(value);
  char digits[48];
  int n = 0;
  do {
    digits[n++] = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  } while (rest != 0);
  if (value < 0) text += '-';
  while (n > 0) text += digits[--n];
}

Wide Join(int64_t high, uint64_t low) {
  return static_cast<Wide>((static_cast<UnsignedWide>(static_cast<uint64_t>(high)) << 64) | low);
}

void AppendDecimal(Wide value, int scale, std::string& text) {
  std::string digits;
  AppendWide(value < 0 ? -value : value, digits);
  if (scale > 0) {
    auto wanted = static_cast<size_t>(scale) + 1;
    if (digits.size() < wanted) digits.insert(0, wanted - digits.size(), '0');
    digits.insert(digits.size() - static_cast<size_t>(scale), ".");
  }
  if (value < 0) text += '-';
  text += digits;
}

void AppendDouble(double value, std::string& text) {
  if (std::isnan(value)) {
    text += "nan";
  } else if (std::isinf(value)) {
    text += value < 0 ? "-inf" : "inf";
  } else {
    std::string shortest = fmt::format("{}", value);
    text += shortest;
    if (shortest.find_first_of(".e") == std::string::npos) text += ".0";
  }
}

// Days since 1970-01-01 to a date of the proleptic Gregorian calendar (Howard Hinnant, "chrono-compatible low-level
// date algorithms").
void AppendDate(int64_t days, std::string& text) {
  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  int64_t day = doy - (153 * mp + 2) / 5 + 1;
  int64_t month = mp < 10 ? mp + 3 : mp - 9;
  int64_t year = yoe + era * 400 + (month <= 2 ? 1 : 0);
  bool before_christ = year <= 0;
  if (before_christ) year = 1 - year;
  fmt::format_to(std::back_inserter(text), "{:04}-{:02}-{:02}{}", year, month, day, before_christ ? " (BC)" : "");
}

void AppendFraction(int64_t fraction, int digits, std::string& text) {
  if (fraction == 0) return;
  std::string tail = fmt::format(".{:0{}}", fraction, digits);
  while (tail.back() == '0') tail.pop_back();
  text += tail;
}

void AppendTimeOfDay(int64_t ticks, int64_t per_second, int digits, std::string& text) {
  int64_t seconds = ticks / per_second;
  fmt::format_to(std::back_inserter(text), "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  AppendFraction(ticks % per_second, digits, text);
}

void AppendTimestamp(int64_t ticks, int64_t per_second, int digits, std::string& text) {
  if (ticks == std::numeric_limits<int64_t>::max() || ticks == -std::numeric_limits<int64_t>::max()) {
    text += ticks > 0 ? "infinity" : "-infinity";
    return;
  }
  int64_t per_day = 86400 * per_second;
  int64_t days = ticks / per_day;
  int64_t rest = ticks % per_day;
  if (rest < 0) {
    rest += per_day;
    --days;
  }
  AppendDate(days, text);
  text += ' ';
  AppendTimeOfDay(rest, per_second, digits, text);
}

void AppendBytes(std::string_view bytes, std::string& text) {
  for (unsigned char c : bytes) {
    if (c >= 32 && c < 127 && c != '\\' && c != '\'' && c != '"') {
      text += static_cast<char>(c);
    } else {
      fmt::format_to(std::back_inserter(text), "\\x{:02X}", c);
    }
  }
}

std::string_view StringAt(duckdb_vector vector, idx_t row) {
  auto* value = &static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  return {duckdb_string_t_data(value), duckdb_string_t_length(*value)};
}

}  // namespace

std::string LogicalTypeName(duckdb_logical_type type) {
  if (char* alias = duckdb_logical_type_get_alias(type)) {
    std::string name = alias;
    duckdb_free(alias);
    if (!name.empty()) return name;
  }
  duckdb_type id = duckdb_get_type_id(type);
  switch (id) {
    case DUCKDB_TYPE_DECIMAL:
      return fmt::format("DECIMAL({},{})", duckdb_decimal_width(type), duckdb_decimal_scale(type));
    case DUCKDB_TYPE_LIST: return LogicalTypeName(LogicalType(duckdb_list_type_child_type(type)).get()) + "[]";
    case DUCKDB_TYPE_ARRAY:
      return fmt::format("{}[{}]", LogicalTypeName(LogicalType(duckdb_array_type_child_type(type)).get()),
                         duckdb_array_type_array_size(type));
    case DUCKDB_TYPE_MAP:
      return fmt::format("MAP({}, {})", LogicalTypeName(LogicalType(duckdb_map_type_key_type(type)).get()),
                         LogicalTypeName(LogicalType(duckdb_map_type_value_type(type)).get()));
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_UNION: {
      bool is_struct = id == DUCKDB_TYPE_STRUCT;
      std::string name = is_struct ? "STRUCT(" : "UNION(";
      idx_t count = is_struct ? duckdb_struct_type_child_count(type) : duckdb_union_type_member_count(type);
      for (idx_t i = 0; i < count; ++i) {
        char* member = is_struct ? duckdb_struct_type_child_name(type, i) : duckdb_union_type_member_name(type, i);
        LogicalType child(is_struct ? duckdb_struct_type_child_type(type, i) : duckdb_union_type_member_type(type, i));
        name += fmt::format("{}{} {}", i == 0 ? "" : ", ", MemberName(member), LogicalTypeName(child.get()));
        duckdb_free(member);
      }
      return name + ")";
    }
    case DUCKDB_TYPE_ENUM: {
      std::string name = "ENUM(";
      for (uint32_t i = 0; i < duckdb_enum_dictionary_size(type); ++i) {
        char* word = duckdb_enum_dictionary_value(type, i);
        name += (i == 0 ? "" : ", ") + QuoteLiteral(word);
        duckdb_free(word);
      }
      return name + ")";
    }
    default: return SimpleTypeName(id);
  }
}

bool HasValueText(duckdb_logical_type type) {
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN:
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DATE:
    case DUCKDB_TYPE_TIME:
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
    case DUCKDB_TYPE_UUID:
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_SQLNULL: return true;
    default: return false;
  }
}

void AppendValueText(duckdb_vector vector, duckdb_logical_type type, idx_t row, std::string& text) {
  auto number = [&](auto value) { fmt::format_to(std::back_inserter(text), "{}", value); };
  switch (duckdb_get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: text += At<bool>(vector, row) ? "true" : "false"; break;
    case DUCKDB_TYPE_TINYINT: number(static_cast<int>(At<int8_t>(vector, row))); break;
    case DUCKDB_TYPE_SMALLINT: number(At<int16_t>(vector, row)); break;
    case DUCKDB_TYPE_INTEGER: number(At<int32_t>(vector, row)); break;
    case DUCKDB_TYPE_BIGINT: number(At<int64_t>(vector, row)); break;
    case DUCKDB_TYPE_UTINYINT: number(static_cast<int>(At<uint8_t>(vector, row))); break;
    case DUCKDB_TYPE_USMALLINT: number(At<uint16_t>(vector, row)); break;
    case DUCKDB_TYPE_UINTEGER: number(At<uint32_t>(vector, row)); break;
    case DUCKDB_TYPE_UBIGINT: number(At<uint64_t>(vector, row)); break;
    case DUCKDB_TYPE_HUGEINT: {
      const auto& value = At<duckdb_hugeint>(vector, row);
      AppendWide(Join(value.upper, value.lower), text);
      break;
    }
    case DUCKDB_TYPE_UHUGEINT: {
      const auto& value = At<duckdb_uhugeint>(vector, row);
      UnsignedWide whole = (static_cast<UnsignedWide>(value.upper) << 64) | value.lower;
      if (whole / 10 != 0) AppendWide(static_cast<Wide>(whole / 10), text);
      text += static_cast<char>('0' + static_cast<int>(whole % 10));
      break;
    }
    case DUCKDB_TYPE_DECIMAL: {
      Wide value = 0;
      switch (duckdb_decimal_internal_type(type)) {
        case DUCKDB_TYPE_SMALLINT: value = At<int16_t>(vector, row); break;
        case DUCKDB_TYPE_INTEGER: value = At<int32_t>(vector, row); break;
        case DUCKDB_TYPE_BIGINT: value = At<int64_t>(vector, row); break;
        default: {
          const auto& wide = At<duckdb_hugeint>(vector, row);
          value = Join(wide.upper, wide.lower);
        }
      }
      AppendDecimal(value, duckdb_decimal_scale(type), text);
      break;
    }
    case DUCKDB_TYPE_DOUBLE: AppendDouble(At<double>(vector, row), text); break;
    case DUCKDB_TYPE_DATE: {
      int32_t days = At<int32_t>(vector, row);
      if (days == std::numeric_limits<int32_t>::max() || days == -std::numeric_limits<int32_t>::max()) {
        text += days > 0 ? "infinity" : "-infinity";
      } else {
        AppendDate(days, text);
      }
      break;
    }
    case DUCKDB_TYPE_TIME: AppendTimeOfDay(At<int64_t>(vector, row), 1'000'000, 6, text); break;
    case DUCKDB_TYPE_TIMESTAMP: AppendTimestamp(At<int64_t>(vector, row), 1'000'000, 6, text); break;
    case DUCKDB_TYPE_TIMESTAMP_S: AppendTimestamp(At<int64_t>(vector, row), 1, 0, text); break;
    case DUCKDB_TYPE_TIMESTAMP_MS: AppendTimestamp(At<int64_t>(vector, row), 1'000, 3, text); break;
    case DUCKDB_TYPE_TIMESTAMP_NS: AppendTimestamp(At<int64_t>(vector, row), 1'000'000'000, 9, text); break;
    case DUCKDB_TYPE_TIMESTAMP_TZ: {
      size_t before = text.size();
      AppendTimestamp(At<int64_t>(vector, row), 1'000'000, 6, text);
      if (text.compare(text.size() - 1, 1, "y") != 0 || text.size() == before) text += "+00";  // not "infinity"
      break;
    }
    case DUCKDB_TYPE_UUID: {
      const auto& value = At<duckdb_hugeint>(vector, row);  // the top bit is flipped so that it sorts
      uint64_t high = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63);
      fmt::format_to(std::back_inserter(text), "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xFFFF,
                     high & 0xFFFF, value.lower >> 48, value.lower & 0xFFFFFFFFFFFF);
      break;
    }
    case DUCKDB_TYPE_VARCHAR: text += StringAt(vector, row); break;
    case DUCKDB_TYPE_BLOB: AppendBytes(StringAt(vector, row), text); break;
    default: break;
  }
}

}  // namespace leat::sql
