#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::sql {

/// A DuckDB type read back from its name (Column::type).
struct DuckDbType {
  std::string name;  ///< "BIGINT", "DECIMAL", "LIST", "ARRAY", "STRUCT", "MAP", "ENUM", "UNION"; aliases as they are
  int precision = 0;
  int scale = 0;
  struct Member;
  std::vector<Member> members;  ///< struct: all; list and array: "element"; map: "key", "value"
};
struct DuckDbType::Member {
  std::string name;
  DuckDbType type;
};

/// SQL-504 kInternal when the text is not a type name.
Result<DuckDbType> ParseDuckDbType(std::string_view text);

}  // namespace leat::sql
