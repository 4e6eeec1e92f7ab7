#include <map>
#include <optional>
#include <set>

#include "sql/plan.h"
#include "sql/walker.h"

namespace leat::sql {
namespace {

using Json = nlohmann::json;

/// What a column is made of; nullopt: not known.
using Origins = std::optional<std::set<std::string>>;
/// Of all columns of an operator; nullopt: not even their number is known.
using Outputs = std::optional<std::vector<Origins>>;

class Walk {
 public:
  Outputs Of(const Json& node) {
    std::string type = PlanText(node, "type");
    const Json& children = node["children"];
    auto child = [&](size_t i) { return i < children.size() ? Of(children[i]) : Outputs(); };
    if (type == "LOGICAL_GET") return Scan(node);
    if (type == "LOGICAL_PROJECTION") return Expressions(node["expressions"], child(0));
    if (type == "LOGICAL_FILTER" || type == "LOGICAL_ORDER_BY" || type == "LOGICAL_LIMIT" ||
        type == "LOGICAL_DISTINCT" || type == "LOGICAL_TOP_N" || type == "LOGICAL_SAMPLE")
      return Width(node) ? child(0) : Outputs();
    if (type == "LOGICAL_AGGREGATE_AND_GROUP_BY") {
      Outputs below = child(0);
      Outputs all = Expressions(node["groups"], below);
      Append(all, Expressions(node["expressions"], below));
      size_t more = node.contains("grouping_functions") ? node["grouping_functions"].size() : 0;
      if (all) all->resize(all->size() + more, std::set<std::string>());
      return all;
    }
    if (type == "LOGICAL_WINDOW" || type == "LOGICAL_UNNEST") {
      Outputs all = child(0);
      Append(all, Expressions(node["expressions"], all));
      return all;
    }
    if (type == "LOGICAL_CROSS_PRODUCT" || type.find("_JOIN") != std::string::npos)
      return Join(node, child(0), child(1));
    if (type == "LOGICAL_UNION") {
      Outputs all = child(0);
      for (size_t i = 1; i < children.size() && all; ++i) {
        Outputs more = child(i);
        if (!more || more->size() != all->size()) return std::nullopt;
        for (size_t c = 0; c < all->size(); ++c) Merge((*all)[c], (*more)[c]);
      }
      return all;
    }
    if (type == "LOGICAL_EXCEPT" || type == "LOGICAL_INTERSECT") return child(0);
    if (type == "LOGICAL_MATERIALIZED_CTE") {
      ctes_[node.value("table_index", size_t{0})] = child(0);
      return child(1);
    }
    if (type == "LOGICAL_CTE_REF") {
      auto found = ctes_.find(node.value("cte_index", size_t{0}));
      if (found != ctes_.end()) {
        const auto& known = found->second;
        if (known && known->size() == Width(node)) return known;
      }
    }
    if (type == "LOGICAL_EXPRESSION_GET" || type == "LOGICAL_DUMMY_SCAN")
      if (auto width = Width(node)) return std::vector<Origins>(*width, std::set<std::string>());
    // The columns of anything else are not known, if their number is.
    if (auto width = Width(node)) return std::vector<Origins>(*width, std::nullopt);
    return std::nullopt;
  }

 private:
  static void Merge(Origins& into, const Origins& more) {
    if (!into || !more) {
      into.reset();
    } else {
      into->insert(more->begin(), more->end());
    }
  }
  static void Append(Outputs& into, const Outputs& more) {
    if (!into || !more) {
      into.reset();
    } else {
      into->insert(into->end(), more->begin(), more->end());
    }
  }

  static Outputs Scan(const Json& get) {
    std::vector<size_t> columns = ScannedColumns(get);
    std::vector<Origins> outputs(columns.size());
    if (!get.contains("function_data") || !get["function_data"].is_object()) return outputs;
    const Json& data = get["function_data"];
    std::string table = PlanText(data, "table");
    if (table.empty()) return outputs;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] >= get["names"].size()) continue;  // row id
      outputs[i] = std::set<std::string>{PlanText(data, "schema") + "." + table + "." +
                                         get["names"][columns[i]].get<std::string>()};
    }
    return outputs;
  }

  static Outputs Join(const Json& node, Outputs left, const Outputs& right) {
    std::string join = PlanText(node, "join_type");
    if (!Width(node) || !left || !right) return std::nullopt;
    if (join == "SEMI" || join == "ANTI") return left;
    if (join == "RIGHT_SEMI" || join == "RIGHT_ANTI") return right;
    if (join == "MARK") {
      left->push_back(std::nullopt);
      return left;
    }
    Append(left, right);
    return left;
  }

  static Outputs Expressions(const Json& expressions, const Outputs& below) {
    if (!below) return std::nullopt;
    std::vector<Origins> outputs;
    for (const Json& expression : expressions) {
      Origins origins = std::set<std::string>();
      Collect(expression, *below, origins);
      outputs.push_back(std::move(origins));
    }
    return outputs;
  }

  /// Adds what the columns in an expression are made of; filters of aggregates choose rows, they are not in the value.
  static void Collect(const Json& json, const std::vector<Origins>& below, Origins& origins) {
    if (json.is_object() && PlanText(json, "expression_class") == "BOUND_REF") {
      size_t index = json.value("index", size_t{0});
      Merge(origins, index < below.size() ? below[index] : Origins());
      return;
    }
    if (json.is_array())
      for (const Json& item : json) Collect(item, below, origins);
    if (json.is_object())
      for (auto member = json.begin(); member != json.end(); ++member)
        if (member.key() != "filter" && member.key() != "filter_expr" && member.value().is_structured())
          Collect(member.value(), below, origins);
  }

  std::map<size_t, Outputs> ctes_;
};

}  // namespace

Result<std::vector<ColumnOrigin>> ColumnLineage(Connection& connection, std::string_view sql) {
  LEAT_ASSIGN(std::vector<Column> columns, connection.Describe(sql));
  LEAT_ASSIGN(Json plan, BoundPlan(static_cast<DuckConnection&>(connection), sql));
  std::vector<ColumnOrigin> lineage;
  Outputs outputs;
  try {
    outputs = Walk().Of(plan);
  } catch (const std::exception&) {  // a plan of a shape that is not known
    return lineage;
  }
  if (!outputs || outputs->size() != columns.size()) return lineage;
  for (size_t i = 0; i < columns.size(); ++i)
    if (const Origins& origins = (*outputs)[i])
      lineage.push_back({columns[i].name, {origins->begin(), origins->end()}});
  return lineage;
}

}  // namespace leat::sql
