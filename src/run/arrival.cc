#include "run/arrival.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "component/arrival_fields.h"
#include "component/file_place.h"
#include "component/file_policy.h"
#include "run/folder_watch.h"
#include "run/queue_watch.h"

namespace leat::run {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::microseconds kShortestEvery{1'000'000};  // where a short `settle` says how often
/// Files seldom come alone: a look waits until it was quiet for so long, but not for ever.
constexpr std::chrono::milliseconds kQuiet{300};
constexpr std::chrono::seconds kLongestGathering{5};

}  // namespace

struct Arrival::Mailbox {
  std::mutex mutex;
  std::condition_variable told;
  Arrived arrived;
  SteadyClock::time_point first;
  SteadyClock::time_point last;

  void Tell(const Arrived& tables) {
    const std::lock_guard lock(mutex);
    last = SteadyClock::now();
    if (arrived.empty()) first = last;
    arrived.insert(tables.begin(), tables.end());
    told.notify_all();
  }

  bool IsQuiet(SteadyClock::time_point now) const {
    return !arrived.empty() && (now - last >= kQuiet || now - first >= kLongestGathering);
  }
};

Arrival::Arrival(Arrived all, std::chrono::microseconds every)
    : all_(std::move(all)), every_(every), mailbox_(std::make_unique<Mailbox>()) {}

Arrival::~Arrival() { tellers_.clear(); }

Result<std::unique_ptr<Arrival>> Arrival::Open(const project::Project& project,
                                               const std::vector<const project::Asset*>& tables,
                                               std::chrono::microseconds every) {
  Arrived all;
  std::vector<WatchedFolder> folders;
  std::map<std::string, WatchedQueue> queues;
  for (const project::Asset* table : tables) {
    all.insert(table->id);
    const component::FilePolicy policy = component::ReadFilePolicy(table->connection_values, table->table_values);
    if (policy.settle.count() > 0) every = std::min(every, std::max(policy.settle, kShortestEvery));
    const std::string path = table->connection_values.Text("path");
    if (!component::IsPlaced(path)) {
      LEAT_ASSIGN(std::vector<WatchedFolder> own, FoldersOf(project, *table));
      std::move(own.begin(), own.end(), std::back_inserter(folders));
    }
    LEAT_ASSIGN(std::optional<component::ArrivalQueue> queue,
                component::ReadArrivalQueue(table->connection_values, project.root));
    if (!queue) continue;
    WatchedQueue& watched = queues[queue->options.url];
    watched.tables.emplace_back(path, table->id);
    if (watched.tables.size() == 1) watched.queue = std::move(*queue);
  }
  std::unique_ptr<Arrival> arrival(new Arrival(std::move(all), every));
  const TellArrived tell = [mailbox = arrival->mailbox_.get()](const Arrived& arrived) { mailbox->Tell(arrived); };
  if (!folders.empty()) arrival->tellers_.push_back(WatchFolders(std::move(folders), tell));
  for (auto& [url, watched] : queues) {
    LEAT_ASSIGN(std::unique_ptr<ArrivalTeller> teller, WatchQueue(std::move(watched), tell));
    arrival->tellers_.push_back(std::move(teller));
  }
  return arrival;
}

Result<Arrived> Arrival::Wait(const CancelToken& cancel) {
  Arrived arrived;
  {
    std::unique_lock lock(mailbox_->mutex);
    while (!first_) {
      LEAT_TRY(cancel.Check());
      const SteadyClock::time_point now = SteadyClock::now();
      if (mailbox_->IsQuiet(now) || now >= next_) break;
      mailbox_->told.wait_for(lock, kLook);
    }
    arrived = std::exchange(mailbox_->arrived, {});
  }
  const SteadyClock::time_point now = SteadyClock::now();
  if (first_ || now >= next_) {
    for (const auto& teller : tellers_) teller->Refresh();
    arrived = all_;
    next_ = now + every_;
    first_ = false;
  }
  for (const auto& teller : tellers_) teller->Begin(arrived);
  return arrived;
}

void Arrival::Settled(const Arrived& tables) {
  for (const auto& teller : tellers_) teller->Settled(tables);
}

}  // namespace leat::run
