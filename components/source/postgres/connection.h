#pragma once

#include <libpq-fe.h>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "component/budget.h"
#include "component/server_reading.h"

namespace leat::components::postgres {

/// Where a server is and how to get in: libpq's own keywords.
struct Endpoint {
  std::map<std::string, std::string> parameters;  ///< host, port, dbname, user, password, sslmode …
  std::chrono::milliseconds connect_timeout{10'000};

  /// "shop on db.example.com:5432", for messages.
  std::string Shown() const;
};

using component::TextRow;

/// A column of a statement's answer, as the server describes it.
struct AnswerColumn {
  std::string name;
  uint32_t type = 0;  ///< oid
  int32_t modifier = -1;
};

/// One connection to a server, for one thread at a time. Every wait looks at the cancel token; destroying a connection that
/// is in the middle of a statement ends that statement at the server. Errors (docs/errors.md, SRC-242 to SRC-250, SRC-281 to SRC-286) name
/// `what`, the object that was asked for.
class Connection {
 public:
  /// `slot`: its place in the budget, given back with the connection.
  static Result<std::unique_ptr<Connection>> Open(const Endpoint& endpoint, const std::string& what,
                                                  CancelToken* cancel,
                                                  std::unique_ptr<component::BudgetSlot> slot = nullptr);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Statements without parameters; the rows of the last one as text.
  Result<std::vector<TextRow>> Query(const std::string& sql);
  Status Execute(const std::string& sql);
  /// The columns that one statement would answer with, which is not run. Errors say where in it the server found them.
  Result<std::vector<AnswerColumn>> Describe(const std::string& sql);

  /// Starts `COPY … TO STDOUT`; nothing else may be asked until NextCopy gave an empty text or failed.
  Status StartCopy(const std::string& sql);
  /// The next message, valid until the next call; "" at the end.
  Result<std::string_view> NextCopy();

  /// From now on the server ends each statement of this transaction that takes longer (SRC-248), and after GoOn the next one may be
  /// asked in the same snapshot. EndLimit takes the limit off.
  Status Limit(std::chrono::milliseconds longest);
  Status GoOn();
  Status EndLimit();
  /// Ends the COPY that runs: NextCopy fails then (SRC-248), unless it was at its end.
  void Stop() { CancelStatement(); }

  int version() const { return PQserverVersion(connection_.get()); }  ///< 150004
  /// The server itself answers, or something between that shares its connections (a pooler): it gives process numbers of
  /// its own to its clients.
  Result<bool> ThroughPooler();
  /// SQLSTATE of the last error, "" when it had none.
  const std::string& last_state() const { return last_state_; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  struct FreeCopy {
    void operator()(char* bytes) const { PQfreemem(bytes); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  Connection(PGconn* connection, std::string shown, std::string what, CancelToken* cancel,
             std::unique_ptr<component::BudgetSlot> slot);
  Status Start(std::chrono::milliseconds timeout);
  Status WaitReadable();
  Result<Answer> NextResult();
  Status Drain();
  Error Failure(const PGresult* result, const std::string& place = "");
  Error StartFailure();
  void CancelStatement();

  std::unique_ptr<component::BudgetSlot> slot_;
  std::unique_ptr<PGconn, Finish> connection_;
  std::string shown_;
  std::string what_;
  CancelToken* cancel_;
  std::string last_state_;
  std::chrono::milliseconds limit_{};
  std::unique_ptr<char, FreeCopy> message_;
  bool in_copy_ = false;
};

}  // namespace leat::components::postgres
