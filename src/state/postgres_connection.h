#pragma once

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "state/store.h"

namespace leat::state {

/// "?12" -> "$12", outside of quotes and comments.
std::string TranslateParameters(std::string_view sql);

/// One connection to PostgreSQL, with its prepared statements kept. Used by one thread at a time.
class PostgresConnection {
 public:
  /// STATE-101 with the server's own words, Retry::kSafe. `durable` false: synchronous_commit off. A server that does not
  /// answer is given up after 10 s, where the URL says nothing else.
  static Result<std::unique_ptr<PostgresConnection>> Open(const std::string& url, const std::string& display_name,
                                                          bool durable);

  Result<Rows> Query(std::string_view sql, const Params& params);
  Result<int64_t> Execute(std::string_view sql, const Params& params);
  /// Sends a statement without waiting for it (see later.h): whatever is asked next waits for it and has its error.
  Status Send(std::string_view sql, const Params& params);
  /// Several statements without parameters; the rows of the last one.
  Result<Rows> RunScript(std::string_view sql);
  /// Begins a writing transaction that leaves its mark: the row of this connection in `write_mark` says how many it has
  /// committed. Returns the server's time in microseconds.
  Result<int64_t> BeginWrite();
  /// Ends the transaction. STATE-301 when the connection broke before the answer came.
  Status Commit();
  /// Was the last transaction that the (broken) connection `other` began committed? Waits for one that is still under way, which
  /// then holds its row. STATE-202: it goes on for too long.
  Result<bool> WasCommitted(const PostgresConnection& other);

  bool broken() const { return PQstatus(connection_.get()) != CONNECTION_OK; }

 private:
  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Clear>;

  PostgresConnection(PGconn* connection, std::string display_name);
  struct Sent {
    std::string sql;
    std::string prepares;  ///< key in statements_; "" for one that runs
  };
  Result<Answer> Run(std::string_view sql, const Params& params);
  /// Name of the prepared statement; valid until the next is prepared. `send`: without waiting.
  Result<const std::string*> Prepare(std::string_view sql, const Params& params, bool send);
  /// Waits for all that was sent: the answer to the last, or the first error.
  Result<Answer> Receive();
  Error MakeFailure(const PGresult* result, std::string_view sql) const;

  std::unique_ptr<PGconn, Finish> connection_;
  const std::string display_name_;
  const std::string id_;                                     ///< of the connection's row in write_mark
  int64_t writes_ = 0;                                       ///< transactions begun by BeginWrite
  std::unordered_map<std::string, std::string> statements_;  ///< types and text -> name on the server
  size_t prepared_ = 0;
  std::vector<Sent> sent_;  ///< not yet waited for
};

}  // namespace leat::state
