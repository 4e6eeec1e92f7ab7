#include "run/schema_drift.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace leat::run {
namespace {

using component::ObservedInput;
using component::SourceColumn;
using data::Primitive;
using data::TypeId;
using project::DriftClass;

RegisteredTable Registered(const std::vector<SourceColumn>& columns, std::vector<std::string> key = {}) {
  RegisteredTable registered;
  registered.table.name = "orders";
  registered.table.columns = columns;
  registered.table.primary_key = std::move(key);
  registered.names = RawColumnNames(columns);
  for (const SourceColumn& column : columns) registered.source_types[column.name] = column.type;
  return registered;
}

std::vector<ObservedInput> Observed(const std::vector<SourceColumn>& columns, std::vector<std::string> key = {}) {
  ObservedInput input;
  input.columns = columns;
  input.primary_key = std::move(key);
  return {input};
}

std::vector<std::string> Told(const std::vector<SchemaDifference>& found) {
  std::vector<std::string> told;
  for (const SchemaDifference& one : found)
    told.push_back(std::string(project::DriftClassName(one.kind)) + " " + one.column + ": " + one.from + " -> " +
                   one.to);
  return told;
}

const SourceColumn kId{"id", Primitive(TypeId::kInt), ""};
const SourceColumn kNote{"note", Primitive(TypeId::kString), ""};

TEST(CompareTypes, EveryPairMovesOneWayAndBackTheOther) {
  const std::vector<data::TypePtr> types = {
      Primitive(TypeId::kBoolean),   Primitive(TypeId::kInt),    Primitive(TypeId::kLong),
      Primitive(TypeId::kFloat),     Primitive(TypeId::kDouble), data::Decimal(9, 2),
      data::Decimal(18, 2),          data::Decimal(18, 4),       Primitive(TypeId::kDate),
      Primitive(TypeId::kTimestamp), Primitive(TypeId::kString), Primitive(TypeId::kBinary)};
  for (const data::TypePtr& from : types) {
    for (const data::TypePtr& to : types) {
      const TypeMove there = CompareTypes(*from, *to);
      const TypeMove back = CompareTypes(*to, *from);
      const std::string pair = data::TypeName(*from) + " -> " + data::TypeName(*to);
      EXPECT_EQ(there == TypeMove::kSame, from == to) << pair;
      EXPECT_EQ(there == TypeMove::kWidened, back == TypeMove::kNarrowed) << pair;
      EXPECT_EQ(there == TypeMove::kChanged, back == TypeMove::kChanged) << pair;
      // What Iceberg can follow is what is called wider.
      EXPECT_EQ(there == TypeMove::kWidened, from != to && data::CanPromote(*from, *to)) << pair;
    }
  }
}

TEST(CompareSampledType, ATypeThatHoldsWhatWasSeenIsTheSame) {
  const struct {
    data::TypePtr registered, now;
    TypeMove move;
  } cases[] = {
      {Primitive(TypeId::kString), Primitive(TypeId::kLong), TypeMove::kSame},
      {Primitive(TypeId::kLong), Primitive(TypeId::kString), TypeMove::kChanged},
      {Primitive(TypeId::kInt), Primitive(TypeId::kLong), TypeMove::kWidened},
      {Primitive(TypeId::kLong), Primitive(TypeId::kInt), TypeMove::kSame},
      {data::Decimal(18, 2), Primitive(TypeId::kLong), TypeMove::kSame},
      {data::Decimal(18, 2), data::Decimal(9, 1), TypeMove::kSame},
      {data::Decimal(18, 2), data::Decimal(18, 4), TypeMove::kChanged},
      {Primitive(TypeId::kDouble), data::Decimal(9, 2), TypeMove::kSame},
      {Primitive(TypeId::kTimestamp), Primitive(TypeId::kDate), TypeMove::kSame},
      {Primitive(TypeId::kDate), Primitive(TypeId::kTimestamp), TypeMove::kChanged},
  };
  for (const auto& c : cases)
    EXPECT_EQ(CompareSampledType(*c.registered, *c.now), c.move)
        << data::TypeName(*c.registered) << " -> " << data::TypeName(*c.now);
}

TEST(CompareSchemas, Classes) {
  const SourceColumn day{"day", Primitive(TypeId::kDate), ""};
  const SourceColumn wide{"id", Primitive(TypeId::kLong), ""};
  const SourceColumn text{"day", Primitive(TypeId::kString), ""};
  const auto told = [](const RegisteredTable& registered, const std::vector<ObservedInput>& observed,
                       const std::vector<std::string>& keys = {}) {
    return Told(CompareSchemas(registered, observed, keys, {}));
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(told(Registered({kId, day}), Observed({day, kId})), Texts{});
  EXPECT_EQ(told(Registered({kId, day}), Observed({kId, day, kNote})), Texts{"additive note:  -> string"});
  EXPECT_EQ(told(Registered({kId, day}), Observed({kId})), Texts{"removed day: date -> "});
  EXPECT_EQ(told(Registered({kId, day}), Observed({wide, text})),
            (Texts{"widened id: int -> long", "type_change day: date -> string"}));
  EXPECT_EQ(told(Registered({wide}), Observed({kId})), Texts{"narrowed id: long -> int"});
  EXPECT_EQ(told(Registered({kId, day}), Observed({day}), {"id"}), Texts{"key_changed id: int -> "});
  EXPECT_EQ(told(Registered({kId, day}, {"id"}), Observed({kId, day}, {"id", "day"})),
            Texts{"key_changed : id -> id, day"});
}

TEST(CompareSchemas, ColumnsThatAreLeftOut) {
  RegisteredTable registered = Registered({kId});
  registered.left_out = {{"note", "note", kNote.type, kNote.type, LeftOutColumn::Why::kDiscarded},
                         {"old", "old", kNote.type, kNote.type, LeftOutColumn::Why::kGone},
                         {"kept", "kept", kNote.type, kNote.type, LeftOutColumn::Why::kFrozen}};
  using Texts = std::vector<std::string>;
  EXPECT_EQ(Told(CompareSchemas(registered, Observed({kId, kNote}), {}, {})), Texts{"removed kept: string -> "});
  const SourceColumn old{"old", Primitive(TypeId::kString), ""}, kept{"kept", kNote.type, ""};
  EXPECT_EQ(Told(CompareSchemas(registered, Observed({kId, kept, old}), {}, {})),
            Texts{"additive old: string -> string"});
  const SourceColumn other{"note", Primitive(TypeId::kDate), ""};
  EXPECT_EQ(Told(CompareSchemas(registered, Observed({kId, kept, other}), {}, {})),
            Texts{"additive note: string -> date"});
}

TEST(CompareSchemas, FilesThatLackAColumnAreNamed) {
  ObservedInput with{{kId, kNote}, std::nullopt, {0, 2}, true};
  ObservedInput without{{kId}, std::nullopt, {1}, true};
  const auto found = CompareSchemas(Registered({kId, kNote}), {with, without}, {}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].kind, DriftClass::kRemoved);
  EXPECT_FALSE(found[0].everywhere);
  EXPECT_EQ(found[0].files, std::vector<size_t>{1});
}

TEST(CompareSchemas, EveryChangeIsToldOnceAndNothingElse) {
  std::mt19937 random(20261121);
  const std::vector<data::TypePtr> types = {Primitive(TypeId::kInt),    Primitive(TypeId::kLong),
                                            data::Decimal(9, 2),        data::Decimal(18, 2),
                                            Primitive(TypeId::kString), Primitive(TypeId::kDate)};
  for (int round = 0; round < 500; ++round) {
    std::vector<SourceColumn> before, now;
    std::map<std::string, DriftClass> expected;
    for (int i = 0; i < 12; ++i) {
      const std::string name = "c" + std::to_string(i);
      const data::TypePtr was = types[random() % types.size()];
      const data::TypePtr is = types[random() % types.size()];
      switch (random() % 4) {
        case 0:
          before.push_back({name, was, ""});
          expected[name] = DriftClass::kRemoved;
          break;
        case 1:
          now.push_back({name, is, ""});
          expected[name] = DriftClass::kAdditive;
          break;
        case 2:
          before.push_back({name, was, ""});
          now.push_back({name, was, ""});
          break;
        default:
          before.push_back({name, was, ""});
          now.push_back({name, is, ""});
          if (was == is) break;
          expected[name] = data::CanPromote(*was, *is)   ? DriftClass::kWidened
                           : data::CanPromote(*is, *was) ? DriftClass::kNarrowed
                                                         : DriftClass::kTypeChange;
      }
    }
    std::shuffle(now.begin(), now.end(), random);
    const auto found = CompareSchemas(Registered(before), Observed(now), {}, {});
    std::map<std::string, DriftClass> told;
    for (const SchemaDifference& one : found) EXPECT_TRUE(told.emplace(one.column, one.kind).second) << one.column;
    EXPECT_EQ(told, expected) << "round " << round;
    EXPECT_TRUE(CompareSchemas(Registered(now), Observed(now), {}, {}).empty());
  }
}

TEST(ApplyRenames, OnlyWhereTheOldNameIsGoneAndTheNewOneIsNew) {
  const SourceColumn text{"text", kNote.type, ""};
  RegisteredTable registered = Registered({kId, kNote}, {"note"});
  EXPECT_TRUE(ApplyRenames(registered, Observed({kId, kNote, text}), {{"note", "text"}}, false).empty());
  const auto done = ApplyRenames(registered, Observed({kId, text}), {{"note", "text"}}, false);
  ASSERT_EQ(done.size(), 1U);
  EXPECT_EQ(registered.names, (std::vector<std::string>{"id", "text"}));
  EXPECT_EQ(registered.table.columns[1].name, "text");
  EXPECT_EQ(registered.table.primary_key, std::vector<std::string>{"text"});
  EXPECT_TRUE(registered.source_types.contains("text"));
  EXPECT_TRUE(CompareSchemas(registered, Observed({kId, text}, {"text"}), {}, {}).empty());
  EXPECT_TRUE(ApplyRenames(registered, Observed({kId, text}), {{"note", "text"}}, false).empty());
}

}  // namespace
}  // namespace leat::run
