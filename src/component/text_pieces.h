#pragma once

#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"

namespace leat::component {

/// One text file as it is read: where its records begin and end.
struct TextFile {
  std::string path;
  std::string origin;       ///< as the user knows it, for errors
  int64_t begin = 0;        ///< bytes before the first record (mark, skipped lines, header)
  int64_t end = INT64_MAX;  ///< bytes up to the end of the last record (before a footer)
  int64_t first_line = 1;   ///< number of the line that starts there
  char line_end = '\n';     ///< '\r' in files that have no '\n'
};

/// Whole records of one file.
struct TextPiece {
  size_t file = 0;
  std::vector<char> text;  ///< `size` bytes and kSlack more
  size_t size = 0;
  int64_t first_line = 1;
};

/// Cuts files into pieces of whole records for several threads, so that what is read does not depend on their number.
/// Thread-safe.
class TextPieces {
 public:
  /// Bytes of `text` up to the end of its last whole record, 0 when none ends in it. `last`: nothing follows.
  using WholeRecords = std::function<size_t(const char* text, size_t size, size_t file, bool last)>;

  static constexpr size_t kPieceBytes = 1 << 20;
  static constexpr size_t kSlack = 64;  ///< bytes behind a piece that may be looked at
  /// Records up to so long are always read; twice as long ones are an error.
  static constexpr size_t kMaxRecordBytes = 16 << 20;

  /// `hint`: of the error of a record that is too long.
  TextPieces(std::vector<TextFile> files, WholeRecords whole, std::string hint, CancelToken* cancel,
             size_t piece_bytes = kPieceBytes)
      : files_(std::move(files)),
        whole_(std::move(whole)),
        hint_(std::move(hint)),
        cancel_(cancel),
        piece_bytes_(piece_bytes) {}

  /// The next piece, false at the end of all files. SRC-203: the file cannot be read (any more). SRC-214: a record is too
  /// long.
  Result<bool> Next(TextPiece& piece);

 private:
  struct FileCloser {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  Status Open();
  Status Fill(std::vector<char>& text, size_t& size, size_t wanted);

  std::mutex mutex_;
  const std::vector<TextFile> files_;
  const WholeRecords whole_;
  const std::string hint_;
  CancelToken* const cancel_;
  const size_t piece_bytes_;
  size_t current_ = 0;
  std::unique_ptr<std::FILE, FileCloser> stream_;
  std::vector<char> carry_;  ///< the begin of a record whose end is not read yet
  int64_t left_ = 0;         ///< bytes of the file that are still to be read
  int64_t line_ = 1;
  bool at_end_ = false;
};

}  // namespace leat::component
