// What both kinds of store promise, on a real SQLite file and on a real PostgreSQL server.
#include "state/store.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <thread>

#include "state/later.h"
#include "state/postgres_connection.h"
#include "test/support/postgres.h"
#include "test/support/temp_folder.h"

namespace leat::state {
namespace {

class StoreTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(GetParam());
    url_ = GetParam() ? test::PostgresServer::Get().NewDatabase() : folder_ / "state.db";
    auto opened = Store::Open(url_);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(*opened);
    ASSERT_TRUE(Run("CREATE TABLE t (k TEXT PRIMARY KEY, n BIGINT, r DOUBLE PRECISION)").ok());
  }

  Status Run(std::string_view sql, const Params& params = {}) {
    return store_->Write([&](Transaction& tx) -> Status {
      LEAT_TRY(tx.Execute(sql, params));
      return Ok();
    });
  }

  static void Must(const Status& status) { ASSERT_TRUE(status.ok()) << status.error().ToString(); }

  Rows Read(std::string_view sql, const Params& params = {}) {
    auto rows = store_->Read(sql, params);
    EXPECT_TRUE(rows.ok()) << rows.error().ToString();
    return rows.ok() ? std::move(*rows) : Rows();
  }

  test::TempFolder folder_;
  std::string url_;
  std::unique_ptr<Store> store_;
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreTest, testing::Values(false, true),
                         [](const auto& each) { return each.param ? "postgres" : "sqlite"; });

TEST_P(StoreTest, ValuesComeBackAsTheyWent) {
  const std::string text = "it's ?1 \"é\" \n 漢字";
  ASSERT_TRUE(Run("INSERT INTO t (k, n, r) VALUES (?1, ?2, ?3)", {text, INT64_MIN, 0.1}).ok());
  ASSERT_TRUE(
      Run("INSERT INTO t (k, n, r) VALUES (?1, ?2, ?3)", {std::string(), std::monostate(), std::monostate()}).ok());
  const Rows rows = Read("SELECT k, n, r FROM t ORDER BY k DESC");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows.columns, (std::vector<std::string>{"k", "n", "r"}));
  EXPECT_EQ(rows.rows[0], (Row{text, INT64_MIN, 0.1}));
  EXPECT_EQ(rows.rows[1], (Row{std::string(), std::monostate(), std::monostate()}));
  EXPECT_EQ(rows.OptInt(1, 1), std::nullopt);
}

TEST_P(StoreTest, SumsAndCountsAreIntegers) {
  for (int64_t i = 0; i < 3; ++i) ASSERT_TRUE(Run("INSERT INTO t (k, n) VALUES (?1, ?2)", {std::to_string(i), i}).ok());
  EXPECT_EQ(Read("SELECT sum(n), count(*) FROM t").rows[0], (Row{int64_t{3}, int64_t{3}}));
}

TEST_P(StoreTest, ExecuteSaysHowManyRowsChangedAndReturningGivesThem) {
  ASSERT_TRUE(Run("INSERT INTO t (k, n) VALUES ('a', 1), ('b', 2)").ok());
  const Status status = store_->Write([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(const int64_t changed, tx.Execute("UPDATE t SET n = n + ?1", {int64_t{10}}));
    EXPECT_EQ(changed, 2);
    LEAT_ASSIGN(const Rows rows, tx.Query("UPDATE t SET n = n + 1 WHERE k = ?1 RETURNING n", {std::string("b")}));
    EXPECT_EQ(rows.Int(0, 0), 13);
    LEAT_ASSIGN(const int64_t none, tx.Execute("DELETE FROM t WHERE k = 'c'"));
    EXPECT_EQ(none, 0);
    return tx.LockRow("t", "k = ?1", {std::string("a")});
  });
  EXPECT_TRUE(status.ok());
}

TEST_P(StoreTest, AnErrorOfTheBodyRollsBackAndComesOut) {
  const Status status = store_->Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute("INSERT INTO t (k) VALUES ('a')"));
    return MakeError("TEST-001", ErrorKind::kConflict, "no");
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "TEST-001");
  EXPECT_TRUE(Read("SELECT k FROM t").empty());
}

TEST_P(StoreTest, AFailedStatementInsideLeavesNothingAndTheStoreGoesOn) {
  const Status status = store_->Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute("INSERT INTO t (k) VALUES ('a')"));
    LEAT_TRY(tx.Execute("INSERT INTO t (k) VALUES ('a')"));
    return Ok();
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "STATE-203");
  EXPECT_EQ(status.error().kind(), ErrorKind::kConflict);
  EXPECT_TRUE(Read("SELECT k FROM t").empty());
  const auto wrong = store_->Read("SELECT nothing FROM nowhere");
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().code(), "STATE-201");
  EXPECT_TRUE(Run("INSERT INTO t (k) VALUES ('a')").ok());
}

TEST_P(StoreTest, WhatIsSentLaterIsDoneInOrderAndItsErrorComesOut) {
  Must(store_->Write([&](Transaction& tx) -> Status {
    for (int64_t i = 0; i < 1000; ++i)
      LEAT_TRY(ExecuteLater(tx, "INSERT INTO t (k, n) VALUES (?1, ?2)", {std::to_string(i), i}));
    LEAT_ASSIGN(const Rows rows, tx.Query("SELECT count(*), sum(n) FROM t"));
    EXPECT_EQ(rows.rows[0], (Row{int64_t{1000}, int64_t{499500}}));
    LEAT_TRY(ExecuteLater(tx, "UPDATE t SET n = 0 WHERE k = ?1", {std::string("7")}));
    return ExecuteLater(tx, "UPDATE t SET n = n + 1 WHERE k = ?1", {std::string("7")});
  }));
  EXPECT_EQ(Read("SELECT n FROM t WHERE k = '7'").Int(0, 0), 1);

  const auto twice = [](Transaction& tx) {
    return ExecuteLater(tx, "INSERT INTO t (k) VALUES (?1)", {std::string("7")});
  };
  for (const bool asks : {true, false}) {
    const Status refused = store_->Write([&](Transaction& tx) -> Status {
      LEAT_TRY(tx.Execute("UPDATE t SET n = 99 WHERE k = '8'"));
      LEAT_TRY(twice(tx));
      LEAT_TRY(ExecuteLater(tx, "UPDATE t SET n = 98 WHERE k = '8'"));
      if (asks) LEAT_TRY(tx.Query("SELECT 1"));
      return Ok();
    });
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), "STATE-203") << refused.error().ToString();
    EXPECT_EQ(Read("SELECT n FROM t WHERE k = '8'").Int(0, 0), 8);
  }
  // A statement that was never looked at is prepared again; a savepoint takes back what was sent.
  Must(store_->Write([&](Transaction& tx) -> Status {
    LEAT_TRY(ExecuteLater(tx, "SAVEPOINT one"));
    const Status refused = twice(tx);
    EXPECT_FALSE(refused.ok() && tx.Query("SELECT 1").ok());
    LEAT_TRY(tx.Execute("ROLLBACK TO SAVEPOINT one"));
    LEAT_TRY(ExecuteLater(tx, "UPDATE t SET n = 98 WHERE k = '8'"));
    return ExecuteLater(tx, "RELEASE SAVEPOINT one");
  }));
  EXPECT_EQ(Read("SELECT n FROM t WHERE k = '8'").Int(0, 0), 98);
  EXPECT_EQ(Run("INSERT INTO t (k) VALUES (?1)", {std::string("a\0b", 3)}).ok(), !GetParam());
}

TEST_P(StoreTest, ReadAllSeesOneSnapshot) {
  ASSERT_TRUE(Run("INSERT INTO t (k, n) VALUES ('a', 1)").ok());
  const Status status = store_->ReadAll([&](Transaction& tx) -> Status {
    LEAT_ASSIGN(const Rows before, tx.Query("SELECT n FROM t"));
    LEAT_TRY(Run("UPDATE t SET n = 2"));
    LEAT_ASSIGN(const Rows after, tx.Query("SELECT n FROM t"));
    EXPECT_EQ(before.Int(0, 0), 1);
    EXPECT_EQ(after.Int(0, 0), 1);
    return Ok();
  });
  ASSERT_TRUE(status.ok()) << status.error().ToString();
  EXPECT_EQ(Read("SELECT n FROM t").Int(0, 0), 2);
}

TEST_P(StoreTest, ReadsCannotWrite) { EXPECT_FALSE(store_->Read("INSERT INTO t (k) VALUES ('a') RETURNING k").ok()); }

TEST_P(StoreTest, ManyThreadsLoseNoWrite) {
  ASSERT_TRUE(Run("INSERT INTO t (k, n) VALUES ('a', 0)").ok());
  std::atomic<int> failed{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 25; ++j) {
          const Status status = store_->Write([](Transaction& tx) -> Status {
            LEAT_TRY(tx.LockRow("t", "k = 'a'", {}));
            LEAT_ASSIGN(const Rows rows, tx.Query("SELECT n FROM t WHERE k = 'a'"));
            LEAT_TRY(tx.Execute("UPDATE t SET n = ?1 WHERE k = 'a'", {rows.Int(0, 0) + 1}));
            return Ok();
          });
          if (!status.ok()) ++failed;
        }
      });
    }
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(Read("SELECT n FROM t").Int(0, 0), 200);
}

TEST_P(StoreTest, OpeningAgainFindsEverything) {
  ASSERT_TRUE(Run("INSERT INTO t (k) VALUES ('a')").ok());
  auto again = Store::Open(url_, {.create = false});
  ASSERT_TRUE(again.ok()) << again.error().ToString();
  EXPECT_EQ((*again)->Read("SELECT k FROM t")->size(), 1u);
  EXPECT_EQ((*again)->is_postgres(), GetParam());
}

TEST_P(StoreTest, ANewerStateIsRefusedWithTheVersionNeeded) {
  ASSERT_TRUE(
      Run("INSERT INTO migration (number, name, applied_at, program) VALUES (99, '0099_future', 0, '9.9.9')").ok());
  const auto newer = Store::Open(url_);
  ASSERT_FALSE(newer.ok());
  EXPECT_EQ(newer.error().code(), "STATE-103");
  EXPECT_NE(newer.error().hint().find("9.9.9"), std::string::npos);
}

class PostgresOnlyTest : public testing::Test {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(true);
    url_ = test::PostgresServer::Get().NewDatabase();
    auto opened = Store::Open(url_);
    ASSERT_TRUE(opened.ok()) << opened.error().ToString();
    store_ = std::move(*opened);
  }
  std::string url_;
  std::unique_ptr<Store> store_;
};

TEST_F(PostgresOnlyTest, ADeadlockIsTriedAgain) {
  ASSERT_TRUE(store_
                  ->Write([](Transaction& tx) -> Status {
                    LEAT_TRY(tx.Execute("CREATE TABLE t (k BIGINT PRIMARY KEY, n BIGINT)"));
                    LEAT_TRY(tx.Execute("INSERT INTO t VALUES (1, 0), (2, 0)"));
                    return Ok();
                  })
                  .ok());
  std::atomic<int> arrived{0}, bodies{0};
  const auto update = [&](int64_t first, int64_t second) {
    return store_->Write([&, first, second](Transaction& tx) -> Status {
      ++bodies;
      LEAT_TRY(tx.Execute("UPDATE t SET n = n + 1 WHERE k = ?1", {first}));
      ++arrived;
      while (arrived < 2) std::this_thread::yield();  // both hold one row before either asks for the other
      LEAT_TRY(tx.Execute("UPDATE t SET n = n + 1 WHERE k = ?1", {second}));
      return Ok();
    });
  };
  Status one = Ok();
  {
    std::jthread other([&] { one = update(1, 2); });
    const Status two = update(2, 1);
    EXPECT_TRUE(two.ok()) << two.error().ToString();
  }
  EXPECT_TRUE(one.ok()) << one.error().ToString();
  EXPECT_EQ(bodies, 3);
  EXPECT_EQ(store_->Read("SELECT sum(n) FROM t")->Int(0, 0), 4);
}

TEST_F(PostgresOnlyTest, AConnectionThatBreaksBeforeCommitIsReplacedAndTheBodyRunsAgain) {
  int bodies = 0;
  const Status status = store_->Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute("UPDATE counter SET value = value + 1 WHERE name = 'lease'"));
    if (++bodies == 1) {
      LEAT_ASSIGN(const Rows pid, tx.Query("SELECT pg_backend_pid()"));
      EXPECT_TRUE(test::PostgresServer::Get().Run(fmt::format("SELECT pg_terminate_backend({}, 5000)", pid.Int(0, 0))));
      LEAT_TRY(tx.Query("SELECT 1"));
    }
    return Ok();
  });
  ASSERT_TRUE(status.ok()) << status.error().ToString();
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(store_->Read("SELECT value FROM counter WHERE name = 'lease'")->Int(0, 0), 1);
}

TEST_F(PostgresOnlyTest, AConnectionThatBreaksAtCommitIsLookedUp) {
  int bodies = 0;
  const Status status = store_->Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute("UPDATE counter SET value = value + 1 WHERE name = 'lease'"));
    if (++bodies == 1) {
      LEAT_ASSIGN(const Rows pid, tx.Query("SELECT pg_backend_pid()"));
      // COMMIT itself meets the broken connection: the store asks the server what became of the transaction.
      EXPECT_TRUE(test::PostgresServer::Get().Run(fmt::format("SELECT pg_terminate_backend({}, 5000)", pid.Int(0, 0))));
    }
    return Ok();
  });
  ASSERT_TRUE(status.ok()) << status.error().ToString();
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(store_->Read("SELECT value FROM counter WHERE name = 'lease'")->Int(0, 0), 1);
}

TEST_F(PostgresOnlyTest, ATransactionNumberThatCameAgainAfterACrashIsNotTakenForACommit) {
  ASSERT_TRUE(store_
                  ->Write([](Transaction& tx) -> Status {
                    LEAT_TRY(tx.Execute("CREATE TABLE t (k BIGINT PRIMARY KEY)"));
                    return Ok();
                  })
                  .ok());
  int bodies = 0;
  const Status status = store_->Write([&](Transaction& tx) -> Status {
    LEAT_TRY(tx.Execute("INSERT INTO t VALUES (?1)", {++bodies}));
    if (bodies == 1) {
      LEAT_ASSIGN(const Rows pid, tx.Query("SELECT pg_backend_pid()"));
      // As when the machine dies before the log was flushed: the server starts again and counts transactions from an earlier
      // number, so that others get, and commit under, the number of this one.
      EXPECT_EQ(kill(static_cast<pid_t>(pid.Int(0, 0)), SIGKILL), 0);
      EXPECT_FALSE(tx.Query("SELECT 1").ok());
      for (int others = 0; others < 200;) {
        if (test::PostgresServer::Get().Run("SELECT pg_current_xact_id()")) ++others;
      }
    }
    return Ok();
  });
  ASSERT_TRUE(status.ok()) << status.error().ToString();
  EXPECT_EQ(bodies, 2);
  EXPECT_EQ(store_->Read("SELECT k FROM t")->rows, (std::vector<Row>{{int64_t{2}}}));
}

TEST_F(PostgresOnlyTest, AllGoesOnWhenTheServerWasAwayForAWhile) {
  std::atomic<bool> ended{false};
  std::atomic<int> written{0}, read{0};
  std::vector<std::string> errors(4);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < errors.size(); ++i) {
      threads.emplace_back([&, i] {
        while (!ended) {
          const Status status = i % 2 == 0 ? store_->Write([&](Transaction& tx) -> Status {
            LEAT_TRY(tx.Execute("UPDATE counter SET value = value + 1 WHERE name = 'lease'"));
            return Ok();
          })
                                           : store_->ReadAll([&](Transaction& tx) -> Status {
                                               LEAT_TRY(tx.Query("SELECT value FROM counter WHERE name = 'lease'"));
                                               return Ok();
                                             });
          if (!status.ok() && errors[i].empty()) errors[i] = status.error().ToString();
          ++(i % 2 == 0 ? written : read);
        }
      });
    }
    for (const char* mode : {"fast", "immediate", "fast"}) {
      const int before = written;
      test::PostgresServer::Get().Restart(mode, std::chrono::seconds(1));
      while (written < before + 20) std::this_thread::yield();
    }
    ended = true;
  }
  EXPECT_EQ(errors, std::vector<std::string>(4));
  EXPECT_EQ(store_->Read("SELECT value FROM counter WHERE name = 'lease'")->Int(0, 0), written);
}

TEST_F(PostgresOnlyTest, PasswordsAreNotShown) {
  auto store = Store::Open("postgresql://postgres:hunter22@127.0.0.1:1/nothing?connect_timeout=2");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), "STATE-101");
  EXPECT_EQ(store.error().ToString().find("hunter22"), std::string::npos);
}

TEST(PostgresSql, ParametersAreTranslatedOutsideOfTextAndComments) {
  EXPECT_EQ(TranslateParameters("a = ?1 AND b = '?2' -- ?3\n AND \"?4\" = ?12 ? x"),
            "a = $1 AND b = '?2' -- ?3\n AND \"?4\" = $12 ? x");
}

}  // namespace
}  // namespace leat::state
