#include "app/rows_text.h"

#include <algorithm>

#include "app/console.h"
#include "app/json_text.h"

namespace leat::app {
namespace {

std::string CsvField(const std::optional<std::string>& value) {
  if (!value) return "";
  if (!value->empty() && value->find_first_of(",\"\r\n") == std::string::npos) return *value;
  std::string quoted = "\"";
  for (const char c : *value) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

/// Line breaks and control characters would break a table's lines.
std::string OneLine(const std::string& text) {
  std::string line;
  for (const char c : text) {
    if (c == '\n') line += "\\n";
    else if (c == '\t') line += "\\t";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) line += '?';
    else line += c;
  }
  return line;
}

std::string MarkdownField(const std::optional<std::string>& value) {
  if (!value) return "NULL";
  std::string text;
  for (const char c : *value) {
    if (c == '|') text += "\\|";
    else if (c == '\n') text += "<br>";
    else text += c;
  }
  return text;
}

std::string JsonValue(const std::optional<std::string>& value, const std::string& type, bool number) {
  if (!value) return "null";
  if (type == "BOOLEAN") return *value;
  // NaN and infinities are no JSON numbers.
  if (number && value->find_first_of("nif") == std::string::npos) return *value;
  return JsonString(*value);
}

}  // namespace

bool IsNumberType(std::string_view type) {
  for (const std::string_view known : {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER",
                                       "UBIGINT", "HUGEINT", "UHUGEINT", "FLOAT", "DOUBLE"}) {
    if (type == known) return true;
  }
  return type.starts_with("DECIMAL(") && type.ends_with(")");
}

RowsWriter::RowsWriter(Options options, std::vector<sql::Column> columns)
    : options_(options), columns_(std::move(columns)) {
  for (const sql::Column& column : columns_) number_.push_back(IsNumberType(column.type));
}

std::string RowsWriter::Row(const std::vector<std::optional<std::string>>& row) const {
  std::string text;
  if (options_.form == RowsForm::kJson) {
    JsonObject object;
    for (size_t c = 0; c < row.size(); ++c) {
      object.Raw(columns_[c].name, JsonValue(row[c], columns_[c].type, number_[c]));
    }
    return object.Done();
  }
  for (size_t c = 0; c < row.size(); ++c) {
    if (options_.form == RowsForm::kCsv) {
      if (c > 0) text += ',';
      // A line of one NULL would be an empty line, which readers skip: RFC 4180 has no better word for it.
      text += CsvField(row[c]);
    } else {
      text += "| " + MarkdownField(row[c]) + " ";
    }
  }
  return text + (options_.form == RowsForm::kMarkdown ? "|\n" : "\n");
}

std::string RowsWriter::Add(const sql::TextRows& rows) {
  std::string text;
  if (options_.form == RowsForm::kTable) {
    for (const auto& row : rows.rows) {
      ++count_;
      if (options_.max_rows == 0 || kept_.size() < options_.max_rows) kept_.push_back(row);
    }
    return text;
  }
  if (!begun_) {
    begun_ = true;
    if (options_.form == RowsForm::kJson) {
      text += "[";
    } else {
      std::vector<std::optional<std::string>> names;
      std::string line;
      for (const sql::Column& column : columns_) {
        names.emplace_back(column.name);
        line += "| --- ";
      }
      text += Row(names);
      if (options_.form == RowsForm::kMarkdown) text += line + "|\n";
    }
  }
  for (const auto& row : rows.rows) {
    if (options_.form == RowsForm::kJson) text += count_ == 0 ? "\n" : ",\n";
    text += Row(row);
    ++count_;
  }
  return text;
}

std::string RowsWriter::End() {
  if (options_.form == RowsForm::kTable) return Table();
  std::string text = begun_ ? "" : Add({});
  if (options_.form == RowsForm::kJson) text += count_ == 0 ? "]\n" : "\n]\n";
  return text;
}

std::string RowsWriter::Table() const {
  std::vector<std::string> header;
  header.reserve(columns_.size());
  for (const sql::Column& column : columns_) header.push_back(column.name);
  std::vector<std::vector<std::string>> lines;
  // On a terminal a value takes at most the room that its column can have.
  const size_t room =
      options_.width == 0
          ? 0
          : std::max<size_t>(12, columns_.empty() ? 0 : options_.width / std::min<size_t>(columns_.size(), 4));
  for (const auto& row : kept_) {
    std::vector<std::string> line;
    for (const auto& value : row) {
      const std::string text = value ? OneLine(*value) : "NULL";
      line.push_back(room == 0 ? text : FitWidth(text, room));
    }
    lines.push_back(std::move(line));
  }
  std::string text = AlignedTable(header, lines, number_, options_.color);
  if (count_ > static_cast<int64_t>(kept_.size())) {
    text += fmt::format("… {} more rows\n", Thousands(count_ - static_cast<int64_t>(kept_.size())));
  }
  return text;
}

}  // namespace leat::app
