#include "sql/copy_stats.h"

#include <cstdlib>

#include "io/file_system.h"
#include "sql/bounds.h"

namespace leat::sql {
namespace {

std::optional<std::string> Text(duckdb_vector vector, idx_t row) {
  uint64_t* validity = duckdb_vector_get_validity(vector);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return std::nullopt;
  auto* value = &static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  return std::string(duckdb_string_t_data(value), duckdb_string_t_length(*value));
}

/// Calls `each(keys, values, position)` for the entries of a MAP; a NULL map has none.
template <typename Each>
void ForEntries(duckdb_vector map, idx_t row, const Each& each) {
  uint64_t* validity = duckdb_vector_get_validity(map);
  if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) return;
  duckdb_list_entry entry = static_cast<duckdb_list_entry*>(duckdb_vector_get_data(map))[row];
  duckdb_vector pairs = duckdb_list_vector_get_child(map);
  duckdb_vector keys = duckdb_struct_vector_get_child(pairs, 0);
  duckdb_vector values = duckdb_struct_vector_get_child(pairs, 1);
  for (idx_t i = entry.offset; i < entry.offset + entry.length; ++i) each(keys, values, i);
}

int64_t Number(duckdb_vector vector, idx_t row) {
  return static_cast<int64_t>(static_cast<uint64_t*>(duckdb_vector_get_data(vector))[row]);
}

/// Leaves that are not below a list or map, with their name in the statistics.
void Leaves(const std::vector<data::Field>& fields, const std::string& prefix,
            std::vector<std::pair<std::string, const data::Field*>>& leaves) {
  for (const auto& field : fields) {
    std::string name = prefix + QuoteName(field.name);
    if (field.type->id == data::TypeId::kStruct) {
      Leaves(field.type->fields, name + ".", leaves);
    } else if (!field.type->is_nested()) {
      leaves.emplace_back(name, &field);
    }
  }
}

}  // namespace

std::vector<CopiedFile> ReadCopiedFiles(QueryResult& result) {
  // Columns: filename, count, file_size_bytes, footer_size_bytes, column_statistics, partition_keys.
  std::vector<CopiedFile> files;
  while (DataChunk chunk{duckdb_fetch_chunk(*result.get())}) {
    auto column = [&](idx_t i) { return duckdb_data_chunk_get_vector(chunk.get(), i); };
    for (idx_t row = 0; row < duckdb_data_chunk_get_size(chunk.get()); ++row) {
      CopiedFile file;
      file.path = Text(column(0), row).value_or("");
      file.rows = Number(column(1), row);
      file.size_bytes = Number(column(2), row);
      ForEntries(column(4), row, [&](duckdb_vector names, duckdb_vector statistics, idx_t i) {
        auto& of_column = file.columns[Text(names, i).value_or("")];
        ForEntries(statistics, i, [&](duckdb_vector keys, duckdb_vector values, idx_t j) {
          if (auto value = Text(values, j)) of_column[Text(keys, j).value_or("")] = *value;
        });
      });
      ForEntries(column(5), row, [&](duckdb_vector keys, duckdb_vector values, idx_t i) {
        file.partition[Text(keys, i).value_or("")] = Text(values, i);
      });
      files.push_back(std::move(file));
    }
  }
  return files;
}

Result<lake::DataFile> DescribeFile(const CopiedFile& file, const data::Schema& schema) {
  lake::DataFile described;
  described.path = io::FileUri(file.path);
  described.record_count = file.rows;
  described.size_bytes = file.size_bytes;
  std::vector<std::pair<std::string, const data::Field*>> leaves;
  Leaves(schema.fields, "", leaves);
  for (const auto& [name, field] : leaves) {
    auto found = file.columns.find(name);
    if (found == file.columns.end()) continue;
    const auto& statistics = found->second;
    auto number = [&](const char* key, std::map<int, int64_t>& into) {
      if (auto value = statistics.find(key); value != statistics.end())
        into[field->id] = std::strtoll(value->second.c_str(), nullptr, 10);
    };
    number("column_size_bytes", described.column_sizes);
    number("num_values", described.value_counts);
    number("null_count", described.null_counts);
    // Only "no NaN at all" is a count; how many there are is not told.
    if (auto nan = statistics.find("has_nan"); nan != statistics.end() && nan->second == "false")
      described.nan_counts[field->id] = 0;
    if (auto minimum = statistics.find("min"); minimum != statistics.end()) {
      LEAT_ASSIGN(std::optional<std::string> bound, LowerBound(minimum->second, *field->type));
      if (bound) described.lower_bounds[field->id] = *bound;
    }
    if (auto maximum = statistics.find("max"); maximum != statistics.end()) {
      LEAT_ASSIGN(std::optional<std::string> bound, UpperBound(maximum->second, *field->type));
      if (bound) described.upper_bounds[field->id] = *bound;
    }
  }
  return described;
}

}  // namespace leat::sql
