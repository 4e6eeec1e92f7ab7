#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/file_source.h"

namespace leat::component {

/// What the sources of JSON have in common: files with one object a line (prepared so, if need be), whose top-level members are
/// columns. Numbers keep all their digits; columns and types are found once from a sample.
class JsonLinesSource : public FileSource {
 public:
  /// `reason`: the code of an entry that is no object ("jsonl.malformed").
  JsonLinesSource(const config::Values& connection, const config::Values& table, std::string name,
                  SourceContext context, std::string reason);

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override;
  Result<SourceTable> Discover() override;
  Result<Relation> OpenRelation(const ReadRequest& request) override;

 private:
  /// The members of the lines that `known` does not have, typed from a sample: small inputs are looked at whole.
  Status FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                     std::vector<SourceColumn>& found);
  /// False: there is no object in it.
  Result<bool> FindColumnsIn(const std::vector<InputFile>& sample, const std::vector<SourceColumn>& known,
                             std::vector<SourceColumn>& found);
  /// Lines that are objects: all of small inputs, pieces from all over large ones. DuckDB's reader stops at others.
  Result<std::string> WriteSample(const std::vector<InputFile>& files);

  const std::string encoding_;
  const std::string on_new_column_;
  const std::string reason_;
};

/// Offset of the first byte that is no UTF-8.
std::optional<size_t> FindNotUtf8(std::string_view text);

/// Fields of a reader of JSON: encoding, on_new_column.
std::vector<config::FieldSpec> JsonReaderFields();

}  // namespace leat::component
