#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <optional>

#include "base/ids.h"
#include "data/arrow_abi.h"
#include "component/spec.h"
#include "components/source/sqlite/sqlite_types.h"
#include "config/field.h"

leat::component::Spec leat_source_sqlite_spec();

namespace leat::components::sqlite {
namespace {

using component::ReadRequest;
using component::Source;

/// A database in a temporary folder and a source over one of its tables.
class SqliteSourceTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("leat-sqlite-" + NewUuidV4());
    std::filesystem::create_directories(folder_);
    ASSERT_EQ(sqlite3_open((folder_ / "ops.db").c_str(), &database_), SQLITE_OK);
  }
  void TearDown() override {
    sqlite3_close(database_);
    std::filesystem::remove_all(folder_);
  }
  void Run(const std::string& sql) {
    char* message = nullptr;
    ASSERT_EQ(sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK) << message;
  }
  std::unique_ptr<Source> Open(const std::string& table) {
    component::Spec spec = leat_source_sqlite_spec();
    config::Findings findings;
    auto yaml = config::ParseYaml("{file: ops.db}", "connections.yml");
    config::Values connection = config::Validate(*yaml, spec.connection_fields, "connection", {}, findings);
    auto entry = config::ParseYaml("{}", "ops.yml");
    config::Values values = config::Validate(*entry, spec.fields, "table", {}, findings);
    component::SourceContext context;
    context.project_root = folder_.string();
    auto source = spec.make_source(connection, values, table, context);
    return std::move(source).value();
  }
  /// Reads column `at` of all batches as text (string columns) or as 64-bit numbers.
  static std::vector<std::optional<std::string>> Texts(ArrowArray& batch, size_t at) {
    std::vector<std::optional<std::string>> texts;
    ArrowArray& column = *batch.children[at];
    const auto* valid = static_cast<const uint8_t*>(column.buffers[0]);
    const auto* offsets = static_cast<const int32_t*>(column.buffers[1]);
    const auto* bytes = static_cast<const char*>(column.buffers[2]);
    for (int64_t i = 0; i < column.length; ++i) {
      if ((valid[i / 8] >> (i % 8) & 1) == 0) {
        texts.push_back(std::nullopt);
      } else {
        texts.emplace_back(std::string(bytes + offsets[i], bytes + offsets[i + 1]));
      }
    }
    return texts;
  }

  std::filesystem::path folder_;
  sqlite3* database_ = nullptr;
};

TEST(SqliteTypes, Declarations) {
  const std::pair<const char*, const char*> cases[] = {
      {"INTEGER", "long"},
      {"bigint unsigned", "long"},
      {"DECIMAL(9,2)", "decimal(9,2)"},
      {"numeric(20)", "decimal(20,0)"},
      {"VARCHAR(20)", "string"},
      {"REAL", "double"},
      {"BOOLEAN", "boolean"},
      {"DATETIME", "timestamp"},
      {"DATE", "date"},
      {"BLOB", "binary"},
      {"TIMESTAMP WITH TIME ZONE", "timestamptz"},
      {"JSON", "string"},
  };
  for (auto [declared, expected] : cases) {
    data::TypePtr type = TypeOfDeclaration(declared);
    ASSERT_NE(type, nullptr) << declared;
    EXPECT_EQ(data::TypeName(*type), expected) << declared;
  }
  for (const char* open : {"", "NUMERIC", "whatever"}) EXPECT_EQ(TypeOfDeclaration(open), nullptr) << open;
}

TEST_F(SqliteSourceTest, DiscoversTypesAndKey) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(9,2), at DATETIME, free, note TEXT); INSERT INTO t VALUES "
      "(1, 2, null, 1.5, 'x')");
  auto table = Open("t")->Discover();
  ASSERT_TRUE(table.ok()) << table.error().ToString();
  std::vector<std::string> found;
  for (const auto& column : table->columns) found.push_back(column.name + " " + data::TypeName(*column.type));
  EXPECT_EQ(found,
            (std::vector<std::string>{"id long", "price decimal(9,2)", "at timestamp", "free double", "note string"}));
  EXPECT_EQ(table->primary_key, std::vector<std::string>{"id"});
}

TEST_F(SqliteSourceTest, ValuesThatDoNotFitAreRejectedWithTheirRowid) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, price DECIMAL(9,2), day DATE);"
      "INSERT INTO t VALUES (1, 12.34, '2020-01-31'), (2, 0.125, '2020-01-31'), (3, 'many', null), (7, 1, "
      "'31.1.2020'), (8, null, null)");
  auto source = Open("t");
  auto table = source->Discover();
  ASSERT_TRUE(table.ok());
  ReadRequest request;
  request.table = *table;
  auto stream = source->OpenStream(request);
  ASSERT_TRUE(stream.ok()) << stream.error().ToString();
  ArrowArray array{};
  ArrowSchema schema{};
  auto more = (*stream)->Next(&array, &schema);
  ASSERT_TRUE(more.ok() && *more);
  ASSERT_EQ(array.length, 5);
  EXPECT_STREQ(schema.children[1]->format, "d:9,2");
  EXPECT_STREQ(schema.children[3]->name, "leat_row");
  const auto* cents = static_cast<const int64_t*>(array.children[1]->buffers[1]);
  EXPECT_EQ(cents[0], 1234);
  EXPECT_EQ(cents[1], 0) << "high half";
  const auto* rows = static_cast<const int64_t*>(array.children[3]->buffers[1]);
  EXPECT_EQ(rows[3], 7);
  EXPECT_EQ(Texts(array, 4),
            (std::vector<std::optional<std::string>>{
                std::nullopt, component::RefusedRow("cast", "price", "0.125 is not exactly a decimal(9,2)"),
                component::RefusedRow("cast", "price", "\"many\" is not exactly a decimal(9,2)"),
                component::RefusedRow("cast", "day", "\"31.1.2020\" is not exactly a date"), std::nullopt}));
  EXPECT_EQ(Texts(array, 5)[3], R"({"id": 7, "price": 1, "day": "31.1.2020"})");
  array.release(&array);
  schema.release(&schema);
  EXPECT_FALSE(*(*stream)->Next(&array, &schema));
  EXPECT_EQ((*stream)->rows_read(), 5);
}

TEST_F(SqliteSourceTest, IncrementalReadsBetweenBookmarkAndUpper) {
  Run("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i, 'v' || i "
      "FROM n");
  auto source = Open("t");
  auto table = source->Discover();
  auto upper = source->Upper("id");
  ASSERT_TRUE(upper.ok());
  EXPECT_EQ(*upper, "5000");
  Run("INSERT INTO t VALUES (5001, 'late')");
  struct Case {
    std::string bookmark;
    int64_t rows;
  };
  for (const Case& c : {Case{"", 5000}, Case{"900", 4100}, Case{"5000", 0}}) {
    ReadRequest request{*table, {}, "id", c.bookmark, *upper, {}};
    auto stream = source->OpenStream(request);
    ASSERT_TRUE(stream.ok()) << stream.error().ToString();
    int64_t rows = 0;
    int batches = 0;
    while (true) {
      ArrowArray array{};
      ArrowSchema schema{};
      auto more = (*stream)->Next(&array, &schema);
      ASSERT_TRUE(more.ok());
      if (!*more) break;
      ++batches;
      rows += array.length;
      array.release(&array);
      schema.release(&schema);
    }
    EXPECT_EQ(rows, c.rows) << c.bookmark;
    EXPECT_EQ((*stream)->rows_read(), c.rows);
    EXPECT_GE(batches, 1) << "an empty stream still tells its columns";
  }
}

TEST_F(SqliteSourceTest, SaysWhatIsMissing) {
  Run("CREATE TABLE planes (id INTEGER)");
  auto no_table = Open("plane")->Discover();
  ASSERT_FALSE(no_table.ok());
  EXPECT_EQ(no_table.error().code(), "SRC-234");
  EXPECT_NE(no_table.error().hint().find("planes"), std::string::npos);
  auto no_column = Open("planes")->Upper("idd");
  ASSERT_FALSE(no_column.ok());
  EXPECT_EQ(no_column.error().code(), "SRC-235");
  auto source = Open("planes");
  auto before = source->Fingerprint();
  Run("INSERT INTO planes VALUES (1)");
  EXPECT_NE(*source->Fingerprint(), *before);
  std::filesystem::remove(folder_ / "ops.db");
  EXPECT_EQ(source->Check().error().code(), "SRC-201");
}

TEST_F(SqliteSourceTest, TableWithoutRowidHasNoRowNumbers) {
  Run("CREATE TABLE t (k TEXT PRIMARY KEY) WITHOUT ROWID; INSERT INTO t VALUES ('a')");
  auto source = Open("t");
  auto table = source->Discover();
  ReadRequest request;
  request.table = *table;
  auto stream = source->OpenStream(request);
  ASSERT_TRUE(stream.ok()) << stream.error().ToString();
  ArrowArray array{};
  ArrowSchema schema{};
  ASSERT_TRUE(*(*stream)->Next(&array, &schema));
  EXPECT_EQ(array.children[1]->null_count, 1);
  EXPECT_EQ(Texts(array, 0)[0], "a");
  array.release(&array);
  schema.release(&schema);
}

}  // namespace
}  // namespace leat::components::sqlite
