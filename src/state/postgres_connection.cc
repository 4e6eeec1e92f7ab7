#include "state/postgres_connection.h"

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/ids.h"

namespace leat::state {
namespace {

constexpr size_t kMostSent = 256;  // statements that are under way without being waited for
// Type numbers of pg_type: fixed for ever.
constexpr Oid kBool = 16, kInt8 = 20, kInt2 = 21, kInt4 = 23, kText = 25, kFloat4 = 700, kFloat8 = 701, kNumeric = 1700;

/// A value as a text parameter; the pointer lives as long as both arguments.
const char* ParameterText(const Value& value, std::string& buffer) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    buffer = std::to_string(*number);
  } else if (const auto* real = std::get_if<double>(&value)) {
    buffer = fmt::format("{}", *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    return text->c_str();
  } else {
    return nullptr;
  }
  return buffer.c_str();
}

/// Parameters as texts; valid as long as they and this are.
struct Texts {
  explicit Texts(const Params& params) : buffers(params.size()), values(params.size()) {
    for (size_t i = 0; i < params.size(); ++i) values[i] = ParameterText(params[i], buffers[i]);
  }
  std::vector<std::string> buffers;
  std::vector<const char*> values;
};

Oid ParameterType(const Value& value) {
  if (std::holds_alternative<int64_t>(value)) return kInt8;
  if (std::holds_alternative<double>(value)) return kFloat8;
  if (std::holds_alternative<std::string>(value)) return kText;
  return 0;
}

Value ColumnValue(const PGresult* result, int row, int column) {
  if (PQgetisnull(result, row, column) != 0) return std::monostate();
  const std::string_view text(PQgetvalue(result, row, column), static_cast<size_t>(PQgetlength(result, row, column)));
  switch (PQftype(result, column)) {
    case kBool: return int64_t{text == "t"};
    case kInt2:
    case kInt4:
    case kInt8:
    case kNumeric: {
      // sum() of BIGINT is NUMERIC here and an integer in SQLite.
      int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size()) return number;
      return std::strtod(std::string(text).c_str(), nullptr);
    }
    case kFloat4:
    case kFloat8: return std::strtod(std::string(text).c_str(), nullptr);
    default: return std::string(text);
  }
}

Rows ToRows(const PGresult* result) {
  Rows rows;
  const int columns = PQnfields(result);
  for (int i = 0; i < columns; ++i) rows.columns.emplace_back(PQfname(result, i));
  for (int row = 0; row < PQntuples(result); ++row) {
    Row values;
    values.reserve(static_cast<size_t>(columns));
    for (int i = 0; i < columns; ++i) values.push_back(ColumnValue(result, row, i));
    rows.rows.push_back(std::move(values));
  }
  return rows;
}

Status CheckTexts(const Params& params) {
  for (const Value& value : params) {
    const auto* text = std::get_if<std::string>(&value);
    if (text != nullptr && text->find('\0') != std::string::npos) {
      return MakeError("STATE-201", ErrorKind::kData, "a text with a zero byte cannot be kept in the state");
    }
  }
  return Ok();
}

std::string Trimmed(const char* text) {
  std::string line = text == nullptr ? "" : text;
  while (!line.empty() && (line.back() == '\n' || line.back() == ' ')) line.pop_back();
  for (char& c : line) {
    if (c == '\n') c = ' ';
  }
  return line;
}

}  // namespace

std::string TranslateParameters(std::string_view sql) {
  std::string out;
  out.reserve(sql.size());
  char quote = 0;
  bool comment = false;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (comment) {
      comment = c != '\n';
    } else if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '-' && i + 1 < sql.size() && sql[i + 1] == '-') {
      comment = true;
    } else if (c == '?' && i + 1 < sql.size() && sql[i + 1] >= '1' && sql[i + 1] <= '9') {
      out += '$';
      continue;
    }
    out += c;
  }
  return out;
}

PostgresConnection::PostgresConnection(PGconn* connection, std::string display_name)
    : connection_(connection), display_name_(std::move(display_name)), id_(NewUuidV7()) {}

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const std::string& url,
                                                                     const std::string& display_name, bool durable) {
  // What stands first counts unless the URL says it too. A machine that is gone without a word is noticed in half a minute.
  const char* const names[] = {"connect_timeout",
                               "keepalives_idle",
                               "keepalives_interval",
                               "keepalives_count",
                               "tcp_user_timeout",
                               "dbname",
                               nullptr};
  const char* const values[] = {
      std::getenv("PGCONNECT_TIMEOUT") == nullptr ? "10" : nullptr, "10", "5", "3", "30000", url.c_str(), nullptr};
  std::unique_ptr<PostgresConnection> made(
      new PostgresConnection(PQconnectdbParams(names, values, /*expand_dbname=*/1), display_name));
  if (made->broken()) {
    return MakeError("STATE-101", ErrorKind::kEnvironment, "cannot reach the state in {}: {}", display_name,
                     Trimmed(PQerrorMessage(made->connection_.get())))
        .WithHint("look whether the server runs and lets you in; the password may come from PGPASSWORD or ~/.pgpass")
        .WithRetry(Retry::kSafe);
  }
  PQsetNoticeProcessor(
      made->connection_.get(), [](void*, const char*) {}, nullptr);
  LEAT_TRY(made->RunScript(
      fmt::format("SET search_path = leat; SET client_encoding = 'UTF8'; SET DateStyle = 'ISO'; "
                  "SET standard_conforming_strings = on; SET synchronous_commit = {}; "
                  "SET idle_in_transaction_session_timeout = '60s'; SET default_transaction_read_only = on",
                  durable ? "on" : "off")));
  return made;
}

Error PostgresConnection::MakeFailure(const PGresult* result, std::string_view sql) const {
  const char* state_text = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const std::string_view state = state_text == nullptr ? "" : state_text;
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string text = Trimmed(primary == nullptr ? PQerrorMessage(connection_.get()) : primary);
  const std::string in = sql.empty() ? "" : fmt::format(" (in: {})", sql.substr(0, 200));
  if (broken() || state.starts_with("57P")) {
    return MakeError("STATE-202", ErrorKind::kEnvironment, "the connection to the state in {} broke: {}", display_name_,
                     text)
        .WithHint("look whether the server still runs")
        .WithRetry(Retry::kSafe);
  }
  if (state == "40001" || state == "40P01" || state == "55P03") {
    return MakeError("STATE-202", ErrorKind::kConflict, "the state in {} asked to try again: {}{}", display_name_, text,
                     in)
        .WithRetry(Retry::kSafe);
  }
  if (state.starts_with("23")) {
    return MakeError("STATE-203", ErrorKind::kConflict, "the state in {} refused a row: {}{}", display_name_, text, in);
  }
  if (state.starts_with("53") || state.starts_with("58") || state == "25006") {
    return MakeError("STATE-201", ErrorKind::kEnvironment, "the state in {} cannot be written: {}{}", display_name_,
                     text, in)
        .WithHint("look at the server's disk and limits");
  }
  if (state == "42501") {
    return MakeError("STATE-201", ErrorKind::kPermission, "the state in {} refused: {}{}", display_name_, text, in)
        .WithHint("the user needs to create and own the schema 'leat' of this database");
  }
  return MakeError("STATE-201", ErrorKind::kInternal, "a statement on the state in {} failed: {}{}", display_name_,
                   text, in);
}

Result<const std::string*> PostgresConnection::Prepare(std::string_view sql, const Params& params, bool send) {
  std::string key;
  std::vector<Oid> types(params.size());
  for (size_t i = 0; i < params.size(); ++i) {
    types[i] = ParameterType(params[i]);
    key += std::to_string(types[i]) + ",";
  }
  key += sql;
  const auto found = statements_.find(key);
  if (found != statements_.end()) return &found->second;
  std::string name = fmt::format("s{}", ++prepared_);
  const std::string text = TranslateParameters(sql);
  const int count = static_cast<int>(params.size());
  if (send) {
    if (PQsendPrepare(connection_.get(), name.c_str(), text.c_str(), count, types.data()) == 0)
      return MakeFailure(nullptr, sql);
    sent_.push_back({std::string(sql), key});
  } else {
    const Answer prepared(PQprepare(connection_.get(), name.c_str(), text.c_str(), count, types.data()));
    if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) return MakeFailure(prepared.get(), sql);
  }
  return &statements_.emplace(std::move(key), std::move(name)).first->second;
}

Result<PostgresConnection::Answer> PostgresConnection::Run(std::string_view sql, const Params& params) {
  if (!sent_.empty()) {
    LEAT_TRY(Send(sql, params));
    return Receive();
  }
  LEAT_TRY(CheckTexts(params));
  LEAT_ASSIGN(const std::string* name, Prepare(sql, params, /*send=*/false));
  const Texts texts(params);
  Answer answer(PQexecPrepared(connection_.get(), name->c_str(), static_cast<int>(params.size()), texts.values.data(),
                               nullptr, nullptr, 0));
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return MakeFailure(answer.get(), sql);
  return answer;
}

Status PostgresConnection::Send(std::string_view sql, const Params& params) {
  LEAT_TRY(CheckTexts(params));
  // Answers that nobody fetches fill the buffers between the two, at last both wait for each other.
  if (sent_.size() >= kMostSent) LEAT_TRY(Receive());
  if (PQpipelineStatus(connection_.get()) == PQ_PIPELINE_OFF && PQenterPipelineMode(connection_.get()) == 0)
    return MakeFailure(nullptr, sql);
  LEAT_ASSIGN(const std::string* name, Prepare(sql, params, /*send=*/true));
  const Texts texts(params);
  if (PQsendQueryPrepared(connection_.get(), name->c_str(), static_cast<int>(params.size()), texts.values.data(),
                          nullptr, nullptr, 0) == 0)
    return MakeFailure(nullptr, sql);
  sent_.push_back({std::string(sql), ""});
  return Ok();
}

Result<PostgresConnection::Answer> PostgresConnection::Receive() {
  const std::vector<Sent> sent = std::exchange(sent_, {});
  std::optional<Error> failure;
  Answer last;
  if (PQpipelineSync(connection_.get()) == 0) return MakeFailure(nullptr, sent.front().sql);
  for (const Sent& each : sent) {
    last.reset(PQgetResult(connection_.get()));
    const ExecStatusType status = PQresultStatus(last.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) {
      // Those after the first that failed were not looked at.
      if (!failure) failure = MakeFailure(last.get(), each.sql);
      if (!each.prepares.empty()) statements_.erase(each.prepares);
    }
    if (broken()) return failure ? std::move(*failure) : MakeFailure(nullptr, each.sql);
    Answer(PQgetResult(connection_.get())).reset();  // the end of this statement's results
  }
  Answer(PQgetResult(connection_.get())).reset();  // the end of all
  PQexitPipelineMode(connection_.get());
  if (failure) return std::move(*failure);
  return last;
}

Result<Rows> PostgresConnection::Query(std::string_view sql, const Params& params) {
  LEAT_ASSIGN(const Answer answer, Run(sql, params));
  return ToRows(answer.get());
}

Result<int64_t> PostgresConnection::Execute(std::string_view sql, const Params& params) {
  LEAT_ASSIGN(const Answer answer, Run(sql, params));
  return int64_t{std::atoll(PQcmdTuples(answer.get()))};
}

Result<Rows> PostgresConnection::RunScript(std::string_view sql) {
  if (!sent_.empty()) LEAT_TRY(Receive());
  const std::string text(sql);
  const Answer answer(PQexec(connection_.get(), text.c_str()));
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) return MakeFailure(answer.get(), "");
  return ToRows(answer.get());
}

Result<int64_t> PostgresConnection::BeginWrite() {
  std::string script = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ";
  if (++writes_ == 1) {  // what connections that are long gone have left
    script +=
        "DELETE FROM write_mark WHERE connection IN (SELECT connection FROM write_mark WHERE made_at < now() - interval '1 day' "
        "FOR UPDATE SKIP LOCKED); ";
  }
  script += fmt::format(
      "INSERT INTO write_mark VALUES ('{}', {}, now()) "
      "ON CONFLICT (connection) DO UPDATE SET writes = excluded.writes, made_at = excluded.made_at; "
      "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
      id_, writes_);
  LEAT_ASSIGN(const Rows rows, RunScript(script));
  return rows.Int(0, 0);
}

Result<bool> PostgresConnection::WasCommitted(const PostgresConnection& other) {
  // The number of a transaction would not do (pg_xact_status): after a crash others may get it again. Writing to the same row,
  // also where it is not there yet, waits for the transaction that has it.
  LEAT_TRY(RunScript("BEGIN READ WRITE; SET LOCAL lock_timeout = '3s'"));
  Result<Rows> rows = Query(
      "INSERT INTO write_mark VALUES (?1, -1, now()) "
      "ON CONFLICT (connection) DO UPDATE SET made_at = excluded.made_at RETURNING writes",
      {other.id_});
  LEAT_TRY(RunScript("ROLLBACK"));
  if (!rows.ok()) return std::move(rows).error();
  return rows->Int(0, 0) == other.writes_;
}

Status PostgresConnection::Commit() {
  Answer answer;
  if (sent_.empty()) {
    answer.reset(PQexec(connection_.get(), "COMMIT"));
  } else if (PQsendQueryParams(connection_.get(), "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 0) != 0) {
    sent_.push_back({"COMMIT", ""});
    Result<Answer> received = Receive();
    const bool lost =
        !received.ok() &&
        (broken() || (received.error().code() == "STATE-202" && received.error().kind() == ErrorKind::kEnvironment));
    if (!received.ok() && !lost) return std::move(received).error();
    if (received.ok()) answer = *std::move(received);
  }
  if (PQresultStatus(answer.get()) == PGRES_COMMAND_OK) {
    if (std::strcmp(PQcmdStatus(answer.get()), "COMMIT") == 0) return Ok();
    // The server answers ROLLBACK when an earlier statement of the transaction had failed.
    return MakeError("STATE-201", ErrorKind::kInternal, "the state in {} rolled back instead of committing",
                     display_name_);
  }
  const char* state = PQresultErrorField(answer.get(), PG_DIAG_SQLSTATE);
  // With an SQLSTATE the server itself said that it did not commit; a shutdown (57P..) may come after the commit.
  if (state != nullptr && std::strncmp(state, "57P", 3) != 0 && !broken()) return MakeFailure(answer.get(), "COMMIT");
  return MakeError("STATE-301", ErrorKind::kEnvironment, "the connection to the state in {} broke during COMMIT: {}",
                   display_name_, Trimmed(PQerrorMessage(connection_.get())))
      .WithHint("look whether it was committed before trying again; nothing was cleaned up")
      .WithRetry(Retry::kUnknownOutcome);
}

}  // namespace leat::state
