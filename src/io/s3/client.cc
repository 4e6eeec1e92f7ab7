#include "io/s3/client.h"

#include <chrono>
#include <mutex>

#include "base/thread_pool.h"
#include "io/http_rules.h"
#include "io/s3/answer_error.h"
#include "io/s3/key_options.h"
#include "io/s3/xml.h"

namespace leat::io::s3 {
namespace {

constexpr size_t kPartsAtOnce = 4;

std::string Uri(const Address& object) { return "s3://" + object.bucket + "/" + object.key; }

HttpOptions HttpOptionsOf(const StoreOptions& options, const Endpoint& endpoint) {
  HttpOptions made = options.http;
  made.ca_file = endpoint.ca_file;
  return made;
}

int64_t Number(const std::string& text) { return text.empty() ? 0 : std::strtoll(text.c_str(), nullptr, 10); }

// The store says that the object has another tag than it was asked for.
Error ChangedSince(const Address& object) {
  return MakeError("IO-204", ErrorKind::kConflict, "'{}' changed while it was read", Uri(object))
      .WithHint("run again when it is complete")
      .WithRetry(Retry::kSafe);
}

}  // namespace

Result<Address> ParseAddress(const std::string& uri) {
  constexpr std::string_view kScheme = "s3://";
  Address address;
  if (uri.starts_with(kScheme)) {
    const size_t slash = uri.find('/', kScheme.size());
    address.bucket =
        uri.substr(kScheme.size(), slash == std::string::npos ? std::string::npos : slash - kScheme.size());
    if (slash != std::string::npos) address.key = uri.substr(slash + 1);
  }
  const bool good = address.bucket.size() >= 3 && address.bucket.size() <= 63 &&
                    address.bucket.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos &&
                    address.bucket.find("..") == std::string::npos;
  if (!good)
    return MakeError("IO-501", ErrorKind::kConfig, "'{}' is not an address of the form s3://bucket/prefix", uri)
        .WithHint("names of buckets have 3 to 63 small letters, digits, '-' and '.'");
  return address;
}

/// One request of the API, before it is signed.
struct Client::Call {
  RequestKind kind = RequestKind::kGet;
  std::string method = "GET";
  Address object;
  std::string doing = "read";
  Fields query{};
  Fields headers{};
  std::string_view body{};
  std::vector<int> accepted{};    ///< statuses besides 2xx that are answers, not errors
  bool error_in_success = false;  ///< the answer says 200 before the work is done: its body may be an error
  bool cancellable = true;
};

Result<std::unique_ptr<Client>> Client::Open(StoreOptions options) {
  LEAT_ASSIGN(Endpoint endpoint, Resolve(options.settings, options.environment));
  return std::unique_ptr<Client>(new Client(std::move(options), std::move(endpoint)));
}

Client::Client(StoreOptions options, Endpoint endpoint)
    : options_(std::move(options)),
      endpoint_(std::move(endpoint)),
      http_(HttpOptionsOf(options_, endpoint_)),
      credentials_(CredentialOptionsOf(options_.settings, options_.environment)) {}

Result<HttpAnswer> Client::SendOnce(const Call& call) {
  LEAT_ASSIGN(const Credentials credentials, credentials_.Get());
  // A bucket with dots has no certificate as part of a host's name.
  const bool in_path = endpoint_.path_style || (endpoint_.tls && call.object.bucket.find('.') != std::string::npos);
  const std::string host = in_path ? endpoint_.host : call.object.bucket + "." + endpoint_.host;
  SignedRequest to_sign;
  to_sign.method = call.method;
  to_sign.path = EncodePath((in_path ? "/" + call.object.bucket : std::string()) +
                            (in_path && call.object.key.empty() ? "" : "/" + call.object.key));
  to_sign.query = call.query;
  to_sign.headers = call.headers;
  to_sign.headers.emplace_back("host", host);
  to_sign.payload_hash = Hex(Sha256(call.body));
  Sign(to_sign, credentials, endpoint_.region, "s3", SigningTime());
  HttpRequest request;
  request.method = call.method;
  request.url = fmt::format("{}://{}{}", endpoint_.tls ? "https" : "http", host, to_sign.path);
  if (!call.query.empty()) request.url += "?" + QueryText(call.query);
  for (auto& field : to_sign.headers)
    if (field.first != "host") request.headers.push_back(std::move(field));
  request.body = call.body;
  counts_.Add(call.kind);
  LEAT_ASSIGN(HttpAnswer answer, http_.Send(request, call.cancellable ? options_.cancel : nullptr));
  counts_.AddBytes(static_cast<int64_t>(answer.body.size()), static_cast<int64_t>(call.body.size()));
  const bool failed_late = call.error_in_success && answer.status == 200 && !ErrorCodeOf(answer).empty();
  if (failed_late) answer.status = 500;
  if (answer.status >= 200 && answer.status < 300) return answer;
  for (const int status : call.accepted)
    if (answer.status == status) return answer;
  return AnswerError(
      answer, {call.doing, Uri(call.object), call.object.bucket, endpoint_.url, endpoint_.region, credentials.from});
}

Result<HttpAnswer> Client::Send(const Call& call) {
  HttpAnswer answer;
  bool first = true, renewed = false;
  Status status = RunWithRetry(options_.retry, call.cancellable ? options_.cancel : nullptr, [&]() -> Status {
    if (!first) counts_.AddRetry();
    first = false;
    Result<HttpAnswer> sent = SendOnce(call);
    if (sent.ok()) {
      answer = std::move(*sent);
      return Ok();
    }
    Error error = std::move(sent).error();
    if (error.code() == "IO-525") {  // worth one try with new keys
      if (renewed) return std::move(error).WithRetry(Retry::kNever);
      renewed = true;
      credentials_.Forget();
    }
    // Every request may be sent again: PutNew and PutInParts look at what is there when a try before was carried out.
    if (error.retry() == Retry::kUnknownOutcome) error = std::move(error).WithRetry(Retry::kSafe);
    return error;
  });
  if (status.ok()) return answer;
  Error error = std::move(status).error();
  const bool unknown = call.kind == RequestKind::kPut && (error.code() == "IO-512" || error.code() == "IO-513");
  if (unknown) error = std::move(error).WithRetry(Retry::kUnknownOutcome);
  return error;
}

Result<std::string> Client::Get(const Address& object) {
  LEAT_ASSIGN(HttpAnswer answer, Send({.object = object}));
  return std::move(answer.body);
}

Result<std::string> Client::GetRange(const Address& object, int64_t offset, int64_t length, const std::string& tag) {
  if (length <= 0) return std::string();
  Call call{.object = object,
            .headers = {{"range", fmt::format("bytes={}-{}", offset, offset + length - 1)}},
            .accepted = {412, 416}};
  if (!tag.empty()) call.headers.emplace_back("if-match", tag);
  LEAT_ASSIGN(HttpAnswer answer, Send(call));
  if (answer.status == 412) return ChangedSince(object);
  if (answer.status == 416) return std::string();
  if (answer.status == 200) {  // a store that knows no ranges sends all
    const size_t from = std::min(static_cast<size_t>(offset), answer.body.size());
    return answer.body.substr(from, static_cast<size_t>(length));
  }
  return std::move(answer.body);
}

Result<ObjectInfo> Client::Head(const Address& object) {
  LEAT_ASSIGN(HttpAnswer answer, Send({.kind = RequestKind::kHead,
                                       .method = "HEAD",
                                       .object = object,
                                       .doing = "look at",
                                       .accepted = {301, 400, 401, 403, 404}}));
  if (answer.status >= 300) {
    // The answer to a HEAD has no body that would say why: a byte of the object has.
    LEAT_TRY(Send({.object = object, .doing = "look at", .headers = {{"range", "bytes=0-0"}}, .accepted = {416}}));
    LEAT_ASSIGN(answer, Send({.kind = RequestKind::kHead, .method = "HEAD", .object = object, .doing = "look at"}));
  }
  return ObjectInfo{object.key, Number(answer.Header("content-length")),
                    HttpTime(answer.Header("last-modified")).value_or(0) * 1000, answer.Header("etag")};
}

Status Client::SameBytesThere(const Address& object, std::string_view bytes) {
  LEAT_ASSIGN(const ObjectInfo there, Head(object));
  if (there.size_bytes == static_cast<int64_t>(bytes.size())) {
    LEAT_ASSIGN(const std::string stored, Get(object));
    if (stored == bytes) return Ok();
  }
  return MakeError("IO-202", ErrorKind::kExists, "cannot write '{}': it exists already with other content",
                   Uri(object));
}

Status Client::PutNew(const Address& object, std::string_view bytes) {
  if (static_cast<int64_t>(bytes.size()) > options_.multipart_bytes) return PutInParts(object, bytes);
  LEAT_ASSIGN(const HttpAnswer answer, Send({.kind = RequestKind::kPut,
                                             .method = "PUT",
                                             .object = object,
                                             .doing = "write",
                                             .headers = {{"if-none-match", "*"}},
                                             .body = bytes,
                                             .accepted = {412}}));
  return answer.status == 412 ? SameBytesThere(object, bytes) : Ok();
}

Status Client::PutInParts(const Address& object, std::string_view bytes) {
  const auto size = static_cast<size_t>(options_.multipart_bytes);
  return InParts(
      object, (bytes.size() + size - 1) / size, {{"if-none-match", "*"}},
      [&](size_t part) { return Call{.object = object, .doing = "write", .body = bytes.substr(part * size, size)}; },
      [&] { return SameBytesThere(object, bytes); });
}

Status Client::InParts(const Address& object, size_t parts, Fields headers,
                       const std::function<Call(size_t part)>& part, const std::function<Status()>& exists) {
  LEAT_ASSIGN(const HttpAnswer opened, Send({.kind = RequestKind::kPut,
                                             .method = "POST",
                                             .object = object,
                                             .doing = "write",
                                             .query = {{"uploads", ""}}}));
  LEAT_ASSIGN(const XmlElement named, ParseXml(opened.body));
  const std::string upload = named.Text("UploadId");
  if (upload.empty())
    return MakeError("IO-514", ErrorKind::kEnvironment, "cannot write '{}': the store gave the upload no id",
                     Uri(object));

  std::vector<std::string> tags(parts);
  std::mutex mutex;
  std::optional<Error> failed;
  {
    ThreadPool pool(std::min(parts, kPartsAtOnce));
    for (size_t i = 0; i < parts; ++i) {
      pool.Submit([&, i] {
        {
          std::lock_guard lock(mutex);
          if (failed) return;
        }
        Call call = part(i);
        call.kind = RequestKind::kPut;
        call.method = "PUT";
        call.query = {{"partNumber", std::to_string(i + 1)}, {"uploadId", upload}};
        Result<std::string> tag = SendPart(call);
        std::lock_guard lock(mutex);
        if (tag.ok()) tags[i] = std::move(*tag);
        else if (!failed) failed = std::move(tag).error();
      });
    }
  }
  Status status = failed ? Status(std::move(*failed)) : Ok();
  if (status.ok()) {
    std::string list = "<CompleteMultipartUpload>";
    for (size_t i = 0; i < parts; ++i)
      list += fmt::format("<Part><PartNumber>{}</PartNumber><ETag>{}</ETag></Part>", i + 1, EscapeXml(tags[i]));
    list += "</CompleteMultipartUpload>";
    const Result<HttpAnswer> done = Send({.kind = RequestKind::kPut,
                                          .method = "POST",
                                          .object = object,
                                          .doing = "write",
                                          .query = {{"uploadId", upload}},
                                          .headers = std::move(headers),
                                          .body = list,
                                          .accepted = {404, 412},
                                          .error_in_success = true});
    if (!done.ok()) status = done.error();
    // 404: the upload is gone, because a try before this one completed it and its answer was lost.
    else if (done->status == 404 || done->status == 412) status = exists();
    if (status.ok()) return status;
  }
  (void)Send({.kind = RequestKind::kDelete,
              .method = "DELETE",
              .object = object,
              .doing = "end the upload of",
              .query = {{"uploadId", upload}},
              .accepted = {404},
              .cancellable = false});
  return status;
}

Result<std::string> Client::SendPart(const Call& call) {
  LEAT_ASSIGN(const HttpAnswer answer, Send(call));
  if (answer.status == 412) return ChangedSince(call.object);
  std::string tag = answer.Header("etag");
  if (!tag.empty()) return tag;  // else of a part that was copied, in the answer's body
  LEAT_ASSIGN(const XmlElement copied, ParseXml(answer.body));
  return copied.Text("ETag");
}

Status Client::Copy(const Address& from, const ObjectInfo& as, const Address& to) {
  Call whole{.kind = RequestKind::kPut,
             .method = "PUT",
             .object = to,
             .doing = "copy to",
             .headers = {{"x-amz-copy-source", EncodePath("/" + from.bucket + "/" + from.key)}},
             .accepted = {412},
             .error_in_success = true};
  if (!as.tag.empty()) whole.headers.emplace_back("x-amz-copy-source-if-match", as.tag);
  if (as.size_bytes > options_.copy_bytes) {
    const int64_t size = options_.copy_bytes;
    return InParts(
        to, static_cast<size_t>((as.size_bytes + size - 1) / size), {},
        [&](size_t part) {
          const int64_t begin = static_cast<int64_t>(part) * size;
          Call one = whole;
          one.headers.emplace_back("x-amz-copy-source-range",
                                   fmt::format("bytes={}-{}", begin, std::min(begin + size, as.size_bytes) - 1));
          return one;
        },
        [] { return Ok(); });  // it is complete: who copies looks at what is there
  }
  LEAT_ASSIGN(const HttpAnswer answer, Send(whole));
  return answer.status == 412 ? Status(ChangedSince(from)) : Ok();
}

Status Client::Reach(const Address& prefix) {
  LEAT_TRY(Send({.kind = RequestKind::kList,
                 .object = {prefix.bucket, ""},
                 .doing = "list",
                 .query = {{"list-type", "2"}, {"max-keys", "1"}, {"prefix", prefix.key}}}));
  return Ok();
}

Result<ListPage> Client::List(const Address& prefix, const std::string& continuation) {
  Fields query{{"list-type", "2"}, {"prefix", prefix.key}};
  if (!continuation.empty()) query.emplace_back("continuation-token", continuation);
  LEAT_ASSIGN(const HttpAnswer answer, Send({.kind = RequestKind::kList,
                                             .object = {prefix.bucket, ""},
                                             .doing = "list",
                                             .query = std::move(query),
                                             .cancellable = false}));
  LEAT_ASSIGN(const XmlElement read, ParseXml(answer.body));
  ListPage page;
  for (const XmlElement& one : read.children) {
    if (one.name != "Contents") continue;
    const Result<TimeMicros> modified = ParseTime(one.Text("LastModified"));
    page.objects.push_back(
        {one.Text("Key"), Number(one.Text("Size")), modified.ok() ? *modified * 1000 : 0, one.Text("ETag")});
  }
  if (read.Text("IsTruncated") == "true") page.next = read.Text("NextContinuationToken");
  return page;
}

Status Client::Delete(const Address& object) {
  LEAT_TRY(Send({.kind = RequestKind::kDelete,
                 .method = "DELETE",
                 .object = object,
                 .doing = "remove",
                 .accepted = {404},
                 .cancellable = false}));
  return Ok();
}

Status Client::DeleteTagged(const Address& object, const std::string& tag) {
  if (tag.empty()) return Delete(object);
  constexpr int kUnknownHeader = 501;
  LEAT_ASSIGN(const HttpAnswer answer, Send({.kind = RequestKind::kDelete,
                                             .method = "DELETE",
                                             .object = object,
                                             .doing = "remove",
                                             .headers = {{"if-match", tag}},
                                             .accepted = {404, 412, kUnknownHeader},
                                             .cancellable = false}));
  if (answer.status == kUnknownHeader) return Delete(object);
  return answer.status == 412 ? Status(ChangedSince(object)) : Ok();
}

Status Client::DeleteMany(const std::string& bucket, const std::vector<std::string>& keys) {
  std::string list = "<Delete><Quiet>true</Quiet>";
  for (const std::string& key : keys) list += "<Object><Key>" + EscapeXml(key) + "</Key></Object>";
  list += "</Delete>";
  Call call{.kind = RequestKind::kDelete,
            .method = "POST",
            .object = {bucket, ""},
            .doing = "remove files of",
            .query = {{"delete", ""}},
            .headers = {{"x-amz-sdk-checksum-algorithm", "SHA256"}, {"x-amz-checksum-sha256", Base64(Sha256(list))}},
            .body = list,
            .cancellable = false};
  if (const std::string md5 = Md5(list); !md5.empty()) call.headers.emplace_back("content-md5", Base64(md5));
  return RunWithRetry(options_.retry, nullptr, [&]() -> Status {
    LEAT_ASSIGN(const HttpAnswer answer, Send(call));
    LEAT_ASSIGN(const XmlElement read, ParseXml(answer.body));
    const XmlElement* refused = read.Find("Error");
    if (refused == nullptr || refused->Text("Code") == "NoSuchKey") return Ok();
    HttpAnswer one;
    one.status = 400;
    one.body = fmt::format("<Error><Code>{}</Code><Message>{}</Message></Error>", EscapeXml(refused->Text("Code")),
                           EscapeXml(refused->Text("Message")));
    return AnswerError(
        one, {"remove", Uri({bucket, refused->Text("Key")}), bucket, endpoint_.url, endpoint_.region, "this project"});
  });
}

}  // namespace leat::io::s3
