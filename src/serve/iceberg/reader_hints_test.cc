#include "serve/iceberg/reader_hints.h"

#include <gtest/gtest.h>

namespace leat::serve::iceberg {
namespace {

using data::TypeId;

data::Field Column(int id, data::TypePtr type) {
  data::Field field;
  field.id = id;
  field.name = "c" + std::to_string(id);
  field.type = std::move(type);
  return field;
}

/// A table whose schemas followed each other; the last is the current one.
lake::TableMetadata Table(std::vector<std::vector<data::Field>> schemas) {
  lake::TableMetadata metadata;
  for (auto& fields : schemas) {
    data::Schema schema;
    schema.schema_id = static_cast<int>(metadata.schemas.size());
    schema.fields = std::move(fields);
    metadata.current_schema_id = schema.schema_id;
    metadata.schemas.push_back(std::move(schema));
  }
  return metadata;
}

TEST(ReaderHints, OnlyForColumnsThatWereWidenedFromInt) {
  const auto int_type = data::Primitive(TypeId::kInt), long_type = data::Primitive(TypeId::kLong);
  EXPECT_TRUE(ReaderHints(Table({{Column(1, int_type)}})).empty());
  EXPECT_TRUE(ReaderHints(Table({{Column(1, int_type)}, {Column(1, int_type), Column(2, long_type)}})).empty());
  EXPECT_TRUE(ReaderHints(Table({{Column(1, long_type)}, {Column(1, int_type)}})).empty());
  const lake::Properties expected = {{"read.parquet.vectorization.enabled", "false"}};
  EXPECT_EQ(ReaderHints(Table({{Column(1, int_type)}, {Column(1, long_type)}})), expected);
  EXPECT_EQ(
      ReaderHints(Table({{Column(1, data::List(Column(2, int_type)))}, {Column(1, data::List(Column(2, long_type)))}})),
      expected);
}

TEST(ReaderHints, LeaveWhatTheTableSays) {
  lake::TableMetadata table =
      Table({{Column(1, data::Primitive(TypeId::kInt))}, {Column(1, data::Primitive(TypeId::kLong))}});
  table.properties["read.parquet.vectorization.enabled"] = "true";
  EXPECT_TRUE(ReaderHints(table).empty());
}

}  // namespace
}  // namespace leat::serve::iceberg
