#include "sql/transform_sql.h"

#include <fmt/format.h>

#include <cstring>

#include "data/int128.h"

namespace leat::sql {
namespace {

using data::TypeId;

uint32_t Rotate(uint32_t x, int by) { return (x << by) | (x >> (32 - by)); }

/// Murmur3, x86 variant, 32 bits, seed 0.
int32_t Murmur3(std::string_view bytes) {
  constexpr uint32_t kC1 = 0xcc9e2d51;
  constexpr uint32_t kC2 = 0x1b873593;
  auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])); };
  uint32_t hash = 0;
  size_t blocks = bytes.size() / 4;
  for (size_t i = 0; i < blocks; ++i) {
    uint32_t k = byte(4 * i) | byte(4 * i + 1) << 8 | byte(4 * i + 2) << 16 | byte(4 * i + 3) << 24;
    hash ^= Rotate(k * kC1, 15) * kC2;
    hash = Rotate(hash, 13) * 5 + 0xe6546b64;
  }
  uint32_t tail = 0;
  for (size_t i = bytes.size(); i > 4 * blocks; --i) tail = tail << 8 | byte(i - 1);
  hash ^= Rotate(tail * kC1, 15) * kC2;
  hash ^= static_cast<uint32_t>(bytes.size());
  hash ^= hash >> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >> 13;
  hash *= 0xc2b2ae35;
  hash ^= hash >> 16;
  return static_cast<int32_t>(hash);
}

/// Bytes of row `row` of the argument, as they are hashed.
using BytesOf = std::string (*)(void* data, idx_t row);

std::string LongBytes(void* data, idx_t row) {
  auto value = static_cast<uint64_t>(static_cast<int64_t*>(data)[row]);
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(static_cast<unsigned char>(value >> (8 * i)));
  return bytes;
}

std::string BlobBytes(void* data, idx_t row) {
  auto* value = &static_cast<duckdb_string_t*>(data)[row];
  return {duckdb_string_t_data(value), duckdb_string_t_length(*value)};
}

std::string DecimalBytes(void* data, idx_t row) {
  const auto& value = static_cast<duckdb_hugeint*>(data)[row];
  return data::BigEndianMinimal({value.upper, value.lower});
}

template <BytesOf kBytesOf>
void Hash(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector argument = duckdb_data_chunk_get_vector(input, 0);
  uint64_t* validity = duckdb_vector_get_validity(argument);
  void* data = duckdb_vector_get_data(argument);
  auto* results = static_cast<int32_t*>(duckdb_vector_get_data(output));
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (validity != nullptr && !duckdb_validity_row_is_valid(validity, row)) {
      duckdb_vector_ensure_validity_writable(output);
      duckdb_validity_set_row_invalid(duckdb_vector_get_validity(output), row);
    } else {
      results[row] = Murmur3(kBytesOf(data, row));
    }
  }
}

Status Register(duckdb_connection connection, const char* name, duckdb_type argument, duckdb_scalar_function_t body) {
  ScalarFunction function(duckdb_create_scalar_function());
  LogicalType type(duckdb_create_logical_type(argument));
  LogicalType result(duckdb_create_logical_type(DUCKDB_TYPE_INTEGER));
  duckdb_scalar_function_set_name(function.get(), name);
  duckdb_scalar_function_add_parameter(function.get(), type.get());
  duckdb_scalar_function_set_return_type(function.get(), result.get());
  duckdb_scalar_function_set_function(function.get(), body);
  if (duckdb_register_scalar_function(connection, function.get()) != DuckDBSuccess)
    return MakeError("SQL-207", ErrorKind::kInternal, "the function {} cannot be registered", name);
  return Ok();
}

Error DoesNotFit(const data::Type& source) {
  return MakeError("SQL-505", ErrorKind::kUnsupported, "this partition transform does not fit type {}",
                   data::TypeName(source))
      .WithHint(
          "identity fits all simple types; year to hour fit dates and timestamps; truncate fits numbers and text");
}

/// x - (x mod width), the modulus never negative.
std::string RoundDown(const std::string& x, const std::string& width) {
  return fmt::format("({0} - (({0} % {1}) + {1}) % {1})", x, width);
}

std::string Micros(const data::Type& source, const std::string& e) {
  bool nanos = source.id == TypeId::kTimestampNs || source.id == TypeId::kTimestampTzNs;
  return nanos ? fmt::format("({} // 1000)", RoundDown("epoch_ns(" + e + ")", "1000")) : "epoch_us(" + e + ")";
}

/// The same time in whole microseconds, earlier where it must be: a cast to DATE rounds nanoseconds up (DuckDB 1.5.5).
std::string Whole(const data::Type& source, const std::string& e) {
  bool nanos = source.id == TypeId::kTimestampNs || source.id == TypeId::kTimestampTzNs;
  return nanos ? "make_timestamp(" + Micros(source, e) + ")" : e;
}

Result<std::string> Unscaled(const data::Type& source, const std::string& e) {
  // The digits without the point: exact for every precision, where multiplying would overflow.
  if (source.scale == 0) return fmt::format("CAST({} AS HUGEINT)", e);
  return fmt::format("CAST(replace(CAST({} AS VARCHAR), '.', '') AS HUGEINT)", e);
}

Result<std::string> BucketSql(int buckets, const data::Type& source, const std::string& e) {
  std::string hash;
  switch (source.id) {
    case TypeId::kInt:
    case TypeId::kLong: hash = "leat_hash_long(CAST(" + e + " AS BIGINT))"; break;
    case TypeId::kDate: hash = "leat_hash_long(CAST(" + e + " - DATE '1970-01-01' AS BIGINT))"; break;
    case TypeId::kTime: hash = "leat_hash_long(epoch_us(" + e + "))"; break;
    case TypeId::kTimestamp:
    case TypeId::kTimestampTz:
    case TypeId::kTimestampNs:
    case TypeId::kTimestampTzNs: hash = "leat_hash_long(" + Micros(source, e) + ")"; break;
    case TypeId::kDecimal: {
      LEAT_ASSIGN(std::string unscaled, Unscaled(source, e));
      hash = "leat_hash_decimal(" + unscaled + ")";
      break;
    }
    case TypeId::kString: hash = "leat_hash_bytes(encode(" + e + "))"; break;
    case TypeId::kUuid: hash = "leat_hash_bytes(unhex(replace(CAST(" + e + " AS VARCHAR), '-', '')))"; break;
    case TypeId::kFixed:
    case TypeId::kBinary: hash = "leat_hash_bytes(" + e + ")"; break;
    default: return DoesNotFit(source);
  }
  return fmt::format("(({} & 2147483647) % {})", hash, buckets);
}

Result<std::string> TruncateSql(int width, const data::Type& source, const std::string& e) {
  switch (source.id) {
    case TypeId::kInt:
    case TypeId::kLong:
      return fmt::format("CAST({} AS {})", RoundDown("CAST(" + e + " AS HUGEINT)", std::to_string(width)),
                         data::DuckDbTypeName(source));
    case TypeId::kDecimal: {
      std::string step = data::DecimalText(data::FromInt64(width), source.scale);
      return fmt::format("CAST({} AS {})",
                         RoundDown(e, fmt::format("CAST('{}' AS {})", step, data::DuckDbTypeName(source))),
                         data::DuckDbTypeName(source));
    }
    case TypeId::kString: return fmt::format("left({}, {})", e, width);
    case TypeId::kBinary: return fmt::format("({})[1:{}]", e, width);
    default: return DoesNotFit(source);
  }
}

}  // namespace

Result<std::string> TransformSql(const lake::Transform& transform, const data::Type& source, const std::string& e) {
  bool stamp = source.id == TypeId::kTimestamp || source.id == TypeId::kTimestampTz ||
               source.id == TypeId::kTimestampNs || source.id == TypeId::kTimestampTzNs;
  bool dated = stamp || source.id == TypeId::kDate;
  switch (transform.kind) {
    case lake::TransformKind::kIdentity:
      if (source.is_nested()) return DoesNotFit(source);
      return e;
    case lake::TransformKind::kBucket: return BucketSql(transform.width, source, e);
    case lake::TransformKind::kTruncate: return TruncateSql(transform.width, source, e);
    case lake::TransformKind::kYear:
      if (!dated) return DoesNotFit(source);
      return fmt::format("CAST(year({}) - 1970 AS INTEGER)", Whole(source, e));
    case lake::TransformKind::kMonth:
      if (!dated) return DoesNotFit(source);
      return fmt::format("CAST((year({0}) - 1970) * 12 + month({0}) - 1 AS INTEGER)", Whole(source, e));
    case lake::TransformKind::kDay:
      if (!dated) return DoesNotFit(source);
      return fmt::format("CAST({} AS DATE)", Whole(source, e));
    case lake::TransformKind::kHour:
      if (!stamp) return DoesNotFit(source);
      return fmt::format("CAST({} // 3600000000 AS INTEGER)", RoundDown(Micros(source, e), "3600000000"));
    case lake::TransformKind::kVoid: return std::string("CAST(NULL AS INTEGER)");
  }
  return DoesNotFit(source);
}

Status RegisterBucketFunctions(duckdb_connection connection) {
  LEAT_TRY(Register(connection, "leat_hash_long", DUCKDB_TYPE_BIGINT, Hash<LongBytes>));
  LEAT_TRY(Register(connection, "leat_hash_bytes", DUCKDB_TYPE_BLOB, Hash<BlobBytes>));
  return Register(connection, "leat_hash_decimal", DUCKDB_TYPE_HUGEINT, Hash<DecimalBytes>);
}

}  // namespace leat::sql
