#include "data/type_join.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "base/lower.h"

namespace leat::data {
namespace {

constexpr int kLongestDecimal = 38;

TypePtr JoinStructs(const Type& a, const Type& b, bool by_value) {
  std::vector<Field> members = a.fields;
  for (const Field& more : b.fields) {
    const auto known =
        std::find_if(members.begin(), members.end(), [&](const Field& one) { return one.name == more.name; });
    if (known == members.end()) {
      members.push_back(more);
      continue;
    }
    known->type = JoinTypes(known->type, more.type, by_value);
    if (known->type == nullptr) return nullptr;
  }
  std::set<std::string> names;
  for (const Field& one : members) {
    if (!names.insert(Lower(one.name)).second) return nullptr;
  }
  return Struct(std::move(members));
}

int RankOf(TypeId id) {
  switch (id) {
    case TypeId::kInt: return 1;
    case TypeId::kLong: return 2;
    case TypeId::kFloat: return 3;
    case TypeId::kDouble: return 4;
    default: return 0;
  }
}

}  // namespace

TypePtr JoinTypes(const TypePtr& a, const TypePtr& b, bool by_value) {
  if (TypeName(*a) == TypeName(*b)) return a;
  if (a->id == TypeId::kStruct && b->id == TypeId::kStruct) return JoinStructs(*a, *b, by_value);
  if (a->id == b->id && (a->id == TypeId::kList || a->id == TypeId::kMap)) {
    const size_t last = a->fields.size() - 1;
    TypePtr inner = JoinTypes(a->fields[last].type, b->fields[last].type, by_value);
    if (inner == nullptr) return nullptr;
    if (last == 0) return List({0, "element", std::move(inner)});
    return Map(a->fields[0], {0, "value", std::move(inner)});
  }
  if (a->id == TypeId::kDecimal && b->id == TypeId::kDecimal) {
    const int scale = std::max(a->scale, b->scale);
    const int precision = scale + std::max(a->precision - a->scale, b->precision - b->scale);
    return precision > kLongestDecimal ? nullptr : Decimal(precision, scale);
  }
  const int low = std::min(RankOf(a->id), RankOf(b->id)), high = std::max(RankOf(a->id), RankOf(b->id));
  if (low == 0) return nullptr;
  if (high == RankOf(TypeId::kLong)) return Primitive(TypeId::kLong);
  // A float has 24 digits of two: an int needs a double, a long fits into neither.
  return low == RankOf(TypeId::kLong) && !by_value ? nullptr : Primitive(TypeId::kDouble);
}

TypePtr StructOrText(std::vector<Field> members) {
  std::set<std::string> names;
  for (const Field& one : members) {
    if (one.name.empty() || !names.insert(Lower(one.name)).second) return Primitive(TypeId::kString);
  }
  return members.empty() ? Primitive(TypeId::kString) : Struct(std::move(members));
}

}  // namespace leat::data
