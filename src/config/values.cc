#include <cassert>

#include "config/field_item.h"

namespace leat::config {
namespace {

const Values::Item& ItemOf(const Values& values, const std::string& name) {
  static const Values::Item none;
  const auto found = values.items.find(name);
  // A name that no spec declared is a bug of the part that asks.
  assert(found != values.items.end());
  return found == values.items.end() ? none : *found->second;
}

}  // namespace

bool Values::Has(const std::string& name) const {
  const auto found = items.find(name);
  return found != items.end() && found->second->given;
}

std::string Values::Text(const std::string& name) const { return ItemOf(*this, name).text; }
int64_t Values::Integer(const std::string& name) const { return ItemOf(*this, name).integer; }
double Values::Number(const std::string& name) const { return ItemOf(*this, name).number; }
bool Values::Boolean(const std::string& name) const { return ItemOf(*this, name).boolean; }
double Values::Percent(const std::string& name) const { return ItemOf(*this, name).number; }
int64_t Values::Bytes(const std::string& name) const { return ItemOf(*this, name).integer; }

std::chrono::microseconds Values::Duration(const std::string& name) const {
  return std::chrono::microseconds(ItemOf(*this, name).integer);
}

std::vector<std::string> Values::TextList(const std::string& name) const { return ItemOf(*this, name).list; }
std::map<std::string, std::string> Values::TextMap(const std::string& name) const { return ItemOf(*this, name).map; }
std::vector<Values> Values::Objects(const std::string& name) const { return ItemOf(*this, name).objects; }

const Values* Values::Object(const std::string& name) const {
  const Item& item = ItemOf(*this, name);
  return item.is_object && !item.objects.empty() ? &item.objects.front() : nullptr;
}

const Node* Values::Raw(const std::string& name) const {
  const Item& item = ItemOf(*this, name);
  return item.given ? &item.raw : nullptr;
}

SourceSpan Values::Where(const std::string& name) const {
  const auto found = items.find(name);
  return found != items.end() && found->second->given ? found->second->raw.span : span;
}

}  // namespace leat::config
