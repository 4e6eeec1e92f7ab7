#pragma once

#include <map>
#include <memory>
#include <string>

#include "sql/walker.h"

namespace leat::project {

/// Syntax trees of models' SQL by the hash of the text, kept in .leat/cache/shapes.json so that DuckDB is opened only for
/// text that is new. The file is a cache: anything wrong with it means an empty one, and it is written again. Entries that
/// a reading did not ask for are dropped. One thread.
class ShapeCache {
 public:
  explicit ShapeCache(std::string root);
  /// From the cache, or from the walker (opens an engine at the first miss). Errors are not kept.
  Result<sql::StatementShape> Get(const std::string& sql);
  /// Writes the file when something changed. A folder that cannot be written is no error: the next reading is slower.
  void Save();
  /// How many texts the walker had to look at.
  int misses() const { return misses_; }

 private:
  Result<sql::Connection*> Connection();

  std::string root_;
  std::map<std::string, sql::StatementShape> stored_;
  std::map<std::string, sql::StatementShape> used_;
  std::unique_ptr<sql::Engine> engine_;
  std::unique_ptr<sql::Connection> connection_;
  int misses_ = 0;
};

}  // namespace leat::project
