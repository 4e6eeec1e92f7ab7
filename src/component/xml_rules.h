#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/field.h"
#include "data/xml_records.h"

namespace leat::component {

/// What every part that reads XML has in its YAML beside the path of the records: namespaces, lists, whitespace.
std::vector<config::FieldSpec> XmlRuleFields();

/// The rules that YAML says: records at the path in `path_field` (default: all elements in the root), columns from around them by `fields`. `pick` gives the values that
/// have a field. SRC-331 kConfig, at its place, with the name of the table.
Result<data::XmlRecordRules> ReadXmlRules(const std::string& table, const std::string& path_field,
                                          const std::function<const config::Values&(const std::string& field)>& pick);

}  // namespace leat::component
