#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/budget.h"
#include "component/server_reading.h"
#include "components/source/odbc/column.h"
#include "components/source/odbc/driver_manager.h"

namespace leat::components::odbc {

/// Where a database is and how one logs in.
struct Endpoint {
  std::string text;      ///< connection string without the password
  std::string shown;     ///< for messages: data source or driver
  std::string password;  ///< added as PWD
  std::vector<std::string> on_connect;
  std::string isolation;  ///< "" or the level of one transaction that lasts as long as the connection
  std::chrono::seconds connect_timeout{10};
};

/// "KEY={value}": braces where the value needs them.
std::string ConnectionPart(const std::string& key, const std::string& value);

/// What the driver says of itself.
struct DriverFacts {
  std::string driver, dbms_name, quote, separator, escape;
  Dbms dbms = Dbms::kOther;
  SQLUINTEGER get_data = 0;  ///< SQL_GD_…
  bool catalogs = false, schemas = false, catalog_at_end = false;

  /// True when the rest of a value can be had for any row of a block. Only of psqlODBC is it known to be true: MariaDB's driver says
  /// so, too, and gives nothing the second time.
  bool completes_blocks() const {
    constexpr SQLUINTEGER kNeeded = SQL_GD_BLOCK | SQL_GD_BOUND | SQL_GD_ANY_COLUMN;
    return dbms == Dbms::kPostgres && (get_data & kNeeded) == kNeeded;
  }
};

using component::TextRow;
class Connection;

/// One statement; freed when it goes. A cancel ends what it does.
class Statement {
 public:
  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  SQLHSTMT handle() const { return handle_; }
  const DriverManager& odbc() const;
  /// `outcome` as an error, with what the driver says.
  Error Failed() const;
  /// Behind SQL_SUCCESS_WITH_INFO: an error where the driver says more than a warning. FreeTDS gives the rows that came before an error of the
  /// server so, and no more rows behind them.
  Status NoError() const;
  /// Ends the answer and forgets what was bound.
  void Close();
  Status Execute(const std::string& sql);
  /// The database ends what is executed next after `longest`, SRC-440: by the driver in whole seconds, MariaDB and MySQL by their own limit of the
  /// session, since MariaDB's driver has none. 0: it does not. SRC-442: the driver cannot have it done.
  Status Limit(std::chrono::milliseconds longest);

 private:
  friend class Connection;
  Statement(std::shared_ptr<Connection> connection, SQLHSTMT handle, std::string what);
  std::shared_ptr<Connection> connection_;
  SQLHSTMT handle_;
  std::string what_;
  int cancel_id_ = 0;
};

/// One connection, counted by the budget while it lasts. One statement at a time; Cancel may come from any thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// SRC-298: no driver manager; SRC-288: no such driver or data source; SRC-289: not reached; SRC-290: user or password.
  static Result<std::shared_ptr<Connection>> Open(const Endpoint& endpoint, const component::SourceContext& context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const DriverFacts& facts() const { return facts_; }
  Result<std::unique_ptr<Statement>> Prepare(const std::string& what);
  /// All rows of a short answer; `longest` as Statement::Limit.
  Result<std::vector<TextRow>> Query(const std::string& sql, const std::string& what,
                                     std::chrono::milliseconds longest = {});
  /// All rows of one of ODBC's catalogue functions.
  Result<std::vector<TextRow>> Catalogue(const std::string& what,
                                         const std::function<SQLRETURN(const DriverManager&, SQLHSTMT)>& call);

  /// `name` with the driver's quotes around it, doubled inside.
  std::string Quote(const std::string& name) const;

 private:
  friend class Statement;
  Connection() = default;
  Status Connect(const Endpoint& endpoint);
  Status ReadFacts();
  Result<std::vector<TextRow>> Rows(Statement& statement);
  Status LimitSession(std::chrono::milliseconds longest);
  std::string InfoText(SQLUSMALLINT what) const;
  SQLUINTEGER InfoNumber(SQLUSMALLINT what) const;
  Error Failed(SQLSMALLINT kind, SQLHANDLE handle, const std::string& what) const;
  struct Record {
    std::string state, message;
    SQLINTEGER native = 0;
  };
  /// The records of a diagnosis, the first four.
  std::vector<Record> Records(SQLSMALLINT kind, SQLHANDLE handle) const;

  const DriverManager* odbc_ = nullptr;
  SQLHDBC handle_ = nullptr;
  bool connected_ = false;
  bool transaction_ = false;
  std::chrono::milliseconds session_limit_{};
  std::string shown_;
  DriverFacts facts_;
  std::unique_ptr<component::BudgetSlot> slot_;
  CancelToken* cancel_ = nullptr;
};

}  // namespace leat::components::odbc
