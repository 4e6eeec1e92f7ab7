#include "sql/connection.h"
#include "sql/sql_error.h"

namespace leat::sql {
namespace {

std::string TextAt(duckdb_data_chunk input, idx_t column, idx_t row) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, column);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return "";
  auto* value = &static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  return {duckdb_string_t_data(value), duckdb_string_t_length(*value)};
}

int64_t NumberAt(duckdb_data_chunk input, idx_t column, idx_t row) {
  duckdb_vector vector = duckdb_data_chunk_get_vector(input, column);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return 0;
  return static_cast<int64_t*>(duckdb_vector_get_data(vector))[row];
}

void Reject(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  auto& slot = **static_cast<std::shared_ptr<RejecterSlot>*>(duckdb_scalar_function_get_extra_info(info));
  auto* results = static_cast<bool*>(duckdb_vector_get_data(output));
  idx_t count = duckdb_data_chunk_get_size(input);
  std::lock_guard lock(slot.mutex);
  for (idx_t row = 0; row < count; ++row) {
    results[row] = false;
    if (!slot.take || slot.failed) {
      duckdb_scalar_function_set_error(info, "the rejecter of this statement is closed");
      return;
    }
    Status taken =
        slot.take({TextAt(input, 0, row), TextAt(input, 1, row), NumberAt(input, 2, row), TextAt(input, 3, row)});
    if (!taken.ok()) {
      slot.failed = std::make_unique<Error>(taken.error());
      duckdb_scalar_function_set_error(info, taken.error().message().c_str());
      return;
    }
  }
}

}  // namespace

Status DuckConnection::RegisterRejecter(const std::string& name, std::function<Status(const Rejected&)> take) {
  std::shared_ptr<RejecterSlot> slot;
  bool known = false;
  {
    std::lock_guard lock(instance_->mutex);
    auto& place = instance_->rejecters[name];
    known = place != nullptr;
    if (!known) place = std::make_shared<RejecterSlot>();
    slot = place;
  }
  {
    std::lock_guard lock(slot->mutex);
    slot->take = std::move(take);
    slot->failed.reset();
  }
  slots_[name] = slot;
  if (known) return Ok();

  ScalarFunction function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), name.c_str());
  LogicalType text(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  LogicalType number(duckdb_create_logical_type(DUCKDB_TYPE_BIGINT));
  LogicalType boolean(duckdb_create_logical_type(DUCKDB_TYPE_BOOLEAN));
  for (duckdb_logical_type type : {text.get(), text.get(), number.get(), text.get()})
    duckdb_scalar_function_add_parameter(function.get(), type);
  duckdb_scalar_function_set_return_type(function.get(), boolean.get());
  duckdb_scalar_function_set_special_handling(function.get());  // NULL arguments reach us
  duckdb_scalar_function_set_volatile(function.get());          // neither folded nor evaluated once for equal rows
  duckdb_scalar_function_set_function(function.get(), Reject);
  duckdb_scalar_function_set_extra_info(function.get(), new std::shared_ptr<RejecterSlot>(slot),
                                        [](void* extra) { delete static_cast<std::shared_ptr<RejecterSlot>*>(extra); });
  if (duckdb_register_scalar_function(raw_, function.get()) != DuckDBSuccess) {
    std::lock_guard lock(instance_->mutex);
    instance_->rejecters.erase(name);
    return MakeError("SQL-207", ErrorKind::kInternal, "the function {} cannot be registered", name);
  }
  return Ok();
}

}  // namespace leat::sql
