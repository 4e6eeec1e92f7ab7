#include "imports/hidden_texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/lower.h"

namespace leat::imports {
namespace {

constexpr size_t kLongKey = 16;
constexpr std::string_view kParts[] = {"authorization", "cookie",     "secret",     "password",    "passwd",
                                       "passphrase",    "apikey",     "accesskey",  "accesstoken", "authtoken",
                                       "privatetoken",  "privatekey", "accountkey", "sharedkey",   "apitoken",
                                       "bearer",        "credential"};
constexpr std::string_view kNames[] = {"token", "auth",      "pwd",   "pass",      "jwt",
                                       "sig",   "signature", "appid", "xauthtoken"};
constexpr std::string_view kOfPages[] = {"page", "next", "cursor", "continuation", "sync", "after"};

}  // namespace

bool ProvesWhoAsks(const std::string& name, const std::string& value) {
  std::string word = Lower(name);
  std::erase_if(word, [](char c) { return c == '-' || c == '_' || c == '.'; });
  const auto has = [&](std::string_view part) { return word.find(part) != std::string::npos; };
  if (std::any_of(std::begin(kOfPages), std::end(kOfPages), has)) return false;
  if (std::any_of(std::begin(kParts), std::end(kParts), has)) return true;
  if (std::find(std::begin(kNames), std::end(kNames), word) != std::end(kNames) || word.ends_with("token")) return true;
  return word == "key" && value.size() >= kLongKey;
}

std::string HiddenInAddress(const std::string& address, const std::string& hint, SecretNames& secrets) {
  std::string text = address;
  if (const size_t scheme = text.find("://"); scheme != std::string::npos) {
    const size_t host = scheme + 3;
    const size_t end = std::min(text.find_first_of("/?#", host), text.size());
    const size_t at = text.rfind('@', end);
    const size_t colon = text.find(':', host);
    if (at != std::string::npos && at > host && colon < at) {
      const std::string password = text.substr(colon + 1, at - colon - 1);
      if (!password.empty() && !password.starts_with("${"))
        text.replace(colon + 1, password.size(), secrets.Reference(hint + "_password", password));
    }
  }
  for (size_t begin = text.find('?'); begin != std::string::npos;) {
    const size_t end = std::min(text.find_first_of("&#", begin + 1), text.size());
    const size_t equals = std::min(text.find('=', begin), end);
    const std::string name = text.substr(begin + 1, equals - begin - 1);
    const std::string value = equals < end ? text.substr(equals + 1, end - equals - 1) : "";
    begin = end < text.size() && text[end] == '&' ? end : std::string::npos;
    if (value.empty() || value.find('{') != std::string::npos || !ProvesWhoAsks(name, value)) continue;
    const std::string reference = secrets.Reference(fmt::format("{}_{}", hint, name), value);
    text.replace(equals + 1, value.size(), reference);
    if (begin != std::string::npos) begin += reference.size() - value.size();
  }
  return text;
}

std::string SecretNameOf(const std::string& reference) { return reference.substr(9, reference.size() - 10); }

}  // namespace leat::imports
