#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "run/step.h"

namespace leat::run {

/// The rejected rows of one step on their way to its dead-letter table: a private file, written as they come, so that their
/// number costs no memory. What was not kept goes with the object. One thread at a time.
class RejectFile {
 public:
  /// Nothing is on the disk before the first row. `masked`: of a table with masked columns.
  RejectFile(Lakehouse& lakehouse, const std::string& run_id, const lake::TableName& table, const std::string& asset,
             bool masked = false);
  ~RejectFile();
  RejectFile(const RejectFile&) = delete;
  RejectFile& operator=(const RejectFile&) = delete;

  Status Add(const RejectedRow& row);
  /// Counted here, apart from where rows are told to be bad.
  int64_t rows() const { return rows_; }
  /// The first row by origin, reason and payload.
  const std::optional<RejectedRow>& first() const { return first_; }
  /// Makes the rows durable, so that they outlive the process; replaces what an earlier try of the step kept.
  Status Keep();

  /// Where the rows of a step are once they are kept: CommitRejected finds them there.
  static std::string PathOf(const Lakehouse& lakehouse, const std::string& run_id, const std::string& asset);

 private:
  struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  using File = std::unique_ptr<std::FILE, Closer>;

  Status Open(File& file) const;
  Status WriteLine(std::FILE* file, const RejectedRow& row) const;
  Status Failed(const char* what) const;

  Lakehouse& lakehouse_;
  const std::string run_id_;
  const lake::TableName table_;
  const std::string asset_;
  const bool masked_;
  const std::string path_;  ///< once kept
  const std::string part_;  ///< until then
  File file_;
  int64_t rows_ = 0;
  std::optional<RejectedRow> first_;
};

}  // namespace leat::run
