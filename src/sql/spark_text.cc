#include "sql/spark_text.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/lower.h"

namespace leat::sql {
namespace {

using data::TypeId;
using Json = nlohmann::json;

/// Why a text is not portable; thrown inside this file only.
struct NotPortable {
  std::string why;
};

std::string Backticks(std::string_view name) {
  std::string quoted = "`";
  for (const char c : name) quoted += c == '`' ? "``" : std::string(1, c);
  return quoted + "`";
}

const Json& Member(const Json& node, const char* name) {
  const auto found = node.find(name);
  if (found == node.end()) throw NotPortable{fmt::format("its syntax tree has no {}", name)};
  return *found;
}

std::string Text(const Json& node, const char* name) {
  const Json& member = Member(node, name);
  if (!member.is_string()) throw NotPortable{fmt::format("its syntax tree has no text in {}", name)};
  return member.get<std::string>();
}

/// Anything in this member would mean something that is not understood here.
void MustBeEmpty(const Json& node, const char* name, const char* what) {
  const Json& member = Member(node, name);
  if (member.is_null() || (member.is_string() && member.get_ref<const std::string&>().empty())) return;
  if ((member.is_array() || member.is_object()) && member.empty()) return;
  throw NotPortable{fmt::format("it has {}", what)};
}

/// Types whose values are the same and compare alike in both engines, at any depth.
bool Readable(const data::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean:
    case TypeId::kInt:
    case TypeId::kLong:
    case TypeId::kFloat:
    case TypeId::kDouble:
    case TypeId::kDecimal:
    case TypeId::kDate:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kString:
    case TypeId::kBinary: return true;
    case TypeId::kStruct:
    case TypeId::kList:
    case TypeId::kMap:
      return std::all_of(type.fields.begin(), type.fields.end(),
                         [](const data::Field& field) { return Readable(*field.type); });
    default: return false;
  }
}

bool IsWhole(const data::Type& type) { return type.id == TypeId::kInt || type.id == TypeId::kLong; }

bool SameKind(const data::Type& a, const data::Type& b) { return !a.is_nested() && data::SameType(a, b); }

bool Digits(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '9' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

struct Expression {
  std::string text;
  data::TypePtr type;
  bool constant = false;
  std::string plain;  ///< of a string constant: its text
};

/// A table of FROM with the name by which its columns are called.
struct Relation {
  std::string name;
  data::Schema columns;
};

class SparkWriter {
 public:
  SparkWriter(const std::string& catalog, const data::Schema& output, const ColumnsOfTable& columns)
      : catalog_(catalog), output_(output), columns_(columns) {}

  Result<std::string> Write(const Json& node) {
    if (Text(node, "type") != "SELECT_NODE") throw NotPortable{"it is more than one plain SELECT"};
    MustBeEmpty(Member(node, "cte_map"), "map", "a WITH clause");
    MustBeEmpty(node, "sample", "a sample");
    MustBeEmpty(node, "qualify", "QUALIFY");
    if (Text(node, "aggregate_handling") != "STANDARD_HANDLING") throw NotPortable{"it has GROUP BY ALL"};
    if (Member(node, "group_sets").size() > 1) throw NotPortable{"it has grouping sets"};
    LEAT_ASSIGN(const std::string from, From(Member(node, "from_table")));
    const std::vector<Expression> items = Items(Member(node, "select_list"));
    if (items.size() != output_.fields.size()) throw NotPortable{"its columns are not those that DuckDB found"};
    const bool distinct = Distinct(Member(node, "modifiers"));
    std::string text = distinct ? "SELECT DISTINCT " : "SELECT ";
    for (size_t i = 0; i < items.size(); ++i) {
      const data::Field& field = output_.fields[i];
      if (!SameIgnoringIds(*items[i].type, *field.type))
        throw NotPortable{fmt::format("the type of its column '{}' differs", field.name)};
      if (distinct) CheckGroup(items[i]);
      // Where a name is both an alias and a column it is not clear which one is meant in WHERE, GROUP BY and HAVING.
      bool named = false, same = false;
      for (const Expression& column : known_) {
        if (column.plain != Lower(field.name)) continue;
        named = true;
        same = same || column.text == items[i].text;
      }
      if (named && !same) throw NotPortable{fmt::format("'{}' is a column and the name of another one", field.name)};
      text += (i == 0 ? "" : ", ") + items[i].text + " AS " + Backticks(field.name);
    }
    text += " FROM " + from;
    if (const Json& where = Member(node, "where_clause"); !where.is_null()) text += " WHERE " + Condition(where);
    std::string groups;
    for (const Json& group : Member(node, "group_expressions")) {
      const Expression one = Group(group, items);
      CheckGroup(one);
      groups += (groups.empty() ? "" : ", ") + one.text;
    }
    if (!groups.empty()) text += " GROUP BY " + groups;
    if (const Json& having = Member(node, "having"); !having.is_null()) text += " HAVING " + Condition(having);
    return text;
  }

 private:
  static bool SameIgnoringIds(const data::Type& a, const data::Type& b) {
    if (!a.is_nested() || !b.is_nested()) return SameKind(a, b);
    return data::TypeName(a) == data::TypeName(b);
  }

  Result<std::string> From(const Json& node) {
    MustBeEmpty(node, "sample", "a sample");
    const std::string type = Text(node, "type");
    if (type == "BASE_TABLE") return Table(node);
    if (type != "JOIN") throw NotPortable{"it reads something that is no table"};
    const std::string kind = Text(node, "join_type");
    if ((kind != "INNER" && kind != "LEFT") || Text(node, "ref_type") != "REGULAR")
      throw NotPortable{"it has a join that is neither inner nor left"};
    MustBeEmpty(node, "using_columns", "a join with USING");
    MustBeEmpty(node, "alias", "a join with a name");
    LEAT_ASSIGN(std::string text, From(Member(node, "left")));
    if (Text(Member(node, "right"), "type") == "JOIN") throw NotPortable{"it has nested joins"};
    LEAT_ASSIGN(const std::string right, From(Member(node, "right")));
    text += (kind == "LEFT" ? " LEFT JOIN " : " JOIN ") + right;
    return text + " ON " + Condition(Member(node, "condition"));
  }

  Result<std::string> Table(const Json& node) {
    MustBeEmpty(node, "at_clause", "AT");
    MustBeEmpty(node, "column_name_alias", "names for the columns of a table");
    const std::string name = Text(node, "table_name"), ns = Text(node, "schema_name"), alias = Text(node, "alias");
    const std::string catalog = Text(node, "catalog_name");
    if (ns.empty() || (!catalog.empty() && catalog != catalog_))
      throw NotPortable{fmt::format("'{}' is no table of the lake by namespace and name", name)};
    LEAT_ASSIGN(auto columns, columns_(ns, name));
    if (!columns) throw NotPortable{fmt::format("Spark cannot read {}.{}", ns, name)};
    const std::string called = alias.empty() ? name : alias;
    for (const Relation& other : relations_) {
      if (Lower(other.name) == Lower(called)) throw NotPortable{fmt::format("two tables are called '{}'", called)};
    }
    relations_.push_back({called, std::move(*columns)});
    for (const data::Field& field : relations_.back().columns.fields)
      known_.push_back({Backticks(called) + "." + Backticks(field.name), field.type, false, Lower(field.name)});
    std::string text;
    for (size_t start = 0, end; start <= ns.size(); start = end + 1) {
      end = std::min(ns.find('.', start), ns.size());
      text += Backticks(std::string_view(ns).substr(start, end - start)) + ".";
    }
    return text + Backticks(name) + " AS " + Backticks(called);
  }

  std::vector<Expression> Items(const Json& list) const {
    std::vector<Expression> items;
    for (const Json& item : list) {
      if (Text(item, "type") != "STAR") {
        items.push_back(Read(item));
        continue;
      }
      for (const char* member : {"exclude_list", "replace_list", "qualified_exclude_list", "rename_list", "expr"})
        MustBeEmpty(item, member, "a * that leaves columns out or changes them");
      if (Member(item, "columns") != false) throw NotPortable{"it has COLUMNS()"};
      const std::string of = Lower(Text(item, "relation_name"));
      size_t place = 0;
      for (const Relation& relation : relations_) {
        for (size_t i = 0; i < relation.columns.fields.size(); ++i, ++place) {
          if (of.empty() || of == Lower(relation.name)) items.push_back(Checked(known_[place]));
        }
      }
    }
    return items;
  }

  static bool Distinct(const Json& modifiers) {
    for (const Json& modifier : modifiers) {
      if (Text(modifier, "type") != "DISTINCT_MODIFIER") throw NotPortable{"it has ORDER BY or LIMIT"};
      MustBeEmpty(modifier, "distinct_on_targets", "DISTINCT ON");
    }
    return !modifiers.empty();
  }

  Expression Group(const Json& node, const std::vector<Expression>& items) const {
    if (Text(node, "class") != "CONSTANT") return Read(node);
    const Json& value = Member(Member(node, "value"), "value");
    if (!value.is_number_integer() || value.get<int64_t>() < 1 || value.get<size_t>() > items.size())
      throw NotPortable{"it groups by a constant"};
    return items[value.get<size_t>() - 1];
  }

  /// What one group stands for must not depend on which of several equal values an engine keeps.
  static void CheckGroup(const Expression& one) {
    if (one.type->is_nested() || one.type->id == TypeId::kFloat || one.type->id == TypeId::kDouble)
      throw NotPortable{fmt::format("it makes groups of type {}", data::TypeName(*one.type))};
  }

  const Expression* FindColumn(const std::string& relation, const std::string& name) const {
    const Expression* found = nullptr;
    size_t place = 0;
    for (const Relation& one : relations_) {
      for (size_t i = 0; i < one.columns.fields.size(); ++i, ++place) {
        if (!relation.empty() && Lower(one.name) != Lower(relation)) continue;
        if (known_[place].plain != Lower(name)) continue;
        if (found != nullptr) throw NotPortable{fmt::format("two tables have a column '{}'", name)};
        found = &known_[place];
      }
    }
    return found;
  }

  static Expression Checked(const Expression& column) {
    if (!Readable(*column.type))
      throw NotPortable{fmt::format("it has a column of type {}", data::TypeName(*column.type))};
    return {column.text, column.type, false, ""};
  }

  Expression Column(const Json& node) const {
    const Json& names = Member(node, "column_names");
    if (names.empty() || names.size() > 2) throw NotPortable{"it names a column with its schema"};
    const std::string relation = names.size() == 2 ? names[0].get<std::string>() : "";
    const Expression* column = FindColumn(relation, names.back().get<std::string>());
    if (column == nullptr)
      throw NotPortable{fmt::format("'{}' is no column of its tables", names.back().get<std::string>())};
    return Checked(*column);
  }

  Expression Read(const Json& node) const {
    const std::string kind = Text(node, "class"), type = Text(node, "type");
    if (kind == "COLUMN_REF") return Column(node);
    if (kind == "CONSTANT") return Constant(Member(node, "value"));
    if (kind == "CAST") return Literal(node);
    if (kind == "FUNCTION") return Function(node);
    if (kind == "CASE") return Case(node);
    if (type == "OPERATOR_COALESCE") return Coalesce(Member(node, "children"));
    return {Condition(node), data::Primitive(TypeId::kBoolean), false, ""};
  }

  static Expression Constant(const Json& value) {
    const std::string id = Text(Member(value, "type"), "id");
    if (Member(value, "is_null") != false) throw NotPortable{"it has NULL as a constant"};
    const Json& held = Member(value, "value");
    if (id == "VARCHAR") {
      const std::string text = held.get<std::string>();
      // A backslash escapes in Spark, and two quotes have meant different things.
      if (text.find_first_of("\\'") != std::string::npos) throw NotPortable{"it has a text with quotes or backslashes"};
      return {"'" + text + "'", data::Primitive(TypeId::kString), true, text};
    }
    if (id == "INTEGER" || id == "BIGINT")
      return {held.dump(), data::Primitive(id == "INTEGER" ? TypeId::kInt : TypeId::kLong), true, ""};
    throw NotPortable{fmt::format("it has a constant of type {}", id)};
  }

  /// true, false, DATE '2026-01-31', TIMESTAMP '2026-01-31 10:00:00': the tree has them as casts of texts.
  static Expression Literal(const Json& node) {
    const std::string id = Text(Member(node, "cast_type"), "id");
    const Json& child = Member(node, "child");
    if (Text(child, "class") != "CONSTANT" || Member(node, "try_cast") != false) throw NotPortable{"it has a cast"};
    const Expression text = Constant(Member(child, "value"));
    if (id == "BOOLEAN" && (text.plain == "t" || text.plain == "f"))
      return {text.plain == "t" ? "TRUE" : "FALSE", data::Primitive(TypeId::kBoolean), true, ""};
    if (id == "DATE" && Digits(text.plain, "9999-99-99"))
      return {"DATE " + text.text, data::Primitive(TypeId::kDate), true, ""};
    if (id == "TIMESTAMP" && Digits(text.plain, "9999-99-99 99:99:99"))
      return {"TIMESTAMP_NTZ " + text.text, data::Primitive(TypeId::kTimestamp), true, ""};
    throw NotPortable{"it has a cast"};
  }

  Expression Function(const Json& node) const {
    const std::string name = Text(node, "function_name");
    MustBeEmpty(node, "filter", "FILTER");
    MustBeEmpty(Member(node, "order_bys"), "orders", "an order in a function");
    MustBeEmpty(node, "schema", "a function by its schema");
    const Json& children = Member(node, "children");
    const bool distinct = Member(node, "distinct") == true;
    const data::TypePtr number = data::Primitive(TypeId::kLong);
    if (name == "count_star" && children.empty()) return {"count(*)", number, false, ""};
    if (name == "count" && children.size() == 1) {
      const Expression inner = Read(children[0]);
      if (distinct) CheckGroup(inner);
      return {std::string("count(") + (distinct ? "DISTINCT " : "") + inner.text + ")", number, false, ""};
    }
    if ((name == "min" || name == "max") && children.size() == 1 && !distinct) {
      const Expression inner = Read(children[0]);
      CheckGroup(inner);
      return {name + "(" + inner.text + ")", inner.type, false, ""};
    }
    throw NotPortable{fmt::format("it calls {}", name)};
  }

  Expression Case(const Json& node) const {
    std::string text = "CASE";
    data::TypePtr type;
    const auto branch = [&](const Json& value) {
      Expression one = Read(value);
      if (type != nullptr && !SameKind(*type, *one.type)) throw NotPortable{"its CASE has several types"};
      type = one.type;
      return one.text;
    };
    for (const Json& check : Member(node, "case_checks")) {
      text += " WHEN " + Condition(Member(check, "when_expr"));
      text += " THEN " + branch(Member(check, "then_expr"));
    }
    text += " ELSE " + branch(Member(node, "else_expr"));
    return {text + " END", type, false, ""};
  }

  Expression Coalesce(const Json& children) const {
    std::string text;
    data::TypePtr type;
    for (const Json& child : children) {
      const Expression one = Read(child);
      if (type != nullptr && !SameKind(*type, *one.type)) throw NotPortable{"its COALESCE has several types"};
      type = one.type;
      text += (text.empty() ? "" : ", ") + one.text;
    }
    return {"coalesce(" + text + ")", type, false, ""};
  }

  /// `b` as it can be compared with `a`.
  static std::string Comparable(const Expression& a, const Expression& b) {
    if (SameKind(*a.type, *b.type)) return b.text;
    if (IsWhole(*a.type) && IsWhole(*b.type)) return b.text;
    if (a.type->id == TypeId::kDecimal && b.constant && b.type->id == TypeId::kInt) return b.text;
    if (a.type->id == TypeId::kDate && b.constant && Digits(b.plain, "9999-99-99")) return "DATE " + b.text;
    throw NotPortable{fmt::format("it compares {} with {}", data::TypeName(*a.type), data::TypeName(*b.type))};
  }

  std::string Compare(const Json& node, const char* sign) const {
    Expression left = Read(Member(node, "left")), right = Read(Member(node, "right"));
    if (left.constant && !right.constant) {
      const std::string text = Comparable(right, left);
      return "(" + text + " " + sign + " " + right.text + ")";
    }
    return "(" + left.text + " " + sign + " " + Comparable(left, right) + ")";
  }

  std::string Condition(const Json& node) const {
    const std::string type = Text(node, "type");
    static const std::pair<const char*, const char*> kSigns[] = {
        {"COMPARE_EQUAL", "="},       {"COMPARE_NOTEQUAL", "<>"},          {"COMPARE_LESSTHAN", "<"},
        {"COMPARE_GREATERTHAN", ">"}, {"COMPARE_LESSTHANOREQUALTO", "<="}, {"COMPARE_GREATERTHANOREQUALTO", ">="}};
    for (const auto& [name, sign] : kSigns) {
      if (type == name) return Compare(node, sign);
    }
    if (type == "CONJUNCTION_AND" || type == "CONJUNCTION_OR") {
      std::string text;
      for (const Json& child : Member(node, "children"))
        text += (text.empty() ? "" : type == "CONJUNCTION_AND" ? " AND " : " OR ") + Condition(child);
      return "(" + text + ")";
    }
    if (type == "COMPARE_BETWEEN") {
      const Expression input = Read(Member(node, "input"));
      return "(" + input.text + " BETWEEN " + Comparable(input, Read(Member(node, "lower"))) + " AND " +
             Comparable(input, Read(Member(node, "upper"))) + ")";
    }
    if (Text(node, "class") == "OPERATOR" && type != "OPERATOR_COALESCE")
      return Operator(type, Member(node, "children"));
    if (Text(node, "class") == "COLUMN_REF" || Text(node, "class") == "CAST") {
      const Expression truth = Read(node);
      if (truth.type->id == TypeId::kBoolean) return truth.text;
    }
    throw NotPortable{fmt::format("it has {}", Lower(type))};
  }

  std::string Operator(const std::string& type, const Json& children) const {
    if (type == "OPERATOR_NOT") return "(NOT " + Condition(children.at(0)) + ")";
    if (type == "OPERATOR_IS_NULL") return "(" + Read(children.at(0)).text + " IS NULL)";
    if (type == "OPERATOR_IS_NOT_NULL") return "(" + Read(children.at(0)).text + " IS NOT NULL)";
    if (type != "COMPARE_IN" && type != "COMPARE_NOT_IN") throw NotPortable{fmt::format("it has {}", Lower(type))};
    const Expression input = Read(children.at(0));
    std::string text = "(" + input.text + (type == "COMPARE_IN" ? " IN (" : " NOT IN (");
    for (size_t i = 1; i < children.size(); ++i) {
      const Expression one = Read(children[i]);
      if (!one.constant) throw NotPortable{"it has IN with something that is no constant"};
      text += (i == 1 ? "" : ", ") + Comparable(input, one);
    }
    return text + "))";
  }

  const std::string& catalog_;
  const data::Schema& output_;
  const ColumnsOfTable& columns_;
  std::vector<Relation> relations_;
  std::vector<Expression> known_;  ///< columns of all relations in order; `plain` is the name in lower case
};

}  // namespace

Result<SparkText> ToSparkText(Connection& connection, std::string_view sql, const std::string& catalog,
                              const data::Schema& output, const ColumnsOfTable& columns) {
  LEAT_ASSIGN(const TextRows rows,
              connection.Query("SELECT CAST(json_serialize_sql(" + QuoteLiteral(std::string(sql)) + ") AS VARCHAR)"));
  const Json tree = Json::parse(rows.At(0, 0).value_or(""), nullptr, false);
  try {
    const Json& statements = Member(tree, "statements");
    if (statements.size() != 1) throw NotPortable{"it is more than one plain SELECT"};
    LEAT_ASSIGN(std::string text, SparkWriter(catalog, output, columns).Write(Member(statements[0], "node")));
    return SparkText{std::move(text), ""};
  } catch (const NotPortable& no) {
    return SparkText{"", no.why};
  } catch (const Json::exception&) {
    return SparkText{"", "its syntax tree has another form than known"};
  }
}

}  // namespace leat::sql
