#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "data/type.h"
#include "data/value.h"
#include "lake/table_metadata.h"

namespace leat::lake {

enum class TransformKind { kIdentity, kBucket, kTruncate, kYear, kMonth, kDay, kHour, kVoid };

/// A partition or sort transform (specification, "Partition Transforms"). `width`: buckets or truncation width.
struct Transform {
  TransformKind kind = TransformKind::kIdentity;
  int width = 0;
};

/// "bucket[16]" and so on. LAKE-103 kUnsupported for another name.
Result<Transform> ParseTransform(std::string_view text);

/// Type of the partition value: bucket, year, month, hour are int, day is date, the others that of the source.
/// LAKE-103 when the transform does not fit the source type.
Result<data::TypePtr> TransformType(const Transform& transform, const data::TypePtr& source);

/// The partition value of one value; NULL stays NULL.
Result<data::Value> ApplyTransform(const Transform& transform, const data::Value& value, const data::Type& source);

/// Types of the fields of `spec`, in order. Source columns are looked up in the current schema, then in older ones (dropped
/// columns); one that is nowhere makes an error (LAKE-101), except under "void".
Result<std::vector<data::TypePtr>> PartitionTypes(const PartitionSpec& spec, const TableMetadata& metadata);
Result<std::vector<data::TypePtr>> PartitionTypes(const PartitionSpec& spec, const data::Schema& schema);

}  // namespace leat::lake
