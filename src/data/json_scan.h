#pragma once

#include <string>
#include <string_view>

namespace leat::data {

/// A cursor over JSON text (RFC 8259) in memory. It copies nothing: values are the pieces of the text that they stand in, so
/// numbers keep all their digits. Every Take leaves the cursor where it was when there is no such thing, but for malformed text.
class JsonScanner {
 public:
  static constexpr int kDeepest = 128;  ///< levels of nesting; deeper text is malformed

  explicit JsonScanner(std::string_view text) : text_(text) {}

  void SkipSpace();
  bool AtEnd();                            ///< nothing but space is left
  bool Take(char c);                       ///< one of {}[]:,
  bool TakeString(std::string_view& raw);  ///< the text between the quotes, escapes as they stand
  /// Any value, strings with their quotes. Finds only where it ends: what is inside objects and lists is not looked at.
  bool TakeValue(std::string_view& raw);
  /// The same, and all of it is JSON as it should be.
  bool TakeSoundValue(std::string_view& raw, int depth = 0);
  size_t at() const { return at_; }

 private:
  std::string_view text_;
  size_t at_ = 0;
};

/// The text that stands between the quotes of a string, escapes resolved. False: a broken escape or surrogate.
bool UnescapeJson(std::string_view raw, std::string& text);
/// A value as text: a string without quotes and escapes, anything else as it stands.
bool JsonValueText(std::string_view value, std::string& text);

}  // namespace leat::data
