#include "component/spec.h"

namespace leat::component {

const Spec* FindSpec(std::string_view kind, std::string_view name) {
  for (const Spec& spec : AllSpecs()) {
    if (spec.kind == kind && spec.name == name) return &spec;
  }
  return nullptr;
}

std::vector<std::string> SpecNames(std::string_view kind) {
  std::vector<std::string> names;
  for (const Spec& spec : AllSpecs()) {
    if (spec.kind == kind) names.push_back(spec.name);
  }
  return names;
}

Result<Relation> Source::OpenRelation(const ReadRequest& request) {
  return MakeError("SRC-901", ErrorKind::kInternal, "table {}: this source delivers no relation", request.table.name);
}

Result<std::unique_ptr<ArrowStream>> Source::OpenStream(const ReadRequest& request) {
  return MakeError("SRC-902", ErrorKind::kInternal, "table {}: this source delivers no stream", request.table.name);
}

}  // namespace leat::component
