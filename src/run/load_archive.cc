#include "run/load_archive.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include "component/input_files.h"
#include "run/load_schema.h"

namespace leat::run {
namespace {

namespace fs = std::filesystem;

Error CannotKeep(const std::string& path, const std::string& reason) {
  return MakeError("IO-311", ErrorKind::kEnvironment, "cannot keep the input file as {}: {}", path, reason)
      .WithHint("make room or grant access there, change `landing:`, or set `archive: false`");
}

/// A path that stays below the landing folder whatever the origin is.
fs::path SafePath(const std::string& origin) {
  fs::path safe;
  for (const fs::path& part : fs::path(origin).lexically_normal()) {
    if (part != ".." && part != "." && part != "/") safe /= part;
  }
  return safe;
}

}  // namespace

Result<std::vector<std::string>> ArchiveFiles(const StepContext& context,
                                              const std::vector<component::InputFile>& files) {
  std::vector<std::string> kept(files.size());
  const project::Settings& settings = context.project.settings;
  if (!settings.archive) return kept;
  fs::path landing = component::BelowProject(context.project.root, io::LocalPath(settings.landing));
  fs::path below = fs::path(context.asset.source_name) / context.asset.table.name / context.run_id;
  std::vector<std::string> copied;
  for (size_t i = 0; i < files.size(); ++i) {
    fs::path relative = below / SafePath(files[i].origin);
    fs::path path = landing / relative;
    std::error_code failure;
    fs::create_directories(path.parent_path(), failure);
    if (failure) return CannotKeep(path.string(), failure.message());
    fs::permissions(landing, fs::perms::owner_all, failure);
    if (link(files[i].path.c_str(), path.c_str()) != 0 && errno != EEXIST) {
      if (errno != EXDEV && errno != EPERM && errno != EMLINK && errno != EOPNOTSUPP)
        return CannotKeep(path.string(), std::strerror(errno));
      fs::copy_file(files[i].path, path, fs::copy_options::overwrite_existing, failure);
      if (failure) return CannotKeep(path.string(), failure.message());
      copied.push_back(io::FileUri(path.string()));
    }
    kept[i] = relative.string();
  }
  if (!copied.empty()) LEAT_TRY(context.lakehouse.files->Sync(copied));
  return kept;
}

Result<std::vector<LoadedFile>> KeepFiles(const StepContext& context, sql::Connection* connection,
                                          const std::vector<lake::DataFile>& written) {
  LEAT_ASSIGN(std::vector<std::string> archived, ArchiveFiles(context, context.step.files));
  std::map<std::string, int64_t> rows;
  if (!written.empty()) {
    std::string paths;
    for (const lake::DataFile& file : written)
      paths += (paths.empty() ? "" : ", ") + sql::QuoteLiteral(io::LocalPath(file.path));
    LEAT_ASSIGN(const sql::TextRows counts,
                connection->Query("SELECT " + std::string(kSourceFile) + ", count(*) FROM read_parquet([" + paths +
                                  "], hive_partitioning = false) GROUP BY 1"));
    for (const auto& row : counts.rows)
      rows[row[0].value_or("")] = std::strtoll(row[1].value_or("0").c_str(), nullptr, 10);
  }
  std::vector<LoadedFile> files;
  files.reserve(context.step.files.size());
  for (size_t i = 0; i < context.step.files.size(); ++i) {
    LoadedFile& loaded = files.emplace_back();
    loaded.file = context.step.files[i];
    loaded.archived_as = std::move(archived[i]);
    for (const auto& [origin, count] : rows) {
      if (origin == loaded.file.origin || origin.starts_with(loaded.file.origin + "!")) loaded.rows += count;
    }
  }
  return files;
}

}  // namespace leat::run
