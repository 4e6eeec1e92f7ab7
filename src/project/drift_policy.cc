#include "project/drift_policy.h"

#include <algorithm>

#include "base/nearest.h"
#include "project/reader.h"

namespace leat::project {
namespace {

using config::FieldSpec;
using config::FieldType;

const std::vector<DriftClass> kClasses = {DriftClass::kAdditive,   DriftClass::kWidened, DriftClass::kNarrowed,
                                          DriftClass::kTypeChange, DriftClass::kRemoved, DriftClass::kKeyChanged};
const std::vector<DriftPolicy> kPolicies = {DriftPolicy::kEvolve,        DriftPolicy::kFreeze,
                                            DriftPolicy::kDiscardColumn, DriftPolicy::kDiscardRow,
                                            DriftPolicy::kQuarantine,    DriftPolicy::kFail};

std::optional<DriftPolicy> PolicyNamed(const std::string& word) {
  for (const DriftPolicy policy : kPolicies) {
    if (word == DriftPolicyName(policy)) return policy;
  }
  return std::nullopt;
}

/// What a class can be met with at all.
bool Takes(DriftClass kind, DriftPolicy policy) {
  const bool by_row = policy == DriftPolicy::kDiscardRow || policy == DriftPolicy::kQuarantine;
  if (kind == DriftClass::kNarrowed) return !by_row;
  if (kind == DriftClass::kKeyChanged) return !by_row && policy != DriftPolicy::kDiscardColumn;
  return true;
}

std::vector<std::string> WordsFor(DriftClass kind) {
  std::vector<std::string> words;
  for (const DriftPolicy policy : kPolicies) {
    if (Takes(kind, policy)) words.emplace_back(DriftPolicyName(policy));
  }
  return words;
}

DriftPolicy DefaultOf(const Asset& asset, DriftClass kind) {
  switch (kind) {
    // Values of files that carry their own types are not read one by one: none can be set aside before it is written.
    case DriftClass::kTypeChange: return asset.source->source.relation ? DriftPolicy::kFail : DriftPolicy::kFreeze;
    case DriftClass::kRemoved: return asset.source->source.files ? DriftPolicy::kEvolve : DriftPolicy::kFail;
    case DriftClass::kKeyChanged: {
      const bool by_key = asset.mode == "incremental" || asset.mode == "insert" || asset.mode == "delete" ||
                          (asset.replaces_all() && asset.soft_delete);
      return by_key && !asset.primary_key.empty() ? DriftPolicy::kFail : DriftPolicy::kEvolve;
    }
    default: return DriftPolicy::kEvolve;
  }
}

/// One word for all classes, as far as this one takes it.
DriftPolicy WordFor(const Asset& asset, DriftClass kind, DriftPolicy word) {
  if (kind == DriftClass::kTypeChange && word == DriftPolicy::kEvolve && !AllRowsAreNew(asset))
    return DriftPolicy::kFreeze;
  if (Takes(kind, word)) return word;
  return kind == DriftClass::kNarrowed ? DriftPolicy::kFreeze : DriftPolicy::kFail;
}

}  // namespace

const char* DriftClassName(DriftClass kind) {
  switch (kind) {
    case DriftClass::kAdditive: return "additive";
    case DriftClass::kWidened: return "widened";
    case DriftClass::kNarrowed: return "narrowed";
    case DriftClass::kTypeChange: return "type_change";
    case DriftClass::kRename: return "rename";
    case DriftClass::kRemoved: return "removed";
    case DriftClass::kKeyChanged: return "key_changed";
  }
  return "";
}

const char* DriftPolicyName(DriftPolicy policy) {
  switch (policy) {
    case DriftPolicy::kEvolve: return "evolve";
    case DriftPolicy::kFreeze: return "freeze";
    case DriftPolicy::kDiscardColumn: return "discard_column";
    case DriftPolicy::kDiscardRow: return "discard_row";
    case DriftPolicy::kQuarantine: return "quarantine";
    case DriftPolicy::kFail: return "fail";
  }
  return "";
}

bool AllRowsAreNew(const Asset& asset) { return asset.mode == "full-refresh" && !asset.soft_delete; }

std::vector<FieldSpec> DriftFields() {
  std::vector<FieldSpec> fields;
  const auto add = [&](DriftClass kind, const char* description) {
    fields.push_back({.name = DriftClassName(kind),
                      .type = FieldType::kEnum,
                      .description = description,
                      .allowed = WordsFor(kind)});
  };
  add(DriftClass::kAdditive, "A column appeared, or is back. Default: evolve.");
  add(DriftClass::kWidened, "A column's type holds all that it held and more. Default: evolve.");
  add(DriftClass::kNarrowed,
      "A column's type holds less than before. Default: evolve (the table keeps the wider one).");
  add(DriftClass::kTypeChange, "A column has another type. Default: freeze (values that do not fit are rejected).");
  add(DriftClass::kRemoved, "A column is gone. Default: evolve for files, fail for databases.");
  add(DriftClass::kKeyChanged,
      "The source has another primary key. Default: fail in modes that go by key, else evolve.");
  fields.push_back({.name = "rename",
                    .type = FieldType::kEnum,
                    .description = "A column that is gone and a new one with the same values: propose it, or apply it "
                                   "from `confidence` on.",
                    .default_value = "propose",
                    .allowed = {"propose", "apply"}});
  fields.push_back({.name = "confidence",
                    .type = FieldType::kPercent,
                    .description = "Share of equal values from which on `rename: apply` holds two columns for one.",
                    .default_value = "95%",
                    .minimum = 0.5,
                    .maximum = 1});
  return {{.name = "drift",
           .type = FieldType::kObject,
           .description = "What a load does when the source's columns changed: one policy for all classes of changes "
                          "(evolve, freeze, discard_column, discard_row, quarantine, fail), or one for each.",
           .example = "{ removed: fail, type_change: quarantine }",
           .fields = std::move(fields),
           .scalar_ok = true}};
}

FieldSpec RenamesField() {
  return {.name = "renames",
          .type = FieldType::kMap,
          .description = "Columns that the source calls otherwise now, old: new. They keep their values.",
          .example = "{ tail: tailnum }"};
}

config::Node WithDriftOf(const config::Node* source_drift, config::Node table) {
  if (source_drift == nullptr || source_drift->is_null()) return table;
  const auto own = std::find_if(table.members.begin(), table.members.end(),
                                [](const config::Node::Member& member) { return member.key == "drift"; });
  if (own == table.members.end()) {
    table.members.push_back({"drift", source_drift->span, *source_drift});
    return table;
  }
  if (!own->value.is_map()) return table;
  if (source_drift->is_scalar()) {
    const std::optional<DriftPolicy> word = PolicyNamed(source_drift->scalar);
    for (const DriftClass kind : kClasses) {
      if (own->value.Find(DriftClassName(kind)) != nullptr || !word || !Takes(kind, *word)) continue;
      own->value.members.push_back({DriftClassName(kind), source_drift->span, *source_drift});
    }
  }
  for (const config::Node::Member& member : source_drift->members) {
    if (own->value.Find(member.key) == nullptr) own->value.members.push_back(member);
  }
  return table;
}

DriftRules DriftRulesOf(const Asset& asset) {
  DriftRules rules;
  const config::Values& values = asset.table_values;
  std::optional<DriftPolicy> word;
  const config::Values* classes = nullptr;
  if (values.Has("drift")) {
    classes = values.Object("drift");
    if (classes == nullptr) word = PolicyNamed(values.Text("drift"));
  }
  std::map<DriftClass, bool> given;
  for (const DriftClass kind : kClasses) {
    DriftPolicy policy = DefaultOf(asset, kind);
    if (word) policy = WordFor(asset, kind, *word);
    given[kind] = word.has_value();
    if (classes != nullptr && classes->Has(DriftClassName(kind))) {
      policy = PolicyNamed(classes->Text(DriftClassName(kind))).value_or(policy);
      given[kind] = true;
    }
    rules.policies[kind] = policy;
  }
  rules.compare_text_types = given[DriftClass::kWidened] || given[DriftClass::kTypeChange];
  const DriftPolicy removed = rules.Of(DriftClass::kRemoved);
  rules.compare_each_file = removed != DriftPolicy::kEvolve && removed != DriftPolicy::kDiscardColumn;
  if (classes != nullptr) {
    rules.apply_renames = classes->Text("rename") == "apply";
    rules.confidence = classes->Percent("confidence");
  }
  if (values.Has("renames")) rules.renames = values.TextMap("renames");
  return rules;
}

void CheckDrift(ReadState& state, const Asset& asset, const config::Values& values) {
  const auto report = [&](const config::Values& at, const char* field, const std::string& message, std::string hint) {
    state.findings.Add(MakeError("PROJ-219", ErrorKind::kConfig, "table '{}': {}", asset.name, message)
                           .WithHint(std::move(hint))
                           .At(at.Where(field)));
  };
  if (values.Has("drift")) {
    const config::Values* classes = values.Object("drift");
    const std::string word = classes == nullptr ? values.Text("drift") : "";
    if (!word.empty() && !PolicyNamed(word)) {
      std::vector<std::string> words;
      std::string all;
      for (const DriftPolicy policy : kPolicies) {
        words.emplace_back(DriftPolicyName(policy));
        all += (all.empty() ? "" : ", ") + words.back();
      }
      const std::string near = DidYouMean(word, words);
      report(values, "drift", fmt::format("'{}' is no drift policy", word),
             (near.empty() ? "" : near + "\n") + "allowed: " + all);
    }
    if (classes != nullptr && classes->Has("type_change") && classes->Text("type_change") == "evolve" &&
        !AllRowsAreNew(asset)) {
      report(*classes, "type_change",
             fmt::format("a type cannot become another one while old rows stay (mode {})", asset.mode),
             "use mode: full-refresh, or another policy: freeze loads the values that fit");
    }
    const bool additive = classes != nullptr ? classes->Has("additive") : !word.empty();
    for (const config::Values* at : {&asset.table_values, &asset.connection_values}) {
      if (additive && at->Has("on_new_column") && at->Text("on_new_column") != "add")
        report(*at, "on_new_column", "`on_new_column` and `drift` both say what becomes of new columns",
               "leave on_new_column out: ignore is `additive: freeze`, error is `additive: fail`");
    }
  }
  if (!values.Has("renames")) return;
  std::map<std::string, std::string> old_of;
  for (const auto& [from, to] : values.TextMap("renames")) {
    const auto [other, is_new] = old_of.emplace(to, from);
    if (!is_new)
      report(values, "renames", fmt::format("'{}' and '{}' cannot both become '{}'", other->second, from, to),
             "a column has one old name");
    if (to.empty() || from == to)
      report(values, "renames", fmt::format("'{}' needs another new name", from), "write old: new");
  }
}

}  // namespace leat::project
