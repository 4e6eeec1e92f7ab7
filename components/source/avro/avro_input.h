#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "component/source.h"
#include "data/avro_file.h"

namespace leat::components::avro {

/// One file and how its fields go into a table's columns.
struct AvroInput {
  size_t file = 0;  ///< index into the files that are read
  std::string origin;
  std::unique_ptr<data::AvroFileReader> reader;
  std::vector<data::AvroField> fields;  ///< of its rows; `value` where a row is no record
  std::vector<std::string> names;       ///< of the fields in the table
  std::vector<int> columns;             ///< of the fields in the table; -1: not one of them
};

/// Opens a file and matches its fields with the columns that a table has: by name, else by an alias that is one and no other
/// field's name. SRC-203, SRC-223 (damaged), SRC-224 (codec), each with table and file.
Result<std::unique_ptr<AvroInput>> OpenInput(const std::string& table, const component::InputFile& file,
                                             const std::vector<component::SourceColumn>& columns);

/// SRC-223 or SRC-224 of an error that the reader gave; others as they are.
Error InputError(const std::string& table, const std::string& origin, Error error);

/// Reads all blocks and rows and keeps nothing. Errors as OpenInput.
Status VerifyFile(const std::string& table, const component::InputFile& file, CancelToken* cancel);

/// Blocks of files for several threads, each block once. Thread-safe.
class AvroBlocks {
 public:
  AvroBlocks(std::string table, std::vector<component::SourceColumn> columns, std::vector<component::InputFile> files,
             CancelToken* cancel)
      : table_(std::move(table)), columns_(std::move(columns)), files_(std::move(files)), cancel_(cancel) {}

  /// The next block and its file, false at the end of all.
  Result<bool> Next(std::shared_ptr<const AvroInput>& input, data::AvroBlock& block);

  const std::string& table() const { return table_; }
  const std::vector<component::SourceColumn>& columns() const { return columns_; }

 private:
  const std::string table_;
  const std::vector<component::SourceColumn> columns_;
  const std::vector<component::InputFile> files_;
  CancelToken* const cancel_;
  std::mutex mutex_;
  size_t next_ = 0;
  std::shared_ptr<AvroInput> open_;
};

}  // namespace leat::components::avro
