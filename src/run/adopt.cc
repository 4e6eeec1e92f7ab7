#include "run/adopt.h"

#include <fmt/format.h>

#include "run/outcome_json.h"

namespace leat::run {
namespace {

/// The ledger numbers and counts of checks of the step that is taken over.
Status CopyResult(state::Store& store, const std::string& run_id, const std::string& asset, StepResult& result) {
  LEAT_ASSIGN(
      const state::Rows rows,
      store.Read(
          "SELECT l.kind, l.rows_in, l.rows_out, l.rows_rejected, l.rows_filtered, l.rows_inserted, "
          "l.rows_updated, l.rows_deleted, l.bytes_in, l.bytes_out, l.watermark_before, l.watermark_after, "
          "l.snapshot_before, l.snapshot_branch, s.checks_passed, s.checks_failed, s.checks_warned, l.rows_adopted FROM ledger l "
          "JOIN step s ON s.run_id = l.run_id AND s.asset = l.step WHERE l.run_id = ?1 AND l.step = ?2",
          {run_id, asset}));
  if (rows.empty()) return MakeError("RUN-103", ErrorKind::kInternal, "run {} has no ledger row of {}", run_id, asset);
  result.kind = rows.Text(0, 0);
  int64_t* const numbers[] = {&result.rows_in,       &result.rows_out,      &result.rows_rejected,
                              &result.rows_filtered, &result.rows_inserted, &result.rows_updated,
                              &result.rows_deleted,  &result.bytes_in,      &result.bytes_out};
  for (size_t i = 0; i < std::size(numbers); ++i) *numbers[i] = rows.Int(0, i + 1);
  result.watermark_before = rows.OptText(0, 10).value_or("");
  result.watermark_after = rows.OptText(0, 11).value_or("");
  result.snapshot_before = rows.OptInt(0, 12).value_or(0);
  result.snapshot_branch = rows.OptInt(0, 13).value_or(0);
  result.checks_passed = static_cast<int>(rows.Int(0, 14));
  result.checks_failed = static_cast<int>(rows.Int(0, 15));
  result.checks_warned = static_cast<int>(rows.Int(0, 16));
  result.rows_adopted = rows.Int(0, 17);
  return Ok();
}

/// Moves the pointer; false when the table is not where the other run found it.
Result<bool> MovePointer(lake::Catalog& catalog, const PastRun& from, const std::string& run_id,
                         const std::string& branch, const StepRecord& record) {
  LEAT_ASSIGN(const std::vector<lake::PointerChange> changes, catalog.BranchChanges(from.branch));
  LEAT_ASSIGN(const lake::View mine, catalog.Resolve(branch));
  const lake::PointerChange* pointer = nullptr;
  for (const lake::PointerChange& change : changes) {
    if (change.kind != lake::ObjectKind::kNamespace && change.name == record.step.table) pointer = &change;
  }
  if (pointer == nullptr || !pointer->location) return false;
  LEAT_ASSIGN(const std::optional<lake::Entry> here, catalog.FindTable(mine, record.step.table));
  const std::optional<std::string> location = here ? std::optional<std::string>(here->location) : std::nullopt;
  if (location != pointer->expected) return false;
  const lake::CommitInfo info{"leat", run_id, fmt::format("{} of run {}, taken over", record.step.asset, from.run_id),
                              "commit"};
  LEAT_ASSIGN(const std::optional<lake::Properties> there, catalog.FindNamespace(mine, record.step.table.ns));
  if (!there) {
    LEAT_ASSIGN(const lake::View theirs, catalog.Resolve(from.branch));
    LEAT_ASSIGN(const std::optional<lake::Properties> properties, catalog.FindNamespace(theirs, record.step.table.ns));
    const Status made =
        catalog.CreateNamespace(branch, record.step.table.ns, properties.value_or(lake::Properties()), info);
    if (!made.ok() && made.error().kind() != ErrorKind::kExists) return made.error();
  }
  lake::CommitRequest request;
  request.ref = branch;
  request.info = info;
  request.changes.push_back(*pointer);
  LEAT_TRY(catalog.Commit(request));
  return true;
}

}  // namespace

Result<bool> AdoptStep(Lakehouse& lakehouse, const PastRun& from, const std::string& run_id, const std::string& branch,
                       StepRecord& record) {
  LEAT_ASSIGN(const std::optional<UnpublishedStep> past,
              FindUnpublishedStep(*lakehouse.store, from.run_id, record.step.asset));
  if (!past || past->fingerprint != record.fingerprint.ToText()) return false;
  LEAT_ASSIGN(KeptOutcome kept, OutcomeFromJson(past->outcome));
  if (kept.changed) {
    LEAT_ASSIGN(const bool moved, MovePointer(*lakehouse.catalog, from, run_id, branch, record));
    if (!moved) return false;
  }
  record.outcome = StepOutcome();
  record.outcome.item = std::move(kept.item);
  record.outcome.changed = kept.changed;
  record.outcome.schema = std::move(kept.schema);
  record.listed = std::move(kept.listed);
  record.adopted_from = from.run_id;
  LEAT_TRY(CopyResult(*lakehouse.store, from.run_id, record.step.asset, record.outcome.result));
  return true;
}

}  // namespace leat::run
