#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "components/source/csv/csv_dialect.h"

namespace leat::components::csv {

/// One file as it is read: where its records begin and how they are written.
struct CsvFile {
  std::string path;
  std::string origin;       ///< as the user knows it, for errors
  int64_t begin = 0;        ///< bytes before the first record (mark, skipped lines, header)
  int64_t end = INT64_MAX;  ///< bytes up to the end of the last record (before a footer)
  int64_t first_line = 1;   ///< number of the line that starts there
  char line_end = '\n';     ///< '\r' in files that have no '\n'
  Dialect dialect;
  char comment = 0;
  size_t layout = 0;  ///< which columns it has: an index that the caller knows
};

/// Whole records of one file.
struct CsvPiece {
  size_t file = 0;
  std::vector<char> text;  ///< `size` bytes and the scanner's slack
  size_t size = 0;
  int64_t first_line = 1;
};

/// Cuts files into pieces of whole records for several threads. Where a piece ends is found from the quotes as they really
/// stand, never guessed, so that what is read does not depend on the number of threads. Thread-safe.
class PieceReader {
 public:
  PieceReader(std::vector<CsvFile> files, CancelToken* cancel, size_t piece_bytes = kPieceBytes)
      : files_(std::move(files)), cancel_(cancel), piece_bytes_(piece_bytes) {}

  const std::vector<CsvFile>& files() const { return files_; }
  /// The next piece, false at the end of all files. SRC-203: the file cannot be read (any more).
  Result<bool> Next(CsvPiece& piece);

  static constexpr size_t kPieceBytes = 1 << 20;
  /// A quote that is not closed within so much is no quote (csv_stream reports its line).
  static constexpr size_t kMaxRecordBytes = 16 << 20;

 private:
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Status Open();
  Status Fill(std::vector<char>& text, size_t& size, size_t wanted);

  std::mutex mutex_;
  std::vector<CsvFile> files_;
  CancelToken* cancel_;
  size_t piece_bytes_;
  size_t current_ = 0;
  std::unique_ptr<std::FILE, FileCloser> stream_;
  std::vector<char> carry_;  ///< the begin of a record whose end is not read yet
  int64_t left_ = 0;         ///< bytes of the file that are still to be read
  int64_t line_ = 1;
  bool at_end_ = false;
};

/// The quote that closes the one at `open`, npos when none does.
size_t FindClosingQuote(const char* text, size_t size, size_t open, const Dialect& dialect);

/// Bytes of `text` up to the end of its last whole record, 0 when none ends in it. `last`: nothing follows.
size_t WholeRecords(const char* text, size_t size, const CsvFile& file, bool last);

}  // namespace leat::components::csv
