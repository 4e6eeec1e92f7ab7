#pragma once

#include <bzlib.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Packed files for tests, made by the packings' own libraries (not by the one that Leat reads them with).
namespace leat::test {

inline std::string Gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("deflateInit2");
  std::string packed(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) throw std::runtime_error("deflate");
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

inline std::string Zstd(std::string_view text) {
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  size_t size = ZSTD_compress(packed.data(), packed.size(), text.data(), text.size(), 3);
  if (ZSTD_isError(size) != 0) throw std::runtime_error(ZSTD_getErrorName(size));
  packed.resize(size);
  return packed;
}

inline std::string Bzip2(std::string_view text) {
  auto size = static_cast<unsigned>(text.size() + text.size() / 100 + 600);
  std::string packed(size, '\0');
  if (BZ2_bzBuffToBuffCompress(packed.data(), &size, const_cast<char*>(text.data()), static_cast<unsigned>(text.size()),
                               9, 0, 0) != BZ_OK)
    throw std::runtime_error("BZ2_bzBuffToBuffCompress");
  packed.resize(size);
  return packed;
}

inline std::string Xz(std::string_view text) {
  std::string packed(lzma_stream_buffer_bound(text.size()), '\0');
  size_t size = 0;
  if (lzma_easy_buffer_encode(6, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                              reinterpret_cast<uint8_t*>(packed.data()), &size, packed.size()) != LZMA_OK)
    throw std::runtime_error("lzma_easy_buffer_encode");
  packed.resize(size);
  return packed;
}

/// A zip of stored (not compressed) members.
inline std::string Zip(const std::vector<std::pair<std::string, std::string>>& members) {
  auto number = [](size_t value, int bytes) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xff);
    return out;
  };
  std::string files;
  std::string folder;
  for (const auto& [name, text] : members) {
    size_t crc = crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size()));
    // version, flags, method, time, date (1980-01-01), crc, packed size, size, length of the name, of the extra field
    std::string facts = number(20, 2) + number(0, 6) + number(0x21, 2) + number(crc, 4) + number(text.size(), 4) +
                        number(text.size(), 4) + number(name.size(), 2) + number(0, 2);
    folder += "PK\x01\x02" + number(0x031e, 2) + facts + number(0, 6) + number(0x81800000, 4) +
              number(files.size(), 4) + name;
    files += "PK\x03\x04" + facts + name + text;
  }
  return files + folder + "PK\x05\x06" + number(0, 4) + number(members.size(), 2) + number(members.size(), 2) +
         number(folder.size(), 4) + number(files.size(), 4) + number(0, 2);
}

}  // namespace leat::test
