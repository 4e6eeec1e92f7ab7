#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace leat {

/// A new UUID version 7 (RFC 9562): time-ordered, lower case with dashes. Ids of one process never go back.
std::string NewUuidV7();
/// A new random UUID version 4.
std::string NewUuidV4();
/// A positive random 63-bit number, as Iceberg uses for snapshot ids. Never 0.
int64_t NewSnapshotId();
/// `bytes` random bytes in lower-case hex, from the operating system's generator (tokens).
std::string RandomHex(size_t bytes);
/// True for the 36-character form of any UUID.
bool IsUuid(std::string_view text);

}  // namespace leat
