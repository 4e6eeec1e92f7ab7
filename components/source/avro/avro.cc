#include "component/spec.h"
#include "component/typed_files.h"
#include "components/source/avro/avro_stream.h"
#include "components/source/avro/avro_type.h"

namespace leat::components::avro {
namespace {

using component::InputFile;
using component::SourceColumn;

/// Avro container files bring their schema.
class AvroSource : public component::TypedFileSource {
 public:
  AvroSource(const config::Values& connection, const config::Values& table, std::string name,
             component::SourceContext context)
      : TypedFileSource(connection, table, std::move(name), std::move(context)) {}

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override {
    const auto blocks = std::make_shared<AvroBlocks>(name_, request.table.columns, request.files, context_.cancel);
    std::vector<std::unique_ptr<component::ArrowStream>> streams;
    for (int64_t i = 0; i < StreamCount(request, count); ++i) {
      LEAT_ASSIGN(streams.emplace_back(), AvroStream::Make(blocks));
    }
    return streams;
  }

 private:
  Result<std::vector<SourceColumn>> ColumnsOf(const InputFile& file, const std::vector<SourceColumn>& known) override {
    LEAT_ASSIGN(const auto input, OpenInput(name_, file, known));
    std::vector<SourceColumn> columns;
    for (size_t i = 0; i < input->fields.size(); ++i)
      columns.push_back({input->names[i], LakeType(*input->fields[i].schema), ""});
    return columns;
  }

  Status Verify(const InputFile& file) override { return VerifyFile(name_, file, context_.cancel); }
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<AvroSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::avro

leat::component::Spec leat_source_avro_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "avro";
  spec.summary = "Avro container files: single files, by pattern, packed.";
  spec.description =
      "Reads Avro container files with the types of their schemas, block by block, in several threads,\n"
      "packed with any codec of the specification. Columns are matched by name over all files (or by an\n"
      "alias); narrow types widen where nothing is lost. Records, arrays and maps become structs, lists\n"
      "and maps, a union of different types JSON text. A value that its column cannot hold exactly\n"
      "rejects its row; a damaged file is an error with block and byte (`on_bad_file`).";
  spec.examples = {"connections:\n  events: { type: avro, path: inbound }\n",
                   "source: events\nconnection: events\ntables:\n  - name: clicks\n    files: clicks_*.avro\n"};
  spec.connection_fields = component::FileConnectionFields({});
  spec.fields = component::FileTableFields({});
  spec.source.files = true;
  spec.make_source = &components::avro::Make;
  return spec;
}
