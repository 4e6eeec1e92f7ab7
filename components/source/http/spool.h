#pragma once

#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "component/column_facts.h"

namespace leat::components::http {

/// Rows on disk between asking an API and writing the table: what its columns are is known only when all answers are there.
/// Add is thread-safe; reading begins when adding has ended.
class Spool {
 public:
  using Kind = component::CellKind;

  struct Cell {
    std::string name;
    Kind kind;
    std::string text;
  };

  /// A record that cannot be read as it is: what is told of it (as leat_bad has it), and what the dead letter keeps.
  struct Refusal {
    std::string code, column, message, payload;
  };

  struct Column : component::ColumnFacts {
    std::string name;
  };

  /// SRC-204 kEnvironment when the file cannot be made.
  static Result<std::unique_ptr<Spool>> Make(const std::string& folder);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// One row; absent cells are NULL. Of two cells of one name the first counts.
  Status Add(const std::vector<Cell>& cells);
  Status Refuse(const Refusal& refusal);
  Status Finish();
  /// The first one, in the order in which answers came; null: none.
  const Refusal* first_refusal() const { return first_refusal_ ? &*first_refusal_ : nullptr; }
  int64_t rows() const { return rows_; }
  int64_t bytes() const { return bytes_; }
  const std::vector<Column>& columns() const { return columns_; }
  const std::string& path() const { return path_; }
  /// Offsets where runs of rows begin (every kRunRows rows), for readers side by side.
  static constexpr int64_t kRunRows = 2'048;
  const std::vector<int64_t>& runs() const { return runs_; }

 private:
  Spool() = default;
  Status Write();
  std::mutex mutex_;
  std::string path_;
  std::FILE* file_ = nullptr;
  std::vector<Column> columns_;
  std::map<std::string, size_t, std::less<>> index_;
  std::vector<int64_t> runs_;
  std::string row_;
  std::optional<Refusal> first_refusal_;
  int64_t rows_ = 0, bytes_ = 0;
};

/// One run of a spool's rows, one after another. Cells: index of the column, text.
class SpoolReader {
 public:
  explicit SpoolReader(const Spool& spool) : spool_(spool) {}
  ~SpoolReader();
  SpoolReader(const SpoolReader&) = delete;
  SpoolReader& operator=(const SpoolReader&) = delete;
  /// Reads run `at` whole into memory. SRC-204 kEnvironment.
  Status Open(size_t run);
  /// Fills `cells` (one per column of the spool; nullptr data is NULL: all of a refused row); false at the end of the run.
  bool Next(std::vector<std::string_view>& cells);
  /// Of the row that Next gave last: as leat_bad says it, "" for a good one, and its payload.
  std::string_view refused() const { return refused_; }
  std::string_view payload() const { return payload_; }

 private:
  const Spool& spool_;
  std::FILE* file_ = nullptr;
  std::string run_;
  std::string_view refused_, payload_;
  size_t at_ = 0;
};

}  // namespace leat::components::http
