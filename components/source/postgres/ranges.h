#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace leat::components::postgres {

/// Rows in a range of pages, or all rows.
struct PageRange {
  int64_t begin = 0;
  std::optional<int64_t> end;  ///< not included; nullopt: to the end, wherever that is

  bool all() const { return begin == 0 && !end; }
  /// "ctid >= '(0,0)' AND ctid < '(128,0)'", "" for all rows.
  std::string Condition() const;
};

/// How long one statement may be.
struct Pace {
  std::optional<std::chrono::microseconds> longest;  ///< by time; the pieces grow and shrink until they fit
  int64_t smallest_pages = 1024;                     ///< without a limit of time
  int streams = 1;
};

/// The statements of one read, handed out to its streams: each range once. Without a limit of time a third of what is left
/// for each stream, so that they end together; with one so many pages as took half of it before. Thread-safe.
class Ranges {
 public:
  /// `pages`: how many there are now; a range without an end begins before it.
  Ranges(std::vector<PageRange> ranges, int64_t pages, Pace pace);

  std::optional<PageRange> Next();
  /// What Next gave was read within `time`.
  void Done(const PageRange& range, std::chrono::microseconds time);

 private:
  int64_t PiecePages(int64_t left) const;

  std::mutex mutex_;
  std::vector<PageRange> ranges_;
  size_t at_ = 0;
  int64_t pages_;
  Pace pace_;
  int64_t adapted_;
};

}  // namespace leat::components::postgres
