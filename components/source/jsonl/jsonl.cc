#include "component/json_lines.h"
#include "component/spec.h"

namespace leat::components::jsonl {
namespace {

Result<std::unique_ptr<component::Source>> Make(const config::Values& connection, const config::Values& table,
                                                const std::string& table_name,
                                                const component::SourceContext& context) {
  return std::unique_ptr<component::Source>(std::make_unique<component::JsonLinesSource>(
      connection, table, table_name, context, component::JsonRules{"jsonl.malformed"}));
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
      "as DECIMAL), objects and lists become structs and lists. Large files are read by several threads. Lines that are no "
      "object\n"
      "are kept as rejected rows with file and line.";
  spec.examples = {"connections:\n  stations: { type: jsonl, path: inbound }\n",
                   "source: stations\nconnection: stations\ntables:\n  - name: weather\n    files: weather_*.jsonl\n"};
  spec.connection_fields = component::FileConnectionFields(component::JsonReaderFields());
  spec.fields = component::FileTableFields(component::JsonReaderFields());
  spec.source.files = true;
  spec.make_source = &components::jsonl::Make;
  return spec;
}
