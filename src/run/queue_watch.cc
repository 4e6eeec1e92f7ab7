#include "run/queue_watch.h"

#include <algorithm>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.h"
#include "io/sqs/queue.h"
#include "run/store_events.h"

namespace leat::run {
namespace {

constexpr std::chrono::seconds kWait{20};
constexpr std::chrono::milliseconds kAfterFailure{5'000};

class QueueTeller : public ArrivalTeller {
 public:
  QueueTeller(WatchedQueue watched, std::unique_ptr<io::sqs::Queue> queue, TellArrived tell)
      : watched_(std::move(watched)), tell_(std::move(tell)), queue_(std::move(queue)), thread_([this] { Listen(); }) {}

  ~QueueTeller() override {
    stop_.Cancel();
    thread_.join();
  }

  void Begin(const Arrived& tables) override {
    const std::lock_guard lock(mutex_);
    in_work_.clear();
    for (auto message = came_.begin(); message != came_.end();) {
      const bool looked_at = std::any_of(message->tables.begin(), message->tables.end(),
                                         [&](const std::string& table) { return tables.contains(table); });
      if (looked_at) in_work_.push_back(std::move(*message));
      message = looked_at ? came_.erase(message) : message + 1;
    }
  }

  /// Those of tables that are not settled are forgotten: the queue gives them again.
  void Settled(const Arrived& tables) override {
    std::vector<Told> told;
    {
      const std::lock_guard lock(mutex_);
      told.swap(in_work_);
    }
    for (const Told& message : told) {
      const bool settled = std::all_of(message.tables.begin(), message.tables.end(),
                                       [&](const std::string& table) { return tables.contains(table); });
      if (settled) Delete(message.receipt);
    }
  }

 private:
  struct Told {
    std::string receipt;
    Arrived tables;
  };

  void Listen() {
    while (!stop_.cancelled()) {
      Result<std::vector<io::sqs::Message>> messages = queue_->Receive(kWait, watched_.queue.hidden, &stop_);
      if (!messages.ok()) {
        if (stop_.cancelled()) return;
        Problem(messages.error().code() + ": " + messages.error().message());
        (void)Pause(kAfterFailure, &stop_);
        continue;
      }
      Arrived arrived;
      for (io::sqs::Message& message : *messages) Take(std::move(message), arrived);
      if (!arrived.empty()) tell_(arrived);
    }
  }

  void Take(io::sqs::Message message, Arrived& arrived) {
    const std::optional<StoreEvents> events = ReadStoreEvents(message.body);
    if (!events) return Others("a message that tells of no objects");
    if (events->came.empty()) return Delete(message.receipt);
    Arrived tables;
    bool all_ours = true;
    for (const std::string& address : events->came) {
      const Arrived of = TablesOf(address);
      tables.insert(of.begin(), of.end());
      if (!of.empty()) continue;
      all_ours = false;
      Others(address);
    }
    arrived.insert(tables.begin(), tables.end());
    if (tables.empty() || !all_ours) return;
    const std::lock_guard lock(mutex_);
    came_.push_back({std::move(message.receipt), std::move(tables)});
  }

  Arrived TablesOf(const std::string& address) const {
    Arrived tables;
    for (const auto& [path, table] : watched_.tables) {
      if (address.starts_with(path.ends_with('/') ? path : path + "/")) tables.insert(table);
    }
    return tables;
  }

  void Others(const std::string& what) {
    if (others_told_) return;
    others_told_ = true;
    Log(LogLevel::kWarn, "queue_of_others", {{"queue", queue_->url()}, {"first", what}});
  }

  void Problem(const std::string& why) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(problem_, why) == why) return;
    }
    Log(LogLevel::kWarn, "queue_not_read", {{"queue", queue_->url()}, {"why", why}});
  }

  void Delete(const std::string& receipt) {
    const Status deleted = queue_->Delete(receipt, &stop_);
    if (!deleted.ok() && !stop_.cancelled()) Problem(deleted.error().code() + ": " + deleted.error().message());
  }

  const WatchedQueue watched_;
  const TellArrived tell_;
  const std::unique_ptr<io::sqs::Queue> queue_;
  CancelToken stop_;
  std::mutex mutex_;
  std::vector<Told> came_;
  std::vector<Told> in_work_;
  std::string problem_;  ///< that was logged last
  bool others_told_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<ArrivalTeller>> WatchQueue(WatchedQueue watched, TellArrived tell) {
  LEAT_ASSIGN(std::unique_ptr<io::sqs::Queue> queue, io::sqs::Queue::Open(watched.queue.options));
  return std::unique_ptr<ArrivalTeller>(
      std::make_unique<QueueTeller>(std::move(watched), std::move(queue), std::move(tell)));
}

}  // namespace leat::run
