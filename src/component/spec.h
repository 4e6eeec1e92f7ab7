#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "component/check.h"
#include "component/mask.h"
#include "component/source.h"
#include "component/table_list.h"
#include "config/field.h"

namespace leat::component {

enum class Stability { kStable, kBeta };

/// Everything the engine, the docs and the editors know about one part. A part's folder has one entry function that
/// returns its Spec; cmake/components.cmake finds the folders components/<kind>/<name>/ and generates the list
/// (entry function: `leat::component::Spec leat_<kind>_<name>_spec();`).
struct Spec {
  std::string kind{};  ///< "source", "check", "mask"; later sink, notify
  std::string name{};
  Stability stability = Stability::kStable;
  std::string summary{};                               ///< one line
  std::string description{};                           ///< a paragraph or more, Markdown
  std::vector<std::string> examples{};                 ///< YAML
  std::vector<config::FieldSpec> connection_fields{};  ///< source: members of the connection besides `type`
  std::vector<config::FieldSpec> fields{};             ///< source: of a table entry; check, mask: its arguments
  SourceCapabilities source{};                         ///< kind source
  MakeSource make_source = nullptr;
  ListTables list_tables = nullptr;  ///< source: what `leat discover` shows; null: it cannot tell
  CheckCapabilities check{};         ///< kind check
  MakeCheck make_check = nullptr;
  MaskCapabilities mask{};  ///< kind mask
  MakeMask make_mask = nullptr;
};

/// All parts that were built in, sorted by kind and name.
const std::vector<Spec>& AllSpecs();
/// Null when there is none.
const Spec* FindSpec(std::string_view kind, std::string_view name);
std::vector<std::string> SpecNames(std::string_view kind);

}  // namespace leat::component
