#include "base/ids.h"

#include <sys/random.h>

#include <array>
#include <cctype>
#include <chrono>
#include <mutex>

#include <fmt/format.h>

namespace leat {
namespace {

template <size_t N>
std::array<uint8_t, N> RandomBytes() {
  std::array<uint8_t, N> bytes{};
  size_t done = 0;
  while (done < N) {
    const ssize_t got = getrandom(bytes.data() + done, N - done, 0);
    if (got > 0) done += static_cast<size_t>(got);
  }
  return bytes;
}

std::string Format(const std::array<uint8_t, 16>& b) {
  return fmt::format(
      "{:02x}{:02x}{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}", b[0],
      b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
}

}  // namespace

std::string NewUuidV7() {
  static std::mutex mutex;
  static uint64_t last = 0;
  // 48 bits of milliseconds and 12 bits of fraction make one counter that only grows.
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  const auto nanos = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
  uint64_t stamp = ((nanos / 1'000'000) << 12) | ((nanos % 1'000'000) * 4096 / 1'000'000);
  {
    std::lock_guard lock(mutex);
    if (stamp <= last) stamp = last + 1;
    last = stamp;
  }
  auto bytes = RandomBytes<16>();
  for (int i = 0; i < 6; ++i) bytes[static_cast<size_t>(i)] = static_cast<uint8_t>(stamp >> (52 - 8 * i));
  bytes[6] = static_cast<uint8_t>(0x70 | ((stamp >> 8) & 0x0f));
  bytes[7] = static_cast<uint8_t>(stamp & 0xff);
  bytes[8] = static_cast<uint8_t>(0x80 | (bytes[8] & 0x3f));
  return Format(bytes);
}

std::string NewUuidV4() {
  auto bytes = RandomBytes<16>();
  bytes[6] = static_cast<uint8_t>(0x40 | (bytes[6] & 0x0f));
  bytes[8] = static_cast<uint8_t>(0x80 | (bytes[8] & 0x3f));
  return Format(bytes);
}

int64_t NewSnapshotId() {
  while (true) {
    const auto bytes = RandomBytes<8>();
    uint64_t value = 0;
    for (const uint8_t byte : bytes) value = (value << 8) | byte;
    value &= 0x7fffffffffffffffULL;
    if (value != 0) return static_cast<int64_t>(value);
  }
}

std::string RandomHex(size_t count) {
  std::string text;
  while (text.size() < count * 2) {
    const auto bytes = RandomBytes<32>();
    for (const uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  }
  text.resize(count * 2);
  return text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < 36; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : std::isxdigit(static_cast<unsigned char>(text[i])) == 0) return false;
  }
  return true;
}

}  // namespace leat
