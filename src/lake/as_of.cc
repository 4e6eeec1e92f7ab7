#include "lake/as_of.h"

#include "lake/catalog_pointers.h"

namespace leat::lake {

Result<View> ViewAsOf(Catalog& catalog, const View& view, TimeMicros time) {
  View found{view.ref, 0, false, FormatTime(time)};
  LEAT_TRY(catalog.store().ReadAll([&](state::Transaction& tx) -> Status {
    LEAT_ASSIGN(const std::vector<Layer> layers, LayersOf(tx, view.ref, view.commit));
    for (const Layer& layer : layers) {
      LEAT_ASSIGN(const state::Rows rows,
                  tx.Query("SELECT id FROM commit_log WHERE ref = ?1 AND time <= ?2 AND id <= ?3 "
                           "ORDER BY id DESC LIMIT 1",
                           {layer.ref, time, layer.commit}));
      if (rows.empty()) continue;
      found.commit = rows.Int(0, 0);
      return Ok();
    }
    return Ok();
  }));
  return found;
}

}  // namespace leat::lake
