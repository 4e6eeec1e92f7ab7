#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "lake/catalog.h"
#include "lake/table_metadata.h"

namespace leat::run {

/// What a step's result is made from. Equal fingerprints: the step would write the same again. Kept as text in step rows;
/// its parts give the reasons of a plan. Snapshot ids are of the branch while a step is unpublished, of the target afterwards.
struct Fingerprint {
  std::string config;    ///< hash of SQL and configuration, of the views that it reads as well
  std::string source;    ///< what the source says changes whenever its content may, "" when it cannot tell
  std::string bookmark;  ///< of the load key when the step begins
  std::string files;     ///< hash over the files to read
  std::map<lake::TableName, int64_t> inputs;  ///< data snapshots of the tables that it reads (0: none yet)

  bool operator==(const Fingerprint&) const = default;
  std::string ToText() const;
  /// Nothing for an empty text or one of another version: the step is then done again.
  static std::optional<Fingerprint> Parse(std::string_view text);
};

/// "the SQL or configuration changed", "input raw_x.y changed (snapshot 12 -> 15)"; "" when equal.
std::string WhyChanged(const Fingerprint& before, const Fingerprint& now);

/// The snapshot whose rows the table has: the current one, or the one before it when only files were rewritten since
/// (compaction). 0: no snapshot.
int64_t DataSnapshot(const lake::TableMetadata& metadata);

}  // namespace leat::run
