#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/tree.h"

namespace leat::config {

enum class FieldType {
  kString,
  kInteger,
  kNumber,
  kBoolean,
  kDuration,
  kBytes,
  kPercent,
  kPath,
  kEnum,
  kList,
  kMap,
  kObject,
  kAny
};

/// One option of a spec, as data: validation, JSON Schema, docs, completion and masking come from it.
struct FieldSpec {
  std::string name{};
  FieldType type = FieldType::kString;
  std::string description{};  ///< one sentence; says unit, default and when to change it
  bool required = false;
  std::string default_value{};         ///< as typed in YAML; "" is "none"
  std::vector<std::string> allowed{};  ///< kEnum
  std::optional<double> minimum{};
  std::optional<double> maximum{};
  /// The value names a table: ref('x'), source('s', 't') or a plain name. The project resolves it to quoted SQL before the
  /// part is made, and the asset depends on it.
  bool names_table = false;
  bool secret = false;  ///< registered with RegisterSecret, never shown
  std::string example{};
  std::string since = "0.1";
  std::string deprecated_by{};
  std::vector<FieldSpec> fields{};  ///< members of kObject; of the items of kList and the values of kMap when not empty
  FieldType item_type = FieldType::kString;  ///< of kList and kMap without `fields`
  bool scalar_ok = false;  ///< a kList that takes one value without brackets; a kObject that takes a bare name
  /// A kMap or kList whose entries choose their own spec (checks: the key is the check's name): validated elsewhere.
  bool open = false;
};

/// The typed values of one object after validation, defaults filled in, ${env:NAME} replaced.
class Values {
 public:
  bool Has(const std::string& name) const;  ///< given in the file (a default does not count)
  std::string Text(const std::string& name) const;
  int64_t Integer(const std::string& name) const;
  double Number(const std::string& name) const;
  bool Boolean(const std::string& name) const;
  std::chrono::microseconds Duration(const std::string& name) const;
  int64_t Bytes(const std::string& name) const;
  double Percent(const std::string& name) const;  ///< 1 % is 0.01
  std::vector<std::string> TextList(const std::string& name) const;
  std::map<std::string, std::string> TextMap(const std::string& name) const;
  std::vector<Values> Objects(const std::string& name) const;
  const Values* Object(const std::string& name) const;
  const Node* Raw(const std::string& name) const;
  SourceSpan Where(const std::string& name) const;  ///< of the value; of the object when it is a default
  SourceSpan span;

  struct Item;
  std::map<std::string, std::shared_ptr<Item>> items;
};

/// Environment look-up for ${env:NAME} and .env files; tests give their own.
using EnvLookup = std::function<std::optional<std::string>(const std::string&)>;

/// Checks `node` against `fields`, reporting every finding: CFG-104 unknown field (nearest names, allowed list), CFG-105
/// missing, CFG-106 wrong type (expected and found), CFG-107 out of bounds or not allowed, CFG-108 variable without a value
/// (lists the places tried), CFG-109 deprecated (warning). `what` names the object in messages ("source 'orders' (csv)").
Values Validate(const Node& node, const std::vector<FieldSpec>& fields, const std::string& what, const EnvLookup& env,
                Findings& findings);

/// JSON Schema (draft 2020-12) of an object with these fields, as JSON text.
std::string ObjectSchema(const std::vector<FieldSpec>& fields, int indent = 2);

}  // namespace leat::config
