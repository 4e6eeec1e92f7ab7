#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/template/template.h"
#include "project/project.h"
#include "sql/walker.h"

namespace leat::project {

// How one Project comes about, step by step (read.cc calls them in this order). Each step reports all it finds into
// `findings` and goes on, so that a user sees every mistake at once.

/// One asset names another: an edge of the graph with the place that made it.
struct Reference {
  std::string to;  ///< id of an asset
  SourceSpan where;
  bool soft = false;  ///< of a check: left out where it would close a ring
};

/// A check as it stands in YAML, built once all assets are known.
struct PendingCheck {
  size_t asset = 0;  ///< index in ReadState::assets
  std::string column;
  config::Node node;
};

/// A model between reading its file and resolving what it names.
struct PendingModel {
  size_t asset = 0;
  bool readable = true;  ///< its template has no mistake
};

struct ReadState {
  std::string root;
  config::EnvLookup env;
  config::Findings findings;
  Settings settings;
  std::map<std::string, Connection> connections;
  bool connections_known = true;  ///< false when connections.yml was unreadable: do not report each use
  std::vector<Asset> assets;
  std::map<std::string, std::vector<Reference>> references;  ///< by asset id
  std::vector<PendingCheck> checks;
  std::vector<PendingModel> models;
  std::map<std::string, SourceSpan> disabled_models;
  std::map<std::string, std::string> drafts;  ///< texts that stand in place of files, or beside them
  std::string hash_input;                     ///< names and contents of all files
  std::map<std::string, size_t> by_id;        ///< index in `assets`
  std::map<std::string, size_t> by_table;     ///< by TableKey

  Asset* FindAsset(const std::string& id);
  /// Model by name, as ref() does.
  Asset* FindModel(const std::string& name);
  /// By table name, without case.
  Asset* FindTable(const std::string& ns, const std::string& name);
  /// Adds an asset; two of one id or of one table are PROJ-202. Returns its index, or nothing when refused.
  std::optional<size_t> AddAsset(Asset asset);
  /// Reads a file of the project and notes it in hash_input; a finding and nothing when it cannot be read.
  std::optional<std::string> ReadFile(const std::string& shown_name);
  std::optional<config::Node> ReadYaml(const std::string& shown_name);
  std::vector<std::string> ModelNames() const;
};

// settings.cc
void ParseSettings(ReadState& state, const config::Node& node);
/// `properties` of an asset over those of `defaults`.
lake::Properties TableProperties(ReadState& state, const config::Values& values);
/// Reports PROJ-103 unless `zone` is an IANA time zone of this machine.
void CheckTimeZone(const std::string& zone, const SourceSpan& where, config::Findings& findings);
/// Files below `folder` of the project with one of the endings, sorted, relative to the project.
std::vector<std::string> ListProjectFiles(const std::string& root, const std::string& folder,
                                          const std::vector<std::string>& endings);

// sources.cc
void ReadConnections(ReadState& state);
void ReadSources(ReadState& state);

/// `mask:` of the columns of a source table. PROJ-223, CMP-111; PROJ-224 (warning): files that are kept hold what is masked.
void ReadMasks(ReadState& state, Asset& asset, const config::Values& values);

// drift_policy.cc
/// Reports words of `drift:` and `renames:` that cannot be kept (PROJ-219).
void CheckDrift(ReadState& state, const Asset& asset, const config::Values& values);

// load_modes.cc
/// Reports a mode that does not go with the source or the keys (PROJ-209, PROJ-217).
void CheckLoadMode(ReadState& state, const Asset& asset, const config::Values& values);
/// Tables of mode delete get the table that they delete from; what reads that table comes after them.
void ResolveDeletes(ReadState& state);

// models.cc: files, configuration; nothing is resolved yet.
void ReadModels(ReadState& state);
/// Collects the lists of `checks`, `tests` and `data_tests` of an entry.
void CollectChecks(ReadState& state, size_t asset, const std::string& column, const config::Values& values);
void CollectColumns(ReadState& state, size_t asset, const config::Values& values);

// references.cc: refs, sources and plain names of models become quoted names and edges.
void ResolveModels(ReadState& state);
/// ref('x'), source('s', 't') or a plain name (namespace.table, table) of a YAML value -> the asset it means.
Result<const Asset*> ResolveTableText(ReadState& state, const std::string& text, const SourceSpan& where,
                                      const std::string& own_namespace);
/// The table that source(source, table) reads: the structured copy where there is one, else the raw table.
Result<const Asset*> ResolveSource(ReadState& state, const std::string& source, const std::string& table,
                                   const SourceSpan& where);
Result<const Asset*> ResolveRef(ReadState& state, const std::string& model, const SourceSpan& where);
std::string QualifiedName(const Settings& settings, const lake::TableName& table);

// checks.cc
void BuildChecks(ReadState& state);

// graph.cc: depends_on of every asset, rings reported, assets in an order in which each comes after what it needs.
void OrderAssets(ReadState& state);

// fingerprint.cc
std::string FingerprintOf(const Asset& asset);

/// Texts without case, as our SQL compares names.
std::string LowerName(std::string_view text);
/// One text for a table's name, without case.
std::string TableKey(std::string_view ns, std::string_view name);

}  // namespace leat::project
