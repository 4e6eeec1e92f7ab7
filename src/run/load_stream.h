#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "component/source.h"
#include "run/step.h"
#include "sql/engine.h"

namespace leat::run {

/// The batches of a source that delivers streams, as a table function of one connection: read once, by several threads.
class LoadStream {
 public:
  static Result<std::unique_ptr<LoadStream>> Open(StepContext& context, component::Source& source,
                                                  const component::ReadRequest& request, sql::Connection& connection);
  ~LoadStream();
  LoadStream(const LoadStream&) = delete;
  LoadStream& operator=(const LoadStream&) = delete;

  std::string from() const { return name_ + "()"; }
  const std::vector<sql::Column>& columns() const { return columns_; }
  int64_t rows_read() const;  ///< counted by the readers; after the statement has ended

 private:
  LoadStream() = default;

  std::string name_;
  std::vector<sql::Column> columns_;
  std::vector<std::unique_ptr<component::ArrowStream>> streams_;
  std::vector<int64_t> told_;  ///< rows of each stream that were told as progress
  std::mutex mutex_;
};

}  // namespace leat::run
