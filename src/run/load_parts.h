#pragma once

#include <optional>
#include <string>
#include <vector>

#include "component/source.h"
#include "run/step.h"
#include "state/lease.h"

namespace leat::run {

/// How a load reads its table in parts: kept in the state store while it goes on, so that a run that follows a crash goes on
/// where it ended.
struct PartsPlan {
  std::string hash;        ///< of all that the content of a part depends on
  std::string upper;       ///< greatest update key of the read
  std::string table_uuid;  ///< of the table that the parts are written for
  std::string run_id;      ///< that made the plan
  std::string reason;      ///< why the table is cut so
  std::vector<component::TablePart> parts;
};

/// Parts that were read together and are durable: one write into one folder.
struct Portion {
  std::string folder;
  std::string run_id;  ///< that read it
  std::vector<std::string> parts;
  std::vector<lake::DataFile> files;
  int64_t rows_in = 0, rows_out = 0, rows_filtered = 0;
  std::vector<int64_t> check_failures;
  std::vector<RejectedRow> rejected;
};

/// The kept parts of one load key. The holder of load:<key> uses it, alone; what it writes is fenced by that lease.
class LoadParts {
 public:
  LoadParts(Lakehouse& lakehouse, std::string load_key, const state::Fence& fence)
      : lakehouse_(lakehouse), load_key_(std::move(load_key)), fence_(fence) {}

  /// The plan that a run left which did not come to its commit, if it is not too old.
  Result<std::optional<PartsPlan>> Left();
  /// Begins a new plan; what is left of another is dropped before.
  Status Begin(const PartsPlan& plan, std::chrono::microseconds resume_within);
  /// The portions of the plan. Files below its folders that belong to none are removed.
  Result<std::vector<Portion>> Adopt(const lake::TableMetadata& metadata);
  /// Portions are written below `folder` from now on.
  Status UseFolder(const std::string& folder);
  /// The portion's files are durable: it counts. `metadata`: whose schema and default spec they have.
  Status Keep(const Portion& portion, const lake::TableMetadata& metadata);
  /// Forgets the plan and removes its files.
  Status Drop();
  /// The portions became part of the table, or (`folders`) were copied into it: in the transaction of that commit.
  Status Forget(state::Transaction& tx, bool folders) const;

  /// What is left of loads that nobody will go on with: their plans are too old.
  static Status DropOld(Lakehouse& lakehouse);

 private:
  Status Write(const std::function<Status(state::Transaction&)>& body);
  Result<std::vector<std::string>> Folders();

  Lakehouse& lakehouse_;
  const std::string load_key_;
  const state::Fence fence_;
};

/// The proof that a load in parts is whole: each part of the plan is in one portion, and no portion has another part.
/// RUN-545 kInternal names the first that is not so.
Status CheckWhole(const PartsPlan& plan, const std::vector<Portion>& portions);

/// The parts that are in no portion, in the plan's order.
std::vector<component::TablePart> Missing(const PartsPlan& plan, const std::vector<Portion>& portions);

}  // namespace leat::run
