#include "run/look_back.h"

#include <algorithm>

#include "base/clock.h"
#include "config/scalar.h"

namespace leat::run {
namespace {

constexpr size_t kDateLength = 10;
constexpr TimeMicros kDay = 86'400'000'000;

/// Where the zone of a time begins ("Z", "+01"); its length when there is none.
size_t ZoneAt(const std::string& text) {
  const size_t at = text.find_first_of("Zz+-", std::min(text.size(), kDateLength));
  return at == std::string::npos ? text.size() : at;
}

}  // namespace

Result<std::string> EarlierBookmark(const std::string& bookmark, const std::string& look_back) {
  const auto wrong = [&] {
    return MakeError("RUN-547", ErrorKind::kConfig, "look_back {} cannot be taken off the bookmark '{}'", look_back,
                     bookmark)
        .WithHint("an update_key that is a date or a time takes a span (2h, 3d), a whole number takes a number");
  };
  const auto span = config::ParseDuration(look_back);
  const auto amount = config::ParseInteger(look_back);
  if (const auto number = config::ParseInteger(bookmark)) {
    int64_t earlier = 0;
    if (!amount || __builtin_sub_overflow(*number, *amount, &earlier)) return wrong();
    return std::to_string(earlier);
  }
  if (!span || (amount && *amount != 0)) return wrong();
  const size_t zone = ZoneAt(bookmark);
  const std::string local = bookmark.substr(0, zone);  // the shift is the same in any zone
  const Result<TimeMicros> time = ParseTime(local);
  if (!time.ok()) return wrong();
  TimeMicros back = span->count();
  if (local.size() == kDateLength) back = (back + kDay - 1) / kDay * kDay;
  const std::string shifted = FormatTime(*time - back);  // 2026-01-31T12:00:00.500000Z
  if (shifted.size() < 19 || *time - back < -62'135'596'800'000'000) return wrong();
  std::string text = shifted.substr(0, std::min<size_t>(local.size(), 19));
  if (text.size() > kDateLength) text[kDateLength] = local[kDateLength];
  const size_t dot = local.find('.');
  if (dot != std::string::npos) {
    const size_t digits = local.size() - dot - 1;
    std::string fraction = shifted.size() > 20 ? shifted.substr(20, 6) : "000000";
    if (digits > 6) fraction += local.substr(dot + 7);  // finer than a microsecond: as it was
    text += "." + fraction.substr(0, digits);
  }
  return text + bookmark.substr(zone);
}

}  // namespace leat::run
