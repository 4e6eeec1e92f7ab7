#include "run/load_drift.h"

#include <algorithm>

#include "base/log.h"
#include "sql/writer.h"

namespace leat::run {
namespace {

using component::ObservedInput;
using component::SourceColumn;
using project::DriftClass;
using project::DriftPolicy;
using Why = LeftOutColumn::Why;

constexpr const char* kReason = "drift.";
constexpr const char* kRule = "drift:";

bool IsByRow(DriftPolicy policy) { return policy == DriftPolicy::kDiscardRow || policy == DriftPolicy::kQuarantine; }

const char* Fate(DriftPolicy policy) { return policy == DriftPolicy::kQuarantine ? "rejected" : "filtered"; }

/// Applies the policies to one difference after the other.
class Decision {
 public:
  Decision(const project::Asset& asset, const project::DriftRules& rules, const data::Schema* held,
           const std::vector<component::InputFile>& files, const std::vector<RenameEvidence>& evidence,
           RegisteredTable& registered)
      : asset_(asset), rules_(rules), held_(held), files_(files), evidence_(evidence), registered_(registered) {}

  Result<DriftDecision> Run(const std::vector<ObservedInput>& observed) {
    std::map<std::string, std::string> raw_before;
    for (size_t i = 0; i < registered_.names.size(); ++i)
      raw_before[registered_.table.columns[i].name] = registered_.names[i];
    for (const LeftOutColumn& left : registered_.left_out) raw_before[left.name] = left.column;
    std::map<std::string, std::string> renames = rules_.renames;
    std::map<std::string, const RenameEvidence*> found;
    for (const RenameEvidence& one : evidence_) {
      if (renames.contains(one.from)) continue;
      const bool apply = one.certain || (rules_.apply_renames && one.confidence >= rules_.confidence);
      if (apply) found[one.from] = &one;
      if (apply) renames[one.from] = one.to;
      else Propose(one);
    }
    for (const SchemaDifference& one : ApplyRenames(registered_, observed, renames, asset_.soft_delete)) {
      decision_.renamed[RawNameOf(one.to)] = raw_before[one.from];
      const auto by_value = found.find(one.from);
      const bool applied = by_value != found.end();
      Note(one, applied ? "apply" : "renames",
           "the column is renamed, with its values" + (applied ? ": " + by_value->second->how : ""));
      if (applied) decision_.notes.back().confidence = by_value->second->confidence;
      Change("renamed " + one.from + " to " + one.to);
    }
    for (const SchemaDifference& one : LateRenames(registered_, observed, rules_.renames)) {
      Note(one, "renames",
           fmt::format(
               "nothing: the table has {} already, and older rows keep their values in {}. Put them together in an "
               "environment (`leat sql --write`: UPDATE … SET {} = coalesce({}, {})), publish it, and take the "
               "entry out of `renames`",
               one.to, one.from, one.to, one.to, one.from),
           true);
    }
    std::vector<std::string> keys = asset_.primary_key;
    if (!asset_.update_key.empty()) keys.push_back(asset_.update_key);
    const std::set<std::string> declared = DeclaredColumns(asset_, registered_.table.columns);
    for (const SchemaDifference& one : CompareSchemas(registered_, observed, keys, declared)) LEAT_TRY(Apply(one));
    Unfreeze(observed);
    LearnTypes(observed);
    std::set<std::string> noted;
    for (size_t i = 0; i < decision_.notes.size(); ++i) {
      const std::string text = TextOf(decision_.notes[i]);
      // Of a load that fails nothing else comes true.
      if (!registered_.noted.contains(text) && (!decision_.fails() || decision_.notes[i].fails))
        decision_.news.push_back(decision_.notes[i]);
      if (lasting_.contains(i)) noted.insert(text);
    }
    registered_.noted = std::move(noted);
    return std::move(decision_);
  }

 private:
  static std::string TextOf(const DriftNote& note) {
    // The type of a new column may be one of values that were looked at.
    if (note.kind == project::DriftClassName(DriftClass::kAdditive))
      return note.kind + "|" + note.column + "|" + note.policy;
    return note.kind + "|" + note.column + "|" + note.from + "|" + note.to + "|" + note.policy;
  }

  std::string RawNameOf(const std::string& name) const {
    for (size_t i = 0; i < registered_.names.size(); ++i) {
      if (registered_.table.columns[i].name == name) return registered_.names[i];
    }
    return "";
  }

  void Note(const SchemaDifference& one, const std::string& policy, std::string action, bool lasts = false) {
    DriftNote note;
    note.kind = project::DriftClassName(one.kind);
    note.column = one.column;
    note.from = one.from;
    note.to = one.to;
    note.policy = policy;
    note.action = std::move(action);
    note.fails = policy == project::DriftPolicyName(DriftPolicy::kFail);
    if (!one.files.empty() && one.files[0] < files_.size()) note.origin = files_[one.files[0]].origin;
    if (lasts) lasting_.insert(decision_.notes.size());
    decision_.notes.push_back(std::move(note));
  }

  void Propose(const RenameEvidence& one) {
    SchemaDifference difference;
    difference.kind = DriftClass::kRename;
    difference.column = difference.to = one.to;
    difference.from = one.from;
    Note(difference, "propose",
         fmt::format("nothing, until `renames: {{ {}: {} }}` says so: {}", one.from, one.to, one.how));
    decision_.notes.back().confidence = one.confidence;
  }

  void Change(const std::string& text) { decision_.changes += (decision_.changes.empty() ? "" : "; ") + text; }

  Status Apply(const SchemaDifference& one) {
    const DriftPolicy policy = rules_.Of(one.kind);
    const bool key_is_gone = one.kind == DriftClass::kKeyChanged && !one.column.empty();
    if (policy == DriftPolicy::kFail || key_is_gone) {
      Note(one, project::DriftPolicyName(DriftPolicy::kFail), "the load fails, nothing is changed");
      return Ok();
    }
    switch (one.kind) {
      case DriftClass::kAdditive: return Added(one, policy);
      case DriftClass::kWidened:
      case DriftClass::kNarrowed:
      case DriftClass::kTypeChange: return Retyped(one, policy);
      case DriftClass::kRemoved: return Removed(one, policy);
      case DriftClass::kKeyChanged: return Rekeyed(one, policy);
      case DriftClass::kRename: return Ok();
    }
    return Ok();
  }

  Status Added(const SchemaDifference& one, DriftPolicy policy) {
    const auto left = std::find_if(registered_.left_out.begin(), registered_.left_out.end(),
                                   [&](const LeftOutColumn& column) { return column.name == one.column; });
    const bool back = left != registered_.left_out.end();
    const char* const word = project::DriftPolicyName(policy);
    std::string column = back ? left->column : NewRawName(registered_, one.column, asset_.soft_delete);
    std::vector<SourceColumn> typed = {{one.column, one.type, one.engine_type}};
    LEAT_TRY(DecideTypes(asset_, typed));
    if (policy == DriftPolicy::kEvolve) {
      const data::Field* old = held_ == nullptr ? nullptr : held_->FindColumn(column);
      std::string action = back ? "the column is read again" : "the column is added, NULL in old rows";
      if (old != nullptr && data::TypeName(*old->type) != data::TypeName(*typed[0].type)) {
        if (!TakesType(*old->type, *typed[0].type)) typed[0].type = old->type;
        action += "; its type in the table is " + data::TypeName(*typed[0].type);
      }
      Note(one, word, action);
      Change((back ? "again " : "added ") + one.column + " (" + data::TypeName(*typed[0].type) + ")");
      if (back) registered_.left_out.erase(left);
      Read(typed[0], column, one.type);
    } else if (policy == DriftPolicy::kDiscardColumn) {
      Note(one, word, "the column is not read");
      Change("left out " + one.column);
      if (back) registered_.left_out.erase(left);
      registered_.left_out.push_back({one.column, column, typed[0].type, one.type, Why::kDiscarded});
    } else if (policy == DriftPolicy::kFreeze) {
      Note(one, word, "the column is not read", true);
    } else {
      Note(one, word, std::string("rows with a value in it are ") + Fate(policy), true);
      decision_.row_rules.push_back({DriftClass::kAdditive, one.column, column});
      decision_.fitting[one.column] = decision_.fitting[column] = DriftClass::kAdditive;
      Read(typed[0], column, nullptr);
      registered_.watched.insert(one.column);
    }
    return Ok();
  }

  /// A column that is back with another type than the table has.
  bool TakesType(const data::Type& held, const data::Type& now) const {
    const TypeMove move = CompareTypes(held, now);
    if (move == TypeMove::kWidened) return rules_.Of(DriftClass::kWidened) == DriftPolicy::kEvolve;
    return move == TypeMove::kChanged && rules_.Of(DriftClass::kTypeChange) == DriftPolicy::kEvolve;
  }

  void Read(const SourceColumn& column, const std::string& raw, const data::TypePtr& source_type) {
    registered_.table.columns.push_back(column);
    registered_.names.push_back(raw);
    if (source_type != nullptr) registered_.source_types[column.name] = source_type;
  }

  Status Retyped(const SchemaDifference& one, DriftPolicy policy) {
    const auto column = std::find_if(registered_.table.columns.begin(), registered_.table.columns.end(),
                                     [&](const SourceColumn& known) { return known.name == one.column; });
    const auto at = static_cast<size_t>(column - registered_.table.columns.begin());
    const char* const word = project::DriftPolicyName(policy);
    const std::string moved = one.column + " " + one.from + " -> " + one.to;
    if (policy == DriftPolicy::kEvolve) {
      const bool declared = !DeclaredColumns(asset_, {*column}).empty();
      const bool takes =
          !declared && (data::CanPromote(*column->type, *one.type) || one.kind == DriftClass::kTypeChange);
      if (takes) column->type = one.type;
      registered_.source_types[one.column] = one.type;
      const std::string type = data::TypeName(*column->type);
      Note(one, word, takes ? "the column becomes " + type : "the column stays " + type);
      Change(moved);
    } else if (policy == DriftPolicy::kDiscardColumn) {
      Note(one, word, "the column is not read any more: NULL in new rows");
      Change("left out " + moved);
      LeaveOut(at, Why::kDiscarded, one.type);
    } else if (policy == DriftPolicy::kFreeze || one.kind == DriftClass::kNarrowed) {
      Note(one, word,
           fmt::format("the column stays {}: a value that does not fit rejects its row", data::TypeName(*column->type)),
           true);
    } else {
      Note(one, word,
           fmt::format("the column stays {}: rows whose value does not fit are {}", data::TypeName(*column->type),
                       Fate(policy)),
           true);
      decision_.fitting[one.column] = decision_.fitting[registered_.names[at]] = one.kind;
    }
    return Ok();
  }

  Status Removed(const SchemaDifference& one, DriftPolicy policy) {
    const char* const word = project::DriftPolicyName(policy);
    const bool by_file = asset_.source->source.files;
    const auto column = std::find_if(registered_.table.columns.begin(), registered_.table.columns.end(),
                                     [&](const SourceColumn& known) { return known.name == one.column; });
    const auto at = static_cast<size_t>(column - registered_.table.columns.begin());
    const bool read = column != registered_.table.columns.end();
    if (IsByRow(policy)) {
      Note(one, word,
           std::string(one.everywhere ? "all rows are " : "the rows of files without it are ") + Fate(policy), true);
      decision_.row_rules.push_back(
          {DriftClass::kRemoved, one.column, "", one.everywhere ? std::vector<size_t>() : one.files});
      // A source of files gives NULL for it by itself.
      if (read && !by_file) LeaveOut(at, Why::kFrozen, nullptr);
      return Ok();
    }
    if (!one.everywhere) {
      Note(one, word, "NULL in the rows of files without it", policy == DriftPolicy::kFreeze);
      return Ok();
    }
    const bool frozen = policy == DriftPolicy::kFreeze;
    Note(one, word, "the column stays in the table, NULL in new rows", frozen);
    if (!frozen) Change("gone " + one.column);
    if (read && (!frozen || !by_file)) LeaveOut(at, frozen ? Why::kFrozen : Why::kGone, nullptr);
    for (LeftOutColumn& left : registered_.left_out) {
      if (!read && !frozen && left.name == one.column) left.why = Why::kGone;  // the policy is another one now
    }
    return Ok();
  }

  Status Rekeyed(const SchemaDifference& one, DriftPolicy policy) {
    const bool evolves = policy == DriftPolicy::kEvolve;
    Note(one, project::DriftPolicyName(policy),
         evolves ? "registered; rows are found by what `primary_key` says" : "the load goes on as before", !evolves);
    if (!evolves) return Ok();
    Change(fmt::format("key ({}) -> ({})", one.from, one.to));
    registered_.table.primary_key.clear();
    std::string rest = one.to;
    while (!rest.empty()) {
      const size_t comma = rest.find(", ");
      registered_.table.primary_key.push_back(rest.substr(0, comma));
      rest = comma == std::string::npos ? "" : rest.substr(comma + 2);
    }
    return Ok();
  }

  void LeaveOut(size_t at, Why why, const data::TypePtr& type_now) {
    const SourceColumn& column = registered_.table.columns[at];
    const auto source_type = registered_.source_types.find(column.name);
    data::TypePtr known = source_type == registered_.source_types.end() ? nullptr : source_type->second;
    registered_.left_out.push_back(
        {column.name, registered_.names[at], column.type, type_now != nullptr ? type_now : known, why});
    if (source_type != registered_.source_types.end()) registered_.source_types.erase(source_type);
    registered_.table.columns.erase(registered_.table.columns.begin() + static_cast<std::ptrdiff_t>(at));
    registered_.names.erase(registered_.names.begin() + static_cast<std::ptrdiff_t>(at));
  }

  /// Columns that were looked for at every load and are there again.
  void Unfreeze(const std::vector<ObservedInput>& observed) {
    for (size_t i = registered_.left_out.size(); i-- > 0;) {
      const LeftOutColumn left = registered_.left_out[i];
      if (left.why != Why::kFrozen) continue;
      const bool there = std::any_of(observed.begin(), observed.end(), [&](const ObservedInput& input) {
        return std::any_of(input.columns.begin(), input.columns.end(),
                           [&](const SourceColumn& column) { return column.name == left.name; });
      });
      if (!there) continue;
      registered_.left_out.erase(registered_.left_out.begin() + static_cast<std::ptrdiff_t>(i));
      Read({left.name, left.type, ""}, left.column, left.source_type);
    }
  }

  /// Of columns that are new, or that an earlier build registered without the source's own types.
  void LearnTypes(const std::vector<ObservedInput>& observed) {
    for (const ObservedInput& input : observed) {
      if (input.sampled) continue;
      for (const SourceColumn& column : input.columns) {
        for (SourceColumn& known : registered_.table.columns) {
          if (column.id != 0 && known.name == column.name) known.id = column.id;
        }
        const bool told = std::any_of(decision_.notes.begin(), decision_.notes.end(),
                                      [&](const DriftNote& note) { return note.column == column.name; });
        if (column.type != nullptr && !told && IsRegistered(registered_, column.name))
          registered_.source_types.emplace(column.name, column.type);
      }
    }
  }

  const project::Asset& asset_;
  const project::DriftRules& rules_;
  const data::Schema* held_;
  const std::vector<component::InputFile>& files_;
  const std::vector<RenameEvidence>& evidence_;
  RegisteredTable& registered_;
  DriftDecision decision_;
  std::set<size_t> lasting_;  ///< notes of differences that will be there at the next load
};

std::string TitleOf(const DriftNote& note) {
  if (note.column.empty()) return fmt::format("the key ({}) became ({})", note.from, note.to);
  if (note.to.empty()) return fmt::format("column {} ({}) is gone", note.column, note.from);
  if (note.from.empty()) return fmt::format("column {} ({}) appeared", note.column, note.to);
  return fmt::format("column {}: {} became {}", note.column, note.from, note.to);
}

/// Of a source that tells no more than that: what is registered, and what it has beside it.
Result<ObservedInput> WhatAppeared(component::Source& source, const component::ReadRequest& request,
                                   const component::Relation* relation) {
  ObservedInput input;
  input.sampled = true;
  for (const SourceColumn& column : request.table.columns) input.columns.push_back({column.name, nullptr, ""});
  std::vector<SourceColumn> added;
  if (relation != nullptr) {
    added = relation->added;
  } else {
    LEAT_ASSIGN(added, source.FindAdded(request));
  }
  for (SourceColumn& column : added) {
    const auto known = std::find_if(input.columns.begin(), input.columns.end(),
                                    [&](const SourceColumn& one) { return one.name == column.name; });
    if (known == input.columns.end()) input.columns.push_back(std::move(column));
    else *known = std::move(column);
  }
  return input;
}

}  // namespace

bool DriftDecision::fails() const {
  return std::any_of(notes.begin(), notes.end(), [](const DriftNote& note) { return note.fails; });
}

Result<DriftDecision> DecideDrift(const project::Asset& asset, const project::DriftRules& rules,
                                  const data::Schema* held, const std::vector<ObservedInput>& observed,
                                  const std::vector<component::InputFile>& files,
                                  const std::vector<RenameEvidence>& evidence, RegisteredTable& registered) {
  const std::string before = RegisteredToJson(registered);
  LEAT_ASSIGN(DriftDecision decision, Decision(asset, rules, held, files, evidence, registered).Run(observed));
  if (RegisteredToJson(registered) != before) registered.changed = true;
  return decision;
}

Result<std::vector<ObservedInput>> ObserveSource(const project::Asset& asset, component::Source& source,
                                                 const component::ReadRequest& request,
                                                 const project::DriftRules& rules,
                                                 const component::Relation* relation) {
  std::vector<ObservedInput> observed;
  if (auto* observer = dynamic_cast<component::SchemaObserver*>(&source)) {
    LEAT_ASSIGN(observed, observer->Observe(request, {rules.compare_text_types, rules.compare_each_file}));
  } else {
    LEAT_ASSIGN(observed.emplace_back(), WhatAppeared(source, request, relation));
  }
  for (ObservedInput& input : observed) {
    std::erase_if(input.columns, [&](const SourceColumn& column) { return IsExcluded(asset, column.name); });
    for (SourceColumn& column : input.columns) {
      if (column.type != nullptr || column.engine_type.empty()) continue;
      std::vector<SourceColumn> one = {column};
      LEAT_TRY(DecideTypes(asset, one, false));
      column.type = one[0].type;
    }
  }
  return observed;
}

void LogDrift(const StepContext& context, const DriftNote& note) {
  Log(note.fails ? LogLevel::kError : LogLevel::kWarn, "drift",
      {{"asset", context.asset.id},
       {"class", note.kind},
       {"column", note.column},
       {"was", note.from},
       {"became", note.to},
       {"policy", note.policy},
       {"action", note.action},
       {"origin", note.origin}});
}

Error DriftError(const project::Asset& asset, const DriftDecision& decision) {
  std::string text;
  size_t more = 0;
  std::string classes;
  std::string gone, appeared;  // the first of each: perhaps one column with another name
  for (const DriftNote& note : decision.notes) {
    const bool proposed = note.kind == project::DriftClassName(DriftClass::kRename) && note.policy == "propose";
    if (proposed) {
      gone = note.from;
      appeared = note.to;
    }
    if (note.kind == project::DriftClassName(DriftClass::kAdditive) && appeared.empty()) appeared = note.column;
    if (note.to.empty() && gone.empty()) gone = note.column;
    if (!note.fails) continue;
    if (classes.find(note.kind) == std::string::npos) classes += (classes.empty() ? "" : ", ") + note.kind + ": …";
    if (text.empty()) text = TitleOf(note) + (note.origin.empty() ? "" : " in " + note.origin);
    else ++more;
  }
  if (more > 0) text += fmt::format(", and {} more", more);
  return MakeError("RUN-549", ErrorKind::kData, "table {}: the source's columns changed: {}", asset.table.ToString(),
                   text)
      .At(asset.where)
      .WithHint(fmt::format(
          "mend the source, or say what is to become of it: `drift: {{ {} }}`{}\n`leat drift` shows all of it", classes,
          gone.empty() || appeared.empty()
              ? ""
              : fmt::format("; if it only has another name now: `renames: {{ {}: {} }}`", gone, appeared)));
}

void DriftRows::AddTo(SplitInput& input, const std::vector<component::InputFile>& files) const {
  std::string cases;
  for (const DriftRowRule& rule : decision_.row_rules) {
    std::string condition = "true";
    std::string what = "the source has no column " + rule.column;
    if (!rule.has_value.empty()) {
      condition = sql::QuoteName(rule.has_value) + " IS NOT NULL";
      what = "a value in the column " + rule.column + ", which is not registered";
    } else if (!rule.files.empty()) {
      condition = std::string(kSourceFile) + " IN (";
      for (size_t i = 0; i < rule.files.size(); ++i)
        condition += (i == 0 ? "" : ", ") + sql::QuoteLiteral(files[rule.files[i]].origin);
      condition += ")";
      what = "the file has no column " + rule.column;
    }
    const std::string reason =
        component::RefusedRow(kReason + std::string(project::DriftClassName(rule.kind)), rule.column, what);
    cases += " WHEN " + condition + " THEN " + sql::QuoteLiteral("b|" + reason);
  }
  if (cases.empty()) return;
  cases = "CASE" + cases + " END";
  input.reader_reason = input.reader_reason.empty() ? cases : "coalesce(" + cases + ", " + input.reader_reason + ")";
}

bool DriftRows::Keep(RejectedRow& row) {
  DriftClass kind = DriftClass::kRemoved;
  if (row.reason_code == "cast") {
    const auto found = decision_.fitting.find(row.column);
    if (found == decision_.fitting.end()) return true;
    kind = found->second;
  } else if (row.reason_code.starts_with(kReason)) {
    if (row.reason_code.ends_with(project::DriftClassName(DriftClass::kAdditive))) kind = DriftClass::kAdditive;
  } else {
    return true;
  }
  if (rules_.Of(kind) == DriftPolicy::kDiscardRow) {
    ++filtered_[kRule + std::string(project::DriftClassName(kind))];
    return false;
  }
  row.reason_code = kReason + std::string(project::DriftClassName(kind));
  ++rejected_;
  return true;
}

int64_t DriftRows::filtered() const {
  int64_t rows = 0;
  for (const auto& [rule, count] : filtered_) rows += count;
  return rows;
}

std::vector<NamedCount> DriftRows::filters() const {
  std::vector<NamedCount> counts;
  counts.reserve(filtered_.size());
  for (const auto& [rule, count] : filtered_) counts.push_back({rule, count});
  return counts;
}

}  // namespace leat::run
