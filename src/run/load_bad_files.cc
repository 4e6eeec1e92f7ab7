#include "run/load_bad_files.h"

namespace leat::run {
namespace {

Status OpenAlone(component::Source& source, bool relation, const component::SourceTable& table,
                 const component::InputFile& file) {
  component::ReadRequest one;
  one.table = table;
  LEAT_ASSIGN(one.files, source.Prepare({file}));
  if (one.files.empty()) return Ok();
  const auto outcome = [](const auto& opened) { return opened.ok() ? Ok() : Status(opened.error()); };
  if (one.table.columns.empty()) return outcome(source.Discover());
  return relation ? outcome(source.OpenRelation(one)) : outcome(source.FindAdded(one));
}

}  // namespace

Result<FilesApart> TellFilesApart(component::Source& source, bool relation, const component::SourceTable& table,
                                  const std::vector<component::InputFile>& files) {
  FilesApart apart;
  for (const component::InputFile& file : files) {
    const Status status = OpenAlone(source, relation, table, file);
    if (status.ok()) {
      apart.good.push_back(file);
    } else {
      apart.bad.push_back({file, status.error()});
    }
  }
  return apart;
}

}  // namespace leat::run
