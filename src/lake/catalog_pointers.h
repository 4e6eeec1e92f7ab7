#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "lake/catalog.h"
#include "lake/catalog_names.h"

namespace leat::lake {

/// superseded_by of a pointer that is still current on its ref.
inline constexpr CommitId kNever = std::numeric_limits<CommitId>::max();

/// A row of `ref`. LAKE-201 with the nearest names when there is none.
Result<Ref> ReadRef(state::Transaction& tx, const std::string& name);
Result<std::optional<Ref>> FindRefRow(state::Transaction& tx, const std::string& name);
/// The same in one statement of its own.
Result<std::optional<Ref>> FindRefRow(state::Store& store, const std::string& name);
/// The columns of `ref` in the order that RefFromRow expects.
inline constexpr const char* kRefColumns = "name, kind, head, base_ref, base, created_at, closed_at";
Ref RefFromRow(const state::Rows& rows, size_t row);

/// A ref as of a commit; what it does not say is looked up in the layer below.
struct Layer {
  std::string ref;
  CommitId commit = 0;
};

/// The base that a branch had at one of its commits: a refresh moves it.
Result<CommitId> BaseAt(state::Transaction& tx, const Ref& ref, CommitId commit);

/// The layers of a view, top first; the last one is main's.
Result<std::vector<Layer>> LayersOf(state::Transaction& tx, const std::string& ref, CommitId commit);

/// What a layer says about an object. `location` nullopt: dropped there.
struct Pointer {
  ObjectKind kind = ObjectKind::kTable;
  TableName name;  ///< a namespace has name.name ""
  std::string uuid;
  std::optional<std::string> location;  ///< as stored: relative, or the JSON of a namespace's properties
  CommitId commit = 0;
};

/// The object at a name, compared without case; nullopt: there is none (never made, or dropped).
Result<std::optional<Pointer>> LookUp(state::Transaction& tx, const std::vector<Layer>& layers, const TableName& name);
/// The same in one layer only, drops included.
Result<std::optional<Pointer>> LookUpInLayer(state::Transaction& tx, const Layer& layer, const TableName& name);

/// The same for main alone, in one statement of its own.
Result<std::optional<Pointer>> LookUpOnMain(state::Store& store, CommitId commit, const TableName& name);

/// All live objects, sorted by folded name; `ns` restricts to one namespace (without case), "" is all.
Result<std::vector<Pointer>> ListPointers(state::Transaction& tx, const std::vector<Layer>& layers,
                                          const std::string& ns);

/// One live namespace below `ns` ("a.b" is below "a"), if there is one. Without case.
Result<std::optional<Pointer>> FindChildNamespace(state::Transaction& tx, const std::vector<Layer>& layers,
                                                  const std::string& ns);

}  // namespace leat::lake
