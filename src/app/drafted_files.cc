#include "app/drafted_files.h"

#include <filesystem>

#include "app/write_source.h"
#include "project/draft_check.h"

namespace leat::app {

std::map<std::string, std::string> KnownConnections(const std::string& root) {
  std::map<std::string, std::string> known;
  const auto file = config::ReadYamlFile(root + "/connections.yml", "connections.yml");
  const config::Node* all = file.ok() ? file->Find("connections") : nullptr;
  if (all == nullptr) return known;
  for (const config::Node::Member& member : all->members) {
    const config::Node* type = member.value.Find("type");
    if (type != nullptr) known[member.key] = type->scalar;
  }
  return known;
}

Result<DraftedFiles> FilesOf(imports::Imported& imported, const std::string& root,
                             const std::map<std::string, std::string>& known, const config::EnvLookup& env,
                             const std::string& header, bool dry) {
  DraftedFiles files;
  for (const imports::ConnectionDraft& draft : imported.connections) {
    if (!known.contains(draft.name)) continue;
    return MakeError("APP-214", ErrorKind::kExists, "connections.yml has a connection '{}' already", draft.name)
        .WithHint("use it: --connection " + draft.name + "; or give the new source another name: --name");
  }
  for (const imports::SourceDraft& source : imported.sources) {
    LEAT_TRY(CheckSourceName(source.name));
    if (!dry) LEAT_TRY(CheckNewSource(root, SourcePath(source.name)));
  }
  const std::string path = root + "/connections.yml";
  std::string before;
  if (std::filesystem::exists(path)) {
    LEAT_ASSIGN(before, config::ReadTextFile(path, "connections.yml"));
  }
  LEAT_TRY(LeaveOutFaulty(imported, header, before, [&](const std::map<std::string, std::string>& drafts) {
    return project::CheckDrafts(root, env, drafts);
  }));
  for (const imports::SourceDraft& source : imported.sources)
    files.sources.emplace_back(SourcePath(source.name), DraftSourceYaml(source, header));
  if (imported.connections.empty()) return files;
  LEAT_ASSIGN(files.connections, AddConnections(before, imported.connections));
  return files;
}

std::string NewConnections(const imports::Imported& imported) {
  std::string text;
  for (const imports::ConnectionDraft& draft : imported.connections) text += DraftConnectionYaml(draft);
  return text;
}

Status WriteDrafts(const std::string& root, const DraftedFiles& files) {
  if (!files.connections.empty()) LEAT_TRY(ReplaceProjectFile(root, "connections.yml", files.connections));
  for (const auto& [path, text] : files.sources) LEAT_TRY(WriteNewSource(root, path, text));
  return Ok();
}

}  // namespace leat::app
