#include "component/file_expectation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <sstream>
#include <string_view>
#include <utility>

#include "base/lower.h"

namespace leat::component {
namespace {

using config::FieldSpec;
using config::FieldType;

constexpr size_t kShownMissing = 5;

/// "2026-11-20" and "2026-11".
std::optional<TimeMicros> DateText(const std::string& text) {
  const Result<TimeMicros> time = ParseTime(text.size() == 7 ? text + "-01" : text);
  return time.ok() ? std::optional<TimeMicros>(*time) : std::nullopt;
}

constexpr std::array<std::pair<const char*, size_t>, 4> kDigests = {
    {{"md5", 32}, {"sha1", 40}, {"sha256", 64}, {"sha512", 128}}};

bool IsHex(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
}

std::optional<int64_t> WholeNumber(std::string_view text) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failure == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional<int64_t>(number) : std::nullopt;
}

/// What stands behind a name; each kind once. False: none of them.
bool ReadManifestWord(const std::string& word, ExpectedFile& file) {
  const size_t colon = word.find(':');
  if (colon == std::string::npos) {
    if (file.size_bytes) return false;
    file.size_bytes = WholeNumber(word);
    return file.size_bytes.has_value();
  }
  const std::string name = word.substr(0, colon), value = word.substr(colon + 1);
  if (name == "rows" && !file.rows) {
    file.rows = WholeNumber(value);
    return file.rows.has_value();
  }
  for (const auto& [digest, digits] : kDigests) {
    if (name != digest || !file.digest.empty() || value.size() != digits || !IsHex(value)) continue;
    file.digest = digest;
    file.digest_hex = Lower(value);
    return true;
  }
  return false;
}

/// A checksum, and behind it a blank, a blank or an asterisk, and the name up to the end of the line.
bool ReadChecksumLine(const std::string& line, ExpectedFile& file) {
  for (const auto& [digest, digits] : kDigests) {
    if (line.size() < digits + 3 || line[digits] != ' ' || (line[digits + 1] != ' ' && line[digits + 1] != '*') ||
        !IsHex(line.substr(0, digits)))
      continue;
    file.name = line.substr(digits + 2);
    while (file.name.ends_with('\r')) file.name.pop_back();
    file.digest = digest;
    file.digest_hex = Lower(line.substr(0, digits));
    return true;
  }
  return false;
}

bool EndsInName(const std::string& path, const std::string& name) { return path == name || path.ends_with("/" + name); }

}  // namespace

FieldSpec ExpectField() {
  FieldSpec expect;
  expect.name = "expect";
  expect.type = FieldType::kObject;
  expect.description =
      "Which files shall be there and by when (patterns with dates): what depends on the table waits for them.";
  expect.example = "{ every: day, count: 24, by: '06:00' }";
  expect.fields = {
      {.name = "every",
       .type = FieldType::kEnum,
       .description = "How long a period is; weeks begin on Monday.",
       .default_value = "day",
       .allowed = {"hour", "day", "week", "month"}},
      {.name = "count",
       .type = FieldType::kInteger,
       .description = "Files of one period.",
       .default_value = "1",
       .minimum = 1,
       .maximum = 100000},
      {.name = "by",
       .description = "When a period must be complete, as hours and minutes after its end; before, nothing is missing.",
       .default_value = "00:00",
       .example = "'06:00'"},
      {.name = "time_zone",
       .description = "The zone of the dates in the names and of `by`: an IANA name.",
       .default_value = "UTC",
       .example = "Europe/Berlin"},
      {.name = "since",
       .description = "The first period that counts; default: the first that has files.",
       .example = "2026-11-01"},
      {.name = "manifest",
       .description =
           "A file per period that names its files, one a line, with sizes in bytes, checksums and rows if known; "
           "it stands for `count`.",
       .example = "'orders_{yyyy-MM-dd}.manifest'"},
      {.name = "accept",
       .type = FieldType::kList,
       .description = "Periods that may stay incomplete.",
       .example = "[2026-11-03]"},
      {.name = "on_fail",
       .type = FieldType::kEnum,
       .description = "A period that is due and not complete: block the table and what depends on it, or warn.",
       .default_value = "block",
       .allowed = {"warn", "block"}},
      {.name = "wait",
       .type = FieldType::kBoolean,
       .description = "Read the files of a period only once it is complete or due.",
       .default_value = "false"},
  };
  return expect;
}

Result<std::optional<FileExpectation>> ReadExpectation(const config::Values& table) {
  const config::Values* values = table.Has("expect") ? table.Object("expect") : nullptr;
  if (values == nullptr) return std::optional<FileExpectation>();
  FileExpectation expect;
  const std::string every = values->Text("every");
  expect.every = every == "hour"    ? PeriodKind::kHour
                 : every == "week"  ? PeriodKind::kWeek
                 : every == "month" ? PeriodKind::kMonth
                                    : PeriodKind::kDay;
  expect.count = values->Integer("count");
  const std::string by = values->Text("by");
  int hours = 0, minutes = 0, used = 0;
  if (std::sscanf(by.c_str(), "%d:%2d%n", &hours, &minutes, &used) != 2 || used != static_cast<int>(by.size()) ||
      hours < 0 || minutes < 0 || minutes > 59) {
    return MakeError("SRC-207", ErrorKind::kConfig, "expect.by: '{}' is no time of the form HH:MM", by)
        .At(values->Where("by"))
        .WithHint("hours and minutes after the end of the period, in quotes: by: '06:00'");
  }
  expect.by_minutes = hours * 60 + minutes;
  const auto date = [&](const std::string& text, const char* field) -> Result<TimeMicros> {
    const std::optional<TimeMicros> time = DateText(text);
    if (time) return PeriodBegin(*time, expect.every);
    return MakeError("SRC-207", ErrorKind::kConfig, "expect.{}: '{}' is no date", field, text)
        .At(values->Where(field))
        .WithHint("write it as 2026-11-20");
  };
  if (const std::string zone = values->Text("time_zone"); zone != "UTC") {
    Result<TimeZone> loaded = TimeZone::Load(zone);
    if (!loaded.ok()) {
      return MakeError("SRC-207", ErrorKind::kConfig, "expect.time_zone: '{}' is no time zone of this machine", zone)
          .At(values->Where("time_zone"))
          .WithHint("an IANA name: UTC, Europe/Berlin");
    }
    expect.zone = std::make_shared<const TimeZone>(std::move(loaded).value());
  }
  if (values->Has("since")) {
    LEAT_ASSIGN(expect.since, date(values->Text("since"), "since"));
  }
  for (const std::string& text : values->TextList("accept")) {
    LEAT_ASSIGN(const TimeMicros begin, date(text, "accept"));
    expect.accept.insert(begin);
  }
  expect.manifest = values->Text("manifest");
  if (!expect.manifest.empty()) {
    LEAT_ASSIGN(const DatePattern pattern, DatePattern::Parse(expect.manifest));
    if (!pattern.has_date() || pattern.has_wildcards()) {
      return MakeError("SRC-207", ErrorKind::kConfig, "expect.manifest: '{}' {}", expect.manifest,
                       pattern.has_date() ? "has a wildcard" : "names no date")
          .At(values->Where("manifest"))
          .WithHint("it names one file of each period: 'orders_{yyyy-MM-dd}.manifest'");
    }
  }
  expect.block = values->Text("on_fail") != "warn";
  expect.wait = values->Boolean("wait");
  return std::optional<FileExpectation>(std::move(expect));
}

std::vector<ExpectedFile> NamesOfPeriod(const FileExpectation& expect, const DatePattern& pattern, TimeMicros begin) {
  std::vector<ExpectedFile> names;
  const std::optional<PeriodKind> finest = pattern.finest();
  if (pattern.has_wildcards() || !finest) return names;
  // One file for each of the pattern's own periods inside of this one.
  const TimeMicros end = NextPeriod(begin, expect.every);
  for (TimeMicros at = begin; at < end; at = NextPeriod(at, *finest)) names.push_back({pattern.Fill(at), std::nullopt});
  if (static_cast<int64_t>(names.size()) != expect.count) names.clear();
  return names;
}

std::map<std::string, ExpectedFile> PromisesOf(const ArrivedFiles& arrived, const std::vector<ExpectedFile>& names) {
  std::map<std::string, ExpectedFile> promises;
  for (const ExpectedFile& file : names) {
    if (file.digest.empty() && !file.rows) continue;
    for (const auto& [path, size] : arrived) {
      if (EndsInName(path, file.name)) promises[path] = file;
    }
  }
  return promises;
}

Result<std::vector<ExpectedFile>> ParseManifest(const std::string& text, const std::string& origin) {
  std::vector<ExpectedFile> files;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    std::istringstream words(line);
    ExpectedFile file;
    words >> file.name;
    if (file.name.empty() || file.name.starts_with('#')) continue;
    if (ReadChecksumLine(line, file)) {
      files.push_back(std::move(file));
      continue;
    }
    bool good = true;
    for (std::string word; words >> word;) good = good && ReadManifestWord(word, file);
    if (!good) {
      return MakeError("SRC-208", ErrorKind::kData, "{}:{}: '{}' is no file name with what is known of it", origin,
                       number, line)
          .WithHint(
              "a manifest has one file a line: its name and, if known, its size in bytes, md5:… or sha256:… and rows:…; or "
              "lines as sha256sum writes them");
    }
    files.push_back(std::move(file));
  }
  return files;
}

TimeMicros DueTime(const FileExpectation& expect, TimeMicros begin) {
  const TimeMicros civil = NextPeriod(begin, expect.every) + expect.by_minutes * 60'000'000;
  return expect.zone == nullptr ? civil : expect.zone->ToUtc(civil);
}

TimeMicros CivilTime(const FileExpectation& expect, TimeMicros instant) {
  return expect.zone == nullptr ? instant : instant + expect.zone->OffsetSeconds(instant) * 1'000'000;
}

std::optional<IncompletePeriod> LookAtPeriod(const FileExpectation& expect, TimeMicros begin,
                                             const ArrivedFiles& arrived, const std::vector<ExpectedFile>& names) {
  IncompletePeriod period;
  period.begin = begin;
  period.due = DueTime(expect, begin);
  period.wanted = names.empty() ? static_cast<size_t>(expect.count) : names.size();
  period.arrived = arrived.size();
  if (!names.empty()) {
    period.arrived = 0;
    for (const ExpectedFile& file : names) {
      std::string wrong = file.name;
      for (const auto& [path, size] : arrived) {
        if (!EndsInName(path, file.name)) continue;
        wrong = !file.size_bytes || *file.size_bytes == size
                    ? ""
                    : fmt::format("{} ({} bytes, not {})", file.name, size, *file.size_bytes);
        if (wrong.empty()) break;
      }
      if (wrong.empty()) ++period.arrived;
      else period.missing.push_back(wrong);
    }
  }
  if (period.arrived >= period.wanted) return std::nullopt;
  period.text = fmt::format("{}: {} of {} files", PeriodText(begin, expect.every), period.arrived, period.wanted);
  for (size_t i = 0; i < std::min(kShownMissing, period.missing.size()); ++i)
    period.text += (i == 0 ? "; missing " : ", ") + period.missing[i];
  if (period.missing.size() > kShownMissing)
    period.text += fmt::format(" and {} more", period.missing.size() - kShownMissing);
  return period;
}

}  // namespace leat::component
