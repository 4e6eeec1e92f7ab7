#include "run/drift_report.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/ids.h"
#include "run/load_drift.h"
#include "run/load_target.h"
#include "run/rename_evidence.h"

namespace leat::run {
namespace {

using nlohmann::json;

/// Which columns are made of which, as the newest published step of each asset found it.
class Readers {
 public:
  Readers(Lakehouse& lakehouse, const project::Project& project) : lakehouse_(lakehouse), project_(project) {}

  Status Read() {
    LEAT_ASSIGN(
        const state::Rows rows,
        lakehouse_.store->Read(
            "SELECT l.asset, l.column_name, l.input_asset, l.input_column FROM lineage l WHERE l.run_id = (SELECT "
            "max(s.run_id) FROM step s JOIN lineage m ON m.run_id = s.run_id AND m.asset = s.asset WHERE s.asset = "
            "l.asset AND s.published = 1) ORDER BY 1, 2, 3, 4"));
    for (size_t i = 0; i < rows.size(); ++i) {
      edges_[{rows.Text(i, 2), rows.Text(i, 3)}].push_back({rows.Text(i, 0), rows.Text(i, 1)});
      known_.insert(rows.Text(i, 0));
    }
    return Ok();
  }

  /// Everything that is made from `column` of `asset`; "" is any of its columns.
  std::vector<DriftReader> Of(const project::Asset& asset, const std::string& column) const {
    std::vector<DriftReader> found;
    std::set<std::pair<std::string, std::string>> seen;
    Follow(asset, column, seen, found);
    return found;
  }

 private:
  void Follow(const project::Asset& from, const std::string& column,
              std::set<std::pair<std::string, std::string>>& seen, std::vector<DriftReader>& found) const {
    for (const project::Asset& reader : project_.assets) {
      const bool depends =
          std::find(reader.depends_on.begin(), reader.depends_on.end(), from.id) != reader.depends_on.end();
      if (!depends || reader.table == from.table) continue;
      if (column.empty() || !known_.contains(reader.id)) {
        Add(reader, "", seen, found);
        continue;
      }
      const auto edges = edges_.find({from.table.ToString(), column});
      if (edges == edges_.end()) continue;
      for (const DriftReader& edge : edges->second) {
        if (edge.asset == reader.id) Add(reader, edge.column, seen, found);
      }
    }
  }

  void Add(const project::Asset& reader, const std::string& column, std::set<std::pair<std::string, std::string>>& seen,
           std::vector<DriftReader>& found) const {
    if (!seen.emplace(reader.id, column).second) return;
    found.push_back({reader.id, column});
    Follow(reader, column, seen, found);
  }

  Lakehouse& lakehouse_;
  const project::Project& project_;
  std::map<std::pair<std::string, std::string>, std::vector<DriftReader>> edges_;  ///< table and column -> readers
  std::set<std::string> known_;  ///< assets whose columns' origins are known
};

/// The raw table's name of a column of the source.
std::string RawName(const RegisteredTable& registered, const std::string& column) {
  for (size_t i = 0; i < registered.names.size(); ++i) {
    if (registered.table.columns[i].name == column) return registered.names[i];
  }
  for (const LeftOutColumn& left : registered.left_out) {
    if (left.name == column) return left.column;
  }
  return column;
}

Status Compare(Lakehouse& lakehouse, const project::Project& project, const project::Asset& asset, const PlanStep& step,
               const lake::View& view, const Readers& readers, CancelToken* cancel, const std::string& spool,
               DriftOfTable& table) {
  const component::SourceCapabilities& can = asset.source->source;
  Target target;
  target.view = view;
  LEAT_ASSIGN(target.entry, lakehouse.catalog->FindTable(view, asset.table));
  if (!target.entry || target.entry->kind != lake::ObjectKind::kTable) {
    table.not_compared = "never loaded";
    return Ok();
  }
  LEAT_ASSIGN(target.metadata, lakehouse.catalog->LoadMetadata(target.entry->location));
  if (can.files && step.files.empty()) {
    table.not_compared = "no new files";
    return Ok();
  }
  LEAT_ASSIGN(const std::unique_ptr<component::Source> source,
              OpenSource(lakehouse, project, asset, spool, cancel, BudgetUser{"", asset.id, {}}));
  component::ReadRequest request;
  if (asset.bookmarked()) {
    request.update_key = asset.update_key;
    request.bookmark = step.bookmark;
    request.by_key = asset.mode != "append" && !asset.primary_key.empty();
  }
  LEAT_TRY(source->Begin(request));
  if (can.files) {
    LEAT_ASSIGN(request.files, source->Prepare(step.files));
  }
  StepContext context{lakehouse, project, asset, step, "", view.ref, 1, false, 0, cancel, {}, {}, {}};
  LEAT_ASSIGN(RegisteredTable registered, FindRegistered(context, target, *source));
  if (!registered.known) {
    table.not_compared = "not registered yet";
    return Ok();
  }
  request.table = registered.table;
  const project::DriftRules rules = project::DriftRulesOf(asset);
  component::Relation relation;
  if (can.relation) {
    LEAT_ASSIGN(relation, source->OpenRelation(request));
  }
  LEAT_ASSIGN(const auto observed, ObserveSource(asset, *source, request, rules, can.relation ? &relation : nullptr));
  RegisteredTable after = registered;
  LEAT_ASSIGN(const std::vector<RenameEvidence> evidence,
              FindRenames(context, *source, request, target, registered, observed));
  LEAT_ASSIGN(DriftDecision decision,
              DecideDrift(asset, rules, &target.metadata->current_schema(), observed, request.files, evidence, after));
  for (DriftNote& note : decision.notes) {
    const bool renamed = note.kind == project::DriftClassName(project::DriftClass::kRename);
    const std::string raw = RawName(registered, renamed ? note.from : note.column);
    DriftFinding& finding = table.findings.emplace_back();
    // Nobody reads what has just appeared.
    if (!note.from.empty()) finding.readers = readers.Of(asset, note.column.empty() ? "" : raw);
    finding.note = std::move(note);
  }
  return Ok();
}

}  // namespace

Result<std::vector<DriftOfTable>> LookForDrift(Lakehouse& lakehouse, const project::Project& project,
                                               const PlanOptions& options, CancelToken* cancel) {
  LEAT_ASSIGN(const Plan plan, MakePlan(lakehouse, project, options));
  LEAT_ASSIGN(const lake::View view, lakehouse.catalog->Resolve(plan.target));
  Readers readers(lakehouse, project);
  LEAT_TRY(readers.Read());
  std::vector<DriftOfTable> tables;
  for (const PlanStep& step : plan.steps) {
    const project::Asset* asset = project.Find(step.asset);
    if (asset == nullptr || asset->kind != project::AssetKind::kSourceTable) continue;
    if (step.problem) return *step.problem;
    DriftOfTable& table = tables.emplace_back();
    table.asset = asset->id;
    table.table = asset->table;
    const std::string spool = "drift-" + NewUuidV4();
    const Status compared = Compare(lakehouse, project, *asset, step, view, readers, cancel, spool, table);
    std::error_code ignored;
    std::filesystem::remove_all(io::LocalPath(io::JoinUri(io::JoinUri(lakehouse.private_folder(), "spool"), spool)),
                                ignored);
    if (!compared.ok()) return compared.error();
  }
  return tables;
}

bool WouldFail(const std::vector<DriftOfTable>& tables) {
  return std::any_of(tables.begin(), tables.end(), [](const DriftOfTable& table) {
    return std::any_of(table.findings.begin(), table.findings.end(),
                       [](const DriftFinding& finding) { return finding.note.fails; });
  });
}

std::string DriftToText(const std::vector<DriftOfTable>& tables) {
  std::string text;
  size_t changed = 0;
  for (const DriftOfTable& table : tables) {
    if (!table.findings.empty()) ++changed;
    text += table.asset +
            (table.not_compared.empty() ? table.findings.empty() ? ": as registered" : ""
                                        : ": not compared, " + table.not_compared) +
            "\n";
    for (const DriftFinding& finding : table.findings) {
      const DriftNote& note = finding.note;
      std::string moved = note.from;
      if (!note.to.empty()) moved += (moved.empty() ? "" : " -> ") + note.to;
      else moved += " -> nothing";
      text += fmt::format("  {:<12} {:<24} {:<24} {}: {}\n", note.kind, note.column.empty() ? "(key)" : note.column,
                          moved, note.policy, note.action);
      if (!note.origin.empty()) text += fmt::format("  {:<12} in {}\n", "", note.origin);
      if (note.confidence > 0) text += fmt::format("  {:<12} confidence {:.0f} %\n", "", 100 * note.confidence);
      for (const DriftReader& reader : finding.readers)
        text +=
            fmt::format("  {:<12} reaches {}{}\n", "", reader.asset, reader.column.empty() ? "" : "." + reader.column);
    }
  }
  return text + fmt::format("{} of {} tables changed{}\n", changed, tables.size(),
                            WouldFail(tables) ? "; the next run would fail" : "");
}

std::string DriftToJson(const std::vector<DriftOfTable>& tables) {
  json all = json::array();
  for (const DriftOfTable& table : tables) {
    json findings = json::array();
    for (const DriftFinding& finding : table.findings) {
      const DriftNote& note = finding.note;
      json readers = json::array();
      for (const DriftReader& reader : finding.readers)
        readers.push_back({{"asset", reader.asset}, {"column", reader.column.empty() ? json() : json(reader.column)}});
      findings.push_back({{"class", note.kind},
                          {"column", note.column},
                          {"was", note.from},
                          {"became", note.to},
                          {"policy", note.policy},
                          {"action", note.action},
                          {"fails", note.fails},
                          {"origin", note.origin},
                          {"confidence", note.confidence > 0 ? json(note.confidence) : json()},
                          {"readers", readers}});
    }
    json one{{"asset", table.asset}, {"table", table.table.ToString()}, {"drift", findings}};
    if (!table.not_compared.empty()) one["not_compared"] = table.not_compared;
    all.push_back(std::move(one));
  }
  return json{{"tables", all}, {"fails", WouldFail(tables)}}.dump(2, ' ', false, json::error_handler_t::replace);
}

}  // namespace leat::run
