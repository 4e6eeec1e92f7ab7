#include "data/json_row.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "data/json_scan.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace leat::data {
namespace {

using Kind = JsonCell::Kind;

/// The first quote, backslash or control character from `at` on. A line ends with one.
const char* StringStop(const char* at) {
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"');
  const __m128i backslash = _mm_set1_epi8('\\');
  const __m128i last_control = _mm_set1_epi8(0x1F);
  for (;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(bytes, last_control), last_control);
    const __m128i found =
        _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)), control);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(found));
    if (mask != 0) return at + std::countr_zero(mask);
  }
#else
  while (*at != '"' && *at != '\\' && static_cast<unsigned char>(*at) > 0x1F) ++at;
  return at;
#endif
}

/// The quote that closes the string whose text begins at `at`, null when none does in the line.
const char* StringEnd(const char* at, bool& escaped) {
  escaped = false;
  while (true) {
    at = StringStop(at);
    if (*at == '"') return at;
    if (*at != '\\' || static_cast<unsigned char>(at[1]) < 0x20) return nullptr;
    escaped = true;
    at += 2;
  }
}

const char* SkipDigits(const char* at) {
  while (static_cast<unsigned char>(*at - '0') <= 9) ++at;
  return at;
}

/// Behind the number at `at`, null when it is none. What stands behind is looked at by the caller.
const char* NumberEnd(const char* at) {
  if (*at == '-') ++at;
  const char* const first = at;
  at = SkipDigits(at);
  if (at == first || (*first == '0' && at != first + 1)) return nullptr;
  if (*at == '.') {
    const char* const fraction = ++at;
    at = SkipDigits(at);
    if (at == fraction) return nullptr;
  }
  if (*at == 'e' || *at == 'E') {
    ++at;
    if (*at == '-' || *at == '+') ++at;
    const char* const exponent = at;
    at = SkipDigits(at);
    if (at == exponent) return nullptr;
  }
  return at;
}

/// Both may be read for kSlack bytes behind `size`.
bool StartsWithPadded(const char* at, const char* start, size_t size) {
#ifdef __SSE2__
  if (size <= 16) {
    const __m128i equal = _mm_cmpeq_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)),
                                         _mm_loadu_si128(reinterpret_cast<const __m128i*>(start)));
    const unsigned wanted = (1U << size) - 1;
    return (static_cast<unsigned>(_mm_movemask_epi8(equal)) & wanted) == wanted;
  }
#endif
  return std::memcmp(at, start, size) == 0;
}

bool StartsWith(const char* at, const char* end, std::string_view word) {
  return static_cast<size_t>(end - at) >= word.size() && std::memcmp(at, word.data(), word.size()) == 0;
}

const char* SkipSpace(const char* at) {
  while (*at == ' ' || *at == '\t' || *at == '\r') ++at;
  return at;
}

}  // namespace

JsonRowScanner::JsonRowScanner(const std::vector<std::string>& names,
                               std::optional<std::set<std::string, std::less<>>> others, size_t most_members)
    : others_(std::move(others)), most_members_(most_members), width_(names.size()) {
  for (size_t i = 0; i < names.size(); ++i) {
    columns_.emplace(names[i], static_cast<int>(i));
  }
}

std::vector<std::string> JsonRowScanner::seen() const {
  std::vector<std::string> names;
  names.reserve(members_.size());
  for (const Member& member : members_) names.push_back(member.name);
  return names;
}

/// A member that is no column.
void JsonRowScanner::Notice(int member, std::string_view raw) {
  if (!others_) return;
  if (member < 0) strangers_.emplace_back(raw);  // none of the names that were kept
  else if (members_[static_cast<size_t>(member)].strange)
    strangers_.push_back(members_[static_cast<size_t>(member)].name);
}

/// The index of a member in members_, -1 where it is not kept: then nobody asks for it. -2: a broken escape.
int JsonRowScanner::FindMember(std::string_view raw, bool escaped) {
  std::string name(raw);
  if (const auto known = at_.find(name); known != at_.end()) return static_cast<int>(known->second);
  if (escaped && !UnescapeJson(raw, name)) return -2;
  const auto wanted = columns_.find(name);
  const int column = wanted == columns_.end() ? -1 : wanted->second;
  if (column < 0 && members_.size() >= most_members_) return -1;
  const std::string key(raw);
  at_.emplace(key, members_.size());
  std::string start = '"' + key + "\":";
  const size_t start_size = start.size();
  start.append(kSlack, '\0');
  const bool strange = column < 0 && others_ && !others_->contains(name);
  members_.push_back({std::move(start), start_size, column, strange, std::move(name)});
  return static_cast<int>(members_.size()) - 1;
}

bool JsonRowScanner::Scan(const char* line, size_t size, JsonCell* cells) {
  for (size_t i = 0; i < width_; ++i) cells[i] = JsonCell();
  strangers_.clear();
  const char* const end = line + size;
  const char* at = SkipSpace(line);
  if (*at != '{') return false;
  at = SkipSpace(at + 1);
  const auto rest_is_space = [&](const char* from) { return SkipSpace(from) == end; };
  if (*at == '}') return rest_is_space(at + 1);
  bool escaped = false;
  size_t next = 0;  // the member that came after this one in the line before
  while (true) {
    if (*at != '"') return false;
    int column = -1, found = -1;
    std::string_view raw;
    const Member* const expected = next < members_.size() ? &members_[next] : nullptr;
    if (expected != nullptr && static_cast<size_t>(end - at) > expected->size &&
        StartsWithPadded(at, expected->start.data(), expected->size)) [[likely]] {
      column = expected->column;
      at += expected->size;
      found = static_cast<int>(next++);
    } else {
      const char* const name = at + 1;
      const char* const close = StringEnd(name, escaped);
      if (close == nullptr) return false;
      raw = {name, static_cast<size_t>(close - name)};
      found = FindMember(raw, escaped);
      if (found == -2) return false;
      if (found >= 0) {
        column = members_[static_cast<size_t>(found)].column;
        next = static_cast<size_t>(found) + 1;
      }
      at = SkipSpace(close + 1);
      if (*at++ != ':') return false;
    }
    at = SkipSpace(at);
    JsonCell value;
    const char* const begin = at;
    const char first = *at;
    if (first == '"') {
      const char* const close = StringEnd(begin + 1, escaped);
      if (close == nullptr) return false;
      value = {begin + 1, static_cast<uint32_t>(close - begin - 1), Kind::kString};
      if (escaped) {
        std::string& text = unescaped_.emplace_back();
        if (!UnescapeJson(value.view(), text)) return false;
        value.text = text.data();
        value.size = static_cast<uint32_t>(text.size());
      }
      at = close + 1;
    } else if (const char* const number = NumberEnd(at); number != nullptr) {
      value = {begin, static_cast<uint32_t>(number - begin), Kind::kBare};
      at = number;
    } else if (StartsWith(at, end, "null")) {
      value = {begin, 4, Kind::kNull};
      at += 4;
    } else if (StartsWith(at, end, "true") || StartsWith(at, end, "false")) {
      value = {begin, first == 't' ? 4U : 5U, Kind::kBare};
      at += value.size;
    } else {
      JsonScanner rest({begin, static_cast<size_t>(end - begin)}, JsonScanner::Rules::kEngine);
      std::string_view taken;
      if (!rest.TakeSoundValue(taken)) return false;
      value = {taken.data(), static_cast<uint32_t>(taken.size()),
               first == '{' || first == '[' ? Kind::kNested : Kind::kBare};
      at = begin + rest.at();
    }
    if (column < 0) {
      if (value.has_value()) Notice(found, raw);
    } else if (cells[column].kind == Kind::kAbsent) {
      cells[column] = value;
    }
    at = SkipSpace(at);
    if (*at == ',') {
      at = SkipSpace(at + 1);
      if (*at != '}') continue;
    }
    return *at == '}' && rest_is_space(at + 1);
  }
}

}  // namespace leat::data
