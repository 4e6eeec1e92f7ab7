#include "component/date_pattern.h"

#include <fnmatch.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace leat::component {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::microseconds;
using Time = std::chrono::sys_time<microseconds>;

struct Field {
  std::string_view name;
  int digits;
  int smallest;
  int greatest;
};
// In order of size: where a path names none of a field, the smallest stands.
constexpr std::array<Field, 6> kFields = {
    {{"yyyy", 4, 1, 9999}, {"MM", 2, 1, 12}, {"dd", 2, 1, 31}, {"HH", 2, 0, 23}, {"mm", 2, 0, 59}, {"ss", 2, 0, 59}}};

Error WrongPattern(const std::string& text, const std::string& why) {
  return MakeError("SRC-206", ErrorKind::kConfig, "files: '{}' {}", text, why)
      .WithHint("write dates as yyyy, MM, dd, HH, mm and ss between braces: 'orders_{yyyy-MM-dd}_{HH}.csv'");
}

std::chrono::year_month_day DateOf(TimeMicros time) { return floor<days>(Time(microseconds(time))); }

TimeMicros Micros(std::chrono::year_month_day date) {
  return Time(std::chrono::sys_days(date)).time_since_epoch().count();
}

}  // namespace

Result<DatePattern> DatePattern::Parse(const std::string& text) {
  DatePattern pattern;
  std::array<bool, kFields.size()> named{};
  const auto add = [&pattern](Piece::Kind kind, std::string_view chars) {
    if (kind == Piece::Kind::kLiteral && !pattern.pieces_.empty() && pattern.pieces_.back().kind == kind) {
      pattern.pieces_.back().text += chars;
    } else {
      pattern.pieces_.push_back({kind, std::string(chars), 0});
    }
  };
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '*' || c == '?') {
      add(c == '*' ? Piece::Kind::kMany : Piece::Kind::kOne, "");
      pattern.glob_ += c;
    } else if (c == '[' && text.find(']', at + 2) != std::string::npos) {
      const size_t end = text.find(']', at + 2);
      add(Piece::Kind::kClass, std::string_view(text).substr(at, end - at + 1));
      pattern.glob_ += text.substr(at, end - at + 1);
      at = end;
    } else if (c == '{') {
      const size_t end = text.find('}', at);
      if (end == std::string::npos) return WrongPattern(text, "has a brace that does not close");
      for (++at; at < end;) {
        size_t i = 0;
        while (i < kFields.size() && !std::string_view(text).substr(at).starts_with(kFields[i].name)) ++i;
        if (i < kFields.size()) {
          if (named[i]) return WrongPattern(text, fmt::format("names {} twice", kFields[i].name));
          named[i] = pattern.has_date_ = true;
          pattern.pieces_.push_back({Piece::Kind::kField, "", static_cast<int>(i)});
          for (int digit = 0; digit < kFields[i].digits; ++digit) pattern.glob_ += "[0-9]";
          at += kFields[i].name.size();
        } else if (std::isalnum(static_cast<unsigned char>(text[at])) != 0) {
          return WrongPattern(
              text, fmt::format("has '{}' between braces, which is no part of a date", text.substr(at, end - at)));
        } else {
          add(Piece::Kind::kLiteral, std::string_view(text).substr(at, 1));
          pattern.glob_ += text[at++];
        }
      }
      at = end;
    } else {
      add(Piece::Kind::kLiteral, std::string_view(text).substr(at, 1));
      pattern.glob_ += c;
    }
  }
  for (size_t i = 1; i < named.size(); ++i) {
    if (named[i] && !named[i - 1])
      return WrongPattern(text, fmt::format("has {} without {}", kFields[i].name, kFields[i - 1].name));
  }
  return pattern;
}

bool DatePattern::has_wildcards() const {
  return pieces_.end() != std::find_if(pieces_.begin(), pieces_.end(), [](const Piece& piece) {
           return piece.kind != Piece::Kind::kLiteral && piece.kind != Piece::Kind::kField;
         });
}

int DatePattern::smallest_field() const {
  int greatest = -1;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Piece::Kind::kField) greatest = std::max(greatest, piece.field);
  }
  return greatest;
}

std::optional<PeriodKind> DatePattern::finest() const {
  switch (smallest_field()) {
    case 1: return PeriodKind::kMonth;
    case 2: return PeriodKind::kDay;
    case 3: return PeriodKind::kHour;
    default: return std::nullopt;
  }
}

bool DatePattern::Matches(std::string_view path) const {
  std::vector<int> fields(kFields.size());
  return has_date_ ? PeriodOf(path).has_value() : Match(path, 0, fields);
}

bool DatePattern::Match(std::string_view path, size_t piece, std::vector<int>& fields) const {
  if (piece == pieces_.size()) return path.empty();
  const Piece& now = pieces_[piece];
  switch (now.kind) {
    case Piece::Kind::kLiteral:
      return path.starts_with(now.text) && Match(path.substr(now.text.size()), piece + 1, fields);
    case Piece::Kind::kOne: return !path.empty() && path[0] != '/' && Match(path.substr(1), piece + 1, fields);
    case Piece::Kind::kClass: {
      if (path.empty() || path[0] == '/') return false;
      const char one[2] = {path[0], 0};
      return fnmatch(now.text.c_str(), one, 0) == 0 && Match(path.substr(1), piece + 1, fields);
    }
    case Piece::Kind::kMany:
      for (size_t length = 0;; ++length) {
        if (Match(path.substr(length), piece + 1, fields)) return true;
        if (length == path.size() || path[length] == '/') return false;
      }
    case Piece::Kind::kField: {
      const Field& field = kFields[static_cast<size_t>(now.field)];
      if (path.size() < static_cast<size_t>(field.digits)) return false;
      int number = 0;
      for (int i = 0; i < field.digits; ++i) {
        const char c = path[static_cast<size_t>(i)];
        if (c < '0' || c > '9') return false;
        number = number * 10 + (c - '0');
      }
      if (number < field.smallest || number > field.greatest) return false;
      fields[static_cast<size_t>(now.field)] = number;
      return Match(path.substr(static_cast<size_t>(field.digits)), piece + 1, fields);
    }
  }
  return false;
}

std::optional<TimeMicros> DatePattern::PeriodOf(std::string_view path) const {
  std::vector<int> fields(kFields.size());
  std::transform(kFields.begin(), kFields.end(), fields.begin(), [](const Field& field) { return field.smallest; });
  if (!has_date_ || !Match(path, 0, fields)) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(fields[0]),
                                         std::chrono::month(static_cast<unsigned>(fields[1])),
                                         std::chrono::day(static_cast<unsigned>(fields[2]))};
  if (!date.ok()) return std::nullopt;
  const int64_t seconds = int64_t{fields[3]} * 3600 + fields[4] * 60 + fields[5];
  return Micros(date) + seconds * 1'000'000;
}

std::string DatePattern::Fill(TimeMicros period) const {
  const auto date = DateOf(period);
  const int64_t seconds = (period - Micros(date)) / 1'000'000;
  const std::array<int64_t, kFields.size()> values = {static_cast<int>(date.year()),
                                                      static_cast<int64_t>(static_cast<unsigned>(date.month())),
                                                      static_cast<int64_t>(static_cast<unsigned>(date.day())),
                                                      seconds / 3600,
                                                      seconds / 60 % 60,
                                                      seconds % 60};
  std::string path;
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Piece::Kind::kLiteral:
      case Piece::Kind::kClass: path += piece.text; break;
      case Piece::Kind::kOne: path += '?'; break;
      case Piece::Kind::kMany: path += '*'; break;
      case Piece::Kind::kField: {
        const auto field = static_cast<size_t>(piece.field);
        path += fmt::format("{:0{}}", values[field], kFields[field].digits);
        break;
      }
    }
  }
  return path;
}

TimeMicros PeriodBegin(TimeMicros time, PeriodKind kind) {
  const Time at{microseconds(time)};
  const auto day = floor<days>(at);
  switch (kind) {
    case PeriodKind::kHour: return Time(floor<std::chrono::hours>(at)).time_since_epoch().count();
    case PeriodKind::kDay: break;
    case PeriodKind::kWeek:
      return Time(day - (std::chrono::weekday(day) - std::chrono::Monday)).time_since_epoch().count();
    case PeriodKind::kMonth: {
      const std::chrono::year_month_day date(day);
      return Micros(date.year() / date.month() / 1);
    }
  }
  return Time(day).time_since_epoch().count();
}

TimeMicros NextPeriod(TimeMicros begin, PeriodKind kind) {
  constexpr TimeMicros kHour = 3'600'000'000;
  switch (kind) {
    case PeriodKind::kHour: return begin + kHour;
    case PeriodKind::kDay: return begin + 24 * kHour;
    case PeriodKind::kWeek: return begin + 7 * 24 * kHour;
    case PeriodKind::kMonth: break;
  }
  const auto date = DateOf(begin);
  const auto next = std::chrono::year_month(date.year(), date.month()) + std::chrono::months(1);
  return Micros(next / 1);
}

std::string PeriodText(TimeMicros begin, PeriodKind kind) {
  const auto date = DateOf(begin);
  std::string month = fmt::format("{:04}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()));
  if (kind == PeriodKind::kMonth) return month;
  std::string day = fmt::format("{}-{:02}", month, static_cast<unsigned>(date.day()));
  if (kind != PeriodKind::kHour) return day;
  const int64_t minutes = (begin - Micros(date)) / 60'000'000;
  return fmt::format("{} {:02}:{:02}", day, minutes / 60, minutes % 60);
}

}  // namespace leat::component
