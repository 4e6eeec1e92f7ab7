#include "sql/parquet_shape.h"

#include <fmt/format.h>

#include <cstdlib>
#include <mutex>

#include "io/file_system.h"

namespace leat::sql {
namespace {

using data::TypeId;

// Rows of parquet_schema in depth-first order.
struct Footer {
  const TextRows& rows;
  size_t next;
  bool has_ids = false;

  std::string Cell(size_t row, size_t column) const { return rows.At(row, column).value_or(""); }

  ParquetNode Read() {
    size_t row = next++;
    ParquetNode node;
    node.name = Cell(row, 1);
    node.physical = Cell(row, 2);
    std::string children = Cell(row, 3);
    std::string converted = Cell(row, 4);
    std::string logical = Cell(row, 5);
    node.precision = std::atoi(Cell(row, 6).c_str());
    node.scale = std::atoi(Cell(row, 7).c_str());
    node.field_id = std::atoi(Cell(row, 8).c_str());
    has_ids = has_ids || node.field_id > 0;
    int count = std::atoi(children.c_str());
    if (count == 0) return node;
    node.kind = ParquetNode::Kind::kStruct;
    for (int i = 0; i < count; ++i) node.children.push_back(Read());
    bool list = converted == "LIST" || logical.rfind("ListType", 0) == 0;
    bool map = converted == "MAP" || converted == "MAP_KEY_VALUE" || logical.rfind("MapType", 0) == 0;
    if (list && node.children.size() == 1) {
      node.kind = ParquetNode::Kind::kList;
      // Three levels: list -> repeated group -> element; two levels: list -> repeated element.
      ParquetNode repeated = std::move(node.children[0]);
      bool wrapper = repeated.kind == ParquetNode::Kind::kStruct && repeated.children.size() == 1 &&
                     repeated.name != "array" && repeated.name != node.name + "_tuple";
      node.children = {};
      node.children.push_back(wrapper ? std::move(repeated.children[0]) : std::move(repeated));
    } else if (map && node.children.size() == 1 && node.children[0].children.size() == 2) {
      node.kind = ParquetNode::Kind::kMap;
      std::vector<ParquetNode> pair = std::move(node.children[0].children);
      node.children = std::move(pair);
    }
    return node;
  }
};

void AppendSignature(const ParquetNode& node, std::string& text) {
  text += fmt::format("{}:{}:{}:{}:{}:{}(", node.name.size(), node.name, node.field_id, static_cast<int>(node.kind),
                      node.physical, node.precision * 100 + node.scale);
  for (const auto& child : node.children) AppendSignature(child, text);
  text += ")";
}

bool SameLeaf(const data::Type& type, const ParquetNode& node) {
  switch (type.id) {
    case TypeId::kInt: return node.physical == "INT32";
    case TypeId::kLong: return node.physical == "INT64";
    case TypeId::kFloat: return node.physical == "FLOAT";
    case TypeId::kDouble: return node.physical == "DOUBLE";
    case TypeId::kDecimal: return node.precision == type.precision && node.scale == type.scale;
    default: return true;
  }
}

/// Equal names, ids and types at every depth below a nested field.
bool SameNested(const data::Type& type, const ParquetNode& node) {
  if (!type.is_nested()) return node.kind == ParquetNode::Kind::kPrimitive && SameLeaf(type, node);
  ParquetNode::Kind kind = type.id == TypeId::kStruct ? ParquetNode::Kind::kStruct
                           : type.id == TypeId::kList ? ParquetNode::Kind::kList
                                                      : ParquetNode::Kind::kMap;
  if (node.kind != kind || node.children.size() != type.fields.size()) return false;
  for (size_t i = 0; i < type.fields.size(); ++i) {
    const data::Field& field = type.fields[i];
    if (node.children[i].field_id != field.id) return false;
    if (kind == ParquetNode::Kind::kStruct && node.children[i].name != field.name) return false;
    if (!SameNested(*field.type, node.children[i])) return false;
  }
  return true;
}

struct Cache {
  std::mutex mutex;
  std::map<std::string, ParquetShapePtr> shapes;
};

Cache& ShapeCache() {
  static Cache cache;
  return cache;
}

constexpr size_t kCachedFiles = 200'000;

std::string CacheKey(const FileToRead& file) { return fmt::format("{}#{}", file.path, file.size_bytes); }

}  // namespace

const ParquetNode* ParquetNode::ChildById(int id) const {
  for (const auto& child : children)
    if (child.field_id == id && id != 0) return &child;
  return nullptr;
}

const ParquetNode* ParquetNode::ChildByName(const std::string& wanted) const {
  for (const auto& child : children)
    if (child.name == wanted) return &child;
  return nullptr;
}

Result<std::map<std::string, ParquetShapePtr>> ReadShapes(Connection& connection,
                                                          const std::vector<FileToRead>& files) {
  std::map<std::string, ParquetShapePtr> shapes;
  std::string unknown;
  std::map<std::string, std::string> keys;
  {
    std::lock_guard lock(ShapeCache().mutex);
    for (const auto& file : files) {
      auto found = ShapeCache().shapes.find(CacheKey(file));
      if (found != ShapeCache().shapes.end()) {
        shapes[file.path] = found->second;
      } else if (keys.emplace(file.path, CacheKey(file)).second) {
        unknown += (unknown.empty() ? "" : ", ") + QuoteLiteral(file.path);
      }
    }
  }
  if (unknown.empty()) return shapes;
  LEAT_ASSIGN(
      TextRows rows,
      connection.Query("SELECT file_name, name, type, num_children, converted_type, logical_type, precision, scale, "
                       "field_id FROM parquet_schema([" +
                       unknown + "])"));
  Footer footer{rows, 0};
  std::lock_guard lock(ShapeCache().mutex);
  if (ShapeCache().shapes.size() > kCachedFiles) ShapeCache().shapes.clear();
  while (footer.next < rows.rows.size()) {
    std::string path = io::LocalPath(rows.At(footer.next, 0).value_or(""));
    footer.has_ids = false;
    auto shape = std::make_shared<ParquetShape>();
    shape->root = footer.Read();
    shape->root.kind = ParquetNode::Kind::kStruct;
    shape->has_ids = footer.has_ids;
    for (const auto& child : shape->root.children) AppendSignature(child, shape->signature);
    shapes[path] = shape;
    if (auto key = keys.find(path); key != keys.end()) ShapeCache().shapes[key->second] = shape;
  }
  for (const auto& file : files)
    if (shapes.count(file.path) == 0)
      return MakeError("SQL-410", ErrorKind::kEnvironment, "the footer of {} cannot be read", file.path);
  return shapes;
}

bool ReadableById(const data::Field& field, const ParquetNode& root) {
  const ParquetNode* node = root.ChildById(field.id);
  if (node == nullptr) return true;  // comes as its default or NULL
  return !field.type->is_nested() || SameNested(*field.type, *node);
}

}  // namespace leat::sql
