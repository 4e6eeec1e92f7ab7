#include "run/allow_connections.h"

#include <filesystem>

namespace leat::run {

void AllowConnections(Lakehouse& lakehouse, const project::Project& project) {
  for (const auto& [name, connection] : project.connections) {
    if (connection.source == nullptr) continue;
    for (const config::FieldSpec& field : connection.source->connection_fields) {
      if (field.type != config::FieldType::kPath) continue;
      const std::string text = connection.values.Text(field.name);
      if (text.empty() || text.find("://") != std::string::npos) continue;
      std::filesystem::path path = (std::filesystem::path(project.root) / text).lexically_normal();
      std::error_code none;
      if (!std::filesystem::is_directory(path, none)) path = path.parent_path();
      lakehouse.AllowFolder(path.string());
    }
  }
}

}  // namespace leat::run
