#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>

#include "config/tree.h"
#include "imports/draft.h"

namespace leat::imports {

/// What stands for values in texts of a resource.
struct DltBindings {
  std::map<std::string, std::string> fixed;                         ///< parameters of the path: their values
  std::map<std::string, std::pair<std::string, std::string>> rows;  ///< of type resolve: resource, field
  std::string parent;                                               ///< the resource that the texts name
  std::set<std::string> fields;                                     ///< of it, as {parent.<field>}
  std::string end_value, initial_value;
  bool since = false;              ///< a text asks for the bookmark
  std::string unknown;             ///< a placeholder that there is not
  bool several = false;            ///< parents
  SecretNames* secrets = nullptr;  ///< takes what proves who asks; nullptr: it stays
  std::string hint;                ///< begins their names
};

/// A text of dlt with its placeholders as ours; `{{` stays, `}}` is one brace.
std::string DltRewritten(const std::string& text, DltBindings& bindings);

/// A scalar with its placeholders, as it is written in YAML of ours; "" for None. `literal` is false for what is none.
std::string DltValue(const config::Node& node, DltBindings& bindings, bool& literal);

/// A reference for a literal value that proves who asks, by its name; "" for any other.
std::string DltHidden(const std::string& name, const config::Node& value, DltBindings& bindings);

/// JSON text of a tree, its texts with their placeholders as ours. `literal` is false where Python has to be asked.
std::string DltJson(const config::Node& node, DltBindings& bindings, bool& literal);

}  // namespace leat::imports
