#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace leat::components::parquet {

/// What the engine's own reading of a column loses.
enum class Delicate : uint8_t {
  kNone,
  kInt96,        ///< a moment: what is below microseconds is cut
  kNanoTime,     ///< a time of the day of nanoseconds: cut
  kNanoUtc,      ///< a moment of nanoseconds in UTC: cut
  kLongDecimal,  ///< more than 38 digits: read as DOUBLE
};

/// How a footer is told in another way.
struct Retelling {
  std::vector<Delicate>
      leaves;  ///< one for each leaf of the schema, in its order: those that are not kNone are told as they are stored
  bool bare =
      false;  ///< groups too: lists and maps as the structs that they are made of, all columns named n<place in the schema>
};

/// A footer (Thrift, without length and mark) that tells columns as what they are stored as, so that the engine gives all of their bytes: INT96
/// and decimals as bytes, times as whole numbers, moments in UTC as moments without a zone. Nullopt where the footer is none, is
/// encrypted, or has another number of leaves.
std::optional<std::string> RetellFooter(std::string_view footer, const Retelling& retelling);

}  // namespace leat::components::parquet
