#include "components/source/mysql/connection.h"

#include <dlfcn.h>
#include <errmsg.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <sys/socket.h>

#include <filesystem>
#include <mutex>
#include <span>

#include "base/secret.h"
#include "component/statement_limit.h"

namespace leat::components::mysql {
namespace {

constexpr unsigned kMySqlTimeout = 3024;          // ER_QUERY_TIMEOUT, which MariaDB's header has not
constexpr unsigned kWriteTimeoutSeconds = 3'600;  // a server gives a slow reader 60 s by default

std::string Decoded(const std::string& text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && isxdigit(text[i + 1]) != 0 && isxdigit(text[i + 2]) != 0) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// Where a release has the client's plugins: beside its library. "" elsewhere: the library knows its own folder.
std::string PluginFolder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&mysql_init), &info) == 0 || info.dli_fname == nullptr) return "";
  const std::filesystem::path folder = std::filesystem::path(info.dli_fname).parent_path() / "mariadb-plugins";
  std::error_code ignored;
  return std::filesystem::is_directory(folder, ignored) ? folder.string() : "";
}

struct CloseStatement {
  void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
};
struct FreeAnswer {
  void operator()(MYSQL_RES* answer) const { mysql_free_result(answer); }
};

/// MariaDB's own types come as texts, with their name beside: "uuid", "inet6".
std::string NameBeside(const MYSQL_FIELD& field) {
  MARIADB_CONST_STRING name{nullptr, 0};
  if (mariadb_field_attr(&name, &field, MARIADB_FIELD_ATTR_DATA_TYPE_NAME) != 0 || name.str == nullptr) return "";
  return std::string(name.str, name.length);
}

/// information_schema's word for a type of the protocol.
std::string DataTypeOf(const MYSQL_FIELD& field) {
  constexpr unsigned kBinaryCharset = 63;
  const bool bytes = field.charsetnr == kBinaryCharset;
  if (std::string name = NameBeside(field); !name.empty()) return name;
  if ((field.flags & ENUM_FLAG) != 0) return "enum";
  if ((field.flags & SET_FLAG) != 0) return "set";
  switch (field.type) {
    case MYSQL_TYPE_TINY: return "tinyint";
    case MYSQL_TYPE_SHORT: return "smallint";
    case MYSQL_TYPE_INT24: return "mediumint";
    case MYSQL_TYPE_LONG: return "int";
    case MYSQL_TYPE_LONGLONG: return "bigint";
    case MYSQL_TYPE_YEAR: return "year";
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL: return "decimal";
    case MYSQL_TYPE_FLOAT: return "float";
    case MYSQL_TYPE_DOUBLE: return "double";
    case MYSQL_TYPE_BIT: return "bit";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE: return "date";
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_DATETIME2: return "datetime";
    case MYSQL_TYPE_TIMESTAMP:
    case MYSQL_TYPE_TIMESTAMP2: return "timestamp";
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_TIME2: return "time";
    case MYSQL_TYPE_GEOMETRY: return "geometry";
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB: return bytes ? "longblob" : "longtext";
    case MYSQL_TYPE_STRING:
    case MYSQL_TYPE_VARCHAR:
    case MYSQL_TYPE_VAR_STRING: return bytes ? "varbinary" : "varchar";
    default: return "text";
  }
}

AnswerColumn ColumnOf(const MYSQL_FIELD& field) {
  AnswerColumn column;
  column.name = std::string(field.name, field.name_length);
  column.data_type = column.declared = DataTypeOf(field);
  const bool is_unsigned = (field.flags & UNSIGNED_FLAG) != 0;
  column.precision = static_cast<int>(field.length);
  if (column.data_type == "decimal") {  // its length has room for the point and the sign
    column.scale = static_cast<int>(field.decimals);
    column.precision -= (column.scale > 0 ? 1 : 0) + (is_unsigned ? 0 : 1);
    column.declared += fmt::format("({},{})", column.precision, column.scale);
  }
  if (is_unsigned) column.declared += " unsigned";
  if ((field.flags & ZEROFILL_FLAG) != 0) column.declared += " zerofill";
  return column;
}

}  // namespace

Result<Endpoint> ParseUri(const std::string& uri) {
  Endpoint endpoint;
  const auto bad = [&](const char* what) {
    return MakeError("SRC-276", ErrorKind::kConfig, "`uri` of a mysql connection is not understood: {}", what)
        .WithHint("write mysql://user@host:3306/database");
  };
  const size_t begin = uri.starts_with("mysql://") ? 8 : uri.starts_with("mariadb://") ? 10 : 0;
  if (begin == 0) return bad("it begins with mysql://");
  const size_t slash = std::min(uri.find('/', begin), uri.size());
  std::string server = uri.substr(begin, slash - begin);
  if (slash < uri.size()) endpoint.database = Decoded(uri.substr(slash + 1, uri.find('?', slash) - slash - 1));
  if (const size_t at = server.rfind('@'); at != std::string::npos) {
    const std::string user = server.substr(0, at);
    const size_t colon = user.find(':');
    endpoint.user = Decoded(user.substr(0, colon));
    if (colon != std::string::npos) endpoint.password = Decoded(user.substr(colon + 1));
    server = server.substr(at + 1);
  }
  if (const size_t colon = server.rfind(':');
      colon != std::string::npos && server.find(']', colon) == std::string::npos) {
    const std::string port = server.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos)
      return bad("its port is no number");
    endpoint.port = std::stoi(port);
    server = server.substr(0, colon);
  }
  if (server.starts_with('[') && server.ends_with(']')) server = server.substr(1, server.size() - 2);
  endpoint.host = server;
  return endpoint;
}

std::string QuoteName(const std::string& name) {
  std::string quoted = "`";
  for (const char c : name) quoted.append(c == '`' ? 2 : 1, c);
  return quoted + "`";
}

Result<std::unique_ptr<Connection>> Connection::Open(const Endpoint& endpoint,
                                                     const component::SourceContext& context) {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  RegisterSecret(endpoint.password);
  std::unique_ptr<Connection> made(new Connection);
  if (context.budget != nullptr) {
    LEAT_ASSIGN(made->slot_, context.budget->Connect(context.cancel));
  }
  made->shown_ = endpoint.socket.empty() ? endpoint.host + ":" + std::to_string(endpoint.port) : endpoint.socket;
  made->server_ = mysql_init(nullptr);
  if (made->server_ == nullptr) return MakeError("SRC-271", ErrorKind::kResource, "no memory for a connection");
  MYSQL* server = made->server_;
  const auto seconds = static_cast<unsigned>(endpoint.connect_timeout.count());
  mysql_optionsv(server, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  mysql_optionsv(server, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  static const std::string plugins = PluginFolder();
  if (!plugins.empty()) mysql_optionsv(server, MYSQL_PLUGIN_DIR, plugins.c_str());
  // A server that is asked for a local file of ours gets none.
  const unsigned no = 0;
  mysql_optionsv(server, MYSQL_OPT_LOCAL_INFILE, &no);
  const my_bool enforce = endpoint.tls == "required" || endpoint.tls == "verify" ? 1 : 0;
  const my_bool verify = endpoint.tls == "verify" ? 1 : 0;
  if (endpoint.tls != "off") {
    mysql_optionsv(server, MYSQL_OPT_SSL_ENFORCE, &enforce);
    mysql_optionsv(server, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
    if (!endpoint.ca_file.empty()) mysql_optionsv(server, MYSQL_OPT_SSL_CA, endpoint.ca_file.c_str());
  }
  if (mysql_real_connect(server, endpoint.host.empty() ? nullptr : endpoint.host.c_str(), endpoint.user.c_str(),
                         endpoint.password.c_str(), endpoint.database.empty() ? nullptr : endpoint.database.c_str(),
                         static_cast<unsigned>(endpoint.port),
                         endpoint.socket.empty() ? nullptr : endpoint.socket.c_str(), 0) == nullptr)
    return made->Failed("connecting");
  made->cancel_ = context.cancel;
  if (made->cancel_ != nullptr) {
    const auto socket = mysql_get_socket(server);
    made->cancel_id_ = made->cancel_->AddCallback([socket] { shutdown(static_cast<int>(socket), SHUT_RDWR); });
  }
  LEAT_TRY(made->Query("SET time_zone = '+00:00', net_write_timeout = " + std::to_string(kWriteTimeoutSeconds),
                       "connecting"));
  return made;
}

Connection::~Connection() {
  if (cancel_ != nullptr) cancel_->RemoveCallback(cancel_id_);
  if (server_ == nullptr) return;
  // Rows that nobody wants would all be fetched by mysql_free_result: the connection goes first.
  if (answer_ != nullptr) {
    shutdown(static_cast<int>(mysql_get_socket(server_)), SHUT_RDWR);
    mysql_free_result(answer_);
  }
  mysql_close(server_);
}

Result<std::vector<TextRow>> Connection::Query(const std::string& sql, const std::string& what) {
  LEAT_TRY(Start(sql, what));
  std::vector<TextRow> rows;
  if (answer_ == nullptr) return rows;
  char** values = nullptr;
  unsigned long* lengths = nullptr;
  const unsigned width = mysql_num_fields(answer_);
  for (;;) {
    LEAT_ASSIGN(const bool more, Next(values, lengths));
    if (!more) return rows;
    TextRow& row = rows.emplace_back(width);
    for (unsigned i = 0; i < width; ++i) {
      if (values[i] != nullptr) row[i] = std::string(values[i], lengths[i]);
    }
  }
}

Result<std::vector<AnswerColumn>> Connection::Describe(const std::string& sql, const std::string& what) {
  if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
  const std::unique_ptr<MYSQL_STMT, CloseStatement> statement(mysql_stmt_init(server_));
  if (statement == nullptr) return MakeError("SRC-271", ErrorKind::kResource, "{}: no memory for a statement", what);
  if (mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0) return Failed(what);
  if (mysql_stmt_param_count(statement.get()) > 0)
    return MakeError("SRC-275", ErrorKind::kConfig, "{}: the statement has a ? that stands for nothing", what);
  const std::unique_ptr<MYSQL_RES, FreeAnswer> answer(mysql_stmt_result_metadata(statement.get()));
  std::vector<AnswerColumn> columns;
  if (answer == nullptr) return columns;
  const std::span<const MYSQL_FIELD> fields(mysql_fetch_fields(answer.get()), mysql_num_fields(answer.get()));
  columns.reserve(fields.size());
  for (const MYSQL_FIELD& field : fields) columns.push_back(ColumnOf(field));
  return columns;
}

Status Connection::Start(const std::string& sql, const std::string& what) {
  what_ = what;
  if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
  if (mysql_real_query(server_, sql.data(), sql.size()) != 0) return Failed(what);
  answer_ = mysql_use_result(server_);
  if (answer_ == nullptr && mysql_field_count(server_) != 0) return Failed(what);
  return Ok();
}

std::string Connection::version() const { return mysql_get_server_info(server_); }

void Connection::Drop() {
  if (answer_ != nullptr) mysql_free_result(answer_);
  answer_ = nullptr;
}

Result<bool> Connection::Next(char**& values, unsigned long*& lengths) {
  values = mysql_fetch_row(answer_);
  if (values != nullptr) {
    lengths = mysql_fetch_lengths(answer_);
    return true;
  }
  const bool failed = mysql_errno(server_) != 0;
  mysql_free_result(answer_);
  answer_ = nullptr;
  if (failed) return Failed(what_);
  return false;
}

std::string Connection::Escape(const std::string& text) const {
  std::string escaped(text.size() * 2 + 1, '\0');
  escaped.resize(mysql_real_escape_string(server_, escaped.data(), text.data(), text.size()));
  return "'" + escaped + "'";
}

Error Connection::Failed(const std::string& what) const {
  if (cancel_ != nullptr) {
    const Status cancelled = cancel_->Check();
    if (!cancelled.ok()) return cancelled.error();
  }
  const unsigned code = mysql_errno(server_);
  const std::string text = fmt::format("{}: {} says: {} ({})", what, shown_, mysql_error(server_), code);
  switch (code) {
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:
    case CR_SOCKET_CREATE_ERROR:
      return MakeError("SRC-271", ErrorKind::kEnvironment, "{}", text)
          .WithHint("check `host` and `port` of the connection and that the server runs")
          .WithRetry(Retry::kSafe);
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case ER_SERVER_SHUTDOWN:
    case ER_CONNECTION_KILLED:
      return MakeError("SRC-273", ErrorKind::kEnvironment, "{}", text)
          .WithHint("the server ended the connection; run again: nothing of this read was published")
          .WithRetry(Retry::kSafe);
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
      return MakeError("SRC-274", ErrorKind::kEnvironment, "{}", text)
          .WithHint("set `budget: { connections: N }`, or run when fewer others are connected")
          .WithRetry(Retry::kSafe);
    case ER_STATEMENT_TIMEOUT:
    case kMySqlTimeout:
      return MakeError(component::kStatementEnded, ErrorKind::kEnvironment, "{}", text)
          .WithHint("the server ended the statement for its time; run again, or raise its limits for this user")
          .WithRetry(Retry::kSafe);
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK:
      return MakeError("SRC-274", ErrorKind::kEnvironment, "{}", text)
          .WithHint("the server gave the statement up; run again, or raise its limits for this user")
          .WithRetry(Retry::kSafe);
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
      return MakeError("SRC-272", ErrorKind::kPermission, "{}", text)
          .WithHint("check `user` and `password` of the connection; the user needs SELECT on the table and no more");
    case ER_BAD_DB_ERROR:
    case CR_SSL_CONNECTION_ERROR:
      return MakeError("SRC-276", ErrorKind::kConfig, "{}", text)
          .WithHint("check `database`, `tls` and `ca_file` of the connection");
    default: return MakeError("SRC-275", ErrorKind::kEnvironment, "{}", text);
  }
}

}  // namespace leat::components::mysql
