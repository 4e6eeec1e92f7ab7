#include "components/source/postgres/copy_feed.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace leat::components::postgres {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int64_t kSpendBytes = 256 << 10;     ///< the budget is asked once for so many
constexpr size_t kPieceBytes = 256U << 10;     ///< of the eager feed
constexpr size_t kAheadBytes = 24U << 20;      ///< above it no further statement begins
constexpr size_t kMostAheadBytes = 48U << 20;  ///< above it even a running one waits

/// The statements of one stream, one after the other.
class Statements {
 public:
  Statements(std::shared_ptr<const Reading> reading, std::shared_ptr<Connection> connection)
      : reading_(std::move(reading)), connection_(std::move(connection)) {}

  /// Starts the next one; false when there is none.
  Result<bool> Begin() {
    if (connection_ == nullptr) return false;
    if (reading_->cancel != nullptr) LEAT_TRY(reading_->cancel->Check());
    std::optional<Ranges::Piece> piece = reading_->ranges->Next();
    if (!piece) {
      connection_.reset();
      return false;
    }
    if (!reading_->begin.empty()) LEAT_TRY(connection_->Execute(reading_->begin));
    started_ = steady_clock::now();
    cost_ = {};
    LEAT_TRY(connection_->StartCopy(reading_->CopyText(piece->condition)));
    piece_ = std::move(piece);
    return true;
  }
  bool inside() const { return piece_.has_value(); }

  /// The next message of the one that runs, "" when it has ended.
  Result<std::string_view> Next() {
    LEAT_ASSIGN(const std::string_view message, connection_->NextCopy());
    if (message.empty()) {
      LEAT_TRY(End());
      return message;
    }
    const auto bytes = static_cast<int64_t>(message.size());
    cost_.bytes += bytes;
    ++cost_.rows;  // a message is a row
    unspent_ += bytes;
    if (unspent_ >= kSpendBytes) LEAT_TRY(Spend());
    return message;
  }

 private:
  Status End() {
    cost_.time = duration_cast<microseconds>(steady_clock::now() - started_);
    reading_->ranges->Done(*piece_, cost_.time);
    piece_.reset();
    LEAT_TRY(Spend());
    if (reading_->budget != nullptr) reading_->budget->Note(cost_);
    return reading_->begin.empty() ? Ok() : connection_->Execute("COMMIT");
  }

  Status Spend() {
    const int64_t bytes = std::exchange(unspent_, 0);
    return reading_->budget == nullptr || bytes == 0 ? Ok() : reading_->budget->Spend(bytes, reading_->cancel);
  }

  std::shared_ptr<const Reading> reading_;
  std::shared_ptr<Connection> connection_;
  std::optional<Ranges::Piece> piece_;  ///< that the statement which runs reads
  steady_clock::time_point started_;
  component::SourceCost cost_;
  int64_t unspent_ = 0;
};

class DirectFeed : public CopyFeed {
 public:
  explicit DirectFeed(Statements statements) : statements_(std::move(statements)) {}

  Result<std::optional<std::string_view>> Next(bool& begins) override {
    begins = false;
    while (true) {
      if (!statements_.inside()) {
        LEAT_ASSIGN(begins, statements_.Begin());
        if (!begins) return std::optional<std::string_view>();
      }
      LEAT_ASSIGN(const std::string_view message, statements_.Next());
      if (!message.empty()) return std::optional<std::string_view>(message);
    }
  }

 private:
  Statements statements_;
};

class EagerFeed : public CopyFeed {
 public:
  explicit EagerFeed(Statements statements)
      : statements_(std::move(statements)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

  ~EagerFeed() override {
    thread_.request_stop();
    changed_.notify_all();
  }

  Result<std::optional<std::string_view>> Next(bool& begins) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !pieces_.empty() || ended_; });
    if (pieces_.empty()) {
      if (failed_) return *failed_;
      return std::optional<std::string_view>();
    }
    current_ = std::move(pieces_.front());
    pieces_.pop_front();
    ahead_ -= current_.bytes.size();
    lock.unlock();
    changed_.notify_all();
    begins = current_.begins;
    return std::optional<std::string_view>(current_.bytes);
  }

 private:
  struct Piece {
    std::string bytes;
    bool begins = false;
  };

  void Run(const std::stop_token& stop) {
    const Status status = ReadAll(stop);
    std::lock_guard lock(mutex_);
    if (!status.ok()) failed_ = status.error();
    ended_ = true;
    changed_.notify_all();
  }

  Status ReadAll(const std::stop_token& stop) {
    while (WaitBelow(kAheadBytes, stop)) {
      LEAT_ASSIGN(const bool more, statements_.Begin());
      if (!more) return Ok();
      Piece piece;
      piece.begins = true;
      while (true) {
        LEAT_ASSIGN(const std::string_view message, statements_.Next());
        piece.bytes += message;
        if (message.empty() || piece.bytes.size() >= kPieceBytes) Give(piece, stop);
        if (message.empty()) break;
        if (stop.stop_requested()) return Ok();
      }
    }
    return Ok();
  }

  void Give(Piece& piece, const std::stop_token& stop) {
    if (piece.bytes.empty() || !WaitBelow(kMostAheadBytes, stop)) return;
    std::lock_guard lock(mutex_);
    ahead_ += piece.bytes.size();
    pieces_.push_back(std::move(piece));
    piece = {};
    piece.bytes.reserve(kPieceBytes + kPieceBytes / 8);
    changed_.notify_all();
  }

  /// False when asked to stop.
  bool WaitBelow(size_t bytes, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return ahead_ < bytes || stop.stop_requested(); });
    return !stop.stop_requested();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> pieces_;
  size_t ahead_ = 0;
  bool ended_ = false;
  std::optional<Error> failed_;
  Piece current_;
  Statements statements_;
  std::jthread thread_;  ///< last: it uses all of the above
};

}  // namespace

std::string Reading::CopyText(const std::string& piece) const {
  std::string where = piece;
  if (!condition.empty()) where += (where.empty() ? "" : " AND ") + condition;
  return "COPY (" + select + (where.empty() ? "" : " WHERE " + where) + ") TO STDOUT (FORMAT binary)";
}

std::unique_ptr<CopyFeed> MakeDirectFeed(std::shared_ptr<const Reading> reading,
                                         std::shared_ptr<Connection> connection) {
  return std::make_unique<DirectFeed>(Statements(std::move(reading), std::move(connection)));
}

std::unique_ptr<CopyFeed> MakeEagerFeed(std::shared_ptr<const Reading> reading,
                                        std::shared_ptr<Connection> connection) {
  return std::make_unique<EagerFeed>(Statements(std::move(reading), std::move(connection)));
}

}  // namespace leat::components::postgres
