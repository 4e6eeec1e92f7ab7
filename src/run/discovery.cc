#include "run/discovery.h"

#include "base/nearest.h"
#include "run/allow_connections.h"
#include "run/profiling.h"
#include "run/step.h"

namespace leat::run {
namespace {

using component::ListedTable;

std::string FullName(const ListedTable& table) {
  return table.schema.empty() ? table.name : table.schema + "." + table.name;
}

Result<const project::Connection*> FindConnection(const project::Project& project, const std::string& name) {
  const auto found = project.connections.find(name);
  if (found != project.connections.end()) return &found->second;
  std::vector<std::string> names;
  names.reserve(project.connections.size());
  for (const auto& [known, unused] : project.connections) names.push_back(known);
  const std::string near = DidYouMean(name, names);
  return MakeError("PROJ-206", ErrorKind::kNotFound, "there is no connection '{}'", name)
      .WithHint(!near.empty()   ? near
                : names.empty() ? "describe it in connections.yml first"
                                : "connections.yml has others: " + names.front());
}

std::string LoadedBy(const project::Project& project, const std::string& connection, const ListedTable& table) {
  for (const project::Asset& asset : project.assets) {
    if (asset.kind != project::AssetKind::kSourceTable || asset.connection != connection) continue;
    const std::string named = asset.table_values.Text("table");
    if (NamesExactly(named.empty() ? asset.name : named, table)) return asset.id;
  }
  return "";
}

}  // namespace

bool NamesExactly(const std::string& text, const ListedTable& table) {
  return text == table.entry || text == FullName(table);
}

Result<std::vector<DiscoveredTable>> Discover(Lakehouse& lakehouse, const project::Project& project,
                                              const std::string& connection, const std::vector<std::string>& patterns,
                                              CancelToken* cancel) {
  LEAT_ASSIGN(const project::Connection* from, FindConnection(project, connection));
  AllowConnections(lakehouse, project);
  LEAT_ASSIGN(const std::vector<ListedTable> tables, ListTables(lakehouse, project, *from, cancel));
  std::vector<bool> used(patterns.size(), false);
  std::vector<DiscoveredTable> found;
  std::vector<std::string> names;
  for (const ListedTable& table : tables) {
    bool wanted = patterns.empty();
    for (size_t i = 0; i < patterns.size(); ++i) {
      const bool fits = NamesExactly(patterns[i], table) || project::MatchesColumn({patterns[i]}, table.name) ||
                        project::MatchesColumn({patterns[i]}, FullName(table));
      used[i] = used[i] || fits;
      wanted = wanted || fits;
    }
    names.push_back(FullName(table));
    if (table.schema.empty() || table.entry != names.back()) names.push_back(table.name);
    if (!wanted) continue;
    LEAT_ASSIGN(const std::optional<TableProfile> profile, NewestProfile(*lakehouse.store, connection, table.entry));
    DiscoveredTable& one = found.emplace_back();
    one.table = table;
    one.advice = Advise(table, profile ? &*profile : nullptr, from->source->source);
    one.asset = LoadedBy(project, connection, table);
    if (!profile) continue;
    one.measured = profile->at;
    one.counted = profile->counted;
    if (profile->counted) one.table.rows = profile->rows;
  }
  for (size_t i = 0; i < patterns.size(); ++i) {
    if (used[i]) continue;
    const std::string near = DidYouMean(patterns[i], names);
    return MakeError("RUN-553", ErrorKind::kNotFound, "connection '{}' has no table or view '{}' that this user sees",
                     connection, patterns[i])
        .WithHint(near.empty() ? fmt::format("`leat discover {}` shows the {} that it has", connection, tables.size())
                               : near);
  }
  return found;
}

}  // namespace leat::run
