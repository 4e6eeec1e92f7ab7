#include "run/load_stream.h"

#include <numeric>
#include <set>
#include <thread>

namespace leat::run {
namespace {

/// Table functions live as long as the engine: their names are used again and again, one step at a time.
class StreamNames {
 public:
  std::string Take() {
    std::lock_guard lock(mutex_);
    for (int number = 0;; ++number) {
      if (taken_.insert(number).second) return kPrefix + std::to_string(number);
    }
  }
  void Give(const std::string& name) {
    std::lock_guard lock(mutex_);
    taken_.erase(std::atoi(name.c_str() + kPrefix.size()));
  }

 private:
  const std::string kPrefix = "leat_stream_";
  std::mutex mutex_;
  std::set<int> taken_;
};

StreamNames& Names() {
  static StreamNames names;
  return names;
}

}  // namespace

Result<std::unique_ptr<LoadStream>> LoadStream::Open(StepContext& context, component::Source& source,
                                                     const component::ReadRequest& request,
                                                     sql::Connection& connection) {
  std::unique_ptr<LoadStream> made(new LoadStream);
  LoadStream* self = made.get();
  int threads = context.careful ? 1 : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  LEAT_ASSIGN(made->streams_, source.OpenStreams(request, threads));
  made->told_.resize(made->streams_.size());
  std::vector<sql::Connection::BatchReader> readers;
  for (size_t i = 0; i < made->streams_.size(); ++i) {
    readers.emplace_back([self, i, &context](ArrowArray* array, ArrowSchema* schema) -> Result<bool> {
      auto more = self->streams_[i]->Next(array, schema);
      if (context.progress) {
        std::lock_guard lock(self->mutex_);
        self->told_[i] = self->streams_[i]->rows_read();
        context.progress(std::accumulate(self->told_.begin(), self->told_.end(), int64_t{0}), 0);
      }
      return more;
    });
  }
  made->name_ = Names().Take();
  LEAT_ASSIGN(made->columns_, connection.RegisterStream(made->name_, std::move(readers)));
  return made;
}

LoadStream::~LoadStream() {
  if (!name_.empty()) Names().Give(name_);
}

int64_t LoadStream::rows_read() const {
  int64_t rows = 0;
  for (const auto& stream : streams_) rows += stream->rows_read();
  return rows;
}

}  // namespace leat::run
