#include "sql/walker.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "base/lower.h"
#include "sql/connection.h"
#include "sql/script.h"
#include "sql/sql_error.h"

namespace leat::sql {
namespace {

/// How DuckDB's message begins for what json_serialize_sql takes no part of: every statement that is no SELECT.
constexpr std::string_view kNoSelect = "Only SELECT statements";

using Json = nlohmann::json;

/// Functions whose result differs between two runs over the same data.
const std::set<std::string, std::less<>>& VolatileFunctions() {
  static const std::set<std::string, std::less<>> kNames{"random",
                                                         "setseed",
                                                         "uuid",
                                                         "gen_random_uuid",
                                                         "uuidv4",
                                                         "uuidv7",
                                                         "now",
                                                         "get_current_timestamp",
                                                         "current_timestamp",
                                                         "transaction_timestamp",
                                                         "statement_timestamp",
                                                         "clock_timestamp",
                                                         "current_date",
                                                         "today",
                                                         "current_time",
                                                         "get_current_time",
                                                         "localtime",
                                                         "localtimestamp",
                                                         "current_localtime",
                                                         "current_localtimestamp",
                                                         "nextval",
                                                         "currval",
                                                         "txid_current",
                                                         "current_query",
                                                         "current_setting",
                                                         "getvariable",
                                                         "version",
                                                         "pi_random"};
  return kNames;
}

std::string Text(const Json& object, const char* member) {
  auto found = object.find(member);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// The constant below a cast, as text.
std::string ConstantText(const Json& expression) {
  if (auto child = expression.find("child"); child != expression.end()) return ConstantText(*child);
  auto value = expression.find("value");
  if (value == expression.end() || !value->is_object() || !value->contains("value")) return "";
  const Json& inner = (*value)["value"];
  return inner.is_string() ? inner.get<std::string>() : inner.dump();
}

class TreeWalk {
 public:
  TreeWalk(std::string_view sql, StatementShape& shape) : sql_(sql), shape_(shape) {}

  /// `ctes`: names that stand for CTEs here, in lower case.
  void Visit(const Json& node, const std::set<std::string>& ctes) {
    if (node.is_array()) {
      for (const Json& item : node) Visit(item, ctes);
      return;
    }
    if (!node.is_object()) return;
    if (auto map = node.find("cte_map"); map != node.end() && map->contains("map")) {
      VisitWithCtes(node, (*map)["map"], ctes);
    } else if (Text(node, "type") == "BASE_TABLE") {
      AddTable(node, ctes);
      VisitMembers(node, ctes);
    } else {
      AddFunction(node);
      VisitMembers(node, ctes);
    }
  }

 private:
  void VisitMembers(const Json& node, const std::set<std::string>& ctes) {
    for (auto member = node.begin(); member != node.end(); ++member)
      if (member.key() != "cte_map") Visit(member.value(), ctes);
    for (const char* clause : {"where_clause", "having", "qualify", "condition", "using_columns"})
      if (node.contains(clause)) shape_.has_filter = true;
    if (node.contains("sample") && node["sample"].is_object()) shape_.is_volatile = true;
  }

  // A CTE sees those before it, and itself only when it is recursive; the node sees all.
  void VisitWithCtes(const Json& node, const Json& map, std::set<std::string> ctes) {
    for (const Json& entry : map) {
      std::string name = Lower(Text(entry, "key"));
      std::set<std::string> inside = ctes;
      const Json& value = entry.at("value");
      if (IsRecursive(value)) inside.insert(name);
      Visit(value, inside);
      ctes.insert(name);
    }
    AddFunction(node);
    VisitMembers(node, ctes);
  }

  static bool IsRecursive(const Json& cte) {
    auto query = cte.find("query");
    return query != cte.end() && query->contains("node") && Text((*query)["node"], "type") == "RECURSIVE_CTE_NODE";
  }

  void AddTable(const Json& node, const std::set<std::string>& ctes) {
    TableReference table;
    table.catalog = Text(node, "catalog_name");
    table.schema = Text(node, "schema_name");
    table.table = Text(node, "table_name");
    if (table.catalog.empty() && table.schema.empty() && ctes.count(Lower(table.table)) > 0) return;
    if (auto at = node.find("at_clause"); at != node.end() && at->is_object())
      table.at_clause = Lower(Text(*at, "unit")) + ":" + ConstantText(at->value("expr", Json::object()));
    table.offset = Location(node);
    table.length = NameLength(sql_, table.offset);
    shape_.tables.push_back(std::move(table));
  }

  void AddFunction(const Json& node) {
    std::string type = Text(node, "type");
    if (type == "TABLE_FUNCTION" && node.contains("function")) {
      FunctionReference function{Lower(Text(node["function"], "function_name")), true, Location(node["function"])};
      if (Location(node["function"]) == 0 && node.contains("query_location")) function.offset = Location(node);
      shape_.functions.push_back(function);
      table_functions_.insert(&node["function"]);
    } else if (type == "SHOW_REF" && node.contains("table_name")) {
      shape_.functions.push_back({"show " + Text(node, "table_name"), true, 0});
    } else if (node.contains("function_name") && !node.value("is_operator", false)) {
      if (table_functions_.count(&node) == 0)
        shape_.functions.push_back({Lower(Text(node, "function_name")), false, Location(node)});
      MarkVolatile(Lower(Text(node, "function_name")));
    } else if (Text(node, "class") == "COLUMN_REF" && node.contains("column_names") &&
               node["column_names"].size() >= 3) {
      ColumnMention mention{node["column_names"].get<std::vector<std::string>>(), Location(node)};
      shape_.qualified_columns.push_back(std::move(mention));
    } else if (Text(node, "class") == "COLUMN_REF" && node.contains("column_names") &&
               node["column_names"].size() == 1) {
      // SQL's CURRENT_DATE and its like are parsed as columns and resolved later, when no column has the name.
      MarkVolatile(Lower(node["column_names"][0].get<std::string>()));
    }
  }

  void MarkVolatile(const std::string& name) {
    if (VolatileFunctions().count(name) > 0) shape_.is_volatile = true;
  }

  size_t Location(const Json& node) const {
    auto found = node.find("query_location");
    if (found == node.end() || !found->is_number_unsigned()) return 0;
    auto at = found->get<uint64_t>();
    return at > sql_.size() ? 0 : static_cast<size_t>(at);
  }

  std::string_view sql_;
  StatementShape& shape_;
  std::set<const Json*> table_functions_;
};

}  // namespace

size_t NameLength(std::string_view sql, size_t offset) {
  size_t i = offset;
  auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' ||
           static_cast<unsigned char>(c) >= 0x80;
  };
  while (i < sql.size()) {
    if (sql[i] == '"' || sql[i] == '\'') {
      char quote = sql[i++];
      while (i < sql.size() && (sql[i] != quote || (i + 1 < sql.size() && sql[i + 1] == quote)))
        i += sql[i] == quote ? 2 : 1;
      ++i;
    } else {
      while (i < sql.size() && word(sql[i])) ++i;
    }
    if (i >= sql.size() || sql[i] != '.') break;
    ++i;
  }
  return std::min(i, sql.size()) - std::min(offset, sql.size());
}

Result<StatementShape> WalkSelect(Connection& connection, std::string_view sql) {
  auto statements = ScanStatements(sql);
  if (statements.size() != 1)
    return MakeError("SQL-401", ErrorKind::kUnsupported, "expected one SELECT, found {} statements", statements.size())
        .WithHint(statements.empty() ? "write a SELECT" : "put each statement on its own");
  std::string text(sql.substr(0, static_cast<size_t>(statements[0].data() - sql.data()) + statements[0].size()));
  LEAT_ASSIGN(TextRows rows,
              connection.Query("SELECT CAST(json_serialize_sql(" + QuoteLiteral(text) +
                               ", skip_null := true, skip_empty := true, skip_default := true) AS VARCHAR)"));
  Json tree = Json::parse(rows.At(0, 0).value_or(""), nullptr, false);
  if (!tree.is_object()) return MakeError("SQL-299", ErrorKind::kInternal, "DuckDB gave no syntax tree");
  if (tree.value("error", false)) {
    std::string message = Text(tree, "error_message");
    if (message.starts_with(kNoSelect)) {
      std::string word = Lower(statements[0].substr(0, 5));
      return MakeError("SQL-401", ErrorKind::kUnsupported, "only a SELECT can stand here")
          .WithHint(word == "pivot" || word == "unpiv"
                        ? "write FROM (PIVOT … ON column IN (value, …) USING …): with the values named"
                        : "write the SELECT alone; Leat does the writing");
    }
    Error error("SQL-200", ErrorKind::kConfig, message);
    if (std::string at = Text(tree, "position"); !at.empty())
      return std::move(error).At(PositionAt(sql, std::strtoull(at.c_str(), nullptr, 10), 1, ""));
    return error;
  }
  StatementShape shape;
  if (!tree.contains("statements") || tree["statements"].size() != 1)
    return MakeError("SQL-401", ErrorKind::kUnsupported, "expected one SELECT");
  TreeWalk(sql, shape).Visit(tree["statements"][0], {});
  std::stable_sort(shape.tables.begin(), shape.tables.end(),
                   [](const TableReference& a, const TableReference& b) { return a.offset < b.offset; });
  return shape;
}

Result<std::string> ClassifyStatement(Connection& connection, std::string_view sql) {
  Extracted extracted;
  auto& duck = static_cast<DuckConnection&>(connection);
  std::string text(sql);
  idx_t count = duckdb_extract_statements(duck.raw(), text.c_str(), extracted.out());
  if (count == 0) {
    const char* reason = duckdb_extract_statements_error(extracted.get());
    if (reason != nullptr) return MakeSqlError(reason, sql);
    return MakeError("SQL-401", ErrorKind::kUnsupported, "there is no statement");
  }
  if (count > 1) return MakeError("SQL-401", ErrorKind::kUnsupported, "expected one statement, found {}", count);
  // The class comes from the first word: preparing would bind names that do not exist yet.
  auto statements = ScanStatements(sql);
  std::string_view rest = statements.empty() ? sql : statements[0];
  while (true) {
    while (!rest.empty() && (std::isspace(static_cast<unsigned char>(rest[0])) != 0 || rest[0] == '('))
      rest.remove_prefix(1);
    if (rest.substr(0, 2) == "--") {
      size_t end = rest.find('\n');
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    } else if (rest.substr(0, 2) == "/*") {
      size_t end = rest.find("*/");
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    } else {
      break;
    }
  }
  size_t end = 0;
  while (end < rest.size() && std::isalpha(static_cast<unsigned char>(rest[end])) != 0) ++end;
  std::string word = Lower(rest.substr(0, end));
  static const std::set<std::string> kReading{"select", "from",      "values", "with", "describe",
                                              "desc",   "summarize", "show",   "table"};
  if (kReading.count(word) == 0) return word.empty() ? std::string("unknown") : word;
  // WITH can also begin an INSERT, UPDATE or DELETE.
  auto tree = WalkSelect(connection, sql);
  if (tree.ok()) return std::string("select");
  if (tree.error().code() == "SQL-401" && word == "with") return std::string("modify");
  return std::move(tree).error();
}

Result<std::vector<std::string>> SplitStatements(Connection&, std::string_view script) {
  std::vector<std::string> statements;
  for (std::string_view statement : ScanStatements(script)) statements.emplace_back(statement);
  return statements;
}

SourceSpan PositionAt(std::string_view sql, size_t offset, size_t length, const std::string& file) {
  offset = std::min(offset, sql.size());
  std::string_view before = sql.substr(0, offset);
  size_t line_start = before.rfind('\n');
  line_start = line_start == std::string_view::npos ? 0 : line_start + 1;
  SourceSpan span;
  span.file = file;
  span.line = 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
  // Columns count characters, not bytes of UTF-8.
  auto characters = [](std::string_view text) {
    return static_cast<int>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
  };
  span.column = 1 + characters(sql.substr(line_start, offset - line_start));
  span.length = characters(sql.substr(offset, length));
  return span;
}

}  // namespace leat::sql
