#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace leat::io {

/// XXH3-128 of bytes as 32 lower-case hex digits: content hashes of files and texts. Not cryptographic.
std::string HashBytes(std::string_view bytes);
/// The same over a local file's content, read in pieces (1 MB of memory). IO-201 kNotFound, IO-3xx kEnvironment.
Result<std::string> HashFile(const std::string& path);

}  // namespace leat::io
