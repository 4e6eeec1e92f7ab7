#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "components/source/adbc/arrow_type.h"

namespace leat::components::adbc {

/// One value of an array of a type that ParseType gave; `row` counts from the array's own offset. Values of dictionaries are looked up.
/// Holds as long as the array.
class ArrowValue {
 public:
  ArrowValue(const ArrowType& type, const ArrowArray& array, int64_t row);

  const ArrowType& type() const { return *type_; }
  bool IsNull() const { return null_; }
  bool Truth() const;
  /// Text, binary and fixed: its bytes.
  std::string_view Bytes() const;
  /// Whole numbers; dates as days, times and timestamps as microseconds from 1970 or midnight. None where it is not exactly one, or no
  /// day of the years 0001 to 9999, or no time of one day.
  std::optional<int64_t> Whole() const;
  /// Halves, floats, doubles.
  double Real() const;
  /// Readable, and exact: what PutText reads again. Values that Whole() refuses are named as what they are. Nested ones as JSON.
  std::string Text() const;
  std::string Json() const;

 private:
  template <typename T>
  T Read(int buffer, int64_t at) const;
  int64_t Number() const;
  std::string TimeText() const;
  std::string DecimalDigits() const;
  std::string ListJson() const;
  std::string StructJson() const;

  const ArrowType* type_;
  const ArrowArray* array_;
  int64_t at_;  ///< physical: with the array's offset
  bool null_ = false;
};

}  // namespace leat::components::adbc
