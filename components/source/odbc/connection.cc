#include "components/source/odbc/connection.h"

#include <array>

#include "base/secret.h"
#include "component/statement_limit.h"
#include "components/source/odbc/odbc_error.h"
#include "components/source/odbc/sql_server.h"
#include "components/source/odbc/wide_text.h"

namespace leat::components::odbc {
namespace {

constexpr size_t kPieceUnits = 4096;

/// ODBC passes numbers of attributes as pointers.
SQLPOINTER AsPointer(SQLULEN number) {
  return reinterpret_cast<SQLPOINTER>(number);  // NOLINT(performance-no-int-to-ptr)
}

bool IsWarning(const std::string& state) { return state.starts_with("00") || state.starts_with("01"); }

SQLWCHAR* Units(std::u16string& text) { return reinterpret_cast<SQLWCHAR*>(text.data()); }

}  // namespace

std::string ConnectionPart(const std::string& key, const std::string& value) {
  const bool plain = value.find_first_of("[]{}(),;?*=!@ ") == std::string::npos;
  if (plain) return key + "=" + value;
  std::string quoted;
  for (const char c : value) quoted.append(c == '}' ? 2 : 1, c);
  return key + "={" + quoted + "}";
}

Statement::Statement(std::shared_ptr<Connection> connection, SQLHSTMT handle, std::string what)
    : connection_(std::move(connection)), handle_(handle), what_(std::move(what)) {
  if (connection_->cancel_ != nullptr)
    cancel_id_ = connection_->cancel_->AddCallback([this] { odbc().Cancel(handle_); });
}

Statement::~Statement() {
  if (connection_->cancel_ != nullptr) connection_->cancel_->RemoveCallback(cancel_id_);
  odbc().FreeHandle(SQL_HANDLE_STMT, handle_);
}

const DriverManager& Statement::odbc() const { return *connection_->odbc_; }

Error Statement::Failed() const { return connection_->Failed(SQL_HANDLE_STMT, handle_, what_); }

Status Statement::NoError() const {
  for (const auto& record : connection_->Records(SQL_HANDLE_STMT, handle_)) {
    if (!IsWarning(record.state)) return Failed();
  }
  return Ok();
}

void Statement::Close() {
  odbc().FreeStmt(handle_, SQL_CLOSE);
  odbc().FreeStmt(handle_, SQL_UNBIND);
}

Status Statement::Execute(const std::string& sql) {
  if (connection_->cancel_ != nullptr) LEAT_TRY(connection_->cancel_->Check());
  std::u16string text = ToWide(sql);
  const SQLRETURN outcome = odbc().ExecDirectW(handle_, Units(text), static_cast<SQLINTEGER>(text.size()));
  if (!SQL_SUCCEEDED(outcome) && outcome != SQL_NO_DATA) return Failed();
  return Ok();
}

Status Statement::Limit(std::chrono::milliseconds longest) {
  if (longest.count() == 0) return Ok();
  if (connection_->facts().dbms == Dbms::kMySql) return connection_->LimitSession(longest);
  // `budget` takes no less than a second.
  const auto seconds =
      static_cast<SQLULEN>(std::max<int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(longest).count()));
  SQLULEN held = 0;
  if (SQL_SUCCEEDED(odbc().SetStmtAttr(handle_, SQL_ATTR_QUERY_TIMEOUT, AsPointer(seconds), 0)) &&
      SQL_SUCCEEDED(odbc().GetStmtAttr(handle_, SQL_ATTR_QUERY_TIMEOUT, &held, 0, nullptr)) && held > 0 &&
      held <= seconds)
    return Ok();
  return MakeError("SRC-442", ErrorKind::kConfig, "{}: {} ends no statement for its time (SQL_ATTR_QUERY_TIMEOUT)",
                   what_, connection_->shown_)
      .WithHint("take `statement` out of the connection's `budget`, and limit its user at the server");
}

Result<std::shared_ptr<Connection>> Connection::Open(const Endpoint& endpoint,
                                                     const component::SourceContext& context) {
  RegisterSecret(endpoint.password);
  std::shared_ptr<Connection> made(new Connection);
  LEAT_ASSIGN(made->odbc_, LoadDriverManager());
  if (context.budget != nullptr) {
    LEAT_ASSIGN(made->slot_, context.budget->Connect(context.cancel));
  }
  made->shown_ = endpoint.shown;
  made->cancel_ = context.cancel;
  LEAT_TRY(made->Connect(endpoint));
  LEAT_TRY(made->ReadFacts());
  std::vector<std::string> statements = SessionStatements(made->facts_.dbms);
  statements.insert(statements.end(), endpoint.on_connect.begin(), endpoint.on_connect.end());
  for (const std::string& statement : statements) {
    LEAT_ASSIGN(const auto prepared, made->Prepare("connecting: " + statement));
    LEAT_TRY(prepared->Execute(statement));
  }
  return made;
}

Status Connection::Connect(const Endpoint& endpoint) {
  if (!SQL_SUCCEEDED(odbc_->AllocHandle(SQL_HANDLE_DBC, odbc_->environment, &handle_)))
    return MakeError("SRC-289", ErrorKind::kResource, "{}: the driver manager gives no connection", shown_);
  // Not every driver knows each of these: what they do not set stays as it is.
  odbc_->SetConnectAttrW(handle_, SQL_ATTR_LOGIN_TIMEOUT, AsPointer(endpoint.connect_timeout.count()), 0);
  odbc_->SetConnectAttrW(handle_, SQL_ATTR_ACCESS_MODE, AsPointer(SQL_MODE_READ_ONLY), 0);
  std::string parts = endpoint.text;
  if (!endpoint.password.empty()) parts += ";" + ConnectionPart("PWD", endpoint.password);
  if (parts.ends_with('}')) parts += ';';  // FreeTDS before 1.4 finds the end of braces by it
  std::u16string text = ToWide(parts);
  if (!SQL_SUCCEEDED(odbc_->DriverConnectW(handle_, nullptr, Units(text), static_cast<SQLSMALLINT>(text.size()),
                                           nullptr, 0, nullptr, SQL_DRIVER_NOPROMPT)))
    return Failed(SQL_HANDLE_DBC, handle_, "connecting");
  connected_ = true;
  if (endpoint.isolation.empty()) return Ok();
  const std::pair<const char*, SQLULEN> levels[] = {{"read committed", SQL_TXN_READ_COMMITTED},
                                                    {"repeatable read", SQL_TXN_REPEATABLE_READ},
                                                    {"serializable", SQL_TXN_SERIALIZABLE}};
  for (const auto& [name, level] : levels) {
    if (endpoint.isolation != name) continue;
    if (!SQL_SUCCEEDED(odbc_->SetConnectAttrW(handle_, SQL_ATTR_TXN_ISOLATION, AsPointer(level), 0)) ||
        !SQL_SUCCEEDED(odbc_->SetConnectAttrW(handle_, SQL_ATTR_AUTOCOMMIT, AsPointer(SQL_AUTOCOMMIT_OFF), 0)))
      return Failed(SQL_HANDLE_DBC, handle_, "setting `isolation: " + endpoint.isolation + "`");
  }
  transaction_ = true;
  return Ok();
}

Connection::~Connection() {
  if (handle_ == nullptr) return;
  if (transaction_) odbc_->EndTran(SQL_HANDLE_DBC, handle_, SQL_ROLLBACK);
  if (connected_) odbc_->Disconnect(handle_);
  odbc_->FreeHandle(SQL_HANDLE_DBC, handle_);
}

std::string Connection::InfoText(SQLUSMALLINT what) const {
  std::array<char16_t, 256> text{};
  SQLSMALLINT bytes = 0;
  if (!SQL_SUCCEEDED(odbc_->GetInfoW(handle_, what, text.data(), sizeof text, &bytes))) return "";
  return ToUtf8({text.data(), std::min<size_t>(static_cast<size_t>(std::max<SQLSMALLINT>(bytes, 0)) / 2, text.size())});
}

SQLUINTEGER Connection::InfoNumber(SQLUSMALLINT what) const {
  SQLUINTEGER number = 0;
  odbc_->GetInfoW(handle_, what, &number, sizeof number, nullptr);
  return number;
}

Status Connection::ReadFacts() {
  facts_.driver = InfoText(SQL_DRIVER_NAME);
  facts_.dbms_name = InfoText(SQL_DBMS_NAME);
  facts_.dbms = DbmsOf(facts_.dbms_name);
  facts_.quote = InfoText(SQL_IDENTIFIER_QUOTE_CHAR);
  if (facts_.quote == " ") facts_.quote.clear();  // ODBC's word for none
  facts_.separator = InfoText(SQL_CATALOG_NAME_SEPARATOR);
  if (facts_.separator.empty()) facts_.separator = ".";
  facts_.escape = InfoText(SQL_SEARCH_PATTERN_ESCAPE);
  facts_.get_data = InfoNumber(SQL_GETDATA_EXTENSIONS);
  facts_.catalogs = (InfoNumber(SQL_CATALOG_USAGE) & SQL_CU_DML_STATEMENTS) != 0;
  facts_.schemas = (InfoNumber(SQL_SCHEMA_USAGE) & SQL_SU_DML_STATEMENTS) != 0;
  facts_.catalog_at_end = (InfoNumber(SQL_CATALOG_LOCATION) & 0xffff) == SQL_CL_END;
  return Ok();
}

Result<std::unique_ptr<Statement>> Connection::Prepare(const std::string& what) {
  SQLHSTMT handle = nullptr;
  if (!SQL_SUCCEEDED(odbc_->AllocHandle(SQL_HANDLE_STMT, handle_, &handle)))
    return Failed(SQL_HANDLE_DBC, handle_, what);
  return std::unique_ptr<Statement>(new Statement(shared_from_this(), handle, what));
}

Result<std::vector<TextRow>> Connection::Query(const std::string& sql, const std::string& what,
                                               std::chrono::milliseconds longest) {
  LEAT_ASSIGN(const auto statement, Prepare(what));
  LEAT_TRY(statement->Limit(longest));
  LEAT_TRY(statement->Execute(sql));
  return Rows(*statement);
}

Status Connection::LimitSession(std::chrono::milliseconds longest) {
  if (session_limit_ == longest) return Ok();
  const std::string what = "the longest statement of `budget`";
  LEAT_ASSIGN(const auto version, Query("SELECT version()", what));
  const std::string sql = component::MySqlSessionLimit(version.at(0).at(0).value_or(""), longest);
  LEAT_ASSIGN(const auto statement, Prepare(what));
  LEAT_TRY(statement->Execute(sql));
  session_limit_ = longest;
  return Ok();
}

Result<std::vector<TextRow>> Connection::Catalogue(
    const std::string& what, const std::function<SQLRETURN(const DriverManager&, SQLHSTMT)>& call) {
  LEAT_ASSIGN(const auto statement, Prepare(what));
  if (!SQL_SUCCEEDED(call(*odbc_, statement->handle()))) return statement->Failed();
  return Rows(*statement);
}

Result<std::vector<TextRow>> Connection::Rows(Statement& statement) {
  SQLSMALLINT width = 0;
  odbc_->NumResultCols(statement.handle(), &width);
  std::vector<TextRow> rows;
  std::array<char16_t, kPieceUnits> piece{};
  for (;;) {
    const SQLRETURN fetched = odbc_->Fetch(statement.handle());
    if (fetched == SQL_NO_DATA) return rows;
    if (!SQL_SUCCEEDED(fetched)) return statement.Failed();
    TextRow& row = rows.emplace_back(static_cast<size_t>(width));
    for (SQLUSMALLINT i = 0; i < static_cast<SQLUSMALLINT>(width); ++i) {
      std::u16string text;
      for (;;) {
        SQLLEN bytes = 0;
        const SQLRETURN got = odbc_->GetData(statement.handle(), static_cast<SQLUSMALLINT>(i + 1), SQL_C_WCHAR,
                                             piece.data(), sizeof piece, &bytes);
        if (got == SQL_NO_DATA || bytes == SQL_NULL_DATA) break;
        if (!SQL_SUCCEEDED(got)) return statement.Failed();
        const bool more = bytes == SQL_NO_TOTAL || static_cast<size_t>(bytes) >= sizeof piece;
        text.append(piece.data(), more ? kPieceUnits - 1 : static_cast<size_t>(bytes) / 2);
        row[i] = std::string();
        if (got == SQL_SUCCESS || !more) break;
      }
      if (row[i]) row[i] = ToUtf8(text);
    }
  }
}

std::string Connection::Quote(const std::string& name) const {
  if (facts_.quote.empty()) return name;
  std::string quoted = facts_.quote;
  for (const char c : name) {
    if (facts_.quote[0] == c) quoted += c;
    quoted += c;
  }
  return quoted + facts_.quote;
}

std::vector<Connection::Record> Connection::Records(SQLSMALLINT kind, SQLHANDLE handle) const {
  constexpr SQLSMALLINT kMostRecords = 4;
  std::vector<Record> records;
  for (SQLSMALLINT i = 1; i <= kMostRecords; ++i) {
    std::array<char16_t, 6> state{};
    std::array<char16_t, 1024> text{};
    SQLSMALLINT length = 0;
    Record record;
    if (!SQL_SUCCEEDED(odbc_->GetDiagRecW(kind, handle, i, reinterpret_cast<SQLWCHAR*>(state.data()), &record.native,
                                          reinterpret_cast<SQLWCHAR*>(text.data()), text.size(), &length)))
      break;
    record.state = ToUtf8({state.data(), 5});
    record.message =
        ToUtf8({text.data(), std::min<size_t>(static_cast<size_t>(std::max<SQLSMALLINT>(length, 0)), text.size() - 1)});
    for (char& c : record.message) {
      if (c == '\n' || c == '\r') c = ' ';
    }
    records.push_back(std::move(record));
  }
  return records;
}

Error Connection::Failed(SQLSMALLINT kind, SQLHANDLE handle, const std::string& what) const {
  if (cancel_ != nullptr) {
    const Status cancelled = cancel_->Check();
    if (!cancelled.ok()) return cancelled.error();
  }
  Diagnosis diagnosis;
  for (const Record& record : Records(kind, handle)) {
    if (diagnosis.state.empty() || IsWarning(diagnosis.state)) diagnosis.state = record.state;
    diagnosis.too_long = diagnosis.too_long || (facts_.dbms == Dbms::kMySql && IsMySqlTimeout(record.native));
    diagnosis.again = diagnosis.again || (facts_.dbms == Dbms::kSqlServer && IsSqlServerAgain(record.native));
    diagnosis.text += (diagnosis.text.empty() ? "" : "; ") + record.message;
  }
  diagnosis.connecting = !connected_;
  if (connected_) {
    SQLUINTEGER dead = SQL_CD_FALSE;
    diagnosis.dead = SQL_SUCCEEDED(odbc_->GetConnectAttrW(handle_, SQL_ATTR_CONNECTION_DEAD, &dead, 0, nullptr)) &&
                     dead == SQL_CD_TRUE;
  }
  return ErrorOf(diagnosis, what, shown_);
}

}  // namespace leat::components::odbc
