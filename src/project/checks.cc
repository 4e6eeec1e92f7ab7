#include <algorithm>
#include <set>

#include "base/nearest.h"
#include "component/check_policy.h"
#include "component/spec.h"
#include "project/fields.h"
#include "project/reader.h"

namespace leat::project {
namespace {

// A check entry taken apart: its name and one flat map of arguments.
struct CheckEntry {
  std::string name;
  config::Node arguments;
  SourceSpan where;
};

// dbt nests some keys: `config:` holds severity, `arguments:` the check's own.
config::Node Flattened(const config::Node& arguments) {
  config::Node flat = arguments;
  flat.members.clear();
  for (const config::Node::Member& member : arguments.members) {
    const bool nested = (member.key == "config" || member.key == "arguments") && member.value.is_map();
    if (nested) flat.members.insert(flat.members.end(), member.value.members.begin(), member.value.members.end());
    else flat.members.push_back(member);
  }
  return flat;
}

std::optional<CheckEntry> TakeEntry(const config::Node& node, const std::string& asset, config::Findings& findings) {
  CheckEntry entry;
  entry.where = node.span;
  entry.arguments.kind = config::Node::Kind::kMap;
  entry.arguments.span = node.span;
  if (node.is_scalar()) {
    entry.name = node.scalar;
    return entry;
  }
  if (!node.is_map() || node.members.size() != 1) {
    findings.Add(
        MakeError("PROJ-207", ErrorKind::kConfig, "{}: a check is a name, or a name with a map of arguments", asset)
            .WithHint("write  - unique: { severity: warn }  or indent the arguments below the name")
            .At(node.is_map() && node.members.size() > 1 ? node.members[1].key_span : node.span));
    return std::nullopt;
  }
  const config::Node::Member& member = node.members.front();
  entry.name = member.key;
  entry.where = member.key_span;
  if (member.value.is_map()) {
    entry.arguments = Flattened(member.value);
  } else if (!member.value.is_null()) {
    findings.Add(
        MakeError("PROJ-207", ErrorKind::kConfig, "{}: the arguments of check '{}' are a map", asset, entry.name)
            .WithHint(fmt::format("write  - {}: {{ name: value }}", entry.name))
            .At(member.value.span));
    return std::nullopt;
  }
  return entry;
}

class CheckBuilder {
 public:
  explicit CheckBuilder(ReadState& state) : state_(state) {}

  void Build(const PendingCheck& pending) {
    const Asset asset = Head(pending.asset);
    const auto entry = TakeEntry(pending.node, asset.id, state_.findings);
    if (!entry) return;
    CheckUse use;
    use.check = entry->name;
    use.column = pending.column;
    use.where = entry->where;
    use.spec = component::FindSpec("check", entry->name);
    if (use.spec == nullptr) return ReportUnknown(*entry);
    if (!CheckPlace(*use.spec, use, asset)) return;
    auto fields = use.spec->fields;
    for (const config::FieldSpec& field : component::CheckPolicyFields()) fields.push_back(field);
    const size_t before = state_.findings.errors.size();
    const config::Node arguments = Resolved(entry->arguments, *use.spec, asset);
    if (state_.findings.errors.size() > before) return;
    const config::Values values = config::Validate(arguments, fields, Name(use, asset), state_.env, state_.findings);
    if (state_.findings.errors.size() > before || !TakePolicy(values, use, asset)) return;
    auto made = use.spec->make_check(values);
    if (!made.ok()) {
      Error error = std::move(made).error().In(Name(use, asset));
      state_.findings.Add(error.where().known() ? std::move(error) : std::move(error).At(use.where));
      return;
    }
    use.instance = std::move(made).value();
    use.keep_order = use.instance->KeepOrder();
    use.arguments_text = ArgumentsText(arguments);
    use.id = UniqueId(values.Text("name"), use, asset);
    state_.assets[pending.asset].checks.push_back(std::move(use));
  }

 private:
  // What messages need of an asset; the list of assets may grow meanwhile.
  Asset Head(size_t index) const {
    Asset head;
    head.id = state_.assets[index].id;
    head.table = state_.assets[index].table;
    head.name = state_.assets[index].name;
    return head;
  }

  static std::string Name(const CheckUse& use, const Asset& asset) {
    return use.column.empty() ? fmt::format("check {} of {}", use.check, asset.table.ToString())
                              : fmt::format("check {} of {}.{}", use.check, asset.table.ToString(), use.column);
  }

  void ReportUnknown(const CheckEntry& entry) {
    const auto names = component::SpecNames("check");
    std::string all;
    for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
    const std::string near = DidYouMean(entry.name, names);
    state_.findings.Add(MakeError("PROJ-208", ErrorKind::kConfig, "unknown check '{}'", entry.name)
                            .WithHint((near.empty() ? "" : near + "\n") + "checks: " + all)
                            .At(entry.where));
  }

  bool CheckPlace(const component::Spec& spec, const CheckUse& use, const Asset& asset) {
    const bool names_column = std::any_of(spec.fields.begin(), spec.fields.end(),
                                          [](const auto& f) { return f.name == "column" || f.name == "columns"; });
    const auto report = [&](std::string_view hint) {
      state_.findings.Add(MakeError("PROJ-207", ErrorKind::kConfig, "{} stands in the wrong place", Name(use, asset))
                              .WithHint(std::string(hint))
                              .At(use.where));
      return false;
    };
    if (!spec.check.column && !use.column.empty())
      return report("it is about the table: put it under the table's checks");
    if (spec.check.column && use.column.empty() && !names_column)
      return report("put it under the column that it is about");
    return true;
  }

  // Arguments that name a table become quoted SQL, and an edge of the graph.
  config::Node Resolved(config::Node arguments, const component::Spec& spec, const Asset& asset) {
    for (config::Node::Member& member : arguments.members) {
      const bool names_table = std::any_of(spec.fields.begin(), spec.fields.end(),
                                           [&](const auto& f) { return f.name == member.key && f.names_table; });
      if (!names_table || !member.value.is_scalar()) continue;
      const auto table = ResolveTableText(state_, member.value.scalar, member.value.span, asset.table.ns);
      if (!table.ok()) {
        state_.findings.Add(table.error());
        continue;
      }
      member.value.scalar = QualifiedName(state_.settings, (*table)->table);
      if ((*table)->id != asset.id) state_.references[asset.id].push_back({(*table)->id, member.value.span, true});
    }
    return arguments;
  }

  bool TakePolicy(const config::Values& values, CheckUse& use, const Asset& asset) {
    const std::string on_fail = values.Text("on_fail");
    if (on_fail == "warn" || (on_fail.empty() && values.Text("severity") == "warn")) use.on_fail = OnFail::kWarn;
    else if (on_fail == "quarantine") use.on_fail = OnFail::kQuarantine;
    use.severity = use.on_fail == OnFail::kWarn ? Severity::kWarn : Severity::kError;
    if (use.on_fail == OnFail::kQuarantine && !use.spec->check.row_level) {
      state_.findings.Add(MakeError("PROJ-207", ErrorKind::kConfig,
                                    "{}: it looks at the whole table and cannot set rows aside", Name(use, asset))
                              .WithHint("use on_fail: warn or block")
                              .At(values.Where("on_fail")));
      return false;
    }
    return true;
  }

  static std::string ArgumentsText(const config::Node& node) {
    if (node.is_scalar()) return "'" + node.scalar + "'";
    std::string text = node.is_list() ? "[" : "{";
    for (const config::Node& item : node.items) text += ArgumentsText(item) + ",";
    for (const config::Node::Member& member : node.members)
      text += member.key + ":" + ArgumentsText(member.value) + ",";
    return text + (node.is_list() ? "]" : "}");
  }

  std::string UniqueId(const std::string& given, const CheckUse& use, const Asset& asset) {
    std::string id =
        asset.id + (use.column.empty() ? "" : "." + use.column) + "." + (given.empty() ? use.check : given);
    const std::string base = id;
    for (int n = 2; !ids_.insert(id).second; ++n) id = fmt::format("{}#{}", base, n);
    return id;
  }

  ReadState& state_;
  std::set<std::string> ids_;
};

}  // namespace

void BuildChecks(ReadState& state) {
  CheckBuilder builder(state);
  for (const PendingCheck& pending : state.checks) builder.Build(pending);
}

}  // namespace leat::project
