#include "io/sftp/session.h"

#include <fcntl.h>
#include <libssh/sftp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <deque>

namespace leat::io::sftp {
namespace {

/// What every server gives in one answer.
constexpr uint32_t kRequestBytes = 32 * 1024;
/// On their way at once: enough for 100 MB/s over 10 ms.
constexpr size_t kRequestsAtOnce = 32;
constexpr size_t kPieceBytes = 1 << 20;
constexpr std::chrono::milliseconds kConnectTimeout{10'000};

/// Kinds of host keys that are asked for one by one when the first is none that is known.
constexpr std::array<const char*, 3> kKeyTypes = {
    "ssh-ed25519", "ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521", "rsa-sha2-512,rsa-sha2-256"};

struct AttributesFree {
  void operator()(sftp_attributes one) const { sftp_attributes_free(one); }
};
using Attributes = std::unique_ptr<sftp_attributes_struct, AttributesFree>;

/// The server is told, and may be silent then too.
struct FolderClose {
  SocketWatch* watch = nullptr;
  void operator()(sftp_dir one) const {
    const SocketWatch::Call call(*watch);
    sftp_closedir(one);
  }
};
struct FileClose {
  SocketWatch* watch = nullptr;
  void operator()(sftp_file one) const {
    const SocketWatch::Call call(*watch);
    sftp_close(one);
  }
};
using Folder = std::unique_ptr<sftp_dir_struct, FolderClose>;
using File = std::unique_ptr<sftp_file_struct, FileClose>;

Entry EntryOf(const sftp_attributes_struct& from) {
  Entry entry;
  if (from.name != nullptr) entry.name = from.name;
  entry.type = from.type == SSH_FILEXFER_TYPE_REGULAR     ? EntryType::kFile
               : from.type == SSH_FILEXFER_TYPE_DIRECTORY ? EntryType::kFolder
               : from.type == SSH_FILEXFER_TYPE_SYMLINK   ? EntryType::kLink
                                                          : EntryType::kOther;
  entry.size_bytes = static_cast<int64_t>(from.size);
  entry.modified_seconds = from.mtime64 != 0 ? static_cast<int64_t>(from.mtime64) : int64_t{from.mtime};
  return entry;
}

/// Reads a range of an open file with many requests on their way. A server may give less than it was asked for: what is
/// lacking is asked for by itself.
class RangeReader {
 public:
  RangeReader(sftp_file file, SocketWatch& watch, int64_t offset, int64_t end)
      : file_(file), watch_(watch), asked_(offset), end_(end), buffer_(kRequestBytes, '\0') {}

  /// Answers that nobody takes would be kept by the library as long as the connection is.
  ~RangeReader() {
    for (const Sent& sent : sent_) (void)Take(sent);
  }
  RangeReader(const RangeReader&) = delete;
  RangeReader& operator=(const RangeReader&) = delete;

  /// The next bytes, "" at the end of the range or of the file; nullptr when a call failed and all that came before it was
  /// given.
  const std::string* Next() {
    piece_.clear();
    while (piece_.size() < kPieceBytes && !ended_ && !failed_) failed_ = !NextAnswer();
    return failed_ && piece_.empty() ? nullptr : &piece_;
  }

 private:
  struct Sent {
    int64_t at;
    uint32_t bytes;
    uint32_t id;
  };

  bool NextAnswer() {
    if (!Ask()) return false;
    if (sent_.empty()) {
      ended_ = true;
      return true;
    }
    const Sent sent = sent_.front();
    const int got = Take(sent);
    sent_.pop_front();
    if (got < 0) return false;
    piece_.append(buffer_.data(), static_cast<size_t>(got));
    return static_cast<uint32_t>(got) == sent.bytes || Fill(sent.at + got, sent.at + int64_t{sent.bytes});
  }

  int Take(const Sent& sent) {
    const SocketWatch::Call call(watch_);
    return sftp_async_read(file_, buffer_.data(), sent.bytes, sent.id);
  }

  bool Ask() {
    const SocketWatch::Call call(watch_);
    while (asked_ < end_ && sent_.size() < kRequestsAtOnce) {
      const auto bytes = static_cast<uint32_t>(std::min<int64_t>(kRequestBytes, end_ - asked_));
      if (sftp_seek64(file_, static_cast<uint64_t>(asked_)) < 0) return false;
      const int id = sftp_async_read_begin(file_, bytes);
      if (id < 0) return false;
      sent_.push_back({asked_, bytes, static_cast<uint32_t>(id)});
      asked_ += bytes;
    }
    return true;
  }

  bool Fill(int64_t from, int64_t to) {
    while (from < to) {
      if (sftp_seek64(file_, static_cast<uint64_t>(from)) < 0) return false;
      const SocketWatch::Call call(watch_);
      const ssize_t got = sftp_read(file_, buffer_.data(), static_cast<size_t>(to - from));
      if (got < 0) return false;
      if (got == 0) {
        ended_ = true;
        return true;
      }
      piece_.append(buffer_.data(), static_cast<size_t>(got));
      from += got;
    }
    return true;
  }

  const sftp_file file_;
  SocketWatch& watch_;
  int64_t asked_;
  const int64_t end_;
  std::deque<Sent> sent_;
  std::string buffer_;
  std::string piece_;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace

Result<std::unique_ptr<Session>> Session::Open(const Address& address, const Settings& settings,
                                               const CancelToken* cancel) {
  std::unique_ptr<Session> session(new Session(address));
  LEAT_TRY(session->Connect(settings, "", cancel));
  std::vector<HostKey> shown(1);
  LEAT_ASSIGN(shown[0], ShownHostKey(session->ssh_, address));
  Status known = CheckHostKey(session->ssh_, address, settings, shown);
  // A fingerprint does not say of which kind of key it is; servers have several.
  for (size_t i = 0;
       !known.ok() && known.error().code() == "IO-409" && !settings.host_keys.empty() && i < kKeyTypes.size(); ++i) {
    session->Disconnect();
    const Status other = session->Connect(settings, kKeyTypes[i], cancel);
    if (!other.ok()) continue;  // it has none of that kind
    LEAT_ASSIGN(HostKey key, ShownHostKey(session->ssh_, address));
    const bool seen =
        std::any_of(shown.begin(), shown.end(), [&](const HostKey& one) { return one.fingerprint == key.fingerprint; });
    if (seen) continue;
    shown.push_back(std::move(key));
    known = CheckHostKey(session->ssh_, address, settings, shown);
  }
  if (!known.ok()) return std::move(known).error();
  LEAT_TRY(session->Start(settings, cancel));
  return session;
}

Session::~Session() { Disconnect(); }

void Session::Disconnect() {
  // A peer that does not listen any more must not keep us at the farewell.
  if (watch_ != nullptr) {
    const SocketWatch::Call call(*watch_);
    if (sftp_ != nullptr) sftp_free(sftp_);
    if (ssh_ != nullptr) ssh_disconnect(ssh_);
  }
  if (ssh_ != nullptr) ssh_free(ssh_);
  // The library closes a socket that it was given only where the connection failed.
  if (watch_ != nullptr && watch_->IsOf(socket_)) close(socket_);
  watch_.reset();
  socket_ = -1;
  sftp_ = nullptr;
  ssh_ = nullptr;
}

bool Session::usable() const {
  return ssh_ != nullptr && ssh_is_connected(ssh_) != 0 && !watch_->stalled() &&
         (cancel_ == nullptr || !cancel_->cancelled());
}

Status Session::Connect(const Settings& settings, const std::string& key_types, const CancelToken* cancel) {
  cancel_ = cancel;
  LEAT_ASSIGN(socket_, ConnectTcp(address_, kConnectTimeout, cancel));
  watch_ = std::make_unique<SocketWatch>(socket_, settings.timeout, cancel);
  ssh_ = ssh_new();
  const int no = 0;
  const std::string known_hosts = settings.known_hosts.empty() ? "/dev/null" : settings.known_hosts;
  const unsigned port = static_cast<unsigned>(address_.port);
  // Nothing of this machine's own settings of SSH decides: the connection says it all.
  (void)ssh_options_set(ssh_, SSH_OPTIONS_PROCESS_CONFIG, &no);
  (void)ssh_options_set(ssh_, SSH_OPTIONS_SSH_DIR, "/");
  (void)ssh_options_set(ssh_, SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null");
  (void)ssh_options_set(ssh_, SSH_OPTIONS_KNOWNHOSTS, known_hosts.c_str());
  (void)ssh_options_set(ssh_, SSH_OPTIONS_HOST, address_.host.c_str());
  (void)ssh_options_set(ssh_, SSH_OPTIONS_PORT, &port);
  (void)ssh_options_set(ssh_, SSH_OPTIONS_USER, settings.user.c_str());
  (void)ssh_options_set(ssh_, SSH_OPTIONS_FD, &socket_);
  if (!key_types.empty()) (void)ssh_options_set(ssh_, SSH_OPTIONS_HOSTKEYS, key_types.c_str());
  const SocketWatch::Call call(*watch_);
  if (ssh_connect(ssh_) == SSH_OK) return Ok();
  return Failure("speak SSH with", "");
}

Status Session::Start(const Settings& settings, const CancelToken* cancel) {
  const SocketWatch::Call call(*watch_);
  Status in = LogIn(ssh_, address_, settings);
  if (!in.ok()) {
    if (cancel != nullptr) LEAT_TRY(cancel->Check());
    return in;
  }
  sftp_ = sftp_new(ssh_);
  if (sftp_ == nullptr || sftp_init(sftp_) != 0) {
    if (ssh_is_connected(ssh_) == 0 || watch_->stalled()) return Failure("start SFTP on", "");
    return MakeError("IO-410", ErrorKind::kPermission, "the SFTP server {} lets {} in, but gives no SFTP",
                     address_.server(), settings.user)
        .WithHint("ask the owner of the server to allow SFTP to this user");
  }
  char* home = sftp_canonicalize_path(sftp_, ".");
  if (home != nullptr) home_ = home;
  ssh_string_free_char(home);
  while (home_.ends_with('/')) home_.pop_back();
  return Ok();
}

std::string Session::Told(const std::string& path) const {
  if (path == "/~") return home_.empty() ? "/" : home_;
  return path.starts_with("/~/") ? home_ + path.substr(2) : path;
}

Error Session::Failure(const std::string& doing, const std::string& path) const {
  const std::string where = "sftp://" + address_.server() + path;
  if (cancel_ != nullptr) {
    const Status go_on = cancel_->Check();
    if (!go_on.ok()) return go_on.error();
  }
  const int said = sftp_ == nullptr ? SSH_FX_CONNECTION_LOST : sftp_get_error(sftp_);
  if (watch_->stalled() || ssh_is_connected(ssh_) == 0 || said == SSH_FX_CONNECTION_LOST || said == SSH_FX_OK) {
    const std::string why = watch_->stalled() ? "the server said nothing for too long" : ssh_get_error(ssh_);
    return MakeError("IO-407", ErrorKind::kEnvironment, "cannot {} {}: {}", doing, where,
                     why.empty() ? "the connection was cut off" : why)
        .WithHint("run again; a server that needs longer: `timeout:` below `sftp:` of the connection")
        .WithRetry(Retry::kSafe);
  }
  if (said == SSH_FX_NO_SUCH_FILE || said == SSH_FX_NO_SUCH_PATH)
    return MakeError("IO-412", ErrorKind::kNotFound, "cannot {} {}: it is not there", doing, where)
        .WithHint("look at `path:` of the connection and `files:` of the table");
  if (said == SSH_FX_PERMISSION_DENIED || said == SSH_FX_WRITE_PROTECT)
    return MakeError("IO-411", ErrorKind::kPermission, "cannot {} {}: the server does not allow it", doing, where)
        .WithHint("ask the owner of the server to grant access to it");
  return MakeError("IO-413", ErrorKind::kEnvironment, "cannot {} {}: the server says that it failed (SFTP status {})",
                   doing, where, said)
      .WithHint("its disk may be full, its quota used up, or the folder on another disk: ask the owner of the server");
}

Status Session::EachEntry(const std::string& folder, const std::function<Status(Entry)>& take) {
  Folder open(nullptr, FolderClose{watch_.get()});
  {
    const SocketWatch::Call call(*watch_);
    open.reset(sftp_opendir(sftp_, Told(folder).c_str()));
    if (open == nullptr) return Failure("list", folder);
  }
  while (true) {
    Attributes one;
    {
      const SocketWatch::Call call(*watch_);
      one.reset(sftp_readdir(sftp_, open.get()));
    }
    if (one == nullptr) break;
    Entry entry = EntryOf(*one);
    if (entry.name != "." && entry.name != "..") LEAT_TRY(take(std::move(entry)));
  }
  return sftp_dir_eof(open.get()) != 0 ? Ok() : Status(Failure("list", folder));
}

Result<std::optional<Entry>> Session::Stat(const std::string& path, bool follow) {
  const SocketWatch::Call call(*watch_);
  const std::string told = Told(path);
  const Attributes found(follow ? sftp_stat(sftp_, told.c_str()) : sftp_lstat(sftp_, told.c_str()));
  if (found != nullptr) return std::optional<Entry>(EntryOf(*found));
  Error failure = Failure("look at", path);
  if (failure.code() == "IO-412") return std::optional<Entry>();
  return failure;
}

Status Session::Read(const std::string& path, int64_t offset, int64_t end,
                     const std::function<Status(const Entry&)>& check,
                     const std::function<Status(std::string_view)>& take) {
  File file(nullptr, FileClose{watch_.get()});
  const auto look = [&]() -> Status {
    Attributes now;
    {
      const SocketWatch::Call call(*watch_);
      now.reset(sftp_fstat(file.get()));
      if (now == nullptr) return Failure("look at", path);
    }
    return check(EntryOf(*now));
  };
  {
    const SocketWatch::Call call(*watch_);
    file.reset(sftp_open(sftp_, Told(path).c_str(), O_RDONLY, 0));
    if (file == nullptr) return Failure("open", path);
  }
  LEAT_TRY(look());
  {
    RangeReader reader(file.get(), *watch_, offset, end);
    while (true) {
      if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
      const std::string* const piece = reader.Next();
      if (piece == nullptr) return Failure("read", path);
      if (piece->empty()) break;
      LEAT_TRY(take(*piece));
    }
  }
  return look();
}

Status Session::Rename(const std::string& from, const std::string& to) {
  const SocketWatch::Call call(*watch_);
  if (sftp_rename(sftp_, Told(from).c_str(), Told(to).c_str()) == 0) return Ok();
  Error failure = Failure("rename", from);
  if (failure.code() != "IO-413") return failure;
  const Attributes there(sftp_lstat(sftp_, Told(to).c_str()));
  if (there == nullptr) return failure;
  return MakeError("IO-202", ErrorKind::kExists, "sftp://{}{} is there already", address_.server(), to);
}

Status Session::Remove(const std::string& path) {
  const SocketWatch::Call call(*watch_);
  return sftp_unlink(sftp_, Told(path).c_str()) == 0 ? Ok() : Status(Failure("remove", path));
}

Status Session::MakeFolders(const std::string& path) {
  LEAT_ASSIGN(const std::optional<Entry> there, Stat(path, true));
  if (there.has_value() && there->type == EntryType::kFolder) return Ok();
  const size_t slash = path.rfind('/');
  if (slash != 0 && slash != std::string::npos && path != "/~") LEAT_TRY(MakeFolders(path.substr(0, slash)));
  const SocketWatch::Call call(*watch_);
  if (sftp_mkdir(sftp_, Told(path).c_str(), 0700) == 0 || sftp_get_error(sftp_) == SSH_FX_FILE_ALREADY_EXISTS)
    return Ok();
  return Failure("make the folder", path);
}

}  // namespace leat::io::sftp
