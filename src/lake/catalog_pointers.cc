#include "lake/catalog_pointers.h"

#include <map>

#include "base/nearest.h"

namespace leat::lake {
namespace {

using state::Rows;
using state::Transaction;

constexpr const char* kColumns = "kind, ns, name, uuid, location, commit_id";

// The first move that was superseded after the commit; if it is younger than the commit, the layer had nothing then.
const std::string& LookUpSql() {
  static const std::string sql = fmt::format(
      "SELECT {} FROM commit_entry WHERE ref = ?1 AND ns_fold = ?2 AND name_fold = ?3 AND superseded_by > ?4 "
      "ORDER BY superseded_by, commit_id LIMIT 1",
      kColumns);
  return sql;
}

state::Params LookUpParams(const Layer& layer, const TableName& name) {
  return {layer.ref, FoldName(name.ns), FoldName(name.name), layer.commit};
}

const std::string& RefSql() {
  static const std::string sql = fmt::format("SELECT {} FROM ref WHERE name = ?1", kRefColumns);
  return sql;
}

Pointer PointerFromRow(const Rows& rows, size_t row) {
  Pointer pointer;
  pointer.kind = ParseObjectKind(rows.Text(row, 0));
  pointer.name = {rows.Text(row, 1), rows.Text(row, 2)};
  pointer.uuid = rows.Text(row, 3);
  pointer.location = rows.OptText(row, 4);
  pointer.commit = rows.Int(row, 5);
  return pointer;
}

Result<std::optional<Pointer>> PointerAsOf(const Rows& rows, const Layer& layer) {
  if (rows.empty()) return std::optional<Pointer>();
  Pointer pointer = PointerFromRow(rows, 0);
  if (pointer.commit > layer.commit) return std::optional<Pointer>();
  return std::optional<Pointer>(std::move(pointer));
}

}  // namespace

Ref RefFromRow(const Rows& rows, size_t row) {
  Ref ref;
  ref.name = rows.Text(row, 0);
  ref.kind = ParseRefKind(rows.Text(row, 1));
  ref.head = rows.Int(row, 2);
  ref.base_ref = rows.OptText(row, 3).value_or("");
  ref.base = rows.Int(row, 4);
  ref.created_at = rows.Int(row, 5);
  ref.closed_at = rows.OptInt(row, 6);
  return ref;
}

Result<std::optional<Ref>> FindRefRow(Transaction& tx, const std::string& name) {
  LEAT_ASSIGN(const Rows rows, tx.Query(RefSql(), {name}));
  if (rows.empty()) return std::optional<Ref>();
  return std::optional<Ref>(RefFromRow(rows, 0));
}

Result<std::optional<Ref>> FindRefRow(state::Store& store, const std::string& name) {
  LEAT_ASSIGN(const Rows rows, store.Read(RefSql(), {name}));
  if (rows.empty()) return std::optional<Ref>();
  return std::optional<Ref>(RefFromRow(rows, 0));
}

Result<Ref> ReadRef(Transaction& tx, const std::string& name) {
  LEAT_ASSIGN(std::optional<Ref> ref, FindRefRow(tx, name));
  if (ref) return *std::move(ref);
  LEAT_ASSIGN(const Rows rows, tx.Query("SELECT name FROM ref ORDER BY created_at DESC LIMIT 1000"));
  std::vector<std::string> names;
  for (size_t i = 0; i < rows.size(); ++i) names.push_back(rows.Text(i, 0));
  return MakeError("LAKE-201", ErrorKind::kNotFound, "there is no branch or tag '{}'", name)
      .WithHint(DidYouMean(name, names));
}

Result<CommitId> BaseAt(Transaction& tx, const Ref& ref, CommitId commit) {
  if (ref.kind != RefKind::kEnv || commit >= ref.head) return ref.base;
  LEAT_ASSIGN(const Rows rows, tx.Query("SELECT base FROM commit_log WHERE ref = ?1 AND id > ?2 AND base IS NOT NULL "
                                        "ORDER BY id LIMIT 1",
                                        {ref.name, commit}));
  return rows.empty() ? ref.base : rows.Int(0, 0);
}

Result<std::vector<Layer>> LayersOf(Transaction& tx, const std::string& ref, CommitId commit) {
  std::vector<Layer> layers = {{ref, commit}};
  while (layers.back().ref != "main") {
    LEAT_ASSIGN(const Ref row, ReadRef(tx, layers.back().ref));
    LEAT_ASSIGN(const CommitId base, BaseAt(tx, row, layers.back().commit));
    // A view of an early commit of the base itself never sees later ones.
    layers.push_back({row.base_ref, std::min(base, layers.back().commit)});
  }
  return layers;
}

Result<std::optional<Pointer>> LookUpInLayer(Transaction& tx, const Layer& layer, const TableName& name) {
  LEAT_ASSIGN(const Rows rows, tx.Query(LookUpSql(), LookUpParams(layer, name)));
  return PointerAsOf(rows, layer);
}

Result<std::optional<Pointer>> LookUpOnMain(state::Store& store, CommitId commit, const TableName& name) {
  const Layer layer{"main", commit};
  LEAT_ASSIGN(const Rows rows, store.Read(LookUpSql(), LookUpParams(layer, name)));
  LEAT_ASSIGN(std::optional<Pointer> pointer, PointerAsOf(rows, layer));
  if (pointer && !pointer->location) return std::optional<Pointer>();
  return pointer;
}

Result<std::optional<Pointer>> LookUp(Transaction& tx, const std::vector<Layer>& layers, const TableName& name) {
  for (const Layer& layer : layers) {
    LEAT_ASSIGN(std::optional<Pointer> pointer, LookUpInLayer(tx, layer, name));
    if (!pointer) continue;
    if (!pointer->location) return std::optional<Pointer>();
    return pointer;
  }
  return std::optional<Pointer>();
}

Result<std::vector<Pointer>> ListPointers(Transaction& tx, const std::vector<Layer>& layers, const std::string& ns) {
  // What is current now and what was replaced since: apart, so that listing a head reads only what it gives back.
  static const std::string all = fmt::format(
      "SELECT {0}, ns_fold, name_fold FROM commit_entry WHERE ref = ?1 AND superseded_by = ?3 AND commit_id <= ?2 "
      "UNION ALL "
      "SELECT {0}, ns_fold, name_fold FROM commit_entry WHERE ref = ?1 AND superseded_by > ?2 AND superseded_by < ?3 "
      "AND commit_id <= ?2",
      kColumns);
  static const std::string one = fmt::format(
      "SELECT {0}, ns_fold, name_fold FROM commit_entry WHERE ref = ?1 AND superseded_by = ?3 AND ns_fold = ?4 AND "
      "commit_id <= ?2 "
      "UNION ALL "
      "SELECT {0}, ns_fold, name_fold FROM commit_entry WHERE ref = ?1 AND superseded_by > ?2 AND superseded_by < ?3 "
      "AND ns_fold || '' = ?4 AND commit_id <= ?2",
      kColumns);
  std::map<std::pair<std::string, std::string>, Pointer> found;
  for (const Layer& layer : layers) {
    state::Params params = {layer.ref, layer.commit, kNever};
    if (!ns.empty()) params.emplace_back(FoldName(ns));
    LEAT_ASSIGN(const Rows rows, tx.Query(ns.empty() ? all : one, params));
    for (size_t i = 0; i < rows.size(); ++i)
      found.try_emplace({rows.Text(i, 6), rows.Text(i, 7)}, PointerFromRow(rows, i));
  }
  std::vector<Pointer> live;
  for (auto& [key, pointer] : found) {
    if (pointer.location) live.push_back(std::move(pointer));
  }
  return live;
}

Result<std::optional<Pointer>> FindChildNamespace(Transaction& tx, const std::vector<Layer>& layers,
                                                  const std::string& ns) {
  static const std::string sql = fmt::format(
      "SELECT {}, ns_fold FROM commit_entry WHERE ref = ?1 AND superseded_by > ?2 AND commit_id <= ?2 AND name_fold = '' AND "
      "substr(ns_fold, 1, length(?3)) = ?3",
      kColumns);
  std::map<std::string, Pointer> found;  // what an upper layer says counts, also that it was dropped
  for (const Layer& layer : layers) {
    LEAT_ASSIGN(const Rows rows, tx.Query(sql, {layer.ref, layer.commit, FoldName(ns) + "."}));
    for (size_t i = 0; i < rows.size(); ++i) found.try_emplace(rows.Text(i, 6), PointerFromRow(rows, i));
  }
  for (auto& [name, pointer] : found) {
    if (pointer.location) return std::optional<Pointer>(std::move(pointer));
  }
  return std::optional<Pointer>();
}

}  // namespace leat::lake
