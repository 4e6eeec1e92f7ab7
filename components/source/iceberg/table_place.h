#pragma once

#include <memory>
#include <string>

#include "component/source.h"
#include "component/table_files.h"
#include "config/field.h"
#include "lake/table_metadata.h"

namespace leat::components::iceberg {

/// A table as it is now: its metadata, and its files.
struct FoundTable {
  lake::TableMetadata metadata;
  std::string location;  ///< of the metadata; "" where a catalogue does not say
  std::shared_ptr<component::TableFiles> files;
};

/// Finds a table by `table` (an entry's): with `catalog` it is namespace.name there, else a folder below `path` (its metadata of
/// the highest version; version-hint.text may be behind and is not asked) or a .metadata.json. Errors: those of RestCatalog and
/// TableFiles; SRC-415 for a folder without metadata, SRC-418 for a name without a namespace.
Result<FoundTable> FindTable(const config::Values& connection, const std::string& table,
                             const component::SourceContext& context, const std::string& what);

/// The files that `path` and `storage` of a connection reach. `what` begins messages.
Result<std::shared_ptr<component::TableFiles>> FilesOf(const config::Values& connection,
                                                       const component::SourceContext& context,
                                                       const std::string& what);

/// Number of a metadata file by its name ("00012-….metadata.json", "v12.metadata.json"); -1 when it is none.
int64_t MetadataVersion(std::string_view file_name);

}  // namespace leat::components::iceberg
