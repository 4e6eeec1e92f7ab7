#include "components/source/http/pages.h"

#include <ctime>

#include "data/json_scan.h"

namespace leat::components::http {
namespace {

constexpr int64_t kMostPages = 10'000'000;

std::string TextAt(const std::optional<data::JsonPath>& path, std::string_view body) {
  if (!path) return "";
  const auto found = path->Find(body);
  std::string text;
  if (!found || *found == "null" || !data::JsonValueText(*found, text)) return "";
  return text;
}

Page WithSize(const PageOptions& options, Page page) {
  if (!options.size_param.empty()) page.params.emplace_back(options.size_param, std::to_string(options.size));
  return page;
}

/// The page of that number, or the one that begins at that offset.
Page Numbered(const PageOptions& options, int64_t number, int64_t offset) {
  Page page;
  page.number = number;
  page.offset = offset;
  const int64_t value = options.kind == PageOptions::Kind::kPage ? options.start + number : offset;
  page.params.emplace_back(options.param, std::to_string(value));
  return WithSize(options, page);
}

Error Again(const Page& page, const std::string& what) {
  return MakeError("SRC-257", ErrorKind::kData, "answer {} is the same as the one before: {}", page.number + 1, what)
      .WithHint("does the API know the parameters of `pagination:`? Its documentation says how they are called");
}

Result<std::vector<Page>> NumberedAfter(const PageOptions& options, const Page& page, const PageAnswer& answer) {
  if (answer.rows == 0) return std::vector<Page>{};
  if (page.number > 0 && page.before == answer.hash) return Again(page, options.param + " changes nothing");
  const std::string total = TextAt(options.total, answer.body);
  if (!total.empty()) {
    const int64_t all = std::strtoll(total.c_str(), nullptr, 10);
    std::vector<Page> rest;
    if (page.number > 0) return rest;  // the first answer asked for all of them
    if (options.kind == PageOptions::Kind::kPage) {
      for (int64_t number = 1; number < std::min(all, kMostPages); ++number)
        rest.push_back(Numbered(options, number, 0));
    } else {
      for (int64_t offset = options.start + answer.rows, n = 1; offset < all; offset += answer.rows)
        rest.push_back(Numbered(options, n++, offset));
    }
    return rest;
  }
  // An API may give fewer rows than were asked for: what its first answer had is what a whole one has.
  const int64_t whole = page.number == 0 ? answer.rows : page.first_rows;
  if (page.number > 0 && answer.rows < whole) return std::vector<Page>{};
  Page next = Numbered(options, page.number + 1, page.offset + answer.rows);
  next.first_rows = whole;
  next.before = answer.hash;
  return std::vector<Page>{std::move(next)};
}

}  // namespace

std::vector<Page> FirstPages(const PageOptions& options) {
  using Kind = PageOptions::Kind;
  if (options.kind == Kind::kPage) return {Numbered(options, 0, 0)};
  if (options.kind == Kind::kOffset) return {Numbered(options, 0, options.start)};
  if (options.kind != Kind::kRange) return {WithSize(options, {})};
  std::vector<Page> windows;
  for (TimeMicros from = options.from; from < options.to; from += options.step) {
    Page page;
    page.number = static_cast<int64_t>(windows.size());
    page.params.emplace_back(options.from_param, TimeText(from, options.time_format));
    page.params.emplace_back(options.to_param,
                             TimeText(std::min(from + options.step, options.to), options.time_format));
    windows.push_back(WithSize(options, page));
  }
  return windows;
}

Result<std::vector<Page>> PagesAfter(const PageOptions& options, const Page& page, const PageAnswer& answer) {
  using Kind = PageOptions::Kind;
  if (TextAt(options.more, answer.body) == "false" || page.number >= kMostPages) return std::vector<Page>{};
  Page next;
  next.number = page.number + 1;
  switch (options.kind) {
    case Kind::kNone:
    case Kind::kRange: return std::vector<Page>{};
    case Kind::kPage:
    case Kind::kOffset: return NumberedAfter(options, page, answer);
    case Kind::kCursor:
      next.cursor = TextAt(options.next, answer.body);
      if (next.cursor.empty()) return std::vector<Page>{};
      if (next.cursor == page.cursor) return Again(page, "it names the same cursor '" + next.cursor + "'");
      next.params.emplace_back(options.param, next.cursor);
      return std::vector<Page>{WithSize(options, std::move(next))};
    case Kind::kLink:
    case Kind::kNextUrl:
      next.url = options.kind == Kind::kLink ? NextLink(answer.link) : TextAt(options.next, answer.body);
      if (next.url.empty()) return std::vector<Page>{};
      if (next.url == page.url) return Again(page, "it names its own address as the next one");
      return std::vector<Page>{std::move(next)};
  }
  return std::vector<Page>{};
}

std::string NextLink(std::string_view header) {
  while (!header.empty()) {
    const size_t open = header.find('<');
    const size_t close = open == std::string_view::npos ? open : header.find('>', open);
    if (close == std::string_view::npos) return "";
    const std::string_view url = header.substr(open + 1, close - open - 1);
    header.remove_prefix(close + 1);
    // Parameters, parted by semicolons, reach to the next comma; neither counts between quotes.
    bool quoted = false, is_next = false;
    size_t begin = 0, at = 0;
    const auto look = [&](std::string_view parameter) {
      while (!parameter.empty() && parameter[0] == ' ') parameter.remove_prefix(1);
      if (!parameter.starts_with("rel")) return;
      parameter.remove_prefix(3);
      std::string words = " ";  // a relation may have several names
      for (const char c : parameter) words += c == '"' || c == '=' ? ' ' : c;
      is_next = is_next || (words + " ").find(" next ") != std::string::npos;
    };
    for (; at < header.size() && (quoted || header[at] != ','); ++at) {
      quoted = quoted != (header[at] == '"');
      if (quoted || header[at] != ';') continue;
      look(header.substr(begin, at - begin));
      begin = at + 1;
    }
    look(header.substr(begin, at - begin));
    if (is_next) return std::string(url);
    header.remove_prefix(at);
  }
  return "";
}

std::string TimeText(TimeMicros time, const std::string& format) {
  constexpr TimeMicros kSecond = 1'000'000;
  if (format.empty() || format == "iso") return FormatTime(time);
  if (format == "unix") return std::to_string(time / kSecond);
  if (format == "unix_ms") return std::to_string(time / 1'000);
  if (format == "date") return FormatTime(time).substr(0, 10);
  const std::time_t seconds = time / kSecond;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[128];
  return std::string(text, std::strftime(text, sizeof(text), format.c_str(), &parts));
}

}  // namespace leat::components::http
