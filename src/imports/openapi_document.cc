#include "imports/openapi_document.h"

#include <algorithm>

#include "base/lower.h"
#include "base/plain_name.h"
#include "imports/node_reading.h"

namespace leat::imports {

using config::Node;

namespace {

constexpr int kMostReferences = 32;   ///< in a chain
constexpr size_t kMostSchemas = 500;  ///< looked at for one shape
constexpr size_t kMostMembers = 500;  ///< of one answer

/// `$.a.b`, with brackets where a name is odd; "" for a name that a path cannot have.
std::string PathBelow(const std::string& path, const std::string& name) {
  if (IsPlainName(name)) return path + "." + name;
  return name.find_first_of("'\\\n") != std::string::npos ? "" : path + "['" + name + "']";
}

}  // namespace

std::string BareName(const std::string& name) {
  std::string bare = Lower(name);
  std::erase_if(bare, [](char c) { return !IsPlain(c) || c == '_'; });
  return bare;
}

const Node* ApiShape::Find(const std::string& name) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const auto& one) { return one.first == name; });
  return found == members.end() ? nullptr : found->second;
}

Result<OpenApiDocument> OpenApiDocument::Make(const Node& root, const std::string& file, const OpenApiFiles* files) {
  const Node* version = root.Find("openapi");
  const Node* old = root.Find("swagger");
  const SourceSpan where = root.span.known() ? root.span : SourceSpan{file, 1, 1, 1};
  if (old != nullptr && version == nullptr) {
    return MakeError("APP-215", ErrorKind::kConfig, "{} is of Swagger {}, the form before OpenAPI 3", file, old->scalar)
        .WithHint("convert it to OpenAPI 3.0 with a converter of your choice, then add it again")
        .At(old->span);
  }
  if (version == nullptr || !version->is_scalar()) {
    return MakeError("APP-215", ErrorKind::kConfig, "{} is no OpenAPI document", file)
        .WithHint("it begins with `openapi: 3.0.3` or 3.1.0, and has `paths`")
        .At(where);
  }
  if (!version->scalar.starts_with("3.0") && !version->scalar.starts_with("3.1")) {
    return MakeError("APP-215", ErrorKind::kConfig, "{} is of OpenAPI {}; 3.0 and 3.1 are read", file, version->scalar)
        .At(version->span);
  }
  const Node* paths = root.Find("paths");
  if (paths == nullptr || !paths->is_map()) {
    return MakeError("APP-215", ErrorKind::kConfig, "{} has no map of `paths`", file)
        .WithHint("a table is made of each path whose GET gives a list")
        .At(paths == nullptr ? where : paths->span);
  }
  return OpenApiDocument(root, files);
}

const Node* OpenApiDocument::At(const std::string& pointer) const {
  const size_t hash = pointer.find('#');
  if (hash == std::string::npos) return nullptr;
  const Node* node = root_;
  if (hash > 0) {
    if (files_ == nullptr) return nullptr;
    const auto found = files_->find(pointer.substr(0, hash));
    if (found == files_->end()) return nullptr;
    node = &found->second;
  }
  for (size_t begin = pointer.find('/', hash); begin != std::string::npos && node != nullptr;) {
    const size_t end = pointer.find('/', begin + 1);
    std::string key =
        PercentDecoded(pointer.substr(begin + 1, end == std::string::npos ? std::string::npos : end - begin - 1));
    key = Replaced(Replaced(key, "~1", "/"), "~0", "~");
    begin = end;
    if (node->is_list()) {
      const bool number = !key.empty() && key.size() < 7 && key.find_first_not_of("0123456789") == std::string::npos;
      const size_t at = number ? std::stoul(key) : node->items.size();
      node = at < node->items.size() ? &node->items[at] : nullptr;
    } else {
      node = node->Find(key);
    }
  }
  return node;
}

const Node* OpenApiDocument::Resolved(const Node* node) const {
  for (int i = 0; node != nullptr && i < kMostReferences; ++i) {
    const Node* reference = node->Find("$ref");
    if (reference == nullptr || !reference->is_scalar()) return node->is_null() ? nullptr : node;
    node = At(reference->scalar);
  }
  return nullptr;
}

const Node* OpenApiDocument::Find(const Node* node, const std::string& key) const {
  node = Resolved(node);
  return node == nullptr ? nullptr : Resolved(node->Find(key));
}

void OpenApiDocument::MergeVariants(const Node& variants, ApiShape& shape, Looked& looked) const {
  std::vector<ApiShape> forms;
  for (const Node& variant : variants.items) {
    const Node* type = Find(&variant, "type");
    if (type != nullptr && type->scalar == "null") continue;
    ApiShape form;
    std::set<const Node*> around = looked.seen;
    Merge(&variant, form, looked);
    looked.seen = std::move(around);
    forms.push_back(std::move(form));
  }
  if (forms.empty()) return;
  ApiShape common = forms[0];
  for (const ApiShape& form : forms) {
    if (form.kind != common.kind) common.kind = ApiShape::Kind::kUnknown;
    if (form.type != common.type) common.type.clear();
    if (form.items != common.items) common.items = nullptr;
    std::erase_if(common.members, [&](const auto& member) { return form.Find(member.first) == nullptr; });
  }
  if (shape.kind == ApiShape::Kind::kUnknown) {
    shape.kind = common.kind;
    shape.type = common.type;
    shape.format = common.format;
  }
  if (shape.items == nullptr) shape.items = common.items;
  shape.members.insert(shape.members.end(), common.members.begin(), common.members.end());
}

void OpenApiDocument::Merge(const Node* schema, ApiShape& shape, Looked& looked) const {
  schema = Resolved(schema);
  if (schema == nullptr || looked.budget == 0 || !looked.seen.insert(schema).second) return;
  --looked.budget;
  std::string type;
  if (const Node* said = schema->Find("type"); said != nullptr) {
    if (said->is_scalar()) type = said->scalar;
    for (const Node& one : said->items) {  // 3.1: [string, null]
      if (type.empty() && one.scalar != "null") type = one.scalar;
    }
  }
  const Node* members = Find(schema, "properties");
  const Node* items = schema->Find("items");
  using Kind = ApiShape::Kind;
  if (type == "array" || (type.empty() && items != nullptr)) shape.kind = Kind::kList;
  else if (type == "object" || (type.empty() && members != nullptr)) shape.kind = Kind::kObject;
  else if (!type.empty()) shape.kind = Kind::kScalar;
  if (shape.kind == Kind::kScalar && !type.empty()) shape.type = type;
  if (const Node* format = schema->Find("format"); format != nullptr && format->is_scalar())
    shape.format = format->scalar;
  if (items != nullptr) shape.items = items;
  if (members != nullptr) {
    for (const Node::Member& member : members->members) {
      if (shape.Find(member.key) == nullptr) shape.members.emplace_back(member.key, &member.value);
    }
  }
  if (const Node* all = schema->Find("allOf")) {
    for (const Node& part : all->items) Merge(&part, shape, looked);
  }
  for (const char* word : {"anyOf", "oneOf"}) {
    if (const Node* variants = schema->Find(word)) MergeVariants(*variants, shape, looked);
  }
}

ApiShape OpenApiDocument::ShapeOf(const Node* schema) const {
  ApiShape shape;
  Looked looked;
  looked.budget = kMostSchemas;
  Merge(schema, shape, looked);
  return shape;
}

std::vector<ApiMember> OpenApiDocument::Members(const Node* schema, size_t depth) const {
  std::vector<ApiMember> all;
  std::vector<ApiMember> level = {{"$", "", "", 0, ShapeOf(schema)}};
  for (size_t i = 1; i <= depth; ++i) {
    std::vector<ApiMember> inner;
    for (const ApiMember& outer : level) {
      for (const auto& [name, inner_schema] : outer.shape.members) {
        if (all.size() + inner.size() >= kMostMembers) break;
        const std::string path = PathBelow(outer.path, name);
        if (!path.empty()) inner.push_back({path, name, outer.name, i, ShapeOf(inner_schema)});
      }
    }
    all.insert(all.end(), inner.begin(), inner.end());
    std::erase_if(inner, [](const ApiMember& one) { return one.shape.kind != ApiShape::Kind::kObject; });
    level = std::move(inner);
  }
  return all;
}

std::vector<ApiParam> OpenApiDocument::Params(const Node& path_item, const Node& operation) const {
  std::vector<ApiParam> params;
  for (const Node* place : {&operation, &path_item}) {
    const Node* list = Find(place, "parameters");
    if (list == nullptr) continue;
    for (const Node& item : list->items) {
      const Node* node = Resolved(&item);
      const Node* name = node == nullptr ? nullptr : node->Find("name");
      const Node* in = node == nullptr ? nullptr : node->Find("in");
      if (name == nullptr || in == nullptr || !name->is_scalar() || !in->is_scalar()) continue;
      const bool known = std::any_of(params.begin(), params.end(), [&](const ApiParam& one) {
        return one.name == name->scalar && one.in == in->scalar;
      });
      if (known) continue;
      const Node* required = node->Find("required");
      const bool must = in->scalar == "path" || (required != nullptr && required->scalar == "true");
      params.push_back({name->scalar, in->scalar, must, node, Find(node, "schema")});
    }
  }
  return params;
}

const Node* OpenApiDocument::OnlyValue(const ApiParam& param) const {
  for (const char* key : {"default", "const"}) {
    const Node* value = Find(param.schema, key);
    if (value != nullptr && value->is_scalar()) return value;
  }
  const Node* values = Find(param.schema, "enum");
  const bool one = values != nullptr && values->items.size() == 1 && values->items[0].is_scalar();
  return one ? &values->items[0] : nullptr;
}

}  // namespace leat::imports
