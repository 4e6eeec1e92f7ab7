#include "serve/iceberg/warehouses.h"

#include <algorithm>

#include "serve/iceberg/prefix.h"

namespace leat::serve::iceberg {

Result<std::unique_ptr<Warehouses>> Warehouses::Make(const std::vector<lake::Catalog*>& catalogs, const Clock& clock,
                                                     TokenVerifier* verifier,
                                                     const std::map<std::string, WarehouseParts>& parts) {
  auto warehouses = std::make_unique<Warehouses>();
  for (lake::Catalog* catalog : catalogs) {
    const std::string& name = catalog->options().warehouse_name;
    if (warehouses->Find(name) != nullptr) {
      return MakeError("SERVE-106", ErrorKind::kUsage, "two projects call their warehouse '{}'", name)
          .WithHint("give one of them another warehouse_name in its leat.yml");
    }
    const auto mine = parts.find(name);
    warehouses->rests_.emplace_back(
        name, std::make_unique<RestCatalog>(*catalog, clock, verifier,
                                            mine == parts.end() ? WarehouseParts() : mine->second));
  }
  return warehouses;
}

RestCatalog* Warehouses::Find(std::string_view name) const {
  const auto found = std::find_if(rests_.begin(), rests_.end(), [name](const auto& one) { return one.first == name; });
  return found == rests_.end() ? nullptr : found->second.get();
}

Response Warehouses::Handle(const Request& request, std::string_view path, const Identity& who) {
  RestCatalog* rest = rests_.front().second.get();
  if (rests_.size() > 1) {
    const std::vector<std::string_view> segments = PathSegments(path);
    std::string name;
    if (segments.size() == 2 && segments[1] == "config") {
      const std::string_view asked = request.Query("warehouse");
      name = asked.substr(0, asked.find('@'));
    } else if (segments.size() > 2) {
      name = WarehouseOfPrefix(PercentDecode(segments[1], false));
    }
    if (!name.empty()) rest = Find(name);
    if (rest == nullptr) {
      std::string names;
      for (const auto& [known, unused] : rests_) names += (names.empty() ? "" : ", ") + known;
      return ErrorResponse(MakeError("SERVE-301", ErrorKind::kNotFound, "there is no warehouse '{}' here", name)
                               .WithHint("there are: " + names));
    }
  }
  return rest->Handle(request, path, who);
}

}  // namespace leat::serve::iceberg
