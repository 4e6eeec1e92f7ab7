#include "run/required_columns.h"

#include <algorithm>

#include "component/observed_input.h"

namespace leat::run {
namespace {

constexpr size_t kNamedFiles = 3;

std::string Listed(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : ", ") + word;
  return list;
}

/// Those of `required` that an input lacks.
std::vector<std::string> Lacking(const std::vector<std::string>& required, const component::ObservedInput& input) {
  std::vector<std::string> lacking;
  for (const std::string& name : required) {
    const bool there = std::any_of(input.columns.begin(), input.columns.end(),
                                   [&](const component::SourceColumn& one) { return one.name == name; });
    if (!there) lacking.push_back(name);
  }
  return lacking;
}

std::string NamesOf(const component::ObservedInput& input) {
  std::vector<std::string> names;
  names.reserve(input.columns.size());
  for (const component::SourceColumn& column : input.columns) names.push_back(column.name);
  return Listed(names);
}

}  // namespace

Status CheckRequiredColumns(const StepContext& context, component::Source& source,
                            const component::ReadRequest& request) {
  const project::Asset& asset = context.asset;
  const std::vector<std::string> required = asset.table_values.TextList("required_columns");
  if (required.empty()) return Ok();
  const bool files = asset.source->source.files;
  if (files && request.files.empty()) return Ok();
  auto* observer = dynamic_cast<component::SchemaObserver*>(&source);
  if (observer == nullptr) {
    return MakeError(
               "RUN-564", ErrorKind::kConfig,
               "table {}: `required_columns` cannot be looked at: what source {} reads has no columns of its own, "
               "any row may lack some",
               asset.table.ToString(), asset.source->name)
        .At(asset.table_values.Where("required_columns"))
        .WithHint("put a `not_null` check on these columns instead");
  }
  LEAT_ASSIGN(const std::vector<component::ObservedInput> observed, observer->Observe(request, {false, true}));
  std::string text;
  size_t named = 0, lacking_files = 0;
  for (const component::ObservedInput& input : observed) {
    const std::vector<std::string> lacking = Lacking(required, input);
    if (lacking.empty()) continue;
    std::vector<std::string> where;
    where.reserve(input.files.size() + 1);
    for (const size_t file : input.files) where.push_back(request.files[file].origin);
    if (where.empty()) where.push_back(files ? "its files" : asset.connection + "." + request.table.name);
    lacking_files += where.size();
    for (const std::string& one : where) {
      if (named == kNamedFiles) break;
      ++named;
      text += fmt::format("{}{} lacks {} (it has {})", text.empty() ? "" : "; ", one, Listed(lacking), NamesOf(input));
    }
  }
  if (text.empty()) return Ok();
  if (lacking_files > named) text += fmt::format("; and {} more", lacking_files - named);
  return MakeError("RUN-563", ErrorKind::kData, "table {}: required columns are missing: {}", asset.table.ToString(),
                   text)
      .At(asset.table_values.Where("required_columns"))
      .WithHint("no row was read: send the file again as agreed, or take the column out of `required_columns`");
}

}  // namespace leat::run
