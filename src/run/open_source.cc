#include <filesystem>

#include "base/ids.h"
#include "base/json_quoted.h"
#include "component/budget_fields.h"
#include "project/fields.h"
#include "run/step.h"
#include "run/table_scan.h"

namespace leat::run {

namespace {

Result<component::SourceContext> MakeContext(Lakehouse& lakehouse, const project::Project& project,
                                             const std::string& name, const config::Values& values,
                                             const std::string& spool_name, CancelToken* cancel, BudgetUser user) {
  component::SourceContext context;
  context.project_root = project.root;
  context.spool_folder = io::JoinUri(io::JoinUri(lakehouse.private_folder(), "spool"), spool_name);
  context.clock = &SystemClock();
  context.cancel = cancel;
  LEAT_ASSIGN(const component::BudgetLimits limits, component::ReadBudget(values));
  context.budget = lakehouse.budgets->For(name, limits, std::move(user));
  context.query = [&lakehouse](const std::string& sql) -> Result<std::vector<std::vector<std::string>>> {
    LEAT_ASSIGN(sql::Engine * engine, lakehouse.Engine(sql::InstanceKind::kEngine));
    LEAT_ASSIGN(const std::unique_ptr<sql::Connection> connection, engine->Connect());
    LEAT_ASSIGN(const sql::TextRows rows, connection->Query(sql));
    std::vector<std::vector<std::string>> texts;
    for (const auto& row : rows.rows) {
      std::vector<std::string>& out = texts.emplace_back();
      for (const auto& value : row) out.push_back(value.value_or(""));
    }
    return texts;
  };
  context.scan = [&lakehouse, cancel](const component::TableScan& scan) {
    return OpenTableScan(lakehouse, scan, cancel);
  };
  return context;
}

}  // namespace

Result<std::unique_ptr<component::Source>> OpenSource(Lakehouse& lakehouse, const project::Project& project,
                                                      const project::Asset& asset, const std::string& spool_name,
                                                      CancelToken* cancel, BudgetUser user) {
  if (user.step.empty()) user.step = asset.id;
  LEAT_ASSIGN(
      const component::SourceContext context,
      MakeContext(lakehouse, project, asset.connection, asset.connection_values, spool_name, cancel, std::move(user)));
  const std::string prefix = "source." + asset.source_name + ".";
  const std::string name = asset.id.starts_with(prefix) ? asset.id.substr(prefix.size()) : asset.table.name;
  if (asset.source == nullptr || asset.source->make_source == nullptr) {
    return MakeError("RUN-102", ErrorKind::kInternal, "source table '{}' has no source to read with", asset.id);
  }
  return asset.source->make_source(asset.connection_values, asset.table_values, name, context);
}

Result<std::unique_ptr<component::Source>> OpenListed(Lakehouse& lakehouse, const project::Project& project,
                                                      const project::Connection& connection,
                                                      const component::ListedTable& table, CancelToken* cancel,
                                                      BudgetUser user) {
  LEAT_ASSIGN(const config::Node entry,
              config::ParseYaml(fmt::format("{{\"name\": \"t\", \"table\": {}}}", JsonQuoted(table.entry)), "table"));
  config::Findings findings;
  const config::Values values = config::Validate(
      entry, project::TableFields(connection.source), "table '" + table.entry + "'",
      [](const std::string&) { return std::optional<std::string>(); }, findings);
  LEAT_ASSIGN(const component::SourceContext context,
              MakeContext(lakehouse, project, connection.name, connection.values, "profile", cancel, std::move(user)));
  return connection.source->make_source(connection.values, values, table.entry, context);
}

Result<std::vector<component::ListedTable>> ListTables(Lakehouse& lakehouse, const project::Project& project,
                                                       const project::Connection& connection, CancelToken* cancel) {
  if (connection.source->list_tables == nullptr) {
    return MakeError("RUN-552", ErrorKind::kUsage, "connection '{}': a source of type {} cannot list its tables",
                     connection.name, connection.source->name)
        .WithHint("write its entries into sources/*.yml; `leat describe source " + connection.source->name +
                  "` shows them")
        .At(connection.where);
  }
  LEAT_ASSIGN(const component::SourceContext context,
              MakeContext(lakehouse, project, connection.name, connection.values, "discover", cancel,
                          BudgetUser{"", "discover"}));
  return connection.source->list_tables(connection.values, context);
}

}  // namespace leat::run
