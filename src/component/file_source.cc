#include "component/file_source.h"

#include <algorithm>
#include <filesystem>

#include "component/arrival_fields.h"
#include "component/file_expectation.h"
#include "component/http_fields.h"
#include "component/object_store_fields.h"
#include "component/sftp_fields.h"
#include "config/field_builders.h"
#include "io/file_system.h"

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

Result<FilePlace*> FileSource::Place() {
  if (place_ == nullptr) {
    LEAT_ASSIGN(place_, OpenFilePlace(connection_, context_.project_root, context_.budget, context_.cancel));
  }
  return place_.get();
}

Status FileSource::Check() {
  LEAT_ASSIGN(FilePlace* const place, Place());
  if (place != nullptr) LEAT_TRY(place->Check());
  // A web server that answers may still show no list of its files.
  if (place != nullptr && !place->has_index_pages()) return Ok();
  return EachFile([](const std::vector<ListedFile>&) -> Status { return Ok(); });
}

Status FileSource::PrepareAll() {
  if (!prepared_.empty()) return Ok();
  LEAT_ASSIGN(const std::vector<InputFile> files, ListFiles());
  LEAT_TRY(Prepare(files));
  return Ok();
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
  return ReadyFiles([this](const TakeFiles& take) { return EachFile(take); });
}

Status FileSource::EachFile(const TakeFiles& take) {
  LEAT_ASSIGN(FilePlace* const place, Place());
  if (place != nullptr) {
    FilePatterns patterns = Patterns();
    LEAT_ASSIGN(const std::optional<FileExpectation> expect, ReadExpectation(table_));
    if (expect) {
      patterns.since = expect->since;
      patterns.civil_now = CivilTime(*expect, patterns.now);
    }
    return EachPlacedFile(*place, patterns, name_, take);
  }
  return EachInputFile(Patterns(), context_.project_root, name_, take);
}

Result<std::vector<InputFile>> FileSource::Fetch(const std::vector<InputFile>& files) {
  const bool here = std::none_of(files.begin(), files.end(), [](const InputFile& one) { return IsPlaced(one.path); });
  if (here) return files;
  LEAT_ASSIGN(FilePlace* const place, Place());
  if (place == nullptr) {  // the connection had another path when they were listed
    return MakeError("SRC-381", ErrorKind::kConfig, "{} is not in {}", files.front().origin, connection_.Text("path"))
        .WithHint("files of another place need a connection of their own");
  }
  return FetchFiles(*place, files, io::LocalPath(context_.spool_folder), context_.cancel);
}

Result<std::string> FileSource::HashContent(const InputFile& file) {
  if (!IsPlaced(file.path)) return FileFetcher::HashContent(file);
  LEAT_ASSIGN(FilePlace* const place, Place());
  return HashPlacedFile(*place, file);
}

Result<std::optional<std::string>> FileSource::ReadWhole(const std::string& path) {
  if (!IsPlaced(path)) return FileFetcher::ReadWhole(path);
  LEAT_ASSIGN(FilePlace* const place, Place());
  return ReadPlacedFile(*place, path);
}

Result<std::vector<InputFile>> FileSource::PrepareFiles(const std::vector<InputFile>& files,
                                                        const std::string& encoding) {
  LEAT_ASSIGN(const std::vector<InputFile> fetched, Fetch(files));
  return PrepareInputFiles(fetched, encoding, context_);
}

std::vector<config::FieldSpec> FileConnectionFields(const std::vector<config::FieldSpec>& reader) {
  config::FieldSpec path;
  path.name = "path";
  path.type = config::FieldType::kPath;
  path.description =
      "Folder of the files, relative to the project, or an address: s3://bucket/prefix, sftp://host/folder, "
      "https://host/folder.";
  path.default_value = ".";
  path.example = "inbound";
  std::vector<config::FieldSpec> fields = Joined(std::move(path), reader);
  config::FieldSpec storage = config::MakeField("storage", config::FieldType::kObject,
                                                "How the store of a path s3:// is reached. What is left out comes from "
                                                "AWS's environment variables and profile files.");
  storage.fields = ObjectStoreFields();
  fields.push_back(std::move(storage));
  config::FieldSpec sftp = config::MakeField("sftp", config::FieldType::kObject,
                                             "How the server of a path sftp:// is reached, and who logs in there.");
  sftp.fields = SftpFields();
  fields.push_back(std::move(sftp));
  config::FieldSpec http =
      config::MakeField("http", config::FieldType::kObject, "How the server of a path http:// or https:// is asked.");
  http.fields = HttpFields();
  fields.push_back(std::move(http));
  fields.push_back(ArrivalField());
  return fields;
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
