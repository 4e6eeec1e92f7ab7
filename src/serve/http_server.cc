#include "serve/http_server.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <unordered_set>

#include "base/log.h"
#include "base/thread_pool.h"

namespace leat::serve {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using Tcp = net::ip::tcp;
using ErrorCode = boost::system::error_code;

class Connection;

/// What connections share. Everything but `handler` and `pool` is touched on the io thread only.
struct Shared {
  explicit Shared(size_t threads) : pool(threads) {}

  HttpLimits limits;
  Handler handler;
  std::shared_ptr<const Tls> tls;  ///< null: plain HTTP
  std::unordered_set<Connection*> connections;
  size_t in_work = 0;  ///< requests handed to the pool or being answered
  bool draining = false;
  std::function<void()> on_idle;  ///< called while draining whenever in_work reaches 0
  ThreadPool pool;
};

std::string Head(const Response& response, size_t length, bool keep_alive) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += std::string_view(http::obsolete_reason(static_cast<http::status>(response.status)));
  head += "\r\nServer: leat\r\n";
  if (!response.content_type.empty()) head += "Content-Type: " + response.content_type + "\r\n";
  if (response.status != 204 && response.status != 304) head += "Content-Length: " + std::to_string(length) + "\r\n";
  for (const auto& [name, value] : response.headers) head.append(name).append(": ").append(value).append("\r\n");
  if (response.status == 503) head += "Retry-After: 1\r\n";
  if (!keep_alive) head += "Connection: close\r\n";
  head += "\r\n";
  return head;
}

Response ProblemResponse(int status, std::string_view message) {
  return TextResponse(status,
                      fmt::format(R"({{"error":{{"message":"{}","type":"{}","code":{}}}}})", message,
                                  status >= 500 ? "ServiceUnavailableException" : "BadRequestException", status));
}

Request ToRequest(http::request<http::string_body>&& message, const std::string& peer) {
  Request request;
  request.method = std::string(message.method_string());
  const std::string_view target(message.target().data(), message.target().size());
  const size_t question = target.find('?');
  request.path = std::string(target.substr(0, question));
  if (question != std::string_view::npos) request.query = ParseForm(target.substr(question + 1));
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    request.headers[std::move(name)] = std::string(field.value());
  }
  request.body = std::move(message.body());
  request.peer = peer;
  return request;
}

/// One client. Kept alive by the operation that is under way; all members belong to the io thread, except that the pool
/// thread owns `request_` while the handler runs.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Tcp::socket socket, Shared& shared) : stream_(std::move(socket)), shared_(shared) {
    shared_.connections.insert(this);
    ErrorCode ignored;
    stream_.socket().set_option(Tcp::no_delay(true), ignored);
    const auto peer = stream_.socket().remote_endpoint(ignored);
    if (!ignored) peer_ = peer.address().to_string();
  }
  ~Connection() { shared_.connections.erase(this); }

  void Start() {
    if (!shared_.tls) return ReadHeader();
    context_ = shared_.tls->context();
    tls_.emplace(stream_, *context_);
    idle_ = true;
    stream_.expires_after(shared_.limits.transfer);
    tls_->async_handshake(net::ssl::stream_base::server,
                          [self = shared_from_this()](ErrorCode error) { error ? self->Close() : self->ReadHeader(); });
  }
  void Refuse() {
    // A client that expects TLS would not understand the answer.
    if (shared_.tls) return Close();
    Answer(ProblemResponse(503, "too many connections"), false);
  }

  bool idle() const { return idle_; }
  void Close() {
    ErrorCode ignored;
    stream_.socket().shutdown(Tcp::socket::shutdown_both, ignored);
    stream_.close();
  }

 private:
  void ReadHeader() {
    parser_ = std::make_unique<http::request_parser<http::string_body>>();
    parser_->header_limit(static_cast<uint32_t>(shared_.limits.header_bytes));
    parser_->body_limit(shared_.limits.body_bytes);
    // A connection is idle until the first byte of its next request has come.
    idle_ = buffer_.size() == 0;
    stream_.expires_after(idle_ ? shared_.limits.idle : shared_.limits.transfer);
    OnStream([this](auto& stream) {
      http::async_read_header(stream, buffer_, *parser_,
                              [self = shared_from_this()](ErrorCode error, size_t) { self->HeaderRead(error); });
    });
  }

  void HeaderRead(ErrorCode error) {
    idle_ = false;
    if (error) return Failed(error);
    stream_.expires_after(shared_.limits.transfer);
    if (parser_->is_done()) return Handle();
    if (beast::iequals(parser_->get()[http::field::expect], "100-continue")) {
      head_ = "HTTP/1.1 100 Continue\r\n\r\n";
      return OnStream([this](auto& stream) {
        net::async_write(stream, net::buffer(head_), [self = shared_from_this()](ErrorCode wrong, size_t) {
          if (!wrong) self->ReadBody();
        });
      });
    }
    ReadBody();
  }

  void ReadBody() {
    OnStream([this](auto& stream) {
      http::async_read(stream, buffer_, *parser_, [self = shared_from_this()](ErrorCode error, size_t) {
        if (error) return self->Failed(error);
        self->Handle();
      });
    });
  }

  void Failed(ErrorCode error) {
    if (error == http::error::body_limit) {
      return Answer(ProblemResponse(413, fmt::format("the body is over {} bytes", shared_.limits.body_bytes)), false);
    }
    if (error == http::error::header_limit) return Answer(ProblemResponse(431, "the headers are too long"), false);
    const bool malformed = error.category() == make_error_code(http::error::bad_method).category() &&
                           error != http::error::end_of_stream && error != http::error::partial_message;
    if (malformed) return Answer(ProblemResponse(400, "this is not an HTTP/1.1 request"), false);
    Close();
  }

  void Handle() {
    keep_alive_ = parser_->get().keep_alive();
    if (shared_.in_work >= shared_.limits.queued) {
      return Answer(ProblemResponse(503, "the server is busy"), keep_alive_);
    }
    request_ = ToRequest(parser_->release(), peer_);
    stream_.expires_never();  // a handler takes the time it takes
    counted_ = true;
    ++shared_.in_work;
    shared_.pool.Submit([self = shared_from_this()]() mutable {
      Response response = self->CallHandler();
      // The reference goes back to the io thread: connections end there, never on a thread of the pool.
      const auto executor = self->stream_.get_executor();
      net::post(executor, [self = std::move(self), response = std::move(response)]() mutable {
        self->Answer(std::move(response), self->keep_alive_ && !self->shared_.draining);
      });
    });
  }

  Response CallHandler() noexcept {
    try {
      return shared_.handler(request_);
    } catch (const std::exception& error) {
      Log(LogLevel::kError, "http.handler_threw",
          {{"method", request_.method}, {"path", request_.path}, {"error", error.what()}});
      return ProblemResponse(500, "internal error; the server's log has more");
    }
  }

  void Answer(Response response, bool keep_alive) {
    body_ = std::move(response.body);
    const size_t length = body_ ? body_->size() : 0;
    head_ = Head(response, length, keep_alive);
    const bool bodiless = request_.method == "HEAD" || response.status == 204 || response.status == 304 || length == 0;
    const std::array<net::const_buffer, 2> buffers = {net::buffer(head_),
                                                      bodiless ? net::const_buffer() : net::buffer(*body_)};
    stream_.expires_after(shared_.limits.transfer);
    OnStream([this, &buffers, keep_alive](auto& stream) {
      net::async_write(stream, buffers, [self = shared_from_this(), keep_alive](ErrorCode error, size_t) {
        self->Answered(error, keep_alive);
      });
    });
  }

  void Answered(ErrorCode error, bool keep_alive) {
    body_.reset();
    request_ = Request();
    if (counted_) {
      counted_ = false;
      --shared_.in_work;
      if (shared_.draining && shared_.in_work == 0) shared_.on_idle();
    }
    if (error || !keep_alive || shared_.draining) return Close();
    ReadHeader();
  }

  /// Calls `use` with what bytes go through: TLS, or the socket itself.
  template <typename Use>
  void OnStream(const Use& use) {
    tls_ ? use(*tls_) : use(stream_);
  }

  beast::tcp_stream stream_;
  std::shared_ptr<net::ssl::context> context_;
  std::optional<net::ssl::stream<beast::tcp_stream&>> tls_;
  Shared& shared_;
  std::string peer_;
  beast::flat_buffer buffer_;
  std::unique_ptr<http::request_parser<http::string_body>> parser_;  ///< of the request that is being read
  Request request_;
  std::string head_;
  std::shared_ptr<const std::string> body_;
  bool keep_alive_ = true;
  bool idle_ = false;
  bool counted_ = false;
};

class BeastServer : public HttpServer {
 public:
  BeastServer(size_t threads, const HttpLimits& limits, std::shared_ptr<const Tls> tls)
      : shared_(threads), acceptor_(io_) {
    shared_.limits = limits;
    shared_.tls = std::move(tls);
  }

  Status Bind(const std::string& address, int port) {
    ErrorCode error;
    const auto ip = net::ip::make_address(address == "localhost" ? "127.0.0.1" : address, error);
    if (error) {
      return MakeError("SERVE-102", ErrorKind::kUsage, "cannot listen on '{}': not an IP address", address)
          .WithHint("use --listen 127.0.0.1:8080, or 0.0.0.0:8080 for all addresses of this machine");
    }
    const Tcp::endpoint endpoint(ip, static_cast<uint16_t>(port));
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(net::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(net::socket_base::max_listen_connections, error);
    if (error) return BindError(error, address, port);
    address_ = address;
    port_ = acceptor_.local_endpoint(error).port();
    return Ok();
  }

  const std::string& address() const override { return address_; }
  int port() const override { return port_; }

  Status Run(Handler handler, CancelToken& cancel) override {
    shared_.handler = std::move(handler);
    shared_.on_idle = [this] { io_.stop(); };
    const int callback = cancel.AddCallback([this] { net::post(io_, [this] { Drain(); }); });
    if (cancel.cancelled()) net::post(io_, [this] { Drain(); });
    Accept();
    io_.run();
    cancel.RemoveCallback(callback);
    shared_.pool.Wait();  // handlers that did not end in time; their answers are dropped
    return Ok();
  }

 private:
  static Error BindError(const ErrorCode& error, const std::string& address, int port) {
    if (error == net::error::address_in_use) {
      return MakeError("SERVE-101", ErrorKind::kEnvironment, "cannot listen on {}:{}: the port is in use", address,
                       port)
          .WithHint(
              "stop the program that uses it, or choose another with --listen ADDRESS:PORT (port 0 takes a free one)");
    }
    if (error == net::error::access_denied) {
      return MakeError("SERVE-103", ErrorKind::kEnvironment, "cannot listen on {}:{}: no right to this port", address,
                       port)
          .WithHint("use a port above 1023");
    }
    return MakeError("SERVE-102", ErrorKind::kUsage, "cannot listen on {}:{}: {}", address, port, error.message())
        .WithHint("use an address of this machine, such as 127.0.0.1 or 0.0.0.0");
  }

  void Accept() {
    acceptor_.async_accept([this](ErrorCode error, Tcp::socket socket) {
      if (!acceptor_.is_open()) return;
      if (!error) {
        const bool full = shared_.connections.size() >= shared_.limits.connections;
        const auto connection = std::make_shared<Connection>(std::move(socket), shared_);
        full ? connection->Refuse() : connection->Start();
        return Accept();
      }
      // Out of file descriptors: wait for connections to close rather than spin.
      Log(LogLevel::kWarn, "http.accept_failed", {{"error", error.message()}});
      retry_.expires_after(std::chrono::milliseconds(100));
      retry_.async_wait([this](ErrorCode) {
        if (acceptor_.is_open()) Accept();
      });
    });
  }

  void Drain() {
    if (shared_.draining) return;
    shared_.draining = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    for (Connection* connection : shared_.connections) {
      if (connection->idle()) connection->Close();
    }
    if (shared_.in_work == 0) return io_.stop();
    drain_.expires_after(shared_.limits.drain);
    drain_.async_wait([this](ErrorCode error) {
      if (error) return;
      for (Connection* connection : shared_.connections) connection->Close();
      io_.stop();
    });
  }

  // Destroyed in reverse: the acceptor and timers, then connections with the io context's handlers, then what they share.
  Shared shared_;
  net::io_context io_{1};
  Tcp::acceptor acceptor_;
  net::steady_timer retry_{io_};
  net::steady_timer drain_{io_};
  std::string address_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::Listen(const std::string& address, int port, size_t threads,
                                                       const HttpLimits& limits, std::shared_ptr<const Tls> tls) {
  auto server = std::make_unique<BeastServer>(threads, limits, std::move(tls));
  LEAT_TRY(server->Bind(address, port));
  return std::unique_ptr<HttpServer>(std::move(server));
}

bool IsLoopback(const std::string& address) {
  if (address == "localhost") return true;
  ErrorCode error;
  const auto ip = net::ip::make_address(address, error);
  return !error && ip.is_loopback();
}

}  // namespace leat::serve
