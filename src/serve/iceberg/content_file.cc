#include "serve/iceberg/content_file.h"

#include <nlohmann/json.hpp>

#include "data/value_json.h"
#include "lake/transform.h"

namespace leat::serve::iceberg {

using nlohmann::json;

namespace {

void AddCounts(json& out, const char* name, const std::map<int, int64_t>& counts, const std::set<int>& fields) {
  json keys = json::array(), values = json::array();
  for (const auto& [id, count] : counts) {
    if (!fields.contains(id)) continue;
    keys.push_back(id);
    values.push_back(count);
  }
  if (!keys.empty()) out[name] = {{"keys", std::move(keys)}, {"values", std::move(values)}};
}

void AddBounds(json& out, const char* name, const std::map<int, std::string>& bounds,
               const lake::TableMetadata& metadata, const std::set<int>& fields) {
  json keys = json::array(), values = json::array();
  for (const auto& [id, bytes] : bounds) {
    const data::Field* field = fields.contains(id) ? metadata.current_schema().FindById(id) : nullptr;
    if (field == nullptr || field->type->is_nested()) continue;
    const auto value = data::DecodeSingleValue(bytes, *field->type);
    json written = value.ok() ? data::ValueToJson(*value, *field->type) : json();
    if (written.is_null()) continue;  // a bound that JSON cannot say is none
    keys.push_back(id);
    values.push_back(std::move(written));
  }
  if (!keys.empty()) out[name] = {{"keys", std::move(keys)}, {"values", std::move(values)}};
}

std::string_view ContentName(lake::FileContent content) {
  switch (content) {
    case lake::FileContent::kData: return "data";
    case lake::FileContent::kPositionDeletes: return "position-deletes";
    case lake::FileContent::kEqualityDeletes: return "equality-deletes";
  }
  return "data";
}

Result<json> PartitionJson(const lake::DataFile& file, const lake::TableMetadata& metadata) {
  json values = json::array();
  const lake::PartitionSpec* spec = metadata.FindSpec(file.spec_id);
  if (spec == nullptr) return values;
  LEAT_ASSIGN(const std::vector<data::TypePtr> types, lake::PartitionTypes(*spec, metadata));
  for (size_t i = 0; i < file.partition.size() && i < types.size(); ++i)
    values.push_back(data::ValueToJson(file.partition[i], *types[i]));
  return values;
}

}  // namespace

Result<json> ContentFileJson(const lake::DataFile& file, const lake::TableMetadata& metadata,
                             const std::set<int>& with_stats) {
  LEAT_ASSIGN(json partition, PartitionJson(file, metadata));
  std::string format = file.format;
  for (char& c : format) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  json out = {{"content", ContentName(file.content)},
              {"file-path", file.path},
              {"file-format", format},
              {"spec-id", file.spec_id},
              {"partition", std::move(partition)},
              {"file-size-in-bytes", file.size_bytes},
              {"record-count", file.record_count}};
  if (!file.split_offsets.empty()) out["split-offsets"] = file.split_offsets;
  if (file.sort_order_id) out["sort-order-id"] = *file.sort_order_id;
  if (file.content == lake::FileContent::kEqualityDeletes) out["equality-ids"] = file.equality_ids;
  if (file.content == lake::FileContent::kPositionDeletes) {
    if (file.referenced_data_file) out["referenced-data-file"] = *file.referenced_data_file;
    if (file.content_offset) out["content-offset"] = *file.content_offset;
    if (file.content_size_bytes) out["content-size-in-bytes"] = *file.content_size_bytes;
  }
  if (file.content != lake::FileContent::kData) return out;
  if (file.first_row_id) out["first-row-id"] = *file.first_row_id;
  AddCounts(out, "column-sizes", file.column_sizes, with_stats);
  AddCounts(out, "value-counts", file.value_counts, with_stats);
  AddCounts(out, "null-value-counts", file.null_counts, with_stats);
  AddCounts(out, "nan-value-counts", file.nan_counts, with_stats);
  AddBounds(out, "lower-bounds", file.lower_bounds, metadata, with_stats);
  AddBounds(out, "upper-bounds", file.upper_bounds, metadata, with_stats);
  return out;
}

}  // namespace leat::serve::iceberg
