#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace leat::component {

/// True for an address of a web server: http:// and https://.
bool IsWeb(std::string_view path);

/// IO-419 kConfig: an address without a host, with a host between brackets, with a login, or with characters that no line holds.
Status CheckWebAddress(const std::string& address);

/// An address as a request names it: what stands for nothing else (spaces, letters beyond ASCII, '#') as %XX, in UTF-8. %XX and
/// '?' stay as they are.
std::string RequestUrl(const std::string& address);

/// What a part of a path in a link (percent-encoded) is called in addresses: decoded but for characters that would mean
/// something else there (% ? # /), so that RequestUrl leads to it again. A name that is no UTF-8 stays as it is.
std::string ShownPart(std::string_view encoded);

/// Every %XX as its byte.
std::string DecodePercent(std::string_view encoded);

}  // namespace leat::component
