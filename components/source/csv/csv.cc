#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <map>
#include <ostream>
#include <set>

#include "component/file_source.h"
#include "component/observed_input.h"
#include "component/spec.h"
#include "component/text_inference.h"
#include "components/source/csv/csv_dialect.h"
#include "components/source/csv/csv_layout.h"
#include "components/source/csv/csv_stream.h"
#include "config/field_builders.h"
#include "data/text_bytes.h"

namespace leat::components::csv {
namespace {

using component::InputFile;
using component::SourceColumn;
using config::FieldSpec;
using config::FieldType;

constexpr int64_t kWholeBytes = 8 << 20;  // inputs up to this size are looked at whole
constexpr int64_t kHeadBytes = 1 << 20;
constexpr int64_t kPieceBytes = 128 << 10;
constexpr int kPieces = 32;
constexpr size_t kSampleFiles = 16;
constexpr size_t kWidest = 1'000'000;     // characters of a column
constexpr double kMostLines = 1'000'000;  // before a header or behind the records

std::string Lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::vector<FieldSpec> ReaderFields() {
  std::vector<FieldSpec> fields = {
      config::TextField("delimiter",
                        "Character between values; default: found once in the first file (, ; tab |) and kept.", "",
                        ";"),
      config::TextField("quote", "Character around values that hold delimiters; `none` for files without.", "\""),
      config::TextField("escape", "Character before a quote inside a quoted value; default: the quote itself."),
      config::MakeField("header", FieldType::kBoolean,
                        "Whether the first line names the columns; without, they are column1, column2 … or `names`.",
                        "true"),
      config::WholeField("header_rows", "Rows of the header: the parts of a column's name are joined by _.", "1", 1,
                         100),
      config::MakeField("names", FieldType::kList,
                        "Names of all columns in their order, for files without a header or instead of theirs.", "",
                        "[id, day, amount]"),
      config::MakeField(
          "widths", FieldType::kList,
          "Width of each column in characters, for files whose values stand at fixed places; space around "
          "them is left out.",
          "", "[5, 20, 10]"),
      config::WholeField("skip", "Lines to leave out before the header.", "0", 0, kMostLines),
      config::WholeField("footer", "Lines to leave out at the end: sums, counts.", "0", 0, kMostLines),
      config::TextField("comment", "Lines that start with this character are left out.", "", "#"),
      config::MakeField("null_text", FieldType::kList, "Texts that mean NULL, besides the empty value.", "",
                        "[NA, \"-\"]"),
      config::TextField("encoding",
                        "Of the text: utf-8, utf-16, latin-1, windows-1252 or another name that iconv knows.", "utf-8"),
      config::WordField("on_new_column",
                        "A column that the table does not have yet: add it, ignore it, or stop with an error.", "add",
                        {"add", "ignore", "error"}),
  };
  for (FieldSpec& field : fields) field.scalar_ok = field.name == "null_text";
  return fields;
}

/// One group of files with the same header: where each registered column stands, -1 where the files do not have it.
struct FileGroup {
  std::vector<InputFile> files;
  std::vector<std::string> names;
  Dialect dialect;
  bool sample = false;  ///< its files were written here: records only, in the plain dialect
};

class CsvSource : public component::FileSource, public component::SchemaObserver {
 public:
  CsvSource(const config::Values& connection, const config::Values& table, std::string name,
            component::SourceContext context)
      : FileSource(connection, table, std::move(name), std::move(context)) {}

  Status Init() {
    auto character = [&](const std::string& field, char fallback) -> Result<char> {
      std::string text = Pick(field).Text(field);
      if (text.empty()) return fallback;
      if (text == "none") return '\0';
      if (text == "tab" || text == "\\t") return '\t';
      if (text.size() == 1) return text[0];
      return MakeError("SRC-210", ErrorKind::kConfig, "table {}: {} must be one character, not '{}'", name_, field,
                       text)
          .At(Pick(field).Where(field));
    };
    LEAT_ASSIGN(delimiter_, character("delimiter", '\0'));
    LEAT_ASSIGN(dialect_.quote, character("quote", '"'));
    LEAT_ASSIGN(dialect_.escape, character("escape", dialect_.quote));
    LEAT_ASSIGN(rules_.comment, character("comment", '\0'));
    rules_.header = Pick("header").Boolean("header");
    rules_.header_rows = static_cast<int>(Pick("header_rows").Integer("header_rows"));
    rules_.skip = static_cast<int>(Pick("skip").Integer("skip"));
    rules_.footer = static_cast<int>(Pick("footer").Integer("footer"));
    rules_.names = Pick("names").TextList("names");
    LEAT_TRY(CheckNames());
    LEAT_TRY(ReadWidths());
    null_text_ = Pick("null_text").TextList("null_text");
    encoding_ = Pick("encoding").Text("encoding");
    on_new_column_ = Pick("on_new_column").Text("on_new_column");
    return Ok();
  }

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(prepared_, PrepareFiles(files, encoding_));
    for (const InputFile& file : prepared_) LEAT_TRY(CheckEncoding(file));
    return prepared_;
  }

  Result<component::SourceTable> Discover() override {
    LEAT_TRY(PrepareAll());
    component::SourceTable table;
    table.name = name_;
    if (prepared_.empty()) return table;
    LEAT_ASSIGN(dialect_.delimiter, FindDelimiter(prepared_[0]));
    LEAT_ASSIGN(std::vector<FileGroup> groups, GroupFiles(prepared_, {}));
    std::vector<std::string> names;
    std::map<std::string, bool> seen;
    for (const FileGroup& group : groups) {
      for (const std::string& name : group.names) {
        if (!seen[name]) names.push_back(name);
        seen[name] = true;
      }
    }
    for (const std::string& name : names) table.columns.push_back({name, nullptr, ""});
    LEAT_TRY(InferTypes(groups, table.columns));
    table.settings["delimiter"] = std::string(1, dialect_.delimiter);
    return table;
  }

  Result<std::vector<SourceColumn>> FindAdded(const component::ReadRequest& request) override {
    UseDelimiter(request.table);
    LEAT_ASSIGN(std::vector<FileGroup> groups, GroupFiles(request.files, request.table.columns));
    std::vector<SourceColumn> added;
    LEAT_TRY(FindAddedColumns(groups, request.table.columns, added));
    return added;
  }

  /// One for each header.
  Result<std::vector<component::ObservedInput>> Observe(const component::ReadRequest& request,
                                                        const component::ObserveWish& wish) override {
    UseDelimiter(request.table);
    const std::vector<SourceColumn>& registered = request.table.columns;
    LEAT_ASSIGN(std::vector<FileGroup> groups, GroupFiles(request.files, registered));
    std::vector<SourceColumn> typed;
    LEAT_TRY(FindAddedColumns(groups, registered, typed));
    if (wish.text_types) {
      std::vector<SourceColumn> known;
      known.reserve(registered.size());
      for (const SourceColumn& column : registered) known.push_back({column.name, nullptr, ""});
      LEAT_TRY(InferTypes(groups, known));
      typed.insert(typed.end(), known.begin(), known.end());
    }
    std::vector<component::ObservedInput> inputs;
    for (const FileGroup& group : groups) {
      component::ObservedInput& input = inputs.emplace_back();
      input.sampled = true;
      for (const InputFile& file : group.files) {
        const auto same = std::find_if(request.files.begin(), request.files.end(),
                                       [&](const InputFile& one) { return one.path == file.path; });
        input.files.push_back(static_cast<size_t>(same - request.files.begin()));
      }
      // Without a header and names the columns of a file are those that are registered.
      if (!named()) {
        input.columns = registered;
        for (SourceColumn& column : input.columns) column.type = nullptr;
        continue;
      }
      for (const std::string& name : group.names) {
        const SourceColumn* type = Find(typed, name);
        const SourceColumn* known = Find(registered, name);
        if (type == nullptr && known == nullptr) continue;  // on_new_column: ignore
        input.columns.push_back({known != nullptr ? known->name : name, type == nullptr ? nullptr : type->type, ""});
      }
    }
    return inputs;
  }

  Result<std::unique_ptr<component::ArrowStream>> OpenStream(const component::ReadRequest& request) override {
    LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
    return std::move(streams[0]);
  }

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override {
    UseDelimiter(request.table);
    LEAT_ASSIGN(std::vector<FileGroup> groups, GroupFiles(request.files, request.table.columns));
    std::map<std::string, const FileGroup*> group_of = ByPath(groups);
    std::vector<CsvFile> files;
    std::vector<CsvReading::Layout> layouts;
    int64_t bytes = 0;
    for (const InputFile& file : request.files) {  // in the order of the request: `leat_file` counts them
      LEAT_ASSIGN(CsvFile one, BeginOf(file, group_of[file.path]->dialect));
      bytes += file.size_bytes;
      CsvReading::Layout layout;
      const std::vector<std::string>& names = group_of[file.path]->names;
      layout.width = names.size();
      layout.place.assign(request.table.columns.size(), -1);
      for (size_t j = 0; j < names.size(); ++j) {
        const SourceColumn* column = Find(request.table.columns, names[j]);
        if (column != nullptr)
          layout.place[static_cast<size_t>(column - request.table.columns.data())] = static_cast<int>(j);
      }
      one.layout = layouts.size();
      layouts.push_back(std::move(layout));
      files.push_back(std::move(one));
    }
    auto reading = std::make_shared<CsvReading>(std::move(files), context_.cancel);
    reading->columns = request.table.columns;
    reading->null_text = null_text_;
    reading->widths = rules_.widths;
    reading->layouts = std::move(layouts);
    int64_t pieces = 1 + bytes / static_cast<int64_t>(component::TextPieces::kPieceBytes);
    std::vector<std::unique_ptr<component::ArrowStream>> streams;
    for (int64_t i = 0; i < std::min<int64_t>(count, pieces); ++i) {
      LEAT_ASSIGN(streams.emplace_back(), CsvStream::Make(reading));
    }
    return streams;
  }

 private:
  /// Whether columns are known by their names, not by their number alone.
  bool named() const { return rules_.header || !rules_.names.empty(); }

  Status CheckNames() const {
    std::set<std::string> seen;
    for (const std::string& name : rules_.names) {
      const bool blank = name.find_first_not_of(' ') == std::string::npos;
      if (!blank && seen.insert(Lower(name)).second) continue;
      return MakeError("SRC-215", ErrorKind::kConfig, "table {}: names: {}", name_,
                       blank ? "one of them is empty" : fmt::format("'{}' stands there twice", name))
          .At(Pick("names").Where("names"))
          .WithHint("give each column a name of its own, in the order of the file");
    }
    return Ok();
  }

  Status ReadWidths() {
    const std::vector<std::string> texts = Pick("widths").TextList("widths");
    const auto wrong = [&](const std::string& why) {
      return MakeError("SRC-215", ErrorKind::kConfig, "table {}: widths: {}", name_, why)
          .At(Pick("widths").Where("widths"))
          .WithHint("give the width of each column in characters: widths: [5, 20, 10]");
    };
    for (const std::string& text : texts) {
      size_t width = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), width);
      if (problem != std::errc() || end != text.data() + text.size() || width == 0 || width > kWidest)
        return wrong(fmt::format("'{}' is no width", text));
      rules_.widths.push_back(width);
    }
    if (rules_.widths.empty()) return Ok();
    if (!rules_.names.empty() && rules_.names.size() != rules_.widths.size())
      return wrong(fmt::format("they are {}, and there are {} names", rules_.widths.size(), rules_.names.size()));
    delimiter_ = ',';  // that none stands there is not to be found out
    dialect_.quote = dialect_.escape = '\0';
    return Ok();
  }

  Status CheckEncoding(const InputFile& file) {
    LEAT_ASSIGN(component::TextSample sample, component::SampleText(file, kHeadBytes, 0, kPieceBytes));
    size_t at = data::FindInvalidUtf8(sample.head);
    size_t zero = sample.head.find('\0');
    if (at == std::string::npos && zero == std::string::npos) return Ok();
    at = std::min(at, zero);
    auto line = 1 + std::count(sample.head.begin(), sample.head.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    bool wide = zero != std::string::npos;
    return MakeError("SRC-211", ErrorKind::kData, "table {}: {} is not UTF-8 (byte {:#04x} in line {})", name_,
                     file.origin, static_cast<unsigned char>(sample.head[at]), line)
        .WithHint(std::string("set `encoding: ") + (wide ? "utf-16" : "latin-1") +
                  "` (or what the file really is) on the table or the connection");
  }

  Result<char> FindDelimiter(const InputFile& file) {
    if (delimiter_ != 0) return delimiter_;
    LEAT_ASSIGN(component::TextSample sample, component::SampleText(file, kHeadBytes, 0, kPieceBytes));
    std::string_view text = sample.head;
    return DetectDelimiter(text.substr(SkipLines(text, rules_.skip)), dialect_.quote, dialect_.escape);
  }

  /// The group of each file, by path.
  static std::map<std::string, const FileGroup*> ByPath(const std::vector<FileGroup>& groups) {
    std::map<std::string, const FileGroup*> found;
    for (const FileGroup& group : groups) {
      for (const InputFile& file : group.files) found[file.path] = &group;
    }
    return found;
  }

  void UseDelimiter(const component::SourceTable& table) {
    auto setting = table.settings.find("delimiter");
    if (setting != table.settings.end() && !setting->second.empty()) dialect_.delimiter = setting->second[0];
    if (delimiter_ != 0) dialect_.delimiter = delimiter_;
  }

  /// Where the records of a file stand: behind its mark, skipped lines and header, before its footer.
  Result<CsvFile> BeginOf(const InputFile& file, const Dialect& dialect) {
    LEAT_ASSIGN(component::TextSample sample, component::SampleText(file, kPieceBytes, 0, kPieceBytes));
    std::string_view text = sample.head;
    CsvFile one;
    one.path = file.path;
    one.origin = file.origin;
    one.dialect = dialect;
    one.comment = rules_.comment;
    one.line_end = text.find('\n') == std::string_view::npos && text.find('\r') != std::string_view::npos ? '\r' : '\n';
    const size_t begin = ReadHead(text, dialect, rules_).begin;
    one.begin = static_cast<int64_t>(begin);
    LEAT_ASSIGN(one.end, EndOfRecords(file.path, file.origin, file.size_bytes, rules_.footer));
    one.first_line = 1 + data::CountByte(text.data(), begin, one.line_end);
    return one;
  }

  Result<std::vector<std::string>> ReadNames(const InputFile& file, const Dialect& dialect) {
    LEAT_ASSIGN(component::TextSample sample, component::SampleText(file, kPieceBytes, 0, kPieceBytes));
    FileHead head = ReadHead(sample.head, dialect, rules_);
    if (!rules_.names.empty() && head.header_columns != 0 && head.header_columns != rules_.names.size()) {
      return MakeError("SRC-216", ErrorKind::kData, "table {}: the header of {} has {} columns, `names` has {}", name_,
                       file.origin, head.header_columns, rules_.names.size())
          .WithHint("was another file put here? Else name all columns, or take `names:` out");
    }
    return std::move(head.names);
  }

  static size_t KnownNames(const std::vector<std::string>& names, const std::vector<SourceColumn>& columns) {
    return static_cast<size_t>(std::count_if(names.begin(), names.end(),
                                             [&](const std::string& name) { return Find(columns, name) != nullptr; }));
  }

  static const SourceColumn* Find(const std::vector<SourceColumn>& columns, const std::string& name) {
    for (const SourceColumn& column : columns) {
      if (column.name == name) return &column;
    }
    for (const SourceColumn& column : columns) {
      if (Lower(column.name) == Lower(name)) return &column;
    }
    return nullptr;
  }

  /// Groups files by their header. A file whose header fits the registered columns only with another delimiter is read with
  /// that one; a file that has none of them is an error, not a table of NULLs.
  Result<std::vector<FileGroup>> GroupFiles(const std::vector<InputFile>& files,
                                            const std::vector<SourceColumn>& registered) {
    std::vector<FileGroup> groups;
    for (const InputFile& file : files) {
      Dialect dialect = dialect_;
      LEAT_ASSIGN(std::vector<std::string> names, ReadNames(file, dialect));
      if (!registered.empty() && rules_.header && rules_.names.empty() && KnownNames(names, registered) == 0) {
        LEAT_ASSIGN(dialect.delimiter, FindDelimiter(file));
        LEAT_ASSIGN(names, ReadNames(file, dialect));
        if (KnownNames(names, registered) == 0) return NoKnownColumn(file, names, registered);
      }
      auto same = std::find_if(groups.begin(), groups.end(), [&](const FileGroup& group) {
        return group.names == names && group.dialect.delimiter == dialect.delimiter;
      });
      if (same == groups.end()) same = groups.insert(groups.end(), {{}, names, dialect});
      same->files.push_back(file);
    }
    return groups;
  }

  Error NoKnownColumn(const InputFile& file, const std::vector<std::string>& names,
                      const std::vector<SourceColumn>& registered) {
    std::string found = names.empty() ? "nothing" : "'" + names[0] + "'" + (names.size() > 1 ? ", …" : "");
    return MakeError("SRC-212", ErrorKind::kData,
                     "table {}: {} has none of the table's columns (expected '{}', …; its first line has {})", name_,
                     file.origin, registered[0].name, found)
        .WithHint("was another file put here? Else say how it is written: `delimiter:`, `skip:` or `header: false`");
  }

  Status FindAddedColumns(const std::vector<FileGroup>& groups, const std::vector<SourceColumn>& registered,
                          std::vector<SourceColumn>& added) {
    if (!named() || on_new_column_ == "ignore") return Ok();
    for (const FileGroup& group : groups) {
      for (const std::string& name : group.names) {
        if (Find(registered, name) != nullptr || Find(added, name) != nullptr) continue;
        if (on_new_column_ == "error") {
          return MakeError("SRC-213", ErrorKind::kData, "table {}: {} has a column '{}' that the table does not have",
                           name_, group.files[0].origin, name)
              .WithHint("set `on_new_column: add` or `ignore`, or have the file mended");
        }
        added.push_back({name, nullptr, ""});
      }
    }
    return added.empty() ? Ok() : InferTypes(groups, added);
  }

  /// Looks at all of small inputs, and at pieces from all over large ones.
  Status InferTypes(const std::vector<FileGroup>& groups, std::vector<SourceColumn>& columns) {
    int64_t bytes = 0;
    for (const FileGroup& group : groups) {
      for (const InputFile& file : group.files) bytes += file.size_bytes;
    }
    std::vector<FileGroup> sampled = groups;
    std::vector<std::string> spooled;
    if (bytes > kWholeBytes || !rules_.is_plain()) {
      for (FileGroup& group : sampled) {
        LEAT_ASSIGN(InputFile sample, WriteSample(group, bytes <= kWholeBytes));
        spooled.push_back(sample.path);
        group.files = {sample};
        group.sample = true;
      }
    }
    std::vector<std::string> names;
    for (size_t i = 0; i < columns.size(); ++i) names.push_back("k" + std::to_string(i));
    auto types = component::InferTextTypes("(" + SampleSql(sampled, columns) + ")", names, context_.query);
    for (const std::string& path : spooled) std::filesystem::remove(path);
    if (!types.ok()) return std::move(types).error();
    for (size_t i = 0; i < columns.size(); ++i) columns[i].type = types.value()[i];
    return Ok();
  }

  /// Records of a group, all or from places all over, in the plain dialect.
  Result<InputFile> WriteSample(const FileGroup& group, bool whole) {
    InputFile sample = group.files[0];
    LEAT_ASSIGN(sample.path, component::WriteSpoolFile(
                                 context_.spool_folder, "sample.csv", "table " + name_ + ": cannot write a sample",
                                 [&](std::ostream& out) { return PutSample(group, whole, out); }));
    return sample;
  }

  Status PutSample(const FileGroup& group, bool whole, std::ostream& out) const {
    const size_t step = whole ? 1 : std::max<size_t>(1, group.files.size() / kSampleFiles);
    const int pieces = std::max<int>(2, kPieces / static_cast<int>(std::min(group.files.size(), kSampleFiles)));
    for (size_t i = 0; i < group.files.size(); i += step) {
      InputFile file = group.files[i];
      LEAT_ASSIGN(file.size_bytes, EndOfRecords(file.path, file.origin, file.size_bytes, rules_.footer));
      const int64_t bytes = whole ? kWholeBytes : i == 0 ? kHeadBytes : kPieceBytes;
      LEAT_ASSIGN(component::TextSample text, component::SampleText(file, bytes, pieces, kPieceBytes));
      std::string_view head = text.head;
      head.remove_prefix(std::min(head.size(), ReadHead(head, group.dialect, rules_).begin));
      PutRecords(head, group.dialect, out);
      if (HasQuotedLineEnd(head, group.dialect)) continue;
      for (const std::string& piece : text.pieces) PutRecords(piece, group.dialect, out);
    }
    return Ok();
  }

  void PutRecords(std::string_view text, const Dialect& dialect, std::ostream& out) const {
    std::vector<std::string> values;
    for (size_t at = 0; NextValues(text, dialect, rules_, at, values);) {
      if (rules_.comment != 0 && values[0].starts_with(rules_.comment)) continue;
      for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out << ',';
        if (values[i].empty()) continue;
        out << '"';
        for (const char c : values[i]) out << (c == '"' ? "\"" : "") << c;
        out << '"';
      }
      out << '\n';
    }
  }

  /// The text of each column in a sample, k0, k1 …, as DuckDB's reader sees it: types are found from it.
  std::string SampleSql(const std::vector<FileGroup>& groups, const std::vector<SourceColumn>& columns) const {
    std::string sql;
    for (const FileGroup& group : groups) {
      sql += sql.empty() ? "SELECT " : " UNION ALL SELECT ";
      for (size_t i = 0; i < columns.size(); ++i) {
        std::string column = "NULL::VARCHAR";
        for (size_t j = 0; j < group.names.size(); ++j) {
          if (Find(columns, group.names[j]) == &columns[i]) column = "c" + std::to_string(j);
        }
        sql += (i == 0 ? "" : ", ") + column + " AS k" + std::to_string(i);
      }
      sql += " FROM " + ReadSql(group);
    }
    return sql;
  }

  std::string ReadSql(const FileGroup& group) const {
    auto text = [](char c) { return component::SqlText(c == 0 ? std::string() : std::string(1, c)); };
    const Dialect dialect = group.sample ? Dialect() : group.dialect;
    std::string sql = "read_csv(" + component::SqlPathList(group.files) +
                      ", auto_detect = false, delim = " + text(dialect.delimiter) + ", quote = " + text(dialect.quote) +
                      ", escape = " + text(dialect.escape) +
                      ", header = " + (rules_.header && !group.sample ? "true" : "false") +
                      ", skip = " + std::to_string(group.sample ? 0 : rules_.skip);
    if (rules_.comment != 0 && !group.sample) sql += ", comment = " + text(rules_.comment);
    sql += ", nullstr = [''";
    for (const std::string& null_text : null_text_) sql += ", " + component::SqlText(null_text);
    sql += "], columns = {";
    for (size_t i = 0; i < group.names.size(); ++i)
      sql += (i == 0 ? "'c" : ", 'c") + std::to_string(i) + "': 'VARCHAR'";
    return sql + "}, ignore_errors = true)";
  }

  Dialect dialect_;
  char delimiter_ = 0;  ///< as configured; 0: found in the file
  LayoutRules rules_;
  std::vector<std::string> null_text_;
  std::string encoding_;
  std::string on_new_column_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  auto source = std::make_unique<CsvSource>(connection, table, table_name, context);
  LEAT_TRY(source->Init());
  return std::unique_ptr<component::Source>(std::move(source));
}

}  // namespace
}  // namespace leat::components::csv

leat::component::Spec leat_source_csv_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "csv";
  spec.summary = "Delimited text files: single, by pattern, packed, in any encoding.";
  spec.description =
      "Reads csv files below a folder. Types are found once from a sample (whole numbers, exact decimals, dates, "
      "times,\n"
      "true/false, else text), registered, and used from then on; a value that does not fit exactly is rejected with "
      "its row and\n"
      "never rounded. Declare `data_type` of a column to choose a type yourself. Files packed as zip, gz, zst, bz2 or "
      "xz are\n"
      "unpacked; each member of a zip is a file of its own. Rows that cannot be read are kept as rejected rows with "
      "file and line.";
  spec.examples = {
      "connections:\n  inbound: { type: csv, path: inbound, null_text: [NA] }\n",
      "source: inbound\nconnection: inbound\ntables:\n  - name: flights\n    files: flights_*.csv\n    mode: append\n"};
  spec.connection_fields = component::FileConnectionFields(components::csv::ReaderFields());
  spec.fields = component::FileTableFields(components::csv::ReaderFields());
  spec.source.files = true;
  spec.source.splits = true;
  spec.make_source = &components::csv::Make;
  return spec;
}
