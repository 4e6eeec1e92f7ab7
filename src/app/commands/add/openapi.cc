#include "app/commands/add/openapi.h"

#include <filesystem>

#include "app/drafted_files.h"
#include "app/json_text.h"
#include "app/write_source.h"
#include "imports/openapi.h"

namespace leat::app {
namespace {

using imports::Imported;

std::string Json(const Imported& imported, const DraftedFiles& files, bool dry) {
  const imports::SourceDraft& source = imported.sources[0];
  std::vector<std::string> names;
  names.reserve(source.tables.size());
  for (const imports::TableDraft& table : source.tables) names.push_back(table.members.Find("name")->scalar);
  JsonObject object;
  object.TextOrNull("file", dry ? "" : files.sources[0].first).Texts("added", names).Texts("left_out", source.notes);
  object.TextOrNull("connections", NewConnections(imported)).Texts("secrets", imported.secrets.names());
  object.Text("text", files.sources[0].second);
  return object.Done() + "\n";
}

}  // namespace

Result<int> AddOpenApi(Context& context, const std::string& name) {
  LEAT_ASSIGN(const std::string root, context.Root());
  LEAT_ASSIGN(const config::EnvLookup env, config::ProjectEnv(root));
  const std::vector<std::string>& words = context.args().positional;
  LEAT_TRY(CheckSourceName(words[0]));
  auto known = KnownConnections(root);
  imports::OpenApiRequest request;
  request.file = context.args().Get("openapi");
  request.connection = words[0];
  request.source = name;
  request.url = context.args().Get("url");
  request.tables.assign(words.begin() + 1, words.end());
  const auto there = known.find(words[0]);
  request.connection_is_there = there != known.end();
  if (request.connection_is_there && there->second != "http") {
    return MakeError("APP-218", ErrorKind::kUsage, "connection '{}' is of type {}, and an API is of type http",
                     words[0], there->second)
        .WithHint("name another connection: one of type http, or one that is not there yet");
  }
  if (request.connection_is_there && !request.url.empty()) {
    return MakeError("APP-103", ErrorKind::kUsage, "connection '{}' is there with an address of its own", words[0])
        .WithHint("leave --url out, or name a new connection");
  }
  LEAT_ASSIGN(Imported imported, imports::ReadOpenApi(request));
  const bool dry = context.args().Has("dry-run");
  const std::string header = fmt::format(
      "From `leat add source --openapi`, made of {}: why each choice is what it is stands beside it. The API was not asked.",
      std::filesystem::path(request.file).filename().string());
  LEAT_ASSIGN(const DraftedFiles files, FilesOf(imported, root, known, env, header, dry));
  if (!dry) LEAT_TRY(WriteDrafts(root, files));
  if (context.json()) {
    Print(Json(imported, files, dry));
    return 0;
  }
  const imports::SourceDraft& source = imported.sources[0];
  if (dry) {
    if (!imported.connections.empty()) Print("# connections.yml gets\n" + NewConnections(imported) + "\n");
    Print(files.sources[0].second);
    return 0;
  }
  for (const std::string& note : source.notes) PrintError("left out: " + note + "\n");
  if (!imported.connections.empty()) Print(fmt::format("connections.yml: {}\n", words[0]));
  Print(fmt::format("{}: {} of {}; look at the reasons beside each choice, then: leat check\n", files.sources[0].first,
                    source.tables.size() == 1 ? "1 table" : fmt::format("{} tables", source.tables.size()),
                    request.file));
  for (const std::string& secret : imported.secrets.names()) Print("next: leat secret set " + secret + "\n");
  return 0;
}

}  // namespace leat::app
