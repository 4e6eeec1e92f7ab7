#pragma once

#include <fnmatch.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/nearest.h"
#include "component/dated_files.h"
#include "component/file_listing.h"

namespace leat::component {

/// What listings of the files of one table have in common wherever the files lie: what the policy says of a file, and the
/// pieces in which files are given. Not thread-safe; what the constructor takes must outlive it.
class PatternListing {
 protected:
  /// `root`: what origins are relative to; "" where they are addresses.
  PatternListing(const FilePatterns& patterns, std::string root, const std::string& shown_table, const TakeFiles& take)
      : patterns_(patterns), policy_(patterns.policy), root_(std::move(root)), shown_table_(shown_table), take_(take) {
    if (!policy_.done_file.empty()) policy_.ignore.push_back(MarkerPattern(policy_.done_file));
  }

  /// SRC-206: one that cannot be read.
  Status ReadPatterns() {
    LEAT_ASSIGN(dated_, DatedFiles::Of(patterns_.folder, patterns_.patterns, root_));
    return Ok();
  }

  static size_t FirstWildcard(const std::string& pattern) { return pattern.find_first_of("*?["); }
  static bool HasWildcard(const std::string& pattern) { return FirstWildcard(pattern) != std::string::npos; }

  /// True for a name that no wildcard takes.
  bool Ignored(const char* name) const {
    return std::any_of(policy_.ignore.begin(), policy_.ignore.end(),
                       [name](const std::string& pattern) { return fnmatch(pattern.c_str(), name, 0) == 0; });
  }

  /// Why a file is not to be read yet; "" when it is complete as far as its name and its time can tell.
  std::string Waiting(const std::string& origin, TimeMicros changed) const {
    // A listing looks for digits; whether they are a day only the pattern knows.
    if (dated_.has_dates() && !dated_.Takes(origin)) return "names no day of the calendar";
    if (policy_.settle.count() > 0 && patterns_.now - changed < policy_.settle.count())
      return "was written to just now";
    return "";
  }

  /// Gives away what has been gathered.
  Status Flush() {
    if (piece_.empty()) return Ok();
    std::vector<ListedFile> piece;
    piece.swap(piece_);
    return take_(std::move(piece));
  }

  /// A file with a name of its own is not there; `names`: of the files beside it.
  Error NoFile(const std::string& origin, const std::vector<std::string>& names) const {
    const std::string near = DidYouMean(origin.substr(origin.rfind('/') + 1), names);
    return MakeError("SRC-201", ErrorKind::kNotFound, "table {}: no file {}", shown_table_, origin)
        .WithHint(near.empty() ? "put the file there, or change `files:` of the table (wildcards may match nothing)"
                               : near);
  }

  const FilePatterns& patterns_;
  FilePolicy policy_;
  const std::string root_;
  const std::string& shown_table_;
  DatedFiles dated_;
  std::vector<ListedFile> piece_;

 private:
  const TakeFiles& take_;
};

}  // namespace leat::component
