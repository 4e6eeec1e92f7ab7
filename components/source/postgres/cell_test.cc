#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <memory>
#include <random>

#include "data/exact_text.h"
#include "data/int128.h"
#include "components/source/postgres/cell.h"
#include "test/support/postgres.h"

namespace leat::components::postgres {
namespace {

/// One value as a real server sends it: its bytes and its text.
struct Sent {
  std::string bytes, text;
};

class CellTest : public testing::Test {
 protected:
  void SetUp() override {
    LEAT_NEEDS_POSTGRES(true);
    url_ = test::PostgresServer::Get().NewDatabase();
    connection_.reset(PQconnectdb(url_.c_str()));
    Ask("SET timezone = 'UTC'", 0);
  }
  std::vector<std::string> Ask(const std::string& sql, int binary) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexecParams(connection_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, binary), &PQclear);
    EXPECT_TRUE(PQresultStatus(result.get()) == PGRES_TUPLES_OK || PQresultStatus(result.get()) == PGRES_COMMAND_OK)
        << sql << ": " << PQerrorMessage(connection_.get());
    std::vector<std::string> values;
    for (int row = 0; row < PQntuples(result.get()); ++row)
      values.emplace_back(PQgetvalue(result.get(), row, 0), static_cast<size_t>(PQgetlength(result.get(), row, 0)));
    return values;
  }
  /// `values` (without quotes in them) in order.
  std::vector<Sent> Send(const std::vector<std::string>& values, const std::string& type) {
    std::string list;
    for (const std::string& value : values) list += (list.empty() ? "'" : ", '") + value + "'";
    const std::string sql = "SELECT value::" + type + " FROM unnest(ARRAY[" + list + "]::text[]) AS value";
    const std::vector<std::string> bytes = Ask(sql, 1), texts = Ask(sql, 0);
    std::vector<Sent> sent;
    for (size_t i = 0; i < bytes.size(); ++i) sent.push_back({bytes[i], texts[i]});
    return sent;
  }
  Sent Send(const std::string& value, const std::string& type) { return Send(std::vector{value}, type)[0]; }

  std::string url_;
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_{nullptr, &PQfinish};
};

TEST_F(CellTest, TextsAreTheServersOwn) {
  const std::tuple<const char*, Wire, std::vector<std::string>> cases[] = {
      {"int2", Wire::kInt2, {"-32768", "32767", "0"}},
      {"int4", Wire::kInt4, {"-2147483648", "2147483647"}},
      {"int8", Wire::kInt8, {"-9223372036854775808", "9223372036854775807"}},
      {"oid", Wire::kUInt4, {"4294967295", "0"}},
      {"numeric",
       Wire::kNumeric,
       {"0", "0.00", "-0.010", "NaN", "Infinity", "-Infinity", "1e-20", "1e20", "123456789.987654321", "10000",
        "0.0001", "99999999999999999999999999999999999999.99999999999999", "1e-200", "12345678901234567890.00000"}},
      {"date",
       Wire::kDate,
       {"4713-01-01 BC", "0001-12-31 BC", "0001-01-01", "1999-12-31", "2000-02-29", "5874897-12-31", "infinity",
        "-infinity"}},
      {"time", Wire::kTime, {"00:00", "23:59:59.999999", "24:00:00", "12:00:00.5"}},
      {"timestamp",
       Wire::kTimestamp,
       {"4713-01-01 00:00:00 BC", "1969-12-31 23:59:59.999999", "2000-01-01", "294276-12-31 23:59:59.999999",
        "infinity", "-infinity", "0001-01-01 BC"}},
      {"text", Wire::kText, {"", "a\"b", "größe"}},
      {"jsonb", Wire::kJsonb, {"{\"a\": 1.10}", "null"}},
      {"uuid", Wire::kUuid, {"00112233-4455-6677-8899-aabbccddeeff"}},
      {"bytea", Wire::kBytes, {"", "\\x00ff10"}},
  };
  for (const auto& [type, wire, values] : cases) {
    for (const Sent& sent : Send(values, type)) EXPECT_EQ(CellText(wire, sent.bytes), sent.text) << type;
  }
}

/// Random numbers, and random numbers of digits and decimals: the bytes give what the checked cast gives for the text.
TEST_F(CellTest, NumericsAreExactOrRefused) {
  std::mt19937 random(testing::UnitTest::GetInstance()->random_seed());
  std::vector<std::string> values;
  for (int i = 0; i < 4000; ++i) {
    std::string value = random() % 2 == 0 ? "-" : "";
    const auto digits = [&](uint_fast32_t most) {
      std::string text;
      for (uint_fast32_t left = random() % (most + 1); left > 0; --left)
        text += static_cast<char>(random() % 3 == 0 ? '0' : '0' + random() % 10);
      return text;
    };
    value += digits(random() % 4 == 0 ? 42 : 12) + "0." + digits(random() % 4 == 0 ? 42 : 6) + "0";
    values.push_back(std::move(value));
  }
  int fit = 0, refused = 0;
  for (const Sent& sent : Send(values, "numeric")) {
    const int precision = 1 + static_cast<int>(random() % 38);
    const int scale = static_cast<int>(random() % static_cast<unsigned>(precision + 1));
    data::Int128 expected, got;
    const bool fits = data::ParseExactDecimal(sent.text, precision, scale, expected);
    ASSERT_EQ(ReadNumeric(sent.bytes, precision, scale, got), fits)
        << sent.text << " as decimal(" << precision << "," << scale << ")";
    if (fits) {
      ASSERT_EQ(data::DecimalText(got, scale), data::DecimalText(expected, scale)) << sent.text;
    }
    (fits ? fit : refused)++;
    ASSERT_EQ(CellText(Wire::kNumeric, sent.bytes), sent.text);
  }
  EXPECT_GT(fit, 400);
  EXPECT_GT(refused, 400);
}

TEST_F(CellTest, TimesBeyondTheLakesAreRefused) {
  int64_t micros = 0;
  int32_t days = 0;
  EXPECT_TRUE(ReadTimestamp(Send("1970-01-01 00:00:00.000001", "timestamp").bytes, micros));
  EXPECT_EQ(micros, 1);
  EXPECT_TRUE(ReadTimestamp(Send("4713-01-01 BC", "timestamp").bytes, micros));
  EXPECT_EQ(micros, -210'863'520'000'000'000);
  EXPECT_FALSE(ReadTimestamp(Send("294276-12-31", "timestamp").bytes, micros)) << "more than 64 bits of microseconds";
  EXPECT_FALSE(ReadTimestamp(Send("infinity", "timestamp").bytes, micros));
  EXPECT_FALSE(ReadTimestamp(Send("-infinity", "timestamptz").bytes, micros));
  EXPECT_TRUE(ReadDate(Send("1969-12-31", "date").bytes, days));
  EXPECT_EQ(days, -1);
  EXPECT_TRUE(ReadDate(Send("5874897-12-31", "date").bytes, days));
  EXPECT_FALSE(ReadDate(Send("infinity", "date").bytes, days));
  EXPECT_TRUE(ReadTime(Send("23:59:59.999999", "time").bytes, micros));
  EXPECT_EQ(micros, 86'399'999'999);
  EXPECT_FALSE(ReadTime(Send("24:00:00", "time").bytes, micros));
}

}  // namespace
}  // namespace leat::components::postgres
