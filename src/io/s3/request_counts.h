#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace leat::io::s3 {

/// What stores charge for, by kind.
enum class RequestKind { kGet, kHead, kPut, kList, kDelete };
inline constexpr std::array<std::string_view, 5> kRequestKindNames{"get", "head", "put", "list", "delete"};

/// Requests sent so far, each try counted. Thread-safe.
class RequestCounts {
 public:
  void Add(RequestKind kind) { sent_[static_cast<size_t>(kind)].fetch_add(1, std::memory_order_relaxed); }
  void AddRetry() { retries_.fetch_add(1, std::memory_order_relaxed); }
  void AddBytes(int64_t read, int64_t written) {
    read_bytes_.fetch_add(read, std::memory_order_relaxed);
    written_bytes_.fetch_add(written, std::memory_order_relaxed);
  }

  struct Totals {
    std::array<int64_t, kRequestKindNames.size()> sent{};
    int64_t retries = 0;
    int64_t read_bytes = 0;
    int64_t written_bytes = 0;

    int64_t all() const {
      int64_t sum = 0;
      for (const int64_t one : sent) sum += one;
      return sum;
    }
    void Add(const Totals& more) {
      for (size_t i = 0; i < sent.size(); ++i) sent[i] += more.sent[i];
      retries += more.retries;
      read_bytes += more.read_bytes;
      written_bytes += more.written_bytes;
    }
    /// What came after `earlier`.
    Totals Since(const Totals& earlier) const {
      Totals since = *this;
      for (size_t i = 0; i < sent.size(); ++i) since.sent[i] -= earlier.sent[i];
      since.retries -= earlier.retries;
      since.read_bytes -= earlier.read_bytes;
      since.written_bytes -= earlier.written_bytes;
      return since;
    }
  };
  Totals totals() const {
    Totals now;
    for (size_t i = 0; i < sent_.size(); ++i) now.sent[i] = sent_[i].load(std::memory_order_relaxed);
    now.retries = retries();
    now.read_bytes = read_bytes();
    now.written_bytes = written_bytes();
    return now;
  }

  int64_t sent(RequestKind kind) const { return sent_[static_cast<size_t>(kind)].load(std::memory_order_relaxed); }
  int64_t retries() const { return retries_.load(std::memory_order_relaxed); }
  int64_t read_bytes() const { return read_bytes_.load(std::memory_order_relaxed); }
  int64_t written_bytes() const { return written_bytes_.load(std::memory_order_relaxed); }

 private:
  std::array<std::atomic<int64_t>, kRequestKindNames.size()> sent_{};
  std::atomic<int64_t> retries_{0};
  std::atomic<int64_t> read_bytes_{0};
  std::atomic<int64_t> written_bytes_{0};
};

}  // namespace leat::io::s3
