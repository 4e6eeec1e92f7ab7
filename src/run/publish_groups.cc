#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "base/fault.h"
#include "base/log.h"
#include "run/inputs.h"
#include "run/owner.h"
#include "run/walk.h"

namespace leat::run {
namespace {

constexpr std::chrono::seconds kTurnWait(1);  // between two looks at whether the run was stopped

std::string WriteLeaseOf(const StepRecord& record) { return "write:" + record.step.table.ToString(); }

bool EndedWell(const StepRecord& record) {
  const StepStatus status = record.outcome.result.status;
  return status == StepStatus::kSuccess || status == StepStatus::kAdopted;
}

/// Two steps may write one table (a load, and one that deletes by key): it moves once, with all that they did.
void AddItem(std::vector<lake::PublishItem>& items, const lake::PublishItem& item) {
  const auto same =
      std::find_if(items.begin(), items.end(), [&](const auto& other) { return other.table == item.table; });
  if (same == items.end()) {
    items.push_back(item);
    return;
  }
  if (same->change != lake::PublishItem::Change::kCreate) same->change = lake::PublishItem::Change::kRowDelta;
  same->reads.insert(item.reads.begin(), item.reads.end());
}

}  // namespace

Result<std::set<std::string>> Walk::PublishGood(const Plan& plan) {
  std::vector<GroupMember> members;
  std::vector<StepRecord*> records;
  for (const PlanStep& step : plan.steps) {
    const auto found = records_.find(step.asset);
    if (found == records_.end() || found->second.outcome.result.status == StepStatus::kSkipped) continue;
    const std::set<std::string> needs = EffectiveNeeds(project_, *project_.Find(step.asset));
    members.push_back({step.asset, {needs.begin(), needs.end()}, EndedWell(found->second)});
    records.push_back(&found->second);
  }
  std::vector<std::vector<StepRecord*>> ready;
  for (const PublishGroup& group : PublishGroups(members, project_.settings.publish == "all")) {
    if (!group.good) {
      HoldBack(group, members);
      continue;
    }
    std::vector<StepRecord*>& mine = ready.emplace_back();
    for (const size_t member : group.members) mine.push_back(records[member]);
  }
  LEAT_FAULT_POINT("run.groups");

  // Everything that is good moves together. When the target moved under some groups, the rest goes without them.
  std::set<std::string> again;
  while (!ready.empty()) {
    std::vector<StepRecord*> all;
    for (const auto& group : ready) all.insert(all.end(), group.begin(), group.end());
    lake::PublishResult published;
    Result<std::set<std::string>> replan = PublishOnce(all, published);
    if (!replan.ok()) {
      // One group that can never be published (created by two runs, dropped under a change) must not hold the others.
      if (replan.error().code() != "LAKE-305") return std::move(replan).error();
      if (ready.size() == 1) {
        FailGroup(all, replan.error());
        return again;
      }
      std::vector<std::vector<StepRecord*>> one_by_one;
      one_by_one.swap(ready);
      for (const auto& group : one_by_one) {
        Result<std::set<std::string>> single = PublishOnce(group, published);
        if (!single.ok() && single.error().code() != "LAKE-305") return std::move(single).error();
        if (!single.ok()) FailGroup(group, single.error());
        if (single.ok() && !single->empty()) {
          for (const StepRecord* record : group) again.insert(record->step.asset);
        }
      }
      return again;
    }
    if (replan->empty()) return again;
    std::vector<std::vector<StepRecord*>> rest;
    for (auto& group : ready) {
      const bool moved = std::any_of(group.begin(), group.end(),
                                     [&](const StepRecord* record) { return replan->contains(record->step.asset); });
      if (!moved) {
        rest.push_back(std::move(group));
        continue;
      }
      for (const StepRecord* record : group) again.insert(record->step.asset);
    }
    if (rest.size() == ready.size()) {
      return MakeError("RUN-203", ErrorKind::kInternal,
                       "publishing asked to plan '{}' again, which is not in its request", *replan->begin());
    }
    ready = std::move(rest);
  }
  return again;
}

Result<std::set<std::string>> Walk::PublishOnce(const std::vector<StepRecord*>& records,
                                                lake::PublishResult& published) {
  while (true) {
    LEAT_TRY(cancel_->Check());
    LEAT_TRY(WaitForWriters(records));
    Result<std::set<std::string>> again = PublishNow(records, published);
    if (again.ok() || again.error().code() != "RUN-204") return again;
  }
}

Result<std::set<std::string>> Walk::PublishNow(const std::vector<StepRecord*>& records,
                                               lake::PublishResult& published) {
  lake::View newest;
  newest.ref = options_.plan.target;
  newest.commit = INT64_MAX;
  LEAT_ASSIGN(const Reach reach, ReachOf(*lakehouse_.store, newest));

  lake::PublishRequest request;
  request.branch = branch_;
  request.target = options_.plan.target;
  request.info = {"leat", result_.run_id, fmt::format("run of {}", project_.settings.name), "publish"};
  request.fences.push_back(lease_->fence());
  for (const auto& lease : write_leases_) request.fences.push_back(lease->fence());
  for (const StepRecord* record : records) {
    if (record->outcome.changed) AddItem(request.items, record->outcome.item);
  }
  std::string conflict;
  const PeriodOfFile periods = Periods();
  request.also = [&](state::Transaction& tx, const lake::PublishResult& result) -> Status {
    conflict.clear();
    for (const StepRecord* record : records) {
      if (!write_leases_.empty()) break;  // it took all that it writes
      LEAT_ASSIGN(const bool held, state::IsHeldByOthers(tx, WriteLeaseOf(*record), {}));
      if (held)
        return MakeError("RUN-204", ErrorKind::kConflict, "another run writes {}", record->step.table.ToString());
    }
    return WritePublished(tx, result_.run_id, records, result, reach, periods, conflict);
  };
  std::set<std::string> again;
  if (request.items.empty()) {
    // Nothing to move: what the steps found out is recorded all the same.
    LEAT_TRY(lakehouse_.store->Write([&](state::Transaction& tx) { return request.also(tx, lake::PublishResult()); }));
  } else {
    LEAT_FAULT_POINT("run.publish.before");
    Result<lake::PublishResult> result = lake::Publish(*lakehouse_.catalog, request);
    if (!result.ok()) {
      if (!conflict.empty() && result.error().code() == "RUN-201") {
        replan_reason_ = result.error().message();
        return std::set<std::string>{conflict};
      }
      if (result.error().retry() != Retry::kUnknownOutcome) return std::move(result).error();
      // The commit carries the run's own row with it: that row tells whether it happened.
      LEAT_ASSIGN(const state::Rows row,
                  lakehouse_.store->Read("SELECT commit_id FROM run WHERE id = ?1 AND commit_id IS NOT "
                                         "NULL",
                                         {result_.run_id}));
      if (row.empty()) return std::move(result).error();
      lake::PublishResult found;
      found.commit = row.Int(0, 0);
      result = std::move(found);
    }
    published = std::move(result).value();
    for (const lake::PublishResult::Replan& replan : published.replan) again.insert(replan.step);
    if (!again.empty()) replan_reason_ = published.replan.front().reason;
    if (!again.empty()) return again;
    result_.commit = published.commit;
    LEAT_FAULT_POINT("run.published");
  }
  for (StepRecord* record : records) {
    StepResult& result = record->outcome.result;
    result.published = true;
    const auto after = published.snapshot_after.find(record->step.table);
    result.snapshot_after = after != published.snapshot_after.end() ? after->second : result.snapshot_before;
  }
  return again;
}

Status Walk::WaitForWriters(const std::vector<StepRecord*>& records) {
  if (!write_leases_.empty()) return Ok();
  for (const StepRecord* record : records) {
    const std::string name = WriteLeaseOf(*record);
    LEAT_ASSIGN(const bool held, state::IsHeld(*lakehouse_.store, name));
    if (!held) continue;
    // Somebody lost the race too often and keeps the table for a moment: let it through.
    LEAT_ASSIGN(const std::unique_ptr<state::Lease> turn, TakeTurn(name, "waiting to publish"));
    LEAT_TRY(turn->Release());
  }
  return Ok();
}

Status Walk::TakeWriteLeases(const Plan& plan) {
  std::set<std::string> names;  // in one order for all runs: no deadlock
  for (const PlanStep& step : plan.steps) names.insert("write:" + step.table.ToString());
  for (const std::string& name : names) {
    LEAT_ASSIGN(std::unique_ptr<state::Lease> lease, TakeTurn(name, "publishing after losing the race"));
    write_leases_.push_back(std::move(lease));
  }
  return Ok();
}

Result<std::unique_ptr<state::Lease>> Walk::TakeTurn(const std::string& name, const std::string& purpose) {
  for (bool told = false;; told = true) {
    LEAT_TRY(cancel_->Check());
    Result<std::unique_ptr<state::Lease>> lease =
        state::Lease::Take(*lakehouse_.store, name, ProcessOwner(), purpose, kTurnWait);
    if (lease.ok() || lease.error().code() != "STATE-401") return lease;
    if (!told) Log(LogLevel::kInfo, "waiting_for_writer", {{"lease", name}, {"held", lease.error().message()}});
  }
}

void Walk::HoldBack(const PublishGroup& group, const std::vector<GroupMember>& members) {
  for (const size_t member : group.members) {
    StepRecord& record = records_.at(members[member].asset);
    if (!EndedWell(record)) continue;
    record.outcome.result.reason = fmt::format("held back: {} did not end well", group.bad_member);
  }
}

void Walk::FailGroup(const std::vector<StepRecord*>& records, const Error& error) {
  for (StepRecord* record : records) {
    record->outcome.result.status = StepStatus::kFailed;
    record->outcome.result.reason = error.message();
    record->outcome.result.error = error;
    const Status written =
        lakehouse_.store->Write([&](state::Transaction& tx) { return WriteStepEnd(tx, result_.run_id, *record); });
    if (!written.ok()) return;
  }
}

}  // namespace leat::run
