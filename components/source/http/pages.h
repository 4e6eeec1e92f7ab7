#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "data/json_path.h"

namespace leat::components::http {

/// How an API gives more rows than fit one answer: `pagination:` of a table.
struct PageOptions {
  enum class Kind { kNone, kPage, kOffset, kCursor, kLink, kNextUrl, kRange } kind = Kind::kNone;
  std::string param;       ///< page number, offset or cursor
  std::string size_param;  ///< how many rows an answer shall have; "" is not asked for
  int64_t size = 0;
  int64_t start = 0;                    ///< first page or offset
  std::optional<data::JsonPath> next;   ///< of the cursor, or of the next address
  std::optional<data::JsonPath> more;   ///< false: this was the last
  std::optional<data::JsonPath> total;  ///< rows in all (offset), pages in all (page)
  std::string from_param, to_param;     ///< range: half-open windows
  TimeMicros from = 0, to = 0, step = 0;
  std::string time_format;
};

/// One request of a sequence: what it has beside the table's own parameters, or another address.
struct Page {
  int64_t number = 0;  ///< from 0, in its sequence
  int64_t offset = 0;
  std::vector<std::pair<std::string, std::string>> params;
  std::string url;     ///< "" is the table's own
  std::string before;  ///< hash of the answer before, and how many rows the first one had
  int64_t first_rows = 0;
  std::string cursor;
};

struct PageAnswer {
  std::string_view body;
  std::string link;  ///< the header
  int64_t rows = 0;
  std::string hash;  ///< of the body
};

/// The first requests: one, or all windows of a range.
std::vector<Page> FirstPages(const PageOptions& options);

/// What to ask after `page` was answered; empty: that was the last. Several, where the total is known: they can be asked at
/// once. SRC-257 kData when the API gives the same again: it would never end.
Result<std::vector<Page>> PagesAfter(const PageOptions& options, const Page& page, const PageAnswer& answer);

/// The address with rel="next" of a Link header (RFC 8288), or "".
std::string NextLink(std::string_view header);

/// A time as an API wants it: "iso" (default), "date", "unix", "unix_ms", or a pattern of strftime.
std::string TimeText(TimeMicros time, const std::string& format);

}  // namespace leat::components::http
