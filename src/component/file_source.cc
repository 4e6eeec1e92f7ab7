#include "component/file_source.h"

#include <filesystem>

#include "component/file_expectation.h"

namespace leat::component {
namespace {

constexpr const char* kOnBadFile = "on_bad_file";

config::FieldSpec OnBadFile() {
  config::FieldSpec field;
  field.name = kOnBadFile;
  field.type = config::FieldType::kEnum;
  field.description =
      "A file that is not what the source says (another format, cut off): block the table with an error that names it, or "
      "skip it: it is listed as rejected and the others are loaded (mode append).";
  field.allowed = {"block", "skip"};
  field.default_value = "block";
  return field;
}

std::vector<config::FieldSpec> Joined(config::FieldSpec first, const std::vector<config::FieldSpec>& reader) {
  std::vector<config::FieldSpec> fields{std::move(first)};
  fields.insert(fields.end(), reader.begin(), reader.end());
  const std::vector<config::FieldSpec> policy = FilePolicyFields();
  fields.insert(fields.end(), policy.begin(), policy.end());
  fields.push_back(OnBadFile());
  return fields;
}

}  // namespace

Status FileSource::Check() {
  return EachFile([](const std::vector<ListedFile>&) -> Status { return Ok(); });
}

FilePatterns FileSource::Patterns() const {
  FilePatterns patterns{BelowProject(context_.project_root, connection_.Text("path")), table_.TextList("files"),
                        ReadFilePolicy(connection_, table_), 0};
  if (!patterns.policy.move_to.empty())
    patterns.leave_out = BelowProject(context_.project_root, patterns.policy.move_to);
  if (!patterns.policy.lock.empty())
    patterns.policy.ignore.push_back(std::filesystem::path(patterns.policy.lock).filename().string());
  // What names the files of a period is none of them.
  const config::Values* expect = table_.Has("expect") ? table_.Object("expect") : nullptr;
  if (expect != nullptr && expect->Has("manifest")) {
    const Result<DatePattern> manifest = DatePattern::Parse(expect->Text("manifest"));
    if (manifest.ok()) patterns.policy.ignore.push_back(std::filesystem::path(manifest->glob()).filename().string());
  }
  if (context_.clock != nullptr) patterns.now = context_.clock->Now();
  return patterns;
}

Result<std::vector<InputFile>> FileSource::ListFiles() {
  return ListInputFiles(Patterns(), context_.project_root, name_);
}

Status FileSource::EachFile(const TakeFiles& take) {
  return EachInputFile(Patterns(), context_.project_root, name_, take);
}

std::vector<config::FieldSpec> FileConnectionFields(const std::vector<config::FieldSpec>& reader) {
  config::FieldSpec path;
  path.name = "path";
  path.type = config::FieldType::kPath;
  path.description = "Folder of the files, relative to the project.";
  path.default_value = ".";
  path.example = "inbound";
  return Joined(std::move(path), reader);
}

std::vector<config::FieldSpec> FileTableFields(const std::vector<config::FieldSpec>& reader) {
  config::FieldSpec files;
  files.name = "files";
  files.type = config::FieldType::kList;
  files.required = true;
  files.scalar_ok = true;
  files.description =
      "File name or pattern (* ? [ ], dates as {yyyy-MM-dd} and {HH}) below the connection's path, or a list of them.";
  std::vector<config::FieldSpec> fields = Joined(std::move(files), reader);
  fields.push_back(ExpectField());
  return fields;
}

bool SkipsBadFiles(const config::Values& connection, const config::Values& table) {
  for (const config::Values* values : {&table, &connection}) {
    if (values->Has(kOnBadFile)) return values->Text(kOnBadFile) == "skip";
  }
  return false;
}

}  // namespace leat::component
