#include "components/source/adbc/connection.h"

#include <arrow-adbc/adbc_driver_manager.h>

#include <cstring>

#include "components/source/adbc/adbc_error.h"
#include "components/source/adbc/arrow_value.h"

namespace leat::components::adbc {
namespace {

/// Error texts come with line breaks.
std::string OneLine(const char* text) {
  std::string line = text == nullptr ? "" : text;
  while (!line.empty() && isspace(static_cast<unsigned char>(line.back())) != 0) line.pop_back();
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return line;
}

const char* OrNull(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

void Release(ArrowArray& array) {
  if (array.release != nullptr) array.release(&array);
  array = {};
}

/// A name where a pattern is expected: `_` and `%` fit themselves, and more, so the caller compares names; a backslash would not.
std::string Pattern(const std::string& name) { return name.find('\\') == std::string::npos ? name : ""; }

}  // namespace

Answer::Answer(std::shared_ptr<Connection> connection, std::string what)
    : connection_(std::move(connection)), what_(std::move(what)) {}

Answer::~Answer() {
  if (cancel_id_ != 0) connection_->cancel_->RemoveCallback(cancel_id_);
  Release(batch_);
  if (stream_.release != nullptr) stream_.release(&stream_);
  if (has_statement_) AdbcStatementRelease(&statement_, DriverError().out());
}

Status Answer::ReadColumns() {
  ArrowSchema schema{};
  const int outcome = stream_.get_schema(&stream_, &schema);
  if (outcome != 0) return Failed(outcome);
  auto type = ParseType(schema);
  if (schema.release != nullptr) schema.release(&schema);
  if (!type.ok()) return std::move(std::move(type).error()).In(what_);
  columns_ = std::move(type->children);
  return Ok();
}

Result<const ArrowArray*> Answer::Next() {
  do {
    if (connection_->cancel_ != nullptr) LEAT_TRY(connection_->cancel_->Check());
    Release(batch_);
    const int outcome = stream_.get_next(&stream_, &batch_);
    if (outcome != 0) return Failed(outcome);
    if (batch_.release == nullptr) return nullptr;
  } while (batch_.length == 0);
  return &batch_;
}

Error Answer::Failed(int outcome) {
  AdbcStatusCode status = ADBC_STATUS_IO;
  const AdbcError* error = AdbcErrorFromArrayStream(&stream_, &status);
  if (error != nullptr) return connection_->Failed(status, *error, what_);
  const char* text = stream_.get_last_error(&stream_);
  AdbcError plain = ADBC_ERROR_INIT;
  std::string message = text == nullptr ? std::strerror(outcome) : text;  // NOLINT(concurrency-mt-unsafe): glibc's is
  plain.message = message.data();
  return connection_->Failed(outcome == EIO ? ADBC_STATUS_IO : ADBC_STATUS_UNKNOWN, plain, what_);
}

Result<std::shared_ptr<Connection>> Connection::Open(const Endpoint& endpoint,
                                                     const component::SourceContext& context) {
  std::shared_ptr<Connection> made(new Connection);
  if (context.budget != nullptr) {
    LEAT_ASSIGN(made->slot_, context.budget->Connect(context.cancel));
  }
  made->shown_ = endpoint.driver;
  made->statement_options_ = endpoint.statement;
  made->cancel_ = context.cancel;
  LEAT_TRY(made->Connect(endpoint));
  made->ReadVendor();
  for (const std::string& statement : endpoint.on_connect) {
    LEAT_ASSIGN(const auto answer, made->Execute(statement, "connecting: " + statement));
  }
  return made;
}

Status Connection::Connect(const Endpoint& endpoint) {
  DriverError error;
  const auto held = [&](AdbcStatusCode status) -> Status {
    if (status == ADBC_STATUS_OK) return Ok();
    return Failed(status, error.get(), "connecting");
  };
  LEAT_TRY(held(AdbcDatabaseNew(&database_, error.out())));
  has_database_ = true;
  LEAT_TRY(held(AdbcDatabaseSetOption(&database_, "driver", endpoint.driver.c_str(), error.out())));
  if (!endpoint.entrypoint.empty())
    LEAT_TRY(held(AdbcDatabaseSetOption(&database_, "entrypoint", endpoint.entrypoint.c_str(), error.out())));
  LEAT_TRY(held(AdbcDriverManagerDatabaseSetLoadFlags(&database_, ADBC_LOAD_FLAG_DEFAULT, error.out())));
  for (const auto& [key, value] : endpoint.options)
    LEAT_TRY(held(AdbcDatabaseSetOption(&database_, key.c_str(), value.c_str(), error.out())));
  LEAT_TRY(held(AdbcDatabaseInit(&database_, error.out())));
  LEAT_TRY(held(AdbcConnectionNew(&handle_, error.out())));
  has_connection_ = true;
  for (const auto& [key, value] : endpoint.session)
    LEAT_TRY(held(AdbcConnectionSetOption(&handle_, key.c_str(), value.c_str(), error.out())));
  LEAT_TRY(held(AdbcConnectionInit(&handle_, &database_, error.out())));
  connected_ = true;
  // Not every driver knows it: we only read, whether or not.
  AdbcConnectionSetOption(&handle_, ADBC_CONNECTION_OPTION_READ_ONLY, ADBC_OPTION_VALUE_ENABLED, DriverError().out());
  return Ok();
}

Connection::~Connection() {
  if (has_connection_) AdbcConnectionRelease(&handle_, DriverError().out());
  if (has_database_) AdbcDatabaseRelease(&database_, DriverError().out());
}

void Connection::ReadVendor() {
  const uint32_t wanted = ADBC_INFO_VENDOR_NAME;
  std::unique_ptr<Answer> answer(new Answer(shared_from_this(), "connecting"));
  if (AdbcConnectionGetInfo(&handle_, &wanted, 1, &answer->stream_, DriverError().out()) != ADBC_STATUS_OK) return;
  // A dense union of values, of which 0 is text: the one thing that ParseType does not read.
  const auto batch = answer->Next();
  if (!batch.ok() || *batch == nullptr || (*batch)->n_children != 2) return;
  const ArrowArray& value = *(*batch)->children[1];
  if (value.n_children < 1 || value.n_buffers != 2 || static_cast<const int8_t*>(value.buffers[0])[value.offset] != 0)
    return;
  ArrowType text;
  text.kind = ArrowType::Kind::kText;
  text.width = 4;
  const ArrowValue name(text, *value.children[0], static_cast<const int32_t*>(value.buffers[1])[value.offset]);
  if (!name.IsNull()) vendor_ = name.Text();
}

Result<std::unique_ptr<Answer>> Connection::Execute(const std::string& sql, const std::string& what) {
  if (cancel_ != nullptr) LEAT_TRY(cancel_->Check());
  std::unique_ptr<Answer> answer(new Answer(shared_from_this(), what));
  DriverError error;
  AdbcStatusCode status = AdbcStatementNew(&handle_, &answer->statement_, error.out());
  if (status != ADBC_STATUS_OK) return Failed(status, error.get(), what);
  answer->has_statement_ = true;
  if (cancel_ != nullptr) {
    answer->cancel_id_ = cancel_->AddCallback(
        [statement = &answer->statement_] { AdbcStatementCancel(statement, DriverError().out()); });
  }
  for (const auto& [key, value] : statement_options_) {
    if (status == ADBC_STATUS_OK)
      status = AdbcStatementSetOption(&answer->statement_, key.c_str(), value.c_str(), error.out());
  }
  if (status == ADBC_STATUS_OK) status = AdbcStatementSetSqlQuery(&answer->statement_, sql.c_str(), error.out());
  if (status == ADBC_STATUS_OK)
    status = AdbcStatementExecuteQuery(&answer->statement_, &answer->stream_, nullptr, error.out());
  if (status != ADBC_STATUS_OK) return Failed(status, error.get(), what);
  LEAT_TRY(answer->ReadColumns());
  return answer;
}

Result<std::unique_ptr<Answer>> Connection::Objects(const std::string& catalog, const std::string& schema,
                                                    const std::string& table, bool with_columns,
                                                    const std::string& what) {
  std::unique_ptr<Answer> answer(new Answer(shared_from_this(), what));
  DriverError error;
  const std::string catalog_pattern = Pattern(catalog), schema_pattern = Pattern(schema), pattern = Pattern(table);
  const AdbcStatusCode status = AdbcConnectionGetObjects(
      &handle_, with_columns ? ADBC_OBJECT_DEPTH_ALL : ADBC_OBJECT_DEPTH_TABLES, OrNull(catalog_pattern),
      OrNull(schema_pattern), OrNull(pattern), nullptr, nullptr, &answer->stream_, error.out());
  if (status != ADBC_STATUS_OK) return Failed(status, error.get(), what);
  LEAT_TRY(answer->ReadColumns());
  return answer;
}

Result<std::vector<TextRow>> Connection::Query(const std::string& sql, const std::string& what) {
  LEAT_ASSIGN(const auto answer, Execute(sql, what));
  std::vector<TextRow> rows;
  for (;;) {
    LEAT_ASSIGN(const ArrowArray* batch, answer->Next());
    if (batch == nullptr) return rows;
    for (int64_t row = 0; row < batch->length; ++row) {
      TextRow& made = rows.emplace_back();
      for (size_t i = 0; i < answer->columns().size(); ++i) {
        const ArrowValue value(answer->columns()[i], *batch->children[i], row + batch->offset);
        made.push_back(value.IsNull() ? std::nullopt : std::optional(value.Text()));
      }
    }
  }
}

Error Connection::Failed(AdbcStatusCode status, const AdbcError& error, const std::string& what) const {
  if (cancel_ != nullptr) {
    const Status cancelled = cancel_->Check();
    if (!cancelled.ok()) return cancelled.error();
  }
  Diagnosis diagnosis;
  diagnosis.status = status;
  diagnosis.text = OneLine(error.message);
  if (error.sqlstate[0] != 0) diagnosis.state.assign(error.sqlstate, strnlen(error.sqlstate, sizeof error.sqlstate));
  diagnosis.connecting = !connected_;
  return ErrorOf(diagnosis, what, shown_);
}

}  // namespace leat::components::adbc
