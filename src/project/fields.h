#pragma once

#include <vector>

#include "config/field.h"

namespace leat::component {
struct Spec;
}

namespace leat::project {

// The fields of the project's files: validation, JSON Schema and `leat describe project` come from these lists.

std::vector<config::FieldSpec> SettingsFields();         ///< leat.yml
std::vector<config::FieldSpec> ConnectionsFileFields();  ///< connections.yml
std::vector<config::FieldSpec> SourceFileFields();       ///< sources/*.yml
/// One entry of `tables:`; `source` adds its own fields.
std::vector<config::FieldSpec> TableFields(const component::Spec* source);
std::vector<config::FieldSpec> StructuredFields();    ///< `structured:` of a table
std::vector<config::FieldSpec> SourceColumnFields();  ///< an entry of `columns:` of a source table
std::vector<config::FieldSpec> ModelFileFields();     ///< models/**/*.yml
std::vector<config::FieldSpec> ModelFields();         ///< one entry of `models:`
std::vector<config::FieldSpec> ModelColumnFields();   ///< an entry of `columns:` of a model
std::vector<config::FieldSpec> ModelConfigFields();   ///< {{ config(…) }} and `config:`

}  // namespace leat::project
