#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace leat::io {

/// How a block of bytes inside of a file is packed, as Avro's specification has it ("Required Codecs", "Optional Codecs");
/// kBareSnappy is without a checksum, as ORC has it.
enum class BlockCodec { kNone, kDeflate, kSnappy, kZstandard, kBzip2, kXz, kBareSnappy };

/// By Avro's names: "null", "deflate", "snappy", "zstandard", "bzip2", "xz". nullopt: another one.
std::optional<BlockCodec> FindBlockCodec(std::string_view name);
/// All of these names, for messages.
std::string BlockCodecNames();

/// The bytes that were packed. snappy: its checksum stands behind it and is checked. IO-405 kData: it does not unpack, or not
/// within `most_bytes`; memory grows with what comes out, whatever a length in the block says.
Result<std::string> UnpackBlock(BlockCodec codec, std::string_view packed, size_t most_bytes);

/// Packed as kDeflate, at the fast level: a tenth more bytes, half the time.
std::string DeflateBlock(std::string_view bytes);

}  // namespace leat::io
