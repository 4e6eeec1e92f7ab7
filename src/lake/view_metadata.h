#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "data/type.h"
#include "lake/table_metadata.h"

namespace leat::lake {

/// The text of a view in the SQL of one engine ("duckdb", "spark", "trino"). A version has at most one for each dialect.
struct ViewRepresentation {
  std::string sql;
  std::string dialect;
  bool operator==(const ViewRepresentation&) const = default;
};

/// What a view was at one time. Names in the texts that are not qualified are of the default catalog and namespace.
struct ViewVersion {
  int64_t id = 1;
  int64_t timestamp_ms = 0;
  int schema_id = 0;
  Properties summary;
  std::vector<ViewRepresentation> representations;
  std::string default_catalog;  ///< "": that of the engine
  std::vector<std::string> default_namespace;

  /// Null when there is no text in that dialect (compared without case).
  const ViewRepresentation* FindDialect(std::string_view dialect) const;
};

struct ViewLogEntry {
  int64_t timestamp_ms = 0;
  int64_t version_id = 0;
};

/// The content of the metadata file of a view (Iceberg view specification, version 1). Plain data.
struct ViewMetadata {
  int format_version = 1;
  std::string uuid;
  std::string location;
  int64_t current_version_id = 0;
  std::vector<ViewVersion> versions;
  std::vector<ViewLogEntry> version_log;
  std::vector<data::Schema> schemas;
  Properties properties;

  const ViewVersion* FindVersion(int64_t id) const;
  const ViewVersion* current_version() const { return FindVersion(current_version_id); }
  const data::Schema* FindSchema(int id) const;
};

/// LAKE-101 (kData): not the metadata of a view; says which member is missing or wrong. LAKE-102 kUnsupported: version > 1.
Result<ViewMetadata> ParseViewMetadata(std::string_view json);
std::string FormatViewMetadata(const ViewMetadata& metadata);

/// One version as requests carry it. LAKE-104 kUsage says which member is wrong.
Result<ViewVersion> ViewVersionFromJson(const nlohmann::json& json);

}  // namespace leat::lake
