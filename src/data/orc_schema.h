#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::data {

/// Types of ORC's specification ("Types"), with the numbers that files have for them.
enum class OrcKind : uint8_t {
  kBoolean,
  kByte,
  kShort,
  kInt,
  kLong,
  kFloat,
  kDouble,
  kString,
  kBinary,
  kTimestamp,
  kList,
  kMap,
  kStruct,
  kUnion,
  kDecimal,
  kDate,
  kVarchar,
  kChar,
  kInstant
};

/// One type of a file with what is inside of it; `id` is the column that its streams have.
struct OrcType {
  OrcKind kind = OrcKind::kStruct;
  uint32_t id = 0;
  int precision = 0, scale = 0;      ///< of a decimal
  std::vector<std::string> names{};  ///< of a struct's members
  std::vector<OrcType> parts{};

  bool is_nested() const {
    return kind == OrcKind::kList || kind == OrcKind::kMap || kind == OrcKind::kStruct || kind == OrcKind::kUnion;
  }
};

enum class OrcPacking : uint8_t { kNone, kZlib, kSnappy, kLzo, kLz4, kZstd, kBrotli };

struct OrcPostscript {
  uint64_t footer_bytes = 0;
  uint64_t packing = 0;
  uint64_t block_bytes = 0;  ///< the most that a packed piece holds, unpacked
  std::string magic;
};

struct OrcStripe {
  uint64_t offset = 0, index_bytes = 0, data_bytes = 0, footer_bytes = 0, rows = 0;
};

struct OrcFooter {
  OrcType root;
  std::vector<OrcStripe> stripes;
  uint64_t rows = 0;
  bool encrypted = false;
};

/// Where a stream of a stripe lies; `kind`: of StreamKind in the specification.
struct OrcStreamPlace {
  uint64_t kind = 0;
  uint32_t column = 0;
  uint64_t offset = 0, bytes = 0;
};
struct OrcEncoding {
  uint64_t kind = 0;
  uint64_t dictionary_size = 0;
};
struct OrcStripeFooter {
  std::vector<OrcStreamPlace> streams;  ///< offsets from the stripe's begin
  std::vector<OrcEncoding> encodings;   ///< by column
  std::string zone;                     ///< of the writer's clock
};

/// These read the messages of the specification's protocol buffers; nullopt: the bytes are no such message, or say what cannot be.
std::optional<OrcPostscript> ParseOrcPostscript(std::string_view bytes);
std::optional<OrcFooter> ParseOrcFooter(std::string_view bytes);
std::optional<OrcStripeFooter> ParseOrcStripeFooter(std::string_view bytes);

}  // namespace leat::data
