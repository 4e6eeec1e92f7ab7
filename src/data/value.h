#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "data/type.h"

namespace leat::data {

/// A 128-bit two's-complement integer: the unscaled value of a decimal.
struct Int128 {
  int64_t high = 0;
  uint64_t low = 0;
  auto operator<=>(const Int128&) const = default;
};

/// One value of a primitive type, NULL as monostate. int, date: int32 (days since 1970-01-01); long, time, timestamp*:
/// int64 (microseconds, for *_ns nanoseconds); decimal: Int128 unscaled; string, uuid (16 bytes), fixed, binary: bytes.
using Value = std::variant<std::monostate, bool, int32_t, int64_t, float, double, Int128, std::string>;

/// The specification's "Binary single-value serialization", used for bounds in manifests. NULL has none.
std::string EncodeSingleValue(const Value& value, const Type& type);
Result<Value> DecodeSingleValue(std::string_view bytes, const Type& type);

/// Orders two non-null values of one type as Iceberg does (-0.0 below 0.0, bytes unsigned): -1, 0, 1.
int Compare(const Value& a, const Value& b, const Type& type);

/// Readable text ("2026-11-01", "12.50"), for partition paths, messages and tests; NULL is "null".
std::string ToText(const Value& value, const Type& type);

}  // namespace leat::data
