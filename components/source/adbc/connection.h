#pragma once

#include <arrow-adbc/adbc.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/budget.h"
#include "component/server_reading.h"
#include "components/source/adbc/arrow_type.h"

namespace leat::components::adbc {

/// Where a database is and how one logs in.
struct Endpoint {
  std::string driver;                            ///< path of a library, or a name that the driver manager finds
  std::string entrypoint;                        ///< "": the driver manager's rule
  std::map<std::string, std::string> options;    ///< of the database, uri, username and password among them
  std::map<std::string, std::string> session;    ///< of each connection
  std::map<std::string, std::string> statement;  ///< of each statement
  std::vector<std::string> on_connect;
};

/// An error as a driver tells it; released when it goes.
class DriverError {
 public:
  ~DriverError() {
    if (error_.release != nullptr) error_.release(&error_);
  }
  DriverError() = default;
  DriverError(const DriverError&) = delete;
  DriverError& operator=(const DriverError&) = delete;
  AdbcError* out() { return &error_; }
  const AdbcError& get() const { return error_; }

 private:
  AdbcError error_ = ADBC_ERROR_INIT;
};

class Connection;

/// The answer of one statement, or of a function of the catalogue: its columns, and batches one after the other. A cancel ends it.
class Answer {
 public:
  ~Answer();
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  const std::vector<ArrowType>& columns() const { return columns_; }
  /// The next batch; null at the end. It lasts until the next call.
  Result<const ArrowArray*> Next();

 private:
  friend class Connection;
  Answer(std::shared_ptr<Connection> connection, std::string what);
  Status ReadColumns();
  Error Failed(int outcome);

  std::shared_ptr<Connection> connection_;
  std::string what_;
  AdbcStatement statement_{};
  bool has_statement_ = false;
  ArrowArrayStream stream_{};
  ArrowArray batch_{};
  std::vector<ArrowType> columns_;
  int cancel_id_ = 0;
};

using component::TextRow;

/// One connection of one database object, counted by the budget while it lasts. One answer at a time; Cancel may come from any thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// SRC-310: no such driver; SRC-311: it is none; SRC-312: not reached; SRC-313: user or password.
  static Result<std::shared_ptr<Connection>> Open(const Endpoint& endpoint, const component::SourceContext& context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// The database's name as the driver says it ("PostgreSQL"), "" where it does not.
  const std::string& vendor() const { return vendor_; }
  Result<std::unique_ptr<Answer>> Execute(const std::string& sql, const std::string& what);
  /// AdbcConnectionGetObjects; `table`: "" for all. Tables without their columns where `with_columns` is false.
  Result<std::unique_ptr<Answer>> Objects(const std::string& catalog, const std::string& schema,
                                          const std::string& table, bool with_columns, const std::string& what);
  /// All rows of a short answer as texts.
  Result<std::vector<TextRow>> Query(const std::string& sql, const std::string& what);

 private:
  friend class Answer;
  Connection() = default;
  Status Connect(const Endpoint& endpoint);
  void ReadVendor();
  Error Failed(AdbcStatusCode status, const AdbcError& error, const std::string& what) const;

  AdbcDatabase database_{};
  AdbcConnection handle_{};
  bool has_database_ = false, has_connection_ = false, connected_ = false;
  std::string shown_, vendor_;
  std::map<std::string, std::string> statement_options_;
  std::unique_ptr<component::BudgetSlot> slot_;
  CancelToken* cancel_ = nullptr;
};

}  // namespace leat::components::adbc
