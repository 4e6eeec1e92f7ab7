#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/tree.h"
#include "imports/openapi_files.h"

namespace leat::imports {

/// What a JSON schema says of a value, as far as tables need it.
struct ApiShape {
  enum class Kind { kUnknown, kScalar, kObject, kList };
  Kind kind = Kind::kUnknown;
  std::string type;                                                  ///< of a scalar: "string", "integer" …
  std::string format;                                                ///< "uri", "date", …
  const config::Node* items = nullptr;                               ///< of a list: its items' schema; null: not said
  std::vector<std::pair<std::string, const config::Node*>> members;  ///< of an object, in order: name, schema

  const config::Node* Find(const std::string& name) const;
};

/// A member of an answer, in it or in objects inside of it; never inside of lists.
struct ApiMember {
  std::string path;    ///< $.meta.total
  std::string name;    ///< total
  std::string parent;  ///< meta; "" of the answer itself
  size_t depth = 0;    ///< 1: of the answer itself
  ApiShape shape;
};

/// A parameter of a request.
struct ApiParam {
  std::string name;
  std::string in;  ///< "query", "path", "header", "cookie"
  bool required = false;
  const config::Node* node = nullptr;    ///< the parameter
  const config::Node* schema = nullptr;  ///< resolved; null: none
};

/// An OpenAPI document 3.0 or 3.1, whose references are followed inside of it and of its files. The trees must outlive it. Hostile documents (rings of
/// references, schemas that grow) end: each question looks at a bounded number of schemas.
class OpenApiDocument {
 public:
  /// APP-215 kConfig: this is no such document; what it is, and what to do.
  static Result<OpenApiDocument> Make(const config::Node& root, const std::string& file,
                                      const OpenApiFiles* files = nullptr);

  const config::Node& root() const { return *root_; }

  /// `node`, or what its $ref stands for; nullptr for null, a reference to a file that was not read, to nothing, or in a ring.
  const config::Node* Resolved(const config::Node* node) const;
  /// A member, resolved.
  const config::Node* Find(const config::Node* node, const std::string& key) const;

  /// allOf is put together; of anyOf and oneOf what all variants but null have.
  ApiShape ShapeOf(const config::Node* schema) const;
  /// Members of an answer down to `depth` levels, outer ones first.
  std::vector<ApiMember> Members(const config::Node* schema, size_t depth) const;

  /// The parameters of an operation: its own, and those of its path.
  std::vector<ApiParam> Params(const config::Node& path_item, const config::Node& operation) const;
  /// The one value that a parameter has by itself (default, const, the only one of enum); nullptr: none, or one that is no scalar.
  const config::Node* OnlyValue(const ApiParam& param) const;

 private:
  OpenApiDocument(const config::Node& root, const OpenApiFiles* files) : root_(&root), files_(files) {}
  /// At schemas for one shape: those of a ring are looked at once.
  struct Looked {
    size_t budget = 0;
    std::set<const config::Node*> seen;
  };
  const config::Node* At(const std::string& pointer) const;
  void Merge(const config::Node* schema, ApiShape& shape, Looked& looked) const;
  void MergeVariants(const config::Node& variants, ApiShape& shape, Looked& looked) const;

  const config::Node* root_;
  const OpenApiFiles* files_;
};

/// A name without case, `_`, `-`, brackets and the like: "page[size]" is pagesize.
std::string BareName(const std::string& name);

}  // namespace leat::imports
