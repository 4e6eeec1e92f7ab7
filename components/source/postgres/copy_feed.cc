#include "components/source/postgres/copy_feed.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/log.h"
#include "component/statement_limit.h"
#include "components/source/postgres/server_error.h"

namespace leat::components::postgres {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;

constexpr int64_t kSpendBytes = 256 << 10;                     ///< the budget is asked once for so many
constexpr size_t kPieceBytes = 256U << 10;                     ///< of the eager feed
constexpr size_t kAheadBytes = 24U << 20;                      ///< above it no further statement begins
constexpr size_t kMostAheadBytes = component::kMostHeldBytes;  ///< above it even a running one waits

/// The statements of one stream, one after the other.
class Statements {
 public:
  Statements(std::shared_ptr<const Reading> reading, std::shared_ptr<Connection> connection)
      : reading_(std::move(reading)), connection_(std::move(connection)) {}

  /// Starts the next one; false when there is none.
  Result<bool> Begin() {
    while (connection_ != nullptr) {
      if (reading_->cancel != nullptr) LEAT_TRY(reading_->cancel->Check());
      const std::optional<Ranges::Piece> piece = reading_->ranges->Next();
      if (!piece.has_value()) {
        if (limited_) LEAT_TRY(connection_->EndLimit());
        connection_.reset();
        return false;
      }
      LEAT_TRY(BeginTransaction());
      started_ = steady_clock::now();
      cost_ = {};
      piece_ = piece.value();
      inside_ = true;
      const Status begun = connection_->StartCopy(reading_->CopyText(piece_.condition));
      if (begun.ok()) return true;
      LEAT_TRY(Again(begun.error()));
    }
    return false;
  }
  bool inside() const { return inside_; }

  /// What the one that runs gave must be kept until it has ended: it may have to be read again.
  bool keeps() const { return limited() && !reading_->whole; }
  /// Ends the one that runs, whose rows are too heavy to be kept. False: it cannot be cut.
  bool StopHeavy() {
    if (!inside_ || !reading_->ranges->CanCut(piece_)) return false;
    connection_->Stop();
    return true;
  }
  /// After an error: its rows come again in the next ones, or the error is returned that says why not.
  Status Again(const Error& error) {
    if (!inside_ || !limited() || error.code() != "SRC-248") return error;
    inside_ = false;
    cost_.time = duration_cast<microseconds>(steady_clock::now() - started_);
    cost_.rows = 0;
    LEAT_TRY(Spend());
    if (reading_->budget != nullptr) reading_->budget->Note(cost_);
    if (reading_->whole || !reading_->ranges->Stopped(piece_))
      return component::StatementTooLong("SRC-419", reading_->what, piece_.condition, reading_->longest,
                                         reading_->whole ? "it has no order to cut it by" : "", "pg_locks");
    Log(LogLevel::kInfo, "statement_stopped",
        {{"table", reading_->what},
         {"rows", piece_.condition},
         {"milliseconds", std::to_string(cost_.time.count() / 1000)}});
    return reading_->begin.empty() ? connection_->GoOn() : connection_->Execute("ROLLBACK");
  }

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
  bool limited() const { return reading_->longest.count() > 0; }

  Status BeginTransaction() {
    if (!reading_->begin.empty()) return connection_->Execute(reading_->begin);
    if (!limited() || std::exchange(limited_, true)) return Ok();
    return connection_->Limit(reading_->longest);
  }

  Status End() {
    cost_.time = duration_cast<microseconds>(steady_clock::now() - started_);
    reading_->ranges->Done(piece_, cost_.time, cost_.bytes);
    inside_ = false;
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
  Ranges::Piece piece_;  ///< that the statement which runs reads
  bool inside_ = false;  ///< one runs
  steady_clock::time_point started_;
  component::SourceCost cost_;
  int64_t unspent_ = 0;
  bool limited_ = false;  ///< the connection's own transaction
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
      LEAT_TRY(ReadStatement(stop));
    }
    return Ok();
  }

  Status ReadStatement(const std::stop_token& stop) {
    bool keep = statements_.keeps(), stopped = false, given = false;
    std::vector<Piece> kept;
    size_t kept_bytes = 0;
    Piece piece;
    piece.begins = true;
    while (!stop.stop_requested()) {
      const Result<std::string_view> message = statements_.Next();
      // What was given away already cannot come again.
      if (!message.ok()) return given ? Status(message.error()) : statements_.Again(message.error());
      piece.bytes += *message;
      const bool ended = message->empty();
      if (!ended && piece.bytes.size() < kPieceBytes) continue;
      if (keep) {
        kept_bytes += piece.bytes.size();
        kept.push_back(std::exchange(piece, {}));
      } else {
        Give(piece, stop);
        given = true;
      }
      if (keep && !ended && !stopped && kept_bytes > kMostAheadBytes) keep = stopped = statements_.StopHeavy();
      if (ended || !keep) {
        for (Piece& one : kept) Give(one, stop);
        given = given || !kept.empty();
        kept.clear();
      }
      if (ended) return Ok();
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
