#include "imports/import.h"

#include <algorithm>
#include <filesystem>

#include "config/text.h"
#include "imports/python_literal.h"

namespace leat::imports {
namespace {

namespace fs = std::filesystem;
using config::Node;

constexpr size_t kShownReasons = 10;
constexpr int kFoldersUp = 4;  ///< from an asset to the .bruin.yml of its repository

Result<InputFile> ReadInput(const std::string& path) {
  LEAT_ASSIGN(const std::string text, config::ReadTextFile(path, path));
  if (path.ends_with(".py")) {
    LEAT_ASSIGN(Node root, ReadPythonConfig(text, path));
    return InputFile{path, path, std::move(root)};
  }
  LEAT_ASSIGN(Node root, config::ParseYaml(text, path));
  return InputFile{path, path, std::move(root)};
}

/// The other tool's file of connections: `name` beside the file, or in one of the folders above it.
std::string FindNear(const std::string& file, const std::string& name, int up) {
  std::error_code error;
  fs::path folder = fs::absolute(file, error).parent_path();
  for (int i = 0; i <= up; ++i) {
    if (fs::exists(folder / name, error)) {
      const fs::path found = folder / name;
      const fs::path near = fs::relative(found, fs::current_path(error), error);
      return near.empty() ? found.string() : near.string();
    }
    if (folder == folder.parent_path()) break;
    folder = folder.parent_path();
  }
  return "";
}

/// The number of the table, from 1, that a line of a source file is of; 0: it stands before them.
size_t TableOfLine(const std::string& text, int line) {
  size_t table = 0;
  const config::Lines lines(text);
  for (int i = 1; i <= std::min(line, lines.count()); ++i) table += lines.Line(i).starts_with("  - ") ? 1 : 0;
  return table;
}

Error NoFormat(const InputFile& file, const std::string& from) {
  const std::string expected =
      from.empty()      ? "a Sling replication (source, target, streams), a rest_api configuration of dlt (client, "
                          "resources) or an asset of ingestr or Bruin (type: ingestr)"
      : from == "sling" ? "a Sling replication: a map with `source` and `streams`"
      : from == "dlt"   ? "a rest_api configuration of dlt: a map with `client` and `resources`"
                        : "an asset of ingestr or Bruin: a map with `type: ingestr` and `parameters`";
  std::string keys;
  for (const Node::Member& member : file.root.members) keys += (keys.empty() ? "" : ", ") + member.key;
  return MakeError("APP-207", ErrorKind::kConfig, "{} is not {}", file.shown, expected)
      .WithHint(keys.empty() ? "it holds no keys at all" : "its keys are: " + keys)
      .At(file.root.span.known() ? file.root.span : SourceSpan{file.shown, 1, 1, 1});
}

}  // namespace

Error WrongInput(const SourceSpan& where, const std::string& message, const std::string& hint) {
  return MakeError("APP-211", ErrorKind::kConfig, "{}", message).WithHint(hint).At(where);
}

std::string FormatOf(const Node& root) {
  if (root.Find("client") != nullptr && root.Find("resources") != nullptr) return "dlt";
  if (root.Find("streams") != nullptr && (root.Find("source") != nullptr || root.Find("target") != nullptr))
    return "sling";
  const Node* type = root.Find("type");
  const Node* parameters = root.Find("parameters");
  const bool asset = parameters != nullptr && parameters->Find("source_connection") != nullptr;
  if ((type != nullptr && type->is_scalar() && type->scalar == "ingestr") || asset) return "ingestr";
  return "";
}

Result<Imported> Import(const ImportRequest& request) {
  std::vector<InputFile> files;
  for (const std::string& path : request.files) {
    LEAT_ASSIGN(InputFile file, ReadInput(path));
    files.push_back(std::move(file));
  }
  Imported imported;
  for (const InputFile& file : files) {
    const std::string format = FormatOf(file.root);
    if (!file.root.is_map() || (request.from.empty() && format.empty())) return NoFormat(file, request.from);
    const std::string taken = request.from.empty() ? format : request.from;
    if (imported.format.empty()) imported.format = taken;
    if (taken != imported.format) {
      return MakeError("APP-207", ErrorKind::kUsage, "{} is of {}, {} of {}", file.shown, taken, files[0].shown,
                       imported.format)
          .WithHint("import the files of one tool at a time")
          .At(file.root.span);
    }
  }
  if (files.size() > 1 && imported.format != "ingestr") {
    return MakeError("APP-207", ErrorKind::kUsage, "one file of {} becomes one source", imported.format)
        .WithHint("import one after the other, each with its own --name");
  }
  std::optional<InputFile> connections;
  std::string path = request.connections_file;
  if (path.empty() && imported.format == "sling") path = FindNear(request.files[0], "env.yaml", 0);
  if (path.empty() && imported.format == "ingestr") path = FindNear(request.files[0], ".bruin.yml", kFoldersUp);
  if (!path.empty()) {
    LEAT_ASSIGN(connections, ReadInput(path));
  }
  const InputFile* const other = connections ? &*connections : nullptr;
  for (const InputFile& file : files) {
    if (imported.format == "dlt") LEAT_TRY(ImportDlt(file, request.context, imported));
    if (imported.format == "sling") LEAT_TRY(ImportSling(file, other, request.context, imported));
    if (imported.format == "ingestr") LEAT_TRY(ImportAsset(file, other, request.context, imported));
  }
  for (const InputFile& file : files) imported.report.Finish(file.root);
  imported.where = files[0].root.span;
  LEAT_TRY(KeepFilled(imported));
  return imported;
}

Status KeepFilled(Imported& imported) {
  std::string reasons;
  size_t number = 0;
  for (const SourceDraft& source : imported.sources) {
    for (const std::string& note : source.notes) {
      if (++number <= kShownReasons) reasons += (reasons.empty() ? "" : "\n") + note;
    }
  }
  if (number > kShownReasons) reasons += fmt::format("\nand {} more", number - kShownReasons);
  std::erase_if(imported.sources, [](const SourceDraft& source) { return source.tables.empty(); });
  if (!imported.sources.empty()) return Ok();
  return MakeError("APP-212", ErrorKind::kUnsupported, "nothing of {} can be taken over", imported.where.file)
      .WithHint(reasons.empty() ? "it names no table at all" : reasons)
      .At(imported.where);
}

std::string DraftPath(const SourceDraft& source) { return "sources/" + source.name + ".yml"; }

Status LeaveOutFaulty(Imported& imported, const std::string& header, const std::string& before,
                      const DraftCheck& check) {
  LEAT_ASSIGN(const std::string connections, AddConnections(before, imported.connections));
  const int old_lines = static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  for (;;) {
    std::map<std::string, std::string> files;
    if (!imported.connections.empty()) files["connections.yml"] = connections;
    for (const SourceDraft& source : imported.sources) files[DraftPath(source)] = DraftSourceYaml(source, header);
    bool again = false;
    for (Error& error : check(files)) {
      const SourceSpan& where = error.where();
      if (where.file == "connections.yml" && where.line <= old_lines) continue;  // of what is there already
      const auto source = std::find_if(imported.sources.begin(), imported.sources.end(),
                                       [&](const SourceDraft& one) { return DraftPath(one) == where.file; });
      const size_t table = source == imported.sources.end() ? 0 : TableOfLine(files[where.file], where.line);
      if (table == 0) return std::move(error);
      TableDraft& faulty = source->tables[table - 1];
      const std::string name = faulty.members.Find("name")->scalar;
      imported.report.Overrule(faulty.where, "no table that Leat takes: " + error.message() + "; it is left out");
      source->notes.push_back(name + " (" + error.message() + ")");
      source->tables.erase(source->tables.begin() + static_cast<std::ptrdiff_t>(table - 1));
      again = true;
      break;  // lines have moved
    }
    if (!again) return Ok();
    LEAT_TRY(KeepFilled(imported));
  }
}

}  // namespace leat::imports
