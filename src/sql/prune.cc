#include "sql/prune.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "sql/bounds.h"
#include "sql/plan.h"

namespace leat::sql {
namespace {

using Json = nlohmann::json;
using Op = lake::ScanPredicate::Op;
using data::TypeId;

constexpr const char* kStandIn = "leat_standin_";

/// A condition on one column of an operator's output. Constants are SQL text that gives NULL instead of an error.
struct Condition {
  size_t column = 0;
  Op op = Op::kEqual;
  std::vector<std::string> constants;
  std::string compared_as;  ///< DuckDB type in which column and constants are compared
};

/// DuckDB type of a plan's type object; "" when it is nested or unknown.
std::string TypeText(const Json& type) {
  std::string id = PlanText(type, "id");
  static const std::set<std::string> kSimple{
      "BOOLEAN",  "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT",  "USMALLINT",
      "UINTEGER", "UBIGINT", "FLOAT",    "DOUBLE",  "DATE",   "TIME",    "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
      "VARCHAR",  "UUID"};
  if (id == "DECIMAL" && type.contains("type_info") && type["type_info"].is_object())
    return fmt::format("DECIMAL({},{})", type["type_info"].value("width", 18), type["type_info"].value("scale", 3));
  return kSimple.count(id) > 0 ? id : "";
}

/// True when the cast keeps order and tells all values apart, so that a condition on the cast is one on the column.
bool KeepsOrder(const std::string& from, const std::string& to) {
  if (from == to) return true;
  static const std::map<std::string, int> kWidth{
      {"TINYINT", 1}, {"SMALLINT", 2}, {"INTEGER", 4}, {"BIGINT", 8}, {"HUGEINT", 16}};
  auto a = kWidth.find(from);
  auto b = kWidth.find(to);
  if (a != kWidth.end() && b != kWidth.end()) return a->second <= b->second;
  bool from_decimal = from.rfind("DECIMAL", 0) == 0;
  bool to_decimal = to.rfind("DECIMAL", 0) == 0;
  if (to_decimal && (from_decimal || a != kWidth.end())) {
    auto parts = [](const std::string& text) {
      int width = 0;
      int scale = 0;
      if (std::sscanf(text.c_str(), "DECIMAL(%d,%d)", &width, &scale) != 2) return std::pair(0, 0);
      return std::pair(width, scale);
    };
    auto [width, scale] = parts(to);
    auto [old_width, old_scale] = from_decimal ? parts(from) : std::pair(a->second >= 8 ? 19 : 10, 0);
    return scale >= old_scale && (width - scale >= old_width - old_scale || width == 38);
  }
  if (to == "DOUBLE") return from == "FLOAT" || (a != kWidth.end() && a->second <= 4);
  if (to == "TIMESTAMP") return from == "DATE";
  if (to == "TIMESTAMP WITH TIME ZONE") return from == "DATE" || from == "TIMESTAMP";  // sessions are in UTC
  return false;
}

/// The column that an expression is, looking through casts that keep order.
std::optional<size_t> ColumnOf(const Json& expression) {
  std::string kind = PlanText(expression, "expression_class");
  if (kind == "BOUND_REF") return expression.value("index", size_t{0});
  if (kind != "BOUND_CAST" || expression.value("try_cast", false)) return std::nullopt;
  const Json& child = expression["child"];
  std::string from = child.contains("return_type") ? TypeText(child["return_type"]) : "";
  std::string to = TypeText(expression["return_type"]);
  if (from.empty() || to.empty() || !KeepsOrder(from, to)) return std::nullopt;
  return ColumnOf(child);
}

/// SQL of a constant, NULL-safe; nullopt for anything else.
std::optional<std::string> ConstantOf(const Json& expression) {
  std::string kind = PlanText(expression, "expression_class");
  if (kind == "BOUND_CAST") {
    std::string type = TypeText(expression["return_type"]);
    auto child = ConstantOf(expression["child"]);
    if (type.empty() || !child) return std::nullopt;
    return "TRY_CAST(" + *child + " AS " + type + ")";
  }
  if (kind != "BOUND_CONSTANT" || !expression.contains("value")) return std::nullopt;
  const Json& value = expression["value"];
  std::string type = TypeText(value["type"]);
  if (type.empty() || value.value("is_null", true) || !value.contains("value")) return std::nullopt;
  const Json& raw = value["value"];
  if (type.rfind("DECIMAL", 0) == 0) {
    int scale = value["type"]["type_info"].value("scale", 0);
    if (!raw.is_number_integer()) return std::nullopt;
    return fmt::format("TRY_CAST(CAST({} AS HUGEINT) / CAST({} AS DECIMAL(38,0)) AS {})", raw.dump(),
                       "1" + std::string(static_cast<size_t>(scale), '0'), type);
  }
  if (raw.is_string()) return "TRY_CAST(" + QuoteLiteral(raw.get<std::string>()) + " AS " + type + ")";
  if (raw.is_boolean() || raw.is_number()) {
    bool whole = type.find("INT") != std::string::npos || type == "BOOLEAN" || type == "FLOAT" || type == "DOUBLE";
    if (!whole) return std::nullopt;
    return "TRY_CAST(" + QuoteLiteral(raw.dump()) + " AS " + type + ")";
  }
  return std::nullopt;
}

std::optional<Op> Comparison(const std::string& type, bool flipped) {
  if (type == "COMPARE_EQUAL") return Op::kEqual;
  if (type == "COMPARE_LESSTHAN") return flipped ? Op::kGreater : Op::kLess;
  if (type == "COMPARE_LESSTHANOREQUALTO") return flipped ? Op::kGreaterEqual : Op::kLessEqual;
  if (type == "COMPARE_GREATERTHAN") return flipped ? Op::kLess : Op::kGreater;
  if (type == "COMPARE_GREATERTHANOREQUALTO") return flipped ? Op::kLessEqual : Op::kGreaterEqual;
  return std::nullopt;
}

class Walk {
 public:
  explicit Walk(const std::vector<StandIn>& stand_ins) : stand_ins_(stand_ins) {}

  /// `above`: conditions that every row of this operator's output must pass to matter.
  void Visit(const Json& node, std::vector<Condition> above) {
    std::string type = PlanText(node, "type");
    const Json& children = node["children"];
    if (type == "LOGICAL_GET") {
      Collect(node, above);
    } else if (type == "LOGICAL_FILTER") {
      if (!Width(node)) above.clear();
      for (const Json& expression : node["expressions"]) AddConditions(expression, above);
      Visit(children[0], std::move(above));
    } else if (type == "LOGICAL_PROJECTION") {
      Visit(children[0], Through(node, above));
    } else if (type == "LOGICAL_ORDER_BY") {
      if (!Width(node)) above.clear();
      Visit(children[0], std::move(above));
    } else if (type == "LOGICAL_DISTINCT") {
      if (PlanText(node, "distinct_type") != "DISTINCT") above.clear();
      Visit(children[0], std::move(above));
    } else if (type == "LOGICAL_UNION") {
      for (const Json& child : children) Visit(child, above);
    } else if (type == "LOGICAL_MATERIALIZED_CTE") {
      Visit(children[0], {});
      Visit(children[1], std::move(above));
    } else if (type == "LOGICAL_COMPARISON_JOIN" || type == "LOGICAL_ANY_JOIN" || type == "LOGICAL_CROSS_PRODUCT" ||
               type == "LOGICAL_ASOF_JOIN") {
      Join(node, type, above);
    } else {  // limits, windows, aggregates, …: which rows come in changes what comes out
      for (const Json& child : children) Visit(child, {});
    }
  }

  std::map<size_t, std::vector<std::vector<std::pair<const data::Field*, Condition>>>>
      found;  ///< by stand-in, by mention

 private:
  void AddConditions(const Json& expression, std::vector<Condition>& conditions) const {
    std::string kind = PlanText(expression, "expression_class");
    std::string type = PlanText(expression, "type");
    if (type == "CONJUNCTION_AND") {
      for (const Json& child : expression["children"]) AddConditions(child, conditions);
      return;
    }
    Condition condition;
    if (kind == "BOUND_COMPARISON") {
      for (bool flipped : {false, true}) {
        const Json& side = expression[flipped ? "right" : "left"];
        auto column = ColumnOf(side);
        auto constant = ConstantOf(expression[flipped ? "left" : "right"]);
        auto op = Comparison(type, flipped);
        if (!column || !constant || !op) continue;
        condition = {*column, *op, {*constant}, TypeText(side["return_type"])};
        if (!condition.compared_as.empty()) conditions.push_back(condition);
        return;
      }
    } else if (kind == "BOUND_OPERATOR" && expression.contains("children") && !expression["children"].empty()) {
      auto column = ColumnOf(expression["children"][0]);
      if (!column) return;
      condition.column = *column;
      condition.compared_as = TypeText(expression["children"][0]["return_type"]);
      if (type == "OPERATOR_IS_NULL" || type == "OPERATOR_IS_NOT_NULL") {
        condition.op = type == "OPERATOR_IS_NULL" ? Op::kIsNull : Op::kNotNull;
      } else if (type == "COMPARE_IN" && !condition.compared_as.empty()) {
        condition.op = Op::kIn;
        for (size_t i = 1; i < expression["children"].size(); ++i) {
          auto constant = ConstantOf(expression["children"][i]);
          if (!constant) return;
          condition.constants.push_back(*constant);
        }
      } else {
        return;
      }
      conditions.push_back(std::move(condition));
    }
  }

  /// Conditions on a projection's outputs that are plain columns below it.
  static std::vector<Condition> Through(const Json& projection, const std::vector<Condition>& above) {
    std::vector<Condition> below;
    for (Condition condition : above) {
      if (condition.column >= projection["expressions"].size()) continue;
      const Json& expression = projection["expressions"][condition.column];
      if (PlanText(expression, "expression_class") != "BOUND_REF") continue;
      condition.column = expression.value("index", size_t{0});
      below.push_back(std::move(condition));
    }
    return below;
  }

  void Join(const Json& node, const std::string& type, const std::vector<Condition>& above) {
    const Json& children = node["children"];
    std::string join = type == "LOGICAL_CROSS_PRODUCT" ? "INNER" : PlanText(node, "join_type");
    auto left_width = Width(children[0]);
    bool plain = Width(node).has_value() && left_width.has_value();
    // An ASOF join picks the nearest row of its right side: leaving rows out there would change the pick.
    bool to_left = plain && (join == "INNER" || join == "LEFT" || join == "SEMI" || join == "ANTI" || join == "MARK" ||
                             join == "SINGLE");
    bool to_right = plain && type != "LOGICAL_ASOF_JOIN" && (join == "INNER" || join == "RIGHT");
    std::vector<Condition> left;
    std::vector<Condition> right;
    for (Condition condition : above) {
      if (!plain) break;
      if (condition.column < *left_width) {
        if (to_left) left.push_back(condition);
      } else if (to_right) {
        condition.column -= *left_width;
        right.push_back(condition);
      }
    }
    Visit(children[0], std::move(left));
    Visit(children[1], std::move(right));
  }

  void Collect(const Json& get, const std::vector<Condition>& above) {
    if (!get.contains("function_data") || !get["function_data"].is_object()) return;
    std::string table = PlanText(get["function_data"], "table");
    if (table.rfind(kStandIn, 0) != 0) return;
    size_t number = std::stoull(table.substr(std::string(kStandIn).size()));
    if (number >= stand_ins_.size()) return;
    std::vector<size_t> columns = ScannedColumns(get);
    auto& mention = found[number].emplace_back();
    for (const Condition& condition : above) {
      if (condition.column >= columns.size() || columns[condition.column] >= stand_ins_[number].schema.fields.size())
        continue;
      mention.emplace_back(&stand_ins_[number].schema.fields[columns[condition.column]], condition);
    }
  }

  const std::vector<StandIn>& stand_ins_;
};

/// Scans of stand-ins anywhere in the plan's text, by number.
void CountScans(const Json& json, std::map<size_t, size_t>& scans) {
  if (json.is_object() && PlanText(json, "table").rfind(kStandIn, 0) == 0)
    ++scans[std::stoull(PlanText(json, "table").substr(std::string(kStandIn).size()))];
  if (json.is_structured())
    for (const Json& item : json) CountScans(item, scans);
}

/// Types whose conditions the bounds can answer.
bool Answerable(const data::Type& type, Op op) {
  switch (type.id) {
    case TypeId::kBoolean:
    case TypeId::kUuid: return op == Op::kEqual || op == Op::kIn;
    case TypeId::kFloat:
    case TypeId::kDouble: return op != Op::kGreater && op != Op::kGreaterEqual;  // NaN is above all and in no bound
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kDecimal:
    case TypeId::kDate:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kString: return true;
    default: return false;
  }
}

bool IsZeroOrNan(const data::Value& value) {
  if (const auto* number = std::get_if<float>(&value)) return *number == 0.0F || std::isnan(*number);
  if (const auto* number = std::get_if<double>(&value)) return *number == 0.0 || std::isnan(*number);
  return false;
}

/// The predicate with its constants as values of the column; nullopt when one of them is not exactly such a value.
Result<std::optional<lake::ScanPredicate>> ToPredicate(DuckConnection& connection, const data::Field& field,
                                                       const Condition& condition) {
  std::optional<lake::ScanPredicate> none;
  lake::ScanPredicate predicate;
  predicate.field_id = field.id;
  predicate.op = condition.op;
  if (condition.op == Op::kIsNull || condition.op == Op::kNotNull) return std::optional(predicate);
  if (!Answerable(*field.type, condition.op)) return none;
  std::string type = data::DuckDbTypeName(*field.type);
  std::string columns;
  for (const std::string& constant : condition.constants)
    columns += fmt::format(
        "{0}CASE WHEN TRY_CAST(TRY_CAST({1} AS {2}) AS {3}) = {1} THEN CAST(TRY_CAST({1} AS {2}) AS VARCHAR) END",
        columns.empty() ? "" : ", ", constant, type, condition.compared_as);
  LEAT_ASSIGN(TextRows rows, connection.Query("SELECT " + columns));
  for (size_t i = 0; i < rows.columns.size(); ++i) {
    const std::optional<std::string>& text = rows.At(0, i);
    if (!text) return none;
    LEAT_ASSIGN(data::Value value, ValueFromText(*text, *field.type));
    if (IsZeroOrNan(value)) return none;  // 0.0 equals -0.0 in SQL, not in bounds
    predicate.values.push_back(std::move(value));
  }
  return std::optional(predicate);
}

}  // namespace

std::optional<size_t> StandInNumber(std::string_view table) {
  constexpr std::string_view kPrefix = kStandIn;
  if (table.substr(0, kPrefix.size()) != kPrefix) return std::nullopt;
  return std::strtoull(std::string(table.substr(kPrefix.size())).c_str(), nullptr, 10);
}

Status MakeStandIns(DuckConnection& connection, const std::string& catalog, const std::vector<StandIn>& stand_ins) {
  for (size_t i = 0; i < stand_ins.size(); ++i) {
    std::string name = kStandIn + std::to_string(i);
    std::string columns;
    for (const auto& field : stand_ins[i].schema.fields)
      columns += (columns.empty() ? "" : ", ") + QuoteName(field.name) + " " + data::DuckDbTypeName(*field.type);
    LEAT_TRY(connection.Execute(fmt::format("CREATE OR REPLACE TEMP TABLE {}({})", name, columns)));
    LEAT_TRY(connection.Execute("CREATE OR REPLACE VIEW " + QuoteName(catalog) + "." +
                                QuoteName(stand_ins[i].table.ns) + "." + QuoteName(stand_ins[i].table.name) +
                                " AS SELECT * FROM temp.main." + name));
  }
  return Ok();
}

void DropStandIns(DuckConnection& connection, const std::vector<StandIn>& stand_ins) {
  for (size_t i = 0; i < stand_ins.size(); ++i)
    (void)connection.Execute(fmt::format("DROP TABLE IF EXISTS temp.main.{}{}", kStandIn, i));
}

Result<std::map<lake::TableName, std::vector<FilePredicates>>> FindPredicates(DuckConnection& connection,
                                                                              const std::string& catalog,
                                                                              std::string_view sql,
                                                                              const std::vector<StandIn>& stand_ins) {
  LEAT_TRY(MakeStandIns(connection, catalog, stand_ins));
  auto plan = BoundPlan(connection, sql);
  DropStandIns(connection, stand_ins);
  if (!plan.ok()) return std::move(plan).error();
  std::map<lake::TableName, std::vector<FilePredicates>> predicates;
  Walk walk(stand_ins);
  std::map<size_t, size_t> scans;
  try {
    walk.Visit(*plan, {});
    CountScans(*plan, scans);
  } catch (const std::exception& odd) {  // a plan of a shape that is not known: read everything
    return MakeError("SQL-504", ErrorKind::kInternal, "the plan is not understood: {}", odd.what());
  }
  for (size_t i = 0; i < stand_ins.size(); ++i) {
    auto& of_table = predicates[stand_ins[i].table];
    for (const auto& mention : walk.found[i]) {
      FilePredicates& list = of_table.emplace_back();
      for (const auto& [field, condition] : mention) {
        LEAT_ASSIGN(std::optional<lake::ScanPredicate> predicate, ToPredicate(connection, *field, condition));
        if (predicate) list.push_back(std::move(*predicate));
      }
    }
    // A mention in a part of the plan that was not walked needs all files.
    if (of_table.empty() || scans[i] != walk.found[i].size()) of_table.emplace_back();
  }
  return predicates;
}

}  // namespace leat::sql
