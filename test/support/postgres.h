#pragma once

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <signal.h>

#include <filesystem>
#include <string>

#include "test/support/child_server.h"

namespace leat::test {

/// A real PostgreSQL server of this test program (test/support/postgres.sh): started on first use, stopped with the
/// program, also when that is killed. `available()` is false where PostgreSQL is not installed.
class PostgresServer {
 public:
  static PostgresServer& Get() {
    static PostgresServer server;
    return server;
  }

  static bool available() { return std::filesystem::exists("/usr/lib/postgresql"); }

  /// URL of a new, empty database.
  std::string NewDatabase() {
    const std::string name = "test" + std::to_string(++databases_);
    PGconn* connection = PQconnectdb(url_.c_str());
    PGresult* made = PQexec(connection, ("CREATE DATABASE " + name).c_str());
    const bool ok = PQresultStatus(made) == PGRES_COMMAND_OK;
    PQclear(made);
    PQfinish(connection);
    return ok ? url_.substr(0, url_.rfind('/') + 1) + name : "";
  }

  /// Runs statements as the superuser of the server, in `database` ("": the server's own).
  bool Run(const std::string& sql, const std::string& database = "") {
    PGconn* connection = PQconnectdb(database.empty() ? url_.c_str() : database.c_str());
    PGresult* result = PQexec(connection, sql.c_str());
    const ExecStatusType status = PQresultStatus(result);
    PQclear(result);
    PQfinish(connection);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  }

  /// As `pg_ctl restart -m`: "fast", or "immediate" as after a crash; away for `pause`.
  void Restart(const std::string& mode, std::chrono::milliseconds pause) {
    server_.Restart(mode == "immediate" ? SIGQUIT : SIGINT, pause);
  }

 private:
  ChildServer server_{"postgres", SIGINT, [](const std::string& url) { return PQping(url.c_str()) == PQPING_OK; }};
  const std::string url_ = server_.url();
  int databases_ = 0;
};

}  // namespace leat::test

/// Ends a test that needs the server (`needed`) as skipped where there is none: only the build's set-up was made there. The
/// whole test (./dev test) installs a server and counts this skip as failed.
#define LEAT_NEEDS_POSTGRES(needed) \
  if ((needed) && !leat::test::PostgresServer::available()) GTEST_SKIP() << "PostgreSQL is not installed"
