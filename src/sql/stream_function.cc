#include "data/owned_arrow.h"
#include "sql/connection.h"
#include "sql/value_text.h"

namespace leat::sql {
namespace {

using ConvertedSchema = Handle<duckdb_arrow_converted_schema, duckdb_destroy_arrow_converted_schema>;
using TableFunction = Handle<duckdb_table_function, duckdb_destroy_table_function>;

using Batch = data::OwnedArrow;

Error BadBatch(const std::string& what) {
  return MakeError("SQL-206", ErrorKind::kData, "an Arrow batch cannot be read: {}", what);
}

/// The batch as a chunk of DuckDB's; values are not copied, the chunk owns the array.
Result<DataChunk> Convert(duckdb_connection connection, Batch& batch) {
  auto check = [](duckdb_error_data raw) -> Status {
    ErrorData error(raw);
    if (!error || !duckdb_error_data_has_error(error.get())) return Ok();
    return BadBatch(duckdb_error_data_message(error.get()));
  };
  ConvertedSchema schema;
  LEAT_TRY(check(duckdb_schema_from_arrow(connection, &batch.schema, schema.out())));
  DataChunk chunk;
  LEAT_TRY(check(duckdb_data_chunk_from_arrow(connection, &batch.array, schema.get(), chunk.out())));
  return chunk;
}

}  // namespace

/// What one stream function reads; its readers are gone when the connection that registered it is.
struct StreamSlot {
  std::mutex mutex;
  duckdb_connection connection = nullptr;
  std::vector<Connection::BatchReader> readers;
  size_t next_reader = 0;  ///< readers before it have got their thread
  DataChunk first;         ///< of the first reader, read when it was registered
  std::vector<std::string> names;
  std::vector<LogicalType> types;
  std::optional<Error> failed;
};

namespace {

using SlotPointer = std::shared_ptr<StreamSlot>;

/// One thread's place: the reader that it is at, and the chunk whose values it gave last.
struct ThreadPlace {
  Connection::BatchReader* reader = nullptr;
  DataChunk chunk;
};

void Bind(duckdb_bind_info info) {
  StreamSlot& slot = **static_cast<SlotPointer*>(duckdb_bind_get_extra_info(info));
  std::lock_guard lock(slot.mutex);
  if (slot.readers.empty()) return duckdb_bind_set_error(info, "the stream of this statement is closed");
  for (size_t i = 0; i < slot.names.size(); ++i)
    duckdb_bind_add_result_column(info, slot.names[i].c_str(), slot.types[i].get());
}

void Init(duckdb_init_info info) {
  StreamSlot& slot = **static_cast<SlotPointer*>(duckdb_init_get_extra_info(info));
  std::lock_guard lock(slot.mutex);
  duckdb_init_set_max_threads(info, std::max<idx_t>(1, slot.readers.size()));
}

void InitThread(duckdb_init_info info) {
  duckdb_init_set_init_data(info, new ThreadPlace, [](void* place) { delete static_cast<ThreadPlace*>(place); });
}

/// The next chunk of this thread, empty at the end.
Result<DataChunk> NextChunk(StreamSlot& slot, ThreadPlace& place) {
  while (true) {
    if (place.reader == nullptr) {
      std::lock_guard lock(slot.mutex);
      if (slot.first) return std::exchange(slot.first, DataChunk());
      if (slot.next_reader >= slot.readers.size()) return DataChunk();
      place.reader = &slot.readers[slot.next_reader++];
    }
    Batch batch;
    LEAT_ASSIGN(bool more, (*place.reader)(&batch.array, &batch.schema));
    if (!more) {
      place.reader = nullptr;
      continue;
    }
    if (batch.array.length == 0) continue;
    if (batch.array.length > static_cast<int64_t>(duckdb_vector_size()))
      return BadBatch(std::to_string(batch.array.length) + " rows in one");
    return Convert(slot.connection, batch);
  }
}

void Read(duckdb_function_info info, duckdb_data_chunk output) {
  StreamSlot& slot = **static_cast<SlotPointer*>(duckdb_function_get_extra_info(info));
  ThreadPlace& place = *static_cast<ThreadPlace*>(duckdb_function_get_local_init_data(info));
  auto chunk = NextChunk(slot, place);
  if (!chunk.ok()) {
    std::lock_guard lock(slot.mutex);
    duckdb_function_set_error(info, chunk.error().message().c_str());
    if (!slot.failed) slot.failed = chunk.error();
    return;
  }
  place.chunk = std::move(*chunk);  // its values live until this thread asks again
  if (!place.chunk) return duckdb_data_chunk_set_size(output, 0);
  for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(place.chunk.get()); ++i) {
    duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(output, i),
                                   duckdb_data_chunk_get_vector(place.chunk.get(), i));
  }
  duckdb_data_chunk_set_size(output, duckdb_data_chunk_get_size(place.chunk.get()));
}

Status Register(duckdb_connection connection, const std::string& name, const SlotPointer& slot) {
  TableFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), name.c_str());
  duckdb_table_function_set_bind(function.get(), Bind);
  duckdb_table_function_set_init(function.get(), Init);
  duckdb_table_function_set_local_init(function.get(), InitThread);
  duckdb_table_function_set_function(function.get(), Read);
  duckdb_table_function_set_extra_info(function.get(), new SlotPointer(slot),
                                       [](void* extra) { delete static_cast<SlotPointer*>(extra); });
  if (duckdb_register_table_function(connection, function.get()) == DuckDBSuccess) return Ok();
  return MakeError("SQL-207", ErrorKind::kInternal, "the table function {} cannot be registered", name);
}

}  // namespace

Result<std::vector<Column>> DuckConnection::RegisterStream(const std::string& name, std::vector<BatchReader> readers) {
  SlotPointer slot;
  bool known = false;
  {
    std::lock_guard lock(instance_->mutex);
    auto& place = instance_->streams[name];
    known = place != nullptr;
    if (!known) place = std::make_shared<StreamSlot>();
    slot = place;
  }
  std::vector<Column> columns;
  {
    std::lock_guard lock(slot->mutex);
    Batch batch;
    LEAT_ASSIGN(bool more, readers.at(0)(&batch.array, &batch.schema));
    if (!more) return BadBatch("a stream without columns");
    slot->names.clear();
    slot->types.clear();
    for (int64_t i = 0; i < batch.schema.n_children; ++i) slot->names.emplace_back(batch.schema.children[i]->name);
    bool rows = batch.array.length > 0;
    LEAT_ASSIGN(DataChunk chunk, Convert(raw_, batch));
    for (idx_t i = 0; i < slot->names.size(); ++i) {
      slot->types.emplace_back(duckdb_vector_get_column_type(duckdb_data_chunk_get_vector(chunk.get(), i)));
      columns.push_back({slot->names[i], LogicalTypeName(slot->types.back().get())});
    }
    slot->first = rows ? std::move(chunk) : DataChunk();
    slot->connection = raw_;
    slot->readers = std::move(readers);
    slot->next_reader = 0;
    slot->failed.reset();
  }
  streams_[name] = slot;
  if (known) return columns;
  Status registered = Register(raw_, name, slot);
  if (registered.ok()) return columns;
  std::lock_guard lock(instance_->mutex);
  instance_->streams.erase(name);
  return std::move(registered).error();
}

std::optional<Error> DuckConnection::TakeStreamError() {
  for (auto& [name, slot] : streams_) {
    std::lock_guard lock(slot->mutex);
    if (slot->failed) return std::exchange(slot->failed, std::nullopt);
  }
  return std::nullopt;
}

void DuckConnection::CloseStreams() {
  for (auto& [name, slot] : streams_) {
    std::lock_guard lock(slot->mutex);
    slot->readers.clear();
    slot->first = DataChunk();
    slot->connection = nullptr;
  }
}

}  // namespace leat::sql
