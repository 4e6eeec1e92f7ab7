#pragma once

#include <set>
#include <string>
#include <vector>

#include "component/observed_input.h"
#include "project/drift_policy.h"
#include "run/load_schema.h"

namespace leat::run {

/// One thing that is otherwise in the source than it was registered.
struct SchemaDifference {
  project::DriftClass kind = project::DriftClass::kAdditive;
  std::string column;  ///< in the source, as registered; "" for the key as a whole
  std::string from;    ///< type, key, or name (renames) as registered; "" for what is new
  std::string to;      ///< as it is now; "" for what is gone
  data::TypePtr type;  ///< now; null where it is not known
  std::string engine_type;
  bool returned = false;        ///< additive: it was there before
  bool everywhere = true;       ///< removed: nothing that is read has it
  std::vector<size_t> files{};  ///< removed: those that lack it; empty: no files
};

/// How a type moved: widened where Iceberg can follow without touching a row, narrowed where the old one holds all of the new.
enum class TypeMove { kSame, kWidened, kNarrowed, kChanged };
TypeMove CompareTypes(const data::Type& before, const data::Type& now);
/// `now` was found from a sample of texts: a type that holds all of its values is the same.
TypeMove CompareSampledType(const data::Type& registered, const data::Type& now);

/// Every difference between what is registered and what is there: registered columns in order, then those that are new, then
/// the key. Pure. `keys`: the columns of the table's own keys: one that is gone is kKeyChanged. `declared`: columns whose type
/// the project says: what the source says of them only counts once it was known.
std::vector<SchemaDifference> CompareSchemas(const RegisteredTable& registered,
                                             const std::vector<component::ObservedInput>& observed,
                                             const std::vector<std::string>& keys,
                                             const std::set<std::string>& declared);

/// Columns that are registered, gone from the source and now there under the name that `renames` says: they get it, and the
/// raw table's column with them. What was done, as differences of class kRename with `from` and `to` as names in the source.
std::vector<SchemaDifference> ApplyRenames(RegisteredTable& registered,
                                           const std::vector<component::ObservedInput>& observed,
                                           const std::map<std::string, std::string>& renames, bool soft_delete);
/// Of `renames`, after ApplyRenames: those whose old column is gone while the new one is registered beside it, with values of its
/// own. Which of the two a row means nobody can tell from here. Pure.
std::vector<SchemaDifference> LateRenames(const RegisteredTable& registered,
                                          const std::vector<component::ObservedInput>& observed,
                                          const std::map<std::string, std::string>& renames);

}  // namespace leat::run
