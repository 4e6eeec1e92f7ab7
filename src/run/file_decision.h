#pragma once

#include <set>
#include <string>
#include <vector>

#include "component/file_listing.h"
#include "run/file_ledger.h"

namespace leat::run {

/// A listed file whose content another one brought, or will bring in this run: it is not read.
struct DuplicateFile {
  component::InputFile file;
  std::string of;      ///< origin of the other one
  std::string run_id;  ///< that loaded it; "": this run will
};

/// What listed files are, held against the ledger. Lists are sorted by origin.
struct FileDecision {
  std::vector<component::InputFile> pending;  ///< to be read: new or changed; hashed where that was needed
  /// Content that is in the ledger, of the same file with another mtime or inode, or of another file: only noted.
  std::vector<component::InputFile> touched;
  std::vector<component::InputFile> all;       ///< full only: everything that is ready
  std::vector<component::ListedFile> waiting;  ///< not complete yet
  std::vector<DuplicateFile> duplicates;
  std::vector<std::string> replaced;  ///< origins whose rows go out: changed, with `on_change: replace`
  std::set<std::string> changed_origins;
  size_t listed = 0;
  size_t unchanged = 0;  ///< those that were only touched included
  size_t added = 0;
  size_t changed = 0;
  size_t replayed = 0;  ///< asked to be read again: added by the planner
  size_t gone = 0;      ///< full only: in the ledger and no longer listed
};

/// How a load looks at files.
struct FileRules {
  bool full = false;  ///< all files make the table, each time; those of the newest run made what it holds now
  bool skip_duplicates = false;  ///< files with the content of one that was loaded are noted, not read
  bool fail_duplicates = false;
  component::OnChange on_change = component::OnChange::kAppend;
  std::string table;  ///< for messages
};

/// Decides on a listing, piece by piece, by size, mtime (ns) and inode, and where those differ from what is recorded for the
/// same origin, by content hash (reads the file). Keeps only what is to be read.
class FileDecider {
 public:
  /// `ledger` null: the table is new, every file is.
  /// `source` says what is in a file, where that is needed.
  FileDecider(FileLedger* ledger, FileRules rules, component::FileFetcher& source)
      : ledger_(ledger), rules_(std::move(rules)), source_(source) {}

  /// Errors of the state store; IO errors name the file.
  Status Look(std::vector<component::ListedFile> piece);
  /// The whole decision, once everything was looked at. RUN-541 kData: a duplicate or a changed file that the table does not
  /// want.
  Result<FileDecision> Finish();

 private:
  Status LookAtOne(component::ListedFile listed, const std::vector<DoneFile>& done, size_t begin);
  Status FindDuplicates();
  /// Of files whose rows are replaced only the newest version is in the table.
  Status LeaveNewest(std::vector<DoneFile>& done);
  Status HashThoseAlike();
  Status Hash(component::InputFile& file);

  FileLedger* const ledger_;
  const FileRules rules_;
  component::FileFetcher& source_;
  bool begun_ = false;
  std::string newest_run_;  ///< full only
  size_t still_there_ = 0;  ///< origins that were found in the ledger
  FileDecision decision_;
};

}  // namespace leat::run
