#pragma once

#include <string>

#include "data/type.h"
#include "data/value.h"
#include "lake/avro_record.h"
#include "lake/table_metadata.h"

namespace leat::lake {

/// The Avro schemas of manifests and manifest lists with the field ids of the specification, and partition values in Avro.

std::string ManifestSchemaJson(const PartitionSpec& spec, const std::vector<data::TypePtr>& types, int format_version);
std::string ManifestListSchemaJson(int format_version);

/// Appends a partition value, which is always optional. LAKE-113 when `value` is not of `type`.
Status EncodePartitionValue(data::AvroEncoder& out, const data::Value& value, const data::Type& type);
/// Reads one that any writer wrote (null pointer: NULL).
Result<data::Value> DecodePartitionValue(const data::AvroValue* value, const data::Type& type);

}  // namespace leat::lake
