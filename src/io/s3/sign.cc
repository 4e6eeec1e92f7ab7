#include "io/s3/sign.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

namespace leat::io::s3 {
namespace {

std::string Hmac(std::string_view key, std::string_view text) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), out, &size);
  return {reinterpret_cast<const char*>(out), size};
}

std::string Digest(const EVP_MD* method, std::string_view bytes) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), out, &size, method, nullptr) != 1) return "";
  return {reinterpret_cast<const char*>(out), size};
}

std::string Encode(std::string_view text, bool keep_slash) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '.' || c == '_' || c == '~' || (c == '/' && keep_slash);
    if (plain) {
      encoded += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      encoded += '%';
      encoded += kDigits[byte >> 4];
      encoded += kDigits[byte & 15];
    }
  }
  return encoded;
}

// Ends trimmed and runs of spaces made one, as the signature sees a header's value.
std::string HeaderValue(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool space = c == ' ' || c == '\t';
    if (!space) text += c;
    else if (!text.empty() && text.back() != ' ') text += ' ';
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

Fields Sorted(Fields fields) {
  std::sort(fields.begin(), fields.end());
  return fields;
}

// "20130524T000000Z"
std::string BasicTime(TimeMicros now) {
  const time_t seconds = now / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
                     parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace

std::string Sha256(std::string_view bytes) { return Digest(EVP_sha256(), bytes); }
std::string Md5(std::string_view bytes) { return Digest(EVP_md5(), bytes); }

std::string Hex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

std::string Base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<size_t>(size));
  return text;
}

std::string EncodeText(std::string_view text) { return Encode(text, false); }
std::string EncodePath(std::string_view path) { return Encode(path, true); }

std::string QueryText(Fields query) {
  for (auto& [name, value] : query) {
    name = EncodeText(name);
    value = EncodeText(value);
  }
  std::string text;
  for (const auto& [name, value] : Sorted(std::move(query))) {
    if (!text.empty()) text += '&';
    text.append(name).append("=").append(value);
  }
  return text;
}

std::string SignedNames(const SignedRequest& request) {
  std::string names;
  for (const auto& [name, value] : Sorted(request.headers)) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string CanonicalRequest(const SignedRequest& request) {
  std::string text = request.method + "\n" + request.path + "\n" + QueryText(request.query) + "\n";
  for (const auto& [name, value] : Sorted(request.headers)) text += name + ":" + HeaderValue(value) + "\n";
  return text + "\n" + SignedNames(request) + "\n" + request.payload_hash;
}

void Sign(SignedRequest& request, const Credentials& credentials, std::string_view region, std::string_view service,
          TimeMicros now) {
  const std::string time = BasicTime(now);
  const std::string day = time.substr(0, 8);
  request.headers.emplace_back("x-amz-date", time);
  if (service == "s3") request.headers.emplace_back("x-amz-content-sha256", request.payload_hash);
  if (!credentials.session_token.empty())
    request.headers.emplace_back("x-amz-security-token", credentials.session_token);
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", day, region, service);
  const std::string to_sign =
      fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, Hex(Sha256(CanonicalRequest(request))));
  std::string key = "AWS4" + credentials.secret_access_key;
  for (const std::string_view part : {std::string_view(day), region, service, std::string_view("aws4_request")})
    key = Hmac(key, part);
  std::string authorization =
      fmt::format("AWS4-HMAC-SHA256 Credential={}/{}, SignedHeaders={}, Signature={}", credentials.access_key_id, scope,
                  SignedNames(request), Hex(Hmac(key, to_sign)));
  request.headers.emplace_back("authorization", std::move(authorization));
}

}  // namespace leat::io::s3
