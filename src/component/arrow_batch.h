#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "data/arrow_abi.h"
#include "data/type.h"
#include "data/value.h"

namespace leat::component {

/// Collects rows column by column and hands them over as one Arrow record batch. Types: boolean, int, long, float, double,
/// decimal, date, time, timestamp with and without zone (microseconds), string, binary. Not thread-safe.
class ArrowBatchBuilder {
 public:
  struct Column {
    std::string name;
    data::TypePtr type;
  };

  /// DATA-103 kUnsupported for a type that is not in the list above.
  static Result<ArrowBatchBuilder> Make(std::vector<Column> columns);
  ArrowBatchBuilder(ArrowBatchBuilder&&) noexcept;
  ArrowBatchBuilder& operator=(ArrowBatchBuilder&&) noexcept;
  ~ArrowBatchBuilder();

  /// Appends one value to a column; its alternative must be the one that data/value.h names for the type, or NULL. A row is
  /// complete when each column has got one value more.
  void Append(size_t column, const data::Value& value);
  int64_t rows() const;

  /// Moves what was collected into `array` and `schema` (the receiver releases them) and starts anew. Works for 0 rows: the
  /// batch then only tells the columns.
  void Take(ArrowArray* array, ArrowSchema* schema);

 private:
  struct State;
  explicit ArrowBatchBuilder(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace leat::component
