#include "component/index_page.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "base/lower.h"
#include "base/utf8.h"
#include "component/http_address.h"
#include "io/http_rules.h"

namespace leat::component {
namespace {

constexpr std::string_view kSpace = " \t\r\n\f";

/// `entity` without & and ;. False: not one of those that stand in addresses.
bool AppendEntity(std::string& text, std::string_view entity) {
  static const std::map<std::string_view, char> kNamed = {
      {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  if (const auto named = kNamed.find(entity); named != kNamed.end()) {
    text += named->second;
    return true;
  }
  if (entity.size() < 2 || entity[0] != '#') return false;
  const bool hex = entity[1] == 'x' || entity[1] == 'X';
  const std::string_view digits = entity.substr(hex ? 2 : 1);
  uint32_t code = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code, hex ? 16 : 10);
  if (failure != std::errc() || digits.empty() || end != digits.data() + digits.size()) return false;
  if (code == 0 || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  AppendUtf8(code, text);
  return true;
}

/// The value of an attribute as it is meant.
std::string Meant(std::string_view value) {
  constexpr size_t kLongestEntity = 10;
  std::string text;
  for (size_t i = 0; i < value.size(); ++i) {
    const size_t end = value[i] == '&' ? value.find(';', i) : std::string_view::npos;
    if (end != std::string_view::npos && end - i <= kLongestEntity &&
        AppendEntity(text, value.substr(i + 1, end - i - 1))) {
      i = end;
    } else {
      text += value[i];
    }
  }
  const size_t first = text.find_first_not_of(kSpace);
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// Goes over the links of a page: <a … href=…>.
class Links {
 public:
  explicit Links(std::string_view html) : html_(html) {}

  /// False: there is none any more.
  bool Next(std::string& link) {
    for (size_t tag = html_.find('<', at_); tag != std::string_view::npos; tag = html_.find('<', at_)) {
      if (html_.substr(tag).starts_with("<!--")) {
        const size_t end = html_.find("-->", tag);
        at_ = end == std::string_view::npos ? html_.size() : end + 3;
        continue;
      }
      at_ = tag + 1;
      if (at_ + 1 >= html_.size() || (html_[at_] != 'a' && html_[at_] != 'A') || !IsSpace(html_[at_ + 1])) continue;
      ++at_;
      if (Href(link)) return true;
    }
    return false;
  }

 private:
  static bool IsSpace(char c) { return kSpace.find(c) != std::string_view::npos; }
  bool more() const { return at_ < html_.size(); }
  void SkipSpace() {
    while (more() && IsSpace(html_[at_])) ++at_;
  }

  /// The attributes up to the end of the tag.
  bool Href(std::string& link) {
    bool found = false;
    while (true) {
      SkipSpace();
      if (!more() || html_[at_] == '>') return found;
      const size_t begin = at_;
      while (more() && !IsSpace(html_[at_]) && html_[at_] != '=' && html_[at_] != '>') ++at_;
      const std::string name = Lower(html_.substr(begin, at_ - begin));
      SkipSpace();
      if (!more() || html_[at_] != '=') continue;
      ++at_;
      const std::string_view value = Value();
      if (name != "href" || found) continue;
      link = Meant(value);
      found = true;
    }
  }

  std::string_view Value() {
    SkipSpace();
    if (!more()) return {};
    const char quote = html_[at_];
    size_t begin = at_, end = 0;
    if (quote == '"' || quote == '\'') {
      end = std::min(html_.find(quote, ++begin), html_.size());
      at_ = std::min(end + 1, html_.size());
    } else {
      end = at_ = std::min(html_.find_first_of(" \t\r\n\f>", begin), html_.size());
    }
    return html_.substr(begin, end - begin);
  }

  std::string_view html_;
  size_t at_ = 0;
};

/// The parts of a path between its slashes, encoded as they stand.
std::vector<std::string_view> PartsOf(std::string_view path) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t slash = path.find('/');
    parts.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return parts;
    path.remove_prefix(slash + 1);
  }
}

/// Path of an address, from the slash behind its server, without query.
std::string_view PathOf(std::string_view url) {
  const size_t begin = url.find('/', url.find("://") + 3);
  if (begin == std::string_view::npos) return "/";
  url.remove_prefix(begin);
  return url.substr(0, url.find_first_of("?#"));
}

/// What a link leads to, where that lies in the folder of the page.
std::optional<IndexEntry> EntryOf(std::string_view link, const std::string& url) {
  link = link.substr(0, link.find('#'));
  if (link.empty() || link.find('?') != std::string_view::npos) return std::nullopt;
  std::string address;
  if (IsWeb(Lower(link.substr(0, 8)))) address = link;
  else if (link.starts_with("//")) address = url.substr(0, url.find("//")) + std::string(link);
  else if (link.starts_with('/')) address = io::UrlOrigin(url) + std::string(link);
  std::vector<std::string_view> parts;
  if (!address.empty()) {
    if (io::UrlOrigin(address) != io::UrlOrigin(url)) return std::nullopt;
    parts = PartsOf(PathOf(address));
    const std::vector<std::string_view> folder = PartsOf(PathOf(url));  // the last one is empty
    if (parts.size() < folder.size()) return std::nullopt;
    for (size_t i = 0; i + 1 < folder.size(); ++i) {
      // Both may encode the same path in another way.
      if (DecodePercent(parts[i]) != DecodePercent(folder[i])) return std::nullopt;
    }
    parts.erase(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(folder.size()) - 1);
  } else {
    const size_t scheme = link.find_first_of(":/");
    if (scheme != std::string_view::npos && link[scheme] == ':') return std::nullopt;  // mailto:, ftp:
    if (link.starts_with("./")) link.remove_prefix(2);
    parts = PartsOf(link);
  }
  const bool folder = parts.size() == 2 && parts[1].empty();
  if ((parts.size() != 1 && !folder) || parts[0].empty()) return std::nullopt;
  const std::string plain = DecodePercent(parts[0]);
  if (plain == "." || plain == ".." || plain.find_first_of(std::string_view("/\0", 2)) != std::string::npos)
    return std::nullopt;
  return IndexEntry{ShownPart(parts[0]), folder};
}

/// "Index of" of Apache and nginx, "Directory listing for" of Python; Apache's links for sorting, where it has its own heading.
bool SaysThatItIsOne(std::string_view html) {
  constexpr size_t kHead = size_t{1} << 16;
  const std::string text = Lower(html.substr(0, kHead));
  return text.find("index of") != std::string::npos || text.find("directory listing") != std::string::npos ||
         text.find("?c=n") != std::string::npos;
}

}  // namespace

std::optional<std::vector<IndexEntry>> ReadIndexPage(std::string_view html, const std::string& url) {
  if (!SaysThatItIsOne(html)) return std::nullopt;
  std::vector<IndexEntry> entries;
  Links links(html);
  std::string link;
  while (links.Next(link)) {
    std::optional<IndexEntry> entry = EntryOf(link, url);
    if (entry.has_value()) entries.push_back(std::move(*entry));
  }
  const auto key = [](const IndexEntry& entry) { return std::pair(entry.name, entry.folder); };
  std::sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  entries.erase(
      std::unique(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return key(a) == key(b); }),
      entries.end());
  return entries;
}

}  // namespace leat::component
