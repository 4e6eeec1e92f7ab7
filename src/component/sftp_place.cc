#include "component/sftp_place.h"

#include <fnmatch.h>

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "base/retry.h"
#include "io/sftp/session.h"

namespace leat::component {
namespace {

using io::sftp::Entry;
using io::sftp::EntryType;
using io::sftp::Session;

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int kConnectionsAtOnce = 4;
constexpr const char* kCutOff = "IO-407";
constexpr const char* kNotThere = "IO-412";
/// Of one call.
constexpr RetryPolicy kRetry{6, std::chrono::milliseconds(200), std::chrono::milliseconds(10'000), 2.0,
                             std::chrono::milliseconds(90'000)};

/// The connections of one place: as many as the budget has free, kept until the place goes.
class SessionPool {
 public:
  SessionPool(io::sftp::Address server, io::sftp::Settings settings, Budget* budget, CancelToken* cancel)
      : server_(std::move(server)), settings_(std::move(settings)), budget_(budget), cancel_(cancel) {}

  struct Held {
    std::unique_ptr<BudgetSlot> slot;
    std::unique_ptr<Session> session;
  };

  /// One that nobody uses, or a new one. Only the first may wait for the budget: who holds one and waits for a second keeps
  /// others from theirs. So more are opened, one after the other, only while at least two are free.
  Result<Held> Take() {
    {
      std::unique_lock lock(mutex_);
      free_.wait(lock, [this] { return !idle_.empty() || made_ == 0 || (!opening_ && !full_); });
      if (idle_.empty() && made_ > 0) {
        full_ = made_ >= kConnectionsAtOnce || (budget_ != nullptr && budget_->Width(2) < 2);
        if (full_) free_.wait(lock, [this] { return !idle_.empty() || made_ == 0; });
      }
      if (!idle_.empty()) {
        Held held = std::move(idle_.back());
        idle_.pop_back();
        return held;
      }
      ++made_;
      opening_ = true;
    }
    Result<Held> held = Make();
    const std::lock_guard lock(mutex_);
    opening_ = false;
    if (!held.ok()) --made_;
    free_.notify_all();
    return held;
  }

  void Return(Held held) {
    const bool usable = held.session->usable();
    if (!usable) {
      held.session.reset();
      held.slot.reset();
    }
    const std::lock_guard lock(mutex_);
    if (usable) idle_.push_back(std::move(held));
    else --made_;
    full_ = false;
    free_.notify_all();
  }

 private:
  Result<Held> Make() {
    Held held;
    if (budget_ != nullptr) {
      LEAT_ASSIGN(held.slot, budget_->Connect(cancel_));
    }
    LEAT_ASSIGN(held.session, Session::Open(server_, settings_, cancel_));
    return held;
  }

  const io::sftp::Address server_;
  const io::sftp::Settings settings_;
  Budget* const budget_;
  CancelToken* const cancel_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::vector<Held> idle_;
  int made_ = 0;
  bool opening_ = false;
  bool full_ = false;  ///< no more may be opened, until one comes back
};

class SftpPlace : public FilePlace, public FileRenamer {
 public:
  SftpPlace(const std::string& root, const io::sftp::Address& address, io::sftp::Settings settings, Budget* budget,
            CancelToken* cancel)
      : server_(io::sftp::ServerPart(root)),
        root_(address.path),
        pool_(address, std::move(settings), budget, cancel),
        budget_(budget),
        cancel_(cancel) {}

  Status Check() override {
    return With([this](Session& session) -> Status {
      LEAT_ASSIGN(const std::optional<Entry> there, session.Stat(Folder(root_), true));
      return there.has_value() && there->type == EntryType::kFolder ? Ok() : Status(NoFolder(root_));
    });
  }

  Status EachFile(const std::string& pattern, const TakePlaced& take) override {
    LEAT_ASSIGN(const std::string path, PathOf(pattern));
    const size_t wildcard = path.find_first_of("*?[");
    if (wildcard == std::string::npos) {
      LEAT_ASSIGN(std::optional<InputFile> there, Look(pattern));
      if (!there.has_value()) return Ok();
      return take({std::move(*there)});
    }
    const size_t slash = path.rfind('/', wildcard);
    std::vector<std::string> parts;
    for (const auto& part : std::filesystem::path(path.substr(slash + 1))) parts.push_back(part.string());
    return Walk(path.substr(0, slash), parts, 0, take);
  }

  Result<std::optional<InputFile>> Look(const std::string& address) override {
    LEAT_ASSIGN(const std::string path, PathOf(address));
    std::optional<InputFile> found;
    LEAT_TRY(With([&](Session& session) -> Status {
      LEAT_ASSIGN(const std::optional<Entry> there, session.Stat(path, true));
      if (there.has_value() && there->type == EntryType::kFile) found = FileOf(address, *there);
      return Ok();
    }));
    return found;
  }

  FileRenamer* renamer() override { return this; }

  Result<bool> Exists(const std::string& address) override {
    LEAT_ASSIGN(const std::optional<Entry> there, LookItself(address));
    return there.has_value();
  }

  Result<bool> IsLink(const std::string& address) override {
    LEAT_ASSIGN(const std::optional<Entry> there, LookItself(address));
    return there.has_value() && there->type == EntryType::kLink;
  }

  Result<Moved> Rename(const std::string& from, const std::string& to) override {
    LEAT_ASSIGN(const std::string path, PathOf(from));
    LEAT_ASSIGN(const std::string other, PathOf(to));
    return Outcome(With([&](Session& session) { return session.Rename(path, other); }));
  }

  Result<Moved> MoveFar(const std::string& from, const std::string& to) override {
    LEAT_ASSIGN(const std::string other, PathOf(to));
    LEAT_TRY(With([&](Session& session) { return session.MakeFolders(Folder(other.substr(0, other.rfind('/')))); }));
    return Rename(from, to);
  }

  Result<Moved> Remove(const std::string& address) override {
    LEAT_ASSIGN(const std::string path, PathOf(address));
    return Outcome(With([&](Session& session) { return session.Remove(path); }));
  }

  Status Read(const InputFile& file, const std::function<Status(std::string_view)>& take) override {
    LEAT_ASSIGN(const std::string path, PathOf(file.path));
    const auto check = [&file](const Entry& now) -> Status {
      if (now.size_bytes == file.size_bytes && now.modified_seconds == file.modified_ns / kSecondNs) return Ok();
      return PlacedFileChanged(file, now.size_bytes);
    };
    int64_t at = 0;
    for (bool whole = false; !whole;) {
      const int64_t begun = at;
      LEAT_TRY(With([&](Session& session) -> Status {
        Status read = session.Read(path, at, file.size_bytes, check, [&](std::string_view bytes) -> Status {
          if (budget_ != nullptr) LEAT_TRY(budget_->Spend(static_cast<int64_t>(bytes.size()), cancel_));
          LEAT_TRY(take(bytes));
          at += static_cast<int64_t>(bytes.size());
          return Ok();
        });
        // The tries of a call are for one that gets nowhere: this one goes on where it was.
        if (!read.ok() && read.error().code() == kCutOff && at > begun) return Ok();
        if (!read.ok() && read.error().code() == kNotThere) return PlacedFileChanged(file, -1);
        if (!read.ok()) return read;
        whole = at == file.size_bytes;
        return whole ? Ok() : Status(PlacedFileChanged(file, at));
      }));
    }
    return Ok();
  }

 private:
  /// A call on a connection, tried again on another when that is cut off.
  Status With(const std::function<Status(Session&)>& call) {
    Status done;
    LEAT_TRY(RunWithRetry(kRetry, cancel_, [&]() -> Status {
      if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
      if (budget_ != nullptr) LEAT_TRY(budget_->Call(cancel_));
      LEAT_ASSIGN(SessionPool::Held held, pool_.Take());
      done = call(*held.session);
      pool_.Return(std::move(held));
      return !done.ok() && done.error().code() == kCutOff ? Status(done.error()) : Ok();
    }));
    return done;
  }

  /// A call that was cut off and made again may find that it was done: what is not there went, or got its name.
  static Result<Moved> Outcome(const Status& done) {
    if (done.ok()) return Moved::kDone;
    if (done.error().code() == kNotThere) return Moved::kGone;
    if (done.error().kind() == ErrorKind::kExists) return Moved::kTaken;
    return done.error();
  }

  /// What lies at an address, links as links.
  Result<std::optional<Entry>> LookItself(const std::string& address) {
    LEAT_ASSIGN(const std::string path, PathOf(address));
    std::optional<Entry> found;
    LEAT_TRY(With([&](Session& session) -> Status {
      LEAT_ASSIGN(found, session.Stat(path, false));
      return Ok();
    }));
    return found;
  }

  /// The path of an address of this place's server. SRC-381 kConfig: it is another's.
  Result<std::string> PathOf(const std::string& address) const {
    if (address.starts_with(server_ + "/")) return address.substr(server_.size());
    return MakeError("SRC-381", ErrorKind::kConfig, "{} is not at {}", address, server_)
        .WithHint("files of another server need a connection of their own");
  }

  static std::string Folder(const std::string& path) {
    const size_t last = path.find_last_not_of('/');
    return last == std::string::npos ? "/" : path.substr(0, last + 1);
  }

  Error NoFolder(const std::string& path) const {
    return MakeError("SRC-202", ErrorKind::kNotFound, "no folder {}{}", server_, path)
        .WithHint(
            "look at `path:` of the connection, as the user of the connection sees it: /~/ is where its login comes to");
  }

  InputFile FileOf(const std::string& address, const Entry& entry) const {
    InputFile file;
    file.path = file.origin = address;
    file.size_bytes = entry.size_bytes;
    file.modified_ns = entry.modified_seconds * kSecondNs;
    return file;
  }

  /// All names of a folder; nullopt: it is not there.
  Result<std::optional<std::vector<Entry>>> Entries(const std::string& folder) {
    std::vector<Entry> all;
    const Status listed = With([&](Session& session) -> Status {
      all.clear();
      return session.EachEntry(Folder(folder), [&all](Entry entry) -> Status {
        all.push_back(std::move(entry));
        return Ok();
      });
    });
    if (!listed.ok() && listed.error().code() == kNotThere) return std::optional<std::vector<Entry>>();
    if (!listed.ok()) return listed.error();
    std::sort(all.begin(), all.end(), [](const Entry& a, const Entry& b) { return a.name < b.name; });
    return std::optional<std::vector<Entry>>(std::move(all));
  }

  /// Everything in `folder` that may be meant by parts[at…]. Of the last part all files are given: markers lie beside them.
  Status Walk(const std::string& folder, const std::vector<std::string>& parts, size_t at, const TakePlaced& take) {
    const bool last = at + 1 == parts.size();
    LEAT_ASSIGN(std::optional<std::vector<Entry>> entries, Entries(folder));
    if (!entries.has_value()) return at == 0 ? Status(NoFolder(folder)) : Ok();
    std::vector<InputFile> files;
    for (Entry& entry : *entries) {
      const bool taken = fnmatch(parts[at].c_str(), entry.name.c_str(), FNM_PERIOD) == 0;
      const std::string path = folder + "/" + entry.name;
      if (entry.type == EntryType::kLink && taken) {
        std::optional<Entry> there;
        LEAT_TRY(With([&](Session& session) -> Status {
          LEAT_ASSIGN(there, session.Stat(path, true));
          return Ok();
        }));
        if (!there.has_value()) continue;  // it leads nowhere
        there->name = entry.name;
        entry = std::move(*there);
      }
      if (last && entry.type == EntryType::kFile) files.push_back(FileOf(server_ + path, entry));
      if (!last && taken && entry.type == EntryType::kFolder) LEAT_TRY(Walk(path, parts, at + 1, take));
      if (files.size() < kListedAtOnce) continue;
      LEAT_TRY(take(std::move(files)));
      files.clear();
    }
    return files.empty() ? Ok() : take(std::move(files));
  }

  const std::string server_;  ///< "sftp://host:port" as typed
  const std::string root_;
  SessionPool pool_;
  Budget* const budget_;
  CancelToken* const cancel_;
};

}  // namespace

Result<std::unique_ptr<FilePlace>> OpenSftpPlace(const std::string& address, io::sftp::Settings settings,
                                                 Budget* budget, CancelToken* cancel) {
  LEAT_ASSIGN(const io::sftp::Address root, io::sftp::ParseAddress(address));
  return std::unique_ptr<FilePlace>(std::make_unique<SftpPlace>(address, root, std::move(settings), budget, cancel));
}

}  // namespace leat::component
