#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "data/arrow_abi.h"
#include "data/type.h"

namespace leat::components::adbc {

/// A type of Arrow as a driver's schema has it (Arrow specification, "C data interface": format strings).
struct ArrowType {
  enum class Kind {
    kNull,
    kBoolean,
    kSigned,
    kUnsigned,
    kHalf,
    kFloat,
    kDouble,
    kDecimal,
    kText,
    kBinary,
    kFixed,
    kTextView,
    kBinaryView,
    kDate,
    kTime,
    kTimestamp,
    kDuration,
    kMonths,
    kDaysMillis,
    kMonthsDaysNanos,
    kList,
    kFixedList,
    kStruct,
    kMap,
    kDictionary,  ///< width: of the index; children[0]: the values
  };
  Kind kind = Kind::kNull;
  std::string name;      ///< of the column or member
  std::string format;    ///< as the driver said it, for messages
  int width = 0;         ///< bytes of a value, of an offset (text, lists); values of a fixed list
  int precision = 0;     ///< decimals
  int scale = 0;         ///< decimals; may be negative
  int64_t unit = 1;      ///< times: of these in a second
  bool zoned = false;    ///< a moment: the number counts from 1970 in UTC
  std::string meaning;   ///< name of the extension: "arrow.uuid", "arrow.json", "arrow.opaque"
  std::string database;  ///< the database's own word, where the driver tells it: "numeric"
  std::vector<ArrowType> children;

  bool is_text() const { return kind == Kind::kText || kind == Kind::kTextView; }
  bool is_binary() const { return kind == Kind::kBinary || kind == Kind::kBinaryView || kind == Kind::kFixed; }
  bool is_nested() const {
    return kind == Kind::kList || kind == Kind::kFixedList || kind == Kind::kStruct || kind == Kind::kMap;
  }
};

/// SRC-318 kUnsupported: unions, run-end encoding and list views, with the column.
Result<ArrowType> ParseType(const ArrowSchema& schema);

/// What the lake keeps it as; the whole table: docs/fidelity/adbc.md.
data::TypePtr LakeType(const ArrowType& type);

}  // namespace leat::components::adbc
