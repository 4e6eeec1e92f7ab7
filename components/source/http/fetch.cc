#include "components/source/http/fetch.h"

#include <condition_variable>
#include <deque>
#include <thread>

#include "base/log.h"
#include "base/retry.h"
#include "component/budget.h"
#include "components/source/http/answer_text.h"
#include "components/source/http/records.h"
#include "data/json_scan.h"
#include "io/hash.h"

namespace leat::components::http {
namespace {

struct Task {
  Page page;
  size_t parent = 0;
};

/// What is still to be asked, and by how many it is being asked.
struct Tasks {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Task> waiting;
  int asking = 0;
  std::optional<Error> failed;

  /// False when there is nothing left, or something failed.
  bool Take(Task& task) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return !waiting.empty() || asking == 0 || failed; });
    if (failed || waiting.empty()) return false;
    task = std::move(waiting.front());
    waiting.pop_front();
    ++asking;
    return true;
  }
  void Answered(size_t parent, std::vector<Page> next) {
    std::lock_guard lock(mutex);
    --asking;
    // Depth first: a sequence that was begun comes to its end before another begins.
    for (auto page = next.rbegin(); page != next.rend(); ++page) waiting.push_front({std::move(*page), parent});
    changed.notify_all();
  }
  void Failed(Error error) {
    std::lock_guard lock(mutex);
    --asking;
    if (!failed) failed = std::move(error);
    changed.notify_all();
  }
};

}  // namespace

Result<ApiRequest> Fetch::Build(const Resource& resource, const Placeholders& values, const Page& page) const {
  ApiRequest request;
  request.method = resource.method;
  LEAT_ASSIGN(request.path, ExpandText(resource.path, values, Expand::kPath));
  for (const auto& [name, text] : resource.headers) {
    LEAT_ASSIGN(std::string value, ExpandText(text, values, Expand::kPlain));
    request.headers.emplace_back(name, std::move(value));
  }
  if (!page.url.empty()) {  // it has its parameters already
    request.path = page.url;
    if (page.url.starts_with('/')) {  // of the host, not of the base address
      const std::string base = session_.connection().Text("url");
      request.path = base.substr(0, base.find('/', base.find("://") + 3)) + page.url;
    } else if (page.url.starts_with('?')) {
      request.path = resource.path + page.url;
    }
    return request;
  }
  for (const auto* params : {&resource.params}) {
    for (const auto& [name, text] : *params) {
      bool empty = false;
      LEAT_ASSIGN(std::string value, ExpandText(text, values, Expand::kPlain, &empty));
      if (!empty) request.params.emplace_back(name, std::move(value));
    }
  }
  for (const auto& [name, value] : session_.connection().TextMap("params")) request.params.emplace_back(name, value);
  Placeholders all = values;
  for (const auto& [name, value] : page.params) {
    all["page." + name] = value;
    // A body that asks for the page itself has it there alone.
    if (resource.body.find("{page." + name + "}") == std::string::npos) request.params.emplace_back(name, value);
  }
  if (resource.pages.kind != PageOptions::Kind::kNone && !resource.pages.param.empty())
    all.try_emplace("page." + resource.pages.param, "");
  LEAT_ASSIGN(request.body, ExpandText(resource.body, all, Expand::kJson));
  return request;
}

Result<ApiAnswer> Fetch::Ask(const Resource& resource, const ApiRequest& request) {
  LEAT_ASSIGN(ApiAnswer answer, session_.Ask(request));
  LEAT_TRY(MakeText(resource, answer));
  return answer;
}

Result<std::unique_ptr<Spool>> Fetch::Rows(const Resource& resource, const Placeholders& values,
                                           const std::vector<ParentRow>& parents) {
  LEAT_ASSIGN(std::unique_ptr<Spool> spool, Spool::Make(session_.context().spool_folder));
  Tasks tasks;
  const std::vector<Page> first = FirstPages(resource.pages);
  for (size_t parent = 0; parent < parents.size(); ++parent) {
    for (const Page& page : first) tasks.waiting.push_back({page, parent});
  }
  const auto answer_one = [&](const Task& task) -> Result<std::vector<Page>> {
    Placeholders all = values;
    const ParentRow& parent = parents[task.parent];
    all.insert(parent.begin(), parent.end());
    LEAT_ASSIGN(const ApiRequest request, Build(resource, all, task.page));
    LEAT_ASSIGN(const ApiAnswer answer, Ask(resource, request));
    RecordSink sink;
    sink.take = [&](std::vector<Spool::Cell>& cells, const auto&) {
      for (const auto& [name, value] : parent) {
        if (!value.empty()) cells.push_back({"_parent_" + name.substr(name.find('.') + 1), Spool::Kind::kText, value});
      }
      return spool->Add(cells);
    };
    sink.refuse = [&](const Spool::Refusal& refusal) { return spool->Refuse(refusal); };
    LEAT_ASSIGN(const int64_t rows, EachRecord(resource, answer, sink));
    return PagesAfter(resource.pages, task.page, {answer.body, answer.link, rows, io::HashBytes(answer.body)});
  };
  const auto work = [&] {
    std::unique_ptr<component::BudgetSlot> slot;
    Task task;
    while (tasks.Take(task)) {
      if (slot == nullptr && session_.context().budget != nullptr) {
        auto taken = session_.context().budget->Connect(session_.context().cancel);
        if (!taken.ok()) return tasks.Failed(taken.error());
        slot = std::move(taken).value();
      }
      auto next = answer_one(task);
      if (!next.ok()) return tasks.Failed(std::move(next).error());
      tasks.Answered(task.parent, std::move(next).value());
    }
  };
  // A sequence whose next request needs the answer before it has one asker; more are of use for several parents, windows of a
  // range, and a known number of pages.
  const bool one = tasks.waiting.size() <= 1 && !resource.pages.total;
  int width = one ? 1 : connections_;
  if (session_.context().budget != nullptr) width = session_.context().budget->Width(width);
  {
    std::vector<std::jthread> askers;
    for (int i = 1; i < width; ++i) askers.emplace_back(work);
    work();
  }
  if (tasks.failed) return *std::move(tasks.failed);
  LEAT_TRY(spool->Finish());
  return spool;
}

Result<std::vector<ParentRow>> Fetch::Parents(const Resource& resource, const Placeholders& values,
                                              const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, data::JsonPath>> wanted;
  for (const std::string& name : names) {
    if (!name.starts_with("parent.")) continue;
    LEAT_ASSIGN(data::JsonPath path, data::JsonPath::Parse(name.substr(7)));
    wanted.emplace_back(name, std::move(path));
  }
  std::vector<ParentRow> rows;
  std::deque<Page> pages;
  for (Page& page : FirstPages(resource.pages)) pages.push_back(std::move(page));
  while (!pages.empty()) {
    const Page page = std::move(pages.front());
    pages.pop_front();
    LEAT_ASSIGN(const ApiRequest request, Build(resource, values, page));
    LEAT_ASSIGN(const ApiAnswer answer, Ask(resource, request));
    const auto take = [&](std::vector<Spool::Cell>&, const data::JsonPath::Chain& chain) -> Status {
      ParentRow row;
      for (const auto& [name, path] : wanted) {
        const auto found = chain.empty() ? std::nullopt : path.FindFor(chain);
        std::string text;
        if (!found || *found == "null" || !data::JsonValueText(*found, text) || text.empty()) {
          return MakeError("SRC-256", ErrorKind::kData, "a row of its parent has no {}: {}", path.text(),
                           chain.empty() ? "" : std::string(chain.back().substr(0, 200)))
              .WithHint("name a member that each row of " + answer.url + " has");
        }
        row[name] = std::move(text);
      }
      rows.push_back(std::move(row));
      return Ok();
    };
    LEAT_ASSIGN(const int64_t count, EachRecord(resource, answer, {take}));
    LEAT_ASSIGN(std::vector<Page> next,
                PagesAfter(resource.pages, page, {answer.body, answer.link, count, io::HashBytes(answer.body)}));
    for (Page& one : next) pages.push_back(std::move(one));
  }
  return rows;
}

Result<Placeholders> Fetch::RunJob(const Job& job, const Placeholders& values) {
  Resource begin;
  begin.method = job.method;
  begin.path = job.path;
  begin.body = job.body;
  LEAT_ASSIGN(const ApiRequest request, Build(begin, values, {}));
  LEAT_ASSIGN(ApiAnswer answer, Ask(begin, request));
  Placeholders all = values;
  const auto text_at = [&](const data::JsonPath& path, std::string& text) {
    const auto found = path.Find(answer.body);
    return found && *found != "null" && data::JsonValueText(*found, text);
  };
  if (!text_at(job.id, all["job.id"])) {
    return MakeError("SRC-256", ErrorKind::kData, "the answer of {} has no {}: {}", answer.url, job.id.text(),
                     answer.body.substr(0, 200))
        .WithHint("`id` of `job:` names where the report's id stands");
  }
  Resource look;
  look.method = "GET";
  look.path = job.status_path;
  const TimeMicros until = session_.context().clock->Now() + job.timeout;
  for (;;) {
    LEAT_ASSIGN(const ApiRequest ask, Build(look, all, {}));
    LEAT_ASSIGN(answer, Ask(look, ask));
    std::string status;
    text_at(job.status, status);
    const auto is_in = [&](const std::vector<std::string>& words) {
      return std::find(words.begin(), words.end(), status) != words.end();
    };
    if (is_in(job.done)) break;
    if (is_in(job.failed)) {
      return MakeError("SRC-259", ErrorKind::kData, "report {} ended with '{}': {}", all["job.id"], status,
                       answer.body.substr(0, 300))
          .WithHint("what the API says of it stands above; run again when it is mended");
    }
    if (session_.context().clock->Now() > until) {
      return MakeError("SRC-259", ErrorKind::kEnvironment, "report {} is still '{}' after {} s", all["job.id"], status,
                       job.timeout / 1'000'000)
          .WithHint("raise `timeout` of `job:`, or look whether `done` names the right words");
    }
    LEAT_TRY(Pause(std::chrono::milliseconds(job.every / 1'000), session_.context().cancel));
  }
  if (job.result && !text_at(*job.result, all["job.url"])) {
    return MakeError("SRC-256", ErrorKind::kData, "the answer of {} has no {}: {}", answer.url, job.result->text(),
                     answer.body.substr(0, 200))
        .WithHint("`result` of `job:` names where the report's address stands");
  }
  return all;
}

}  // namespace leat::components::http
