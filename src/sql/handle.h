#pragma once

#include <duckdb.h>

#include <utility>

namespace leat::sql {

/// Owns one object of DuckDB's C API. Internal to this folder.
template <typename T, void (*kDestroy)(T*)>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T value) : value_(value) {}
  Handle(Handle&& other) noexcept : value_(std::exchange(other.value_, T{})) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      Reset();
      value_ = std::exchange(other.value_, T{});
    }
    return *this;
  }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle() { Reset(); }

  T get() const { return value_; }
  T* out() {
    Reset();
    return &value_;
  }
  explicit operator bool() const { return value_ != T{}; }

 private:
  void Reset() {
    if (value_ != T{}) kDestroy(&value_);
    value_ = T{};
  }
  T value_{};
};

using Prepared = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using Extracted = Handle<duckdb_extracted_statements, duckdb_destroy_extracted>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using DataChunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using ScalarFunction = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;
using ErrorData = Handle<duckdb_error_data, duckdb_destroy_error_data>;
using ApiValue = Handle<duckdb_value, duckdb_destroy_value>;

/// A result is a struct of DuckDB's, not a pointer.
class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  ~QueryResult() { duckdb_destroy_result(&result_); }
  duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

}  // namespace leat::sql
