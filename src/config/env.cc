#include "config/env.h"

#include <cstdlib>

#include "base/nearest.h"
#include "base/secret.h"
#include "config/secrets.h"
#include "config/text.h"
#include "config/tree.h"

namespace leat::config {
namespace {

constexpr std::string_view kSecretPrefix = "secret:";

bool IsName(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  for (const char c : name) {
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    if (!good) return false;
  }
  return true;
}

std::string_view Trim(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// The value of a .env line; nullopt when its quotes do not close.
std::optional<std::string> ValueOf(std::string_view text) {
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) {
    const size_t comment = text.find(" #");
    return std::string(Trim(text.substr(0, comment)));
  }
  std::string value;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == text[0]) return value;
    if (text[0] == '"' && text[i] == '\\' && i + 1 < text.size()) {
      const char next = text[++i];
      value += next == 'n' ? '\n' : next == 't' ? '\t' : next;
    } else {
      value += text[i];
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::map<std::string, std::string>> ParseDotEnv(std::string_view text, const std::string& file) {
  std::map<std::string, std::string> values;
  const Lines lines(text);
  for (int i = 1; i <= lines.count(); ++i) {
    std::string_view line = Trim(lines.Line(i));
    if (line.empty() || line[0] == '#') continue;
    if (line.substr(0, 7) == "export ") line = Trim(line.substr(7));
    const size_t equals = line.find('=');
    const std::string_view name = equals == std::string_view::npos ? line : Trim(line.substr(0, equals));
    const auto value = equals == std::string_view::npos ? std::nullopt : ValueOf(Trim(line.substr(equals + 1)));
    if (!IsName(name) || !value) {
      // The text of the line is not shown: it may hold a secret.
      return MakeError("CFG-112", ErrorKind::kConfig, "this line is not NAME=value")
          .WithHint("comments start with #; quotes must close on the same line")
          .At({file, i, 0, 0});
    }
    values[std::string(name)] = *value;
  }
  return values;
}

Result<EnvLookup> ProjectEnv(const std::string& root) {
  std::map<std::string, std::string> values;
  const auto text = ReadTextFile(root + "/.env", ".env");
  if (text.ok()) {
    LEAT_ASSIGN(values, ParseDotEnv(*text, ".env"));
  } else if (text.error().kind() != ErrorKind::kNotFound) {
    return text.error();
  }
  return EnvLookup(
      [values = std::move(values), secrets = SecretFiles(root)](const std::string& name) -> std::optional<std::string> {
        if (name == kSecretPrefix) {
          std::string names;
          for (const std::string& one : secrets.Names()) names += one + "\n";
          return names;
        }
        if (name.starts_with(kSecretPrefix)) return secrets.Find(name.substr(kSecretPrefix.size()));
        const char* value = std::getenv(name.c_str());
        if (value != nullptr && *value != '\0') return std::string(value);
        const auto found = values.find(name);
        if (found != values.end()) return found->second;
        return std::nullopt;
      });
}

namespace {

Result<std::string> SecretValue(const std::string& name, const EnvLookup& env) {
  const auto value = env ? env(std::string(kSecretPrefix) + name) : std::nullopt;
  if (value && !value->empty()) {
    RegisterSecret(*value);
    return *value;
  }
  std::vector<std::string> names;
  const std::string all = env ? env(std::string(kSecretPrefix)).value_or("") : "";
  for (size_t at = 0; at < all.size(); at = all.find('\n', at) + 1)
    names.push_back(all.substr(at, all.find('\n', at) - at));
  const std::string near = DidYouMean(name, names);
  return MakeError("CFG-108", ErrorKind::kConfig, "secret {} is not set", name)
      .WithHint(fmt::format("{}{}leat secret set {}", near, near.empty() ? "" : "\n", name));
}

}  // namespace

Result<std::string> ReplaceVariables(const std::string& text, const EnvLookup& env) {
  std::string out;
  size_t at = 0;
  while (true) {
    const size_t start = text.find("${", at);
    if (start == std::string::npos) return out + text.substr(at);
    if (start > at && text[start - 1] == '$') {
      out += text.substr(at, start - 1 - at) + "${";
      at = start + 2;
      continue;
    }
    out += text.substr(at, start - at);
    const size_t end = text.find('}', start);
    const std::string inside = end == std::string::npos ? "" : text.substr(start + 2, end - start - 2);
    if (inside.starts_with(kSecretPrefix) && IsName(std::string_view(inside).substr(kSecretPrefix.size()))) {
      LEAT_ASSIGN(const std::string value, SecretValue(inside.substr(kSecretPrefix.size()), env));
      out += value;
      at = end + 1;
      continue;
    }
    if (inside.substr(0, 4) != "env:" || !IsName(std::string_view(inside).substr(4))) {
      return MakeError("CFG-110", ErrorKind::kConfig, "not a variable: {}",
                       end == std::string::npos ? text.substr(start) : text.substr(start, end + 1 - start))
          .WithHint("write ${env:NAME} or ${secret:NAME}; a text that begins with ${ is written $${");
    }
    const std::string name = inside.substr(4);
    const auto value = env ? env(name) : std::nullopt;
    if (!value || value->empty()) {
      return MakeError("CFG-108", ErrorKind::kConfig, "variable {} has no value", name)
          .WithHint(
              fmt::format("looked in: environment variable {0}; {0} in .env beside leat.yml\nset one of them", name));
    }
    out += *value;
    at = end + 1;
  }
}

}  // namespace leat::config
