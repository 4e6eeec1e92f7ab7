#include "components/source/postgres/connection.h"

#include <poll.h>

#include <array>
#include <cstdlib>
#include <cstring>

#include "components/source/postgres/server_error.h"

namespace leat::components::postgres {
namespace {

constexpr int kLookMilliseconds = 100;  ///< between two looks at the cancel token

/// True when the socket is ready, false after kLookMilliseconds.
bool Ready(PGconn* connection, short events) {
  pollfd place{PQsocket(connection), events, 0};
  return poll(&place, 1, kLookMilliseconds) > 0;
}

/// Where the `position`-th character of the statement is, from 1: " in line 2, column 8 of it".
std::string PlaceIn(std::string_view sql, int position) {
  int line = 1, column = 1;
  for (const char c : sql) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0) == 0x80;  // of a character of several bytes
    if (!continues && --position == 0) break;
    column = c == '\n' ? 1 : column + (continues ? 0 : 1);
    line += c == '\n' ? 1 : 0;
  }
  return fmt::format(", in line {}, column {} of it", line, column);
}

}  // namespace

std::string Endpoint::Shown() const {
  const auto text = [&](const char* name, const char* otherwise) {
    const auto found = parameters.find(name);
    return found == parameters.end() || found->second.empty() ? std::string(otherwise) : found->second;
  };
  const std::string host = text("host", "localhost");
  return fmt::format("{} on {}:{}", text("dbname", "the user's database"), host, text("port", "5432"));
}

Connection::Connection(PGconn* connection, std::string shown, std::string what, CancelToken* cancel,
                       std::unique_ptr<component::BudgetSlot> slot)
    : slot_(std::move(slot)),
      connection_(connection),
      shown_(std::move(shown)),
      what_(std::move(what)),
      cancel_(cancel) {}

Connection::~Connection() {
  if (in_copy_) CancelStatement();
}

Result<std::unique_ptr<Connection>> Connection::Open(const Endpoint& endpoint, const std::string& what,
                                                     CancelToken* cancel, std::unique_ptr<component::BudgetSlot> slot) {
  std::vector<const char*> names, values;
  for (const auto& [name, value] : endpoint.parameters) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  // No `options`: poolers refuse them. What a session needs is set in its transactions.
  for (const auto& [name, value] : {std::pair{"client_encoding", "UTF8"}, {"fallback_application_name", "leat"}}) {
    names.push_back(name);
    values.push_back(value);
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  std::unique_ptr<Connection> made(new Connection(PQconnectStartParams(names.data(), values.data(), 0),
                                                  endpoint.Shown(), what, cancel, std::move(slot)));
  LEAT_TRY(made->Start(endpoint.connect_timeout));
  return made;
}

Status Connection::Start(std::chrono::milliseconds timeout) {
  PGconn* connection = connection_.get();
  if (connection == nullptr) return MakeError("SRC-242", ErrorKind::kResource, "{}: no memory to connect", what_);
  // The error's SQLSTATE is shown then, in whatever language the server speaks.
  PQsetErrorVerbosity(connection, PQERRORS_VERBOSE);
  PQsetNoticeProcessor(
      connection, [](void*, const char*) {}, nullptr);
  const auto until = std::chrono::steady_clock::now() + timeout;
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED || PQstatus(connection) == CONNECTION_BAD) return StartFailure();
    if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
    if (std::chrono::steady_clock::now() > until) {
      return MakeError("SRC-242", ErrorKind::kEnvironment, "{}: {} did not answer within {} s", what_, shown_,
                       std::chrono::duration_cast<std::chrono::seconds>(timeout).count())
          .WithRetry(Retry::kSafe)
          .WithHint("look whether the server runs and no firewall is between; `connect_timeout` gives it longer");
    }
    if (Ready(connection, next == PGRES_POLLING_READING ? POLLIN : POLLOUT)) next = PQconnectPoll(connection);
  }
  PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
  return Ok();
}

Error Connection::StartFailure() {
  const std::string text = PQerrorMessage(connection_.get());
  last_state_ = StateOfMessage(text);
  return StartError(what_, shown_, last_state_, text);
}

Error Connection::Failure(const PGresult* result, const std::string& place) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  last_state_ = state == nullptr ? "" : state;
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char* detail = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
  std::string text = primary == nullptr ? OneLine(PQerrorMessage(connection_.get())) : primary;
  if (detail != nullptr) text += std::string(" (") + detail + ")";
  text += place;
  const bool broken = PQstatus(connection_.get()) != CONNECTION_OK;
  return StatementError(what_, shown_, last_state_, text, broken);
}

void Connection::CancelStatement() {
  PGcancel* cancel = PQgetCancel(connection_.get());
  if (cancel == nullptr) return;
  std::array<char, 256> why{};
  PQcancel(cancel, why.data(), static_cast<int>(why.size()));
  PQfreeCancel(cancel);
}

/// Waits for bytes; a cancelled run ends the statement at the server.
Status Connection::WaitReadable() {
  while (!Ready(connection_.get(), POLLIN)) {
    if (cancel_ == nullptr || !cancel_->cancelled()) continue;
    CancelStatement();
    return cancel_->Check();
  }
  if (PQconsumeInput(connection_.get()) == 0) {
    in_copy_ = false;
    return Failure(nullptr);
  }
  return Ok();
}

/// Null when the statement has no more results.
Result<Connection::Answer> Connection::NextResult() {
  while (PQisBusy(connection_.get()) != 0) LEAT_TRY(WaitReadable());
  return Answer(PQgetResult(connection_.get()));
}

/// Reads what is left of a statement that failed.
Status Connection::Drain() {
  while (true) {
    LEAT_ASSIGN(const Answer answer, NextResult());
    if (!answer) return Ok();
    if (PQresultStatus(answer.get()) == PGRES_COPY_OUT) return Ok();
  }
}

Result<std::vector<TextRow>> Connection::Query(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return Failure(nullptr);
  std::vector<TextRow> rows;
  while (true) {
    LEAT_ASSIGN(const Answer answer, NextResult());
    if (!answer) return rows;
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
      Error error = Failure(answer.get());
      (void)Drain().ok();
      return error;
    }
    if (status != PGRES_TUPLES_OK) continue;
    rows.clear();
    for (int row = 0; row < PQntuples(answer.get()); ++row) {
      TextRow& out = rows.emplace_back();
      for (int i = 0; i < PQnfields(answer.get()); ++i) {
        if (PQgetisnull(answer.get(), row, i) != 0) {
          out.emplace_back();
        } else {
          out.emplace_back(
              std::string(PQgetvalue(answer.get(), row, i), static_cast<size_t>(PQgetlength(answer.get(), row, i))));
        }
      }
    }
  }
}

Status Connection::Execute(const std::string& sql) {
  auto rows = Query(sql);
  return rows.ok() ? Ok() : Status(std::move(rows).error());
}

Result<std::vector<AnswerColumn>> Connection::Describe(const std::string& sql) {
  std::vector<AnswerColumn> columns;
  PGconn* connection = connection_.get();
  for (const bool describes : {false, true}) {
    const int sent =
        describes ? PQsendDescribePrepared(connection, "") : PQsendPrepare(connection, "", sql.c_str(), 0, nullptr);
    if (sent == 0) return Failure(nullptr);
    while (true) {
      LEAT_ASSIGN(const Answer answer, NextResult());
      if (!answer) break;
      if (PQresultStatus(answer.get()) != PGRES_COMMAND_OK) {
        const char* position = PQresultErrorField(answer.get(), PG_DIAG_STATEMENT_POSITION);
        Error error = Failure(answer.get(), position == nullptr ? "" : PlaceIn(sql, std::atoi(position)));
        (void)Drain().ok();
        return error;
      }
      for (int i = 0; i < PQnfields(answer.get()); ++i)
        columns.push_back({PQfname(answer.get(), i), PQftype(answer.get(), i), PQfmod(answer.get(), i)});
    }
  }
  return columns;
}

Status Connection::StartCopy(const std::string& sql) {
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return Failure(nullptr);
  LEAT_ASSIGN(const Answer answer, NextResult());
  if (answer && PQresultStatus(answer.get()) == PGRES_COPY_OUT) {
    in_copy_ = true;
    return Ok();
  }
  Error error = Failure(answer.get());
  (void)Drain().ok();
  return error;
}

Result<std::string_view> Connection::NextCopy() {
  while (true) {
    char* bytes = nullptr;
    const int size = PQgetCopyData(connection_.get(), &bytes, 1);
    if (size > 0) {
      message_.reset(bytes);
      return std::string_view(bytes, static_cast<size_t>(size));
    }
    if (size == 0) {
      LEAT_TRY(WaitReadable());
      continue;
    }
    in_copy_ = false;
    message_.reset();
    if (size == -2) return Failure(nullptr);
    LEAT_ASSIGN(const Answer answer, NextResult());
    if (!answer || PQresultStatus(answer.get()) != PGRES_COMMAND_OK) {
      Error error = Failure(answer.get());
      (void)Drain().ok();
      return error;
    }
    LEAT_TRY(Drain());
    return std::string_view();
  }
}

Status Connection::Limit(std::chrono::milliseconds longest) {
  limit_ = longest;
  return Execute(fmt::format("SAVEPOINT leat_limited; SET LOCAL statement_timeout = {}", limit_.count()));
}

Status Connection::GoOn() {  // what was set behind the savepoint goes with it
  return Execute(fmt::format("ROLLBACK TO SAVEPOINT leat_limited; SET LOCAL statement_timeout = {}", limit_.count()));
}

Status Connection::EndLimit() { return Execute("ROLLBACK TO SAVEPOINT leat_limited; RELEASE SAVEPOINT leat_limited"); }

Result<bool> Connection::ThroughPooler() {
  LEAT_ASSIGN(const std::vector<TextRow> rows, Query("SELECT pg_backend_pid()"));
  return rows.empty() || rows[0][0].value_or("") != std::to_string(PQbackendPID(connection_.get()));
}

}  // namespace leat::components::postgres
