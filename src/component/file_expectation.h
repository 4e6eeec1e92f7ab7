#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/time_zone.h"
#include "component/date_pattern.h"
#include "config/field.h"

namespace leat::component {

/// What `expect:` of a table says: which files shall be there, and when. Periods are civil times of its zone.
struct FileExpectation {
  PeriodKind every = PeriodKind::kDay;
  int64_t count = 1;                     ///< files of a period, where no manifest names them
  int64_t by_minutes = 0;                ///< after the end of the period
  std::shared_ptr<const TimeZone> zone;  ///< of the dates in names and of `by`; null: UTC
  std::optional<TimeMicros> since;       ///< begin of the first period that counts
  std::string manifest;                  ///< pattern of the file that names the files of a period, "" none
  std::set<TimeMicros> accept;           ///< begins of periods that may be incomplete
  bool block = true;                     ///< else only a warning
  bool wait = false;                     ///< files of a period are not read before it is complete or due
};

config::FieldSpec ExpectField();
/// nullopt: the table expects nothing. SRC-207 kConfig: a time, date or zone that cannot be read.
Result<std::optional<FileExpectation>> ReadExpectation(const config::Values& table);

/// A file that a period needs.
struct ExpectedFile {
  std::string name;                   ///< its end of the path
  std::optional<int64_t> size_bytes;  ///< where a manifest says it
  std::string digest{};               ///< md5, sha1, sha256 or sha512 where a manifest says one
  std::string digest_hex{};           ///< small letters
  std::optional<int64_t> rows{};      ///< where a manifest says it
};

/// What has arrived for one period: path -> size.
using ArrivedFiles = std::map<std::string, int64_t>;

/// A period that is not complete.
struct IncompletePeriod {
  TimeMicros begin = 0;  ///< civil
  TimeMicros due = 0;    ///< the instant
  size_t arrived = 0;
  size_t wanted = 0;
  std::vector<std::string> missing;  ///< by name, where names are known
  std::string text;                  ///< "2026-11-20: 23 of 24 files; missing orders_2026-11-20_07.csv"
};

/// The files of a period by name, where the pattern leaves no choice: one, or one an hour or day of a longer period, as many
/// as `count` says. Empty: only their number is known.
std::vector<ExpectedFile> NamesOfPeriod(const FileExpectation& expect, const DatePattern& pattern, TimeMicros begin);

/// Lines of a manifest: a file's name and, optionally, its size in bytes, its checksum (md5:…, sha256:…) and number of rows (rows:…);
/// or a checksum and a name, as md5sum and sha256sum write them. Blank lines and those that begin with # are left out.
/// SRC-208 kData names the line that is neither.
Result<std::vector<ExpectedFile>> ParseManifest(const std::string& text, const std::string& origin);

/// What a manifest says of the content and the rows of files that are there, by their paths.
std::map<std::string, ExpectedFile> PromisesOf(const ArrivedFiles& arrived, const std::vector<ExpectedFile>& names);

/// What one period lacks; nullopt: nothing. `names`: what it needs, empty: `count` files.
std::optional<IncompletePeriod> LookAtPeriod(const FileExpectation& expect, TimeMicros begin,
                                             const ArrivedFiles& arrived, const std::vector<ExpectedFile>& names);

/// The instant at which a period must be complete.
TimeMicros DueTime(const FileExpectation& expect, TimeMicros begin);

/// What clocks of the expectation's zone show at an instant.
TimeMicros CivilTime(const FileExpectation& expect, TimeMicros instant);

}  // namespace leat::component
