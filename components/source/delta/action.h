#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace leat::components::delta {

/// Where the deleted rows of a data file are written (protocol, "Deletion Vector Descriptor Schema").
struct DeletionVector {
  std::string storage;  ///< "u" a file by its UUID, "p" by its path, "i" in `place` itself
  std::string place;
  int64_t offset = 0;
  int64_t size_bytes = 0;
  int64_t rows = 0;

  bool operator==(const DeletionVector&) const = default;
};

/// A data file of the table (protocol, "Add File and Remove File").
struct AddedFile {
  std::string path;                                             ///< as in the log: relative or a URI, characters as %XX
  std::map<std::string, std::optional<std::string>> partition;  ///< by column (its physical name), none for NULL
  int64_t size_bytes = 0;
  int64_t rows = 0;  ///< of its statistics; an estimate, 0 where there are none
  bool data_change = true;
  std::optional<DeletionVector> deleted;
};

struct RemovedFile {
  std::string path;
  bool data_change = true;
  std::optional<DeletionVector> deleted;
};

struct TableDefinition {
  std::string id;
  std::string schema;  ///< JSON
  std::string provider;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
};

struct Protocol {
  int reader_version = 1;
  std::vector<std::string> reader_features;
};

/// One line of a log, or one row of a checkpoint: at most one member is set, none for what readers need not know.
struct Action {
  std::optional<AddedFile> add;
  std::optional<RemovedFile> remove;
  std::optional<TableDefinition> definition;
  std::optional<Protocol> protocol;
  std::optional<std::string> sidecar;     ///< path of a file with adds and removes
  std::optional<int64_t> commit_time_ms;  ///< the commit's own time, where the table keeps one
};

/// SRC-422 kData, with `where` ("00000000000000000003.json:7") when the text is no action: no JSON, or a member is missing or wrong.
Result<Action> ParseAction(std::string_view text, const std::string& where);

}  // namespace leat::components::delta
