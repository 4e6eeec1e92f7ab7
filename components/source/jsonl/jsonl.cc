#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/ids.h"
#include "component/file_source.h"
#include "component/spec.h"
#include "component/text_inference.h"
#include "data/json_member.h"

namespace leat::components::jsonl {
namespace {

using component::InputFile;
using component::SourceColumn;

constexpr int64_t kWholeBytes = 8 << 20;  // inputs up to this size are looked at whole
constexpr int64_t kHeadBytes = 1 << 20;
constexpr int64_t kPieceBytes = 128 << 10;
constexpr int kPieces = 32;

/// The lines of files as column `line`. The delimiter cannot stand in JSON text, which escapes control characters.
std::string LinesSql(const std::vector<InputFile>& files, bool sample) {
  return "read_csv(" + component::SqlPathList(files) +
         ", auto_detect = false, delim = '\x01', quote = '', escape = '', header = false, "
         "filename = 'leat_file', columns = {'line': 'VARCHAR'}" +
         (sample ? ", ignore_errors = true)"
                 : ", store_rejects = true, rejects_table = 'leat_rejects', rejects_scan = 'leat_reject_scans')");
}

bool IsNested(const std::string& engine_type) {
  return engine_type.starts_with("STRUCT") || engine_type.starts_with("MAP") || engine_type.ends_with("]");
}

/// Text of a member as it stands in the line: numbers with all their digits, strings without quotes and escapes.
std::string MemberText(const std::string& name) { return "leat_json_text(line, " + component::SqlText(name) + ")"; }

class JsonlSource : public component::FileSource {
 public:
  JsonlSource(const config::Values& connection, const config::Values& table, std::string name,
              component::SourceContext context)
      : FileSource(connection, table, std::move(name), std::move(context)),
        encoding_(Pick("encoding").Text("encoding")),
        on_new_column_(Pick("on_new_column").Text("on_new_column")) {}

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(prepared_, component::PrepareInputFiles(files, encoding_, context_));
    return prepared_;
  }

  Result<component::SourceTable> Discover() override {
    if (prepared_.empty()) {
      LEAT_ASSIGN(std::vector<InputFile> files, ListFiles());
      LEAT_ASSIGN(files, Prepare(files));
    }
    component::SourceTable found;
    found.name = name_;
    if (!prepared_.empty()) LEAT_TRY(FindColumns(prepared_, {}, found.columns));
    return found;
  }

  Result<component::Relation> OpenRelation(const component::ReadRequest& request) override {
    component::Relation relation;
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
      paths += (paths.empty() ? "" : ", ") + component::SqlText(file.path);
      origins += (origins.empty() ? "" : ", ") + component::SqlText(file.origin);
    }
    std::string sql =
        "SELECT line, " +
        (request.files.size() == 1 ? origins
                                   : "map_extract_value(MAP([" + paths + "], [" + origins + "]), leat_file)") +
        " AS leat_origin";
    for (size_t i = 0; i < request.table.columns.size(); ++i) {
      const SourceColumn& column = request.table.columns[i];
      std::string text = "k" + std::to_string(i);
      sql += ", " + MemberText(column.name) + " AS " + text;
      std::string cast = column.type->is_nested()
                             ? "TRY_CAST(TRY_CAST(" + text + " AS JSON) AS " + data::DuckDbTypeName(*column.type) + ")"
                             : component::ExactCast(text, *column.type);
      relation.columns.push_back({cast.empty() ? text : cast, text, !cast.empty()});
    }
    relation.from = sql + " FROM " + LinesSql(request.files, false);
    relation.blank_entry = "line IS NULL OR trim(line) = ''";
    relation.bad_entry = "NOT json_valid(line) OR json_type(TRY_CAST(line AS JSON)) <> 'OBJECT'";
    relation.bad_entry_reason = "jsonl.malformed";
    relation.payload = "line";
    relation.origin_file = "leat_origin";
    relation.rejects_table = "leat_rejects";
    relation.rejects_scan_table = "leat_reject_scans";
    return relation;
  }

 private:
  /// The members of the lines that `known` does not have, typed from a sample: small inputs are looked at whole.
  Status FindColumns(const std::vector<InputFile>& files, const std::vector<SourceColumn>& known,
                     std::vector<SourceColumn>& found) {
    InputFile sample = files[0];
    LEAT_ASSIGN(sample.path, WriteSample(files));
    Status status = FindColumnsIn({sample}, known, found);
    std::filesystem::remove(sample.path);
    return status;
  }

  Status FindColumnsIn(const std::vector<InputFile>& sample, const std::vector<SourceColumn>& known,
                       std::vector<SourceColumn>& found) {
    LEAT_ASSIGN(
        auto rows,
        context_.query("DESCRIBE SELECT * FROM read_json(" + component::SqlPathList(sample) +
                       ", format = 'newline_delimited', records = true, ignore_errors = true, sample_size = -1, "
                       "union_by_name = true, map_inference_threshold = -1)"));
    std::vector<std::string> texts;
    std::vector<size_t> scalars;
    for (const std::vector<std::string>& row : rows) {
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
                component::InferTextTypes("(SELECT line FROM " + LinesSql(sample, true) + " WHERE json_valid(line))",
                                          texts, context_.query));
    for (size_t i = 0; i < scalars.size(); ++i) found[scalars[i]].type = types[i];
    return Ok();
  }

  /// Lines that are objects: all of small inputs, pieces from all over large ones. DuckDB's reader stops at others.
  Result<std::string> WriteSample(const std::vector<InputFile>& files) {
    std::filesystem::create_directories(context_.spool_folder);
    std::string path = context_.spool_folder + "/sample-" + NewUuidV4() + ".jsonl";
    std::ofstream out(path, std::ios::binary);
    std::string ignored;
    auto write = [&](std::string_view text) {
      while (!text.empty()) {
        std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (line.ends_with('\r')) line.remove_suffix(1);  // files may differ: the engine's reader takes one kind of end
        if (data::FindJsonMember(line, "", ignored) != data::JsonMember::kMalformed) out << line << '\n';
      }
    };
    int64_t bytes = 0;
    for (const InputFile& file : files) bytes += file.size_bytes;
    bool whole = bytes <= kWholeBytes;
    size_t step = whole ? 1 : std::max<size_t>(1, files.size() / 16);
    for (size_t i = 0; i < files.size(); i += step) {
      LEAT_ASSIGN(component::TextSample text, component::SampleText(files[i],
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

  std::string encoding_;
  std::string on_new_column_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<JsonlSource>(connection, table, table_name, context));
}

std::vector<config::FieldSpec> ReaderFields() {
  config::FieldSpec encoding;
  encoding.name = "encoding";
  encoding.description = "Of the text: utf-8, utf-16, latin-1 or another name that iconv knows.";
  encoding.default_value = "utf-8";
  config::FieldSpec added;
  added.name = "on_new_column";
  added.type = config::FieldType::kEnum;
  added.description = "A member that the table does not have yet: add it, ignore it, or stop with an error.";
  added.allowed = {"add", "ignore", "error"};
  added.default_value = "add";
  return {encoding, added};
}

}  // namespace
}  // namespace leat::components::jsonl

leat::component::Spec leat_source_jsonl_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "jsonl";
  spec.summary = "JSON lines: one object a line, single files, by pattern, packed.";
  spec.description =
      "Reads files of JSON objects, one a line. Top-level members become columns; numbers keep all their digits "
      "(decimals arrive\n"
      "as DECIMAL), objects and lists become structs and lists. Lines that are no object are kept as rejected rows.";
  spec.examples = {"connections:\n  stations: { type: jsonl, path: inbound }\n",
                   "source: stations\nconnection: stations\ntables:\n  - name: weather\n    files: weather_*.jsonl\n"};
  spec.connection_fields = component::FileConnectionFields(components::jsonl::ReaderFields());
  spec.fields = component::FileTableFields(components::jsonl::ReaderFields());
  spec.source.relation = true;
  spec.source.files = true;
  spec.make_source = &components::jsonl::Make;
  return spec;
}
