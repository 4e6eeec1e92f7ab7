#include "component/column_facts.h"

#include <algorithm>

#include "component/text_inference.h"

namespace leat::component {

void ColumnFacts::Add(CellKind kind, std::string_view text) {
  ColumnFacts one;
  one.any = true;
  one.facts = data::FactsOf(text);
  one.strings = kind == CellKind::kString;
  one.numbers = kind == CellKind::kNumber;
  one.booleans = kind == CellKind::kBoolean;
  one.nested = kind == CellKind::kNested;
  one.texts = kind == CellKind::kText;
  Add(one);
}

void ColumnFacts::Add(const ColumnFacts& others) {
  if (!others.any) return;
  facts.types = any ? facts.types & others.facts.types : others.facts.types;
  facts.scale = std::max(facts.scale, others.facts.scale);
  facts.digits = std::max(facts.digits, others.facts.digits);
  any = true;
  strings |= others.strings;
  numbers |= others.numbers;
  booleans |= others.booleans;
  nested |= others.nested;
  texts |= others.texts;
}

data::TypePtr ColumnFacts::Type() const {
  using data::TypeId;
  const int kinds = (strings ? 1 : 0) + (numbers ? 1 : 0) + (booleans ? 1 : 0) + (nested ? 1 : 0);
  if (!any || kinds > 1 || nested) return data::Primitive(TypeId::kString);
  if (booleans) return data::Primitive(TypeId::kBoolean);
  data::TextFacts seen = facts;
  if (strings) seen.types &= data::TextFacts::kDate | data::TextFacts::kTimestamp | data::TextFacts::kTimestampTz;
  return TypeOfFacts(any, seen);
}

}  // namespace leat::component
