#pragma once

#include <string>
#include <utility>
#include <vector>

#include "component/source.h"
#include "lake/catalog.h"
#include "state/store.h"

namespace leat::run {

/// The commits that a view can see: of each ref in its chain, those up to a number. Commit ids have one total order.
using Reach = std::vector<std::pair<std::string, lake::CommitId>>;
Result<Reach> ReachOf(state::Store& store, const lake::View& view);
/// " (c.ref = 'main' AND c.id <= 12 OR …)" over an alias `c` of commit_log. Ref names are checked when refs are made.
std::string ReachSql(const Reach& reach, const std::string& alias);

/// A row of the file ledger: a file that is done for a view.
struct DoneFile {
  std::string file_id;
  std::string origin;
  int64_t size_bytes = 0;
  int64_t modified_ns = 0;
  uint64_t identity = 0;
  std::string content_hash;
  std::string run_id;
};

/// Files of a load key whose publishing commit the view reaches and whose revocation it does not.
Result<std::vector<DoneFile>> DoneFiles(state::Store& store, const std::string& load_key, const Reach& reach);

/// What listed files are, held against the ledger.
struct FileDecision {
  std::vector<component::InputFile> pending;  ///< new or changed; changed ones have their content hash
  std::vector<component::InputFile> touched;  ///< equal content, other mtime or inode: only the ledger row is renewed
  size_t unchanged = 0;                       ///< touched ones included
  size_t added = 0;
  size_t changed = 0;
  size_t gone = 0;  ///< in the ledger and no longer listed
};

/// Decides by size, mtime (ns) and inode, and where those differ from what is recorded for the same origin, by content hash
/// (reads the file). IO errors name the file.
Result<FileDecision> DecideFiles(const std::vector<component::InputFile>& listed, const std::vector<DoneFile>& done);

/// The id of one version of a file in the ledger.
std::string FileId(const component::InputFile& file);
/// Hash over origins and stats, for fingerprints.
std::string FilesHash(const std::vector<component::InputFile>& files);

}  // namespace leat::run
