#include "component/typed_files.h"

#include <algorithm>
#include <utility>

#include "data/type_join.h"

namespace leat::component {
namespace {

const SourceColumn* Find(const std::vector<SourceColumn>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const SourceColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<InputFile>> TypedFileSource::Prepare(const std::vector<InputFile>& files) {
  LEAT_ASSIGN(prepared_, PrepareFiles(files, ""));
  if (SkipsBadFiles(connection_, table_)) {
    for (const InputFile& file : prepared_) {
      if (verified_.contains(file.path)) continue;
      LEAT_TRY(Verify(file));
      verified_.insert(file.path);
    }
  }
  return prepared_;
}

Result<SourceTable> TypedFileSource::Discover() {
  LEAT_TRY(PrepareAll());
  SourceTable found;
  found.name = name_;
  JoinedColumns joined;
  for (const InputFile& file : prepared_) LEAT_TRY(Join(file, joined.columns, nullptr, joined));
  found.columns = std::move(joined.columns);
  return found;
}

Result<std::vector<SourceColumn>> TypedFileSource::FindAdded(const ReadRequest& request) {
  LEAT_ASSIGN(JoinedColumns joined, JoinAll(request));
  std::erase_if(joined.columns,
                [&](const SourceColumn& column) { return Find(request.table.columns, column.name) != nullptr; });
  return std::move(joined.columns);
}

Result<std::vector<ObservedInput>> TypedFileSource::Observe(const ReadRequest& request, const ObserveWish& wish) {
  LEAT_ASSIGN(const JoinedColumns joined, JoinAll(request));
  std::vector<ObservedInput> inputs;
  if (!wish.each_file || request.files.empty()) {
    inputs.emplace_back().columns = joined.columns;
    return inputs;
  }
  for (size_t i = 0; i < request.files.size(); ++i) {
    ObservedInput& input = inputs.emplace_back();
    input.files = {i};
    LEAT_ASSIGN(const std::vector<SourceColumn> own, ColumnsOf(request.files[i], request.table.columns));
    for (const SourceColumn& column : joined.columns) {
      if (Find(own, column.name) != nullptr) input.columns.push_back(column);
    }
  }
  return inputs;
}

Result<std::unique_ptr<ArrowStream>> TypedFileSource::OpenStream(const ReadRequest& request) {
  LEAT_ASSIGN(auto streams, OpenStreams(request, 1));
  return std::move(streams[0]);
}

int64_t TypedFileSource::StreamCount(const ReadRequest& request, int most) {
  constexpr int64_t kBytesPerStream = 1 << 20;
  int64_t bytes = 0;
  for (const InputFile& file : request.files) bytes += file.size_bytes;
  return std::min<int64_t>(most, 1 + bytes / kBytesPerStream);
}

Result<TypedFileSource::JoinedColumns> TypedFileSource::JoinAll(const ReadRequest& request) {
  JoinedColumns joined;
  for (const InputFile& file : request.files) LEAT_TRY(Join(file, request.table.columns, &request, joined));
  return joined;
}

/// Adds what a file has. Types without a common one: SRC-225; of a table's column (`request`) the one that is news stands, and
/// what becomes of it is the table's policy.
Status TypedFileSource::Join(const InputFile& file, const std::vector<SourceColumn>& known, const ReadRequest* request,
                             JoinedColumns& joined) {
  LEAT_ASSIGN(const std::vector<SourceColumn> own, ColumnsOf(file, known));
  for (const SourceColumn& one : own) {
    const auto found = std::find_if(joined.columns.begin(), joined.columns.end(),
                                    [&](const SourceColumn& column) { return column.name == one.name; });
    if (found == joined.columns.end()) {
      joined.columns.push_back(one);
      joined.origins.push_back(file.origin);
      continue;
    }
    const data::TypePtr both = data::JoinTypes(found->type, one.type, true);
    const SourceColumn* const column = request == nullptr ? nullptr : Find(request->table.columns, one.name);
    if (both != nullptr) {
      found->type = both;
    } else if (column != nullptr) {
      if (data::TypeName(*found->type) == data::TypeName(*column->type)) found->type = one.type;
    } else {
      const std::string& other = joined.origins[static_cast<size_t>(found - joined.columns.begin())];
      return MakeError("SRC-225", ErrorKind::kData, "table {}: the column {} is {} in {} and {} in {}", name_, one.name,
                       data::TypeName(*found->type), other, data::TypeName(*one.type), file.origin)
          .WithHint("have one of them written anew, or load them as two tables with patterns of their own");
    }
  }
  return Ok();
}

}  // namespace leat::component
