#include "lake/catalog_warehouse.h"

#include <filesystem>

#include "lake/catalog_names.h"

namespace leat::lake {
namespace {

/// True when both are one folder of the local disk.
bool SamePlace(const std::string& a, const std::string& b) {
  std::error_code failed;
  return std::filesystem::equivalent(io::LocalPath(a), io::LocalPath(b), failed) && !failed;
}

}  // namespace

Result<std::string> BindWarehouse(state::Store& store, const std::string& name, const std::string& root) {
  const std::string given = Locations(root).root();
  constexpr const char* kRoot = "SELECT root FROM warehouse WHERE id = 1";
  LEAT_ASSIGN(const state::Rows known, store.Read(kRoot));
  if (!known.empty() && known.Text(0, 0) == given) return given;
  std::string used = given;
  LEAT_TRY(store.Write([&](state::Transaction& tx) -> Status {
    LEAT_ASSIGN(const int64_t made,
                tx.Execute("INSERT INTO warehouse (id, name, root) VALUES (1, ?1, ?2) ON CONFLICT (id) DO NOTHING",
                           {name, given}));
    if (made == 1) return Ok();
    LEAT_ASSIGN(const state::Rows rows, tx.Query(kRoot));
    const std::string recorded = rows.Text(0, 0);
    if (recorded == given) return Ok();
    if (SamePlace(recorded, given)) {
      used = recorded;
      return Ok();
    }
    LEAT_ASSIGN(const state::Rows tables, tx.Query("SELECT 1 FROM commit_entry WHERE kind <> 'namespace' LIMIT 1"));
    if (!tables.empty()) {
      const bool folders = recorded.starts_with("file:") && given.starts_with("file:");
      return MakeError("LAKE-110", ErrorKind::kEnvironment,
                       "the warehouse of this state was at {}, and is now looked for at {}", recorded, given)
          .WithHint(folders
                        ? fmt::format("tables name their files in full: move the folder back to {0}, or put a "
                                      "symbolic link there (ln -s {1} {0})",
                                      io::LocalPath(recorded), io::LocalPath(given))
                        : fmt::format("tables name their files in full: write `warehouse: {}` in leat.yml again, or "
                                      "give the new warehouse a state of its own (`state:`)",
                                      io::LocalPath(recorded)));
    }
    LEAT_TRY(tx.Execute("UPDATE warehouse SET root = ?1 WHERE id = 1", {given}));
    return Ok();
  }));
  return used;
}

}  // namespace leat::lake
