#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::components::postgres {

/// What a table is cut by.
enum class Unit {
  kPage,       ///< of its files (ctid)
  kInteger,    ///< values of a whole-number column
  kTimestamp,  ///< microseconds since 1970 of a column
  kDate,       ///< days since 1970 of a column
};

/// Begins the bounds of a part that is a condition on all rows, not a place of an axis.
inline const std::string kWhere = "where:";

/// Units from `begin` to before `end`; nullopt: no bound, whatever comes.
struct UnitRange {
  std::optional<int64_t> begin, end;
};

/// The places of rows: all of them lie in [first, last), as far as was known when it was asked.
struct Axis {
  Unit unit = Unit::kPage;
  std::string column;  ///< quoted; "" for pages
  int64_t first = 0, last = 0;

  /// "ctid >= '(0,0)' AND ctid < '(128,0)'", "" for all rows.
  std::string Condition(const UnitRange& range) const;
  /// For TablePart::bounds and back; nullopt for a text that is none.
  std::string Bounds(const UnitRange& range) const;
  static std::optional<std::pair<Axis, UnitRange>> ParseBounds(std::string_view text);
  /// About `count` ranges of equal width that together hold every row once; the outer ones have no bound.
  std::vector<UnitRange> Cut(int64_t count) const;
};

/// How long one statement may be.
struct Pace {
  std::optional<std::chrono::microseconds> longest;  ///< by time; the pieces grow and shrink until they fit
  int streams = 1;
};

/// The statements of one read, handed out to its streams: each range once. Without a limit of time a third of what is left
/// for each stream, so that they end together; with one so many units as took half of it before. Thread-safe.
class Ranges {
 public:
  Ranges(Axis axis, const std::vector<UnitRange>& ranges, Pace pace);

  /// The condition of the next statement.
  struct Piece {
    UnitRange range;
    std::string condition;
    int stops = 0;  ///< how often a statement was ended that read these rows
  };
  std::optional<Piece> Next();
  /// What Next gave was read within `time`, and weighs so much.
  void Done(const Piece& piece, std::chrono::microseconds time, int64_t bytes = 0);
  /// A statement for more than one unit can be cut.
  bool CanCut(const Piece& piece) const { return Units(piece.range) > 1; }
  /// The statement was ended, for its time or for the weight of its rows: they are given out again in pieces of a quarter at most. False, and
  /// they are not: they were stopped too often.
  bool Stopped(const Piece& piece);

 private:
  int64_t Units(const UnitRange& range) const;

  /// A range that is still to be read, in pieces of `most` units.
  struct Left {
    UnitRange range;
    int64_t most = 0;
    int stops = 0;
  };

  std::mutex mutex_;
  const Axis axis_;
  std::vector<Left> ranges_;
  size_t at_ = 0;
  Pace pace_;
  int64_t smallest_, most_;  ///< units of a piece
  int64_t adapted_;          ///< units of the next piece, where time is limited
};

}  // namespace leat::components::postgres
