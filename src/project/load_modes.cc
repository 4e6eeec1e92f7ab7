#include <fnmatch.h>

#include <algorithm>
#include <cassert>

#include "base/lower.h"
#include "component/spec.h"
#include "config/scalar.h"
#include "project/column_mask.h"
#include "project/reader.h"

// Which mode of a source table goes with which source and which keys.
namespace leat::project {
namespace {

class ModeCheck {
 public:
  ModeCheck(ReadState& state, const Asset& asset, const config::Values& values)
      : state_(state), asset_(asset), values_(values), can_(asset.source->source) {}

  void Run() {
    if (asset_.mode == "incremental") Incremental();
    if (asset_.mode == "append") Append();
    if (asset_.mode == "insert" || asset_.mode == "delete") Keyed();
    if (asset_.mode == "partition" && asset_.partition_by.empty()) {
      Report("mode", "mode partition needs to know what its partitions are",
             "name them: partition_by: [\"month(date)\"]");
    }
    if (asset_.bookmarked() && !can_.incremental && asset_.mode != "incremental") {
      Report("update_key", fmt::format("source {} cannot go on behind an update_key", asset_.source->name),
             "leave update_key out, or use mode: full-refresh");
    }
    LookBack();
    if (values_.Object("reconcile") != nullptr &&
        (can_.files || asset_.mode != "incremental" || asset_.primary_key.empty())) {
      Report("reconcile", "reconcile compares the keys of a database table that is loaded incrementally",
             "set `mode: incremental` with an `update_key` and a `primary_key`, or leave reconcile out");
    } else if (values_.Object("reconcile") != nullptr && can_.relation) {
      Report("reconcile", fmt::format("reconcile cannot ask source {} for its keys alone", asset_.source->name),
             "load the table whole (`mode: full-refresh`), with `soft_delete` where rows that are gone shall stay");
    }
    Exclude();
    LargeValuesOfKeys();
    Masks();
    Into();
    if (values_.Has("on_empty") && !asset_.replaces_all()) {
      Report("on_empty", fmt::format("on_empty says nothing to mode {}", asset_.mode),
             "an extract without rows takes none out in this mode: leave on_empty out");
    }
    Deletes();
  }

 private:
  void Report(const char* field, std::string message, std::string hint, const char* code = "PROJ-209") {
    state_.findings.Add(MakeError(code, ErrorKind::kConfig, "table '{}': {}", asset_.name, message)
                            .WithHint(std::move(hint))
                            .At(values_.Where(field)));
  }

  void Incremental() {
    if (can_.files) {
      if (asset_.primary_key.empty())
        Report("mode", "mode incremental needs a primary_key: rows of new files replace those of their key",
               "name the columns of a row's key, or use mode: append, which adds the rows of new files");
    } else if (!can_.incremental) {
      Report("mode", fmt::format("source {} cannot load incrementally", asset_.source->name), "use mode: full-refresh");
    } else if (can_.own_bookmark) {
      if (asset_.primary_key.empty())
        Report("mode", "mode incremental needs a primary_key: rows of newer states replace those of their key",
               "name the columns of a row's key, or use mode: append where rows are only ever added");
    } else if (asset_.update_key.empty()) {
      Report("mode", "mode incremental needs an update_key",
             "name the column that grows with each change: update_key: updated_at");
    }
  }

  void Append() {
    if (!can_.files && !can_.own_bookmark && asset_.update_key.empty()) {
      Report("mode", "mode append would load every row again at each run",
             "name an update_key, or use mode: full-refresh; mode: snapshot keeps every state of the source");
    }
  }

  void Keyed() {
    if (asset_.primary_key.empty())
      Report("mode", fmt::format("mode {} needs a primary_key", asset_.mode), "name the columns of a row's key");
  }

  void LookBack() {
    const std::string text = values_.Text("look_back");
    if (text.empty()) return;
    if (can_.own_bookmark) {
      return Report("look_back", fmt::format("source {} knows by itself what is new", asset_.source->name),
                    "leave look_back out");
    }
    if (can_.files || asset_.mode != "incremental" || asset_.primary_key.empty()) {
      Report(
          "look_back", "look_back reads rows again, which without a key would be there twice",
          "set `mode: incremental` with an `update_key` and a `primary_key` (of a database), or leave look_back out");
    }
    if (!config::ParseDuration(text) && !config::ParseInteger(text)) {
      Report("look_back", fmt::format("look_back '{}' is neither a span of time (2h) nor a whole number", text),
             "a span where the update_key is a date or a time, a number where it is a whole number");
    }
  }

  void Exclude() {
    const std::vector<std::string> patterns = values_.TextList("exclude");
    if (patterns.empty()) return;
    std::vector<std::string> needed = asset_.primary_key;
    if (!asset_.update_key.empty()) needed.push_back(asset_.update_key);
    for (const std::string& column : needed) {
      if (MatchesColumn(patterns, column))
        Report("exclude", fmt::format("column '{}' is excluded, and needed as a key", column),
               "take it out of `exclude`");
    }
  }

  bool IsPrimaryKey(const ColumnInfo& column) const {
    return std::any_of(asset_.primary_key.begin(), asset_.primary_key.end(),
                       [&](const std::string& name) { return Lower(name) == Lower(column.name); });
  }
  bool IsUpdateKey(const ColumnInfo& column) const { return Lower(asset_.update_key) == Lower(column.name); }

  void Masks() {
    for (const ColumnInfo& column : asset_.columns) {
      if (column.mask == nullptr) continue;
      const auto report = [&](const std::string& message, std::string hint) {
        state_.findings.Add(
            MakeError("PROJ-223", ErrorKind::kConfig, "table '{}', column '{}': {}", asset_.name, column.name, message)
                .WithHint(std::move(hint))
                .At(column.mask->where));
      };
      if (IsUpdateKey(column)) {
        report("the update_key cannot be masked: loads go on behind its greatest value, which is kept",
               "take another update_key, or take the mask out");
      } else if (IsPrimaryKey(column) && !column.mask->spec->mask.keeps_equal) {
        report(fmt::format("mask {} leaves the primary_key without its differences", column.mask->spec->name),
               "take a mask that keeps them: sha256");
      }
      if (column.large_values)
        report("`mask` and `large_values` exclude each other", "a masked value is never long: take `large_values` out");
    }
  }

  void LargeValuesOfKeys() {
    for (const ColumnInfo& column : asset_.columns) {
      if (column.large_values && (IsUpdateKey(column) || IsPrimaryKey(column)))
        Report("columns", fmt::format("column '{}' is a key: its values are compared as a whole", column.name),
               "take `large_values` out");
    }
  }

  void Into() {
    const bool deletes = asset_.mode == "delete";
    if (deletes && asset_.into.empty()) {
      Report("mode", "mode delete needs to know the table whose rows go", "name it: into: orders");
    } else if (!deletes && !asset_.into.empty()) {
      Report("into", fmt::format("mode {} has no other table to go into", asset_.mode),
             "leave `into` out, or use mode: delete");
    }
    if (!deletes) return;
    for (const char* field : {"structured", "partition_by", "sort_by", "properties", "soft_delete"}) {
      if (values_.Has(field))
        Report(field, fmt::format("`{}` belongs to the table that it deletes from", field),
               fmt::format("write it at table '{}'", asset_.into));
    }
  }

  void Deletes() {
    if (!asset_.delete_when.empty() && (asset_.mode != "incremental" || asset_.primary_key.empty())) {
      Report("delete_when", "delete_when needs rows that replace each other by key",
             can_.files ? "set `mode: incremental` with a `primary_key`, or leave delete_when out"
                        : "set `mode: incremental` with an `update_key` and a `primary_key`, or leave delete_when out",
             "PROJ-217");
    }
    if (!asset_.soft_delete) return;
    if (asset_.replaces_all() && asset_.primary_key.empty()) {
      Report("soft_delete", "soft_delete needs a primary_key: which of the old rows are gone?",
             "name the columns of a row's key", "PROJ-217");
    } else if (asset_.mode == "partition" || asset_.mode == "snapshot") {
      Report("soft_delete", fmt::format("mode {} takes out no single rows", asset_.mode), "leave soft_delete out",
             "PROJ-217");
    }
  }

  ReadState& state_;
  const Asset& asset_;
  const config::Values& values_;
  const component::SourceCapabilities can_;
};

}  // namespace

bool MatchesColumn(const std::vector<std::string>& patterns, const std::string& column) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    return fnmatch(pattern.c_str(), column.c_str(), FNM_CASEFOLD | FNM_NOESCAPE) == 0;
  });
}

void CheckLoadMode(ReadState& state, const Asset& asset, const config::Values& values) {
  assert(asset.source != nullptr);
  ModeCheck(state, asset, values).Run();
}

namespace {

std::string MarkOf(const Asset& asset, const std::string& name) {
  for (const ColumnInfo& column : asset.columns) {
    if (Lower(column.name) == Lower(name)) return column.mask == nullptr ? "" : column.mask->mark;
  }
  return "";
}

/// Keys that are to be found must be masked like those among which they are.
void CheckMasksOfKeys(ReadState& state, const Asset& deletes, const Asset& into) {
  for (const std::string& key : deletes.primary_key) {
    if (MarkOf(deletes, key) == MarkOf(into, key)) continue;
    state.findings.Add(MakeError("PROJ-223", ErrorKind::kConfig,
                                 "table '{}': its key '{}' is not masked as that of table '{}'", deletes.name, key,
                                 into.name)
                           .WithHint("give both columns the same `mask`, with the same salt")
                           .At(deletes.where));
  }
}

}  // namespace

void ResolveDeletes(ReadState& state) {
  std::vector<std::pair<std::string, std::string>> deletes;  // the asset that deletes, the one that it deletes from
  for (Asset& asset : state.assets) {
    if (asset.mode != "delete" || asset.kind != AssetKind::kSourceTable || asset.into.empty()) continue;
    const Asset* into = state.FindAsset(fmt::format("source.{}.{}", asset.source_name, asset.into));
    if (into == nullptr || into->mode == "delete") {
      state.findings.Add(MakeError("PROJ-204", ErrorKind::kConfig,
                                   "table '{}': source {} has no table '{}' to delete from", asset.name,
                                   asset.source_name, asset.into)
                             .WithHint("`into` names another table of the same source, one that is loaded")
                             .At(asset.where));
      continue;
    }
    CheckMasksOfKeys(state, asset, *into);
    asset.into = into->id;
    asset.table = into->table;
    state.references[asset.id].push_back({into->id, asset.where, false});
    deletes.emplace_back(asset.id, into->id);
  }
  // Who reads the table comes after all that write it.
  for (auto& [id, references] : state.references) {
    for (const auto& [from, into] : deletes) {
      const auto reads = std::find_if(references.begin(), references.end(),
                                      [&into = into](const Reference& reference) { return reference.to == into; });
      if (reads == references.end() || state.FindAsset(id) == nullptr || state.FindAsset(id)->mode == "delete")
        continue;
      references.push_back({from, reads->where, reads->soft});
    }
  }
}

}  // namespace leat::project
