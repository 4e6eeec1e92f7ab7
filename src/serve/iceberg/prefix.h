#pragma once

#include <string>
#include <string_view>

#include "lake/catalog.h"

namespace leat::serve::iceberg {

/// The URL prefix of a warehouse parameter "<warehouse>[@<ref>]" ("" is the default warehouse at main): one segment of
/// [a-z0-9~.-]. "lake" -> lake, "lake@env/dev" -> lake~env~dev, "lake@run/<id>" -> lake~run~<id>,
/// "lake@tag/m" -> lake~tag~m, "lake@commit/12" -> lake~c~12. "@snapshot" and times are resolved here, once: lake~c~<n>,
/// so that all that a session reads comes from one commit. Other characters become '.' and two hex digits.
/// SERVE-301 (kNotFound): another warehouse. LAKE-201 (kNotFound): no such ref.
Result<std::string> PrefixOfWarehouse(lake::Catalog& catalog, std::string_view warehouse);

/// The name of the warehouse that a prefix begins with: "lake~env~dev" -> "lake".
std::string WarehouseOfPrefix(std::string_view prefix);

/// What Catalog::Resolve takes, from a prefix: "lake~env~dev" -> "env/dev". SERVE-301 as above.
Result<std::string> RefTextOfPrefix(std::string_view warehouse_name, std::string_view prefix);

}  // namespace leat::serve::iceberg
