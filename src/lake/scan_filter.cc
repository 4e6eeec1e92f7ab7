#include "lake/scan_filter.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/value_json.h"
#include "lake/catalog_names.h"
#include "lake/scan_pruning.h"

namespace leat::lake {
namespace {

using nlohmann::json;
using Op = ScanPredicate::Op;

constexpr size_t kMostLists = 100;  // a filter that needs more prunes nothing
constexpr int kMostDepth = 200;

Error Wrong(std::string_view what) {
  return MakeError("LAKE-120", ErrorKind::kUsage, "the filter of the scan is wrong: {}", what);
}

const ScanFilter& Everything() {
  static const ScanFilter filter = {{}};
  return filter;
}

const json& Member(const json& object, const char* name) {
  static const json none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}

/// "not" is carried down to the comparisons.
class Reader {
 public:
  Reader(const data::Schema& schema, bool case_sensitive) : schema_(schema), case_sensitive_(case_sensitive) {}

  Result<ScanFilter> Read(const json& in, bool negated, int depth) const {
    if (depth > kMostDepth) return Wrong("it is nested too deep");
    if (in.is_boolean()) return in.get<bool>() != negated ? Everything() : ScanFilter{};
    const json& kind = in.is_object() ? Member(in, "type") : in;
    if (!in.is_object() || !kind.is_string()) return Wrong("an expression is an object with a 'type'");
    const auto& type = kind.get_ref<const std::string&>();
    if (type == "true" || type == "false") return (type == "true") != negated ? Everything() : ScanFilter{};
    if (type == "not") return Read(Member(in, "child"), !negated, depth + 1);
    if (type == "and" || type == "or") {
      LEAT_ASSIGN(ScanFilter left, Read(Member(in, "left"), negated, depth + 1));
      LEAT_ASSIGN(ScanFilter right, Read(Member(in, "right"), negated, depth + 1));
      return (type == "and") != negated ? And(left, right) : Or(std::move(left), right);
    }
    return Compare(in, type, negated);
  }

 private:
  static ScanFilter Or(ScanFilter left, const ScanFilter& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left.size() > kMostLists ? Everything() : left;
  }

  static ScanFilter And(const ScanFilter& left, const ScanFilter& right) {
    if (left.size() * right.size() > kMostLists) return left.size() < right.size() ? left : right;
    ScanFilter both;
    for (const auto& a : left) {
      for (const auto& b : right) {
        both.push_back(a);
        both.back().insert(both.back().end(), b.begin(), b.end());
      }
    }
    return both;
  }

  /// The column that a term is about; null for what prunes nothing.
  Result<const data::Field*> Column(const json& term) const {
    const json* name = &term;
    bool plain = true;
    if (term.is_object()) {
      plain = Member(term, "type") == "reference";
      name = &Member(term, "term");
    }
    if (!name->is_string()) return Wrong("a 'term' names a column");
    const data::Field* field = FindField(schema_, name->get_ref<const std::string&>(), case_sensitive_);
    if (field == nullptr) return Wrong(fmt::format("there is no column '{}'", name->get_ref<const std::string&>()));
    const bool top = std::any_of(schema_.fields.begin(), schema_.fields.end(),
                                 [field](const data::Field& column) { return &column == field; });
    if (plain && !top && field->type->is_nested()) return Wrong("a comparison needs a column of a primitive type");
    return plain && top ? field : nullptr;
  }

  static Result<data::Value> Literal(const json& in, const data::Field& field) {
    if (field.type->is_nested())
      return Wrong(fmt::format("column '{}' is not of a primitive type: it can only be null or not", field.name));
    auto value = data::ValueFromJson(in, *field.type);
    if (!value.ok()) return Wrong(fmt::format("column '{}': {}", field.name, value.error().message()));
    if (std::holds_alternative<std::monostate>(*value))
      return Wrong(fmt::format("column '{}' has no value", field.name));
    return value;
  }

  Result<ScanFilter> Compare(const json& in, const std::string& type, bool negated) const {
    struct Known {
      std::optional<Op> op, opposite;  ///< nullopt: prunes nothing
    };
    static const std::map<std::string, Known> known = {
        {"eq", {Op::kEqual, {}}},
        {"not-eq", {{}, Op::kEqual}},
        {"lt", {Op::kLess, Op::kGreaterEqual}},
        {"lt-eq", {Op::kLessEqual, Op::kGreater}},
        {"gt", {Op::kGreater, Op::kLessEqual}},
        {"gt-eq", {Op::kGreaterEqual, Op::kLess}},
        {"in", {Op::kIn, {}}},
        {"not-in", {{}, Op::kIn}},
        {"is-null", {Op::kIsNull, Op::kNotNull}},
        {"not-null", {Op::kNotNull, Op::kIsNull}},
        {"is-nan", {{}, {}}},
        {"not-nan", {{}, {}}},
        {"starts-with", {Op::kGreaterEqual, {}}},
        {"not-starts-with", {{}, Op::kGreaterEqual}},
    };
    const auto found = known.find(type);
    if (found == known.end()) return Wrong(fmt::format("the type '{}' is not known", type));
    LEAT_ASSIGN(const data::Field* field, Column(Member(in, "term")));
    if (field == nullptr) return Everything();
    const std::optional<Op> op = negated ? found->second.opposite : found->second.op;
    ScanPredicate predicate{field->id, op.value_or(Op::kNotNull), {}};
    if (type == "in" || type == "not-in") {
      const json& values = Member(in, "values");
      if (!values.is_array()) return Wrong("'values' is a list");
      for (const json& one : values) {
        LEAT_ASSIGN(data::Value value, Literal(one, *field));
        predicate.values.push_back(std::move(value));
      }
      if (op && predicate.values.empty()) return ScanFilter{};
    } else if (type.find("null") == std::string::npos && type.find("nan") == std::string::npos) {
      LEAT_ASSIGN(data::Value value, Literal(Member(in, "value"), *field));
      if (type.ends_with("starts-with")) return StartsWith(*field, value, op.has_value());
      predicate.values.push_back(std::move(value));
    }
    if (!op) return Everything();
    return ScanFilter{{std::move(predicate)}};
  }

  /// All texts from the prefix up to the first one behind those that begin with it.
  static Result<ScanFilter> StartsWith(const data::Field& field, const data::Value& value, bool prunes) {
    if (field.type->id != data::TypeId::kString) return Wrong(fmt::format("column '{}' is not a string", field.name));
    if (!prunes) return Everything();
    std::string end = std::get<std::string>(value);
    std::vector<ScanPredicate> range = {{field.id, Op::kGreaterEqual, {value}}};
    while (!end.empty() && static_cast<unsigned char>(end.back()) == 0xFF) end.pop_back();
    if (!end.empty()) {
      end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
      range.push_back({field.id, Op::kLess, {data::Value(std::move(end))}});
    }
    return ScanFilter{std::move(range)};
  }

  const data::Schema& schema_;
  const bool case_sensitive_;
};

}  // namespace

const data::Field* FindField(const data::Schema& schema, std::string_view name, bool case_sensitive) {
  const auto equal = [case_sensitive](std::string_view a, std::string_view b) {
    return case_sensitive ? a == b : FoldName(a) == FoldName(b);
  };
  // Names may have dots of their own: at each level the whole rest is tried first.
  const std::vector<data::Field>* level = &schema.fields;
  while (true) {
    for (const data::Field& field : *level) {
      if (equal(field.name, name)) return &field;
    }
    const data::Field* inside = nullptr;
    for (const data::Field& field : *level) {
      if (name.size() > field.name.size() && name[field.name.size()] == '.' &&
          equal(field.name, name.substr(0, field.name.size()))) {
        inside = &field;
      }
    }
    if (inside == nullptr) return nullptr;
    name = name.substr(inside->name.size() + 1);
    level = &inside->type->fields;
  }
}

Result<ScanFilter> ScanFilterFromJson(const json& expression, const data::Schema& schema, bool case_sensitive) {
  return Reader(schema, case_sensitive).Read(expression, /*negated=*/false, 0);
}

Result<ScanPlan> PlanFilteredScan(io::FileSystem& files, const TableMetadata& metadata, const Snapshot* snapshot,
                                  const ScanFilter& filter) {
  if (filter.size() == 1) return PlanScan(files, metadata, snapshot, filter.front());
  ScanPlan all;
  std::set<std::string> seen;
  for (const auto& predicates : filter) {
    LEAT_ASSIGN(ScanPlan plan, PlanScan(files, metadata, snapshot, predicates));
    all.files_total = plan.files_total;
    all.rows_total = plan.rows_total;
    for (ScanFile& file : plan.files) {
      if (!seen.insert(file.file.path).second) continue;
      all.bytes_planned += file.file.size_bytes;
      all.files.push_back(std::move(file));
    }
  }
  return all;
}

Result<ScanPlan> PlanAppends(io::FileSystem& files, const TableMetadata& metadata, int64_t from, const Snapshot& to,
                             const ScanFilter& filter) {
  std::set<int64_t> appends;
  const Snapshot* at = &to;
  while (at != nullptr && at->id != from) {
    const auto operation = at->summary.find("operation");
    if (operation != at->summary.end() && operation->second == "append") appends.insert(at->id);
    at = at->parent_id ? metadata.FindSnapshot(*at->parent_id) : nullptr;
  }
  if (at == nullptr) {
    return MakeError("LAKE-122", ErrorKind::kUsage, "snapshot {} is not an ancestor of {}, or is no longer kept", from,
                     to.id)
        .WithHint("read the whole table at the newer snapshot");
  }
  std::vector<ScanPruner> pruners;
  for (const auto& predicates : filter) {
    LEAT_ASSIGN(ScanPruner pruner, ScanPruner::Make(metadata, predicates));
    pruners.push_back(std::move(pruner));
  }
  // Manifests may be written again later: the files of a snapshot are found in the list of that snapshot.
  ScanPlan plan;
  for (const int64_t id : appends) {
    LEAT_ASSIGN(const std::vector<ManifestFile> manifests, ReadManifestList(files, *metadata.FindSnapshot(id)));
    for (const ManifestFile& manifest : manifests) {
      if (manifest.deletes || manifest.added_snapshot_id != id) continue;
      LEAT_ASSIGN(std::vector<ManifestEntry> entries, ReadManifest(files, manifest, metadata));
      for (ManifestEntry& entry : entries) {
        if (entry.status != EntryStatus::kAdded || entry.snapshot_id != id) continue;
        ++plan.files_total;
        plan.rows_total += entry.file.record_count;
        const bool needed = std::any_of(pruners.begin(), pruners.end(),
                                        [&entry](const ScanPruner& pruner) { return pruner.MayMatch(entry.file); });
        if (!needed) continue;
        plan.bytes_planned += entry.file.size_bytes;
        plan.files.push_back({std::move(entry.file), entry.sequence_number.value_or(0), {}, {}});
      }
    }
  }
  std::stable_sort(plan.files.begin(), plan.files.end(),
                   [](const ScanFile& a, const ScanFile& b) { return a.sequence_number < b.sequence_number; });
  return plan;
}

}  // namespace leat::lake
