#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::data {

/// A place in JSON text, a part of RFC 9535: `$.data.items[*]`, `price.currency`, `['odd name'][0]`. `$` is the whole text; a path
/// without it begins at the value that it is asked of. `^.id` begins at the value around it, `^^.id` at the one around that.
class JsonPath {
 public:
  /// DATA-120 kConfig with what was expected.
  static Result<JsonPath> Parse(const std::string& text);

  /// How many levels up it begins: 0, or the number of ^; -1 for $.
  int up() const { return up_; }
  bool from_root() const { return up_ < 0; }
  const std::string& text() const { return text_; }

  /// The value there, as it stands; nullopt where there is none. `[*]` means the first.
  std::optional<std::string_view> Find(std::string_view value) const;

  /// What Each gives: the whole text, the value at each [*] on the way, the record.
  using Chain = std::vector<std::string_view>;
  enum class Outcome { kFound, kAbsent, kMalformed };
  /// Calls `take` for each value that the path means in `root`, in order; a list at its end stands for its items, null for nothing.
  /// Stops at the first error of `take`. kAbsent: a member on the way is not there.
  Result<Outcome> Each(std::string_view root, const std::function<Status(const Chain&)>& take) const;

  /// The value of this path for a record: climbs `chain` as it says.
  std::optional<std::string_view> FindFor(const Chain& chain) const;

 private:
  struct Step {
    enum class Kind { kMember, kIndex, kAll } kind = Kind::kMember;
    std::string name;
    int64_t index = 0;
  };
  Result<Outcome> EachFrom(size_t step, std::string_view value, Chain& chain,
                           const std::function<Status(const Chain&)>& take) const;

  std::string text_;
  int up_ = 0;
  std::vector<Step> steps_;
};

/// Calls `take` for each member of an object, names unescaped. False when it is no object or malformed.
bool EachMember(std::string_view object,
                const std::function<void(const std::string& name, std::string_view value)>& take);

}  // namespace leat::data
