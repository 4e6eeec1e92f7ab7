#include "component/http_address.h"

#include <algorithm>

#include "data/text_bytes.h"
#include "io/http_rules.h"

namespace leat::component {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte of the %XX at `at`; -1: there is none.
int EncodedByte(std::string_view text, size_t at) {
  if (text[at] != '%' || at + 2 >= text.size()) return -1;
  const int high = HexDigit(text[at + 1]), low = HexDigit(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7f; }

}  // namespace

bool IsWeb(std::string_view path) { return path.starts_with("http://") || path.starts_with("https://"); }

Status CheckWebAddress(const std::string& address) {
  const size_t begin = address.find("://") + 3;
  const std::string host = address.substr(begin, address.find_first_of("/?#", begin) - begin);
  const auto wrong = [&](const std::string& shown, const char* why, const char* hint) {
    return MakeError("IO-419", ErrorKind::kConfig, "'{}' {}", shown, why).WithHint(hint);
  };
  if (host.find('@') != std::string::npos)
    return wrong(io::UrlOrigin(address), "has a login in its address",
                 "user and password go below `http: { auth: … }`");
  if (host.empty()) return wrong(address, "names no server", "write https://host/folder");
  if (host.find_first_of("[]") != std::string::npos)
    return wrong(address, "names its server by an address between brackets", "write the name of the server");
  if (std::any_of(address.begin(), address.end(), [](unsigned char c) { return IsControl(c); }))
    return wrong(io::UrlOrigin(address), "has a line break, a tab or the like in its address", "write it as %0A, %09");
  return Ok();
}

std::string RequestUrl(const std::string& address) {
  std::string url;
  for (size_t i = 0; i < address.size(); ++i) {
    const auto c = static_cast<unsigned char>(address[i]);
    const bool stays =
        c == '%' ? EncodedByte(address, i) >= 0
                 : c > 0x20 && c < 0x7f && std::string_view("#\"<>\\^`{|}").find(address[i]) == std::string_view::npos;
    if (stays) {
      url += address[i];
    } else {
      url += '%';
      url += kDigits[c >> 4];
      url += kDigits[c & 15];
    }
  }
  return url;
}

std::string DecodePercent(std::string_view encoded) {
  std::string plain;
  for (size_t i = 0; i < encoded.size(); ++i) {
    const int byte = EncodedByte(encoded, i);
    plain += byte < 0 ? encoded[i] : static_cast<char>(byte);
    if (byte >= 0) i += 2;
  }
  return plain;
}

std::string ShownPart(std::string_view encoded) {
  std::string shown;
  for (size_t i = 0; i < encoded.size(); ++i) {
    const int byte = EncodedByte(encoded, i);
    const bool decoded = byte >= 0 && !IsControl(static_cast<unsigned char>(byte)) &&
                         std::string_view("%?#/").find(static_cast<char>(byte)) == std::string_view::npos;
    if (decoded) shown += static_cast<char>(byte);
    else shown += encoded.substr(i, byte >= 0 ? 3 : 1);
    if (byte >= 0) i += 2;
  }
  return data::IsUtf8(shown) ? shown : std::string(encoded);
}

}  // namespace leat::component
