#include "components/source/postgres/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "component/statement_limit.h"
#include "components/source/postgres/cell.h"

namespace leat::components::postgres {
namespace {

constexpr int64_t kFirstPages = 128;       ///< 1 MB: the first piece of a read whose speed is not known
constexpr int64_t kSmallestPages = 1024;   ///< 8 MB: less is not worth a statement
constexpr int64_t kMostPages = 32 * 1024;  ///< 256 MB

std::string Literal(Unit unit, int64_t value) {
  switch (unit) {
    case Unit::kPage: return fmt::format("'({},0)'::pg_catalog.tid", value);
    case Unit::kInteger: return std::to_string(value);
    case Unit::kTimestamp: return "'" + TimestampText(value) + "'";
    case Unit::kDate: return "'" + DateText(value) + "'";
  }
  return "";
}

std::string BoundText(const std::optional<int64_t>& bound) { return bound ? std::to_string(*bound) : "-"; }

bool ParseBound(std::string_view text, std::optional<int64_t>& bound) {
  bound.reset();
  if (text == "-") return true;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  bound = value;
  return error == std::errc() && end == text.data() + text.size();
}

constexpr std::string_view kUnitLetters = "pitd";

}  // namespace

std::string Axis::Condition(const UnitRange& range) const {
  const std::string place = unit == Unit::kPage ? "ctid" : column;
  std::string sql;
  if (range.begin) sql = place + " >= " + Literal(unit, *range.begin);
  if (range.end) sql += (sql.empty() ? "" : " AND ") + place + " < " + Literal(unit, *range.end);
  return sql;
}

std::string Axis::Bounds(const UnitRange& range) const {
  return fmt::format("{}:{}:{}:{}:{}:{}", kUnitLetters[static_cast<size_t>(unit)], BoundText(range.begin),
                     BoundText(range.end), first, last, column);
}

std::optional<std::pair<Axis, UnitRange>> Axis::ParseBounds(std::string_view text) {
  std::vector<std::string_view> parts;
  for (int i = 0; i < 5; ++i) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    parts.push_back(text.substr(0, colon));
    text.remove_prefix(colon + 1);
  }
  Axis axis;
  UnitRange range;
  std::optional<int64_t> first, last;
  const size_t letter = parts[0].size() == 1 ? kUnitLetters.find(parts[0]) : std::string_view::npos;
  if (letter == std::string_view::npos || !ParseBound(parts[1], range.begin) || !ParseBound(parts[2], range.end) ||
      !ParseBound(parts[3], first) || !ParseBound(parts[4], last) || !first || !last) {
    return std::nullopt;
  }
  axis.unit = static_cast<Unit>(letter);
  axis.column = std::string(text);
  axis.first = *first;
  axis.last = *last;
  return std::pair(axis, range);
}

std::vector<UnitRange> Axis::Cut(int64_t count) const {
  const int64_t span = std::max<int64_t>(0, last - first);
  count = std::clamp<int64_t>(count, 1, std::max<int64_t>(1, span));
  std::vector<UnitRange> ranges(static_cast<size_t>(count));
  for (int64_t i = 1; i < count; ++i) {
    const int64_t bound = first + span / count * i + span % count * i / count;
    ranges[static_cast<size_t>(i - 1)].end = bound;
    ranges[static_cast<size_t>(i)].begin = bound;
  }
  return ranges;
}

Ranges::Ranges(Axis axis, const std::vector<UnitRange>& ranges, Pace pace) : axis_(std::move(axis)), pace_(pace) {
  for (const UnitRange& range : ranges) ranges_.push_back({range, std::numeric_limits<int64_t>::max() / 2, 0});
  const int64_t span = std::max<int64_t>(1, axis_.last - axis_.first);
  const bool pages = axis_.unit == Unit::kPage;
  smallest_ = pages ? kSmallestPages : std::max<int64_t>(1, span / (64 * pace_.streams));
  most_ = pages ? kMostPages : span;
  adapted_ = pages ? kFirstPages : std::max<int64_t>(1, span / 256);
}

int64_t Ranges::Units(const UnitRange& range) const {
  return std::max<int64_t>(0, range.end.value_or(axis_.last) - range.begin.value_or(axis_.first));
}

std::optional<Ranges::Piece> Ranges::Next() {
  std::lock_guard lock(mutex_);
  if (at_ >= ranges_.size()) return std::nullopt;
  const int stops = ranges_[at_].stops;
  UnitRange& range = ranges_[at_].range;
  UnitRange piece = range;
  const int64_t left = Units(range);
  const int64_t units = pace_.longest ? std::min(adapted_, ranges_[at_].most)
                                      : std::clamp(left / (3 * pace_.streams), smallest_, std::max(smallest_, most_));
  // The end of the last piece stays open: the table may have grown since it was measured.
  if (left > units + units / 2) {
    piece.end = range.begin.value_or(axis_.first) + units;
    range.begin = piece.end;
  } else {
    ++at_;
  }
  return Piece{piece, axis_.Condition(piece), stops};
}

bool Ranges::Stopped(const Piece& piece) {
  std::lock_guard lock(mutex_);
  if (piece.stops + 1 >= component::kMostStops) return false;
  const int64_t most = std::max<int64_t>(1, Units(piece.range) / component::kStopShrink);
  adapted_ = std::min(adapted_, most);
  ranges_.insert(ranges_.begin() + static_cast<int64_t>(at_), Left{piece.range, most, piece.stops + 1});
  return true;
}

void Ranges::Done(const Piece& piece, std::chrono::microseconds time, int64_t bytes) {
  if (!pace_.longest) return;
  std::lock_guard lock(mutex_);
  const int64_t fits = component::FittingUnits(Units(piece.range), time, bytes, *pace_.longest);
  adapted_ = std::min(fits, std::max<int64_t>(1, most_));
}

}  // namespace leat::components::postgres
