#include "io/http_rules.h"

#include <curl/curl.h>

#include <cstdlib>

#include "base/lower.h"

namespace leat::io {
namespace {

constexpr TimeMicros kSecond = 1'000'000;
constexpr size_t kMostDigits = 9;  // of seconds: a longer wait is none

}  // namespace

std::optional<TimeMicros> HttpTime(const std::string& text) {
  const time_t seconds = text.empty() ? -1 : curl_getdate(text.c_str(), nullptr);
  return seconds < 0 ? std::nullopt : std::optional<TimeMicros>(static_cast<TimeMicros>(seconds) * kSecond);
}

TimeMicros RetryAfter(const std::string& header, TimeMicros now) {
  if (header.empty()) return 0;
  if (header.find_first_not_of("0123456789") != std::string::npos) return HttpTime(header).value_or(0);
  return header.size() > kMostDigits ? 0 : now + std::strtoll(header.c_str(), nullptr, 10) * kSecond;
}

std::string UrlOrigin(const std::string& url) {
  const size_t scheme = url.find("://");
  if (scheme == std::string::npos) return "";
  const size_t end = url.find_first_of("/?#", scheme + 3);
  std::string host = Lower(url.substr(scheme + 3, end == std::string::npos ? end : end - scheme - 3));
  if (const size_t user = host.rfind('@'); user != std::string::npos) host.erase(0, user + 1);
  std::string origin = Lower(url.substr(0, scheme)) + "://";
  for (const char* usual : {"http://:80", "https://:443"}) {
    const std::string port = std::string(usual).substr(std::string(usual).rfind(':'));
    if (std::string(usual).starts_with(origin + ":") && host.ends_with(port)) host.resize(host.size() - port.size());
  }
  return origin + host;
}

bool MayComeBack(int status) {
  constexpr int kNotImplemented = 501, kVersionNotKnown = 505;
  return status == 408 || status == 425 || status == 429 ||
         (status >= 500 && status != kNotImplemented && status != kVersionNotKnown);
}

}  // namespace leat::io
