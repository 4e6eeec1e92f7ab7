#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "component/source.h"
#include "components/source/orc/orc_column.h"

namespace leat::components::orc {

/// One file and how its fields go into a table's columns.
struct OrcInput {
  size_t file = 0;  ///< index into the files that are read
  std::string origin;
  std::unique_ptr<data::OrcFile> reader;
  std::vector<std::string> names;             ///< of the fields in the table, each once
  std::vector<const data::OrcType*> types{};  ///< of the fields
  std::vector<int> columns;                   ///< of the fields in the table; -1: not one of them
};

/// Opens a file and matches its fields with the columns of a table by name. SRC-203; SRC-350 (damaged), SRC-351 (not read), each with table
/// and file.
Result<std::shared_ptr<OrcInput>> OpenInput(const std::string& table, const component::InputFile& file,
                                            const std::vector<component::SourceColumn>& columns);

/// The rows of one stripe, in order.
class StripeRows {
 public:
  /// Errors as OpenInput.
  static Result<std::unique_ptr<StripeRows>> Open(const std::string& table, std::shared_ptr<const OrcInput> input,
                                                  size_t stripe);
  /// The next row in `values`, by field; false at the end. SRC-350 with stripe, row and column.
  Result<bool> Next(std::vector<OrcValue>& values);

  const OrcInput& input() const { return *input_; }
  int64_t row() const {
    return first_row_ + static_cast<int64_t>(next_);
  }  ///< number in the file, of the row that came last; from 1

 private:
  StripeRows(std::string table, std::shared_ptr<const OrcInput> input)
      : table_(std::move(table)), input_(std::move(input)) {}

  std::string table_;
  std::shared_ptr<const OrcInput> input_;
  std::unique_ptr<StripeStreams> streams_;
  std::vector<std::unique_ptr<OrcColumn>> columns_;
  int64_t first_row_ = 0;  ///< rows before the stripe
  uint64_t next_ = 0, rows_ = 0;
};

/// Stripes of files for several threads, each once. Thread-safe.
class OrcStripes {
 public:
  OrcStripes(std::string table, std::vector<component::SourceColumn> columns, std::vector<component::InputFile> files,
             CancelToken* cancel)
      : table_(std::move(table)), columns_(std::move(columns)), files_(std::move(files)), cancel_(cancel) {}

  /// The next stripe's rows; null at the end of all.
  Result<std::unique_ptr<StripeRows>> Next();

  const std::vector<component::SourceColumn>& columns() const { return columns_; }
  CancelToken* cancel() const { return cancel_; }

 private:
  const std::string table_;
  const std::vector<component::SourceColumn> columns_;
  const std::vector<component::InputFile> files_;
  CancelToken* const cancel_;
  std::mutex mutex_;
  size_t next_file_ = 0, next_stripe_ = 0;
  std::shared_ptr<OrcInput> open_;
};

}  // namespace leat::components::orc
