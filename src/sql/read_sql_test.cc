#include "lake/deletion_vector.h"
#include "sql/session.h"
#include "sql/test_engine.h"

namespace leat::sql {
namespace {

using data::TypeId;

class ReadSqlTest : public EngineTest {
 protected:
  static data::Field Field(int id, const std::string& name, data::TypePtr type) {
    data::Field field;
    field.id = id;
    field.name = name;
    field.type = std::move(type);
    return field;
  }
  static data::Field Field(int id, const std::string& name, TypeId type) {
    return Field(id, name, data::Primitive(type));
  }

  /// Writes a file with `field_ids` ("" for none) and adds it to the plan.
  lake::ScanFile& Add(const std::string& name, const std::string& select, const std::string& field_ids) {
    Run("COPY (" + select + ") TO " + DataText(name) + " (FORMAT parquet" +
        (field_ids.empty() ? "" : ", FIELD_IDS {" + field_ids + "}") + ")");
    lake::ScanFile& file = plan_.files.emplace_back();
    file.file.path = io::FileUri(Data(name));
    file.file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(Data(name)));
    return file;
  }
  lake::DataFile DeleteFile(const std::string& name, const std::string& select, const std::string& field_ids) {
    Run("COPY (" + select + ") TO " + DataText(name) + " (FORMAT parquet, FIELD_IDS {" + field_ids + "})");
    lake::DataFile file;
    file.path = io::FileUri(Data(name));
    file.size_bytes = static_cast<int64_t>(std::filesystem::file_size(Data(name)));
    return file;
  }
  std::string Read(const std::string& what = "*", const std::string& more = "", bool positions = false) {
    metadata_.schemas = {schema_};
    auto sql = ReadSql(*files_, *connection_, metadata_, schema_, plan_, {.places = positions});
    if (!sql.ok()) return sql.error().code() + " " + sql.error().message();
    return Rows("SELECT " + what + " FROM (" + *sql + ") " + more);
  }
  std::string Columns() {
    auto sql = ReadSql(*files_, *connection_, metadata_, schema_, plan_);
    EXPECT_TRUE(sql.ok());
    auto columns = connection_->Describe(*sql);
    EXPECT_TRUE(columns.ok()) << columns.error().ToString();
    std::string text;
    for (const auto& column : *columns) text += (text.empty() ? "" : ", ") + column.name + " " + column.type;
    return text;
  }

  std::unique_ptr<io::FileSystem> files_ = io::MakeLocalFileSystem(false);
  lake::TableMetadata metadata_;
  data::Schema schema_;
  lake::ScanPlan plan_;
};

TEST_F(ReadSqlTest, TablesWithoutFilesAreTyped) {
  schema_.fields = {Field(1, "id", TypeId::kLong), Field(2, "D", data::Decimal(9, 2)),
                    Field(3, "st",
                          data::Struct({Field(4, "a b", TypeId::kInt),
                                        Field(5, "l", data::List(Field(6, "element", TypeId::kDate)))}))};
  EXPECT_EQ(Columns(), "id BIGINT, D DECIMAL(9,2), st STRUCT(\"a b\" INTEGER, l DATE[])");
  EXPECT_EQ(Read(), "");
}

TEST_F(ReadSqlTest, RenamedWidenedAddedAndDroppedColumns) {
  Add("old.parquet", "SELECT 1::INTEGER AS id, 1.5::FLOAT AS f, 2.25::DECIMAL(5,2) AS d, 'gone' AS old, 'x' AS name",
      "id: 1, f: 2, d: 3, old: 4, name: 5");
  Add("new.parquet", "SELECT 'y' AS title, 3000000000::BIGINT AS id, 2.5::DOUBLE AS f, 123456.25::DECIMAL(12,2) AS d",
      "title: 5, id: 1, f: 2, d: 3");
  schema_.fields = {Field(5, "title", TypeId::kString), Field(1, "key", TypeId::kLong),
                    Field(2, "f", TypeId::kDouble),     Field(3, "d", data::Decimal(12, 2)),
                    Field(7, "old", TypeId::kString),   Field(8, "since", TypeId::kDate),
                    Field(9, "n", TypeId::kInt),        Field(10, "b", TypeId::kBinary)};
  schema_.fields[5].initial_default = "\"2020-01-02\"";
  schema_.fields[6].initial_default = "7";
  schema_.fields[7].initial_default = "\"00ff\"";
  EXPECT_EQ(Read("*", "ORDER BY key"),
            "x|1|1.5|2.25|NULL|2020-01-02|7|\\x00\\xFF\ny|3000000000|2.5|123456.25|NULL|2020-01-02|7|\\x00\\xFF");
  EXPECT_EQ(Columns(),
            "title VARCHAR, key BIGINT, f DOUBLE, d DECIMAL(12,2), old VARCHAR, since DATE, n INTEGER, b BLOB");
}

TEST_F(ReadSqlTest, NestedMembersFollowTheirIds) {
  // DuckDB's schema map matches members by name: a renamed one would read as NULL, a re-added one as the old one.
  Add("old.parquet",
      "SELECT 1 AS id, {'a': 10::INTEGER, 'b': 'old'} AS st, [{'k': 1::INTEGER}] AS l, map {'m': {'v': 5::INTEGER}} AS "
      "m",
      "id: 1, st: {__duckdb_field_id: 2, a: 3, b: 4}, l: {__duckdb_field_id: 5, element: {__duckdb_field_id: 6, k: "
      "7}}, "
      "m: {__duckdb_field_id: 8, key: 9, value: {__duckdb_field_id: 10, v: 11}}");
  Add("null.parquet",
      "SELECT 2 AS id, NULL::STRUCT(a INTEGER, b VARCHAR) AS st, NULL::STRUCT(k INTEGER)[] AS l, NULL::MAP(VARCHAR, "
      "STRUCT(v INTEGER)) AS m",
      "id: 1, st: {__duckdb_field_id: 2, a: 3, b: 4}, l: {__duckdb_field_id: 5, element: {__duckdb_field_id: 6, k: "
      "7}}, "
      "m: {__duckdb_field_id: 8, key: 9, value: {__duckdb_field_id: 10, v: 11}}");
  auto renamed = [&](int b_id) {
    return std::vector<data::Field>{
        Field(1, "id", TypeId::kInt),
        Field(2, "st",
              data::Struct(
                  {Field(b_id, "b", TypeId::kString), Field(3, "A", TypeId::kLong), Field(30, "new", TypeId::kDate)})),
        Field(5, "l", data::List(Field(6, "element", data::Struct({Field(7, "kk", TypeId::kLong)})))),
        Field(8, "m",
              data::Map(Field(9, "key", TypeId::kString),
                        Field(10, "value", data::Struct({Field(11, "vv", TypeId::kInt)}))))};
  };
  schema_.fields = renamed(4);
  EXPECT_EQ(Read("*", "ORDER BY id"), "1|{'b': old, 'A': 10, 'new': NULL}|[{'kk': 1}]|{m={'vv': 5}}\n2|NULL|NULL|NULL");
  schema_.fields = renamed(40);  // b was dropped and added again: another column
  EXPECT_EQ(Read("st", "WHERE id = 1"), "{'b': NULL, 'A': 10, 'new': NULL}");
  schema_.fields = {Field(1, "id", TypeId::kInt),
                    Field(2, "st", data::Struct({Field(3, "a", TypeId::kInt), Field(4, "b", TypeId::kString)}))};
  EXPECT_EQ(Read("*", "ORDER BY id"), "1|{'a': 10, 'b': old}\n2|NULL");
}

TEST_F(ReadSqlTest, FilesWithoutIdsNeedAMapping) {
  Add("ids.parquet", "SELECT 1 AS id, 'x' AS name", "id: 1, name: 2");
  Add("plain.parquet", "SELECT 'y' AS nm, 2 AS id, {'p': 5} AS st", "");
  schema_.fields = {Field(1, "id", TypeId::kInt), Field(2, "name", TypeId::kString),
                    Field(3, "st", data::Struct({Field(4, "q", TypeId::kInt)}))};
  std::string error = Read();
  EXPECT_EQ(error.substr(0, 7), "SQL-410");
  EXPECT_NE(error.find("plain.parquet"), std::string::npos) << error;
  metadata_.properties["schema.name-mapping.default"] =
      R"([{"field-id": 1, "names": ["id"]}, {"field-id": 2, "names": ["name", "nm"]}, {"field-id": 3, "names": ["st"], "fields": [{"field-id": 4, "names": ["p"]}]}])";
  EXPECT_EQ(Read("*", "ORDER BY id"), "1|x|NULL\n2|y|{'q': 5}");
}

TEST_F(ReadSqlTest, ColumnsMayHaveTheNamesOfVirtualOnes) {
  Add("a.parquet", "SELECT i AS file_index, 'f' || i AS filename, i * 10 AS file_row_number FROM range(5) t(i)",
      "file_index: 1, filename: 2, file_row_number: 3");
  plan_.files[0].position_deletes = {
      DeleteFile("d.parquet", "SELECT " + QuoteLiteral(plan_.files[0].file.path) + " AS file_path, 3::BIGINT AS pos",
                 "file_path: 2147483546, pos: 2147483545")};
  schema_.fields = {Field(1, "file_index", TypeId::kLong), Field(2, "filename", TypeId::kString),
                    Field(3, "file_row_number", TypeId::kLong)};
  EXPECT_EQ(Read("* EXCLUDE (leat_file)", "ORDER BY 1", true), "0|f0|0|0\n1|f1|10|1\n2|f2|20|2\n4|f4|40|4");
}

// Folders of other engines say key=value: the value that counts is the one in the file.
TEST_F(ReadSqlTest, FoldersAreNoColumns) {
  std::filesystem::create_directories(Data("day=2020-01-01/a=7"));
  schema_.fields = {Field(1, "a", TypeId::kInt), Field(2, "b", TypeId::kString)};
  Add("day=2020-01-01/a=7/x.parquet", "SELECT 1::INTEGER AS a, 'x' AS b", "a: 1, b: 2");
  EXPECT_EQ(Read(), "1|x");
  EXPECT_EQ(Columns(), "a INTEGER, b VARCHAR");
  Add("day=2020-01-01/a=7/y.parquet", "SELECT 'y' AS b", "b: 2");
  EXPECT_EQ(Read("*", "ORDER BY b"), "1|x\nNULL|y");
}

TEST_F(ReadSqlTest, PositionDeletesHitTheirFilesOnly) {
  schema_.fields = {Field(1, "i", TypeId::kLong)};
  for (int k = 0; k < 3; ++k)
    Add("f" + std::to_string(k) + ".parquet",
        "SELECT i FROM range(" + std::to_string(k * 1000) + ", " + std::to_string(k * 1000 + 1000) + ") t(i)", "i: 1");
  std::string ids = "file_path: 2147483546, pos: 2147483545";
  auto path = [&](int k) { return QuoteLiteral(plan_.files[static_cast<size_t>(k)].file.path); };
  // One delete file names rows of all three files, but is older than the third, which it must not touch.
  lake::DataFile all = DeleteFile("d1.parquet",
                                  "SELECT file_path, pos FROM (VALUES (" + path(0) + "), (" + path(1) + "), (" +
                                      path(2) + ")) t(file_path), range(10) p(pos)",
                                  ids);
  lake::DataFile again =
      DeleteFile("d2.parquet", "SELECT " + path(1) + " AS file_path, pos FROM range(5, 20) p(pos)", ids);
  plan_.files[0].position_deletes = {all};
  plan_.files[1].position_deletes = {all, again};
  EXPECT_EQ(Read("i // 1000 AS f, count(*), min(i)", "GROUP BY 1 ORDER BY 1"), "0|990|10\n1|980|1020\n2|1000|2000");
  EXPECT_EQ(Read("count(*)", "WHERE i BETWEEN 5 AND 12"), "3") << "positions stay absolute below filters";
  EXPECT_EQ(Read("leat_file, leat_row", "WHERE i = 1999", true), plan_.files[1].file.path + "|999");
}

TEST_F(ReadSqlTest, DeletionVectors) {
  schema_.fields = {Field(1, "i", TypeId::kLong)};
  Add("f0.parquet", "SELECT i FROM range(1000) t(i)", "i: 1");
  Add("f1.parquet", "SELECT i FROM range(1000, 2000) t(i)", "i: 1");
  std::vector<lake::DeletedPositions> deleted(2);
  deleted[0].data_file = plan_.files[0].file.path;
  deleted[1].data_file = plan_.files[1].file.path;
  for (int64_t i = 0; i < 1000; i += 2) deleted[0].positions.push_back(i);
  deleted[1].positions = {999};
  auto vectors = lake::WriteDeletionVectors(*files_, io::FileUri(Data("dv.puffin")), deleted);
  ASSERT_TRUE(vectors.ok()) << vectors.error().ToString();
  ASSERT_EQ(vectors->size(), 2U);
  for (const auto& vector : *vectors)
    for (auto& file : plan_.files)
      if (vector.referenced_data_file == file.file.path) file.position_deletes = {vector};
  EXPECT_EQ(Read("count(*), count(*) FILTER (i < 1000 AND i % 2 = 0), max(i)"), "1499|0|1998");
}

TEST_F(ReadSqlTest, EqualityDeletesAreApplied) {
  schema_.fields = {Field(1, "Key", TypeId::kLong), Field(2, "s", TypeId::kString)};
  Add("old.parquet", "SELECT CASE WHEN i = 3 THEN NULL ELSE i END::INTEGER AS k, 's' || i AS s FROM range(6) t(i)",
      "k: 1, s: 2");
  Add("new.parquet", "SELECT 1::BIGINT AS \"Key\", 'again' AS s", "Key: 1, s: 2");
  lake::DataFile one = DeleteFile("e1.parquet", "SELECT 1::BIGINT AS k UNION ALL SELECT NULL", "k: 1");
  one.equality_ids = {1};
  lake::DataFile two =
      DeleteFile("e2.parquet", "SELECT 's5' AS s, 5::BIGINT AS k UNION ALL SELECT 's4', 99", "s: 2, k: 1");
  two.equality_ids = {1, 2};
  plan_.files[0].equality_deletes = {one, two};
  EXPECT_EQ(Read("*", "ORDER BY 1, 2"), "0|s0\n1|again\n2|s2\n4|s4");
  plan_.files[0].equality_deletes[0].equality_ids = {77};
  EXPECT_EQ(Read().substr(0, 7), "SQL-411");
}

TEST_F(ReadSqlTest, PlansAreMadeFromTheRowsOfManifests) {
  schema_.fields = {Field(1, "i", TypeId::kLong)};
  Add("a.parquet", "SELECT i FROM range(30000) t(i)", "i: 1").file.record_count = 30000;
  Add("b.parquet", "SELECT i FROM range(1234) t(i)", "i: 1").file.record_count = 1234;
  metadata_.schemas = {schema_};
  auto sql = ReadSql(*files_, *connection_, metadata_, schema_, plan_, {});
  ASSERT_TRUE(sql.ok()) << sql.error().ToString();
  auto plan = connection_->Query("EXPLAIN (FORMAT json) " + *sql);
  ASSERT_TRUE(plan.ok()) << plan.error().ToString();
  EXPECT_NE(plan->At(0, 1)->find("\"Estimated Cardinality\": \"31234\""), std::string::npos) << *plan->At(0, 1);
  EXPECT_EQ(Read("count(*), sum(i)"), "31234|450745761");
}

TEST_F(ReadSqlTest, WhatCannotBeReadIsRefused) {
  schema_.fields = {Field(1, "i", TypeId::kLong)};
  Add("f.parquet", "SELECT i FROM range(10) t(i)", "i: 1");
  lake::ScanPlan good = plan_;
  plan_.files[0].file.key_metadata = "secret";
  EXPECT_EQ(Read().substr(0, 7), "SQL-411");
  for (const char* format : {"ORC", "avro"}) {
    plan_ = good;
    plan_.files[0].file.format = format;
    EXPECT_EQ(Read().substr(0, 7), "SQL-411");
    plan_ = good;
    plan_.files[0].equality_deletes = {good.files[0].file};
    plan_.files[0].equality_deletes[0].format = format;
    EXPECT_EQ(Read().substr(0, 7), "SQL-411");
  }
}

TEST_F(ReadSqlTest, ThousandsOfFiles) {
  schema_.fields = {Field(1, "i", TypeId::kLong)};
  Add("f.parquet", "SELECT i FROM range(3) t(i)", "i: 1");
  lake::ScanFile first = plan_.files[0];
  for (int k = 1; k < 3000; ++k) {
    lake::ScanFile& copy = plan_.files.emplace_back(first);
    std::string path = Data("f" + std::to_string(k) + ".parquet");
    std::filesystem::create_hard_link(Data("f.parquet"), path);
    copy.file.path = io::FileUri(path);
  }
  EXPECT_EQ(Read("count(*), sum(i)"), "9000|9000");
}

TEST_F(ReadSqlTest, MigratedFilesTakeIdentityPartitionValues) {
  schema_.fields = {Field(1, "i", TypeId::kLong), Field(2, "day", TypeId::kDate), Field(3, "p", TypeId::kString)};
  lake::PartitionSpec spec;
  spec.fields = {{2, 1000, "day", "identity"}, {3, 1001, "p", "identity"}};
  metadata_.specs = {spec};
  for (int k = 0; k < 2; ++k) {
    lake::ScanFile& file =
        Add("f" + std::to_string(k) + ".parquet", "SELECT " + std::to_string(k) + "::BIGINT AS i", "i: 1");
    file.file.partition = {int32_t{18262 + k}, k == 0 ? data::Value(std::string("it's")) : data::Value()};
  }
  EXPECT_EQ(Read("*", "ORDER BY i"), "0|2020-01-01|it's\n1|2020-01-02|NULL");
}

}  // namespace
}  // namespace leat::sql
