#pragma once

#include <string>
#include <vector>

#include "component/file_policy.h"
#include "component/input_files.h"
#include "component/source.h"

namespace leat::component {

/// What the sources of files have in common: where their files are and what their options are called.
class FileSource : public Source, public FileLister {
 public:
  Status Check() override;
  Result<std::vector<InputFile>> ListFiles() override;
  Status EachFile(const TakeFiles& take) override;

 protected:
  FileSource(const config::Values& connection, const config::Values& table, std::string name, SourceContext context)
      : connection_(connection), table_(table), name_(std::move(name)), context_(std::move(context)) {}

  FilePatterns Patterns() const;
  /// A table's own option wins over its connection's.
  const config::Values& Pick(const std::string& field) const { return table_.Has(field) ? table_ : connection_; }

  config::Values connection_;
  config::Values table_;
  std::string name_;
  SourceContext context_;
  std::vector<InputFile> prepared_;  ///< what Prepare gave last
};

/// Fields of a connection with files (path, …) and of its tables (files, …); `reader`: the source's own, for both.
std::vector<config::FieldSpec> FileConnectionFields(const std::vector<config::FieldSpec>& reader);
std::vector<config::FieldSpec> FileTableFields(const std::vector<config::FieldSpec>& reader);

/// `on_bad_file` of a table: true for `skip`. Any values: false where there is no such field.
bool SkipsBadFiles(const config::Values& connection, const config::Values& table);

}  // namespace leat::component
