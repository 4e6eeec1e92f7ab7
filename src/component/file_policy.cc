#include "component/file_policy.h"

#include <filesystem>

#include "component/input_files.h"

namespace leat::component {
namespace {

namespace fs = std::filesystem;
using config::FieldSpec;
using config::FieldType;

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
  return text;
}

}  // namespace

std::vector<FieldSpec> FilePolicyFields() {
  return {
      {.name = "ignore",
       .type = FieldType::kList,
       .description = "Names that no wildcard of `files` takes; names that begin with a dot never are.",
       .default_value = "['*.tmp', '*.part', '*.partial', '*.filepart', '*.crdownload']",
       .example = "['*.tmp', '*.part']",
       .scalar_ok = true},
      {.name = "settle",
       .type = FieldType::kDuration,
       .description = "A file is taken once it was left alone for so long; until then it waits for a later run. Set it "
                      "where files are written in place rather than renamed when complete.",
       .default_value = "0s",
       .example = "10s"},
      {.name = "done_file",
       .description = "A file is taken once this marker lies beside it: {name} is the file's name, {stem} the same "
                      "without its ending.",
       .example = "'{name}.ok'"},
      {.name = "on_duplicate",
       .type = FieldType::kEnum,
       .description =
           "A file with the content of one that was loaded under another name: skip notes it as a duplicate, "
           "load loads it too, fail stops the table. Default: skip in the modes append and insert, else load.",
       .allowed = {"skip", "load", "fail"}},
      {.name = "on_change",
       .type = FieldType::kEnum,
       .description = "Mode append, a file whose content changed since it was loaded: append adds the rows that it has "
                      "now, replace puts them in place of those that it had, fail stops the table.",
       .default_value = "append",
       .allowed = {"append", "replace", "fail"}},
      {.name = "after_load",
       .type = FieldType::kEnum,
       .description = "What becomes of a file once its rows are published on main: keep leaves it, move puts it below "
                      "`move_to`, delete takes it away (`archive: true` keeps a copy). One that was written to since "
                      "stays. Not with modes that read all files each time.",
       .default_value = "keep",
       .allowed = {"keep", "move", "delete"}},
      {.name = "move_to",
       .type = FieldType::kPath,
       .description = "Folder for files that were loaded, relative to the project, or an address where the files have "
                      "one; sub-folders are kept. No pattern takes what lies in it.",
       .example = "inbound/done"},
      {.name = "lock",
       .description =
           "A file in the folder that says who works there: while somebody else's lies there nothing is read, "
           "and while files are read and moved there is one of ours.",
       .example = ".leat-lock"},
      {.name = "lock_timeout",
       .type = FieldType::kDuration,
       .description = "A lock that nobody touched for so long is broken.",
       .default_value = "1h"},
  };
}

FilePolicy ReadFilePolicy(const config::Values& connection, const config::Values& table) {
  const auto given = [&](const char* field) -> const config::Values* {
    return table.Has(field) ? &table : connection.Has(field) ? &connection : nullptr;
  };
  FilePolicy policy;
  policy.ignore = {"*.tmp", "*.part", "*.partial", "*.filepart", "*.crdownload"};
  if (const config::Values* values = given("ignore")) policy.ignore = values->TextList("ignore");
  if (const config::Values* values = given("settle")) policy.settle = values->Duration("settle");
  if (const config::Values* values = given("done_file")) policy.done_file = values->Text("done_file");
  if (const config::Values* values = given("on_duplicate")) {
    const std::string word = values->Text("on_duplicate");
    policy.on_duplicate = word == "skip"   ? OnDuplicate::kSkip
                          : word == "load" ? OnDuplicate::kLoad
                                           : OnDuplicate::kFail;
  }
  if (const config::Values* values = given("on_change")) {
    const std::string word = values->Text("on_change");
    policy.on_change = word == "append" ? OnChange::kAppend : word == "replace" ? OnChange::kReplace : OnChange::kFail;
  }
  if (const config::Values* values = given("after_load")) {
    const std::string word = values->Text("after_load");
    policy.after_load = word == "move" ? AfterLoad::kMove : word == "delete" ? AfterLoad::kDelete : AfterLoad::kKeep;
  }
  if (const config::Values* values = given("move_to")) policy.move_to = values->Text("move_to");
  if (const config::Values* values = given("lock")) policy.lock = values->Text("lock");
  policy.lock_timeout = std::chrono::hours(1);
  if (const config::Values* values = given("lock_timeout")) policy.lock_timeout = values->Duration("lock_timeout");
  return policy;
}

std::string FolderLockPath(const config::Values& connection, const config::Values& table,
                           const std::string& project_root) {
  return (fs::path(BelowProject(project_root, connection.Text("path"))) / ReadFilePolicy(connection, table).lock)
      .lexically_normal()
      .string();
}

std::string MarkerPath(const std::string& done_file, const std::string& path) {
  const fs::path file(path);
  const std::string marker =
      Replaced(Replaced(done_file, "{name}", file.filename().string()), "{stem}", file.stem().string());
  // Names of objects are no paths: nothing of them is normalised.
  if (path.find("://") != std::string::npos) return path.substr(0, path.rfind('/') + 1) + marker;
  return (file.parent_path() / marker).lexically_normal().string();
}

std::string MarkerPattern(const std::string& done_file) {
  return fs::path(Replaced(Replaced(done_file, "{name}", "*"), "{stem}", "*")).filename().string();
}

}  // namespace leat::component
