#include "components/source/parquet/file_shape.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "base/lower.h"
#include "component/input_files.h"

namespace leat::components::parquet {
namespace {

using component::InputFile;

constexpr int kEngineDigits = 38;  // the most of a decimal

/// One line of parquet_schema().
struct Element {
  std::string name, physical, logical, converted;
  bool repeated = false;
  size_t children = 0;
  int scale = 0, precision = 0;

  bool is_leaf() const { return !physical.empty(); }
  Delicate delicate() const {
    const bool nanos = logical.find("NANOS=NanoSeconds") != std::string::npos;
    if (physical == "INT96") return Delicate::kInt96;
    if (nanos && logical.starts_with("TimeType")) return Delicate::kNanoTime;
    if (nanos && logical.starts_with("TimestampType(isAdjustedToUTC=1")) return Delicate::kNanoUtc;
    const bool decimal = converted == "DECIMAL" || logical.starts_with("DecimalType");
    return decimal && precision > kEngineDigits ? Delicate::kLongDecimal : Delicate::kNone;
  }
};

const char* WholeType(Delicate kind) {
  switch (kind) {
    case Delicate::kInt96: return "TIMESTAMP";
    case Delicate::kNanoTime: return "TIME";
    case Delicate::kNanoUtc: return "TIMESTAMP WITH TIME ZONE";
    default: return "VARCHAR";
  }
}

/// Walks over the elements of a schema, which stand in depth-first order.
class SchemaWalk {
 public:
  SchemaWalk(const std::vector<Element>& elements, FileShape& shape) : elements_(elements), shape_(shape) {}

  bool Run() {
    if (elements_.empty()) return false;
    at_ = 1;
    for (size_t i = 0; i < elements_[0].children; ++i) {
      if (at_ >= elements_.size()) return false;
      shape_.columns.push_back({elements_[at_].name, "", ""});
      if (!Element_({}, false)) return false;
    }
    return at_ == elements_.size();
  }

 private:
  /// The element at at_ and all below. `bare`: the engine has no struct around it.
  bool Element_(std::vector<NestedLeaf::Step> steps, bool bare) {  // NOLINT(misc-no-recursion): as deep as the schema
    constexpr size_t kDeepest = 100;
    if (at_ >= elements_.size() || steps.size() > kDeepest) return false;
    const Element& one = elements_[at_];
    steps.push_back({bare ? "" : "n" + std::to_string(at_), one.repeated});
    ++at_;
    if (one.is_leaf()) {
      Leaf(one, steps);
      return true;
    }
    for (size_t i = 0; i < one.children; ++i) {
      if (!Element_(steps, one.repeated && one.children == 1)) return false;
    }
    return true;
  }

  void Leaf(const Element& leaf, const std::vector<NestedLeaf::Step>& steps) {
    const Delicate kind = leaf.delicate();
    const bool own = steps.size() == 1 && !leaf.repeated;
    shape_.leaves.push_back(own ? kind : Delicate::kNone);
    shape_.nested_leaves.push_back(own ? Delicate::kNone : kind);
    if (kind == Delicate::kNone) return;
    if (own) {
      shape_.columns.back().delicate = kind;
      shape_.columns.back().scale = leaf.scale;
    } else {
      shape_.nested.push_back({shape_.columns.size() - 1, kind, leaf.scale, steps});
    }
  }

  const std::vector<Element>& elements_;
  FileShape& shape_;
  size_t at_ = 0;
};

}  // namespace

bool FileShape::is_delicate() const {
  return std::any_of(columns.begin(), columns.end(),
                     [](const FileColumn& column) { return column.delicate != Delicate::kNone; });
}

bool FileShape::HasEngineName(const std::string& name) const {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const FileColumn& column) { return Lower(column.engine_name) == name; });
}

std::string FileShape::FreeName(const std::string& wanted) const {
  std::string name = wanted;
  for (int again = 2; HasEngineName(name); ++again) name = wanted + std::to_string(again);
  return name;
}

Result<std::vector<ShapeGroup>> FileShapes::GroupsOf(const std::vector<InputFile>& files) {
  std::vector<InputFile> unknown;
  for (const InputFile& file : files) {
    if (!known_.contains(file.path)) unknown.push_back(file);
  }
  if (!unknown.empty()) {
    // One look at all footers; what a shape is made of is asked of one file each.
    const auto part = [](const std::string& column) { return "coalesce(" + column + "::VARCHAR, '-')"; };
    std::string parts;
    for (const char* column : {"name", "type", "type_length", "repetition_type", "num_children", "converted_type",
                               "scale", "precision", "logical_type"})
      parts += (parts.empty() ? "" : " || chr(31) || ") + part(column);
    LEAT_ASSIGN(const auto rows,
                query_("SELECT file_name, md5(string_agg(" + parts + ", chr(30) ORDER BY column_id)) " +
                       "FROM parquet_schema(" + component::SqlPathList(unknown) + ") GROUP BY file_name"));
    std::map<std::string, std::string> sums;
    for (const auto& row : rows) sums[row[0]] = row[1];
    std::map<std::string, std::shared_ptr<const FileShape>> shapes;
    for (const InputFile& file : unknown) {
      std::shared_ptr<const FileShape>& shape = shapes[sums[file.path]];
      if (shape == nullptr || sums[file.path].empty()) {
        LEAT_ASSIGN(shape, ShapeOf(file));
      }
      known_[file.path] = shape;
    }
  }
  std::vector<ShapeGroup> groups;
  for (const InputFile& file : files) {
    const auto& shape = known_[file.path];
    auto same =
        std::find_if(groups.begin(), groups.end(), [&](const ShapeGroup& group) { return group.shape == shape; });
    if (same == groups.end()) same = groups.insert(groups.end(), {shape, {}});
    same->files.push_back(file);
  }
  return groups;
}

Result<std::shared_ptr<const FileShape>> FileShapes::ShapeOf(const InputFile& file) const {
  const std::string list = component::SqlPathList({file});
  LEAT_ASSIGN(const auto rows,
              query_("SELECT name, coalesce(type, ''), coalesce(logical_type, ''), coalesce(converted_type, ''), "
                     "coalesce(repetition_type, '') = 'REPEATED', coalesce(num_children, 0), coalesce(scale, 0), "
                     "coalesce(precision, 0) FROM parquet_schema(" +
                     list + ") ORDER BY column_id"));
  std::vector<Element> elements;
  for (const auto& row : rows) {
    const auto number = [&](size_t at) { return static_cast<int>(std::strtol(row[at].c_str(), nullptr, 10)); };
    elements.push_back(
        {row[0], row[1], row[2], row[3], row[4] == "true", static_cast<size_t>(number(5)), number(6), number(7)});
  }
  auto shape = std::make_shared<FileShape>();
  LEAT_ASSIGN(const auto columns,
              query_("DESCRIBE SELECT * FROM read_parquet(" + list + ", hive_partitioning = false)"));
  if (!SchemaWalk(elements, *shape).Run() || shape->columns.size() != columns.size()) {
    return MakeError("SRC-241", ErrorKind::kData, "the footer has {} columns, the engine sees {}",
                     shape->columns.size(), columns.size());
  }
  std::set<std::string> taken;
  for (size_t i = 0; i < columns.size(); ++i) {
    FileColumn& column = shape->columns[i];
    column.engine_name = columns[i][0];
    column.engine_type = column.delicate == Delicate::kNone ? columns[i][1] : WholeType(column.delicate);
    if (column.name.empty() || !taken.insert(column.name).second) column.name = column.engine_name;
  }
  return std::shared_ptr<const FileShape>(std::move(shape));
}

}  // namespace leat::components::parquet
