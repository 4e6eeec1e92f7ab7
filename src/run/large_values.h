#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "run/load_schema.h"

namespace leat::run {

/// The columns of a load with `large_values`: what the raw table keeps of a value that is longer than asked for. Beside such a
/// column stand <column>__bytes and <column>__sha256 of the whole value, long or not, so that nothing is cut unseen and a
/// change behind the cut is a change; and <column>__file where long values become files, below the landing folder as
/// <source>/<table>/values/<first two digits>/<sha256>. Such a file is durable before the row that names it is written.
class LargeColumns {
 public:
  LargeColumns() = default;
  LargeColumns(LargeColumns&&) = default;
  LargeColumns& operator=(LargeColumns&&) = default;
  ~LargeColumns();

  /// RUN-560 kConfig: a column is neither text nor binary. RUN-561 kConfig: the source has a column of one of the names itself.
  static Result<LargeColumns> Of(const StepContext& context, const RegisteredTable& registered);

  /// What comes to the raw table for them.
  std::vector<data::Field> fields() const;
  /// Readies `connection` for Select: the function that writes files. `this` must not move from then on.
  Status Open(sql::Connection& connection);
  /// `value` AS the raw name of registered column `i`, followed by what belongs to it: "…, ".
  std::string Select(size_t i, const std::string& raw_name, const std::string& value) const;
  /// True for a column that Select gives beside a registered one.
  bool Gives(const std::string& name) const { return given_.contains(name); }

 private:
  struct Column {
    project::LargeValues rule;
    std::string name;  ///< in the raw table
    bool text = false;
  };
  Status WriteFile(const std::string& sha256, int64_t size, const std::string& hex);

  std::map<size_t, Column> columns_;  ///< by registered column
  std::set<std::string> given_;
  io::FileSystem* files_ = nullptr;
  std::string landing_;         ///< folder
  std::string below_;           ///< "shop/docs/values"
  std::string function_;        ///< "" none
  std::set<std::string> done_;  ///< hashes of files that are there and durable
};

}  // namespace leat::run
