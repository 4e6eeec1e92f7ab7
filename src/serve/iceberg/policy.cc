#include "serve/iceberg/policy.h"

#include "io/file_system.h"

namespace leat::serve::iceberg {

namespace {

Error NeedsScope(const Call& call, Scope needed, std::string_view what) {
  return MakeError("SERVE-205", ErrorKind::kPermission, "{} needs a token with scope {}; this one has {}", what,
                   ScopeName(needed), ScopeName(call.who.scope))
      .WithHint("ask for another token: `leat serve token create --scope ...`");
}

}  // namespace

Status CheckWritable(const Call& call) {
  if (call.who.scope < Scope::kWrite) return NeedsScope(call, Scope::kWrite, "writing");
  if (!call.view.writable) {
    return MakeError("SERVE-307", ErrorKind::kPermission, "'{}' is read-only", call.view.asked)
        .WithHint("attach the warehouse without @, or at a branch env/<name>, to write");
  }
  if (call.view.ref.rfind("run/", 0) == 0) {
    return MakeError("SERVE-304", ErrorKind::kPermission, "the branch '{}' belongs to its run", call.view.ref)
        .WithHint("make a branch of your own with `leat lake branch env/<name>`");
  }
  return Ok();
}

Status CheckTableWrite(const Call& call, const std::string& ns, const lake::Properties& ns_properties) {
  LEAT_ASSIGN(const CommitRule rule, CheckTableCommit(call, ns, ns_properties));
  if (rule == CommitRule::kOpen) return Ok();
  return MakeError("SERVE-305", ErrorKind::kPermission,
                   "namespace '{}' takes only what its project's checks prove: new rows and changes of tables", ns)
      .WithHint("drop, rename, register and change views in the project's files, or on a branch env/<name>");
}

Result<CommitRule> CheckTableCommit(const Call& call, const std::string& ns, const lake::Properties& ns_properties) {
  LEAT_TRY(CheckWritable(call));
  if (call.view.ref != "main") return CommitRule::kOpen;
  const auto rule = ns_properties.find(kExternalWrites);
  const bool owned = ns_properties.count(kOwner) != 0;
  if (rule == ns_properties.end() ? !owned : rule->second == "allow") return CommitRule::kOpen;
  if (rule != ns_properties.end() && rule->second == "gate" && call.gate != nullptr) return CommitRule::kGated;
  return MakeError("SERVE-305", ErrorKind::kPermission, "namespace '{}' takes no writes of other engines on main", ns)
      .WithHint(fmt::format("it belongs to a project, whose runs write it; set its property {} to gate or allow, or "
                            "write on a branch env/<name>",
                            kExternalWrites));
}

Status CheckNamespaceWrite(const Call& call, const std::string& ns) {
  LEAT_TRY(CheckWritable(call));
  if (call.who.tables.AllowNamespace(ns)) return Ok();
  return MakeError("SERVE-206", ErrorKind::kPermission, "this token does not reach all of namespace {}", ns)
      .WithHint("ask for one that does: `leat serve token create --tables '<namespace>.*' ...`");
}

Status CheckNamespaceProperties(const Call& call, const lake::Properties& set,
                                const std::vector<std::string>& removed) {
  if (call.who.scope >= Scope::kAdmin) return Ok();
  for (const auto& [name, value] : set) {
    if (name.rfind("leat.", 0) == 0) return NeedsScope(call, Scope::kAdmin, "the property " + name);
  }
  for (const std::string& name : removed) {
    if (name.rfind("leat.", 0) == 0) return NeedsScope(call, Scope::kAdmin, "the property " + name);
  }
  return Ok();
}

Status CheckLocation(const Call& call, const std::string& location) {
  const std::string root = io::LocalPath(call.catalog.options().warehouse_root);
  const std::string path = io::LocalPath(location);
  const bool below = path.size() > root.size() + 1 && path.compare(0, root.size(), root) == 0 &&
                     (root.back() == '/' || path[root.size()] == '/');
  if (below && (path + "/").find("/../") == std::string::npos) return Ok();
  return MakeError("SERVE-306", ErrorKind::kUsage, "the location '{}' is not below the warehouse {}", location,
                   call.catalog.options().warehouse_root)
      .WithHint("leave the location out: the catalogue chooses one");
}

}  // namespace leat::serve::iceberg
