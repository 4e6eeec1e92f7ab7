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

Result<std::vector<std::unique_ptr<ArrowStream>>> Source::OpenStreams(const ReadRequest& request, int count) {
  (void)count;
  std::vector<std::unique_ptr<ArrowStream>> streams;
  LEAT_ASSIGN(streams.emplace_back(), OpenStream(request));
  return streams;
}

namespace {
constexpr char kPart = '\x1f';  // the unit separator: in no name and no message
}

std::string RefusedRow(const std::string& reason_code, const std::string& column, const std::string& message) {
  return reason_code + kPart + column + kPart + message;
}

RefusedParts SplitRefusedRow(const std::string& text) {
  RefusedParts parts;
  size_t first = text.find(kPart);
  size_t second = first == std::string::npos ? first : text.find(kPart, first + 1);
  parts.reason_code = text.substr(0, first);
  if (second == std::string::npos) return parts;
  parts.column = text.substr(first + 1, second - first - 1);
  parts.message = text.substr(second + 1);
  return parts;
}

}  // namespace leat::component
