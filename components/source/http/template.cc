#include "components/source/http/template.h"

#include "base/json_quoted.h"
#include "base/nearest.h"
#include "io/s3/sign.h"

namespace leat::components::http {
namespace {

/// Calls `text_part` and `name_part` for what stands between and inside the braces.
template <typename TextPart, typename NamePart>
void Walk(const std::string& text, TextPart text_part, NamePart name_part) {
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find('{', at);
    text_part(text.substr(at, open == std::string::npos ? open : open - at));
    if (open == std::string::npos) return;
    if (open + 1 < text.size() && text[open + 1] == '{') {
      text_part(std::string("{"));
      at = open + 2;
      continue;
    }
    const size_t close = text.find('}', open);
    const std::string name = close == std::string::npos ? "" : text.substr(open + 1, close - open - 1);
    // A body is JSON: its own braces are no placeholders.
    const bool is_name = !name.empty() && name.find_first_not_of(
                                              "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789_.$[]*'") == std::string::npos;
    if (!is_name) {
      text_part(std::string("{"));
      at = open + 1;
      continue;
    }
    name_part(name);
    at = close + 1;
  }
}

}  // namespace

Result<std::string> ExpandText(const std::string& text, const Placeholders& values, Expand how, bool* any_empty) {
  std::string expanded, unknown;
  Walk(
      text, [&](const std::string& part) { expanded += part; },
      [&](const std::string& name) {
        const auto found = values.find(name);
        if (found == values.end()) {
          if (unknown.empty()) unknown = name;
          return;
        }
        if (found->second.empty() && any_empty != nullptr) *any_empty = true;
        if (how == Expand::kPath && text != "{" + name + "}") {
          expanded += io::s3::EncodeText(found->second);
        } else if (how == Expand::kJson) {
          const std::string quoted = JsonQuoted(found->second);
          expanded += quoted.substr(1, quoted.size() - 2);
        } else {
          expanded += found->second;
        }
      });
  if (!unknown.empty()) {
    std::vector<std::string> names;
    std::string all;
    for (const auto& [name, value] : values) {
      names.push_back(name);
      all += (all.empty() ? "" : ", ") + name;
    }
    return MakeError("SRC-251", ErrorKind::kConfig, "'{}' asks for {{{}}}, which there is not", text, unknown)
        .WithHint(DidYouMean(unknown, names) + (all.empty() ? "" : " there are: " + all));
  }
  return expanded;
}

std::vector<std::string> PlaceholderNames(const std::string& text) {
  std::vector<std::string> names;
  Walk(
      text, [](const std::string&) {}, [&](const std::string& name) { names.push_back(name); });
  return names;
}

}  // namespace leat::components::http
