#include "components/source/duckdb/query_tables.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/lower.h"

namespace leat::components::duckdb {
namespace {

using Json = nlohmann::ordered_json;
using Names = std::set<std::string>;

std::string TextOf(const Json& object, const char* member) {
  const auto found = object.find(member);
  return found == object.end() || !found->is_string() ? "" : found->get<std::string>();
}

/// Walks the tree; the first thing that is refused stays.
class Walk {
 public:
  Walk(const std::string& catalog, const std::string& schema) : catalog_(catalog), schema_(schema) {}

  /// `names`: of the WITHs around.
  void Look(Json& node, Names names) {
    if (node.is_array()) {
      for (Json& one : node) Look(one, names);
    } else if (node.is_object()) {
      const std::string type = TextOf(node, "type");
      if (type == "BASE_TABLE") Place(node, names);
      else if (type == "TABLE_FUNCTION") CheckFunction(node);
      else if (type == "SHOW_REF") refused_ = "it asks what there is (SHOW, DESCRIBE, SUMMARIZE)";
      if (type == "RECURSIVE_CTE_NODE") names.insert(Lower(TextOf(node, "cte_name")));
      if (const auto with = node.find("cte_map"); with != node.end()) LookAtWith(*with, names);
      for (auto& [key, member] : node.items()) {
        if (key != "cte_map") Look(member, names);
      }
    }
  }
  const std::string& refused() const { return refused_; }

 private:
  /// Each name is known behind its own query: `WITH orders AS (SELECT … FROM orders)` reads the table.
  void LookAtWith(Json& with, Names& names) {
    const auto map = with.find("map");
    if (map == with.end()) return;
    for (Json& entry : *map) {
      if (const auto value = entry.find("value"); value != entry.end()) Look(*value, names);
      names.insert(Lower(TextOf(entry, "key")));
    }
  }

  void Place(Json& table, const Names& names) {
    const std::string in_schema = TextOf(table, "schema_name"), in_catalog = TextOf(table, "catalog_name");
    if (!in_catalog.empty()) {
      refused_ = "it names another database: " + in_catalog;
      return;
    }
    if (in_schema.empty() && names.contains(Lower(TextOf(table, "table_name")))) return;
    table["catalog_name"] = catalog_;
    if (in_schema.empty()) table["schema_name"] = schema_;
  }

  void CheckFunction(const Json& node) {
    static const Names kPure = {"range", "generate_series", "unnest"};
    const auto function = node.find("function");
    const std::string name = function == node.end() ? "" : TextOf(*function, "function_name");
    if (!kPure.contains(Lower(name))) refused_ = "it reads more than tables of the file: " + name;
  }

  const std::string &catalog_, &schema_;
  std::string refused_;
};

}  // namespace

Result<std::string> TablesOfFile(const std::string& tree, const std::string& catalog, const std::string& schema,
                                 const std::string& what) {
  const auto refused = [&](const std::string& why) {
    return MakeError("SRC-437", ErrorKind::kConfig, "{}: `query` is refused: {}", what, why)
        .WithHint("it reads tables and views of the file, as `schema.table`");
  };
  Json json = Json::parse(tree, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return refused("its syntax tree cannot be read");
  if (json.value("error", false)) return refused(TextOf(json, "error_message"));
  Walk walk(catalog, schema);
  walk.Look(json, {});
  if (!walk.refused().empty()) return refused(walk.refused());
  return json.dump();
}

}  // namespace leat::components::duckdb
