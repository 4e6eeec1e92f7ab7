#include "lake/column_change.h"

#include <gtest/gtest.h>

#include "lake/table_fixture.h"

namespace leat::lake {
namespace {

using data::TypeId;

data::Field Named(int id, const char* name, data::TypePtr type, bool required = false) {
  data::Field field;
  field.id = id;
  field.name = name;
  field.type = std::move(type);
  field.required = required;
  return field;
}

/// id long not null (1), amount decimal(9,2) (2), address struct<street, zip int not null> (3: 4, 5),
/// tags list<int> (6: 7), prices map<struct<code>, struct<value float>> (8: 9 (11), 10 (12)), small int (13).
TableMetadata Table(bool rows = true, int version = 2) {
  data::Schema schema;
  const auto string = data::Primitive(TypeId::kString);
  schema.fields.push_back(Named(1, "id", data::Primitive(TypeId::kLong), true));
  schema.fields.push_back(Named(2, "amount", data::Decimal(9, 2)));
  schema.fields.push_back(Named(
      3, "address", data::Struct({Named(4, "street", string), Named(5, "zip", data::Primitive(TypeId::kInt), true)})));
  schema.fields.push_back(Named(6, "tags", data::List(Named(7, "element", data::Primitive(TypeId::kInt)))));
  schema.fields.push_back(
      Named(8, "prices",
            data::Map(Named(9, "key", data::Struct({Named(11, "code", string)})),
                      Named(10, "value", data::Struct({Named(12, "value", data::Primitive(TypeId::kFloat))})))));
  schema.fields.push_back(Named(13, "small", data::Primitive(TypeId::kInt)));
  PartitionSpec spec;
  spec.fields.push_back({13, 1000, "small", "identity"});
  SortOrder order;
  order.order_id = 1;
  order.fields.push_back({1, "identity", true, true});
  auto made = NewTableMetadata("uuid", "file:///t", schema, spec, order, {}, 0, version);
  EXPECT_TRUE(made.ok());
  TableMetadata metadata = std::move(made).value();
  metadata.last_column_id = 13;
  if (rows) {
    Snapshot snapshot;
    snapshot.id = 7;
    snapshot.sequence_number = 1;
    metadata.snapshots.push_back(snapshot);
    metadata.current_snapshot_id = 7;
  }
  return metadata;
}

std::string Shape(const std::vector<data::Field>& fields) {
  std::string text;
  for (const data::Field& field : fields) {
    text += (text.empty() ? "" : ", ") + std::to_string(field.id) + " " + field.name + (field.required ? "!" : "");
    if (field.type->is_nested()) text += "(" + Shape(field.type->fields) + ")";
    else text += " " + data::TypeName(*field.type);
  }
  return text;
}

std::string After(const std::vector<ColumnChange>& changes, const TableMetadata& before = Table()) {
  auto after = ChangeColumns(before, changes);
  return after.ok() ? Shape(after->current_schema().fields) : after.error().code();
}

constexpr const char* kBefore =
    "1 id! long, 2 amount decimal(9,2), 3 address(4 street string, 5 zip! int), 6 tags(7 element int), "
    "8 prices(9 key!(11 code string), 10 value(12 value float)), 13 small int";

std::string Changed(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(ChangeColumns, WhatIcebergAllows) {
  const auto string = data::Primitive(TypeId::kString);
  const auto integer = data::Primitive(TypeId::kLong);
  EXPECT_EQ(After({}), kBefore);
  EXPECT_EQ(After({AddColumn{"note", string}}), std::string(kBefore) + ", 14 note string");
  EXPECT_EQ(After({AddColumn{.path = "note", .type = string, .place = {ColumnPlace::Where::kFirst, ""}}}),
            std::string("14 note string, ") + kBefore);
  EXPECT_EQ(After({AddColumn{.path = "note", .type = string, .place = {ColumnPlace::Where::kAfter, "ID"}}}),
            Changed(kBefore, "2 amount", "14 note string, 2 amount"));
  EXPECT_EQ(After({AddColumn{"address.city", string}}), Changed(kBefore, "5 zip! int", "5 zip! int, 14 city string"));
  EXPECT_EQ(After({AddColumn{"prices.value.tax", integer}}),
            Changed(kBefore, "12 value float", "12 value float, 14 tax long"));
  EXPECT_EQ(After({AddColumn{"deep", data::List(Named(0, "element", data::Struct({Named(0, "x", string)})))}}),
            std::string(kBefore) + ", 14 deep(15 element(16 x string))");
  EXPECT_EQ(After({DropColumn{"Address.Street"}}), Changed(kBefore, "4 street string, ", ""));
  EXPECT_EQ(After({RenameColumn{"address.street", "road"}}), Changed(kBefore, "street", "road"));
  EXPECT_EQ(After({RenameColumn{"amount", "Amount"}}), Changed(kBefore, "amount", "Amount"));
  EXPECT_EQ(After({ChangeColumnType{"amount", data::Decimal(18, 2)}}), Changed(kBefore, "(9,2)", "(18,2)"));
  EXPECT_EQ(After({ChangeColumnType{"tags.element", integer}}), Changed(kBefore, "7 element int", "7 element long"));
  EXPECT_EQ(After({ChangeColumnType{"prices.value.value", data::Primitive(TypeId::kDouble)}}),
            Changed(kBefore, "float", "double"));
  EXPECT_EQ(After({ChangeColumnType{"small", integer}}), Changed(kBefore, "13 small int", "13 small long"));
  EXPECT_EQ(After({SetColumnRequired{"address.zip", false}}), Changed(kBefore, "zip!", "zip"));
  EXPECT_EQ(After({MoveColumn{"address.zip", {ColumnPlace::Where::kBefore, "street"}}}),
            Changed(kBefore, "4 street string, 5 zip! int", "5 zip! int, 4 street string"));
  EXPECT_EQ(After({SetColumnRequired{"amount", true}}, Table(false)), Changed(kBefore, "amount", "amount!"));
  // A name that was used before is another column.
  EXPECT_EQ(After({DropColumn{"tags"}, AddColumn{"tags", string}}),
            Changed(kBefore, "6 tags(7 element int), ", "") + ", 14 tags string");
  EXPECT_EQ(After({AddColumn{.path = "x", .type = integer, .required = true, .default_json = "7"}}, Table(true, 3)),
            std::string(kBefore) + ", 14 x! long");
}

TEST(ChangeColumns, WhatItRefuses) {
  const auto string = data::Primitive(TypeId::kString);
  const auto integer = data::Primitive(TypeId::kInt);
  const std::vector<ColumnChange> refused = {
      AddColumn{"ID", string},                                          // there, in another case
      AddColumn{.path = "x", .type = string, .required = true},         // old rows have no value
      AddColumn{.path = "x", .type = string, .default_json = "\"a\""},  // format version 2
      AddColumn{"tags.more", string},
      AddColumn{"prices.key.more", string},
      AddColumn{"small.part", string},
      DropColumn{"small"},  // partitions
      DropColumn{"id"},     // sorts
      DropColumn{"tags.element"},
      DropColumn{"prices.value.value"},  // the last one of its struct
      DropColumn{"prices.key.code"},
      RenameColumn{"amount", "ID"},
      RenameColumn{"tags.element", "x"},
      ChangeColumnType{"id", integer},
      ChangeColumnType{"amount", data::Decimal(8, 2)},
      ChangeColumnType{"amount", data::Decimal(18, 3)},
      ChangeColumnType{"small", string},
      ChangeColumnType{"address", string},
      ChangeColumnType{"prices.key", string},
      SetColumnRequired{"amount", true},
      SetColumnRequired{"prices.key", false},
      MoveColumn{"tags.element", {ColumnPlace::Where::kFirst, ""}},
      MoveColumn{"amount", {ColumnPlace::Where::kAfter, "amount"}},
      SetColumnDefault{"amount", "1"},  // format version 2
  };
  for (size_t i = 0; i < refused.size(); ++i) {
    auto after = ChangeColumns(Table(), {refused[i]});
    ASSERT_FALSE(after.ok()) << i << ": " << Shape(after->current_schema().fields);
    EXPECT_EQ(after.error().code(), "LAKE-120") << i << ": " << after.error().message();
  }
  for (const ColumnChange& missing : std::vector<ColumnChange>{DropColumn{"amont"}, RenameColumn{"address.stret", "x"},
                                                               MoveColumn{"id", {ColumnPlace::Where::kAfter, "x"}}}) {
    auto after = ChangeColumns(Table(), {missing});
    ASSERT_FALSE(after.ok());
    EXPECT_EQ(after.error().code(), "LAKE-122");
  }
}

TEST(ChangeColumns, IdentifyingColumnsStay) {
  TableMetadata table = Table();
  table.schemas.back().identifier_field_ids = {1};
  table.sort_orders.push_back({});
  table.default_sort_order_id = 0;
  EXPECT_EQ(After({DropColumn{"id"}}, table), "LAKE-120");
  EXPECT_EQ(After({SetColumnRequired{"id", false}}, table), "LAKE-120");
}

TEST(ChangeColumns, MakesOneSchemaAndGoesBackToAnOldOne) {
  const TableMetadata before = Table();
  auto more = ChangeColumns(before, {AddColumn{"a", data::Primitive(TypeId::kInt)}, CommentColumn{"a", "what it is"},
                                     AddColumn{"b", data::Primitive(TypeId::kInt)}});
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(more->schemas.size(), before.schemas.size() + 1);
  EXPECT_EQ(more->last_column_id, 15);
  auto back = ChangeColumns(*more, {DropColumn{"a"}, DropColumn{"b"}});
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->current_schema_id, before.current_schema_id);
  EXPECT_EQ(back->last_column_id, 15);  // ids are never used again
  // A comment alone is a change, too.
  auto said = ChangeColumns(before, {CommentColumn{"address.zip", "postal code"}});
  ASSERT_TRUE(said.ok());
  EXPECT_EQ(FindColumnAt(said->current_schema(), "address.zip")->doc, "postal code");
  EXPECT_NE(said->current_schema_id, before.current_schema_id);
}

TEST(CheckTypesFollow, RowsThatStayCanBeRead) {
  const TableMetadata before = Table();
  const auto with = [&](int field, data::TypePtr type) {
    TableMetadata after = before;
    data::Schema schema = before.current_schema();
    schema.fields[static_cast<size_t>(field)].type = std::move(type);
    schema.schema_id = 9;
    after.schemas.push_back(schema);
    after.current_schema_id = 9;
    return after;
  };
  const auto list = [](TypeId element) { return data::List(Named(7, "element", data::Primitive(element))); };
  EXPECT_TRUE(CheckTypesFollow(before, with(5, data::Primitive(TypeId::kLong))).ok());
  EXPECT_TRUE(CheckTypesFollow(before, with(3, list(TypeId::kLong))).ok());
  for (const TableMetadata& wrong : {with(5, data::Primitive(TypeId::kString)), with(0, data::Primitive(TypeId::kInt)),
                                     with(3, list(TypeId::kString)), with(2, data::Primitive(TypeId::kString))}) {
    const Status status = CheckTypesFollow(before, wrong);
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code(), "LAKE-120");
    TableMetadata replaced = wrong;
    replaced.current_snapshot_id = 8;
    EXPECT_TRUE(CheckTypesFollow(before, replaced).ok());
    EXPECT_TRUE(CheckTypesFollow(Table(false), wrong).ok());
  }
}

TEST(ChangeColumns, PathsWithDots) {
  EXPECT_EQ(SplitColumnPath("a.\"b.c\".d"), (std::vector<std::string>{"a", "b.c", "d"}));
}

}  // namespace
}  // namespace leat::lake
