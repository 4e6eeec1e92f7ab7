#include "run/load_rejects.h"

#include <map>

namespace leat::run {
namespace {

std::string ReasonCode(const std::string& error_type) {
  std::string code = "csv.";
  for (char c : error_type) code += c == ' ' ? '_' : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return code;
}

std::string MessageFor(const std::string& error_type, const std::string& message) {
  if (error_type == "INVALID ENCODING") return "the line is not UTF-8: set the `encoding:` that the file really has";
  return message.substr(0, message.find('\n'));
}

}  // namespace

std::string TextColumn(size_t i) { return "leat_t" + std::to_string(i); }

Status ReadReaderRejects(sql::Connection& connection, const component::Relation& relation,
                         const std::vector<component::InputFile>& files,
                         const std::function<Status(const RejectedRow&)>& keep) {
  if (relation.rejects_table.empty()) return Ok();
  LEAT_ASSIGN(sql::TextRows there,
              connection.Query("SELECT database_name || '.' || schema_name FROM duckdb_tables() WHERE table_name = " +
                               sql::QuoteLiteral(relation.rejects_table) + " AND temporary"));
  if (there.rows.empty()) return Ok();
  std::string place = there.At(0, 0).value_or("temp.main") + ".";
  std::map<std::string, std::string> origins;
  for (const component::InputFile& file : files) origins[file.path] = file.origin;
  return connection.Stream(
      "SELECT file_path, line, min_by(error_type, coalesce(column_idx, -1)), min_by(error_message, "
      "coalesce(column_idx, -1)), any_value(csv_line) FROM " +
          place + relation.rejects_table + " JOIN " + place + relation.rejects_scan_table +
          " USING (scan_id, file_id) GROUP BY file_path, line, line_byte_position ORDER BY file_path, line",
      [&](const sql::TextRows& rows) -> Status {
        for (const auto& row : rows.rows) {
          RejectedRow one;
          std::string path = row[0].value_or("");
          auto origin = origins.find(path);
          one.origin = (origin == origins.end() ? path : origin->second) + ":" + row[1].value_or("?");
          one.reason_code = ReasonCode(row[2].value_or("unreadable"));
          one.message = MessageFor(row[2].value_or(""), row[3].value_or(""));
          one.payload = row[4].value_or("");
          LEAT_TRY(keep(one));
        }
        return Ok();
      });
}

std::string ReaderReason(const component::Relation& relation, const RegisteredTable& registered) {
  std::string cases;
  if (!relation.bad_entry.empty()) cases += " WHEN leat_bad_entry THEN 'e|'";
  for (size_t i = 0; i < relation.columns.size(); ++i) {
    if (!relation.columns[i].checked) continue;
    cases += " WHEN " + sql::QuoteName(registered.names[i]) + " IS NULL AND " + TextColumn(i) + " IS NOT NULL THEN 'c" +
             std::to_string(i) + "|' || " + TextColumn(i);
  }
  return cases.empty() ? "" : "CASE" + cases + " END";
}

void DescribeReaderReason(const std::string& reason, const component::Relation& relation,
                          const RegisteredTable& registered, RejectedRow& row) {
  size_t bar = reason.find('|');
  std::string kind = reason.substr(0, bar);
  std::string detail = bar == std::string::npos ? "" : reason.substr(bar + 1);
  if (kind == "e") {
    row.reason_code = relation.bad_entry_reason;
    row.message = "the entry cannot be read";
  } else if (kind.starts_with("c")) {
    auto at = static_cast<size_t>(std::atoi(kind.c_str() + 1));
    constexpr size_t kShownBytes = 100;
    row.reason_code = "cast";
    row.column = registered.names[at];
    row.message = "'" + (detail.size() > kShownBytes ? detail.substr(0, kShownBytes) + "…" : detail) +
                  "' is not exactly a " + data::TypeName(*registered.table.columns[at].type);
  } else {
    component::RefusedParts parts = component::SplitRefusedRow(detail);
    row.reason_code = parts.reason_code;
    row.column = parts.column;
    row.message = parts.message;
  }
}

}  // namespace leat::run
