#include "serve/iceberg/fresh_ids.h"

#include <map>
#include <nlohmann/json.hpp>

namespace leat::serve::iceberg {

namespace {

using nlohmann::json;

Error Wrong(std::string_view what) { return MakeError("SERVE-303", ErrorKind::kUsage, "the new table's {}", what); }

class Renumbering {
 public:
  Status Type(json& type) {
    if (!type.is_object()) return Ok();  // a primitive
    const std::string kind = type.value("type", "");
    if (kind == "struct") return Struct(type);
    if (kind == "list") {
      LEAT_TRY(Give(type, "element-id"));
      return Type(type["element"]);
    }
    if (kind == "map") {
      LEAT_TRY(Give(type, "key-id"));
      LEAT_TRY(Give(type, "value-id"));
      LEAT_TRY(Type(type["key"]));
      return Type(type["value"]);
    }
    return Wrong("schema has a type that is not known: " + kind);
  }

  Status Struct(json& type) {
    const auto fields = type.find("fields");
    if (fields == type.end() || !fields->is_array()) return Wrong("schema needs 'fields', an array");
    for (json& field : *fields) {
      if (!field.is_object()) return Wrong("schema has a field that is not an object");
      LEAT_TRY(Give(field, "id"));
    }
    for (json& field : *fields) LEAT_TRY(Type(field["type"]));
    return Ok();
  }

  Status Follow(json& holder, const char* member) const {
    const auto id = holder.find(member);
    if (id == holder.end() || !id->is_number_integer())
      return Wrong(std::string("spec or order needs '") + member + "'");
    const auto found = new_ids_.find(id->get<int64_t>());
    if (found == new_ids_.end()) return Wrong("spec or order names a column that the schema does not have");
    *id = found->second;
    return Ok();
  }

  Result<int> NewId(const json& old_id) const {
    const auto found = old_id.is_number_integer() ? new_ids_.find(old_id.get<int64_t>()) : new_ids_.end();
    if (found == new_ids_.end()) return Wrong("identifier fields name a column that the schema does not have");
    return found->second;
  }

 private:
  Status Give(json& holder, const char* member) {
    const auto id = holder.find(member);
    if (id == holder.end() || !id->is_number_integer())
      return Wrong(std::string("schema needs '") + member + "' everywhere");
    if (!new_ids_.emplace(id->get<int64_t>(), ++last_).second) return Wrong("schema uses a field id twice");
    *id = last_;
    return Ok();
  }

  std::map<int64_t, int> new_ids_;
  int last_ = 0;
};

}  // namespace

Status AssignFreshIds(json& schema, json& spec, json& order) {
  if (!schema.is_object()) return Wrong("'schema' is missing");
  Renumbering ids;
  LEAT_TRY(ids.Struct(schema));
  schema["schema-id"] = 0;
  if (const auto identifiers = schema.find("identifier-field-ids");
      identifiers != schema.end() && identifiers->is_array()) {
    for (json& id : *identifiers) {
      LEAT_ASSIGN(id, ids.NewId(id));
    }
  }
  if (!spec.is_object() || !order.is_object()) return Wrong("'partition-spec' and 'write-order' must be objects");
  int next_partition_id = 1000;
  spec["spec-id"] = 0;
  for (json& field : spec["fields"]) {
    if (!field.is_object()) return Wrong("spec has a field that is not an object");
    LEAT_TRY(ids.Follow(field, "source-id"));
    field["field-id"] = next_partition_id++;
  }
  for (json& field : order["fields"]) {
    if (!field.is_object()) return Wrong("order has a field that is not an object");
    LEAT_TRY(ids.Follow(field, "source-id"));
  }
  order["order-id"] = order["fields"].empty() ? 0 : 1;
  return Ok();
}

}  // namespace leat::serve::iceberg
