#include "components/source/odbc/sql_server.h"

#include <algorithm>
#include <optional>

#include "base/lower.h"
#include "component/server_reading.h"
#include "component/sql_probe.h"
#include "data/exact_text.h"

namespace leat::components::odbc {
namespace {

using data::TypeId;

constexpr int64_t kSecond = 1'000'000;
constexpr size_t kMicroDigits = 6, kMostDigits = 7, kDatetimeDigits = 3;

/// Where the digits behind a point begin and end, both the text's end where there are none.
std::pair<size_t, size_t> FractionOf(const std::string& text) {
  const size_t point = text.find('.');
  if (point == std::string::npos) return {text.size(), text.size()};
  return {point + 1, std::min(text.find_first_not_of("0123456789", point + 1), text.size())};
}

/// `text` in ISO's form, without what stands behind its sixth digit.
std::string ToMicros(const std::string& text) {
  std::string cut = SqlServerIso(text);
  const auto [begin, end] = FractionOf(cut);
  if (end - begin > kMicroDigits) cut.erase(begin + kMicroDigits, end - begin - kMicroDigits);
  return cut;
}

/// "2024-01-31 12:00:00[.1234567]" without zeros at its end, in UTC where `text` has an offset.
std::optional<std::string> Normal(const std::string& text) {
  const auto [begin, end] = FractionOf(text);
  if (end - begin > kMostDigits) return std::nullopt;
  int64_t micros = 0;
  const std::string cut = ToMicros(text);
  if (!data::ParseExactTimestamp(cut, micros) && !data::ParseExactTimestampTz(cut, micros)) return std::nullopt;
  const int64_t fraction = (micros % kSecond + kSecond) % kSecond;
  std::string normal = component::MomentText(micros - fraction) + fmt::format(".{:06}", fraction);
  if (end - begin == kMostDigits) normal += text[end - 1];
  normal.erase(normal.find_last_not_of('0') + 1);
  if (normal.back() == '.') normal.pop_back();
  return normal;
}

std::string Cast(const std::string& text, const std::string& type) { return "CAST('" + text + "' AS " + type + ")"; }

std::string Moment(const Column& column, std::string normal) {
  const std::string name = Lower(column.type_name);
  const auto [begin, end] = FractionOf(normal);
  const bool minute = begin == end && normal.ends_with(":00");
  if ((name == "datetime" && end - begin <= kDatetimeDigits) || (name == "smalldatetime" && minute)) {
    normal[normal.find(' ')] = 'T';  // with a space their order of day and month is the session's
    return Cast(normal, name);
  }
  return Cast(normal, "datetime2");
}

}  // namespace

std::vector<std::string> SqlServerSession() { return {"SET TEXTSIZE 2147483647", "SET QUOTED_IDENTIFIER ON"}; }

bool IsSqlServerMoment(const std::string& type_name) {
  const std::string name = Lower(type_name);
  return name.starts_with("datetime") || name == "smalldatetime";
}

bool IsOldLong(const std::string& type_name) {
  const std::string name = Lower(type_name);
  return name == "text" || name == "ntext" || name == "image";
}

bool IsSqlServerAgain(int number) {
  constexpr int kNumbers[] = {701, 1204, 1205, 1222, 3960, 8645, 10928, 10929, 40501, 40613};
  return std::find(std::begin(kNumbers), std::end(kNumbers), number) != std::end(kNumbers);
}

std::string SqlServerIso(std::string_view text) {
  constexpr size_t kYearDigits = 4;
  std::string iso(text);
  const size_t offset = iso.rfind(' ');
  if (offset != std::string::npos && offset + 1 < iso.size() && (iso[offset + 1] == '+' || iso[offset + 1] == '-'))
    iso.erase(offset, 1);
  const size_t year = iso.find_first_not_of("0123456789");
  if (year != std::string::npos && year > 0 && year < kYearDigits && iso[year] == '-')
    iso.insert(0, kYearDigits - year, '0');
  return iso;
}

Result<std::string> SqlServerLiteral(const Column& column, const std::string& text) {
  const auto no_value = [&] { return component::NoValueOf("SRC-295", text, column.name, column.type_name); };
  int32_t days = 0;
  int64_t micros = 0;
  switch (column.type->id) {
    case TypeId::kDate:
      if (!data::ParseExactDate(text, days)) return no_value();
      return Cast(text, "date");
    case TypeId::kTime:
      if (!data::ParseExactTime(ToMicros(text), micros)) return no_value();
      return Cast(text, "time");
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz: {
      const std::optional<std::string> normal = Normal(text);
      if (!normal) return no_value();
      const bool with_offset = column.type->id == TypeId::kTimestampTz;
      return with_offset ? Cast(*normal + " +00:00", "datetimeoffset") : Moment(column, *normal);
    }
    case TypeId::kBinary:
      if (text.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return no_value();
      return "0x" + text;
    default: break;
  }
  const bool national = Lower(column.type_name).starts_with("n") || std::any_of(text.begin(), text.end(), [](char c) {
                          return static_cast<unsigned char>(c) > 127;
                        });
  std::string quoted = national ? "N'" : "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

}  // namespace leat::components::odbc
