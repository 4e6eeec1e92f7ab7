#include "component/json_lines.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "component/text_inference.h"
#include "config/field_builders.h"
#include "config/text.h"
#include "data/json_member.h"

namespace leat::component {
namespace {

constexpr int64_t kWholeBytes = 8 << 20;  // inputs up to this size are looked at whole
constexpr int64_t kHeadBytes = 1 << 20;
constexpr int64_t kPieceBytes = 128 << 10;
constexpr int kPieces = 32;
constexpr const char* kBadEntry = "NOT json_valid(line) OR json_type(TRY_CAST(line AS JSON)) <> 'OBJECT'";

/// The lines of files as column `line`. The delimiter cannot stand in JSON text, which escapes control characters.
std::string LinesSql(const std::vector<InputFile>& files, bool sample) {
  return "read_csv(" + SqlPathList(files) +
         ", auto_detect = false, delim = '\x01', quote = '', escape = '', header = false, "
         "filename = 'leat_file', columns = {'line': 'VARCHAR'}" +
         (sample ? ", ignore_errors = true)"
                 : ", store_rejects = true, rejects_table = 'leat_rejects', rejects_scan = 'leat_reject_scans')");
}

bool IsNested(const std::string& engine_type) {
  return engine_type.starts_with("STRUCT") || engine_type.starts_with("MAP") || engine_type.ends_with("]");
}

/// Text of a member as it stands in the line: numbers with all their digits, strings without quotes and escapes.
std::string MemberText(const std::string& name) { return "leat_json_text(line, " + SqlText(name) + ")"; }

}  // namespace

JsonLinesSource::JsonLinesSource(const config::Values& connection, const config::Values& table, std::string name,
                                 SourceContext context, std::string reason)
    : FileSource(connection, table, std::move(name), std::move(context)),
      encoding_(Pick("encoding").Text("encoding")),
      on_new_column_(Pick("on_new_column").Text("on_new_column")),
      reason_(std::move(reason)) {}

Result<std::vector<InputFile>> JsonLinesSource::Prepare(const std::vector<InputFile>& files) {
  LEAT_ASSIGN(prepared_, PrepareFiles(files, encoding_));
  return prepared_;
}

Result<SourceTable> JsonLinesSource::Discover() {
  if (prepared_.empty()) {
    LEAT_ASSIGN(std::vector<InputFile> files, ListFiles());
    LEAT_ASSIGN(files, Prepare(files));
  }
  SourceTable found;
  found.name = name_;
  if (!prepared_.empty()) LEAT_TRY(FindColumns(prepared_, {}, found.columns));
  return found;
}

Result<Relation> JsonLinesSource::OpenRelation(const ReadRequest& request) {
  Relation relation;
  if (on_new_column_ != "ignore") {
    LEAT_TRY(FindColumns(request.files, request.table.columns, relation.added));
    if (!relation.added.empty() && on_new_column_ == "error") {
      return MakeError("SRC-213", ErrorKind::kData,
                       "table {}: the input has a member '{}' that the table does not have", name_,
                       relation.added[0].name)
          .WithHint("set `on_new_column: add` or `ignore`, or have the input mended");
    }
  }
  std::string paths, origins;
  for (const InputFile& file : request.files) {
    paths += (paths.empty() ? "" : ", ") + SqlText(file.path);
    origins += (origins.empty() ? "" : ", ") + SqlText(file.origin);
  }
  std::string sql =
      "SELECT line, " +
      (request.files.size() == 1 ? origins : "map_extract_value(MAP([" + paths + "], [" + origins + "]), leat_file)") +
      " AS leat_origin";
  for (size_t i = 0; i < request.table.columns.size(); ++i) {
    const SourceColumn& column = request.table.columns[i];
    std::string text = "k" + std::to_string(i);
    sql += ", " + MemberText(column.name) + " AS " + text;
    std::string cast = column.type->is_nested()
                           ? "TRY_CAST(TRY_CAST(" + text + " AS JSON) AS " + data::DuckDbTypeName(*column.type) + ")"
                           : ExactCast(text, *column.type);
    relation.columns.push_back({cast.empty() ? text : cast, text, !cast.empty()});
  }
  relation.from = sql + " FROM " + LinesSql(request.files, false);
  relation.blank_entry = "line IS NULL OR trim(line) = ''";
  relation.bad_entry = kBadEntry;
  relation.bad_entry_reason = reason_;
  relation.payload = "line";
  relation.origin_file = "leat_origin";
  relation.rejects_table = "leat_rejects";
  relation.rejects_scan_table = "leat_reject_scans";
  return relation;
}

Status JsonLinesSource::FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                                    std::vector<SourceColumn>& found) {
  InputFile sample = files[0];
  LEAT_ASSIGN(sample.path, WriteSample(files));
  Result<bool> any = FindColumnsIn({sample}, known, found);
  std::error_code none;
  std::filesystem::remove(sample.path, none);
  if (!any.ok()) return std::move(any).error();
  if (*any || !known.empty()) return Ok();  // of a known table the entries are rejected one by one
  return MakeError("SRC-217", ErrorKind::kData, "table {}: {} has no JSON object", name_, files[0].origin)
      .WithHint("was another file put here, or one in another `encoding:`?");
}

Result<bool> JsonLinesSource::FindColumnsIn(const std::vector<InputFile>& sample,
                                            const std::vector<SourceColumn>& known, std::vector<SourceColumn>& found) {
  auto rows = context_.query("DESCRIBE SELECT * FROM read_json(" + SqlPathList(sample) +
                             ", format = 'newline_delimited', records = true, ignore_errors = true, sample_size = -1, "
                             "union_by_name = true, map_inference_threshold = -1)");
  if (!rows.ok()) {  // it may be that none of the lines is what the engine takes for JSON
    LEAT_ASSIGN(const auto count, context_.query("SELECT count(*) FROM " + LinesSql(sample, true) + " WHERE NOT (" +
                                                 std::string(kBadEntry) + ")"));
    if (!count.empty() && count[0][0] == "0") return false;
    return std::move(rows).error();
  }
  std::vector<std::string> texts;
  std::vector<size_t> scalars;
  for (const std::vector<std::string>& row : *rows) {
    if (row.size() < 2 ||
        std::any_of(known.begin(), known.end(), [&](const SourceColumn& column) { return column.name == row[0]; }))
      continue;
    SourceColumn column{row[0], nullptr, row[1]};
    if (!IsNested(column.engine_type)) {
      scalars.push_back(found.size());
      texts.push_back(MemberText(column.name));
      column.engine_type.clear();
    }
    found.push_back(std::move(column));
  }
  LEAT_ASSIGN(std::vector<data::TypePtr> types,
              InferTextTypes("(SELECT line FROM " + LinesSql(sample, true) + " WHERE json_valid(line))", texts,
                             context_.query));
  for (size_t i = 0; i < scalars.size(); ++i) found[scalars[i]].type = types[i];
  return true;
}

Result<std::string> JsonLinesSource::WriteSample(const std::vector<InputFile>& files) {
  std::filesystem::create_directories(context_.spool_folder);
  std::string path = context_.spool_folder + "/sample-" + NewUuidV4() + ".jsonl";
  std::ofstream out(path, std::ios::binary);
  std::string ignored;
  auto write = [&](std::string_view text) {
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);  // files may differ: the engine's reader takes one kind of end
      const size_t first = line.find_first_not_of(" \t");
      const bool object = first != std::string_view::npos && line[first] == '{' &&
                          data::FindJsonMember(line, "", ignored) != data::JsonMember::kMalformed;
      if (object && !FindNotUtf8(line)) out << line << '\n';
    }
  };
  int64_t bytes = 0;
  for (const InputFile& file : files) bytes += file.size_bytes;
  bool whole = bytes <= kWholeBytes;
  size_t step = whole ? 1 : std::max<size_t>(1, files.size() / 16);
  for (size_t i = 0; i < files.size(); i += step) {
    LEAT_ASSIGN(TextSample text, SampleText(files[i],
                                            whole    ? kWholeBytes
                                            : i == 0 ? kHeadBytes
                                                     : kPieceBytes,
                                            kPieces, kPieceBytes));
    write(text.head);
    for (const std::string& piece : text.pieces) write(piece);
  }
  out.close();
  if (!out) {
    return MakeError("SRC-204", ErrorKind::kEnvironment, "table {}: cannot write a sample into {}", name_,
                     context_.spool_folder)
        .WithHint("is the disk full?");
  }
  return path;
}

std::optional<size_t> FindNotUtf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const size_t start = at;
    const bool bad = config::NextCodePoint(text, at) == 0xFFFD && at == start + 1;
    if (bad) return start;
  }
  return std::nullopt;
}

std::vector<config::FieldSpec> JsonReaderFields() {
  return {
      config::TextField("encoding", "Of the text: utf-8, utf-16, latin-1 or another name that iconv knows.", "utf-8"),
      config::WordField("on_new_column",
                        "A member that the table does not have yet: add it, ignore it, or stop with an error.", "add",
                        {"add", "ignore", "error"})};
}

}  // namespace leat::component
