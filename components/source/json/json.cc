#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <ostream>

#include "base/ids.h"
#include "component/json_lines.h"
#include "component/spec.h"
#include "config/field_builders.h"
#include "data/json_path.h"
#include "data/json_scan.h"
#include "data/text_bytes.h"

namespace leat::components::json {
namespace {

using component::InputFile;

constexpr const char* kReason = "json.not_an_object";

/// The bytes of a file without a copy of them: the machine gives and takes their pages back.
class MappedFile {
 public:
  static Result<std::unique_ptr<MappedFile>> Open(const std::string& path, const std::string& origin) {
    const int handle = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    struct stat info {};
    if (handle < 0 || fstat(handle, &info) != 0) {
      const int failure = errno;
      if (handle >= 0) close(handle);
      return CannotRead(origin, failure);
    }
    void* bytes = nullptr;
    if (info.st_size > 0) bytes = mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ, MAP_PRIVATE, handle, 0);
    const int failure = errno;
    close(handle);
    if (bytes == MAP_FAILED) return CannotRead(origin, failure);
    return std::unique_ptr<MappedFile>(new MappedFile(bytes, static_cast<size_t>(info.st_size)));
  }
  ~MappedFile() {
    if (bytes_ != nullptr) munmap(bytes_, size_);
  }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view text() const { return {static_cast<const char*>(bytes_), size_}; }

 private:
  MappedFile(void* bytes, size_t size) : bytes_(bytes), size_(size) {}
  static Error CannotRead(const std::string& origin, int failure) {
    return MakeError("SRC-203", failure == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                     origin, std::strerror(failure));
  }

  void* const bytes_;
  const size_t size_;
};

/// A copy of a document that nobody else writes to: pages of a file that is cut meanwhile would end the process.
struct OwnCopy {
  explicit OwnCopy(std::string where) : path(std::move(where)) {}
  ~OwnCopy() { unlink(path.c_str()); }
  OwnCopy(const OwnCopy&) = delete;
  OwnCopy& operator=(const OwnCopy&) = delete;
  const std::string path;
};

struct TextPlace {
  int64_t line = 1;
  size_t column = 1;  ///< in bytes
};

TextPlace PlaceOf(std::string_view text, size_t at) {
  const std::string_view before = text.substr(0, at);
  const size_t end = before.rfind('\n');
  return {1 + std::count(before.begin(), before.end(), '\n'),
          1 + before.size() - (end == std::string_view::npos ? 0 : end + 1)};
}

/// A record on one line. Line ends between its parts are space; inside of strings sound JSON has none.
void WriteRecord(std::string_view record, std::ostream& out) {
  while (true) {
    const size_t end = record.find_first_of("\r\n");
    out.write(record.data(), static_cast<std::streamsize>(std::min(end, record.size())));
    if (end == std::string_view::npos) break;
    out << ' ';
    record.remove_prefix(end + 1);
  }
  out << '\n';
}

class JsonSource : public component::JsonLinesSource {
 public:
  JsonSource(const config::Values& connection, const config::Values& table, std::string name,
             component::SourceContext context)
      : JsonLinesSource(connection, table, std::move(name), std::move(context), component::JsonRules{kReason}) {}

  Status Init() {
    const std::string text = Pick("records").Text("records");
    Result<data::JsonPath> path = data::JsonPath::Parse(text);
    if (!path.ok() || path->up() > 0) {
      return MakeError(
                 "SRC-220", ErrorKind::kConfig, "table {}: records: {}", name_,
                 path.ok() ? fmt::format("'{}': there is nothing around a document", text) : path.error().message())
          .At(Pick("records").Where("records"))
          .WithHint("$ is the document; records: $.data.items");
    }
    path_ = std::move(path).value();
    return Ok();
  }

  /// Each file becomes one with a record a line: line 3 is its third record.
  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(std::vector<InputFile> documents, JsonLinesSource::Prepare(files));
    std::vector<InputFile> ready;
    for (InputFile& file : documents) {
      LEAT_TRY(WriteRecords(file));
      if (file.size_bytes > 0) ready.push_back(std::move(file));
    }
    prepared_ = ready;
    return ready;
  }

 private:
  Status WriteRecords(InputFile& file) {
    std::error_code failure;
    std::filesystem::create_directories(context_.spool_folder, failure);
    const OwnCopy copy(context_.spool_folder + "/document-" + NewUuidV4());
    std::filesystem::copy_file(file.path, copy.path, failure);
    if (failure) {
      return MakeError("SRC-203",
                       failure == std::errc::no_such_file_or_directory ? ErrorKind::kNotFound : ErrorKind::kPermission,
                       "cannot read {}: {}", file.origin, failure.message());
    }
    LEAT_ASSIGN(const std::unique_ptr<MappedFile> mapped, MappedFile::Open(copy.path, file.origin));
    std::string_view text = mapped->text();
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (const size_t bad = data::FindNotUtf8(text); bad != std::string_view::npos) {
      return MakeError("SRC-211", ErrorKind::kData, "table {}: {} is not UTF-8 (byte {:#04x} in line {})", name_,
                       file.origin, static_cast<unsigned char>(text[bad]), PlaceOf(text, bad).line)
          .WithHint("set `encoding: latin-1` (or what the file really is) on the table or the connection");
    }
    LEAT_ASSIGN(file.path,
                component::WriteSpoolFile(context_.spool_folder, "records.jsonl",
                                          fmt::format("table {}: cannot write the records of {}", name_, file.origin),
                                          [&](std::ostream& out) { return PutRecords(file, text, out); }));
    file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(file.path, failure));
    return Ok();
  }

  Status PutRecords(const InputFile& file, std::string_view text, std::ostream& out) const {
    LEAT_ASSIGN(const data::JsonPath::Outcome outcome,
                path_.Each(text, [&](const data::JsonPath::Chain& chain) -> Status {
                  if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
                  WriteRecord(chain.back(), out);
                  return Ok();
                }));
    if (outcome == data::JsonPath::Outcome::kMalformed) return Malformed(file, text);
    if (outcome == data::JsonPath::Outcome::kAbsent) {
      return MakeError("SRC-222", ErrorKind::kData, "table {}: {} has nothing at {}", name_, file.origin, path_.text())
          .WithHint("is it another kind of document? Else say where the records stand: `records:`");
    }
    return Ok();
  }

  Error Malformed(const InputFile& file, std::string_view text) const {
    data::JsonScanner scanner(text);
    std::string_view whole;
    const bool several = scanner.TakeSoundValue(whole);
    scanner.SkipSpace();
    const size_t at = std::min(scanner.at(), text.size());
    const TextPlace place = PlaceOf(text, at);
    const bool ended = !several && at == text.size();
    return MakeError("SRC-221", ErrorKind::kData, "table {}: {}:{}:{}: {}", name_, file.origin, place.line,
                     place.column,
                     several ? "more text stands behind the document"
                     : ended ? "the document is cut off"
                             : "no JSON")
        .WithHint(several ? "files with one object a line are read by type: jsonl"
                          : "have the file mended, or leave such files out: on_bad_file: skip");
  }

  data::JsonPath path_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  auto source = std::make_unique<JsonSource>(connection, table, table_name, context);
  LEAT_TRY(source->Init());
  return std::unique_ptr<component::Source>(std::move(source));
}

std::vector<config::FieldSpec> ReaderFields() {
  std::vector<config::FieldSpec> fields = component::JsonReaderFields();
  fields.push_back(config::TextField("records",
                                     "Where the records stand in a document: a path of names and indexes; `[*]` means "
                                     "every item. A list is its items.",
                                     "$", "$.data.items"));
  return fields;
}

}  // namespace
}  // namespace leat::components::json

leat::component::Spec leat_source_json_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "json";
  spec.summary = "JSON documents: the records of a list somewhere in them, single files, by pattern, packed.";
  spec.description =
      "Reads files of one JSON document each. The records are what `records` means in it: by default the document, or its "
      "items where\n"
      "it is a list. Their members become columns; numbers keep all their digits (decimals arrive as DECIMAL), objects "
      "and lists become\n"
      "structs and lists. A record that is no object is kept as a rejected row with its number; a document that is cut "
      "off or no JSON is\n"
      "a bad file (`on_bad_file`).";
  spec.examples = {"connections:\n  exports: { type: json, path: inbound }\n",
                   "source: exports\nconnection: exports\ntables:\n  - name: orders\n    files: orders_*.json\n"
                   "    records: $.data.orders\n"};
  spec.connection_fields = component::FileConnectionFields(components::json::ReaderFields());
  spec.fields = component::FileTableFields(components::json::ReaderFields());
  spec.source.files = true;
  spec.make_source = &components::json::Make;
  return spec;
}
