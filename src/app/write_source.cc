#include "app/write_source.h"

#include <cstdio>
#include <filesystem>

#include "base/plain_name.h"
#include "io/file_system.h"

namespace leat::app {

namespace fs = std::filesystem;

Status CheckSourceName(const std::string& name) {
  if (IsPlainName(name)) return Ok();
  return MakeError("PROJ-205", ErrorKind::kUsage, "'{}' cannot name a source", name)
      .WithHint("letters, digits and _: it becomes a part of namespaces; give another with --name");
}

std::string SourcePath(const std::string& name) { return "sources/" + name + ".yml"; }

Status CheckNewSource(const std::string& root, const std::string& path) {
  std::error_code error;
  if (!fs::exists(fs::path(root) / path, error)) return Ok();
  return MakeError("APP-206", ErrorKind::kExists, "{} is there already", path)
      .WithHint(
          "give the new source another name: --name; or print the entries with --dry-run and put them into the file");
}

Status WriteNewSource(const std::string& root, const std::string& path, const std::string& text) {
  LEAT_TRY(CheckNewSource(root, path));
  const fs::path file = fs::path(root) / path;
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  return io::MakeLocalFileSystem()->WriteNew(file.string(), text);
}

Status ReplaceProjectFile(const std::string& root, const std::string& path, const std::string& text) {
  const fs::path file = fs::path(root) / path;
  const std::string part = file.string() + ".part";
  const auto files = io::MakeLocalFileSystem();
  LEAT_TRY(files->Remove(part));
  LEAT_TRY(files->WriteNew(part, text));
  std::error_code error;
  const fs::file_status before = fs::status(file, error);
  if (fs::exists(before)) fs::permissions(part, before.permissions(), error);
  if (std::rename(part.c_str(), file.c_str()) == 0) return Ok();
  (void)files->Remove(part);
  return MakeError("APP-302", ErrorKind::kEnvironment, "{} cannot be written", path)
      .WithHint("look at its rights and the disk");
}

}  // namespace leat::app
