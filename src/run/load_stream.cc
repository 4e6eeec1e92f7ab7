#include "run/load_stream.h"

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
      if (taken_.insert(number).second) return std::string(kPrefix) + std::to_string(number);
    }
  }
  void Give(const std::string& name) {
    std::lock_guard lock(mutex_);
    taken_.erase(std::atoi(name.c_str() + kPrefix.size()));
  }

 private:
  static constexpr std::string_view kPrefix = "leat_stream_";
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
  std::unique_ptr<LoadStream> made(new LoadStream(context));
  made->name_ = Names().Take();
  LEAT_TRY(made->OpenNext(source, request, connection));
  return made;
}

Status LoadStream::OpenNext(component::Source& source, const component::ReadRequest& request,
                            sql::Connection& connection) {
  Close();
  const int threads = context_.careful ? 1 : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  LEAT_ASSIGN(streams_, source.OpenStreams(request, threads));
  told_.resize(streams_.size());
  for (const component::InputFile& file : request.files) bytes_ += file.size_bytes;
  std::vector<sql::Connection::BatchReader> readers;
  for (size_t i = 0; i < streams_.size(); ++i) {
    readers.emplace_back([this, i](ArrowArray* array, ArrowSchema* schema) -> Result<bool> {
      auto more = streams_[i]->Next(array, schema);
      if (context_.progress) Tell(i);
      return more;
    });
  }
  LEAT_ASSIGN(columns_, connection.RegisterStream(name_, std::move(readers)));
  return Ok();
}

void LoadStream::Close() {
  std::lock_guard lock(mutex_);
  for (const Told& one : told_) {
    before_.rows += one.rows;
    before_.bytes += one.bytes;
  }
  told_.clear();
  streams_.clear();
}

LoadStream::~LoadStream() {
  if (!name_.empty()) Names().Give(name_);
}

void LoadStream::Tell(size_t stream) {
  std::lock_guard lock(mutex_);
  told_[stream] = {streams_[stream]->rows_read(), streams_[stream]->bytes_read()};
  Told all = before_;
  for (const Told& one : told_) {
    all.rows += one.rows;
    all.bytes += one.bytes;
  }
  context_.progress(all.rows, bytes_ == 0 ? 0 : static_cast<double>(all.bytes) / static_cast<double>(bytes_));
}

int64_t LoadStream::rows_read() const {
  int64_t rows = 0;
  for (const auto& stream : streams_) rows += stream->rows_read();
  return rows;
}

}  // namespace leat::run
