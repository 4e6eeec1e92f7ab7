#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "component/budget.h"
#include "component/source.h"

namespace leat::components::duckdb {

using TextRows = std::vector<std::vector<std::string>>;

/// A DuckDB file that the engine has open, for reading only, as long as this lives: nobody writes to it meanwhile.
class AttachedFile {
 public:
  /// SRC-201: no such file; SRC-320: another process writes to it; SRC-321: it is none, or of a version that the engine cannot read.
  static Result<std::unique_ptr<AttachedFile>> Open(const std::string& path, const std::string& shown,
                                                    const std::string& what, const component::SourceContext& context);
  ~AttachedFile();
  AttachedFile(const AttachedFile&) = delete;
  AttachedFile& operator=(const AttachedFile&) = delete;

  const std::string& alias() const { return alias_; }
  Result<TextRows> Query(const std::string& sql) const;

 private:
  AttachedFile() = default;
  Error Failed(const Error& error) const;

  std::string alias_, shown_, what_;
  std::function<Result<TextRows>(const std::string& sql)> query_;
  std::unique_ptr<component::BudgetSlot> slot_;
  bool attached_ = false;
};

}  // namespace leat::components::duckdb
