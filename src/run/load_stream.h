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
  /// Goes on with what another request gives, after a statement has read the last one to its end.
  Status OpenNext(component::Source& source, const component::ReadRequest& request, sql::Connection& connection);
  /// Closes what was read, with its connections to the source.
  void Close();
  ~LoadStream();
  LoadStream(const LoadStream&) = delete;
  LoadStream& operator=(const LoadStream&) = delete;

  std::string from() const { return name_ + "()"; }
  const std::vector<sql::Column>& columns() const { return columns_; }
  int64_t rows_read() const;  ///< counted by the readers; after the statement has ended

 private:
  explicit LoadStream(StepContext& context) : context_(context) {}

  StepContext& context_;
  std::string name_;
  std::vector<sql::Column> columns_;
  std::vector<std::unique_ptr<component::ArrowStream>> streams_;
  void Tell(size_t stream);

  struct Told {
    int64_t rows = 0, bytes = 0;
  };
  Told before_;             ///< of the requests before, as progress
  std::vector<Told> told_;  ///< of each stream
  int64_t bytes_ = 0;       ///< of all files
  std::mutex mutex_;
};

}  // namespace leat::run
