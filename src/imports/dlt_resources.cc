#include "imports/dlt_resources.h"

#include <algorithm>

#include "imports/node_reading.h"

namespace leat::imports {

using config::Node;
using Member = Node::Member;

namespace {

const Member* OfEndpoint(const Node* node, const std::string& key) {
  const Member* endpoint = node == nullptr ? nullptr : MemberOf(node, "endpoint");
  return endpoint == nullptr ? nullptr : MemberOf(&endpoint->value, key);
}

}  // namespace

const Member* DltResources::Get(const DltResource& resource, const std::string& key) const {
  const Member* own = resource.node == nullptr ? nullptr : MemberOf(resource.node, key);
  return own != nullptr || defaults == nullptr ? own : MemberOf(defaults, key);
}

const Member* DltResources::Endpoint(const DltResource& resource, const std::string& key) const {
  const Member* own = OfEndpoint(resource.node, key);
  return own != nullptr && !own->value.is_null() ? own
         : OfEndpoint(defaults, key) != nullptr  ? OfEndpoint(defaults, key)
                                                 : own;
}

const DltResource* DltResources::Find(const std::string& name) const {
  const auto found = std::find_if(all.begin(), all.end(), [&](const DltResource& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<const Member*> DltResources::Params(const DltResource& resource) const {
  std::vector<const Member*> merged;
  for (const Node* node : {resource.node, defaults}) {
    const Member* params = OfEndpoint(node, "params");
    if (params == nullptr) continue;
    for (const Member& param : params->value.members) {
      if (std::none_of(merged.begin(), merged.end(), [&](const Member* one) { return one->key == param.key; }))
        merged.push_back(&param);
    }
  }
  return merged;
}

const Node* DltResources::Incremental(const DltResource& resource, std::string& param, SourceSpan& where) const {
  for (const Member* one : Params(resource)) {
    const Node* type = one->value.Find("type");
    if (type == nullptr || type->scalar != "incremental") continue;
    param = one->key;
    where = one->key_span;
    return &one->value;
  }
  for (const Member* member : {Endpoint(resource, "incremental"), Get(resource, "incremental")}) {
    if (member == nullptr || member->value.is_null()) continue;
    where = member->key_span;
    return &member->value;
  }
  return nullptr;
}

std::string DltResources::PathOf(const DltResource& resource, SourceSpan& where) const {
  const Member* endpoint = resource.node == nullptr ? nullptr : MemberOf(resource.node, "endpoint");
  if (endpoint != nullptr && endpoint->value.is_scalar()) {
    where = endpoint->key_span;
    return endpoint->value.scalar;
  }
  if (const Member* path = Endpoint(resource, "path"); path != nullptr && path->value.is_scalar()) {
    where = path->key_span;
    return path->value.scalar;
  }
  return resource.name;
}

SourceSpan DltResources::NamePlace(const DltResource& resource) const {
  const Member* name = resource.node == nullptr ? nullptr : MemberOf(resource.node, "name");
  return name == nullptr ? resource.where : name->key_span;
}

}  // namespace leat::imports
