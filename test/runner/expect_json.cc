#include <algorithm>
#include <nlohmann/json.hpp>

#include "expect.h"
#include "script.h"

namespace leat::e2e {
namespace {

using Json = nlohmann::json;

std::string Shown(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

const Json* Step(const Json& value, const std::string& key) {
  if (!value.is_object()) return nullptr;
  const auto found = value.find(key);
  return found == value.end() ? nullptr : &*found;
}

const Json* Index(const Json& value, const std::string& inside) {
  if (!value.is_array()) return nullptr;
  if (const size_t equals = inside.find('='); equals != std::string::npos) {
    for (const Json& item : value) {
      const Json* member = Step(item, inside.substr(0, equals));
      if (member != nullptr && Shown(*member) == inside.substr(equals + 1)) return &item;
    }
    return nullptr;
  }
  const size_t index = static_cast<size_t>(std::atoll(inside.c_str()));
  return index < value.size() ? &value[index] : nullptr;
}

const Json* Find(const Json& root, std::string_view path) {
  const Json* at = &root;
  size_t i = 0;
  while (at != nullptr && i < path.size()) {
    if (path[i] == '.') {
      ++i;
    } else if (path[i] == '[') {
      const size_t end = path.find(']', i);
      if (end == std::string_view::npos) return nullptr;
      at = Index(*at, std::string(path.substr(i + 1, end - i - 1)));
      i = end + 1;
    } else {
      const size_t end = std::min(path.find_first_of(".[", i), path.size());
      at = Step(*at, std::string(path.substr(i, end - i)));
      i = end;
    }
  }
  return at;
}

Result<Json> Parse(const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return MakeError("E2E-302", ErrorKind::kData, "not JSON:\n{}", text);
  return json;
}

}  // namespace

Result<std::string> JsonAt(std::string_view path, const std::string& text) {
  LEAT_ASSIGN(const Json json, Parse(text));
  const Json* value = Find(json, path);
  if (value == nullptr) return MakeError("E2E-302", ErrorKind::kData, "no {} in:\n{}", path, json.dump(2));
  return Shown(*value);
}

Status MatchJson(std::string_view expectation, const std::string& text) {
  LEAT_ASSIGN(const Json json, Parse(text));
  // The path ends at the first blank outside [ ].
  size_t end = 0;
  for (int depth = 0; end < expectation.size() && (depth > 0 || expectation[end] != ' '); ++end) {
    depth += expectation[end] == '[' ? 1 : expectation[end] == ']' ? -1 : 0;
  }
  const std::string_view path = expectation.substr(0, end);
  std::string rest = Trim(expectation.substr(end));
  const Json* value = Find(json, path == "." ? std::string_view() : path);
  const auto wrong = [&](std::string_view what) {
    return MakeError("E2E-302", ErrorKind::kData, "{} {}; got {}\nin:\n{}", path, what,
                     value == nullptr ? "nothing" : value->dump(), json.dump(2));
  };
  if (rest == "missing") return value == nullptr ? Ok() : Status(wrong("is there"));
  if (value == nullptr) return wrong("is not there");
  if (rest == "exists") return Ok();
  std::string got = Shown(*value);
  if (rest.starts_with("count")) {
    got = std::to_string(value->size());
    rest = Trim(rest.substr(5));
  }
  if (rest.starts_with("= ")) return got == rest.substr(2) ? Ok() : Status(wrong("is not " + rest.substr(2)));
  if (rest.starts_with("~ ")) {
    return got.find(rest.substr(2)) != std::string::npos ? Ok() : Status(wrong("does not contain " + rest.substr(2)));
  }
  return MakeError("E2E-102", ErrorKind::kUsage, "json PATH = value | ~ part | exists | missing | count = n; not '{}'",
                   rest);
}

}  // namespace leat::e2e
