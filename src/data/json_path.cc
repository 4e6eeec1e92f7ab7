#include "data/json_path.h"

#include "data/json_scan.h"

namespace leat::data {
namespace {

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

Error PathError(const std::string& text, size_t at, const char* expected) {
  return MakeError("DATA-120", ErrorKind::kConfig, "'{}' is no path into JSON: {} expected at character {}", text,
                   expected, at + 1)
      .WithHint("write it like $.data.items[*] or price.currency; odd names as ['a b']");
}

std::optional<std::string_view> MemberOf(std::string_view object, const std::string& name) {
  JsonScanner scanner(object);
  if (!scanner.Take('{') || scanner.Take('}')) return std::nullopt;
  std::string unescaped;
  do {
    std::string_view raw, value;
    if (!scanner.TakeString(raw) || !scanner.Take(':') || !scanner.TakeValue(value)) return std::nullopt;
    if (raw == name) return value;
    if (raw.find('\\') != std::string_view::npos && UnescapeJson(raw, unescaped) && unescaped == name) return value;
  } while (scanner.Take(','));
  return std::nullopt;
}

/// Calls `take` for the items of a list until it says false. False when the list is malformed.
bool EachItem(std::string_view list, const std::function<bool(std::string_view)>& take) {
  JsonScanner scanner(list);
  if (!scanner.Take('[')) return false;
  if (scanner.Take(']')) return true;
  do {
    std::string_view item;
    if (!scanner.TakeValue(item)) return false;
    if (!take(item)) return true;
  } while (scanner.Take(','));
  return scanner.Take(']');
}

std::optional<std::string_view> ItemOf(std::string_view list, int64_t index) {
  std::optional<std::string_view> found;
  int64_t at = 0;
  EachItem(list, [&](std::string_view item) {
    if (at++ == index) found = item;
    return !found;
  });
  return found;
}

}  // namespace

Result<JsonPath> JsonPath::Parse(const std::string& text) {
  JsonPath path;
  path.text_ = text;
  size_t at = 0;
  if (text.starts_with('$')) {
    path.up_ = -1;
    at = 1;
  } else {
    while (at < text.size() && text[at] == '^') ++at;
    path.up_ = static_cast<int>(at);
  }
  bool first = at == 0;  // a path may begin with a name
  while (at < text.size()) {
    Step step;
    if (text[at] == '[') {
      const size_t close = text.find(']', at);
      if (close == std::string::npos) return PathError(text, text.size(), "]");
      const std::string inside = text.substr(at + 1, close - at - 1);
      if (inside == "*") {
        step.kind = Step::Kind::kAll;
      } else if (inside.size() >= 2 && (inside[0] == '\'' || inside[0] == '"') && inside.back() == inside[0]) {
        step.name = inside.substr(1, inside.size() - 2);
      } else if (!inside.empty() && inside.size() < 10 && inside.find_first_not_of("0123456789") == std::string::npos) {
        step.kind = Step::Kind::kIndex;
        step.index = std::stoll(inside);
      } else {
        return PathError(text, at + 1, "*, a number or a quoted name");
      }
      at = close + 1;
    } else {
      if (!first && text[at] != '.') return PathError(text, at, ". or [");
      if (!first) ++at;
      const size_t begin = at;
      while (at < text.size() && IsNameCharacter(text[at])) ++at;
      if (at == begin) return PathError(text, at, "a name");
      step.name = text.substr(begin, at - begin);
    }
    first = false;
    path.steps_.push_back(std::move(step));
  }
  return path;
}

std::optional<std::string_view> JsonPath::Find(std::string_view value) const {
  for (const Step& step : steps_) {
    const auto next = step.kind == Step::Kind::kMember ? MemberOf(value, step.name) : ItemOf(value, step.index);
    if (!next) return std::nullopt;
    value = *next;
  }
  JsonScanner scanner(value);
  std::string_view trimmed;
  if (!scanner.TakeValue(trimmed)) return std::nullopt;
  return trimmed;
}

std::optional<std::string_view> JsonPath::FindFor(const Chain& chain) const {
  if (from_root()) return Find(chain.front());
  const auto up = static_cast<size_t>(up_);
  if (up >= chain.size()) return std::nullopt;
  return Find(chain[chain.size() - 1 - up]);
}

Result<JsonPath::Outcome> JsonPath::Each(std::string_view root, const std::function<Status(const Chain&)>& take) const {
  JsonScanner scanner(root);
  std::string_view whole;
  if (!scanner.TakeSoundValue(whole) || !scanner.AtEnd()) return Outcome::kMalformed;
  Chain chain{whole};
  return EachFrom(0, whole, chain, take);
}

Result<JsonPath::Outcome> JsonPath::EachFrom(size_t step, std::string_view value,
                                             Chain& chain,  // NOLINT(misc-no-recursion)
                                             const std::function<Status(const Chain&)>& take) const {
  while (step < steps_.size() && steps_[step].kind != Step::Kind::kAll) {
    if (value == "null") return Outcome::kFound;
    const auto next = steps_[step].kind == Step::Kind::kMember ? MemberOf(value, steps_[step].name)
                                                               : ItemOf(value, steps_[step].index);
    if (!next) return Outcome::kAbsent;
    value = *next;
    ++step;
  }
  if (value == "null") return Outcome::kFound;
  const bool last = step == steps_.size();
  if (last && !value.starts_with('[')) {
    chain.push_back(value);
    LEAT_TRY(take(chain));
    chain.pop_back();
    return Outcome::kFound;
  }
  if (!value.starts_with('[')) return Outcome::kAbsent;
  Status status = Ok();
  Outcome outcome = Outcome::kFound;
  EachItem(value, [&](std::string_view item) {
    chain.push_back(item);
    if (last || step + 1 == steps_.size()) {
      status = take(chain);
    } else {
      auto deeper = EachFrom(step + 1, item, chain, take);
      if (!deeper.ok()) {
        status = deeper.error();
      } else if (deeper.value() != Outcome::kFound) {
        outcome = deeper.value();
      }
    }
    chain.pop_back();
    return status.ok() && outcome == Outcome::kFound;
  });
  if (!status.ok()) return status.error();
  return outcome;
}

bool EachMember(std::string_view object,
                const std::function<void(const std::string& name, std::string_view value)>& take) {
  JsonScanner scanner(object);
  if (!scanner.Take('{')) return false;
  if (scanner.Take('}')) return true;
  std::string name;
  do {
    std::string_view raw, value;
    if (!scanner.TakeString(raw) || !UnescapeJson(raw, name) || !scanner.Take(':') || !scanner.TakeValue(value))
      return false;
    take(name, value);
  } while (scanner.Take(','));
  return scanner.Take('}');
}

}  // namespace leat::data
