#include "sql/plan.h"

namespace leat::sql {

using Json = nlohmann::json;

std::string PlanText(const Json& node, const char* member) {
  auto found = node.find(member);
  return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Result<Json> BoundPlan(DuckConnection& connection, std::string_view sql) {
  LEAT_ASSIGN(TextRows rows, connection.Query("SELECT CAST(json_serialize_plan(" + QuoteLiteral(connection.Adapt(sql)) +
                                              ", optimize := false) AS VARCHAR)"));
  Json json = Json::parse(rows.At(0, 0).value_or(""), nullptr, false);
  if (!json.is_object() || json.value("error", true) || !json.contains("plans") || json["plans"].size() != 1)
    return MakeError("SQL-201", ErrorKind::kConfig, "the statement cannot be bound: {}",
                     json.is_object() ? PlanText(json, "error_message") : "no plan");
  return Json(std::move(json["plans"][0]));
}

std::vector<size_t> ScannedColumns(const Json& get) {
  std::vector<size_t> columns;
  if (auto indexes = get.find("column_indexes"); indexes != get.end())
    for (const Json& index : *indexes) columns.push_back(index.value("index", size_t{0}));
  // A projection of the scan itself keeps some of them only.
  if (auto kept = get.find("projection_ids"); kept != get.end() && kept->is_array() && !kept->empty()) {
    std::vector<size_t> some;
    for (const Json& id : *kept) some.push_back(columns.at(id.get<size_t>()));
    return some;
  }
  return columns;
}

std::optional<size_t> Width(const Json& node) {
  std::string type = PlanText(node, "type");
  const Json& children = node.contains("children") ? node["children"] : Json::array();
  auto child = [&](size_t i) { return i < children.size() ? Width(children[i]) : std::nullopt; };
  auto sized = [&](const char* member) -> std::optional<size_t> {
    auto found = node.find(member);
    return found != node.end() && found->is_array() ? std::optional(found->size()) : std::nullopt;
  };
  if (type == "LOGICAL_GET") return ScannedColumns(node).size();
  if (type == "LOGICAL_PROJECTION") return sized("expressions");
  if (type == "LOGICAL_FILTER" || type == "LOGICAL_ORDER_BY") {
    for (const char* map : {"projection_map", "projections"})
      if (node.contains(map) && node[map].is_array() && !node[map].empty()) return std::nullopt;
    return child(0);
  }
  if (type == "LOGICAL_LIMIT" || type == "LOGICAL_DISTINCT" || type == "LOGICAL_TOP_N" || type == "LOGICAL_SAMPLE")
    return child(0);
  if (type == "LOGICAL_DUMMY_SCAN") return 1;
  if (type == "LOGICAL_CTE_REF" || type == "LOGICAL_DELIM_GET") return sized("chunk_types");
  if (type == "LOGICAL_EXPRESSION_GET") return sized("expr_types");
  if (type == "LOGICAL_CROSS_PRODUCT" || type == "LOGICAL_COMPARISON_JOIN" || type == "LOGICAL_ANY_JOIN" ||
      type == "LOGICAL_ASOF_JOIN" || type == "LOGICAL_DELIM_JOIN" || type == "LOGICAL_POSITIONAL_JOIN") {
    for (const char* map : {"left_projection_map", "right_projection_map"})
      if (node.contains(map) && node[map].is_array() && !node[map].empty()) return std::nullopt;
    std::string join = PlanText(node, "join_type");
    auto left = child(0);
    auto right = child(1);
    if (!left || !right) return std::nullopt;
    if (join == "SEMI" || join == "ANTI") return left;
    if (join == "MARK") return *left + 1;
    if (join == "RIGHT_SEMI" || join == "RIGHT_ANTI") return right;
    return *left + *right;
  }
  if (type == "LOGICAL_AGGREGATE_AND_GROUP_BY") {
    auto groups = sized("groups");
    auto aggregates = sized("expressions");
    auto grouping = sized("grouping_functions");
    if (!groups || !aggregates) return std::nullopt;
    return *groups + *aggregates + grouping.value_or(0);
  }
  if (type == "LOGICAL_WINDOW" || type == "LOGICAL_UNNEST") {
    auto below = child(0);
    auto more = sized("expressions");
    return below && more ? std::optional(*below + *more) : std::nullopt;
  }
  if (type == "LOGICAL_UNION" || type == "LOGICAL_EXCEPT" || type == "LOGICAL_INTERSECT") return child(0);
  if (type == "LOGICAL_MATERIALIZED_CTE") return child(1);
  if (type == "LOGICAL_RECURSIVE_CTE") return child(0);
  return std::nullopt;
}

}  // namespace leat::sql
