#include "base/time_zone.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

namespace leat {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr size_t kHeaderBytes = 44;

int64_t BigEndian(std::string_view bytes, size_t at, size_t width) {
  uint64_t value = (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<int64_t>(value);
}

/// Days since 1970-01-01 of the first of a month.
int64_t FirstOfMonth(int64_t year, int month) {
  const std::string text = fmt::format("{:04}-{:02}-01", year, month);
  const Result<TimeMicros> time = ParseTime(text);
  return time.ok() ? *time / (86'400 * kSecond) : 0;
}

int64_t YearOf(int64_t utc_seconds) { return std::strtoll(FormatTime(utc_seconds * kSecond).c_str(), nullptr, 10); }

/// "<+0330>" or "CET" -> skipped; false at anything else.
bool SkipName(std::string_view& rest) {
  size_t end = 0;
  if (rest.starts_with('<')) {
    end = rest.find('>');
    if (end == std::string_view::npos) return false;
    ++end;
  } else {
    while (end < rest.size() && ((rest[end] | 0x20) >= 'a' && (rest[end] | 0x20) <= 'z')) ++end;
  }
  rest.remove_prefix(end);
  return end >= 3;
}

std::optional<int64_t> TakeInteger(std::string_view& rest) {
  size_t digits = 0;
  int64_t value = 0;
  while (digits < rest.size() && rest[digits] >= '0' && rest[digits] <= '9')
    value = value * 10 + (rest[digits++] - '0');
  if (digits == 0 || digits > 6) return std::nullopt;
  rest.remove_prefix(digits);
  return value;
}

/// [+-]h[h][:mm[:ss]] in seconds.
std::optional<int64_t> TakeSpan(std::string_view& rest) {
  const bool negative = rest.starts_with('-');
  if (negative || rest.starts_with('+')) rest.remove_prefix(1);
  int64_t seconds = 0;
  int64_t unit = 3600;
  for (bool more = true; more && unit > 0; unit /= 60) {
    const auto number = TakeInteger(rest);
    if (!number) return std::nullopt;
    seconds += *number * unit;
    more = rest.starts_with(':');
    if (more) rest.remove_prefix(1);
  }
  return negative ? -seconds : seconds;
}

}  // namespace

bool TimeZone::ParseRule(std::string_view text) {
  if (!SkipName(text)) return false;
  const auto standard = TakeSpan(text);
  if (!standard) return false;
  rule_.standard = rule_.daylight = -*standard;  // POSIX counts west of Greenwich
  rule_.known = true;
  if (text.empty()) return true;
  if (!SkipName(text)) return false;
  rule_.daylight = rule_.standard + 3600;
  if (!text.empty() && text.front() != ',') {
    const auto daylight = TakeSpan(text);
    if (!daylight) return false;
    rule_.daylight = -*daylight;
  }
  for (Change* change : {&rule_.begin, &rule_.end}) {
    if (!text.starts_with(",M")) return false;
    text.remove_prefix(2);
    for (int* part : {&change->month, &change->week, &change->day}) {
      const auto number = TakeInteger(text);
      if (!number) return false;
      *part = static_cast<int>(*number);
      if (part != &change->day) {
        if (!text.starts_with('.')) return false;
        text.remove_prefix(1);
      }
    }
    if (change->month < 1 || change->month > 12 || change->week < 1 || change->week > 5 || change->day > 6)
      return false;
    if (!text.starts_with('/')) continue;
    text.remove_prefix(1);
    const auto time = TakeSpan(text);
    if (!time) return false;
    change->seconds = *time;
  }
  rule_.changes = true;
  return text.empty();
}

int64_t TimeZone::OffsetByRule(int64_t utc_seconds) const {
  if (!rule_.changes) return rule_.standard;
  const int64_t year = YearOf(utc_seconds + rule_.standard);
  const auto local = [year](const Change& change) {
    const int64_t first = FirstOfMonth(year, change.month);
    const int64_t next = change.month == 12 ? FirstOfMonth(year + 1, 1) : FirstOfMonth(year, change.month + 1);
    const int64_t weekday = (first % 7 + 11) % 7;  // 1970-01-01 was a Thursday, day 4
    int64_t day = first + (change.day - weekday + 7) % 7 + int64_t{7} * (change.week - 1);
    if (day >= next) day -= 7;
    return day * 86'400 + change.seconds;
  };
  const int64_t begin = local(rule_.begin) - rule_.standard;
  const int64_t end = local(rule_.end) - rule_.daylight;
  const bool daylight =
      begin < end ? utc_seconds >= begin && utc_seconds < end : utc_seconds < end || utc_seconds >= begin;
  return daylight ? rule_.daylight : rule_.standard;
}

int64_t TimeZone::OffsetSeconds(TimeMicros utc) const {
  const int64_t seconds = utc >= 0 ? utc / kSecond : (utc - kSecond + 1) / kSecond;
  const auto next = std::upper_bound(times_.begin(), times_.end(), seconds);
  if (next == times_.end() && rule_.known) return OffsetByRule(seconds);
  if (next == times_.begin()) return first_offset_;
  return offsets_[static_cast<size_t>(next - times_.begin()) - 1];
}

TimeMicros TimeZone::ToUtc(int64_t local) const {
  // The offsets on both sides of a change that is near: the earlier instant that shows `local` is right.
  const int64_t before = OffsetSeconds(local - 86'400 * kSecond);
  const TimeMicros first = local - before * kSecond;
  if (OffsetSeconds(first) == before) return first;
  const TimeMicros second = local - OffsetSeconds(first) * kSecond;
  return OffsetSeconds(second) * kSecond == local - second ? second : first;
}

Result<TimeZone> TimeZone::Load(const std::string& name) {
  if (name == "UTC") {
    TimeZone utc;
    utc.name_ = name;
    return utc;
  }
  const bool plain = !name.empty() && name.front() != '/' && name.find("..") == std::string::npos;
  std::ifstream file(plain ? "/usr/share/zoneinfo/" + name : "", std::ios::binary);
  if (!file) {
    return MakeError("BASE-111", ErrorKind::kNotFound, "'{}' is not a time zone of this machine", name)
        .WithHint("an IANA name such as UTC, Europe/Berlin or America/New_York; zones come with the package tzdata");
  }
  return Parse(name, std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>()));
}

Result<TimeZone> TimeZone::Parse(const std::string& name, std::string_view bytes) {
  const Error bad = MakeError("BASE-111", ErrorKind::kNotFound, "the file of the time zone '{}' is damaged", name)
                        .WithHint("install the package tzdata again");
  size_t at = 0;
  size_t width = 4;
  TimeZone zone;
  zone.name_ = name;
  for (;;) {
    if (bytes.size() < at + kHeaderBytes || bytes.substr(at, 4) != "TZif") return bad;
    const bool wide = bytes[at + 4] >= '2';
    const auto count = [&](size_t i) { return static_cast<size_t>(BigEndian(bytes, at + 20 + i * 4, 4)); };
    const size_t utc = count(0), standard = count(1), leaps = count(2), times = count(3), types = count(4),
                 chars = count(5);
    const size_t begin = at + kHeaderBytes;
    const size_t end = begin + times * (width + 1) + types * 6 + chars + leaps * (width + 4) + standard + utc;
    if (types == 0 || types > 256 || times > 100'000 || end > bytes.size() || end < begin) return bad;
    if (wide && width == 4) {  // the second block has what the first one has, with 64 bits
      at = end;
      width = 8;
      continue;
    }
    const size_t kinds = begin + times * width;
    const auto offset = [&](size_t type) { return BigEndian(bytes, kinds + times + type * 6, 4); };
    for (size_t i = 0; i < times; ++i) {
      const auto type = static_cast<unsigned char>(bytes[kinds + i]);
      if (type >= types) return bad;
      zone.times_.push_back(BigEndian(bytes, begin + i * width, width));
      zone.offsets_.push_back(offset(type));
    }
    if (!std::is_sorted(zone.times_.begin(), zone.times_.end())) return bad;
    zone.first_offset_ = offset(0);
    std::string_view rule = width == 8 ? bytes.substr(end) : std::string_view();
    if (rule.starts_with('\n')) rule.remove_prefix(1);
    rule = rule.substr(0, rule.find('\n'));
    if (!rule.empty() && !zone.ParseRule(rule)) zone.rule_ = {};  // the last offset holds on
    return zone;
  }
}

}  // namespace leat
