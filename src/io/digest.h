#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace leat::io {

/// A checksum that others give for a content that comes in pieces: md5, sha-1, sha-256 or sha-512.
class Digest {
 public:
  /// `name` in any case, with or without '-'. nullopt: none of these, or the machine's rules forbid it.
  static std::optional<Digest> Of(std::string_view name);
  Digest(Digest&&) noexcept;
  Digest& operator=(Digest&&) noexcept;
  ~Digest();

  void Add(std::string_view bytes);
  /// Its bytes, over everything so far. Nothing may be added after it.
  std::string Finish();

 private:
  struct State;
  explicit Digest(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace leat::io
