#pragma once

#include <string>

#include "component/table_files.h"
#include "components/source/delta/action.h"
#include "lake/manifest.h"

namespace leat::components::delta {

/// A deletion vector of the log as one of the lake's format (their bytes are the same): where its blob lies. What stands in the log
/// itself becomes a file of `files`. SRC-426 for one that says no place.
Result<lake::DataFile> DeletedRows(const DeletionVector& vector, const std::string& table, component::TableFiles& files,
                                   const std::string& what);

/// Bytes of Z85 text (ZeroMQ RFC 32); nullopt for text that is none. Four bytes for five characters.
std::optional<std::string> DecodeZ85(std::string_view text);

/// `path` of a file in the log: characters as %XX are themselves again, and what is relative lies below `table`.
std::string PlaceOf(const std::string& path, const std::string& table);

}  // namespace leat::components::delta
