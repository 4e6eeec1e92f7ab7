#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace leat::io {

/// The hash of HashBytes, of content that comes in pieces.
class ContentHasher {
 public:
  ContentHasher();
  ~ContentHasher();
  ContentHasher(const ContentHasher&) = delete;
  ContentHasher& operator=(const ContentHasher&) = delete;

  void Add(std::string_view bytes);
  /// Of everything so far, 32 lower-case hex digits.
  std::string Hash() const;

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace leat::io
