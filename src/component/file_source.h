#pragma once

#include <string>
#include <vector>

#include "component/file_place.h"
#include "component/file_policy.h"
#include "component/input_files.h"
#include "component/source.h"

namespace leat::component {

/// What the sources of files have in common: where their files are and what their options are called.
class FileSource : public Source, public FileLister, public FileFetcher {
 public:
  Status Check() override;
  Result<std::vector<InputFile>> ListFiles() override;
  Status EachFile(const TakeFiles& take) override;
  Result<std::vector<InputFile>> Fetch(const std::vector<InputFile>& files) override;
  Result<std::string> HashContent(const InputFile& file) override;
  Result<FilePlace*> Place() override;
  Result<std::optional<std::string>> ReadWhole(const std::string& path) override;

 protected:
  FileSource(const config::Values& connection, const config::Values& table, std::string name, SourceContext context)
      : connection_(connection), table_(table), name_(std::move(name)), context_(std::move(context)) {}

  FilePatterns Patterns() const;
  /// PrepareInputFiles, of files that are fetched first where they lie elsewhere.
  Result<std::vector<InputFile>> PrepareFiles(const std::vector<InputFile>& files, const std::string& encoding);
  /// Prepares all files that there are, where none was prepared yet.
  Status PrepareAll();
  /// A table's own option wins over its connection's.
  const config::Values& Pick(const std::string& field) const { return table_.Has(field) ? table_ : connection_; }

  config::Values connection_;
  config::Values table_;
  std::string name_;
  SourceContext context_;
  std::vector<InputFile> prepared_;  ///< what Prepare gave last

 private:
  std::unique_ptr<FilePlace> place_;
};

/// Fields of a connection with files (path, …) and of its tables (files, …); `reader`: the source's own, for both.
std::vector<config::FieldSpec> FileConnectionFields(const std::vector<config::FieldSpec>& reader);
std::vector<config::FieldSpec> FileTableFields(const std::vector<config::FieldSpec>& reader);

/// `on_bad_file` of a table: true for `skip`. Any values: false where there is no such field.
bool SkipsBadFiles(const config::Values& connection, const config::Values& table);

}  // namespace leat::component
