#include "component/record_files.h"

#include <algorithm>
#include <filesystem>
#include <ostream>

#include "base/json_quoted.h"
#include "component/text_pieces.h"
#include "data/json_scan.h"

namespace leat::component {
namespace {

/// Digits that are a number of JSON as they stand.
bool IsJsonNumber(std::string_view text) {
  if (text.empty() || text.size() > 1'000) return false;
  data::JsonScanner scanner(text);
  std::string_view value;
  return (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) && scanner.TakeSoundValue(value) && scanner.AtEnd();
}

}  // namespace

ColumnFacts& RecordColumns::FactsOf(const std::string& name) {
  const auto [found, added] = index.try_emplace(name, columns.size());
  if (added) columns.push_back({name, {}});
  return columns[found->second].facts;
}

std::string RecordWriter::Object(const std::vector<RecordCell>& cells) {
  given_.clear();
  std::string line = "{";
  for (const RecordCell& cell : cells) {
    if (!given_.insert(cell.name).second) continue;
    ColumnFacts& facts = columns_.FactsOf(cell.name);
    if (line.size() > 1) line += ',';
    line += JsonQuoted(cell.name) + ":";
    if (cell.null) {
      line += "null";
      continue;
    }
    // An empty text is NULL where the others are numbers: it says nothing about the type.
    if (!cell.text.empty() && !cell.odd) facts.Add(cell.kind, cell.text);
    const bool bare = cell.kind == CellKind::kNested || cell.kind == CellKind::kBoolean ||
                      (cell.kind == CellKind::kNumber && IsJsonNumber(cell.text));
    line += bare ? cell.text : JsonQuoted(cell.text);
  }
  return line + "}";
}

Status RecordWriter::Put(const std::vector<RecordCell>& cells) { return Line(Object(cells) + "\n"); }

Status RecordWriter::Refuse(const std::string& code, const std::string& column, const std::string& message,
                            const std::vector<RecordCell>& cells) {
  return Line("[" + JsonQuoted(code) + "," + JsonQuoted(column) + "," + JsonQuoted(message) + "," + Object(cells) +
              "]\n");
}

void RecordWriter::Blank() {
  ++lines_;
  out_ << '\n';
}

Status RecordWriter::Line(const std::string& text) {
  ++lines_;
  if (text.size() > TextPieces::kMaxRecordBytes) {
    return MakeError("SRC-333", ErrorKind::kData, "record {} is longer than {} MB as JSON", lines_,
                     TextPieces::kMaxRecordBytes >> 20)
        .WithHint("is the path of the records the right one?");
  }
  out_ << text;
  return Ok();
}

RecordFileSource::RecordFileSource(const config::Values& connection, const config::Values& table, std::string name,
                                   SourceContext context)
    : JsonLinesSource(connection, table, std::move(name), std::move(context), JsonRules{"record", true, true}) {}

Result<std::vector<InputFile>> RecordFileSource::Prepare(const std::vector<InputFile>& files) {
  LEAT_ASSIGN(std::vector<InputFile> unpacked, Unpacked(files));
  std::vector<InputFile> ready;
  for (InputFile& file : unpacked) {
    RecordColumns columns;
    int64_t lines = 0;
    LEAT_ASSIGN(file.path, WriteSpoolFile(context_.spool_folder, "records.jsonl",
                                          fmt::format("table {}: cannot write the records of {}", name_, file.origin),
                                          [&](std::ostream& out) -> Status {
                                            RecordWriter writer(out, columns);
                                            LEAT_TRY(WriteRecords(file, writer, columns));
                                            lines = writer.lines();
                                            return Ok();
                                          }));
    std::error_code none;
    file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(file.path, none));
    if (lines == 0) continue;
    columns_[file.path] = std::move(columns);
    ready.push_back(std::move(file));
  }
  prepared_ = ready;
  return ready;
}

Status RecordFileSource::FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                                     std::vector<SourceColumn>& found) {
  RecordColumns all;
  for (const InputFile& file : files) {
    const auto columns = columns_.find(file.path);
    if (columns == columns_.end()) continue;
    for (const RecordColumns::Column& one : columns->second.columns) all.FactsOf(one.name).Add(one.facts);
  }
  for (const RecordColumns::Column& one : all.columns) {
    const auto is_it = [&](const SourceColumn& column) { return column.name == one.name; };
    if (std::none_of(known.begin(), known.end(), is_it)) found.push_back({one.name, one.facts.Type(), ""});
  }
  return Ok();
}

int64_t RecordFileSource::FirstLine(const InputFile& file) const {
  const auto columns = columns_.find(file.path);
  return columns == columns_.end() ? 1 : columns->second.first_line;
}

}  // namespace leat::component
