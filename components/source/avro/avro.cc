#include <algorithm>
#include <set>

#include "component/file_source.h"
#include "component/observed_input.h"
#include "component/spec.h"
#include "components/source/avro/avro_stream.h"
#include "components/source/avro/avro_type.h"

namespace leat::components::avro {
namespace {

using component::InputFile;
using component::SourceColumn;

/// Columns of several files, joined by name; which file said a type first, for errors.
struct JoinedColumns {
  std::vector<SourceColumn> columns;
  std::vector<std::string> origins;
};

/// Avro container files bring their schema: columns are matched by name over all files.
class AvroSource : public component::FileSource, public component::SchemaObserver {
 public:
  AvroSource(const config::Values& connection, const config::Values& table, std::string name,
             component::SourceContext context)
      : FileSource(connection, table, std::move(name), std::move(context)) {}

  Result<std::vector<InputFile>> Prepare(const std::vector<InputFile>& files) override {
    LEAT_ASSIGN(prepared_, PrepareFiles(files, ""));
    // Where damaged files are left out they must be known before the first row is taken.
    if (component::SkipsBadFiles(connection_, table_)) {
      for (const InputFile& file : prepared_) {
        if (verified_.contains(file.path)) continue;
        LEAT_TRY(VerifyFile(name_, file, context_.cancel));
        verified_.insert(file.path);
      }
    }
    return prepared_;
  }

  Result<component::SourceTable> Discover() override {
    LEAT_TRY(PrepareAll());
    component::SourceTable found;
    found.name = name_;
    JoinedColumns joined;
    for (const InputFile& file : prepared_) LEAT_TRY(Join(file, joined.columns, nullptr, joined));
    found.columns = std::move(joined.columns);
    return found;
  }

  Result<std::vector<SourceColumn>> FindAdded(const component::ReadRequest& request) override {
    LEAT_ASSIGN(JoinedColumns joined, JoinAll(request));
    std::erase_if(joined.columns, [&](const SourceColumn& column) { return Find(request, column.name) != nullptr; });
    return std::move(joined.columns);
  }

  Result<std::vector<component::ObservedInput>> Observe(const component::ReadRequest& request,
                                                        const component::ObserveWish& wish) override {
    LEAT_ASSIGN(const JoinedColumns joined, JoinAll(request));
    std::vector<component::ObservedInput> inputs;
    if (!wish.each_file || request.files.empty()) {
      inputs.emplace_back().columns = joined.columns;
      return inputs;
    }
    for (size_t i = 0; i < request.files.size(); ++i) {
      component::ObservedInput& input = inputs.emplace_back();
      input.files = {i};
      LEAT_ASSIGN(const auto file, OpenInput(name_, request.files[i], request.table.columns));
      for (const SourceColumn& column : joined.columns) {
        if (std::find(file->names.begin(), file->names.end(), column.name) != file->names.end())
          input.columns.push_back(column);
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
    constexpr int64_t kBytesPerStream = 1 << 20;
    int64_t bytes = 0;
    for (const InputFile& file : request.files) bytes += file.size_bytes;
    const auto blocks = std::make_shared<AvroBlocks>(name_, request.table.columns, request.files, context_.cancel);
    std::vector<std::unique_ptr<component::ArrowStream>> streams;
    for (int64_t i = 0; i < std::min<int64_t>(count, 1 + bytes / kBytesPerStream); ++i) {
      LEAT_ASSIGN(streams.emplace_back(), AvroStream::Make(blocks));
    }
    return streams;
  }

 private:
  static const SourceColumn* Find(const component::ReadRequest& request, const std::string& name) {
    for (const SourceColumn& column : request.table.columns) {
      if (column.name == name) return &column;
    }
    return nullptr;
  }

  Result<JoinedColumns> JoinAll(const component::ReadRequest& request) {
    JoinedColumns joined;
    for (const InputFile& file : request.files) LEAT_TRY(Join(file, request.table.columns, &request, joined));
    return joined;
  }

  /// Adds what a file has. Types without a common one: SRC-225; of a table's column (`request`) the one that is news
  /// stands, and what becomes of it is the table's policy.
  Status Join(const InputFile& file, const std::vector<SourceColumn>& known, const component::ReadRequest* request,
              JoinedColumns& joined) {
    LEAT_ASSIGN(const auto input, OpenInput(name_, file, known));
    for (size_t i = 0; i < input->fields.size(); ++i) {
      const std::string& name = input->names[i];
      const data::TypePtr type = LakeType(*input->fields[i].schema);
      const auto found = std::find_if(joined.columns.begin(), joined.columns.end(),
                                      [&](const SourceColumn& column) { return column.name == name; });
      if (found == joined.columns.end()) {
        joined.columns.push_back({name, type, ""});
        joined.origins.push_back(file.origin);
        continue;
      }
      const data::TypePtr both = JoinTypes(found->type, type, true);
      const SourceColumn* column = request == nullptr ? nullptr : Find(*request, name);
      if (both != nullptr) {
        found->type = both;
      } else if (column != nullptr) {
        if (data::TypeName(*found->type) == data::TypeName(*column->type)) found->type = type;
      } else {
        const std::string& other = joined.origins[static_cast<size_t>(found - joined.columns.begin())];
        return MakeError("SRC-225", ErrorKind::kData, "table {}: the column {} is {} in {} and {} in {}", name_, name,
                         data::TypeName(*found->type), other, data::TypeName(*type), file.origin)
            .WithHint("have one of them written anew, or load them as two tables with patterns of their own");
      }
    }
    return Ok();
  }

  std::set<std::string> verified_;
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
