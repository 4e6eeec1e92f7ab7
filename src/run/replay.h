#pragma once

#include <optional>
#include <string>
#include <vector>

#include "component/file_listing.h"
#include "run/file_ledger.h"
#include "run/run.h"

namespace leat::run {

/// Which files shall be read again: by name, or all that were loaded in a time; of some tables or of all.
struct ReplayRequest {
  std::vector<std::string> origins;
  std::optional<TimeMicros> from, to;  ///< when they were published; `to` itself is not in it
  std::set<std::string> assets;        ///< empty: all
  std::string target = "main";
  std::string by;  ///< who asks
};

struct RequestedFile {
  std::string asset;
  std::string load_key;
  std::string origin;
};

/// Notes in the state that files shall be read again: the next run of their tables on the target does it and takes the note
/// away with its publish. RUN-301 kNotFound: no such file was loaded (the nearest names). RUN-543 kUsage: a table that reads
/// all its files each time, or a file that is noted as a duplicate of another one.
Result<std::vector<RequestedFile>> RequestReplay(Lakehouse& lakehouse, const project::Project& project,
                                                 const ReplayRequest& request);
/// Takes notes away that no run has seen to.
Status DropReplayRequests(Lakehouse& lakehouse, const std::vector<RequestedFile>& files, const std::string& target);

/// The files of a table that shall be read again: their kept copies, else as they lie in its folder or where they were moved
/// to. Their content
/// is as it was: RUN-544 kNotFound names a file of which there is neither; kData one that is not what it was.
Result<std::vector<component::InputFile>> FilesToReplay(Lakehouse& lakehouse, const project::Project& project,
                                                        const project::Asset& asset, component::FileFetcher& fetcher,
                                                        FileLedger& ledger, const std::string& load_key,
                                                        const std::string& target);

/// In the publish: puts who asked into the ledger's rows of the run, and takes the notes away.
Status SettleReplay(state::Transaction& tx, const std::string& load_key, const std::string& target,
                    const std::string& run_id);

}  // namespace leat::run
