#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "component/budget.h"
#include "component/server_reading.h"

struct st_mysql;
struct st_mysql_res;

namespace leat::components::mysql {

/// Where a server is and how one logs in.
struct Endpoint {
  std::string host, user, password, database, socket, ca_file;
  int port = 3306;
  std::string tls = "preferred";  ///< off, preferred, required, verify
  std::chrono::seconds connect_timeout{10};
};

/// mysql://user:password@host:port/database, percent-encoded. SRC-276 kConfig.
Result<Endpoint> ParseUri(const std::string& uri);

using component::TextRow;

/// A column of a statement's answer in information_schema's words.
struct AnswerColumn {
  std::string name;
  std::string data_type;  ///< "decimal"
  std::string declared;   ///< "decimal(9,2) unsigned"
  int precision = 0, scale = 0;
};

/// One connection, UTC and utf8mb4, counted by the budget while it lasts. Not thread-safe; Cancel may come from any thread.
class Connection {
 public:
  /// SRC-271 kEnvironment: not reached; SRC-272 kPermission: user, password or rights; SRC-276 kConfig: TLS, database.
  static Result<std::unique_ptr<Connection>> Open(const Endpoint& endpoint, const component::SourceContext& context);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// All rows of a short answer.
  Result<std::vector<TextRow>> Query(const std::string& sql, const std::string& what);
  /// The columns that one statement would answer with, which is not run.
  Result<std::vector<AnswerColumn>> Describe(const std::string& sql, const std::string& what);
  /// What version() says: "10.11.6-MariaDB", "8.0.36".
  std::string version() const;
  /// Begins an answer whose rows come one by one, straight from the server.
  Status Start(const std::string& sql, const std::string& what);
  /// The next row, or SRC-440 where the server ended the statement for its time: texts and lengths of its values, nullptr for NULL; false at the end.
  Result<bool> Next(char**& values, unsigned long*& lengths);

  /// Ends the answer; rows that nobody took come from the server and are forgotten.
  void Drop();

  std::string Escape(const std::string& text) const;
  Error Failed(const std::string& what) const;

 private:
  Connection() = default;
  st_mysql* server_ = nullptr;
  st_mysql_res* answer_ = nullptr;
  std::string shown_, what_;
  std::unique_ptr<component::BudgetSlot> slot_;
  CancelToken* cancel_ = nullptr;
  int cancel_id_ = 0;
};

/// `name` with its quotes doubled.
std::string QuoteName(const std::string& name);

}  // namespace leat::components::mysql
