#include "components/source/postgres/ranges.h"

#include <fmt/format.h>

#include <algorithm>

namespace leat::components::postgres {
namespace {

constexpr int64_t kFirstPages = 128;       ///< 1 MB: the first piece of a read whose speed is not known
constexpr int64_t kMostPages = 32 * 1024;  ///< 256 MB

}  // namespace

std::string PageRange::Condition() const {
  std::string sql;
  if (begin > 0) sql = fmt::format("ctid >= '({},0)'::pg_catalog.tid", begin);
  if (end) sql += fmt::format("{}ctid < '({},0)'::pg_catalog.tid", sql.empty() ? "" : " AND ", *end);
  return sql;
}

Ranges::Ranges(std::vector<PageRange> ranges, int64_t pages, Pace pace)
    : ranges_(std::move(ranges)), pages_(pages), pace_(pace), adapted_(kFirstPages) {}

int64_t Ranges::PiecePages(int64_t left) const {
  if (pace_.longest) return adapted_;
  return std::clamp(left / (3 * pace_.streams), pace_.smallest_pages, std::max(pace_.smallest_pages, kMostPages));
}

std::optional<PageRange> Ranges::Next() {
  std::lock_guard lock(mutex_);
  if (at_ >= ranges_.size()) return std::nullopt;
  PageRange& range = ranges_[at_];
  PageRange piece{range.begin, range.end};
  const int64_t left = range.end.value_or(pages_) - range.begin;
  const int64_t pages = PiecePages(left);
  // The end of the last piece stays open: the table may have grown since its pages were counted.
  if (left > pages + pages / 2) {
    piece.end = range.begin + pages;
    range.begin = *piece.end;
  } else {
    ++at_;
  }
  return piece;
}

void Ranges::Done(const PageRange& range, std::chrono::microseconds time) {
  if (!pace_.longest) return;
  std::lock_guard lock(mutex_);
  const int64_t pages = std::max<int64_t>(1, range.end.value_or(std::max(pages_, range.begin + 1)) - range.begin);
  const double wanted = static_cast<double>(pace_.longest->count()) / 2;
  const double fits = static_cast<double>(pages) * wanted / static_cast<double>(std::max<int64_t>(1, time.count()));
  // Half again at most: one quick piece (cached, empty) says little about the next.
  const double most = static_cast<double>(pages) * 1.5 + 1;
  adapted_ = std::clamp(static_cast<int64_t>(std::min(fits, most)), int64_t{1}, kMostPages);
}

}  // namespace leat::components::postgres
