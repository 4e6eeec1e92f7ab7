#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "component/record_files.h"
#include "component/spec.h"
#include "component/xml_rules.h"
#include "config/field_builders.h"

namespace leat::components::xml {
namespace {

using component::CellKind;
using component::InputFile;

constexpr size_t kPieceBytes = size_t{1} << 20;

class XmlSource : public component::RecordFileSource {
 public:
  XmlSource(const config::Values& connection, const config::Values& table, std::string name,
            component::SourceContext context)
      : RecordFileSource(connection, table, std::move(name), std::move(context)) {}

  Status Init() {
    LEAT_ASSIGN(rules_,
                component::ReadXmlRules(name_, "record", [this](const std::string& field) -> const config::Values& {
                  return Pick(field);
                }));
    encoding_ = Pick("encoding").Text("encoding");
    return Ok();
  }

 private:
  Result<std::vector<InputFile>> Unpacked(const std::vector<InputFile>& files) override {
    return PrepareFiles(files, encoding_);
  }

  Status WriteRecords(const InputFile& file, component::RecordWriter& writer, component::RecordColumns&) override {
    std::ifstream in(file.path, std::ios::binary);
    if (!in) {
      return MakeError("SRC-203", errno == ENOENT ? ErrorKind::kNotFound : ErrorKind::kPermission, "cannot read {}: {}",
                       file.origin, std::strerror(errno));
    }
    Status written;
    data::XmlRecords records(rules_, encoding_.empty() ? "" : "UTF-8", [&](const data::XmlRecords::Record& record) {
      if (written.ok()) written = Put(record, writer);
    });
    std::vector<char> piece(kPieceBytes);
    for (bool last = false; !last;) {
      if (context_.cancel != nullptr) LEAT_TRY(context_.cancel->Check());
      in.read(piece.data(), static_cast<std::streamsize>(piece.size()));
      if (in.bad()) {
        return MakeError("SRC-203", ErrorKind::kEnvironment, "cannot read {}: {}", file.origin, std::strerror(errno));
      }
      const auto size = static_cast<size_t>(in.gcount());
      last = size < piece.size();
      if (const auto fault = records.Feed({piece.data(), size}, last)) {
        return MakeError("SRC-330", ErrorKind::kData, "table {}: {}:{}:{}: {}", name_, file.origin, fault->line,
                         fault->column, fault->what)
            .WithHint("have the file mended, or leave such files out: on_bad_file: skip");
      }
      if (!written.ok()) return std::move(std::move(written).error()).In("table " + name_ + ": " + file.origin);
    }
    if (records.found_place()) return Ok();
    return MakeError("SRC-332", ErrorKind::kData, "table {}: {} has nothing at {}; its elements are: {}", name_,
                     file.origin, rules_.PathText(), records.seen_paths())
        .WithHint("is it another kind of document? Else say where the records stand: `record:`");
  }

  Status Put(const data::XmlRecords::Record& record, component::RecordWriter& writer) {
    cells_.clear();
    for (const data::XmlCell& cell : record.cells) {
      const CellKind kind = cell.kind == data::XmlCell::Kind::kJson ? CellKind::kNested : CellKind::kText;
      cells_.push_back({cell.name, kind, cell.text, cell.kind == data::XmlCell::Kind::kNull});
    }
    if (record.clash.empty()) return writer.Put(cells_);
    return writer.Refuse(
        "xml.two_namespaces", record.clash,
        fmt::format("two namespaces have {} in this record: tell them apart with `namespaces:`", record.clash), cells_);
  }

  data::XmlRecordRules rules_;
  std::string encoding_;
  std::vector<component::RecordCell> cells_;
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  auto source = std::make_unique<XmlSource>(connection, table, table_name, context);
  LEAT_TRY(source->Init());
  return std::unique_ptr<component::Source>(std::move(source));
}

std::vector<config::FieldSpec> ReaderFields() {
  using config::FieldType;
  std::vector<config::FieldSpec> fields;
  fields.push_back(config::TextField(
      "record", "The element that is a record: the names from the root to it; * is any name. Default: all in the root.",
      "/*/*", "/feed/items/item"));
  fields.push_back(config::MakeField("fields", FieldType::kMap,
                                     "Columns from attributes of the elements around a record: ../@date, ../../@id.",
                                     "", "{ day: ../@date }"));
  for (config::FieldSpec& field : component::XmlRuleFields()) fields.push_back(std::move(field));
  fields.push_back(config::TextField(
      "encoding", "Of the files, where they do not say it themselves or say it wrongly: a name that iconv knows.", "",
      "shift_jis"));
  fields.push_back(component::OnNewColumnField("An element or attribute"));
  return fields;
}

}  // namespace
}  // namespace leat::components::xml

leat::component::Spec leat_source_xml_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "xml";
  spec.summary = "XML documents: the elements at a path in them are rows; single files, by pattern, packed.";
  spec.description =
      "Reads files of one XML document each, of any size. The elements that `record` means become rows: attributes are "
      "columns `@name`,\n"
      "child elements columns `name` (their attributes `name@attribute`), typed once from all of their values. Elements in "
      "elements, and\n"
      "those that come several times, are JSON text. A document that is not well-formed is a bad file (`on_bad_file`). "
      "Nothing outside of\n"
      "a document is read, and a document that declares entities is refused.";
  spec.examples = {"connections:\n  feeds: { type: xml, path: inbound }\n",
                   "source: feeds\nconnection: feeds\ntables:\n  - name: items\n    files: feed_*.xml\n"
                   "    record: /feed/items/item\n    lists: tag\n"};
  spec.connection_fields = component::FileConnectionFields(components::xml::ReaderFields());
  spec.fields = component::FileTableFields(components::xml::ReaderFields());
  spec.source.files = true;
  spec.make_source = &components::xml::Make;
  return spec;
}
