#pragma once

#include <libpq-fe.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/retry.h"
#include "test/support/source_tree.h"

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

 private:
  PostgresServer() {
    folder_ = "/tmp/leat-postgres-" + std::to_string(getpid());
    const std::string script = SourcePath("test/support/postgres.sh");
    pid_ = fork();
    if (pid_ == 0) {
      execl("/bin/sh", "sh", script.c_str(), folder_.c_str(), static_cast<char*>(nullptr));
      _exit(127);
    }
    RetryPolicy policy;
    policy.attempts = 1000;
    policy.first_wait = std::chrono::milliseconds(50);
    policy.factor = 1.0;
    policy.budget = std::chrono::seconds(60);
    const Status ready = RunWithRetry(policy, nullptr, [&]() -> Status {
      std::ifstream file(folder_ + "/url");
      std::getline(file, url_);
      if (!url_.empty() && PQping(url_.c_str()) == PQPING_OK) return Ok();
      const bool ended = waitpid(pid_, nullptr, WNOHANG) == pid_;
      if (ended) return MakeError("TEST-001", ErrorKind::kEnvironment, "PostgreSQL ended at once; see {}/log", folder_);
      return MakeError("TEST-001", ErrorKind::kEnvironment, "PostgreSQL did not start; see {}/log", folder_)
          .WithRetry(Retry::kSafe);
    });
    if (!ready.ok()) {
      fprintf(stderr, "%s\n", ready.error().ToString().c_str());
      url_.clear();
    }
  }

  ~PostgresServer() {
    kill(pid_, SIGINT);
    waitpid(pid_, nullptr, 0);
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::string folder_;
  std::string url_;
  pid_t pid_ = 0;
  int databases_ = 0;
};

}  // namespace leat::test
