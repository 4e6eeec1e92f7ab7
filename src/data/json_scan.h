#pragma once

#include <string>
#include <string_view>

namespace leat::data {

/// A cursor over JSON text (RFC 8259) in memory. It copies nothing: values are the pieces of the text that they stand in, so
/// numbers keep all their digits. Every Take leaves the cursor where it was when there is no such thing, but for malformed text.
class JsonScanner {
 public:
  static constexpr int kDeepest = 128;  ///< levels of nesting; deeper text is malformed

  /// What a sound value is. kEngine: as the SQL engine's reader has it, which takes NaN and Infinity too, in any case and with
  /// a sign, and a comma before a closing bracket, and refuses broken surrogates.
  enum class Rules { kRfc8259, kEngine };

  explicit JsonScanner(std::string_view text, Rules rules = Rules::kRfc8259) : text_(text), rules_(rules) {}

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
  bool IsSoundString(std::string_view raw) const;
  bool IsSoundBare(std::string_view text) const;

  std::string_view text_;
  Rules rules_;
  size_t at_ = 0;
};

/// The text that stands between the quotes of a string, escapes resolved. False: a broken escape or surrogate.
bool UnescapeJson(std::string_view raw, std::string& text);
/// A value as text: a string without quotes and escapes, anything else as it stands.
bool JsonValueText(std::string_view value, std::string& text);

}  // namespace leat::data
