#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
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
  lake::CommitId published = 0;
  std::string archived_as;  ///< below the landing folder, "" not kept
};

/// The rows of one load key whose publishing commit a view reaches and whose revocation it does not. Asked for what was
/// listed only: its size does not matter. One thread; errors are the state store's.
class FileLedger {
 public:
  FileLedger(state::Store& store, std::string load_key, Reach reach)
      : store_(store), load_key_(std::move(load_key)), reach_(std::move(reach)) {}

  /// Rows of these origins, of all runs or of one ("": all).
  Result<std::vector<DoneFile>> Find(const std::vector<std::string>& origins, const std::string& run_id = "");
  /// Rows with the content of these files (size and hash known), whatever their origin; notes of duplicates are left out.
  Result<std::vector<DoneFile>> FindContent(const std::vector<component::InputFile>& files);
  /// Which of these sizes a file in the ledger has.
  Result<std::set<int64_t>> FindSizes(const std::set<int64_t>& sizes);
  /// Files whose names say a time from `begin` to before `end`, duplicates included.
  Result<std::vector<DoneFile>> FilesOfPeriods(TimeMicros begin, TimeMicros end);
  /// The first and the last period of which a file is done.
  Result<std::optional<TimeMicros>> FirstPeriod();
  Result<std::optional<TimeMicros>> LastPeriod();
  /// The newest run with a file that is done, "" when there is none.
  Result<std::string> NewestRun();
  /// How many files one run has in the ledger.
  Result<int64_t> CountFilesOf(const std::string& run_id);

 private:
  Result<std::optional<TimeMicros>> Period(const char* order);
  Result<bool> Reaches(std::optional<int64_t> commit);
  Result<bool> IsDone(std::optional<int64_t> published, std::optional<int64_t> revoked);
  Status AddDone(const state::Rows& rows, std::vector<DoneFile>& done);

  state::Store& store_;
  const std::string load_key_;
  const Reach reach_;
  std::map<int64_t, bool> reached_;  ///< commits that were asked for: few, however many files they published
};

/// Begin of the period that a file's name says (civil time), of an asset and an origin.
using PeriodOfFile = std::function<std::optional<TimeMicros>(const std::string& asset, const std::string& origin)>;

/// The id of one version of a file in the ledger.
std::string FileId(const component::InputFile& file);
/// Hash over origins and stats, for fingerprints.
std::string FilesHash(const std::vector<component::InputFile>& files);

}  // namespace leat::run
