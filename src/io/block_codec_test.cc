#include "io/block_codec.h"

#include <bzlib.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <snappy.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <random>
#include <vector>

namespace leat::io {
namespace {

constexpr size_t kMost = size_t{1} << 24;

std::string PackSnappy(const std::string& text) {
  std::string out;
  snappy::Compress(text.data(), text.size(), &out);
  const auto sum =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((sum >> shift) & 0xff);
  return out;
}

std::string Pack(BlockCodec codec, const std::string& text) {
  std::string out(text.size() + 4096, '\0');
  switch (codec) {
    case BlockCodec::kNone: return text;
    case BlockCodec::kDeflate: return DeflateBlock(text);
    case BlockCodec::kSnappy: return PackSnappy(text);
    case BlockCodec::kBareSnappy: return PackSnappy(text).substr(0, PackSnappy(text).size() - 4);
    case BlockCodec::kZstandard: out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3)); break;
    case BlockCodec::kBzip2: {
      auto size = static_cast<unsigned>(out.size());
      BZ2_bzBuffToBuffCompress(out.data(), &size, const_cast<char*>(text.data()), static_cast<unsigned>(text.size()), 9,
                               0, 0);
      out.resize(size);
      break;
    }
    case BlockCodec::kXz: {
      size_t size = 0;
      lzma_easy_buffer_encode(1, LZMA_CHECK_CRC64, nullptr, reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                              reinterpret_cast<uint8_t*>(out.data()), &size, out.size());
      out.resize(size);
      break;
    }
  }
  return out;
}

const std::vector<std::string> kNames = {"null", "deflate", "snappy", "zstandard", "bzip2", "xz"};

TEST(BlockCodec, GivesBackWhatWasPacked) {
  std::mt19937 random(7);
  std::string noise(300'000, '\0');
  for (char& byte : noise) byte = static_cast<char>(random());
  std::string even(2'000'000, 'x');
  for (const std::string& name : kNames) {
    const BlockCodec codec = FindBlockCodec(name).value_or(BlockCodec::kNone);
    for (const std::string& text : {std::string(), std::string("a"), std::string(4096, 'q'), noise, even}) {
      const auto back = UnpackBlock(codec, Pack(codec, text), kMost);
      ASSERT_TRUE(back.ok()) << name << ": " << back.error().ToString();
      EXPECT_TRUE(*back == text) << name << " of " << text.size();
      if (text.size() <= 1) continue;
      EXPECT_EQ(UnpackBlock(codec, Pack(codec, text), text.size() - 1).error().code(), "IO-405") << name;
      EXPECT_TRUE(UnpackBlock(codec, Pack(codec, text), text.size()).ok()) << name;
    }
  }
  EXPECT_FALSE(FindBlockCodec("lz4"));
  EXPECT_EQ(BlockCodecNames(), "null, deflate, snappy, zstandard, bzip2, xz");
}

TEST(BlockCodec, RefusesWhatIsCutOffOrHasMoreBehind) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919);
  for (const std::string& name : kNames) {
    if (name == "null") continue;
    const BlockCodec codec = FindBlockCodec(name).value_or(BlockCodec::kNone);
    const std::string packed = Pack(codec, text);
    for (const size_t size : {size_t{0}, size_t{1}, packed.size() / 2, packed.size() - 1})
      EXPECT_EQ(UnpackBlock(codec, packed.substr(0, size), kMost).error().code(), "IO-405") << name << " " << size;
    // Some writers leave a part of zlib's checksum there.
    EXPECT_EQ(UnpackBlock(codec, packed + "?", kMost).ok(), name == "deflate") << name;
  }
}

TEST(BlockCodec, SnappyWithoutASum) {
  std::string packed;
  snappy::Compress("some text", 9, &packed);
  EXPECT_EQ(*UnpackBlock(BlockCodec::kBareSnappy, packed, kMost), "some text");
  EXPECT_EQ(UnpackBlock(BlockCodec::kBareSnappy, packed, 8).error().code(), "IO-405");
  packed.pop_back();
  EXPECT_EQ(UnpackBlock(BlockCodec::kBareSnappy, packed, kMost).error().code(), "IO-405");
}

TEST(BlockCodec, ChecksTheSumOfSnappy) {
  std::string packed = PackSnappy("some text");
  packed.back() = static_cast<char>(packed.back() ^ 1);
  const auto read = UnpackBlock(BlockCodec::kSnappy, packed, kMost);
  ASSERT_FALSE(read.ok());
  EXPECT_NE(read.error().message().find("checksum"), std::string::npos);
}

TEST(BlockCodec, NoBytesMakeItCrash) {
  std::mt19937 random(11);
  std::string text;
  for (int i = 0; i < 500; ++i) text += std::to_string(i);
  for (const std::string& name : kNames) {
    const BlockCodec codec = FindBlockCodec(name).value_or(BlockCodec::kNone);
    const std::string packed = Pack(codec, text);
    for (int i = 0; i < 400; ++i) {
      std::string broken = packed;
      for (int flips = 1 + i % 4; flips > 0; --flips) {
        char& byte = broken[random() % broken.size()];
        byte = static_cast<char>(byte ^ (1 << (random() % 8)));
      }
      const auto read = UnpackBlock(codec, broken, kMost);
      if (!read.ok()) {
        EXPECT_EQ(read.error().code(), "IO-405");
      }
    }
  }
}

}  // namespace
}  // namespace leat::io
