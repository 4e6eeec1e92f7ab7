#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "data/avro.h"
#include "data/type.h"
#include "data/value.h"

namespace leat::components::avro {

/// One value that is not nested, by what it stands for.
struct Leaf {
  enum class Form {
    kNull,
    kTruth,
    kWhole,
    kReal,
    kDecimal,
    kDate,  ///< `whole`: days
    kTime,  ///< `whole`: microseconds, as are the two below
    kTimestamp,
    kTimestampTz,
    kText,    ///< `bytes`, UTF-8
    kBinary,  ///< `bytes`
    kOther,   ///< `text` says it: no value of its own type (the year 12000, a decimal with too many digits)
  };
  Form form = Form::kNull;
  bool truth = false;
  bool narrow = false;           ///< kReal: a float
  int precision = 0, scale = 0;  ///< kDecimal: as its writer says
  int64_t whole = 0;
  double real = 0;
  data::Int128 wide{};
  std::string_view bytes;  ///< in the block, or `text`
  std::string text;
};

/// Reads one value of a schema that is neither nested nor a union into `leaf`, which is used again and again. After damage: anything.
void ReadLeaf(data::AvroDecoder& in, const data::AvroSchema& schema, Leaf& leaf);

/// The value as text that readers of its own type take: digits all there, bytes in hexadecimal digits.
std::string LeafText(const Leaf& leaf);
/// As text that is exactly a value of `type`; nullopt when it is none.
std::optional<std::string> LeafTextAs(const Leaf& leaf, const data::Type& type);
/// As JSON.
std::string LeafJson(const Leaf& leaf);

}  // namespace leat::components::avro
