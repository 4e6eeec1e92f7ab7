#include "sql/engine.h"

#include <fmt/format.h>

#include <atomic>
#include <fstream>
#include <map>
#include <set>
#include <thread>

#include "sql/script.h"
#include "sql/settings.h"
#include "sql/test_engine.h"

namespace leat::sql {
namespace {

/// A list setting with its items in order (DuckDB keeps a set); other text unchanged.
std::string Words(const std::string& text) {
  if (text.size() < 2 || text.front() != '[') return text;
  std::set<std::string> items;
  for (size_t at = 1; at < text.size();) {
    size_t end = std::min(text.find(", ", at), text.size() - 1);
    items.insert(text.substr(at, end - at));
    at = end + 2;
  }
  std::string sorted;
  for (const auto& item : items) sorted += item + " ";
  return sorted;
}

TEST_F(EngineTest, EverySettingIsInForce) {
  std::string root = (folder_ / "private").string();
  std::string spill = std::filesystem::directory_iterator(root + "/tmp")->path().string();
  std::map<std::string, std::string> expected{
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_unsigned_extensions", "false"},
      {"allow_persistent_secrets", "false"},
      {"allow_unredacted_secrets", "false"},
      {"extension_directory", root + "/extensions"},
      {"secret_directory", root + "/secrets"},
      {"home_directory", root + "/home"},
      {"temp_directory", spill},
      {"TimeZone", "UTC"},
      {"Calendar", "gregorian"},
      {"memory_limit", "1.0 GiB"},
      {"threads", "4"},
      {"preserve_insertion_order", "true"},
      {"errors_as_json", "true"},
      {"arrow_lossless_conversion", "true"},
      {"allowed_directories", Words("[" + root + "/, " + spill + "/, " + (folder_ / "data").string() + "/]")},
      {"allowed_configs", Words("[enable_profiling, profiling_coverage]")},
      {"enable_external_access", "false"},
      {"lock_configuration", "true"},
  };
  auto rows = connection_->Query("SELECT name, value FROM duckdb_settings()");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  std::map<std::string, std::string> found;
  for (const auto& row : rows->rows) found[*row[0]] = Words(row[1].value_or("NULL"));
  for (const auto& [name, value] : expected) EXPECT_EQ(found[name], value) << name;

  EngineOptions options;
  options.private_folder = root;
  auto all = OpeningSettings(options, spill);
  for (const auto& setting : ClosingSettings(options)) all.push_back(setting);
  for (const auto& setting : all) EXPECT_TRUE(expected.count(setting.name) > 0) << setting.name << " is not tested";
}

TEST_F(EngineTest, InstancesThatSpillAtOnceKeepApart) {
  // More than fits, with sums that tell when one reads the other's pages.
  std::string sum =
      "SELECT count(*), sum(x) FROM (SELECT row_number() OVER (ORDER BY h) * (i % 1000) AS x, m FROM (SELECT i, hash(i + "
      "{}) AS h, md5((i + {})::VARCHAR) AS m FROM range(1500000) r(i)) ORDER BY m)";
  std::vector<std::string> expected;
  for (int each = 0; each < 2; ++each) expected.push_back(Rows(fmt::format(fmt::runtime(sum), each, each)));
  EngineOptions options;
  options.private_folder = (folder_ / "private").string();
  options.memory_limit_bytes = 64LL << 20;
  options.threads = 1;
  std::vector<std::string> found(2);
  std::vector<std::thread> threads;
  for (int each = 0; each < 2; ++each) {
    threads.emplace_back([&, each] {
      auto engine = Engine::Open(options);
      ASSERT_TRUE(engine.ok()) << engine.error().ToString();
      auto connection = (*engine)->Connect();
      ASSERT_TRUE(connection.ok()) << connection.error().ToString();
      auto rows = (*connection)->Query(fmt::format(fmt::runtime(sum), each, each));
      ASSERT_TRUE(rows.ok()) << rows.error().ToString();
      found[static_cast<size_t>(each)] = *rows->At(0, 0) + "|" + *rows->At(0, 1);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(found, expected);
}

TEST_F(EngineTest, FoldersOfDeadProcessesGoAndOthersStay) {
  const std::filesystem::path tmp = folder_ / "private" / "tmp";
  std::filesystem::create_directories(tmp / "dead");
  std::ofstream(tmp / "dead" / "duckdb_temp_storage_DEFAULT-0.tmp") << "pages";
  const auto names = [&] {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(tmp)) found.insert(entry.path().filename());
    return found;
  };
  const std::set<std::string> before = names();
  ASSERT_EQ(before.size(), 2U);
  EngineOptions options;
  options.private_folder = (folder_ / "private").string();
  {
    auto second = Engine::Open(options);
    ASSERT_TRUE(second.ok()) << second.error().ToString();
    EXPECT_EQ(names().count("dead"), 0U);
    EXPECT_EQ(names().size(), 2U) << "its own, and that of the engine that is open";
  }
  EXPECT_EQ(names().size(), 1U);
  EXPECT_EQ(Rows("SELECT 1"), "1");
}

TEST_F(EngineTest, IsConfined) {
  std::ofstream(folder_ / "outside.csv") << "a\n1\n";
  std::string outside = QuoteLiteral((folder_ / "outside.csv").string());
  for (const std::string& sql : {
           "SELECT * FROM read_csv(" + outside + ")",
           "SELECT * FROM read_text(" + QuoteLiteral(Data("../outside.csv")) + ")",
           "COPY (SELECT 1) TO " + QuoteLiteral((folder_ / "x.parquet").string()),
           "ATTACH " + QuoteLiteral((folder_ / "x.db").string()) + " AS x",
           std::string("INSTALL httpfs"),
           std::string("LOAD '/nowhere/x.duckdb_extension'"),
           std::string("SET threads = 1"),
           std::string("SET GLOBAL enable_external_access = true"),
           std::string("SET lock_configuration = false"),
           std::string("SET allowed_directories = ['/']"),
           std::string("SET profiling_output = '/tmp/leat-profile'"),
       }) {
    Status status = connection_->Execute(sql);
    ASSERT_FALSE(status.ok()) << sql;
    std::string code = status.error().code();
    EXPECT_TRUE(code == "SQL-205" || code == "SQL-202" || code == "SQL-203") << sql << status.error().ToString();
  }
  EXPECT_EQ(Rows("COPY (SELECT 1) TO " + DataText("ok.parquet")), "1");
  Status late = engine_->LoadExtension("avro");
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), "SQL-103");
}

TEST_F(EngineTest, UserInstanceMayNotProfile) {
  EngineOptions options;
  options.kind = InstanceKind::kUser;
  OpenEngine(options);
  EXPECT_FALSE(connection_->Execute("PRAGMA enable_profiling='json'").ok());
}

TEST_F(EngineTest, ExtensionFilesAreCheckedByHash) {
  EngineOptions options;
  options.private_folder = (folder_ / "private").string();
  options.extension_folder = (folder_ / "ext").string();
  options.threads = 1;
  std::filesystem::create_directories(options.extension_folder);
  auto engine = Engine::Open(options);
  ASSERT_TRUE(engine.ok());
  Status missing = (*engine)->LoadExtension("avro");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code(), "SQL-104");
  std::ofstream(options.extension_folder + "/avro.duckdb_extension") << "not an extension";
  Status unlisted = (*engine)->LoadExtension("avro");
  ASSERT_FALSE(unlisted.ok());
  EXPECT_EQ(unlisted.error().code(), "SQL-105");
  std::ofstream(options.extension_folder + "/SHA256SUMS") << std::string(64, '0') << "  avro.duckdb_extension\n";
  Status changed = (*engine)->LoadExtension("avro");
  ASSERT_FALSE(changed.ok());
  EXPECT_EQ(changed.error().code(), "SQL-105");
}

TEST_F(EngineTest, TextIsWhatTheCastToVarcharGives) {
  for (const char* value : {"true",
                            "(-128)::TINYINT",
                            "32767::SMALLINT",
                            "(-2147483648)::INTEGER",
                            "9223372036854775807",
                            "255::UTINYINT",
                            "65535::USMALLINT",
                            "4294967295::UINTEGER",
                            "18446744073709551615::UBIGINT",
                            "'-170141183460469231731687303715884105728'::HUGEINT",
                            "170141183460469231731687303715884105727::HUGEINT",
                            "'340282366920938463463374607431768211455'::UHUGEINT",
                            "0::UHUGEINT",
                            "(-0.05)::DECIMAL(4,2)",
                            "123.45::DECIMAL(9,2)",
                            "12345678901.5::DECIMAL(18,1)",
                            "'-99999999999999999999999999999999999.999'::DECIMAL(38,3)",
                            "7::DECIMAL(5,0)",
                            "1.0::DOUBLE",
                            "1e15::DOUBLE",
                            "-1234567890123456.0::DOUBLE",
                            "1e16::DOUBLE",
                            "1e-5::DOUBLE",
                            "123456789.125::DOUBLE",
                            "0.1::DOUBLE",
                            "'nan'::DOUBLE",
                            "'-inf'::DOUBLE",
                            "(-0.0)::DOUBLE",
                            "0.1::FLOAT",
                            "1e-7::FLOAT",
                            "16777216::FLOAT",
                            "1e20::FLOAT",
                            "1e15::FLOAT",
                            "3.4e38::FLOAT",
                            "'2020-02-29'::DATE",
                            "'0045-03-15 (BC)'::DATE",
                            "'12345-01-01'::DATE",
                            "'infinity'::DATE",
                            "'-infinity'::DATE",
                            "'1969-12-31'::DATE",
                            "'01:02:03.1'::TIME",
                            "'24:00:00'::TIME",
                            "'2020-01-01 01:02:03.5'::TIMESTAMP",
                            "'infinity'::TIMESTAMP",
                            "'1969-12-31 23:59:59.999999'::TIMESTAMP",
                            "'0045-03-15 (BC) 01:02:03'::TIMESTAMP",
                            "'2020-01-01 01:02:03.500001+00'::TIMESTAMPTZ",
                            "'infinity'::TIMESTAMPTZ",
                            "'0045-03-15 (BC) 01:02:03+00'::TIMESTAMPTZ",
                            "'2020-01-01 00:00:01'::TIMESTAMP_S",
                            "'2020-01-01 00:00:00.12'::TIMESTAMP_MS",
                            "'2020-01-01 00:00:00.123456789'::TIMESTAMP_NS",
                            "'1900-01-01 00:00:00.000000001'::TIMESTAMP_NS",
                            "'0f47ac10-58cc-4372-a567-0e02b2c3d479'::UUID",
                            "'f47ac10b-58cc-4372-a567-0e02b2c3d479'::UUID",
                            "''",
                            "'a''b'",
                            "'\\x00a\"\\x7F\\x5C'::BLOB",
                            "'1011'::BIT",
                            "INTERVAL '1 month 2 days'",
                            "'10:00:00+02'::TIMETZ",
                            "[1, NULL, 3]",
                            "{'a': 1, 'b': [1.5, 2.5]}",
                            "map {'k': 'v'}",
                            "'b'::ENUM('a', 'b')",
                            "NULL",
                            "'{\"a\": 1}'::JSON",
                            "[1, 2]::INTEGER[2]",
                            "123456789012345678901234567890::BIGNUM",
                            "union_value(k := 1)"}) {
    std::string sql = std::string("SELECT ") + value;
    std::string cast = Rows(std::string("SELECT CAST(") + value + " AS VARCHAR)");
    EXPECT_EQ(Rows(sql), cast) << value;
  }
}

TEST_F(EngineTest, FloatsOfAllSizesReadAsDuckDbWritesThem) {
  auto rows = connection_->Query(
      "SELECT d, CAST(d AS VARCHAR), f, CAST(f AS VARCHAR) FROM (SELECT d, TRY_CAST(d AS FLOAT) f FROM (SELECT "
      "(hash(i) / 1e10) * pow(10, (i % 60) - 35) AS d FROM range(20000) t(i)))");
  ASSERT_TRUE(rows.ok()) << rows.error().ToString();
  ASSERT_EQ(rows->rows.size(), 20000U);
  for (const auto& row : rows->rows) {
    ASSERT_EQ(row[0], row[1]);
    ASSERT_EQ(row[2], row[3]);
  }
}

TEST_F(EngineTest, TypeNamesAreDuckDbs) {
  auto columns = connection_->Describe(
      "SELECT 1::DECIMAL(9,2) AS d, {'a': 1, 'B c': [1.5::DOUBLE]} AS s, map {'k': now()} AS m, 'a'::ENUM('a','b''c') "
      "AS e, "
      "'{}'::JSON AS j, [1,2]::INTEGER[2] AS a, uuid() AS u, NULL AS n");
  ASSERT_TRUE(columns.ok()) << columns.error().ToString();
  std::string names;
  for (const auto& column : *columns) names += column.name + " " + column.type + "; ";
  EXPECT_EQ(names,
            "d DECIMAL(9,2); s STRUCT(a INTEGER, \"B c\" DOUBLE[]); m MAP(VARCHAR, TIMESTAMP WITH TIME ZONE); "
            "e ENUM('a', 'b''c'); j JSON; a INTEGER[2]; u UUID; n INTEGER; ");
}

TEST_F(EngineTest, ErrorsSayWhere) {
  struct Case {
    const char* sql;
    const char* code;
    int line;
    int column;
  };
  for (const Case& c :
       {Case{"SELECT 1 FROM\n FROM x", "SQL-200", 2, 2}, Case{"SELECT 'é',\n  foo\nFROM range(3)", "SQL-201", 2, 3},
        Case{"SELECT [1],\n nope", "SQL-201", 2, 2}, Case{"SELECT * FROM\nnosuch", "SQL-201", 2, 1},
        Case{"SELECT [1], \n 'a'::INT", "SQL-202", 2, 5}}) {
    auto rows = connection_->Query(c.sql);
    ASSERT_FALSE(rows.ok()) << c.sql;
    EXPECT_EQ(rows.error().code(), c.code) << rows.error().ToString();
    EXPECT_EQ(rows.error().where().line, c.line) << c.sql << rows.error().ToString();
    EXPECT_EQ(rows.error().where().column, c.column) << c.sql;
  }
}

TEST_F(EngineTest, QueriesTakeSemicolonsCommentsAndReadingStatements) {
  EXPECT_EQ(Rows("SELECT [1]; -- done"), "[1]");
  EXPECT_EQ(Rows("-- first\nSELECT {'a': ';'} -- end"), "{'a': ;}");
  EXPECT_EQ(Rows("FROM range(2)"), "0\n1");
  EXPECT_EQ(Rows("WITH a AS (SELECT [1] x) FROM a ORDER BY x"), "[1]");
  EXPECT_EQ(Rows("VALUES ([1]), ([2])"), "[1]\n[2]");
  EXPECT_EQ(connection_->Query("SELECT 1; SELECT 2").error().code(), "SQL-401");
}

TEST_F(EngineTest, MemoryLimitIsAResourceError) {
  EngineOptions options;
  options.memory_limit_bytes = 40 << 20;
  OpenEngine(options);
  auto rows = connection_->Query("SELECT max(len(l)) FROM (SELECT list(i) l FROM range(100000000) t(i))");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(rows.error().code(), "SQL-301") << rows.error().ToString();
  EXPECT_EQ(rows.error().kind(), ErrorKind::kResource);
}

TEST_F(EngineTest, InterruptStopsACopy) {
  std::atomic<bool> done{false};
  std::jthread stopper([&] {
    while (!done) {
      connection_->Interrupt();
      std::this_thread::yield();
    }
  });
  auto status =
      connection_->Execute("COPY (SELECT i, hash(i) FROM range(3000000000) t(i)) TO " + DataText("long.parquet"));
  done = true;
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code(), "RUN-900") << status.error().ToString();
  stopper.join();
  EXPECT_EQ(Rows("SELECT 1"), "1");
}

TEST_F(EngineTest, StreamGivesBatchesAndStops) {
  int64_t rows = 0;
  Status all = connection_->Stream("SELECT i, [i] FROM range(5000) t(i)", [&](const TextRows& batch) {
    EXPECT_LE(batch.rows.size(), 2048U);
    for (const auto& row : batch.rows) {
      EXPECT_EQ(*row[1], "[" + std::to_string(rows) + "]");
      ++rows;
    }
    return Ok();
  });
  ASSERT_TRUE(all.ok()) << all.error().ToString();
  EXPECT_EQ(rows, 5000);
  Status stopped = connection_->Stream("SELECT i FROM range(1000000000) t(i)", [](const TextRows&) -> Status {
    return MakeError("TEST-1", ErrorKind::kUsage, "enough");
  });
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.error().code(), "TEST-1");
  Status late = connection_->Stream("SELECT CASE WHEN i = 4000 THEN error('late') ELSE 'x' END FROM range(5000) t(i)",
                                    [](const TextRows&) { return Ok(); });
  EXPECT_FALSE(late.ok());
}

TEST_F(EngineTest, ProfileCountsWhatTheReaderRead) {
  Run("COPY (SELECT i, 'x' || i AS s, i % 10 AS g FROM range(100000) t(i)) TO " + DataText("a.csv"));
  Run("COPY (SELECT i, 'x' || i AS s, i % 10 AS g FROM range(100000) t(i)) TO " + DataText("a.parquet") +
      " (ROW_GROUP_SIZE 5000)");
  Run("COPY (SELECT i FROM range(70000) t(i)) TO " + DataText("j.json"));
  std::string csv = "read_csv(" + DataText("a.csv") + ")";
  std::string parquet = "read_parquet(" + DataText("a.parquet") + ")";
  std::string json = "read_json(" + DataText("j.json") + ", format = 'newline_delimited')";
  struct Case {
    std::string sql;
    int64_t scanned;
    int64_t result;
    bool filtered;
  };
  for (const Case& c : {
           Case{"SELECT * FROM " + csv, 100000, 100000, false},
           Case{"SELECT s FROM " + csv + " WHERE i < 50 AND g = 3", 100000, 5, false},
           Case{"SELECT count(*) FROM " + csv, 100000, 1, false},
           Case{"SELECT count(*) FROM " + json + " WHERE i < 10", 70000, 1, false},
           Case{"SELECT [i] FROM " + csv + " WHERE i < 50", 100000, 50, false},
           Case{"COPY (SELECT * FROM " + csv + " WHERE g = 3) TO " + DataText("b.parquet"), 100000, 10000, false},
           Case{"COPY (SELECT * FROM " + csv + ") TO " + DataText("c") + " (FORMAT parquet, PER_THREAD_OUTPUT)", 100000,
                100000, false},
           Case{"SELECT s FROM " + parquet, 100000, 100000, false},
           Case{"SELECT s FROM " + parquet + " WHERE i < 50 AND g = 3", 5, 5, true},
           Case{"SELECT a.s FROM " + csv + " a JOIN " + parquet + " b USING (i) WHERE a.g + b.g = 6", 200000, 10000,
                false},
       }) {
    StatementCounts counts;
    auto rows = connection_->QueryProfiled(c.sql, counts);
    ASSERT_TRUE(rows.ok()) << rows.error().ToString();
    EXPECT_EQ(counts.rows_scanned, c.scanned) << c.sql;
    EXPECT_EQ(counts.result_rows, c.result) << c.sql;
    EXPECT_EQ(counts.scan_filtered, c.filtered) << c.sql;
  }
  auto footer = ParquetRowCount(*connection_, {Data("a.parquet"), Data("b.parquet")});
  ASSERT_TRUE(footer.ok());
  EXPECT_EQ(*footer, 110000);
  StatementCounts failed;
  EXPECT_FALSE(connection_->QueryProfiled("SELECT nope", failed).ok());
  EXPECT_EQ(Rows("SELECT value FROM duckdb_settings() WHERE name = 'enable_profiling'"), "NULL");
}

TEST(ScriptTest, SplitsWhereDuckDbDoes) {
  std::vector<std::string_view> parts = ScanStatements(
      "SELECT ';' ; -- a;b\n SELECT \"x;\"\"y\" /* ; /* ; */ ; */; ; SELECT $$;$$, $a$;$b$;$a$; SELECT E'\\';' ;/* end "
      "*/");
  ASSERT_EQ(parts.size(), 4U);
  EXPECT_EQ(parts[0], "SELECT ';'");
  EXPECT_EQ(parts[1], "-- a;b\n SELECT \"x;\"\"y\" /* ; /* ; */ ; */");
  EXPECT_EQ(parts[2], "SELECT $$;$$, $a$;$b$;$a$");
  EXPECT_EQ(parts[3], "SELECT E'\\';'");
  EXPECT_TRUE(ScanStatements(" ; -- nothing\n").empty());
}

}  // namespace
}  // namespace leat::sql
