#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "data/exact_text.h"
#include "data/type.h"

namespace leat::component {

/// What a value was where it came from.
enum class CellKind : uint8_t {
  kString,
  kNumber,
  kBoolean,
  kNested,
  kText
};  ///< kText: of csv and XML, where all is text

/// What all values of a column have in common.
struct ColumnFacts {
  bool any = false;
  bool strings = false, numbers = false, booleans = false, nested = false, texts = false;
  data::TextFacts facts{};

  void Add(CellKind kind, std::string_view text);
  void Add(const ColumnFacts& others);
  /// The narrowest type that holds all of them exactly; text where there were none. A string that looks like a number is a string:
  /// "007"; days and times are found in strings too.
  data::TypePtr Type() const;
};

}  // namespace leat::component
