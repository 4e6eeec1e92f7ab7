#include "component/http_content.h"

#include <algorithm>
#include <charconv>

#include "base/lower.h"
#include "io/http_rules.h"
#include "io/s3/sign.h"

namespace leat::component {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr std::string_view kNotReached = "IO-511", kCutOff = "IO-512";
constexpr int kPart = 206, kNoSuchRange = 416;

std::optional<int64_t> Number(std::string_view text) {
  int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = failure == std::errc() && end == text.data() + text.size() && number >= 0;
  return whole ? std::optional<int64_t>(number) : std::nullopt;
}

/// Where "bytes 10-19/30" begins.
std::optional<int64_t> RangeBegin(std::string_view range) {
  if (!range.starts_with("bytes ")) return std::nullopt;
  range.remove_prefix(6);
  const size_t dash = range.find('-');
  return dash == std::string_view::npos ? std::nullopt : Number(range.substr(0, dash));
}

bool IsChunked(const io::HttpAnswer& answer) {
  return Lower(answer.Header("transfer-encoding")).find("chunked") != std::string::npos;
}

std::string_view Trimmed(std::string_view text, std::string_view of) {
  const size_t first = text.find_first_not_of(of);
  return first == std::string_view::npos ? "" : text.substr(first, text.find_last_not_of(of) - first + 1);
}

}  // namespace

HttpVersion HttpVersion::Of(const io::HttpAnswer& answer) {
  HttpVersion version;
  const std::string& tag = answer.Header("etag");
  if (!tag.starts_with("W/")) version.tag = tag;
  if (const std::optional<TimeMicros> time = io::HttpTime(answer.Header("last-modified"))) {
    version.modified = answer.Header("last-modified");
    version.modified_ns = *time * 1000;
  }
  return version;
}

bool HttpVersion::Fits(const HttpVersion& other) const {
  if (!tag.empty() && !other.tag.empty()) return tag == other.tag;
  return modified_ns == 0 || other.modified_ns == 0 || modified_ns == other.modified_ns;
}

std::optional<int64_t> WholeLength(const io::HttpAnswer& answer) {
  if (answer.status == kPart || answer.status == kNoSuchRange) {
    const std::string& range = answer.Header("content-range");
    const size_t slash = range.find('/');
    return slash == std::string::npos ? std::nullopt : Number(std::string_view(range).substr(slash + 1));
  }
  return IsChunked(answer) ? std::nullopt : Number(answer.Header("content-length"));
}

Error NoFileButAnswer(const std::string& address, const io::HttpAnswer& answer) {
  const int status = answer.status;
  if (status == 401 || status == 403 || status == 407) {
    return MakeError("IO-421", ErrorKind::kPermission, "{} is refused: the server answers {}", address, status)
        .WithHint("look at `http: { auth: … }` of the connection, and at what its login may read");
  }
  const std::string said = ShownAnswer(answer.body);
  Error error = MakeError("IO-422", ErrorKind::kEnvironment, "{}: the server answers {}{}", address, status,
                          said.empty() ? "" : ": " + said);
  if (io::MayComeBack(status))
    return std::move(error).WithHint("run again later: nothing was taken").WithRetry(Retry::kSafe);
  return std::move(error).WithHint(
      "look at `path:` of the connection and `files:` of the table; ask the server's owner");
}

Status HttpContent::Read() {
  const RetryPolicy policy = asker_.policy();
  while (true) {
    const int64_t begun = at_;
    Status done;
    LEAT_TRY(RunWithRetry(policy, wanted_.cancel, [&]() -> Status {
      done = Attempt();
      // The tries are for a request that gets nowhere: this one goes on where it was.
      return cut_ && at_ == begun ? Status(done.error()) : Ok();
    }));
    if (cut_) continue;
    return done.ok() ? CheckPromises() : Status(done.error());
  }
}

Status HttpContent::Cut(Error error) {
  cut_ = true;
  return std::move(error).WithRetry(Retry::kSafe);
}

Status HttpContent::Attempt() {
  cut_ = begun_ = chunked_ = false;
  skip_ = 0;
  io::HttpRequest request;
  request.url = wanted_.url;
  request.headers = {{"Accept-Encoding", "identity"}};
  if (at_ > 0 && wanted_.version.told()) {
    request.headers.emplace_back("Range", "bytes=" + std::to_string(at_) + "-");
    request.headers.emplace_back("If-Range",
                                 wanted_.version.tag.empty() ? wanted_.version.modified : wanted_.version.tag);
  }
  LEAT_ASSIGN(const std::unique_ptr<BudgetSlot> turn, wanted_.turn());
  bool refused = false;
  const Result<io::HttpReply> reply =
      asker_.AskOnce(request, [&](const io::HttpAnswer& head, std::string_view bytes) -> Status {
        Status taken = begun_ ? Ok() : Begin(head);
        if (taken.ok()) taken = Take(bytes);
        refused = !taken.ok();
        return taken;
      });
  if (refused) return reply.error();
  LEAT_TRY(Flush());
  if (reply.ok()) return End(*reply);
  const std::string& code = reply.error().code();
  const bool network = (code == kNotReached || code == kCutOff) && reply.error().retry() != Retry::kNever;
  return network ? Cut(reply.error()) : Status(reply.error());
}

Status HttpContent::Begin(const io::HttpAnswer& head) {
  begun_ = true;
  const HttpVersion now = HttpVersion::Of(head);
  const std::optional<int64_t> whole = WholeLength(head);
  const bool same = wanted_.version.Fits(now) && (!whole || wanted_.size_bytes < 0 || *whole == wanted_.size_bytes) &&
                    (!whole || length_ < 0 || *whole == length_);
  if (!same) return wanted_.changed(whole.value_or(-1));
  if (!wanted_.version.told()) wanted_.version = now;
  if (whole) length_ = *whole;
  chunked_ = IsChunked(head);
  if (head.status == kPart) {
    if (RangeBegin(head.Header("content-range")) == at_) return Ok();
    return MakeError("IO-425", ErrorKind::kEnvironment, "{}: the server was asked for bytes from {} on and gives '{}'",
                     wanted_.address, at_, head.Header("content-range"))
        .WithHint("tell the server's owner; a proxy on the way may be the cause");
  }
  skip_ = at_;
  if (skip_ > 0) {
    again_ = std::make_unique<io::ContentHasher>();
    hash_before_ = hasher_.Hash();
  } else {
    ReadPromises(head);
  }
  return Ok();
}

Status HttpContent::Take(std::string_view bytes) {
  unspent_ += static_cast<int64_t>(bytes.size());
  if (skip_ > 0) {
    const std::string_view seen = bytes.substr(0, static_cast<size_t>(skip_));
    again_->Add(seen);
    skip_ -= static_cast<int64_t>(seen.size());
    bytes.remove_prefix(seen.size());
    if (skip_ == 0 && again_->Hash() != hash_before_) return wanted_.changed(length_);
  }
  const int64_t most = wanted_.size_bytes >= 0 ? wanted_.size_bytes : length_;
  if (most >= 0 && at_ + static_cast<int64_t>(bytes.size()) > most) return wanted_.changed(-1);
  hasher_.Add(bytes);
  for (Promise& promise : promises_) promise.digest.Add(bytes);
  at_ += static_cast<int64_t>(bytes.size());
  buffer_ += bytes;
  return static_cast<size_t>(unspent_) < kPieceBytes ? Ok() : Flush();
}

Status HttpContent::Flush() {
  if (wanted_.budget != nullptr && unspent_ > 0) LEAT_TRY(wanted_.budget->Spend(unspent_, wanted_.cancel));
  unspent_ = 0;
  if (!buffer_.empty()) LEAT_TRY(take_(buffer_));
  buffer_.clear();
  return Ok();
}

Status HttpContent::End(const io::HttpReply& reply) {
  if (reply.status == 404 || reply.status == 410 || reply.status == kNoSuchRange) return wanted_.changed(-1);
  if (reply.status != 200 && reply.status != kPart) {
    Error error = NoFileButAnswer(wanted_.address, reply);
    return io::MayComeBack(reply.status) ? Cut(std::move(error)) : Status(std::move(error));
  }
  if (!begun_) LEAT_TRY(Begin(reply));  // it has no body
  if (skip_ > 0) return wanted_.changed(length_);
  if (length_ >= 0 && at_ < length_) {
    return Cut(MakeError("IO-423", ErrorKind::kEnvironment, "{}: {} of {} bytes came, and the answer was over",
                         wanted_.address, at_, length_)
                   .WithHint("run again; tell the server's owner when it stays so"));
  }
  if (wanted_.size_bytes >= 0 && at_ != wanted_.size_bytes) return wanted_.changed(at_);
  if (length_ >= 0 || chunked_ || wanted_.size_bytes >= 0) return Ok();
  return MakeError("IO-423", ErrorKind::kEnvironment,
                   "{}: the server does not say how long it is, so nothing shows that all of it came", wanted_.address)
      .WithHint("have the server send Content-Length, or answer in chunks");
}

void HttpContent::ReadPromises(const io::HttpAnswer& head) {
  const auto add = [this](std::string_view name, std::string_view base64) {
    base64 = Trimmed(base64, " :=");  // =: of structured fields, and padding
    std::optional<io::Digest> digest = io::Digest::Of(name);
    if (digest && !base64.empty()) promises_.push_back({std::string(name), std::string(base64), std::move(*digest)});
  };
  promises_.clear();
  add("md5", head.Header("content-md5"));
  for (const char* header : {"repr-digest", "content-digest", "digest"}) {
    for (std::string_view rest = head.Header(header); !rest.empty();) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      const size_t equals = one.find('=');
      if (equals != std::string_view::npos) add(Trimmed(one.substr(0, equals), " "), one.substr(equals + 1));
    }
  }
}

Status HttpContent::CheckPromises() {
  for (Promise& promise : promises_) {
    const std::string bytes = io::s3::Base64(promise.digest.Finish());
    const std::string_view got = Trimmed(bytes, "=");
    if (got == promise.base64) continue;
    return MakeError("IO-424", ErrorKind::kData,
                     "{}: its content is not what the server says it is: its {} is {}, not {}", wanted_.address,
                     promise.name, got, promise.base64)
        .WithHint("run again; when it stays so, the server gives a damaged file: have it put there anew");
  }
  return Ok();
}

}  // namespace leat::component
