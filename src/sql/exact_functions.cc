#include "sql/exact_functions.h"

#include <string>
#include <vector>

#include "data/exact_text.h"
#include "data/parquet_value.h"
#include "sql/handle.h"

namespace leat::sql {
namespace {

struct TextColumn {
  duckdb_string_t* values;
  uint64_t* validity;

  TextColumn(duckdb_data_chunk input, idx_t column) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(input, column);
    values = static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector));
    validity = duckdb_vector_get_validity(vector);
  }
  bool IsNull(idx_t row) const { return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0; }
  std::string_view At(idx_t row) const {
    return {duckdb_string_t_data(&values[row]), duckdb_string_t_length(values[row])};
  }
};

/// Calls `parse(text, value)` for each row; false or NULL in gives NULL.
template <typename T, typename Parse>
void Each(duckdb_data_chunk input, duckdb_vector output, const Parse& parse) {
  TextColumn text(input, 0);
  auto* values = static_cast<T*>(duckdb_vector_get_data(output));
  uint64_t* nulls = nullptr;
  idx_t count = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < count; ++row) {
    if (!text.IsNull(row) && parse(text.At(row), values[row])) continue;
    if (nulls == nullptr) {
      duckdb_vector_ensure_validity_writable(output);
      nulls = duckdb_vector_get_validity(output);
    }
    nulls[row / 64] &= ~(uint64_t{1} << (row % 64));
  }
}

template <typename T, bool (*kParse)(std::string_view, T&)>
void Cast(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  Each<T>(input, output, [](std::string_view text, T& value) { return kParse(text, value); });
}

/// The second parameter: the same for all rows.
int32_t Precision(duckdb_data_chunk input) {
  return *static_cast<int32_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 1)));
}

int Scale(duckdb_function_info info) {
  return static_cast<int>(reinterpret_cast<intptr_t>(duckdb_scalar_function_get_extra_info(info)));
}

void CastDecimal18(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  int scale = Scale(info);
  int precision = Precision(input);
  Each<int64_t>(input, output, [&](std::string_view text, int64_t& value) {
    return data::ParseExactDecimal(text, precision, scale, value);
  });
}

void CastDecimal38(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  int scale = Scale(info);
  int precision = Precision(input);
  Each<duckdb_hugeint>(input, output, [&](std::string_view text, duckdb_hugeint& value) {
    data::Int128 number;
    if (!data::ParseExactDecimal(text, precision, scale, number)) return false;
    value.lower = number.low;
    value.upper = number.high;
    return true;
  });
}

void TextFacts(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  Each<int64_t>(input, output, [](std::string_view text, int64_t& value) {
    data::TextFacts facts = data::FactsOf(text);
    value = facts.types | int64_t{facts.scale} << 8 | int64_t{facts.digits} << 32;
    return true;
  });
}

/// As Each, with text out: `make(bytes, text)`.
template <typename Make>
void EachText(duckdb_data_chunk input, duckdb_vector output, const Make& make) {
  const TextColumn bytes(input, 0);
  duckdb_vector_ensure_validity_writable(output);
  uint64_t* const nulls = duckdb_vector_get_validity(output);
  std::string text;
  for (idx_t row = 0; row < duckdb_data_chunk_get_size(input); ++row) {
    if (!bytes.IsNull(row) && make(bytes.At(row), text)) {
      duckdb_vector_assign_string_element_len(output, row, text.data(), text.size());
    } else {
      nulls[row / 64] &= ~(uint64_t{1} << (row % 64));
    }
  }
}

void Int96Texts(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  EachText(input, output, [](std::string_view bytes, std::string& text) {
    text = data::Int96Text(bytes);
    return true;
  });
}

void LongDecimals(duckdb_function_info, duckdb_data_chunk input, duckdb_vector output) {
  const int scale = Precision(input);
  EachText(input, output,
           [&](std::string_view bytes, std::string& text) { return data::LongDecimalText(bytes, scale, text); });
}

Status Register(duckdb_connection connection, const std::string& name, const std::vector<duckdb_type>& parameters,
                duckdb_logical_type result, duckdb_scalar_function_t body, int extra = 0) {
  ScalarFunction function(duckdb_create_scalar_function());
  duckdb_scalar_function_set_name(function.get(), name.c_str());
  for (duckdb_type parameter : parameters) {
    LogicalType type(duckdb_create_logical_type(parameter));
    duckdb_scalar_function_add_parameter(function.get(), type.get());
  }
  duckdb_scalar_function_set_return_type(function.get(), result);
  duckdb_scalar_function_set_special_handling(function.get());
  duckdb_scalar_function_set_volatile(function.get());
  // NOLINTNEXTLINE(performance-no-int-to-ptr): a number is all that is kept
  duckdb_scalar_function_set_extra_info(function.get(), reinterpret_cast<void*>(static_cast<intptr_t>(extra)), nullptr);
  duckdb_scalar_function_set_function(function.get(), body);
  if (duckdb_register_scalar_function(connection, function.get()) == DuckDBSuccess) return Ok();
  return MakeError("SQL-207", ErrorKind::kInternal, "the function {} cannot be registered", name);
}

}  // namespace

Status RegisterExactFunctions(duckdb_connection connection) {
  const struct {
    const char* name;
    duckdb_type result;
    duckdb_scalar_function_t body;
  } casts[] = {
      {"leat_boolean", DUCKDB_TYPE_BOOLEAN, Cast<bool, data::ParseExact>},
      {"leat_integer", DUCKDB_TYPE_INTEGER, Cast<int32_t, data::ParseExact>},
      {"leat_bigint", DUCKDB_TYPE_BIGINT, Cast<int64_t, data::ParseExact>},
      {"leat_float", DUCKDB_TYPE_FLOAT, Cast<float, data::ParseExact>},
      {"leat_double", DUCKDB_TYPE_DOUBLE, Cast<double, data::ParseExact>},
      {"leat_date", DUCKDB_TYPE_DATE, Cast<int32_t, data::ParseExactDate>},
      {"leat_time", DUCKDB_TYPE_TIME, Cast<int64_t, data::ParseExactTime>},
      {"leat_timestamp", DUCKDB_TYPE_TIMESTAMP, Cast<int64_t, data::ParseExactTimestamp>},
      {"leat_text_facts", DUCKDB_TYPE_BIGINT, TextFacts},
      {"leat_timestamptz", DUCKDB_TYPE_TIMESTAMP_TZ, Cast<int64_t, data::ParseExactTimestampTz>},
  };
  for (const auto& cast : casts) {
    LogicalType result(duckdb_create_logical_type(cast.result));
    LEAT_TRY(Register(connection, cast.name, {DUCKDB_TYPE_VARCHAR}, result.get(), cast.body));
  }
  LogicalType timestamp(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP));
  LogicalType varchar(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  LEAT_TRY(Register(connection, "leat_int96", {DUCKDB_TYPE_BLOB}, timestamp.get(), Cast<int64_t, data::ParseInt96>));
  LEAT_TRY(Register(connection, "leat_int96_text", {DUCKDB_TYPE_BLOB}, varchar.get(), Int96Texts));
  LEAT_TRY(
      Register(connection, "leat_long_decimal", {DUCKDB_TYPE_BLOB, DUCKDB_TYPE_INTEGER}, varchar.get(), LongDecimals));
  for (uint8_t width : {uint8_t{18}, uint8_t{38}}) {
    for (uint8_t scale = 0; scale <= width; ++scale) {
      LogicalType result(duckdb_create_decimal_type(width, scale));
      LEAT_TRY(Register(connection, "leat_decimal_" + std::to_string(width) + "_" + std::to_string(scale),
                        {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_INTEGER}, result.get(),
                        width == 18 ? CastDecimal18 : CastDecimal38, scale));
    }
  }
  return Ok();
}

}  // namespace leat::sql
