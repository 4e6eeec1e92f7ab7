#include "components/source/postgres/postgres_source.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <thread>

#include "data/arrow_abi.h"
#include "test/support/postgres.h"

namespace leat::components::postgres {
namespace {

using component::ReadRequest;

class PostgresSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(true);
    url_ = test::PostgresServer::Get().NewDatabase();
    const size_t colon = url_.rfind(':');
    options_.endpoint.parameters = {{"host", "127.0.0.1"},
                                    {"user", "postgres"},
                                    {"port", url_.substr(colon + 1, url_.rfind('/') - colon - 1)},
                                    {"dbname", url_.substr(url_.rfind('/') + 1)}};
    options_.schema = "public";
    options_.unconstrained_numeric = "sample";
  }
  void Run(const std::string& sql) { ASSERT_TRUE(test::PostgresServer::Get().Run(sql, url_)) << sql; }
  std::unique_ptr<PostgresSource> Open(const std::string& table) {
    options_.table = options_.asset = table;
    return std::make_unique<PostgresSource>(options_, component::SourceContext{});
  }

  /// The first column (bigint) of all rows, read by a thread for each stream, sorted.
  static std::vector<int64_t> Ids(component::Source& source, const ReadRequest& request, int count) {
    auto streams = source.OpenStreams(request, count);
    EXPECT_TRUE(streams.ok()) << streams.error().ToString();
    std::vector<int64_t> ids;
    if (!streams.ok()) return ids;
    std::mutex mutex;
    std::vector<std::jthread> threads;
    for (auto& stream : *streams) {
      threads.emplace_back([&] {
        std::vector<int64_t> own;
        while (true) {
          ArrowArray array{};
          ArrowSchema schema{};
          auto more = stream->Next(&array, &schema);
          EXPECT_TRUE(more.ok()) << more.error().ToString();
          if (!more.ok() || !*more) break;
          const auto* values = static_cast<const int64_t*>(array.children[0]->buffers[1]);
          own.insert(own.end(), values, values + array.length);
          array.release(&array);
          schema.release(&schema);
        }
        EXPECT_EQ(static_cast<int64_t>(own.size()), stream->rows_read());
        std::lock_guard lock(mutex);
        ids.insert(ids.end(), own.begin(), own.end());
      });
    }
    threads.clear();
    std::sort(ids.begin(), ids.end());
    return ids;
  }
  static std::vector<int64_t> UpTo(int64_t from, int64_t to) {
    std::vector<int64_t> ids;
    for (int64_t id = from; id <= to; ++id) ids.push_back(id);
    return ids;
  }

  std::string url_;
  Options options_;
};

constexpr int64_t kRows = 60'000;

struct Shape {
  const char* name;
  const char* sql;
  const char* reason;
  bool one_snapshot;
};

/// Whatever a table is and however it is cut: each row once, by streams and by parts that other objects read.
TEST_F(PostgresSourceTest, EachRowOnce) {
  const std::string rows = " SELECT i::bigint, md5(i::text) || md5(i::text) FROM generate_series(1, 60000) i; ";
  const Shape shapes[] = {
      {"plain", "CREATE TABLE plain (id bigint PRIMARY KEY, v text); INSERT INTO plain", "ranges of pages (ctid)",
       true},
      {"keyless", "CREATE TABLE keyless (id bigint, v text); INSERT INTO keyless", "ranges of pages (ctid)", true},
      {"split",
       "CREATE TABLE split (id bigint, v text) PARTITION BY RANGE (id);"
       "CREATE TABLE split_a PARTITION OF split FOR VALUES FROM (0) TO (50000);"
       "CREATE TABLE split_b PARTITION OF split DEFAULT; INSERT INTO split",
       "ranges of pages (ctid)", true},
      {"parent",
       "CREATE TABLE parent (id bigint, v text); CREATE TABLE child (more int) INHERITS (parent);"
       "INSERT INTO parent SELECT i, 'x' FROM generate_series(60001, 60003) i; INSERT INTO child",
       "ranges of pages (ctid)", true},
      {"seen", "CREATE VIEW seen AS", "one statement: a view", true},
      {"stored", "CREATE MATERIALIZED VIEW stored (id, v) AS", "ranges of pages (ctid)", true},
      {"keyed", "CREATE TABLE keyed (id bigint PRIMARY KEY, v text); INSERT INTO keyed", "ranges of the primary key id",
       false},
      {"lines",
       "CREATE TABLE lines (id bigint, v text, line bigint GENERATED ALWAYS AS (id % 97) STORED, PRIMARY KEY (line, id));"
       "INSERT INTO lines (id, v)",
       "ranges of the primary key line", false},
      {"dated",
       "CREATE TABLE dated (id bigint, v text, day date GENERATED ALWAYS AS (CASE WHEN id = 7 THEN '-infinity'::date "
       "WHEN id % 1000 = 999 THEN 'infinity' ELSE '2020-01-01'::date + (id / 1000)::int END) STORED, PRIMARY KEY (day, id));"
       "INSERT INTO dated (id, v)",
       "ranges of the primary key day", false},
      {"loose", "CREATE TABLE loose (id bigint, v text); INSERT INTO loose", "one statement: consistency: part", false},
  };
  for (const Shape& shape : shapes) {
    Run(shape.sql + rows + "ANALYZE " + shape.name);
    options_.one_snapshot = shape.one_snapshot;
    const int64_t last = std::string_view(shape.name) == "parent" ? kRows + 3 : kRows;
    for (const bool gentle : {false, true}) {
      options_.gentle = gentle;
      auto source = Open(shape.name);
      ReadRequest request;
      request.table = *source->Discover();
      EXPECT_EQ(Ids(*source, request, 3), UpTo(1, last)) << shape.name << (gentle ? " gentle" : " fast");

      const auto parts = source->Split(request, {20'000, 2});
      ASSERT_TRUE(parts.ok()) << parts.error().ToString();
      EXPECT_TRUE(parts->reason.starts_with(shape.reason)) << parts->reason;
      if (parts->parts.empty()) continue;
      EXPECT_GT(parts->parts.size(), 2U) << shape.name;
      std::vector<int64_t> all;
      for (const component::TablePart& part : parts->parts) {
        ReadRequest one = request;
        one.parts = {part};
        const std::vector<int64_t> ids = Ids(*Open(shape.name), one, 2);
        EXPECT_LT(ids.size(), static_cast<size_t>(kRows));
        all.insert(all.end(), ids.begin(), ids.end());
      }
      std::sort(all.begin(), all.end());
      EXPECT_EQ(all, UpTo(1, last)) << shape.name;
    }
  }
}

/// Parts count again where the rows in them can only be the same: the same snapshot, or rows up to a bound.
TEST_F(PostgresSourceTest, PartsKnowWhatTheyAreOf) {
  Run("CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz); INSERT INTO t SELECT i, '2020-01-01'::timestamptz + i * "
      "interval '1 second' FROM generate_series(1, 60000) i; ANALYZE t");
  const auto first_id = [&](const std::string& upper) {
    auto source = Open("t");
    ReadRequest request;
    request.table = *source->Discover();
    if (!upper.empty()) request.update_key = "at", request.upper = upper;
    const auto parts = source->Split(request, {10'000, 2});
    return parts.ok() && !parts->parts.empty() ? parts->parts[0].id : parts.error().ToString();
  };
  EXPECT_NE(first_id(""), first_id("")) << "two snapshots";
  const std::string before = first_id("2020-01-01 10:00:00+00");
  EXPECT_EQ(first_id("2020-01-01 10:00:00+00"), before);
  Run("VACUUM FULL t");
  EXPECT_NE(first_id("2020-01-01 10:00:00+00"), before) << "rows have moved";
}

/// What may be put together from several reads, and what may not.
TEST_F(PostgresSourceTest, OnlyPartsOfAKeyLast) {
  Run("CREATE TABLE in_order (id bigint PRIMARY KEY, at timestamptz);"
      "INSERT INTO in_order SELECT i, '2020-01-01Z'::timestamptz + i * interval '1 second' FROM generate_series(1, 60000) i;"
      "CREATE TABLE mixed (LIKE in_order INCLUDING ALL); INSERT INTO mixed SELECT * FROM in_order ORDER BY md5(id::text);"
      "CREATE TABLE by_moment (id bigint, at timestamptz, PRIMARY KEY (at, id)); INSERT INTO by_moment SELECT * FROM in_order;"
      "ANALYZE in_order; ANALYZE mixed; ANALYZE by_moment");
  const auto split = [&](const char* table, bool bounded, const char* reason, bool lasting) {
    auto source = Open(table);
    ReadRequest request;
    request.table = *source->Discover();
    if (bounded) request.update_key = "at", request.upper = *source->Upper("at");
    const auto parts = source->Split(request, {10'000, 2});
    ASSERT_TRUE(parts.ok()) << parts.error().ToString();
    EXPECT_TRUE(parts->reason.starts_with(reason)) << parts->reason;
    EXPECT_EQ(parts->lasting, lasting) << table << parts->reason;
    EXPECT_GT(parts->parts.size(), 2U);
    EXPECT_EQ(Ids(*source, request, 2), UpTo(1, kRows));
  };
  split("in_order", true, "ranges of the primary key id: rows lie in its order", true);
  split("in_order", false, "ranges of pages", false);
  split("mixed", true, "ranges of pages", false);
  split("by_moment", true, "ranges of the primary key at: rows lie in its order", true);
  options_.one_snapshot = false;
  split("mixed", true, "ranges of the primary key id", true);
  split("mixed", false, "ranges of the primary key id", true);
  const std::string before = *Open("mixed")->PartsIdentity();
  Run("TRUNCATE mixed");
  EXPECT_NE(*Open("mixed")->PartsIdentity(), before);
}

/// All streams see the moment of the first question, whatever is committed meanwhile.
TEST_F(PostgresSourceTest, OneMomentForAllStreams) {
  Run("CREATE TABLE t (id bigint PRIMARY KEY, v text); INSERT INTO t SELECT i, repeat('x', 300) FROM generate_series(1, "
      "60000) i");
  auto source = Open("t");
  ReadRequest request;
  request.table = *source->Discover();
  Run("UPDATE t SET id = -id WHERE id % 3 = 0; DELETE FROM t WHERE id % 3 = 1; INSERT INTO t VALUES (100001, 'late')");
  EXPECT_EQ(Ids(*source, request, 3), UpTo(1, kRows));
  EXPECT_EQ(*source->Upper("id"), "60000");
}

TEST_F(PostgresSourceTest, RowsBehindABookmark) {
  Run("CREATE TABLE t (id bigint PRIMARY KEY, at timestamptz, plain bigint); CREATE INDEX ON t (at);"
      "INSERT INTO t SELECT i, '2020-01-01Z'::timestamptz + i * interval '1 second', i FROM generate_series(1, 60000) i;"
      "INSERT INTO t VALUES (60001, NULL, NULL), (60002, 'infinity', NULL); ANALYZE t");
  auto source = Open("t");
  ReadRequest request;
  request.table = *source->Discover();
  request.update_key = "at";
  request.upper = *source->Upper("at");
  EXPECT_EQ(request.upper, "2020-01-01 16:40:00+00");
  EXPECT_EQ(Ids(*source, request, 2), UpTo(1, 60'002)) << "rows without an end or a key come with the first load";
  request.bookmark = "2020-01-01 16:23:20+00";
  EXPECT_EQ(Ids(*source, request, 2), UpTo(59'001, 60'000));
  EXPECT_EQ(source->Split(request, {0, 2})->reason, "ranges of at behind the bookmark, through its index");
  request.update_key = "plain";
  request.bookmark = "59000";
  request.upper = "60000";
  EXPECT_EQ(Ids(*source, request, 2), UpTo(59'001, 60'000));
  EXPECT_TRUE(source->Split(request, {0, 2})->reason.starts_with("ranges of pages")) << "no index";
}

}  // namespace
}  // namespace leat::components::postgres
