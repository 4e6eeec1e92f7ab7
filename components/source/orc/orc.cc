#include "component/spec.h"
#include "component/typed_files.h"
#include "components/source/orc/orc_stream.h"
#include "components/source/orc/orc_type.h"

namespace leat::components::orc {
namespace {

using component::InputFile;
using component::SourceColumn;

/// ORC files bring their types.
class OrcSource : public component::TypedFileSource {
 public:
  OrcSource(const config::Values& connection, const config::Values& table, std::string name,
            component::SourceContext context)
      : TypedFileSource(connection, table, std::move(name), std::move(context)) {}

  Result<std::vector<std::unique_ptr<component::ArrowStream>>> OpenStreams(const component::ReadRequest& request,
                                                                           int count) override {
    const auto stripes = std::make_shared<OrcStripes>(name_, request.table.columns, request.files, context_.cancel);
    std::vector<std::unique_ptr<component::ArrowStream>> streams;
    for (int64_t i = 0; i < StreamCount(request, count); ++i) {
      LEAT_ASSIGN(streams.emplace_back(), OrcStream::Make(stripes));
    }
    return streams;
  }

 private:
  Result<std::vector<SourceColumn>> ColumnsOf(const InputFile& file, const std::vector<SourceColumn>& known) override {
    LEAT_ASSIGN(const auto input, OpenInput(name_, file, known));
    std::vector<SourceColumn> columns;
    for (size_t i = 0; i < input->names.size(); ++i)
      columns.push_back({input->names[i], LakeType(*input->types[i]), ""});
    return columns;
  }

  Status Verify(const InputFile& file) override {
    OrcStripes stripes(name_, {}, {file}, context_.cancel);
    std::vector<OrcValue> values;
    while (true) {
      LEAT_ASSIGN(const auto rows, stripes.Next());
      if (rows == nullptr) return Ok();
      while (true) {
        LEAT_ASSIGN(const bool more, rows->Next(values));
        if (!more) break;
      }
    }
  }
};

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<OrcSource>(connection, table, table_name, context));
}

}  // namespace
}  // namespace leat::components::orc

leat::component::Spec leat_source_orc_spec() {
  using namespace leat;
  component::Spec spec;
  spec.kind = "source";
  spec.name = "orc";
  spec.summary = "ORC files: single files, by pattern.";
  spec.description =
      "Reads ORC files with the types of their columns, stripe by stripe, in several threads; not packed, or with\n"
      "zlib, snappy or zstd. Columns are matched by name over all files; narrow types widen where nothing is lost.\n"
      "Structs, lists and maps stay what they are, a union is JSON text. A value that its column cannot hold exactly\n"
      "rejects its row; a damaged file is an error with stripe, row, column and byte (`on_bad_file`). Files of\n"
      "transactional tables of Hive, encrypted columns, lzo, lz4 and brotli are not read.";
  spec.examples = {"connections:\n  events: { type: orc, path: inbound }\n",
                   "source: events\nconnection: events\ntables:\n  - name: clicks\n    files: clicks_*.orc\n"};
  spec.connection_fields = component::FileConnectionFields({});
  spec.fields = component::FileTableFields({});
  spec.source.files = true;
  spec.make_source = &components::orc::Make;
  return spec;
}
