#include <filesystem>

#include "base/ids.h"
#include "component/budget_fields.h"
#include "run/step.h"

namespace leat::run {

Result<std::unique_ptr<component::Source>> OpenSource(Lakehouse& lakehouse, const project::Project& project,
                                                      const project::Asset& asset, const std::string& spool_name,
                                                      CancelToken* cancel, BudgetUser user) {
  component::SourceContext context;
  context.project_root = project.root;
  context.spool_folder = io::JoinUri(io::JoinUri(lakehouse.private_folder(), "spool"), spool_name);
  context.clock = &SystemClock();
  context.cancel = cancel;
  LEAT_ASSIGN(const component::BudgetLimits limits, component::ReadBudget(asset.connection_values));
  if (user.step.empty()) user.step = asset.id;
  context.budget = lakehouse.budgets->For(asset.connection, limits, std::move(user));
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
  const std::string prefix = "source." + asset.source_name + ".";
  const std::string name = asset.id.starts_with(prefix) ? asset.id.substr(prefix.size()) : asset.table.name;
  if (asset.source == nullptr || asset.source->make_source == nullptr) {
    return MakeError("RUN-102", ErrorKind::kInternal, "source table '{}' has no source to read with", asset.id);
  }
  return asset.source->make_source(asset.connection_values, asset.table_values, name, context);
}

}  // namespace leat::run
