#pragma once

#include <optional>
#include <string>
#include <vector>

#include "component/source.h"

namespace leat::component {

/// What is read of one make: a database table, or the files with the same columns.
struct ObservedInput {
  /// As they are now, under the names that the request's table has for them. Type null and no engine type: not looked at.
  std::vector<SourceColumn> columns;
  std::optional<std::vector<std::string>> primary_key{};  ///< nullopt: the source knows of none
  std::vector<size_t> files{};                            ///< indexes into the request's files; empty: all that is read
  bool sampled = false;  ///< types are those of values that were looked at: others may be wider
};

struct ObserveWish {
  bool text_types = false;  ///< types of columns whose values are text are found again
  bool each_file = false;   ///< which file lacks a column, also where that costs a look into each
};

/// What a source implements beside Source when it can tell all columns that it has now. Of others it is only known what
/// appeared (FindAdded, Relation::added).
class SchemaObserver {
 public:
  virtual ~SchemaObserver() = default;
  /// The columns of what `request` reads (its table as registered, its files as prepared). Cheap: catalogue, headers,
  /// footers; nothing is found from values but what the wish names. Never empty.
  virtual Result<std::vector<ObservedInput>> Observe(const ReadRequest& request, const ObserveWish& wish) = 0;
};

}  // namespace leat::component
