#include "component/json_lines.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <tuple>

#include "component/column_facts.h"
#include "component/json_stream.h"
#include "component/nested_json.h"
#include "component/server_reading.h"
#include "config/field_builders.h"
#include "data/json_row.h"
#include "data/text_bytes.h"

namespace leat::component {
namespace {

constexpr int64_t kWholeBytes = 8 << 20;  // inputs up to this size are looked at whole
constexpr int64_t kHeadBytes = 1 << 20;
constexpr int64_t kPieceBytes = 128 << 10;
constexpr int kPieces = 32;

bool IsNested(const std::string& engine_type) {
  return engine_type.starts_with("STRUCT") || engine_type.starts_with("MAP") || engine_type.ends_with("]");
}

void EachLine(std::string text, const std::function<void(std::string_view line)>& take) {
  const size_t size = text.size();
  text.append(data::JsonRowScanner::kSlack, '\0');
  for (size_t at = 0; at < size;) {
    const size_t end = std::min(text.find('\n', at), size);
    take({text.data() + at, end - at});
    at = end + 1;
  }
}

/// A string that looks like a number is a string: "12e5" may be a name.
CellKind KindOf(const data::JsonCell& cell) {
  using Kind = data::JsonCell::Kind;
  if (cell.kind == Kind::kString) return CellKind::kString;
  if (cell.kind == Kind::kNested) return CellKind::kNested;
  const std::string_view text = cell.view();
  return text.starts_with('t') || text.starts_with('f') ? CellKind::kBoolean : CellKind::kNumber;
}

/// Types of columns that hold one value each, from all of their values in `lines`.
void InferTypes(const std::string& lines, std::vector<SourceColumn>& columns) {
  std::vector<ColumnFacts> seen(columns.size());
  std::vector<data::JsonCell> cells(columns.size());
  data::JsonRowScanner scanner(NamesOf(columns));
  EachLine(lines, [&](std::string_view line) {
    scanner.Forget();
    if (!scanner.Scan(line.data(), line.size(), cells.data())) return;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (!cells[i].has_value()) continue;
      seen[i].Add(KindOf(cells[i]), cells[i].view());
      // Else the engine's types round it: the column is JSON text.
      if (!columns[i].engine_type.empty() && !KeepsNumbers(cells[i].view())) columns[i].engine_type.clear();
    }
  });
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].engine_type.empty()) columns[i].type = seen[i].Type();
  }
}

}  // namespace

JsonLinesSource::JsonLinesSource(const config::Values& connection, const config::Values& table, std::string name,
                                 SourceContext context, JsonRules rules)
    : FileSource(connection, table, std::move(name), std::move(context)),
      on_new_column_(Pick("on_new_column").Text("on_new_column")),
      rules_(std::move(rules)) {}

Result<std::vector<InputFile>> JsonLinesSource::Prepare(const std::vector<InputFile>& files) {
  LEAT_ASSIGN(prepared_, PrepareFiles(files, Pick("encoding").Text("encoding")));
  return prepared_;
}

Result<SourceTable> JsonLinesSource::Discover() {
  LEAT_TRY(PrepareAll());
  SourceTable found;
  found.name = name_;
  if (!prepared_.empty()) LEAT_TRY(FindColumns(prepared_, {}, found.columns));
  return found;
}

Result<std::vector<SourceColumn>> JsonLinesSource::FindAdded(const ReadRequest& request) {
  std::vector<SourceColumn> added;
  if (on_new_column_ == "ignore") return added;
  LEAT_TRY(FindColumns(request.files, request.table.columns, added));
  if (!added.empty() && on_new_column_ == "error") {
    return MakeError("SRC-213", ErrorKind::kData, "table {}: the input has a member '{}' that the table does not have",
                     name_, added[0].name)
        .WithHint("set `on_new_column: add` or `ignore`, or have the input mended");
  }
  return added;
}

Result<std::unique_ptr<ArrowStream>> JsonLinesSource::OpenStream(const ReadRequest& request) {
  LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
  return std::move(streams[0]);
}

std::vector<TextFile> JsonLinesSource::TextFilesOf(const std::vector<InputFile>& files) const {
  std::vector<TextFile> texts;
  texts.reserve(files.size());
  for (const InputFile& file : files) {
    TextFile& one = texts.emplace_back();
    one.path = file.path;
    one.origin = file.origin;
    one.first_line = FirstLine(file);
  }
  return texts;
}

Result<std::vector<std::unique_ptr<ArrowStream>>> JsonLinesSource::OpenStreams(const ReadRequest& request, int count) {
  int64_t bytes = 0;
  for (const InputFile& file : request.files) bytes += file.size_bytes;
  // In the order of the request: `leat_file` counts them.
  auto reading = std::make_shared<JsonReading>(TextFilesOf(request.files), context_.cancel);
  reading->columns = request.table.columns;
  reading->rules = rules_;
  if (on_new_column_ == "ignore") reading->rules.drops_members = true;
  else reading->others = sampled_;
  const int64_t pieces = 1 + bytes / static_cast<int64_t>(TextPieces::kPieceBytes);
  std::vector<std::unique_ptr<ArrowStream>> streams;
  for (int64_t i = 0; i < std::min<int64_t>(count, pieces); ++i) {
    LEAT_ASSIGN(streams.emplace_back(), JsonStream::Make(reading));
  }
  return streams;
}

Status JsonLinesSource::FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                                    std::vector<SourceColumn>& found) {
  std::vector<std::string> names;
  LEAT_ASSIGN(const std::string lines, TakeSample(files, names));
  sampled_.emplace(names.begin(), names.end());
  if (lines.empty()) {
    if (!known.empty()) return Ok();  // of a known table the entries are rejected one by one
    return MakeError("SRC-217", ErrorKind::kData, "table {}: {} has no JSON object", name_, files[0].origin)
        .WithHint("was another file put here, or one in another `encoding:`?");
  }
  InputFile sample;
  const auto put = [&lines](std::ostream& out) -> Status {
    out << lines;
    return Ok();
  };
  LEAT_ASSIGN(sample.path,
              WriteSpoolFile(context_.spool_folder, "sample.jsonl", "table " + name_ + ": cannot write a sample", put));
  Result<std::vector<SourceColumn>> members = FindMembers(sample, names, known);
  std::error_code none;
  std::filesystem::remove(sample.path, none);
  if (!members.ok()) return std::move(members).error();
  found = std::move(members).value();
  InferTypes(lines, found);
  return Ok();
}

Result<std::vector<SourceColumn>> JsonLinesSource::FindMembers(const InputFile& sample,
                                                               const std::vector<std::string>& names,
                                                               const std::vector<SourceColumn>& known) {
  LEAT_ASSIGN(const auto rows,
              context_.query("DESCRIBE SELECT * FROM read_json(" + SqlPathList({sample}) +
                             ", format = 'newline_delimited', records = true, ignore_errors = true, sample_size = -1, "
                             "union_by_name = true, map_inference_threshold = -1)"));
  std::vector<SourceColumn> found;
  std::set<std::string> taken;
  for (const SourceColumn& column : known) taken.insert(column.name);
  for (const std::vector<std::string>& row : rows) {
    if (row.size() > 1 && std::find(names.begin(), names.end(), row[0]) != names.end() && taken.insert(row[0]).second)
      found.push_back({row[0], nullptr, IsNested(row[1]) ? row[1] : ""});
  }
  // Of two that differ in case only the engine makes name and name_1.
  for (const std::string& name : names) {
    if (taken.insert(name).second) found.push_back({name, nullptr, ""});
  }
  return found;
}

Result<std::string> JsonLinesSource::FindRareLines(const std::vector<InputFile>& files,
                                                   const std::vector<std::string>& names) const {
  struct Found {
    size_t file = 0;
    int64_t number = 0;
    std::string line;
    bool operator<(const Found& other) const { return std::tie(file, number) < std::tie(other.file, other.number); }
  };
  constexpr size_t kMostNames = 1 << 16;  // more are values that stand for names
  constexpr unsigned kMostThreads = 4;
  JsonReading reading(TextFilesOf(files), context_.cancel);
  const std::set<std::string, std::less<>> known(names.begin(), names.end());
  std::mutex mutex;
  std::map<std::string, Found> first;
  Status failed;
  const auto look = [&] {
    data::JsonRowScanner scanner({}, known);
    TextPiece piece;
    while (true) {
      Result<bool> more = reading.pieces.Next(piece);
      if (!more.ok() || !more.value()) {
        const std::lock_guard lock(mutex);
        if (!more.ok() && failed.ok()) failed = std::move(more).error();
        return;
      }
      std::memset(piece.text.data() + piece.size, 0, TextPieces::kSlack);
      int64_t number = piece.first_line;
      for (size_t at = 0; at < piece.size; ++number) {
        const char* const begin = piece.text.data() + at;
        const void* const end = std::memchr(begin, '\n', piece.size - at);
        const size_t size =
            end == nullptr ? piece.size - at : static_cast<size_t>(static_cast<const char*>(end) - begin);
        at += size + 1;
        scanner.Forget();
        if (!scanner.Scan(begin, size, nullptr) || scanner.strangers().empty() || !data::IsUtf8({begin, size}))
          continue;
        const std::lock_guard lock(mutex);
        for (const std::string& name : scanner.strangers()) {
          if (first.size() >= kMostNames && !first.contains(name)) continue;
          Found found{piece.file, number, std::string(begin, size)};
          const auto [before, added] = first.try_emplace(name, found);
          if (!added && found < before->second) before->second = std::move(found);
        }
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < std::min(kMostThreads, std::thread::hardware_concurrency()); ++i)
      helpers.emplace_back(look);
    look();
  }
  LEAT_TRY(std::move(failed));
  std::set<Found> in_order;
  for (auto& [name, found] : first) in_order.insert(std::move(found));
  std::string lines;
  for (const Found& found : in_order) lines.append(found.line) += '\n';
  return lines;
}

Result<std::string> JsonLinesSource::TakeSample(const std::vector<InputFile>& files, std::vector<std::string>& names) {
  constexpr size_t kMostNames = 1 << 20;
  std::string lines;
  data::JsonRowScanner scanner({}, std::nullopt, kMostNames);
  const auto take = [&](std::string text) {
    EachLine(std::move(text), [&](std::string_view line) {
      scanner.Forget();
      if (!data::IsUtf8(line) || !scanner.Scan(line.data(), line.size(), nullptr)) return;
      if (line.ends_with('\r')) line.remove_suffix(1);  // files may differ: the engine's reader takes one kind of end
      lines.append(line) += '\n';
    });
  };
  int64_t bytes = 0;
  for (const InputFile& file : files) bytes += file.size_bytes;
  const bool whole = bytes <= kWholeBytes;
  const size_t step = whole ? 1 : std::max<size_t>(1, files.size() / 16);
  for (size_t i = 0; i < files.size(); i += step) {
    const int64_t head = whole ? kWholeBytes : i == 0 ? kHeadBytes : kPieceBytes;
    LEAT_ASSIGN(TextSample text, SampleText(files[i], head, kPieces, kPieceBytes));
    if (text.head.starts_with("\xef\xbb\xbf")) text.head.erase(0, 3);
    take(std::move(text.head));
    for (std::string& piece : text.pieces) take(std::move(piece));
  }
  if (!whole && on_new_column_ != "ignore") {
    LEAT_ASSIGN(std::string rare, FindRareLines(files, scanner.seen()));
    take(std::move(rare));
  }
  names = scanner.seen();
  return lines;
}

config::FieldSpec OnNewColumnField(const std::string& what) {
  return config::WordField("on_new_column",
                           what + " that the table does not have yet: add it, ignore it, or stop with an error.", "add",
                           {"add", "ignore", "error"});
}

std::vector<config::FieldSpec> JsonReaderFields() {
  return {
      config::TextField("encoding", "Of the text: utf-8, utf-16, latin-1 or another name that iconv knows.", "utf-8"),
      OnNewColumnField("A member")};
}

}  // namespace leat::component
