#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "component/file_source.h"
#include "component/json_stream.h"

namespace leat::component {

/// What the sources of JSON have in common: files with one object a line (prepared so, if need be), whose top-level members are
/// columns. Numbers keep all their digits; columns and types are found once from a sample. Rows come in streams (json_stream.h).
class JsonLinesSource : public FileSource {
 public:
  JsonLinesSource(const config::Values& connection, const config::Values& table, std::string name,
                  SourceContext context, JsonRules rules);

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override;
  Result<SourceTable> Discover() override;
  Result<std::vector<SourceColumn>> FindAdded(const ReadRequest& request) override;
  Result<std::unique_ptr<ArrowStream>> OpenStream(const ReadRequest& request) override;
  Result<std::vector<std::unique_ptr<ArrowStream>>> OpenStreams(const ReadRequest& request, int count) override;

 protected:
  /// The members of the lines that `known` does not have, typed from a sample: small inputs are looked at whole.
  virtual Status FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                             std::vector<SourceColumn>& found);
  /// The number that the first line of a prepared file has.
  virtual int64_t FirstLine(const InputFile&) const { return 1; }

 private:
  std::vector<TextFile> TextFilesOf(const std::vector<InputFile>& files) const;
  /// The members of a sample and what the engine makes of them; those of `known` are left out.
  Result<std::vector<SourceColumn>> FindMembers(const InputFile& sample, const std::vector<std::string>& names,
                                                const std::vector<SourceColumn>& known);
  /// For each name that is in some line and not among `names`, the first line that has it.
  Result<std::string> FindRareLines(const std::vector<InputFile>& files, const std::vector<std::string>& names) const;
  /// Lines that are objects, each with an end: all of small inputs, pieces from all over large ones, with every name that there is. `names`: of their members.
  Result<std::string> TakeSample(const std::vector<InputFile>& files, std::vector<std::string>& names);

  /// Names that a sample had; absent: nothing was looked at.
  std::optional<std::set<std::string, std::less<>>> sampled_{};
  const std::string on_new_column_;
  const JsonRules rules_;
};

/// The field `on_new_column`; `what`: "A member".
config::FieldSpec OnNewColumnField(const std::string& what);
/// Fields of a reader of JSON: encoding, on_new_column.
std::vector<config::FieldSpec> JsonReaderFields();

}  // namespace leat::component
