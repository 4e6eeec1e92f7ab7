#include "run/schema_drift.h"

#include <algorithm>

namespace leat::run {
namespace {

using component::ObservedInput;
using component::SourceColumn;
using data::TypeId;
using project::DriftClass;

const SourceColumn* FindIn(const std::vector<SourceColumn>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const SourceColumn& one) { return one.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

/// The column where it is there, of the first that has it.
const SourceColumn* FindNow(const std::vector<ObservedInput>& observed, const std::string& name) {
  for (const ObservedInput& input : observed) {
    if (const SourceColumn* column = FindIn(input.columns, name)) return column;
  }
  return nullptr;
}

bool IsSampled(const std::vector<ObservedInput>& observed) {
  return std::any_of(observed.begin(), observed.end(), [](const ObservedInput& input) { return input.sampled; });
}

std::string NameOf(const data::TypePtr& type) { return type == nullptr ? "" : data::TypeName(*type); }

std::string Listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

DriftClass ClassOf(TypeMove move) {
  return move == TypeMove::kWidened    ? DriftClass::kWidened
         : move == TypeMove::kNarrowed ? DriftClass::kNarrowed
                                       : DriftClass::kTypeChange;
}

class Comparison {
 public:
  Comparison(const RegisteredTable& registered, const std::vector<ObservedInput>& observed,
             const std::vector<std::string>& keys, const std::set<std::string>& declared)
      : registered_(registered), observed_(observed), keys_(keys), declared_(declared) {}

  std::vector<SchemaDifference> Run() {
    for (const SourceColumn& column : registered_.table.columns) Known(column.name, column.type, false);
    for (const LeftOutColumn& column : registered_.left_out) LeftOut(column);
    for (const ObservedInput& input : observed_) {
      for (const SourceColumn& column : input.columns) New(column);
    }
    Key();
    return std::move(found_);
  }

 private:
  void Known(const std::string& name, const data::TypePtr& type, bool frozen) {
    known_.insert(name);
    SchemaDifference gone;
    gone.kind = IsKey(name) ? DriftClass::kKeyChanged : DriftClass::kRemoved;
    gone.column = name;
    gone.from = NameOf(type);
    size_t lacking = 0;
    for (const ObservedInput& input : observed_) {
      if (FindIn(input.columns, name) != nullptr) continue;
      ++lacking;
      gone.files.insert(gone.files.end(), input.files.begin(), input.files.end());
    }
    gone.everywhere = lacking == observed_.size();
    if (lacking > 0) found_.push_back(gone);
    const SourceColumn* now = FindNow(observed_, name);
    if (now != nullptr && !frozen) Type(name, type, *now);
  }

  bool IsKey(const std::string& name) const { return std::find(keys_.begin(), keys_.end(), name) != keys_.end(); }

  void Type(const std::string& name, const data::TypePtr& type, const SourceColumn& now) {
    if (now.type == nullptr || type == nullptr) return;
    const auto was = registered_.source_types.find(name);
    const bool sampled = IsSampled(observed_);
    data::TypePtr before = sampled || was == registered_.source_types.end() ? type : was->second;
    TypeMove move = sampled ? CompareSampledType(*before, *now.type) : CompareTypes(*before, *now.type);
    // What an earlier build registered without the source's own type: only what the table cannot hold is news.
    if (!sampled && was == registered_.source_types.end() && (move == TypeMove::kNarrowed || declared_.contains(name)))
      move = TypeMove::kSame;
    if (move == TypeMove::kSame) return;
    SchemaDifference difference;
    difference.kind = ClassOf(move);
    difference.column = name;
    difference.from = NameOf(before);
    difference.to = NameOf(now.type);
    difference.type = now.type;
    difference.engine_type = now.engine_type;
    found_.push_back(std::move(difference));
  }

  void LeftOut(const LeftOutColumn& column) {
    const SourceColumn* now = FindNow(observed_, column.name);
    if (column.why == LeftOutColumn::Why::kFrozen) return Known(column.name, column.type, true);
    known_.insert(column.name);
    if (now == nullptr) return;
    const bool as_then =
        IsSampled(observed_) || now->type == nullptr || NameOf(now->type) == NameOf(column.source_type);
    if (column.why == LeftOutColumn::Why::kDiscarded && as_then) return;
    Added(*now, true, NameOf(column.type));
  }

  void New(const SourceColumn& column) {
    if (known_.insert(column.name).second) Added(column, false, "");
  }

  void Added(const SourceColumn& now, bool returned, const std::string& from) {
    SchemaDifference difference;
    difference.kind = DriftClass::kAdditive;
    difference.column = now.name;
    difference.from = from;
    difference.to = NameOf(now.type);
    difference.type = now.type;
    difference.engine_type = now.engine_type;
    difference.returned = returned;
    found_.push_back(std::move(difference));
  }

  void Key() {
    for (const ObservedInput& input : observed_) {
      if (!input.primary_key || *input.primary_key == registered_.table.primary_key) continue;
      SchemaDifference difference;
      difference.kind = DriftClass::kKeyChanged;
      difference.from = Listed(registered_.table.primary_key);
      difference.to = Listed(*input.primary_key);
      found_.push_back(std::move(difference));
      return;
    }
  }

  const RegisteredTable& registered_;
  const std::vector<ObservedInput>& observed_;
  const std::vector<std::string>& keys_;
  const std::set<std::string>& declared_;
  std::set<std::string> known_;
  std::vector<SchemaDifference> found_;
};

}  // namespace

TypeMove CompareTypes(const data::Type& before, const data::Type& now) {
  if (data::TypeName(before) == data::TypeName(now)) return TypeMove::kSame;
  if (data::CanPromote(before, now)) return TypeMove::kWidened;
  return data::CanPromote(now, before) ? TypeMove::kNarrowed : TypeMove::kChanged;
}

TypeMove CompareSampledType(const data::Type& registered, const data::Type& now) {
  const TypeMove move = CompareTypes(registered, now);
  if (move == TypeMove::kNarrowed) return TypeMove::kSame;
  if (move != TypeMove::kChanged) return move;
  const bool whole = now.id == TypeId::kInt || now.id == TypeId::kLong;
  switch (registered.id) {
    case TypeId::kString: return now.is_nested() ? TypeMove::kChanged : TypeMove::kSame;
    case TypeId::kFloat:
    case TypeId::kDouble: return whole || now.id == TypeId::kDecimal ? TypeMove::kSame : TypeMove::kChanged;
    case TypeId::kTimestamp: return now.id == TypeId::kDate ? TypeMove::kSame : TypeMove::kChanged;
    case TypeId::kDecimal:
      if (whole) return TypeMove::kSame;  // as many digits as the table has: each value is held against that
      if (now.id == TypeId::kDecimal && now.scale <= registered.scale &&
          now.precision - now.scale <= registered.precision - registered.scale)
        return TypeMove::kSame;
      return TypeMove::kChanged;
    default: return TypeMove::kChanged;
  }
}

std::vector<SchemaDifference> CompareSchemas(const RegisteredTable& registered,
                                             const std::vector<ObservedInput>& observed,
                                             const std::vector<std::string>& keys,
                                             const std::set<std::string>& declared) {
  return Comparison(registered, observed, keys, declared).Run();
}

namespace {

SchemaDifference Renamed(const std::string& from, const std::string& to) {
  SchemaDifference difference;
  difference.kind = DriftClass::kRename;
  difference.column = to;
  difference.from = from;
  difference.to = to;
  return difference;
}

}  // namespace

std::vector<SchemaDifference> LateRenames(const RegisteredTable& registered, const std::vector<ObservedInput>& observed,
                                          const std::map<std::string, std::string>& renames) {
  std::vector<SchemaDifference> late;
  for (const auto& [from, to] : renames) {
    const bool left = std::any_of(registered.left_out.begin(), registered.left_out.end(),
                                  [&from = from](const LeftOutColumn& one) { return one.name == from; });
    const bool both = (left || IsRegistered(registered, from)) && IsRegistered(registered, to);
    if (both && FindNow(observed, from) == nullptr && FindNow(observed, to) != nullptr)
      late.push_back(Renamed(from, to));
  }
  return late;
}

std::vector<SchemaDifference> ApplyRenames(RegisteredTable& registered, const std::vector<ObservedInput>& observed,
                                           const std::map<std::string, std::string>& renames, bool soft_delete) {
  std::vector<SchemaDifference> done;
  for (const auto& [from, to] : renames) {
    const SourceColumn* now = FindNow(observed, to);
    if (now == nullptr || FindNow(observed, from) != nullptr || IsRegistered(registered, to)) continue;
    if (!RenameRegistered(registered, from, to, soft_delete)) continue;
    done.push_back(Renamed(from, to));
  }
  return done;
}

}  // namespace leat::run
