#pragma once

#include <string>
#include <vector>

#include "config/tree.h"

namespace leat::imports {

/// A resource of a rest_api configuration.
struct DltResource {
  std::string name;
  const config::Node* node = nullptr;  ///< null: a bare name
  SourceSpan where;
};

/// The resources, read with the `resource_defaults` that hold for them.
struct DltResources {
  using Member = config::Node::Member;

  std::vector<DltResource> all;
  const config::Node* defaults = nullptr;

  const DltResource* Find(const std::string& name) const;
  /// A key of a resource, or of its endpoint: its own, else that of the defaults; or nullptr.
  const Member* Get(const DltResource& resource, const std::string& key) const;
  const Member* Endpoint(const DltResource& resource, const std::string& key) const;
  /// The endpoint's parameters, its own before the defaults'.
  std::vector<const Member*> Params(const DltResource& resource) const;
  /// `incremental` of the endpoint or of the resource, or a parameter of that type (then `param` is its name).
  const config::Node* Incremental(const DltResource& resource, std::string& param, SourceSpan& where) const;
  /// The path, and where it stands.
  std::string PathOf(const DltResource& resource, SourceSpan& where) const;
  /// Where the name stands.
  SourceSpan NamePlace(const DltResource& resource) const;
};

}  // namespace leat::imports
