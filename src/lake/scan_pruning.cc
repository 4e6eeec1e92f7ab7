#include "lake/scan_pruning.h"

#include <algorithm>
#include <cmath>

namespace leat::lake {
namespace {

using data::TypeId;
using data::Value;
using Op = ScanPredicate::Op;

bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }

bool IsFloating(const data::Type& type) { return type.id == TypeId::kFloat || type.id == TypeId::kDouble; }

double AsDouble(const Value& value) {
  if (const auto* narrow = std::get_if<float>(&value)) return static_cast<double>(*narrow);
  if (const auto* wide = std::get_if<double>(&value)) return *wide;
  return std::nan("");
}

// True when Compare may be called with the value.
bool Comparable(const Value& value, const data::Type& type) {
  switch (type.id) {
    case TypeId::kBoolean: return std::holds_alternative<bool>(value);
    case TypeId::kInt:
    case TypeId::kDate:
    case TypeId::kLong:
    case TypeId::kTime:
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs:
      return std::holds_alternative<int32_t>(value) || std::holds_alternative<int64_t>(value);
    case TypeId::kFloat:
    case TypeId::kDouble: return !std::isnan(AsDouble(value));
    case TypeId::kDecimal: return std::holds_alternative<data::Int128>(value);
    case TypeId::kString:
    case TypeId::kFixed:
    case TypeId::kBinary: return std::holds_alternative<std::string>(value);
    // Some writers order the bounds of uuids as signed numbers: they prove nothing.
    default: return false;
  }
}

// As SQL compares: -0.0 equals 0.0.
int Order(const Value& a, const Value& b, const data::Type& type) {
  if (!IsFloating(type)) return data::Compare(a, b, type);
  const double x = AsDouble(a);
  const double y = AsDouble(b);
  return x < y ? -1 : (y < x ? 1 : 0);
}

/// Closed range of the values of a column or partition field; a missing end is unknown.
struct Range {
  std::optional<Value> lower;
  std::optional<Value> upper;
  bool may_have_nan = false;
};

bool MayCompare(Op op, const Value& value, const data::Type& type, const Range& range) {
  if (!Comparable(value, type)) return true;
  const auto order = [&](const std::optional<Value>& end) -> std::optional<int> {
    if (!end || !Comparable(*end, type)) return std::nullopt;
    return Order(value, *end, type);
  };
  const auto to_lower = order(range.lower);
  const auto to_upper = order(range.upper);
  switch (op) {
    case Op::kEqual:
    case Op::kIn: return to_lower.value_or(0) >= 0 && to_upper.value_or(0) <= 0;
    case Op::kLess: return to_lower.value_or(1) > 0;
    case Op::kLessEqual: return to_lower.value_or(0) >= 0;
    case Op::kGreater: return to_upper.value_or(-1) < 0 || range.may_have_nan;
    case Op::kGreaterEqual: return to_upper.value_or(0) <= 0 || range.may_have_nan;
    default: return true;
  }
}

// `test`: whether one value of the predicate may match.
template <typename Test>
bool AnyValue(const ScanPredicate& predicate, const Test& test) {
  return predicate.values.empty() || std::any_of(predicate.values.begin(), predicate.values.end(), test);
}

std::optional<int64_t> Find(const std::map<int, int64_t>& map, int id) {
  const auto it = map.find(id);
  return it == map.end() ? std::nullopt : std::optional(it->second);
}

std::optional<Value> FindBound(const std::map<int, std::string>& map, int id, const data::Type& type) {
  const auto it = map.find(id);
  if (it == map.end()) return std::nullopt;
  auto value = data::DecodeSingleValue(it->second, type);
  return value.ok() ? std::optional(std::move(value).value()) : std::nullopt;
}

std::optional<Value> FindBound(const std::optional<std::string>& bytes, const data::Type& type) {
  if (!bytes) return std::nullopt;
  auto value = data::DecodeSingleValue(*bytes, type);
  return value.ok() ? std::optional(std::move(value).value()) : std::nullopt;
}

bool ColumnMayMatch(const DataFile& file, const ScanPredicate& predicate, const data::Type& type) {
  const auto values = Find(file.value_counts, predicate.field_id);
  const auto nulls = Find(file.null_counts, predicate.field_id);
  const bool all_null = values && nulls && *values == *nulls;
  if (predicate.op == Op::kIsNull) return !nulls || *nulls > 0;
  if (all_null) return false;
  if (predicate.op == Op::kNotNull) return true;
  Range range{FindBound(file.lower_bounds, predicate.field_id, type),
              FindBound(file.upper_bounds, predicate.field_id, type)};
  range.may_have_nan = IsFloating(type) && Find(file.nan_counts, predicate.field_id).value_or(1) > 0;
  return AnyValue(predicate, [&](const Value& value) { return MayCompare(predicate.op, value, type, range); });
}

bool IsCalendar(TransformKind kind) {
  return kind == TransformKind::kYear || kind == TransformKind::kMonth || kind == TransformKind::kDay ||
         kind == TransformKind::kHour;
}

// Whether a partition whose values lie in `range` may hold a row with `column <op> value`.
bool PartitionMayCompare(const ScanPredicate& predicate, const Value& value, const data::Type& source,
                         const Transform& transform, const data::Type& type, const Range& range) {
  if (transform.kind == TransformKind::kIdentity) return MayCompare(predicate.op, value, type, range);
  if (!Comparable(value, source)) return true;
  auto projected = ApplyTransform(transform, value, source);
  if (!projected.ok()) return true;
  const bool equal = predicate.op == Op::kEqual || predicate.op == Op::kIn;
  if (transform.kind == TransformKind::kBucket) {
    return !equal || MayCompare(Op::kEqual, *projected, type, range);
  }
  // Rows with other values of the column fall in the same partition: ends are included.
  const bool less = predicate.op == Op::kLess || predicate.op == Op::kLessEqual;
  const Op op = equal ? Op::kEqual : (less ? Op::kLessEqual : Op::kGreaterEqual);
  if (MayCompare(op, *projected, type, range)) return true;
  // Old writers cut times before 1970 towards zero, one unit too high.
  if (const auto* unit = std::get_if<int32_t>(&*projected);
      unit != nullptr && *unit < 0 && IsCalendar(transform.kind)) {
    return MayCompare(op, Value(*unit + 1), type, range);
  }
  return false;
}

}  // namespace

Result<ScanPruner> ScanPruner::Make(const TableMetadata& metadata, const std::vector<ScanPredicate>& predicates) {
  ScanPruner pruner;
  for (const ScanPredicate& predicate : predicates) {
    const data::Field* field = metadata.current_schema().FindById(predicate.field_id);
    if (field != nullptr && !field->type->is_nested()) pruner.bounds_.push_back({predicate, field->type});
  }
  if (pruner.bounds_.empty()) return pruner;
  for (const PartitionSpec& spec : metadata.specs) {
    LEAT_ASSIGN(const std::vector<data::TypePtr> types, PartitionTypes(spec, metadata));
    Spec out{spec.spec_id, {}};
    for (size_t i = 0; i < spec.fields.size(); ++i) {
      LEAT_ASSIGN(const Transform transform, ParseTransform(spec.fields[i].transform));
      if (transform.kind != TransformKind::kVoid)
        out.fields.push_back({i, spec.fields[i].source_id, transform, types[i]});
    }
    pruner.specs_.push_back(std::move(out));
  }
  return pruner;
}

const ScanPruner::Spec* ScanPruner::FindSpec(int id) const {
  const auto it = std::find_if(specs_.begin(), specs_.end(), [id](const Spec& spec) { return spec.id == id; });
  return it == specs_.end() ? nullptr : &*it;
}

bool ScanPruner::MayMatch(const ManifestFile& manifest) const {
  const Spec* spec = FindSpec(manifest.spec_id);
  if (spec == nullptr) return true;
  for (const Bound& bound : bounds_) {
    for (const SpecField& field : spec->fields) {
      if (field.source_id != bound.predicate.field_id || field.index >= manifest.partitions.size()) continue;
      const PartitionSummary& summary = manifest.partitions[field.index];
      if (bound.predicate.op == Op::kIsNull) {
        if (!summary.contains_null) return false;
        continue;
      }
      Range range{FindBound(summary.lower, *field.type), FindBound(summary.upper, *field.type)};
      range.may_have_nan = IsFloating(*field.type) && summary.contains_nan.value_or(true);
      if (!AnyValue(bound.predicate, [&](const Value& value) {
            return PartitionMayCompare(bound.predicate, value, *bound.type, field.transform, *field.type, range);
          })) {
        return false;
      }
    }
  }
  return true;
}

bool ScanPruner::MayMatch(const DataFile& file) const {
  const Spec* spec = FindSpec(file.spec_id);
  for (const Bound& bound : bounds_) {
    if (!ColumnMayMatch(file, bound.predicate, *bound.type)) return false;
    if (spec == nullptr) continue;
    for (const SpecField& field : spec->fields) {
      if (field.source_id != bound.predicate.field_id || field.index >= file.partition.size()) continue;
      const Value& partition = file.partition[field.index];
      // Transforms give NULL for NULL and only for it.
      if (IsNull(partition) != (bound.predicate.op == Op::kIsNull)) {
        if (IsNull(partition) || bound.predicate.op == Op::kIsNull) return false;
      }
      if (IsNull(partition) || bound.predicate.op == Op::kNotNull) continue;
      Range range{partition, partition};
      range.may_have_nan = IsFloating(*field.type) && std::isnan(AsDouble(partition));
      if (!AnyValue(bound.predicate, [&](const Value& value) {
            return PartitionMayCompare(bound.predicate, value, *bound.type, field.transform, *field.type, range);
          })) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace leat::lake
