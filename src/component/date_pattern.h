#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace leat::component {

/// Kinds of periods, from short to long.
enum class PeriodKind { kHour, kDay, kWeek, kMonth };

/// A pattern of paths with dates in it: 'orders_{yyyy-MM-dd}_{HH}.csv', 'in/{yyyy}/{MM}/{dd}/*.csv'. Between braces yyyy, MM,
/// dd, HH, mm and ss stand for digits, everything else for itself; outside of them * ? [ ] are wildcards of one part of the path.
class DatePattern {
 public:
  /// SRC-206 kConfig: braces that do not close, an unknown part, a part that comes twice, a day without its month.
  static Result<DatePattern> Parse(const std::string& text);

  bool has_date() const { return has_date_; }
  bool has_wildcards() const;
  /// The shortest period that its dates tell apart: hours, days or months; nullopt for minutes, seconds, years and none.
  std::optional<PeriodKind> finest() const;
  /// Its smallest field: 0 years, 1 months, … 5 seconds; -1 without a date.
  int smallest_field() const;
  /// The path is one that the pattern means; what has dates names a day of the calendar.
  bool Matches(std::string_view path) const;
  /// The pattern with every date as digits: what a listing looks for.
  const std::string& glob() const { return glob_; }
  /// Begin of the period that `path` names, as civil time (microseconds as if it were UTC); nullopt when the path does not match
  /// or names no day of the calendar.
  std::optional<TimeMicros> PeriodOf(std::string_view path) const;
  /// The path of a period: dates filled in, wildcards as they are.
  std::string Fill(TimeMicros period) const;

 private:
  struct Piece {
    enum class Kind { kLiteral, kOne, kMany, kClass, kField } kind = Kind::kLiteral;
    std::string text{};  ///< literal; members of the class
    int field = 0;       ///< index into the civil fields
  };
  bool Match(std::string_view path, size_t piece, std::vector<int>& fields) const;

  std::vector<Piece> pieces_;
  std::string glob_;
  bool has_date_ = false;
};

/// Begin of the period that a civil time lies in (weeks begin on Monday), and of the one after it.
TimeMicros PeriodBegin(TimeMicros time, PeriodKind kind);
TimeMicros NextPeriod(TimeMicros begin, PeriodKind kind);
/// "2026-11-20", "2026-11-20 07:00", "2026-11".
std::string PeriodText(TimeMicros begin, PeriodKind kind);

}  // namespace leat::component
