#include "component/http_place.h"

#include <fnmatch.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "base/retry.h"
#include "base/thread_pool.h"
#include "component/http_address.h"
#include "component/http_content.h"
#include "component/index_page.h"
#include "io/http_rules.h"

namespace leat::component {
namespace {

constexpr int kAtOnce = 4;         // requests under way
constexpr size_t kLookedAt = 256;  // files of a folder that are looked at before they are given on

bool IsGone(int status) { return status == 404 || status == 410; }
bool IsGood(int status) { return status >= 200 && status < 300; }

/// A request that is under way: one of the place's, and of the budget's.
class Turn : public BudgetSlot {
 public:
  Turn(std::unique_ptr<BudgetSlot> slot, std::function<void()> give_back)
      : slot_(std::move(slot)), give_back_(std::move(give_back)) {}
  ~Turn() override {
    slot_.reset();
    give_back_();
  }

 private:
  std::unique_ptr<BudgetSlot> slot_;
  const std::function<void()> give_back_;
};

class HttpPlace : public FilePlace {
 public:
  HttpPlace(std::string root, HttpLogin login)
      : root_(std::move(root)),
        origin_(io::UrlOrigin(root_)),
        budget_(login.how.budget),
        cancel_(login.how.cancel),
        asker_(std::move(login.how), std::move(login.auth)) {
    if (budget_ != nullptr) most_ = std::min(most_, budget_->limits().connections.value_or(most_));
  }

  /// The folder itself may be shown to nobody.
  Status Check() override {
    LEAT_ASSIGN(const io::HttpReply reply, Ask("HEAD", root_));
    if (reply.status == 401 || reply.status == 407 || io::MayComeBack(reply.status))
      return NoFileButAnswer(root_, reply);
    return Ok();
  }

  size_t FirstWildcard(const std::string& pattern) const override { return pattern.find_first_of("*["); }
  bool has_index_pages() const override { return true; }

  Status EachFile(const std::string& pattern, const TakePlaced& take) override {
    const size_t wildcard = FirstWildcard(pattern);
    if (wildcard == std::string::npos) return EachOf({pattern}, take);
    const size_t slash = pattern.rfind('/', wildcard);
    std::vector<std::string> parts;
    for (size_t at = slash + 1; at <= pattern.size();) {
      const size_t end = std::min(pattern.find('/', at), pattern.size());
      parts.push_back(pattern.substr(at, end - at));
      at = end + 1;
    }
    return Walk(pattern.substr(0, slash + 1), parts, 0, take);
  }

  Status EachOf(const std::vector<std::string>& addresses, const TakePlaced& take) override {
    for (size_t begin = 0; begin < addresses.size(); begin += kLookedAt) {
      const size_t count = std::min(kLookedAt, addresses.size() - begin);
      std::vector<std::optional<InputFile>> found(count);
      std::optional<Error> failed;
      std::mutex mutex;
      {
        ThreadPool pool(std::min<size_t>(count, kAtOnce));
        for (size_t i = 0; i < count; ++i) {
          pool.Submit([&, i] {
            {
              const std::lock_guard lock(mutex);
              if (failed) return;
            }
            Result<std::optional<InputFile>> one = Look(addresses[begin + i]);
            const std::lock_guard lock(mutex);
            if (one.ok()) found[i] = std::move(*one);
            else if (!failed) failed = std::move(one).error();
          });
        }
      }
      if (failed) return std::move(*failed);
      std::vector<InputFile> files;
      for (std::optional<InputFile>& one : found) {
        if (one) files.push_back(std::move(*one));
      }
      if (!files.empty()) LEAT_TRY(take(std::move(files)));
    }
    return Ok();
  }

  Result<std::vector<std::string>> NamesIn(const std::string& folder) override {
    LEAT_ASSIGN(const std::optional<std::vector<IndexEntry>> entries, Index(folder));
    std::vector<std::string> names;
    for (const IndexEntry& entry : entries.value_or(std::vector<IndexEntry>())) {
      if (!entry.folder) names.push_back(entry.name);
    }
    return names;
  }

  Result<std::optional<InputFile>> Look(const std::string& address) override {
    LEAT_ASSIGN(io::HttpAnswer answer, Ask("HEAD", address));
    if (IsGone(answer.status)) return std::optional<InputFile>();
    std::optional<int64_t> size = IsGood(answer.status) ? WholeLength(answer) : std::nullopt;
    if (!size) {
      // The server does not answer such a request, or not with all that is to be known.
      LEAT_ASSIGN(answer, Glance(address));
      if (IsGone(answer.status)) return std::optional<InputFile>();
      if (!IsGood(answer.status) && answer.status != 416) return NoFileButAnswer(address, answer);
      size = WholeLength(answer);
    }
    const HttpVersion version = HttpVersion::Of(answer);
    if (size && version.told()) return std::optional<InputFile>(FileOf(address, *size, version));
    return LookThrough(address);
  }

  Status Read(const InputFile& file, const std::function<Status(std::string_view)>& take) override {
    LEAT_ASSIGN(HttpWanted wanted, Wanted(file.path));
    wanted.size_bytes = file.size_bytes;
    wanted.changed = [&file](int64_t size_now) { return PlacedFileChanged(file, size_now); };
    HttpContent content(asker_, std::move(wanted), take);
    LEAT_TRY(content.Read());
    const bool same =
        content.version().told() ? IsListed(file, content.version()) : VersionNumber(content.hash()) == file.identity;
    return same ? Ok() : Status(PlacedFileChanged(file, content.size_bytes()));
  }

 private:
  /// SRC-381 kConfig: the address is another server's.
  Status OfThisServer(const std::string& address) const {
    if (io::UrlOrigin(address) == origin_) return Ok();
    return MakeError("SRC-381", ErrorKind::kConfig, "{} is not at {}", address, origin_)
        .WithHint("files of another server need a connection of their own");
  }

  Result<std::unique_ptr<BudgetSlot>> Begin() {
    {
      std::unique_lock lock(mutex_);
      free_.wait(lock, [this] { return under_way_ < most_; });
      ++under_way_;
    }
    const auto give_back = [this] {
      const std::lock_guard lock(mutex_);
      --under_way_;
      free_.notify_one();
    };
    std::unique_ptr<BudgetSlot> slot;
    if (budget_ != nullptr) {
      Result<std::unique_ptr<BudgetSlot>> taken = budget_->Connect(cancel_);
      if (!taken.ok()) {
        give_back();
        return taken.error();
      }
      slot = std::move(*taken);
    }
    return std::unique_ptr<BudgetSlot>(std::make_unique<Turn>(std::move(slot), give_back));
  }

  Result<io::HttpReply> Ask(const std::string& method, const std::string& address) {
    LEAT_TRY(OfThisServer(address));
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    LEAT_ASSIGN(const std::unique_ptr<BudgetSlot> turn, Begin());
    return asker_.Ask({method, RequestUrl(address), {{"Accept-Encoding", "identity"}}, {}});
  }

  /// What is said of a file that is asked for by its first byte; more of it is not waited for.
  Result<io::HttpAnswer> Glance(const std::string& address) {
    io::HttpAnswer answer;
    LEAT_TRY(RunWithRetry(asker_.policy(), cancel_, [&]() -> Status {
      LEAT_ASSIGN(const std::unique_ptr<BudgetSlot> turn, Begin());
      bool enough = false;
      const Result<io::HttpReply> reply = asker_.AskOnce(
          {"GET", RequestUrl(address), {{"Accept-Encoding", "identity"}, {"Range", "bytes=0-0"}}, {}},
          [&](const io::HttpAnswer& head, std::string_view) -> Status {
            answer = head;
            enough = head.status != 206;
            return enough ? Status(MakeError("IO-422", ErrorKind::kEnvironment, "more than was asked for")) : Ok();
          });
      if (enough) return Ok();
      if (!reply.ok()) {
        if (reply.error().retry() != Retry::kUnknownOutcome) return reply.error();
        return Error(reply.error()).WithRetry(Retry::kSafe);
      }
      answer = *reply;
      return io::MayComeBack(answer.status) ? Status(NoFileButAnswer(address, answer)) : Ok();
    }));
    return answer;
  }

  Result<HttpWanted> Wanted(const std::string& address) {
    LEAT_TRY(OfThisServer(address));
    HttpWanted wanted;
    wanted.url = RequestUrl(address);
    wanted.address = address;
    wanted.turn = [this] { return Begin(); };
    wanted.budget = budget_;
    wanted.cancel = cancel_;
    return wanted;
  }

  /// The file by its content: its server does not tell its size, or no version.
  Result<std::optional<InputFile>> LookThrough(const std::string& address) {
    LEAT_ASSIGN(HttpWanted wanted, Wanted(address));
    wanted.changed = [&address](int64_t) {
      return MakeError("SRC-205", ErrorKind::kConflict, "{} was replaced while it was read", address)
          .WithHint("run again; let its writer put it in one piece, or set `done_file:`")
          .WithRetry(Retry::kSafe);
    };
    HttpContent content(asker_, std::move(wanted), [](std::string_view) { return Ok(); });
    LEAT_TRY(content.Read());
    InputFile file = FileOf(address, content.size_bytes(), content.version());
    file.content_hash = content.hash();
    if (!content.version().told()) file.identity = VersionNumber(file.content_hash);
    return std::optional<InputFile>(std::move(file));
  }

  static InputFile FileOf(const std::string& address, int64_t size_bytes, const HttpVersion& version) {
    InputFile file;
    file.path = file.origin = address;
    file.size_bytes = size_bytes;
    file.modified_ns = version.modified_ns;
    file.identity = VersionNumber(version.tag);
    return file;
  }

  /// By the strong tag, where it was listed with one; else by the time.
  static bool IsListed(const InputFile& file, const HttpVersion& now) {
    if (file.identity != 0 && !now.tag.empty()) return VersionNumber(now.tag) == file.identity;
    return now.modified_ns == file.modified_ns;
  }

  /// What a folder's page tells; nullopt: there is no such folder.
  Result<std::optional<std::vector<IndexEntry>>> Index(const std::string& folder) {
    LEAT_ASSIGN(const io::HttpReply reply, Ask("GET", folder));
    if (IsGone(reply.status)) return std::optional<std::vector<IndexEntry>>();
    if (!IsGood(reply.status) && reply.status != 403) return NoFileButAnswer(folder, reply);
    std::optional<std::vector<IndexEntry>> entries;
    if (IsGood(reply.status)) entries = ReadIndexPage(reply.body, reply.url);
    if (!entries) return NoIndex(folder, reply.status);
    return entries;
  }

  Error NoIndex(const std::string& folder, int status) const {
    return MakeError("SRC-385", ErrorKind::kNotFound, "{} shows no list of its files (the server answers {}{})", folder,
                     status, IsGood(status) ? " with another page" : "")
        .WithHint(
            "wildcards need an index page (nginx: autoindex on; Apache: Options +Indexes); without one name the files, or "
            "write dates into their names and their first day into the table: expect: { since: 2026-11-01 }");
  }

  /// Everything below `folder` that may be meant by parts[at…].
  Status Walk(const std::string& folder, const std::vector<std::string>& parts, size_t at, const TakePlaced& take) {
    LEAT_ASSIGN(const std::optional<std::vector<IndexEntry>> entries, Index(folder));
    if (!entries) return at == 0 ? Status(NoIndex(folder, 404)) : Ok();
    const bool last = at + 1 == parts.size();
    std::vector<std::string> addresses;
    for (const IndexEntry& entry : *entries) {
      if (fnmatch(parts[at].c_str(), entry.name.c_str(), FNM_PERIOD) != 0 || entry.folder == last) continue;
      if (last) addresses.push_back(folder + entry.name);
      else LEAT_TRY(Walk(folder + entry.name + "/", parts, at + 1, take));
    }
    return EachOf(addresses, take);
  }

  const std::string root_;
  const std::string origin_;
  Budget* const budget_;
  CancelToken* const cancel_;
  HttpAsker asker_;
  std::mutex mutex_;
  std::condition_variable free_;
  int under_way_ = 0;
  int most_ = kAtOnce;
};

}  // namespace

Result<std::unique_ptr<FilePlace>> OpenHttpPlace(const std::string& address, HttpLogin login) {
  LEAT_TRY(CheckWebAddress(address));
  login.how.clock = &SystemClock();
  return std::unique_ptr<FilePlace>(std::make_unique<HttpPlace>(address, std::move(login)));
}

}  // namespace leat::component
