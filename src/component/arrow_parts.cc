#include "component/arrow_parts.h"

namespace leat::component {

using data::TypeId;

namespace {

void ReleaseArray(ArrowArray* array) {
  for (int64_t i = 0; i < array->n_children; ++i) {
    if (array->children[i]->release != nullptr) array->children[i]->release(array->children[i]);
  }
  delete static_cast<ArrayData*>(array->private_data);
  array->release = nullptr;
}

void ReleaseSchema(ArrowSchema* schema) {
  for (int64_t i = 0; i < schema->n_children; ++i) {
    if (schema->children[i]->release != nullptr) schema->children[i]->release(schema->children[i]);
  }
  delete static_cast<SchemaData*>(schema->private_data);
  schema->release = nullptr;
}

}  // namespace

std::string ArrowFormat(const data::Type& type, bool narrow) {
  switch (type.id) {
    case TypeId::kBoolean: return "b";
    case TypeId::kInt: return "i";
    case TypeId::kLong: return "l";
    case TypeId::kFloat: return "f";
    case TypeId::kDouble: return "g";
    case TypeId::kDecimal:
      return "d:" + std::to_string(type.precision) + "," + std::to_string(type.scale) +
             (narrow && type.precision <= 18 ? ",64" : "");
    case TypeId::kDate: return "tdD";
    case TypeId::kTime: return "ttu";
    case TypeId::kTimestamp: return "tsu:";
    case TypeId::kTimestampTz: return "tsu:UTC";
    case TypeId::kString: return "u";
    case TypeId::kBinary: return "z";
    default: return "";
  }
}

ArrowArray MakeArray(std::unique_ptr<ArrayData> owned, int64_t length, int64_t nulls, int64_t buffers) {
  ArrowArray array{};
  array.length = length;
  array.null_count = nulls;
  array.n_buffers = buffers;
  for (ArrowArray& child : owned->children) owned->child_pointers.push_back(&child);
  array.n_children = static_cast<int64_t>(owned->child_pointers.size());
  array.children = owned->child_pointers.data();
  array.buffers = owned->buffers;
  array.release = &ReleaseArray;
  array.private_data = owned.release();
  return array;
}

ArrowSchema MakeSchema(std::unique_ptr<SchemaData> owned) {
  ArrowSchema schema{};
  for (ArrowSchema& child : owned->children) owned->child_pointers.push_back(&child);
  schema.format = owned->format.c_str();
  schema.name = owned->name.c_str();
  schema.flags = 2;  // nullable
  schema.n_children = static_cast<int64_t>(owned->child_pointers.size());
  schema.children = owned->child_pointers.data();
  schema.release = &ReleaseSchema;
  schema.private_data = owned.release();
  return schema;
}

}  // namespace leat::component
